"""The ingest log: in order, at least once, the same rows under the same token."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import timedelta
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa

from clarion.core.clock import VirtualClock, perf_seconds
from clarion.core.errors import Unavailable
from clarion.core.ids import SystemIds
from clarion.engine import log_batches
from clarion.engine.leases import LeaseLost
from clarion.engine.log import LogConsumer, LogRow, append
from clarion.engine.log_batches import ingest_batches, ingest_log
from clarion.engine.log_dead import ingest_dead
from clarion.store.database import Database, Insert

T = TypeVar("T")


class Collector:
    """A sink that does a token once, and insists that a token always comes with the same rows."""

    def __init__(self) -> None:
        self.by_token: dict[str, list[LogRow]] = {}
        self.calls = 0

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        self.calls += 1
        assert self.by_token.setdefault(token, list(rows)) == list(rows)

    @property
    def bodies(self) -> list[bytes]:
        return [row.body for rows in self.by_token.values() for row in rows]


class Broken:
    """A sink that fails so many times, then does its work."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.inner = Collector()
        self.tokens: list[str] = []

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        self.tokens.append(token)
        if len(self.tokens) <= self.times:
            raise RuntimeError("not now")
        self.inner.consume(rows, token)


Consumers = Callable[..., LogConsumer]


@pytest.fixture
def consumer(db: Database, real: VirtualClock) -> Iterator[Consumers]:
    """Makes consumers, each a process of its own, and ends them after the test."""
    made: list[LogConsumer] = []

    def make(sinks: dict[str, Any], database: Database = db, **options: Any) -> LogConsumer:
        made.append(LogConsumer(database, sinks, real=real, ids=SystemIds(), **options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def put(db: Database, *bodies: bytes, kind: str = "a") -> list[int]:
    return db.write(lambda connection: [append(connection, kind, body) for body in bodies])


def drain(pump: LogConsumer) -> None:
    end = perf_seconds() + 30
    while perf_seconds() < end:
        pump.step()
        if not pump.outstanding():
            return
    raise AssertionError("the log does not become empty")


def later(real: VirtualClock) -> None:
    """Let every lease expire."""
    real.move_to(real.now() + timedelta(minutes=1))


def count(db: Database, table: sa.Table) -> int:
    return db.read(lambda connection: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


def test_rows_arrive_in_order_with_their_note(db: Database, consumer: Consumers) -> None:
    sink = Collector()
    pump = consumer({"a": sink})
    numbers = put(db, b"1", b"2")
    db.write(lambda connection: append(connection, "a", b"3", note=b"n"))
    assert pump.outstanding() == 3
    pump.step()
    (rows,) = sink.by_token.values()
    assert [(row.kind, row.body, row.note) for row in rows] == [("a", b"1", b""), ("a", b"2", b""), ("a", b"3", b"n")]
    assert [row.id for row in rows][:2] == numbers
    assert pump.outstanding() == count(db, ingest_batches) == 0
    assert pump.next_due_ms() is None


def test_rolled_back_appends_never_arrive(db: Database, consumer: Consumers) -> None:
    def work(connection: sa.Connection) -> None:
        append(connection, "a", b"undone")
        raise ValueError

    with pytest.raises(ValueError):
        db.write(work)
    sink = Collector()
    put(db, b"done")
    drain(consumer({"a": sink}))
    assert sink.bodies == [b"done"]


def test_each_kind_goes_to_its_sink_under_its_own_token(db: Database, consumer: Consumers) -> None:
    both, other = Collector(), Collector()
    for number in range(6):
        put(db, b"%d" % number, kind="abc"[number % 3])
    drain(consumer({"a": both, "b": both, "c": other}))
    assert sorted(len(rows) for rows in both.by_token.values()) == [2, 2]
    assert other.bodies == [b"2", b"5"]
    assert all({row.kind for row in rows} in ({"a"}, {"b"}) for rows in both.by_token.values())


def test_batches_are_bounded_by_rows_and_bytes(db: Database, consumer: Consumers) -> None:
    sink = Collector()
    put(db, *[b"x" * 10] * 7, b"y" * 500, b"z" * 60, b"z" * 60)
    pump = consumer({"a": sink}, batch_rows=3, batch_bytes=100)
    drain(pump)
    assert [len(rows) for rows in sink.by_token.values()] == [3, 3, 1, 1, 1, 1]
    assert sink.bodies == [b"x" * 10] * 7 + [b"y" * 500, b"z" * 60, b"z" * 60]


def test_step_asks_for_another_only_while_full_batches_wait(db: Database, consumer: Consumers) -> None:
    pump = consumer({"a": Collector()}, batch_rows=3)
    put(db, *[b"x"] * 8)
    assert [pump.step() for _ in range(4)] == [3, 0, 0, 0]
    assert pump.outstanding() == 0


def test_numbers_are_not_used_again(db: Database, consumer: Consumers) -> None:
    first = put(db, b"1")
    drain(consumer({"a": Collector()}))
    assert put(db, b"2") > first


def test_failing_sink_is_called_again_with_the_same_rows_and_token(db: Database, consumer: Consumers) -> None:
    well, broken = Collector(), Broken(3)
    pump = consumer({"a": well, "b": broken})
    put(db, b"1", kind="a")
    put(db, b"2", kind="b")
    for _ in range(3):
        with pytest.raises(RuntimeError, match="not now"):
            pump.step()
        put(db, b"later", kind="b")
    pump.step()
    assert len(set(broken.tokens)) == 1
    assert broken.inner.bodies == [b"2"]
    assert well.calls == 1
    drain(pump)
    assert broken.inner.bodies == [b"2", b"later", b"later", b"later"]


def test_kinds_without_sink_are_set_aside_and_come_back(db: Database, consumer: Consumers) -> None:
    sink = Collector()
    put(db, b"1", kind="new")
    put(db, b"2", kind="a")
    put(db, b"3", kind="new")
    old = consumer({"a": sink})
    drain(old)
    assert sink.bodies == [b"2"]
    assert count(db, ingest_dead) == 2
    old.stop()
    newer = Collector()
    pump = consumer({"a": sink, "new": newer})
    pump.step()
    drain(pump)
    assert newer.bodies == [b"1", b"3"]
    assert count(db, ingest_dead) == 0


def test_kind_that_a_planned_batch_has_and_the_next_release_has_not(
    db: Database, consumer: Consumers, real: VirtualClock
) -> None:
    put(db, b"1", kind="old")
    put(db, b"2", kind="a")
    with pytest.raises(RuntimeError):
        consumer({"old": Broken(1), "a": Collector()}).step()
    later(real)
    sink = Collector()
    drain(consumer({"a": sink}))
    assert sink.bodies == [b"2"]
    assert count(db, ingest_dead) == 1


def test_one_consumer_at_a_time(db: Database, consumer: Consumers) -> None:
    one, two = Collector(), Collector()
    first, second = consumer({"a": one}), consumer({"a": two})
    put(db, b"1")
    first.step()
    put(db, b"2")
    assert second.step() == 0
    assert second.outstanding() == 1
    first.stop()
    second.step()
    assert (one.bodies, two.bodies) == ([b"1"], [b"2"])


def test_a_consumer_that_lost_the_lead_cannot_finish(db: Database, consumer: Consumers, real: VirtualClock) -> None:
    """The first is halted inside its sink for longer than its lease; the second does the batch meanwhile."""
    two = Collector()
    second = consumer({"a": two})

    class Halted(Collector):
        def consume(self, rows: Sequence[LogRow], token: str) -> None:
            super().consume(rows, token)
            later(real)
            put(db, b"more")
            second.step()

    one = Halted()
    first = consumer({"a": one})
    put(db, b"1", b"2")
    assert first.step() == 0
    assert list(one.by_token) == list(two.by_token)[:1]
    drain(second)
    assert two.bodies == [b"1", b"2", b"more"]
    assert first.step() == 0


def test_a_batch_can_be_finished_once(db: Database) -> None:
    numbers = put(db, b"1", b"2")
    batch = db.write(lambda c: log_batches.plan(c, db, "token", numbers))
    assert batch is not None
    assert db.write(lambda c: log_batches.plan(c, db, "other", numbers)) is None
    assert db.read(log_batches.open_batch) == batch
    db.write(lambda c: log_batches.finish(c, batch))
    with pytest.raises(LeaseLost):
        db.write(lambda c: log_batches.finish(c, batch))


def test_catch_up_delivers_what_was_appended_before(db: Database, consumer: Consumers) -> None:
    sink = Collector()
    pump = consumer({"a": sink}, batch_rows=2)
    pump.catch_up()
    put(db, b"1", b"2", b"3", b"4", b"5")
    pump.catch_up()
    assert sink.bodies == [b"1", b"2", b"3", b"4", b"5"]


def test_catch_up_waits_for_the_process_that_leads(db: Database, consumer: Consumers) -> None:
    sink = Collector()
    leads, asks = consumer({"a": sink}), consumer({"a": Collector()})
    put(db, b"0")
    leads.step()
    put(db, b"1", b"2")
    waiting = threading.Thread(target=asks.catch_up, args=(10,))
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    leads.step()
    waiting.join(10)
    assert not waiting.is_alive()
    assert sink.bodies == [b"0", b"1", b"2"]


def test_catch_up_gives_up_in_the_end(db: Database, consumer: Consumers) -> None:
    put(db, b"1")
    with pytest.raises(Unavailable):
        consumer({"a": Broken(10_000)}).catch_up(0.1)


def test_late_visible_rows_are_delivered(db: Database, consumer: Consumers) -> None:
    """On PostgreSQL a lower number may appear after a higher one has been delivered and deleted."""
    if db.dialect == "sqlite":
        pytest.skip("SQLite has one writer: numbers appear in order")
    sink = Collector()
    pump = consumer({"a": sink})
    go, appended = threading.Event(), threading.Event()

    def slow(connection: sa.Connection) -> None:
        append(connection, "a", b"slow")
        appended.set()
        assert go.wait(10)

    future = db.submit(slow)
    assert appended.wait(10)
    put(db, b"fast", b"faster")
    pump.step()
    assert sink.bodies == [b"fast", b"faster"]
    go.set()
    future.result(10)
    drain(pump)
    assert sink.bodies == [b"fast", b"faster", b"slow"]


def test_rows_appearing_inside_a_planned_batch_are_not_lost(db: Database, consumer: Consumers) -> None:
    if db.dialect == "sqlite":
        pytest.skip("SQLite has one writer: numbers appear in order")
    broken = Broken(1)
    pump = consumer({"a": broken})
    go, appended = threading.Event(), threading.Event()

    def slow(connection: sa.Connection) -> None:
        append(connection, "a", b"slow")
        appended.set()
        assert go.wait(10)

    put(db, b"before")
    future = db.submit(slow)
    assert appended.wait(10)
    put(db, b"after")
    with pytest.raises(RuntimeError):
        pump.step()
    go.set()
    future.result(10)
    pump.step()
    assert broken.inner.bodies == [b"before", b"after"]
    drain(pump)
    assert broken.inner.bodies == [b"before", b"after", b"slow"]


class Crash(BaseException):
    """The process ends here."""


class Fuse:
    """Burns through at its `at`-th check."""

    def __init__(self, at: int) -> None:
        self.left = at

    def check(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Crash


class Crashing(Database):
    """A database whose process ends before or after one of its calls."""

    def __init__(self, inner: Database, fuse: Fuse) -> None:
        super().__init__()
        self.dialect = inner.dialect
        self.inner = inner
        self.fuse = fuse

    def read(self, work: Callable[[sa.Connection], T]) -> T:
        self.fuse.check()
        return self.inner.read(work)

    def write(self, work: Callable[[sa.Connection], T]) -> T:
        self.fuse.check()
        value = self.inner.write(work)
        self.fuse.check()
        return value

    def submit(self, work: Callable[[sa.Connection], T]) -> Future[T]:
        raise NotImplementedError

    def insert(self, table: sa.Table) -> Insert:
        return self.inner.insert(table)

    def close(self) -> None:
        raise NotImplementedError


class CrashingSink:
    """A sink whose process ends before or after it did its work."""

    def __init__(self, inner: Collector, fuse: Fuse) -> None:
        self.inner = inner
        self.fuse = fuse

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        self.fuse.check()
        self.inner.consume(rows, token)
        self.fuse.check()


def crash_at(db: Database, consumer: Consumers, real: VirtualClock, at: int) -> bool:
    """Consume with a crash at check number `at`, then recover; whether the crash came before the end."""
    fuse = Fuse(at)
    done = {"a": Collector(), "b": Collector()}
    sinks = {kind: CrashingSink(sink, fuse) for kind, sink in done.items()}
    bodies = [b"%d-%d" % (at, number) for number in range(7)]
    for number, body in enumerate(bodies):
        put(db, body, kind="ab"[number % 2])
    crashed = False
    try:
        drain(consumer(sinks, Crashing(db, fuse), batch_rows=3))
        fuse.left = 0  # it did not burn through: put it out
    except Crash:
        crashed = True
        later(real)
        drain(consumer(done, batch_rows=3))
    assert sorted(done["a"].bodies + done["b"].bodies) == sorted(bodies)
    assert count(db, ingest_log) == count(db, ingest_batches) == 0
    later(real)
    return crashed


def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(
    db: Database, consumer: Consumers, real: VirtualClock
) -> None:
    at = 1
    while crash_at(db, consumer, real, at):
        at += 1
    assert at > 30
