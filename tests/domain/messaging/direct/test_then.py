"""One answer after the other: results, errors, and callers who have gone."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from clarion.domain.messaging.direct.once import then


def test_a_result_and_a_result_that_comes_later_go_on() -> None:
    first: Future[int] = Future()
    later: Future[str] = Future()
    at_once = then(first, lambda number: number + 1)
    in_time = then(first, lambda number: later)
    first.set_result(1)
    assert at_once.result(0) == 2
    assert not in_time.done()
    later.set_result("done")
    assert in_time.result(0) == "done"


def test_errors_go_on_wherever_they_are_from() -> None:
    first, second, later = Future[int](), Future[int](), Future[int]()
    of_first, of_work, of_later = (
        then(first, str),
        then(second, lambda number: 1 // number),
        then(second, lambda _: later),
    )
    first.set_exception(ValueError("first"))
    second.set_result(0)
    later.set_exception(KeyError("later"))
    for one, error in ((of_first, ValueError), (of_work, ZeroDivisionError), (of_later, KeyError)):
        with pytest.raises(error):
            one.result(0)


def test_the_work_is_done_though_the_caller_has_gone(caplog: pytest.LogCaptureFixture) -> None:
    first, later, done = Future[int](), Future[int](), list[int]()

    def work(number: int) -> Future[int]:
        done.append(number)
        return later

    gone = [then(first, work), then(first, lambda number: number), then(later, lambda number: 1 // number)]
    for one in gone:
        one.cancel()
    first.set_result(7)
    later.set_result(0)
    assert done == [7]
    assert not caplog.records
