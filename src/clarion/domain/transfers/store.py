"""Rows of transfers, of their pieces, and of what was refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.domain.transfers.model import ENDED, Failure, Job, Kind, Piece
from clarion.engine.leases import LeaseLost
from clarion.store.batches import insert_rows
from clarion.store.database import Database
from clarion.store.schema import BigId, metadata

transfer_jobs = sa.Table(
    "transfer_jobs",
    metadata,
    sa.Column("seq", BigId, primary_key=True),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("kind", sa.String(6), nullable=False),
    sa.Column("segment_id", sa.String(64)),
    sa.Column("status", sa.String(32), nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("completed_ms", sa.BigInteger),
    sa.Column("definition", sa.LargeBinary, nullable=False),
    sa.Column("pieces", sa.Integer, nullable=False),
    sa.Column("pieces_done", sa.Integer, nullable=False),
    sa.Column("pieces_failed", sa.Integer, nullable=False),
    sa.Column("processed", sa.BigInteger, nullable=False),
    sa.Column("failed", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("report_url", sa.Text),
    sa.Index("ix_transfer_jobs_page", "app_id", "kind", "seq"),
)

transfer_pieces = sa.Table(
    "transfer_pieces",
    metadata,
    sa.Column("job_id", sa.String(32), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("tag", sa.Text, nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("at_byte", sa.BigInteger, nullable=False),
    sa.Column("at_line", sa.BigInteger, nullable=False),
    sa.Column("error", sa.Text),
)

# The refused rows of one batch are one row: [[line, reason], …].
transfer_failures = sa.Table(
    "transfer_failures",
    metadata,
    sa.Column("job_id", sa.String(32), primary_key=True),
    sa.Column("piece", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("line", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("refused", sa.LargeBinary, nullable=False),
)


class Place(NamedTuple):
    """Where a refused row is kept: its piece, the first refused line of its batch, its number among these."""

    piece: int = 0
    first: int = 0
    number: int = 0


FIRST = Place()

_COLUMNS = [transfer_jobs.c[name] for name in Job._fields]
_PIECE = [transfer_pieces.c[name] for name in Piece._fields]


def insert(connection: sa.Connection, values: dict[str, Any]) -> Job:
    """Add a job with nothing done yet."""
    counts = dict.fromkeys(("pieces", "pieces_done", "pieces_failed", "processed", "failed"), 0)
    connection.execute(sa.insert(transfer_jobs), {**counts, **values})
    job = get(connection, values["app_id"], values["id"])
    assert job is not None
    return job


def get(connection: sa.Connection, app_id: str, job_id: str, *, lock: bool = False) -> Job | None:
    """A job of an app. `lock`: nobody else changes it until the transaction ends."""
    statement = sa.select(*_COLUMNS).where(transfer_jobs.c.id == job_id, transfer_jobs.c.app_id == app_id)
    return _one(connection, statement.with_for_update() if lock else statement)


def find(connection: sa.Connection, job_id: str, *, lock: bool = False) -> Job | None:
    """A job of any app."""
    statement = sa.select(*_COLUMNS).where(transfer_jobs.c.id == job_id)
    return _one(connection, statement.with_for_update() if lock else statement)


def page(
    connection: sa.Connection, app_id: str, kind: Kind, segment_id: str | None, before: int | None, limit: int
) -> list[Job]:
    """Jobs of an app, or of one of its segments, newest first, those older than number `before`."""
    statement = sa.select(*_COLUMNS).where(transfer_jobs.c.app_id == app_id, transfer_jobs.c.kind == kind)
    if segment_id is not None:
        statement = statement.where(transfer_jobs.c.segment_id == segment_id)
    if before is not None:
        statement = statement.where(transfer_jobs.c.seq < before)
    rows = connection.execute(statement.order_by(transfer_jobs.c.seq.desc()).limit(limit))
    return [Job(*row) for row in rows]


def running(connection: sa.Connection, account: str, region: str, kind: Kind) -> int:
    """How many jobs of an account have not ended."""
    statement = sa.select(sa.func.count()).select_from(transfer_jobs)
    mine = (transfer_jobs.c.account == account, transfer_jobs.c.region == region, transfer_jobs.c.kind == kind)
    return connection.scalar(statement.where(*mine, transfer_jobs.c.status.not_in(ENDED))) or 0


def change(connection: sa.Connection, job_id: str, **values: Any) -> None:
    """Set columns of a job."""
    connection.execute(sa.update(transfer_jobs).where(transfer_jobs.c.id == job_id).values(**values))


def count(connection: sa.Connection, job_id: str, processed: int, failed: int) -> None:
    """Add to a job's counts. Raises LeaseLost when it has ended: let that undo what was counted."""
    changed = connection.execute(
        sa.update(transfer_jobs)
        .where(transfer_jobs.c.id == job_id, transfer_jobs.c.status.not_in(ENDED))
        .values(processed=transfer_jobs.c.processed + processed, failed=transfer_jobs.c.failed + failed)
    )
    if changed.rowcount != 1:
        raise LeaseLost("the job has ended")


def add_pieces(connection: sa.Connection, pieces: Sequence[Piece]) -> None:
    """Add the pieces of a job."""
    if pieces:
        insert_rows(connection, sa.insert(transfer_pieces), Piece._fields, list(pieces))


def piece(connection: sa.Connection, job_id: str, number: int) -> Piece | None:
    """One piece of a job."""
    statement = sa.select(*_PIECE).where(transfer_pieces.c.job_id == job_id, transfer_pieces.c.number == number)
    row = connection.execute(statement).first()
    return None if row is None else Piece(*row)


def pieces(connection: sa.Connection, job_id: str) -> list[Piece]:
    """All pieces of a job in their order."""
    statement = sa.select(*_PIECE).where(transfer_pieces.c.job_id == job_id).order_by(transfer_pieces.c.number)
    return [Piece(*row) for row in connection.execute(statement)]


def move(connection: sa.Connection, before: Piece, after: Piece) -> None:
    """Record how far a piece is. Raises LeaseLost when it is not where it was: somebody else works on it."""
    changed = connection.execute(
        sa.update(transfer_pieces)
        .where(
            transfer_pieces.c.job_id == before.job_id,
            transfer_pieces.c.number == before.number,
            transfer_pieces.c.state == "waiting",
            transfer_pieces.c.at_byte == before.at_byte,
        )
        .values(state=after.state, at_byte=after.at_byte, at_line=after.at_line, error=after.error)
    )
    if changed.rowcount != 1:
        raise LeaseLost("the piece is in other hands")


def refuse(database: Database, connection: sa.Connection, job_id: str, refused: Sequence[Failure]) -> None:
    """Keep what was refused of one batch."""
    if refused:
        body = msgspec.json.encode([(failure.line, failure.reason) for failure in refused])
        first = refused[0]
        row = {"job_id": job_id, "piece": first.piece, "line": first.line, "refused": body}
        connection.execute(database.insert(transfer_failures).on_conflict_do_nothing(), row)


def failures(connection: sa.Connection, job_id: str, begin: Place = FIRST) -> Iterator[tuple[Place, Failure]]:
    """What was refused, by piece and line, each with its place: from `begin` on."""
    key = sa.tuple_(transfer_failures.c.piece, transfer_failures.c.line)
    statement = (
        sa.select(transfer_failures.c.piece, transfer_failures.c.line, transfer_failures.c.refused)
        .where(transfer_failures.c.job_id == job_id, key >= sa.tuple_(begin.piece, begin.first))
        .order_by(transfer_failures.c.piece, transfer_failures.c.line)
        .execution_options(yield_per=100)
    )
    with connection.execute(statement) as rows:
        for piece, first, refused in rows:
            skip = begin.number if (piece, first) == (begin.piece, begin.first) else 0
            for number, (line, reason) in enumerate(msgspec.json.decode(refused, type=list[tuple[int, str]])):
                if number >= skip:
                    yield Place(piece, first, number), Failure(piece, line, reason)


def erase(connection: sa.Connection, app_id: str) -> None:
    """Remove everything of an app."""
    of_app = sa.select(transfer_jobs.c.id).where(transfer_jobs.c.app_id == app_id)
    for table in (transfer_failures, transfer_pieces):
        connection.execute(sa.delete(table).where(table.c.job_id.in_(of_app)))
    connection.execute(sa.delete(transfer_jobs).where(transfer_jobs.c.app_id == app_id))


def _one(connection: sa.Connection, statement: sa.Select[Any]) -> Job | None:
    row = connection.execute(statement).first()
    return None if row is None else Job(*row)
