"""Rows that a sink always refuses: found by halving, set aside with the reason, and nothing else is lost or doubled."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

import pytest

from clarion.core.clock import VirtualClock
from clarion.core.errors import Unavailable
from clarion.core.ids import SystemIds
from clarion.engine import log_dead
from clarion.engine.log import LogConsumer, LogRow, Sink
from clarion.engine.log_batches import ingest_batches, ingest_log
from clarion.engine.log_dead import Dead
from clarion.engine.patience import Patience, is_refusal
from clarion.store.columnar import Refused
from clarion.store.database import Database
from tests.engine.test_log import Collector, Crash, Crashing, CrashingSink, Fuse, count, later, put

TRIES = 3


class Picky(Collector):
    """A sink that stores a batch or refuses it because of one row; and is away for a while when told so."""

    def __init__(self) -> None:
        super().__init__()
        self.refusals = 0
        self.away = 0

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        if self.away:
            self.away -= 1
            raise Unavailable("not there")
        if any(b"poison" in row.body for row in rows):
            self.refusals += 1
            raise Refused("bad data", 27)
        super().consume(rows, token)


class Consumers:
    """Makes consumers, each a process of its own."""

    def __init__(self, database: Database, real: VirtualClock) -> None:
        self._database = database
        self._real = real
        self.made: list[LogConsumer] = []

    def __call__(
        self, sinks: Mapping[str, Sink], database: Database | None = None, *, rows: int = 100, seconds: float = 0
    ) -> LogConsumer:
        consumer = LogConsumer(
            database or self._database,
            sinks,
            real=self._real,
            ids=SystemIds(),
            batch_rows=rows,
            patience=Patience(TRIES, seconds),
            lease_seconds=40,  # no heartbeat while a test runs, and over when it is `later`
        )
        self.made.append(consumer)
        return consumer

    def die(self) -> None:
        """End what would go on of a process that crashed: its heartbeat, which would hold on to the lead."""
        self.made[-1]._heartbeat.stop()


@pytest.fixture
def consumers(db: Database, real: VirtualClock) -> Iterator[Consumers]:
    made = Consumers(db, real)
    yield made
    for one in made.made:
        one.stop()


def drain(pump: LogConsumer, most: int = 400) -> int:
    """Step as the engine does, errors and all; answers how many steps ended in one."""
    failed = 0
    for _ in range(most):
        try:
            pump.step()
        except (Refused, Unavailable):
            failed += 1
        if not pump.outstanding():
            return failed
    raise AssertionError("the log does not become empty")


def dead(db: Database) -> list[Dead]:
    return db.read(lambda c: log_dead.listed(c, limit=1000))


@pytest.mark.parametrize("at", [0, 1, 31, 62, 63])
def test_one_row_is_set_aside_and_the_others_arrive_in_order(db: Database, consumers: Consumers, at: int) -> None:
    bodies = [b"%d" % number for number in range(64)]
    numbers = put(db, *bodies[:at], b"poison", *bodies[at + 1 :])
    sink = Picky()
    drain(consumers({"a": sink}))
    assert sink.bodies == bodies[:at] + bodies[at + 1 :]
    [row] = dead(db)
    assert (row.id, row.kind, row.body, row.error) == (numbers[at], "a", b"poison", "Refused: bad data")
    assert sink.refusals <= 2 * TRIES + 6
    assert count(db, ingest_batches) == count(db, ingest_log) == 0


def test_a_batch_is_offered_for_a_while_before_it_is_split(db: Database, consumers: Consumers) -> None:
    put(db, b"1", b"poison", b"2")
    sink = Picky()
    hasty, patient = consumers({"a": sink}), consumers({"a": sink}, seconds=3600)
    for _ in range(20):
        with pytest.raises(Refused):
            patient.step()
    assert count(db, ingest_batches) == 1
    patient.stop()
    assert drain(hasty) == TRIES - 1
    assert sink.bodies == [b"1", b"2"]


def test_a_sink_that_is_away_is_waited_for_for_ever(db: Database, consumers: Consumers) -> None:
    put(db, b"1", b"2")
    sink = Picky()
    sink.away = 100
    assert drain(consumers({"a": sink})) == 100
    assert len(sink.by_token) == 1
    assert not dead(db)


def test_being_away_while_the_row_is_looked_for_sets_nothing_more_aside(db: Database, consumers: Consumers) -> None:
    bodies = [b"%d" % number for number in range(16)]
    put(db, *bodies, b"poison")
    sink = Picky()
    pump = consumers({"a": sink})
    while len(sink.by_token) < 2:
        try:
            pump.step()
        except Refused:
            continue
    sink.away = 50
    drain(pump)
    assert sink.bodies == bodies
    assert len(dead(db)) == 1


def test_the_other_kinds_of_the_batch_go_on_and_are_not_repeated(db: Database, consumers: Consumers) -> None:
    well, sink = Collector(), Picky()
    for number in range(20):
        put(db, b"poison" if number == 11 else b"%d" % number, kind="ab"[number % 2])
    pump = consumers({"a": well, "b": sink})
    with pytest.raises(Refused):
        pump.step()
    assert len(well.bodies) == 10
    drain(pump)
    assert well.calls == 1
    assert len(sink.bodies) == 9
    assert [row.kind for row in dead(db)] == ["b"]


def test_a_programming_error_counts_as_a_refusal(db: Database, consumers: Consumers) -> None:
    class Wrong(Collector):
        def consume(self, rows: Sequence[LogRow], token: str) -> None:
            lengths = [10 // len(row.body) for row in rows]
            assert lengths
            super().consume(rows, token)

    put(db, b"1", b"", b"3")
    sink = Wrong()
    pump = consumers({"a": sink})
    for _ in range(20):
        try:
            pump.step()
        except ZeroDivisionError:
            continue
    assert sink.bodies == [b"1", b"3"]
    assert [row.error for row in dead(db)] == ["ZeroDivisionError: integer division or modulo by zero"]
    assert not is_refusal(OSError("disk full"))
    assert not is_refusal(Unavailable("away"))


def test_a_sink_that_takes_nothing_is_not_believed_at_once(db: Database, consumers: Consumers) -> None:
    """Rows are set aside one by one only after a while each: it may be the sink."""
    put(db, *[b"poison %d" % number for number in range(8)])
    sink = Picky()
    assert drain(consumers({"a": sink})) >= 8 * (TRIES - 1)
    assert len(dead(db)) == 8


def test_any_rows_may_be_bad(db: Database, consumers: Consumers) -> None:
    chance = random.Random(5)
    for _ in range(6):
        good = [b"%d-%d" % (chance.randrange(10**9), number) for number in range(chance.randrange(60))]
        bad = [b"poison %d" % number for number in range(chance.randrange(6))]
        bodies = good + bad
        chance.shuffle(bodies)
        kinds = [chance.choice("ab") for _ in bodies]
        for body, kind in zip(bodies, kinds, strict=True):
            put(db, body, kind=kind)
        one, two = Picky(), Picky()
        pump = consumers({"a": one, "b": two}, rows=chance.randrange(1, 40))
        drain(pump)
        pump.stop()
        assert sorted(one.bodies + two.bodies) == sorted(good)
        assert sorted(row.body for row in dead(db)) == sorted(bad)
        assert db.write(lambda c: log_dead.drop(c, [row.id for row in log_dead.listed(c)])) == len(bad)


def test_rows_come_back_when_told_to(db: Database, consumers: Consumers) -> None:
    put(db, b"poison 1", b"2", b"poison 3")
    pump = consumers({"a": Picky()})
    drain(pump)
    pump.stop()
    mended = Collector()
    newer = consumers({"a": mended})
    newer.step()
    assert mended.bodies == []  # not by themselves
    [first, second] = dead(db)
    assert db.read(log_dead.count) == 2
    assert db.write(lambda c: log_dead.retry(c, [second.id, 10**9])) == 1
    drain(newer)
    assert mended.bodies == [b"poison 3"]
    assert db.write(lambda c: log_dead.retry(c, None)) == 1
    drain(newer)
    assert mended.bodies == [b"poison 3", b"poison 1"]
    assert db.write(lambda c: log_dead.drop(c, [first.id])) == 0
    assert dead(db) == []


def crash_at(db: Database, consumers: Consumers, real: VirtualClock, at: int) -> bool:
    """Look for two bad rows with a crash at check number `at`; whether the crash came before the end."""
    fuse = Fuse(at)
    done = {"a": Picky(), "b": Picky()}
    bodies = [b"%d-%d" % (at, number) for number in range(9)]
    for number, body in enumerate([*bodies[:4], b"poison", *bodies[4:], b"poison"]):
        put(db, body, kind="ab"[number % 2])
    crashed = False
    try:
        drain(consumers({kind: CrashingSink(sink, fuse) for kind, sink in done.items()}, Crashing(db, fuse), rows=8))
        fuse.left = 0
    except Crash:
        crashed = True
        consumers.die()
        later(real)
        drain(consumers(done, rows=8))
    assert sorted(done["a"].bodies + done["b"].bodies) == sorted(bodies)
    assert [row.body for row in dead(db)] == [b"poison", b"poison"]
    assert count(db, ingest_log) == count(db, ingest_batches) == 0
    db.write(lambda c: log_dead.drop(c, [row.id for row in log_dead.listed(c)]))
    later(real)
    return crashed


def test_a_crash_between_any_two_steps_loses_and_doubles_nothing(
    db: Database, consumers: Consumers, real: VirtualClock
) -> None:
    at = 1
    while crash_at(db, consumers, real, at):
        at += 1
    assert at > 50
