"""Whose turn it is, in SQL: which streams have something to send, who holds which, how their last tries ended.

    due ─→ take (lease) ─→ [ settle (`backlog`) ─→ … ] ─→ calm | fail ─→ let_go

A lease is judged in real time and renewed while it is held; everything else goes by the product's clock.
"""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from clarion.domain.streams.store import StreamRow, event_streams, stream_progress
from clarion.engine.leases import LeaseLost

_full = sa.and_(stream_progress.c.batch > 0, stream_progress.c.waiting >= stream_progress.c.batch)


class Due(NamedTuple):
    """A stream whose turn it is; `failing`: its last try failed."""

    app_id: str
    failing: bool


class Failure(NamedTuple):
    """A try that failed: what to say of it, and when the next one is due."""

    code: str
    message: str
    attempts: int
    not_before_ms: int


# Asked at every turn of the pump, so they are put together once.
_now = sa.bindparam("now_ms", type_=sa.BigInteger)
_free = sa.or_(
    stream_progress.c.owner == sa.bindparam("owner_is"),
    stream_progress.c.until_ms <= sa.bindparam("real_ms", type_=sa.BigInteger),
)
_is_due = sa.and_(
    stream_progress.c.waiting > 0,
    stream_progress.c.not_before_ms <= _now,
    sa.or_(stream_progress.c.linger_ms <= _now, _full),
)
_due = sa.select(stream_progress.c.app_id).where(_is_due, _free).order_by(stream_progress.c.turn_ms)
_due = _due.limit(sa.bindparam("most", type_=sa.Integer))
_DUE = {False: _due.where(stream_progress.c.attempts == 0), True: _due.where(stream_progress.c.attempts > 0)}
_COUNT_DUE = sa.select(sa.func.count()).select_from(stream_progress).where(_is_due)
_at = sa.case(
    (_full, stream_progress.c.not_before_ms),
    (stream_progress.c.linger_ms > stream_progress.c.not_before_ms, stream_progress.c.linger_ms),
    else_=stream_progress.c.not_before_ms,
)
_NEXT_DUE = sa.select(sa.func.min(_at)).where(stream_progress.c.waiting > 0, _at > _now)


def due(connection: sa.Connection, owner: str, now_ms: int, real_ms: int, most: int) -> list[Due]:
    """Streams that have something to send now and are nobody else's, by their last turn: so many at most that work,
    then as many whose last try failed."""
    values = {"owner_is": owner, "now_ms": now_ms, "real_ms": real_ms, "most": most}
    return [
        Due(app_id, failing) for failing, statement in _DUE.items() for app_id in connection.scalars(statement, values)
    ]


def count_due(connection: sa.Connection, now_ms: int) -> int:
    """How many streams have something to send now, whoever does it."""
    return connection.scalar(_COUNT_DUE, {"now_ms": now_ms}) or 0


def next_due_ms(connection: sa.Connection, now_ms: int) -> int | None:
    """When the next stream has something to send that has nothing now."""
    later: int | None = connection.scalar(_NEXT_DUE, {"now_ms": now_ms})
    return later


def take(connection: sa.Connection, app_id: str, owner: str, real_ms: int, until_ms: int) -> StreamRow | None:
    """Lease a stream; None when somebody else has it, or it is gone."""
    free = sa.or_(stream_progress.c.owner == owner, stream_progress.c.until_ms <= real_ms)
    mine = sa.update(stream_progress).where(stream_progress.c.app_id == app_id, free)
    if connection.execute(mine.values(owner=owner, until_ms=until_ms, turn_ms=real_ms)).rowcount != 1:
        return None
    found = connection.execute(
        sa.select(*[event_streams.c[name] for name in StreamRow._fields]).where(event_streams.c.app_id == app_id)
    ).first()
    return None if found is None else StreamRow(*found)


def renew(connection: sa.Connection, owner: str, until_ms: int) -> None:
    """Go on holding what this process holds."""
    mine = sa.update(stream_progress).where(stream_progress.c.owner == owner)
    connection.execute(mine.values(until_ms=until_ms))


def let_go(connection: sa.Connection, owner: str, app_id: str | None = None) -> None:
    """Let others have a stream, or (None) all that this process holds."""
    mine = sa.update(stream_progress).where(stream_progress.c.owner == owner)
    if app_id is not None:
        mine = mine.where(stream_progress.c.app_id == app_id)
    connection.execute(mine.values(owner="", until_ms=0))


def calm(connection: sa.Connection, app_id: str, linger_ms: int, batch: int) -> None:
    """All is well. What waits and fills no batch of so many records is sent at `linger_ms`."""
    mine = sa.update(stream_progress).where(stream_progress.c.app_id == app_id)
    values = {"attempts": 0, "not_before_ms": 0, "failing_ms": None, "linger_ms": linger_ms, "batch": batch}
    connection.execute(mine.values(values))


def fail(connection: sa.Connection, app_id: str, failure: Failure, now_ms: int) -> None:
    """A try failed. Since when they fail is remembered."""
    mine = sa.update(stream_progress).where(stream_progress.c.app_id == app_id)
    values = {
        "attempts": failure.attempts,
        "not_before_ms": failure.not_before_ms,
        "error_code": failure.code,
        "error": failure.message,
        "error_ms": now_ms,
        "failing_ms": sa.func.coalesce(stream_progress.c.failing_ms, now_ms),
    }
    connection.execute(mine.values(values))


def attempts(connection: sa.Connection, app_id: str) -> int:
    """How many tries have failed in a row."""
    return connection.scalar(sa.select(stream_progress.c.attempts).where(stream_progress.c.app_id == app_id)) or 0


def hold(connection: sa.Connection, app_id: str, owner: str) -> None:
    """Take hold of a stream's progress, so that nobody else changes it in this transaction. Raises LeaseLost."""
    mine = sa.select(stream_progress.c.owner).where(stream_progress.c.app_id == app_id).with_for_update()
    if connection.scalar(mine) != owner:
        raise LeaseLost("the event stream is delivered by another process, or gone")
