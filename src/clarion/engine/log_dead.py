"""Rows of the ingest log that were set aside: kept with the reason, counted, brought back or dropped by command.

| Column       | For                                                                                               |
|--------------|---------------------------------------------------------------------------------------------------|
| error        | what the sink said when it refused this one row; NULL: no process knew the kind. Those come back   |
|              | by themselves when a process that knows it takes over, refused ones when somebody says so.         |
| set_aside_ms | when, in real time                                                                                 |

A row is in `ingest_log` or here, never in both: it moves in one transaction. Back in the log it has a new number.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from clarion.engine.log_batches import ingest_log
from clarion.store.batches import among
from clarion.store.schema import metadata

ingest_dead = sa.Table(
    "ingest_dead",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("note", sa.LargeBinary, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("set_aside_ms", sa.BigInteger, nullable=False),
)

_ERROR_LENGTH = 2_000
_MOVED = ("kind", "body", "note")
_COUNTED = 10_000
_COUNT = sa.select(sa.func.count()).select_from(sa.select(ingest_dead.c.id).limit(_COUNTED).subquery())


class Dead(NamedTuple):
    """A row that was set aside; `error` None: no process knew its kind."""

    id: int
    kind: str
    body: bytes
    note: bytes
    error: str | None
    set_aside_ms: int


def set_aside(connection: sa.Connection, ids: Sequence[int], *, now_ms: int, error: str | None = None) -> None:
    """Move rows out of the log: nobody can take them, or (with `error`) a sink refused them."""
    which = among(connection, ingest_log.c.id, ids)
    said = None if error is None else error[:_ERROR_LENGTH]
    added = (sa.literal(said, sa.Text), sa.literal(now_ms, sa.BigInteger))
    columns = [column.name for column in ingest_dead.columns]
    connection.execute(sa.insert(ingest_dead).from_select(columns, sa.select(ingest_log, *added).where(which)))
    connection.execute(sa.delete(ingest_log).where(which))


def bring_back(connection: sa.Connection, kinds: Collection[str]) -> int:
    """Append again the rows of these kinds that nobody could take before; answers how many."""
    return _again(connection, sa.and_(ingest_dead.c.kind.in_(kinds), ingest_dead.c.error.is_(None)))


def retry(connection: sa.Connection, ids: Sequence[int] | None) -> int:
    """Append these rows again, or (None) all that were set aside; answers how many."""
    return _again(connection, _which(connection, ids))


def drop(connection: sa.Connection, ids: Sequence[int]) -> int:
    """Remove rows that were set aside, for good; answers how many."""
    return connection.execute(sa.delete(ingest_dead).where(_which(connection, ids))).rowcount


def replace(connection: sa.Connection, row_id: int, body: bytes) -> None:
    """Give a row another body."""
    connection.execute(sa.update(ingest_dead).where(ingest_dead.c.id == row_id).values(body=body))


def listed(connection: sa.Connection, *, after: int = 0, limit: int = 100) -> list[Dead]:
    """What was set aside, by ascending number, from the one behind `after`."""
    statement = sa.select(ingest_dead).where(ingest_dead.c.id > after).order_by(ingest_dead.c.id).limit(limit)
    return [Dead(*row) for row in connection.execute(statement)]


def count(connection: sa.Connection) -> int:
    """How many rows were set aside, counted up to ten thousand."""
    return connection.scalar(_COUNT) or 0


def _which(connection: sa.Connection, ids: Sequence[int] | None) -> sa.ColumnElement[bool]:
    return sa.true() if ids is None else among(connection, ingest_dead.c.id, ids)


def _again(connection: sa.Connection, which: sa.ColumnElement[bool]) -> int:
    chosen = list(connection.scalars(sa.select(ingest_dead.c.id).where(which).order_by(ingest_dead.c.id)))
    columns: list[Any] = [ingest_dead.c[name] for name in _MOVED]
    for start in range(0, len(chosen), _TOGETHER):
        these = among(connection, ingest_dead.c.id, chosen[start : start + _TOGETHER])
        again = sa.select(*columns).where(these).order_by(ingest_dead.c.id)
        connection.execute(sa.insert(ingest_log).from_select(list(_MOVED), again))
        connection.execute(sa.delete(ingest_dead).where(these))
    return len(chosen)


_TOGETHER = 1_000
