"""Requests wait for what becomes of their messages: until all is known, or time is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future

import pytest

from clarion.channels.port import Outcome
from clarion.domain.messaging.direct.waiting import Answers, Waiting

SENT = Outcome("sent")
LATER = Outcome("temporary", "503")
LONG, SHORT, PATIENCE = 60.0, 0.3, 20

Start = Callable[[float], Waiting]


@pytest.fixture
def start() -> Iterator[Start]:
    made: list[Waiting] = []

    def start(seconds: float) -> Waiting:
        made.append(Waiting(seconds))
        made[-1].begin()
        return made[-1]

    yield start
    for waiting in made:
        waiting.end()


def expect(waiting: Waiting, *message_ids: str) -> Future[Answers]:
    answers = waiting.expect(message_ids)
    assert answers is not None
    return answers


def test_the_last_answer_ends_the_waiting(start: Start) -> None:
    waiting = start(LONG)
    answers = expect(waiting, "a", "b")
    waiting.told([("a", SENT), ("somebody else's", SENT)])
    assert not answers.done()
    waiting.told([("b", LATER)])
    assert answers.result(0) == {"a": SENT, "b": LATER}
    waiting.told([("b", SENT)])


def test_time_over_answers_what_is_known(start: Start) -> None:
    waiting = start(SHORT)
    answers = expect(waiting, "a", "b")
    waiting.told([("a", SENT)])
    assert answers.result(PATIENCE) == {"a": SENT}
    assert not waiting.takes("b")
    assert expect(waiting, "c").result(PATIENCE) == {}


def test_a_failure_that_somebody_is_told_of_is_final_even_if_it_is_told_late(start: Start) -> None:
    waiting = start(SHORT)
    answers = expect(waiting, "a", "b")
    assert waiting.takes("a")
    assert expect(waiting, "later").result(PATIENCE) == {}  # so the time of the first is over as well
    assert not answers.done()
    assert waiting.takes("a")
    assert not waiting.takes("b")
    waiting.told([("a", LATER)])
    assert answers.result(0) == {"a": LATER}


def test_nobody_waits_for_what_was_not_committed(start: Start) -> None:
    waiting = start(LONG)
    answers = expect(waiting, "a")
    answers.cancel()
    assert not waiting.takes("a")
    waiting.told([("a", SENT)])
    assert answers.cancelled()


def test_without_lanes_or_without_time_nobody_waits() -> None:
    assert Waiting(LONG).expect(["a"]) is None
    off = Waiting(0)
    off.begin()
    assert off.expect(["a"]) is None
    assert not off.takes("a")


def test_the_end_lets_everybody_go(start: Start) -> None:
    waiting = start(LONG)
    answers = expect(waiting, "a")
    waiting.end()
    assert answers.result(0) == {}
    assert waiting.expect(["b"]) is None
