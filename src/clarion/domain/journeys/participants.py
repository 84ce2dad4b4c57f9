"""Participants in SQL: one row for each person and journey, for those inside and those who have left.

A row changes hands in one way: who enters is written by the entry, who is inside by the step of their shard, and
what happens to them meanwhile is a row of `journey_signals` that the step takes up. All of it with the journey locked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from clarion.domain.journeys.model import FROZEN, Walker
from clarion.store.batches import among, insert_rows, select_among
from clarion.store.database import Database
from clarion.store.schema import BigId, metadata

participants = sa.Table(
    "journey_participants",
    metadata,
    sa.Column("seq", BigId, primary_key=True),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("journey_id", sa.String(32), nullable=False),
    sa.Column("participant", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("run_id", sa.String(32), nullable=False),
    sa.Column("entry", sa.Integer, nullable=False),
    sa.Column("inside", sa.Boolean, nullable=False),
    sa.Column("activity", sa.Text, nullable=False),
    sa.Column("waiting", sa.String(8), nullable=False),
    sa.Column("arrived_ms", sa.BigInteger, nullable=False),
    sa.Column("due_ms", sa.BigInteger, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("shard", sa.Integer, nullable=False),
    sa.Column("entered_ms", sa.BigInteger, nullable=False),
    sa.Column("left_ms", sa.BigInteger),
    sa.Column("reason", sa.Text, nullable=False),
    sa.UniqueConstraint("journey_id", "participant"),
    sa.Index("ix_journey_participants_person", "app_id", "participant"),
    sqlite_autoincrement=True,
)
# Written into the statements, not bound: only then can an engine use the partial index.
_INSIDE = participants.c.inside.is_(sa.true())
sa.Index(
    "ix_journey_participants_due",
    participants.c.journey_id,
    participants.c.shard,
    participants.c.due_ms,
    sqlite_where=sa.text("inside IS 1"),
    postgresql_where=sa.text("inside IS true"),
)

signals = sa.Table(
    "journey_signals",
    metadata,
    sa.Column("seq", BigId, primary_key=True),
    sa.Column("journey_id", sa.String(32), nullable=False),
    sa.Column("shard", sa.Integer, nullable=False),
    sa.Column("participant", sa.Text, nullable=False),
    sa.Column("signal", sa.Text, nullable=False),
    sa.Index("ix_journey_signals_shard", "journey_id", "shard", "seq"),
    sqlite_autoincrement=True,
)

NEVER_MS = 2**62
"""When somebody is due who waits for a signal only."""

Participant = sa.Row[Any]

_WALKER = ("seq", "participant", "version", "run_id", "entry", "activity", "waiting", "arrived_ms", "due_ms", "turn")
_WALKER_COLUMNS = [participants.c[name] for name in (*_WALKER, "tries", "shard", "entered_ms")]


class Standing(NamedTuple):
    """Where somebody is in a journey, or how they left it. Unix ms."""

    journey_id: str
    participant: str
    version: int
    run_id: str
    entry: int
    inside: bool
    activity: str
    waiting: str
    arrived_ms: int
    due_ms: int
    turn: int
    shard: int
    entered_ms: int
    left_ms: int | None
    reason: str


_STANDING = [participants.c[name] for name in Standing._fields]


class Signal(NamedTuple):
    """What an event told about somebody inside. `signal` is a `model.Told`, encoded."""

    seq: int
    participant: str
    signal: str


def due(connection: sa.Connection, journey_id: str, shard: int, now_ms: int, most: int) -> list[Walker]:
    """Those whose time has come, longest waiting first."""
    statement = (
        sa.select(*_WALKER_COLUMNS)
        .where(participants.c.journey_id == journey_id, participants.c.shard == shard, _INSIDE)
        .where(participants.c.due_ms <= now_ms)
        .order_by(participants.c.due_ms, participants.c.seq)
        .limit(most)
    )
    return [_walker(row) for row in connection.execute(statement)]


def next_due_ms(connection: sa.Connection, journey_id: str, shard: int) -> int | None:
    """When the next of those inside is due; None when nobody ever is without a signal."""
    statement = sa.select(sa.func.min(participants.c.due_ms)).where(
        participants.c.journey_id == journey_id, participants.c.shard == shard, _INSIDE
    )
    found: int | None = connection.scalar(statement)
    return None if found is None or found >= NEVER_MS else found


def inside(connection: sa.Connection, journey_id: str, people: Collection[str]) -> list[Walker]:
    """Those of these participants who are inside."""
    statement = sa.select(*_WALKER_COLUMNS).where(participants.c.journey_id == journey_id, _INSIDE)
    return [_walker(row) for row in select_among(connection, statement, participants.c.participant, list(people))]


def standings(connection: sa.Connection, journey_id: str, people: Collection[str]) -> dict[str, Standing]:
    """How these participants stand to a journey; without those who never entered."""
    statement = sa.select(*_STANDING).where(participants.c.journey_id == journey_id)
    rows = select_among(connection, statement, participants.c.participant, list(people))
    return {row.participant: Standing._make(row) for row in rows}


def of_person(connection: sa.Connection, app_id: str, people: Collection[str]) -> list[Standing]:
    """How these participants stand to all journeys of a project."""
    statement = sa.select(*_STANDING).where(participants.c.app_id == app_id)
    return [
        Standing._make(row) for row in select_among(connection, statement, participants.c.participant, list(people))
    ]


def places(connection: sa.Connection, journey_id: str) -> dict[tuple[int, str, str], int]:
    """How many are where now: by version, activity and what they wait for."""
    columns = (participants.c.version, participants.c.activity, participants.c.waiting)
    statement = (
        sa.select(*columns, sa.func.count())
        .where(participants.c.journey_id == journey_id, _INSIDE)
        .group_by(*columns)
        .order_by(*columns)
    )
    return {(version, activity, waiting): count for version, activity, waiting, count in connection.execute(statement)}


_WRITTEN = (
    "app_id",
    "journey_id",
    "participant",
    "version",
    "run_id",
    "entry",
    "inside",
    "activity",
    "waiting",
    "arrived_ms",
    "due_ms",
    "turn",
    "tries",
    "shard",
    "entered_ms",
    "left_ms",
    "reason",
)
_CHANGING = tuple(name for name in _WRITTEN if name not in ("app_id", "journey_id", "participant", "shard"))


class Change(NamedTuple):
    """A walker as they are after a step. `left_ms` and `reason` of those who are out."""

    walker: Walker
    left_ms: int | None = None
    reason: str = ""


def write(
    database: Database, connection: sa.Connection, app_id: str, journey_id: str, changes: Iterable[Change]
) -> None:
    """Write down where people are now; new ones are added. The journey is held."""
    statement = database.insert(participants).values({name: sa.bindparam(name) for name in _WRITTEN})
    statement = statement.on_conflict_do_update(
        index_elements=[participants.c.journey_id, participants.c.participant],
        set_={name: statement.excluded[name] for name in _CHANGING},
    )
    rows = [
        (
            app_id,
            journey_id,
            one.participant,
            one.version,
            one.run_id,
            one.entry,
            left_ms is None,
            one.activity,
            one.waiting,
            one.arrived_ms,
            one.due_ms,
            one.turn,
            one.tries,
            one.shard,
            one.entered_ms,
            left_ms,
            reason,
        )
        for one, left_ms, reason in changes
    ]
    if rows:
        insert_rows(connection, statement, _WRITTEN, rows)


def thaw(connection: sa.Connection, journey_id: str, by_ms: int, paused_ms: int) -> None:
    """Make the waits of a journey that stood still since `paused_ms` longer by `by_ms`; dates stay dates."""
    connection.execute(
        sa.update(participants)
        .where(participants.c.journey_id == journey_id, _INSIDE)
        .where(participants.c.waiting.in_(sorted(FROZEN)), participants.c.due_ms > paused_ms)
        .where(participants.c.due_ms < NEVER_MS)
        .values(due_ms=participants.c.due_ms + by_ms)
    )


def let_out(connection: sa.Connection, journey_id: str, reason: str, now_ms: int, most: int) -> list[Walker]:
    """End the journey for so many of those inside; answers them as they were."""
    statement = sa.select(*_WALKER_COLUMNS).where(participants.c.journey_id == journey_id, _INSIDE).limit(most)
    walkers = [_walker(row) for row in connection.execute(statement)]
    for batch in _batches([walker.seq for walker in walkers]):
        connection.execute(
            sa.update(participants)
            .where(among(connection, participants.c.seq, batch))
            .values(inside=False, left_ms=now_ms, reason=reason, turn=participants.c.turn + 1)
        )
    return walkers


def erase(connection: sa.Connection, journey_id: str, most: int) -> int:
    """Remove so many rows of a journey that is gone, with its signals; answers how many people."""
    some = sa.select(participants.c.seq).where(participants.c.journey_id == journey_id).limit(most)
    connection.execute(sa.delete(signals).where(signals.c.journey_id == journey_id))
    return connection.execute(sa.delete(participants).where(participants.c.seq.in_(some))).rowcount


def remove(connection: sa.Connection, journey_id: str, people: Collection[str]) -> None:
    """Forget that these participants were ever in a journey, and what they were to be told. The journey is held."""
    for batch in _batches(sorted(people)):
        for table in (participants, signals):
            here = sa.and_(table.c.journey_id == journey_id, among(connection, table.c.participant, batch))
            connection.execute(sa.delete(table).where(here))


def all_inside(connection: sa.Connection, walkers: Sequence[Walker]) -> bool:
    """Whether all of these, as they were read, are still there. The journey is held."""
    counted = sa.select(sa.func.count()).select_from(participants)
    found = (
        connection.scalar(counted.where(among(connection, participants.c.seq, batch), _INSIDE))
        for batch in _batches([walker.seq for walker in walkers])
    )
    return sum(number or 0 for number in found) == len(walkers)


# --- signals


def tell(connection: sa.Connection, journey_id: str, told: Sequence[tuple[int, str, str]]) -> None:
    """Leave signals for people inside: shard, participant, signal. Whoever does also hastens their shard's step."""
    rows = [(journey_id, *one) for one in told]
    if rows:
        insert_rows(connection, sa.insert(signals), ("journey_id", "shard", "participant", "signal"), rows)


def told(connection: sa.Connection, journey_id: str, shard: int, most: int) -> list[Signal]:
    """The oldest signals of a shard."""
    statement = (
        sa.select(signals.c.seq, signals.c.participant, signals.c.signal)
        .where(signals.c.journey_id == journey_id, signals.c.shard == shard)
        .order_by(signals.c.seq)
        .limit(most)
    )
    return [Signal(*row) for row in connection.execute(statement)]


def heard(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """These signals are done with."""
    for batch in _batches(list(seqs)):
        connection.execute(sa.delete(signals).where(among(connection, signals.c.seq, batch)))


def unheard(connection: sa.Connection, journey_id: str) -> None:
    """Nobody is left to hear the signals of a journey."""
    connection.execute(sa.delete(signals).where(signals.c.journey_id == journey_id))


def any_told(connection: sa.Connection, journey_id: str, shard: int) -> bool:
    """Whether there are signals for a shard."""
    statement = sa.select(signals.c.seq).where(signals.c.journey_id == journey_id, signals.c.shard == shard)
    return connection.scalar(statement.limit(1)) is not None


def _walker(row: sa.Row[Any]) -> Walker:
    return Walker(
        seq=row.seq,
        participant=row.participant,
        version=row.version,
        run_id=row.run_id,
        entry=row.entry,
        activity=row.activity,
        waiting=row.waiting,
        arrived_ms=row.arrived_ms,
        due_ms=row.due_ms,
        turn=row.turn,
        tries=row.tries,
        shard=row.shard,
        entered_ms=row.entered_ms,
    )


def _batches(items: list[Any]) -> Iterator[list[Any]]:
    yield from (items[start : start + 1_000] for start in range(0, len(items), 1_000))
