"""Whose turn is when, at a journey's rate."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.domain.journeys.model import Walker
from clarion.domain.journeys.sending.pace import SOON_MS, Pace

NOW = 1_700_000_000_000


def walker(**more: Any) -> Walker:
    return Walker(participant="elea", version=1, run_id="run", entry=1, activity="mail", **more)


def turns(pace: Pace, *messages: int) -> list[int]:
    return [pace.turn_ms(walker(), number) - NOW for number in messages]


def test_without_a_rate_it_is_everybodys_turn_now() -> None:
    pace = Pace(0, NOW + 99_999, NOW)
    assert turns(pace, 1, 5, 1) == [0, 0, 0]
    assert pace.paced_ms == NOW + 99_999


@pytest.mark.parametrize(
    ("rate", "paced", "messages", "expected", "then"),
    [
        (1, 0, (1, 1, 1), [0, 1000, 2000], 3000),
        (1, 0, (1, 3, 1), [0, 1000, 4000], 5000),
        (50, 0, (1, 1, 1), [0, 20, 40], 60),
        (400, 0, (1, 1, 1), [0, 2, 5], 8),
        (1, 7000, (1, 1), [7000, 8000], 9000),
        (1, -7000, (1, 1), [0, 1000], 2000),
        (1, 0, (0, 1), [0, 0], 1000),
    ],
)
def test_turns(rate: int, paced: int, messages: tuple[int, ...], expected: list[int], then: int) -> None:
    pace = Pace(rate, NOW + paced, NOW)
    assert turns(pace, *messages) == expected
    assert pace.paced_ms == NOW + then


@given(st.integers(1, 2_000), st.lists(st.integers(1, 5), max_size=50), st.integers(0, 20_000))
def test_no_second_has_more_turns_than_the_rate(rate: int, messages: list[int], paced: int) -> None:
    pace = Pace(rate, NOW + paced, NOW)
    begun = turns(pace, *messages)
    for earlier, at in enumerate(begun):
        sent = sum(number for number, one in zip(messages, begun, strict=True) if at <= one < at + 1000)
        assert sent <= rate + max(messages, default=0), (earlier, begun)


def test_turns_that_were_waited_for_are_had_unless_somebody_comes_too_late() -> None:
    pace = Pace(1, NOW + 60_000, NOW)
    in_time = walker(waiting="pace", due_ms=NOW - 1000)
    assert [pace.turn_ms(in_time, number) - NOW for number in (1, 1, 2, 1)] == [0, 0, 1000, 3000]
    assert pace.turn_ms(walker(waiting="pace", due_ms=NOW - SOON_MS + 1), 1) == NOW
    assert pace.paced_ms == NOW + 60_000
    assert pace.turn_ms(walker(waiting="pace", due_ms=NOW - SOON_MS), 1) == NOW + 60_000
    assert pace.turn_ms(walker(waiting="quiet", due_ms=NOW), 1) == NOW + 61_000


@pytest.mark.parametrize("rate", [1, 50, 400, 5_000])
def test_people_come_back_together_but_not_too_many_and_before_their_turns(rate: int) -> None:
    pace, back = Pace(rate, NOW + 2 * SOON_MS, NOW), Counter[int]()
    for _ in range(5_000):
        turn_ms = pace.turn_ms(walker(), 1)
        back[pace.back_ms(turn_ms)] += 1
        assert turn_ms - SOON_MS < pace.back_ms(turn_ms) <= turn_ms
    assert max(back.values()) <= 1_001
    assert len(back) < 5_000 * 1.1 / min(1_000, 5 * rate) + 2


@pytest.mark.parametrize("rate", [1, 7, 300, 5_000])
def test_the_rate_is_kept_by_those_who_come_back(rate: int) -> None:
    pace = Pace(rate, NOW + 2 * SOON_MS, NOW)
    back = Counter(pace.back_ms(pace.turn_ms(walker(), 1)) for _ in range(20 * rate))
    sent: list[int] = []
    for due_ms, number in sorted(back.items()):
        now = Pace(rate, 0, due_ms)
        sent += [now.turn_ms(walker(waiting="pace", due_ms=due_ms), 1) for _ in range(number)]
    most = max(Counter(one // 1000 for one in sent).values())
    assert most <= rate + max(2, rate // 100)
    assert max(sent) - min(sent) == pytest.approx(20_000, abs=2_100)


def test_soon() -> None:
    pace = Pace(1, NOW, NOW)
    assert pace.is_soon(NOW)
    assert pace.is_soon(NOW + SOON_MS)
    assert not pace.is_soon(NOW + SOON_MS + 1)
