"""The ingest log's rows and its open batch, in SQL.

A batch is written down before it is handed to anybody: its token and exactly which rows are in it. So
whoever picks it up after a crash delivers the same rows under the same token. A new batch always takes slot 1,
which makes two consumers collide instead of splitting the log between them.

A batch that a sink refuses is split, and the slots become a stack: the later half stays in the slot, the earlier
half is put on top. So rows keep their order, and nothing new is planned until slot 1 is free again.

Rows are named by number and never by "up to here": on PostgreSQL a lower number may become visible after a
higher one, and then simply lands in a later batch.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.engine.leases import LeaseLost
from clarion.store.batches import among
from clarion.store.database import Database
from clarion.store.schema import BigId, metadata

ingest_log = sa.Table(
    "ingest_log",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("note", sa.LargeBinary, nullable=False),
    # Without it SQLite gives out the numbers of deleted rows again.
    sqlite_autoincrement=True,
)

ingest_batches = sa.Table(
    "ingest_batches",
    metadata,
    sa.Column("slot", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("token", sa.Text, nullable=False),
    sa.Column("runs", sa.Text, nullable=False),
)

_SLOT = 1

_TOP = (
    sa.select(ingest_batches.c.token, ingest_batches.c.runs, ingest_batches.c.slot)
    .order_by(ingest_batches.c.slot.desc())
    .limit(1)
)


class LogRow(NamedTuple):
    """One appended row."""

    id: int
    kind: str
    body: bytes
    note: bytes


class Batch(NamedTuple):
    """Rows to be delivered together. `runs` are (first, last) of unbroken runs of row numbers."""

    token: str
    runs: list[tuple[int, int]]
    slot: int = _SLOT


class Waiting(NamedTuple):
    """The oldest rows: those of a next batch, those (with their kind) nobody has a sink for, whether it is full."""

    ids: list[int]
    unknown: list[tuple[int, str]]
    full: bool


def waiting(connection: sa.Connection, kinds: Collection[str], most_rows: int, most_bytes: int) -> Waiting:
    """Choose the next batch: at most so many rows and bytes, at least one row."""
    size = sa.func.length(ingest_log.c.body) + sa.func.length(ingest_log.c.note)
    rows = connection.execute(
        sa.select(ingest_log.c.id, ingest_log.c.kind, size).order_by(ingest_log.c.id).limit(most_rows)
    )
    ids: list[int] = []
    unknown: list[tuple[int, str]] = []
    total = 0
    seen = 0
    for row_id, kind, length in rows:
        seen += 1
        if kind not in kinds:
            unknown.append((row_id, kind))
            continue
        total += length
        if ids and total > most_bytes:
            return Waiting(ids, unknown, full=True)
        ids.append(row_id)
    return Waiting(ids, unknown, full=seen == most_rows)


def open_batch(connection: sa.Connection) -> Batch | None:
    """The batch that is planned and not finished; of one that was split, the part that is next."""
    row = connection.execute(_TOP).first()
    if row is None:
        return None
    return Batch(row.token, msgspec.json.decode(row.runs, type=list[tuple[int, int]]), row.slot)


def plan(connection: sa.Connection, database: Database, token: str, ids: Sequence[int]) -> Batch | None:
    """Write down a batch of these rows; None when another consumer has one open."""
    batch = Batch(token, _runs(ids))
    values = _values(batch)
    statement = database.insert(ingest_batches).values(values).on_conflict_do_nothing(index_elements=["slot"])
    written = connection.execute(statement.returning(ingest_batches.c.slot)).first() is not None
    return batch if written else None


def read(connection: sa.Connection, batch: Batch) -> list[LogRow]:
    """The rows of a batch in their order."""
    found: list[LogRow] = []
    for first, last in batch.runs:
        statement = sa.select(ingest_log).where(ingest_log.c.id.between(first, last)).order_by(ingest_log.c.id)
        found.extend(LogRow(*row) for row in connection.execute(statement))
    return found


def finish(connection: sa.Connection, batch: Batch) -> None:
    """Delete a delivered batch and its rows. Raises LeaseLost when another consumer has done so."""
    _close(connection, batch)
    for first, last in batch.runs:
        connection.execute(sa.delete(ingest_log).where(ingest_log.c.id.between(first, last)))


def split(connection: sa.Connection, batch: Batch, refused: Sequence[int], tokens: tuple[str, str]) -> None:
    """Put two batches in the place of one of which `refused` (ascending, two at least) was not taken.

    What was taken is deleted; what was refused has never been stored, so new tokens repeat nothing. Raises LeaseLost
    as `finish` does.
    """
    _close(connection, batch)
    kept = set(refused)
    taken = [number for first, last in batch.runs for number in range(first, last + 1) if number not in kept]
    if taken:
        connection.execute(sa.delete(ingest_log).where(among(connection, ingest_log.c.id, taken)))
    half = len(refused) // 2
    later = Batch(tokens[1], _runs(refused[half:]), batch.slot)
    earlier = Batch(tokens[0], _runs(refused[:half]), batch.slot + 1)
    connection.execute(sa.insert(ingest_batches), [_values(later), _values(earlier)])


def _close(connection: sa.Connection, batch: Batch) -> None:
    gone = connection.execute(sa.delete(ingest_batches).where(ingest_batches.c.token == batch.token))
    if gone.rowcount != 1:
        raise LeaseLost("the ingest batch has been finished by another process")


def _values(batch: Batch) -> dict[str, Any]:
    return {"slot": batch.slot, "token": batch.token, "runs": msgspec.json.encode(batch.runs).decode()}


def _runs(ids: Sequence[int]) -> list[tuple[int, int]]:
    """The unbroken runs of ascending numbers."""
    runs: list[tuple[int, int]] = []
    for number in ids:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs
