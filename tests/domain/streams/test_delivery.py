"""What happens in a project arrives where its stream leads: once, in order, and whatever goes wrong on the way."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from clarion.channels.streaming.port import Failed, Limits, Record, StreamFailed
from clarion.domain.streams.model import Lost
from clarion.domain.streams.store import stream_backlog
from clarion.store.database import Database
from tests.domain.streams.house import House, dead, fine, request, sent, skip


def eventually(probe: Callable[[], bool]) -> bool:
    """Whether another thread gets there within some seconds."""
    pause = threading.Event()
    return any(probe() or pause.wait(0.01) for _ in range(1_000))


def many(app: str, number: int, endpoints: int = 3, first: int = 0) -> list[tuple[str, str]]:
    return [(f"ep-{n % endpoints}", str(n)) for n in range(first, first + number)]


def test_events_arrive_in_order(house: House) -> None:
    app, place = house.stream()
    house.report(request(app, many(app, 25)))
    house.record(sent(app, "25"), skip(app, "s"), sent(app, "26"))
    house.report(request(app, many(app, 5, first=27)))
    house.settle()
    assert place.ids() == [str(n) for n in range(32)]
    assert [len(batch) for batch in place.batches] == [10, 10, 10, 2]
    assert [record.key for record in place.arrived[:3]] == ["ep-0", "ep-1", "ep-2"]
    progress = house.status(app).progress
    assert (progress.waiting, progress.bytes, progress.exported, progress.lost) == (0, 0, 32, 0)
    assert house.count(stream_backlog) == 0
    assert house.metrics.exported._value.get() == 32


def test_only_what_comes_after_the_stream_is_configured(house: House) -> None:
    app = house.app()
    house.report(request(app, many(app, 3)))
    app, place = house.stream(app=app)
    house.report(request(app, many(app, 2, first=3)))
    house.settle()
    assert place.ids() == ["3", "4"]


def test_projects_stay_apart(house: House) -> None:
    app, place = house.stream("fake://a")
    other, elsewhere = house.stream("fake://b")
    silent = house.app()
    house.report(request(app, [("ep", "1")]), request(silent, [("ep", "2")]), request(other, [("ep", "3")]))
    house.report(request(silent, [("ep", "4")]))
    house.record(sent(other, "5"), skip(other, "x"), sent(app, "6"), sent(silent, "7"))
    house.settle()
    assert place.ids() == ["1", "6"]
    assert elsewhere.ids() == ["3", "5"]


def test_two_projects_may_stream_to_one_place(house: House) -> None:
    app, place = house.stream()
    other, _ = house.stream()
    house.report(request(app, [("ep", "1")]), request(other, [("ep", "2")]))
    house.settle()
    assert sorted(place.ids()) == ["1", "2"]
    assert {json.loads(record.data)["application"]["app_id"] for record in place.arrived} == {app, other}


def test_a_deleted_stream_gets_nothing_more(house: House) -> None:
    app, place = house.stream()
    place.answer = dead
    house.report(request(app, many(app, 3)))
    house.settle()
    house.streams.delete(house.scope, app)
    house.settle()
    assert house.count(stream_backlog) == 0
    place.answer = fine
    house.stream(app=app)
    house.report(request(app, [("ep", "later")]))
    house.settle()
    house.advance(60)
    assert place.ids() == ["later"]


def test_a_changed_stream_takes_what_waits_along(house: House) -> None:
    app, place = house.stream("fake://a")
    place.answer = dead
    house.report(request(app, many(app, 3)))
    house.settle()
    assert house.status(app).progress.attempts == 1
    _, new = house.stream("fake://b", app=app)
    house.settle()
    assert new.ids() == ["0", "1", "2"]
    assert place.closed >= 2  # asked by Put, and let go of by who delivered


def test_a_deleted_project_leaves_nothing(house: House) -> None:
    app, place = house.stream()
    place.answer = dead
    house.report(request(app, many(app, 3)))
    house.settle()
    house.apps.delete(house.scope, app)
    house.settle()
    tables = house.tables
    for table in (tables.event_streams, tables.stream_progress, tables.stream_backlog, tables.stream_refused):
        assert house.count(table) == 0


# --- what fails


def test_a_dead_destination_gets_all_when_it_is_back(house: House) -> None:
    app, place = house.stream("fake://a")
    other, elsewhere = house.stream("fake://b")
    place.answer = dead
    for first in range(0, 30, 10):
        house.report(request(app, many(app, 10, first=first)), request(other, many(other, 1, first=first)))
        house.settle()
        house.advance(10)
    status = house.status(app)
    assert elsewhere.ids() == ["0", "10", "20"]
    assert status.progress.waiting == 30
    assert status.progress.error_code == "ServiceUnavailableException"
    assert status.progress.failing_ms is not None
    assert status.progress.not_before_ms > house.clock.now_ms()
    assert house.metrics._errors.labels("ServiceUnavailableException")._value.get() >= 20
    place.answer = fine
    house.streams.retry(house.scope, app)
    house.settle()
    assert place.ids() == [str(n) for n in range(30)]
    after = house.status(app).progress
    assert (after.waiting, after.exported, after.attempts, after.failing_ms) == (0, 30, 0, None)


def test_waiting_grows_to_five_minutes(house: House) -> None:
    app, place = house.stream()
    place.answer = dead
    house.report(request(app, [("ep", "1")]))
    house.settle()
    house.advance(60)
    attempts = house.status(app).progress.attempts
    assert 10 < attempts < 60  # half of five minutes on average, and a few quick ones


def test_what_the_other_end_asks_for_is_waited(house: House) -> None:
    app, place = house.stream()
    asked = StreamFailed("ThrottlingException", "slow down", retry_after_seconds=600)

    def busy(records: Sequence[Record]) -> Sequence[Failed]:
        raise asked

    place.answer = busy
    house.report(request(app, [("ep", "1")]))
    house.settle()
    assert house.status(app).progress.not_before_ms >= house.clock.now_ms() + 600_000


def test_of_a_partly_failed_batch_the_failed_come_again_with_their_followers(house: House) -> None:
    app, place = house.stream()

    def once(records: Sequence[Record]) -> Sequence[Failed]:
        place.answer = fine
        return [Failed(1, "ProvisionedThroughputExceededException", "slow")]

    place.answer = once
    house.report(request(app, many(app, 14)))
    house.settle()
    assert place.ids() == [str(n) for n in range(10) if n != 1]
    house.advance(5)
    # 1, 4 and 7 are of one endpoint; nobody else's come again.
    assert place.ids()[9:] == ["1", "4", "7", "10", "11", "12", "13"]
    progress = house.status(app).progress
    assert (progress.waiting, progress.exported) == (0, 14)


def test_what_can_never_be_taken_is_set_aside(house: House) -> None:
    app, place = house.stream(limits=Limits(10, 100_000, 400))

    def picky(records: Sequence[Record]) -> Sequence[Failed]:
        bad = [place for place, one in enumerate(records) if b'"n":"2"' in one.data]
        return [Failed(place, "ValidationException", "not this one", final=True) for place in bad]

    place.answer = picky
    house.report(request(app, [*many(app, 5), ("ep-1", "x" * 300), ("ep-1", "6")]))
    house.settle()
    assert place.ids() == ["0", "1", "3", "4", "6"]
    progress = house.status(app).progress
    assert (progress.waiting, progress.exported, progress.refused, progress.attempts) == (0, 5, 2, 0)
    refused = house.streams.refused(house.scope, app)
    assert [(one.code, one.client_id) for one in refused] == [
        ("RecordTooLarge", "ep-1"),
        ("ValidationException", "ep-2"),
    ]
    assert b"x" * 300 in refused[0].data


def test_a_destination_that_breaks_its_word_is_tried_again(house: House) -> None:
    app, place = house.stream()

    def broken(records: Sequence[Record]) -> Sequence[Failed]:
        raise ZeroDivisionError

    place.answer = broken
    house.report(request(app, [("ep", "1")]))
    house.settle()
    assert house.status(app).progress.error_code == "InternalFailure"
    place.answer = fine
    house.advance(5)
    assert place.ids() == ["1"]


def test_a_destination_that_cannot_be_opened_any_more(house: House) -> None:
    app, _ = house.stream()
    house.report(request(app, [("ep", "1")]))
    gone = house.places.places.pop("fake://a")
    house.settle()
    progress = house.status(app).progress
    assert (progress.error_code, progress.error) == ("InvalidDestination", "DestinationStreamArn: no such place")
    house.places.places["fake://a"] = gone
    house.advance(5)
    assert gone.ids() == ["1"]


def test_those_that_hang_hold_up_nobody_else(house: House) -> None:
    free = threading.Event()

    def hang(records: Sequence[Record]) -> Sequence[Failed]:
        free.wait(20)
        return ()

    hanging = [house.stream(f"fake://hanging-{n}") for n in range(6)]
    app, place = house.stream("fake://a")
    try:
        for other, elsewhere in hanging:
            elsewhere.answer = hang
            house.report(request(other, [("ep", "1")]))
        house.consumer.catch_up()
        assert house.pump.step() == 6
        house.report(request(app, [("ep", "1")]))
        house.consumer.catch_up()
        house.pump.step()
        assert eventually(lambda: place.ids() == ["1"])
    finally:
        free.set()
    house.settle()
    assert [elsewhere.ids() for _, elsewhere in hanging] == [["1"]] * 6


def test_those_that_fail_are_tried_however_many_hang(house: House) -> None:
    free = threading.Event()

    def hang(records: Sequence[Record]) -> Sequence[Failed]:
        free.wait(20)
        return ()

    app, place = house.stream("fake://a")
    place.answer = dead
    house.report(request(app, [("ep", "1")]))
    house.settle()
    place.answer = fine
    try:
        for number in range(9):
            other, elsewhere = house.stream(f"fake://hanging-{number}")
            elsewhere.answer = hang
            house.report(request(other, [("ep", "1")]))
        house.consumer.catch_up()
        assert house.pump.step() == 7
        house.clock.move_to(house.clock.now() + timedelta(minutes=1))
        assert house.pump.step() == 1
        assert eventually(lambda: place.ids() == ["1"])
    finally:
        free.set()
    house.settle()


# --- bounds


def test_after_hours_of_failing_the_oldest_go(database: Database) -> None:
    house = House(database, hours=2)
    app, place = house.stream()
    place.answer = dead
    house.report(request(app, many(app, 3)))
    house.settle()
    house.advance(60)
    house.report(request(app, many(app, 2, first=3)))
    house.settle()
    house.advance(55)
    assert house.status(app).progress.waiting == 5
    house.advance(15)
    progress = house.status(app).progress
    assert (progress.waiting, progress.lost) == (2, 3)
    assert house.metrics._lost[Lost.TOO_OLD]._value.get() == 3
    place.answer = fine
    house.advance(10)
    assert place.ids() == ["3", "4"]
    house.stop()


def test_over_the_bound_the_oldest_of_the_largest_go(database: Database) -> None:
    house = House(database, bound=3_000)
    app, place = house.stream("fake://a")
    other, elsewhere = house.stream("fake://b")
    place.answer = elsewhere.answer = dead
    house.report(request(other, [("ep", "small")]))
    for first in range(0, 300, 30):
        house.report(request(app, many(app, 30, first=first)))
        house.settle()
    total = sum(one.progress.bytes for one in house.streams.all(house.scope))
    progress = house.status(app).progress
    assert total <= 3_000
    assert progress.lost > 0
    assert progress.lost + progress.waiting == 300
    assert house.status(other).progress.waiting == 1
    place.answer = elsewhere.answer = fine
    house.advance(10)
    assert place.ids() == [str(n) for n in range(progress.lost, 300)]
    assert elsewhere.ids() == ["small"]
    house.stop()


def test_a_destination_that_likes_large_batches_waits_for_them(house: House) -> None:
    app, place = house.stream(limits=Limits(10, 100_000, 10_000, linger_seconds=60))
    house.report(request(app, many(app, 3)))
    house.settle()
    assert place.arrived == []
    house.report(request(app, many(app, 8, first=3)))
    house.settle()
    assert place.ids() == [str(n) for n in range(10)]
    house.advance(2)
    assert place.ids() == [str(n) for n in range(11)]
    assert [len(batch) for batch in place.batches] == [10, 1]
