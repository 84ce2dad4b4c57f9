"""Following the ingest log: once for every row that was taken, in the transaction that deletes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from clarion.core.clock import VirtualClock
from clarion.core.errors import Unavailable
from clarion.core.ids import SystemIds
from clarion.engine.log import Follow, LogConsumer, LogRow, append, newest
from clarion.engine.log_batches import ingest_log
from clarion.engine.log_dead import ingest_dead
from clarion.engine.patience import Patience
from clarion.store.database import Database

Consumers = Callable[..., LogConsumer]


class Sink:
    """Takes what it is given, but refuses rows with this body."""

    def __init__(self, refused: bytes = b"") -> None:
        self._refused = refused

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        if any(row.body == self._refused for row in rows):
            raise ValueError("not that one")


class Follower:
    """Copies the bodies it is shown into a table, and fails so many times at either step."""

    def __init__(self, follow_fails: Sequence[Exception] = (), write_fails: Sequence[Exception] = ()) -> None:
        self.table = sa.Table("followed", sa.MetaData(), sa.Column("body", sa.LargeBinary))
        self._follow_fails, self._write_fails = list(follow_fails), list(write_fails)

    def follow(self, rows: Sequence[LogRow]) -> Follow | None:
        if self._follow_fails:
            raise self._follow_fails.pop()
        bodies = [{"body": row.body} for row in rows]

        def write(connection: sa.Connection) -> None:
            connection.execute(sa.insert(self.table), bodies)
            if self._write_fails:
                raise self._write_fails.pop()

        return write if bodies else None


@pytest.fixture
def consumer(db: Database, real: VirtualClock) -> Iterator[Consumers]:
    """Makes consumers of rows of kind "a", and ends them after the test."""
    made: list[LogConsumer] = []

    def make(follower: Follower, sink: Sink | None = None, **options: Any) -> LogConsumer:
        db.write(lambda c: follower.table.create(c, checkfirst=True))
        sinks = {"a": sink or Sink()}
        made.append(LogConsumer(db, sinks, real=real, ids=SystemIds(), followers=[follower], **options))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def put(db: Database, *bodies: bytes) -> None:
    db.write(lambda connection: [append(connection, "a", body) for body in bodies])


def followed(db: Database, follower: Follower) -> list[bytes]:
    return db.read(lambda c: sorted(c.scalars(sa.select(follower.table.c.body))))


def left(db: Database) -> int:
    return db.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(ingest_log)) or 0)


def test_every_row_once(db: Database, consumer: Consumers) -> None:
    follower = Follower()
    pump = consumer(follower)
    put(db, b"1", b"2")
    pump.step()
    put(db, b"3")
    pump.step()
    assert (followed(db, follower), left(db)) == ([b"1", b"2", b"3"], 0)


def test_one_of_several_that_fails_holds_up_no_other(db: Database, consumer: Consumers) -> None:
    failing, other = Follower(follow_fails=[ValueError("bug")]), Follower()
    other.table = sa.Table("others", sa.MetaData(), sa.Column("body", sa.LargeBinary))
    pump = consumer(failing)
    db.write(lambda c: other.table.create(c))
    pump.followers.append(other)
    for body in (b"1", b"2"):
        put(db, body)
        pump.step()
    assert (followed(db, failing), followed(db, other), left(db)) == ([b"2"], [b"1", b"2"], 0)


def test_pauses_are_shorter_while_somebody_waits(db: Database, consumer: Consumers) -> None:
    class Choosy(Follower):
        def follow(self, rows: Sequence[LogRow]) -> Follow | None:
            return super().follow(rows) if rows[0].body == b"wanted" else None

    pump = consumer(Choosy())
    longest = pump.pause_seconds()
    for body, shorter in ((b"wanted", True), (b"other", False), (b"wanted", True), (b"", False)):
        if body:
            put(db, body)
        pump.step()
        assert (pump.pause_seconds() < longest) == shorter


def test_a_transaction_that_fails_takes_what_was_written_with_it(db: Database, consumer: Consumers) -> None:
    follower = Follower(write_fails=[Unavailable("away"), RuntimeError("broken")])
    pump = consumer(follower)
    put(db, b"1", b"2")
    for error in (RuntimeError, Unavailable):
        with pytest.raises(error):
            pump.step()
        assert (followed(db, follower), left(db)) == ([], 2)
    pump.step()
    assert (followed(db, follower), left(db)) == ([b"1", b"2"], 0)


def test_a_crash_before_the_end_of_a_batch_repeats_it(db: Database, consumer: Consumers, real: VirtualClock) -> None:
    follower = Follower(write_fails=[RuntimeError("crash")])
    put(db, b"1")
    dying = consumer(follower)
    with pytest.raises(RuntimeError):
        dying.step()
    dying.stop()
    consumer(follower).step()
    assert followed(db, follower) == [b"1"]


def test_a_follower_with_a_fault_holds_up_nobody(db: Database, consumer: Consumers) -> None:
    follower = Follower(follow_fails=[ValueError("a fault")])
    pump = consumer(follower)
    put(db, b"1")
    pump.step()
    assert (followed(db, follower), left(db)) == ([], 0)
    put(db, b"2")
    pump.step()
    assert followed(db, follower) == [b"2"]


def test_a_follower_whose_database_is_away_is_asked_again(db: Database, consumer: Consumers) -> None:
    follower = Follower(follow_fails=[Unavailable("away")])
    pump = consumer(follower)
    put(db, b"1")
    with pytest.raises(Unavailable):
        pump.step()
    pump.step()
    assert (followed(db, follower), left(db)) == ([b"1"], 0)


def test_refused_rows_are_not_shown_until_they_are_taken(db: Database, consumer: Consumers) -> None:
    follower = Follower()
    pump = consumer(follower, Sink(b"2"), patience=Patience(1, 0.0))
    put(db, b"1", b"2", b"3")
    while left(db):
        pump.step()
    assert followed(db, follower) == [b"1", b"3"]
    assert db.read(lambda c: c.scalars(sa.select(ingest_dead.c.body)).all()) == [b"2"]


def test_the_newest_row(db: Database, consumer: Consumers) -> None:
    pump = consumer(Follower())
    assert db.read(newest) == 0
    put(db, b"1", b"2")
    before = db.read(newest)
    pump.step()
    put(db, b"3")
    assert db.read(newest) > before > 0
