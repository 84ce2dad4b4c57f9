"""What the engine runs of an export: one object after the other, in the order of endpoint keys.

Each object is one query for the next so many members behind the last one written, asked at the moment the export
was created: nobody is written twice, and a killed export writes its current object anew.
"""

from __future__ import annotations

import gzip
from collections.abc import Generator
from contextlib import closing
from typing import IO, cast

import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock, iso_ms
from clarion.core.errors import Invalid, NotFound, Unavailable
from clarion.core.scope import Scope
from clarion.domain.segments.service import Segments
from clarion.domain.transfers import store
from clarion.domain.transfers.model import EXPORT_PIECE, Job, Piece, Turn
from clarion.engine.jobs import ATTEMPTS, Jobs, LeasedJob
from clarion.store.database import Database
from clarion.store.objects import Objects, Unreadable, Writing

PIECE = 500_000
"""Endpoints in one object, about 50 MB of gzip."""

_log = structlog.get_logger(__name__)


class Exports:
    """The jobs of exports."""

    def __init__(self, database: Database, objects: Objects, segments: Segments, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._objects = objects
        self._segments = segments
        self._jobs = jobs
        self._clock = clock

    def register(self) -> None:
        """Handle the jobs of exports."""
        self._jobs.register(EXPORT_PIECE, self.piece, on_dead=self._given_up)

    def piece(self, job: LeasedJob) -> None:
        """Write one object, and enqueue the next."""
        args = job.decode(Turn)
        transfer, before = self._database.read(
            lambda c: (store.find(c, args.job_id), store.piece(c, args.job_id, args.piece - 1))
        )
        if transfer is None or transfer.ended:
            self._database.write(job.finish)
            return
        # An export that finds nobody leaves no object; `tag` of a piece is the last key in it.
        url = object_url(transfer, args.piece)
        try:
            last, written = self._write(transfer, url, before.tag if before else "")
        except (Unreadable, NotFound, Invalid, Unavailable) as error:
            if isinstance(error, Unavailable) and job.attempt < ATTEMPTS:
                raise
            reason = error.message
            self._database.write(lambda c: self._conclude(c, job, transfer.id, reason))
            return
        piece = Piece(transfer.id, args.piece, url, written, last, "done", 0, 0, None)
        self._database.write(lambda connection: self._commit(connection, job, transfer, piece))

    def _write(self, transfer: Job, url: str, after: str) -> tuple[str, int]:
        """Write the next members; the key of the last one and how many there were."""
        definition = transfer.exported
        scope = Scope(transfer.account, transfer.region)
        members = self._segments.documents(
            scope,
            transfer.app_id,
            definition.segment_id,
            definition.segment_version,
            after=after,
            limit=PIECE,
            at_ms=transfer.created_ms,
        )
        # A stream of rows that is left open would hold up whoever asks the columnar store next.
        with closing(cast("Generator[object, None, None]", members)):
            page = next(members, None)
            last, written = after, 0
            if page is None:
                return last, written
            with self._objects.write(url) as target, _packed(target) as packed:
                while page is not None:
                    packed.write(page.lines)
                    last, written = page.last, written + page.number
                    page = next(members, None)
        return last, written

    def _commit(self, connection: sa.Connection, job: LeasedJob, transfer: Job, piece: Piece) -> None:
        job.finish(connection)
        now = store.find(connection, transfer.id, lock=True)
        if now is None or now.ended:
            return
        written, more = piece.size, piece.size == PIECE
        if written:
            store.add_pieces(connection, [piece])
        store.count(connection, transfer.id, written, 0)
        pieces = now.pieces + (written > 0)
        if more:
            store.change(connection, transfer.id, status="PROCESSING", pieces=pieces, pieces_done=pieces)
            self._go_on(connection, transfer.id, piece.number + 1)
        else:
            whole = max(pieces, 1)
            now_ms = self._clock.now_ms()
            store.change(
                connection, transfer.id, status="COMPLETED", completed_ms=now_ms, pieces=whole, pieces_done=whole
            )
            _log.info("transfers.ended", job=transfer.id, status="COMPLETED", processed=now.processed + written)

    def _conclude(self, connection: sa.Connection, job: LeasedJob, job_id: str, reason: str) -> None:
        job.finish(connection)
        self._failed(connection, job_id, reason)

    def _failed(self, connection: sa.Connection, job_id: str, reason: str) -> None:
        now = store.find(connection, job_id, lock=True)
        if now is not None and not now.ended:
            store.change(
                connection,
                job_id,
                status="FAILED",
                completed_ms=self._clock.now_ms(),
                pieces=now.pieces + 1,
                pieces_failed=1,
                reason=reason,
            )
            _log.warning("transfers.ended", job=job_id, status="FAILED", reason=reason)

    def _given_up(self, connection: sa.Connection, job: LeasedJob) -> None:
        self._failed(connection, job.decode(Turn).job_id, "a step of it failed too often; the log tells why")

    def _go_on(self, connection: sa.Connection, job_id: str, number: int) -> None:
        self._jobs.enqueue(
            connection, EXPORT_PIECE, Turn(job_id, number), due_ms=self._clock.now_ms(), key=f"transfer:{job_id}:0"
        )


def _packed(target: Writing) -> gzip.GzipFile:
    """Gzip without name and time, so that the same members are the same bytes."""
    return gzip.GzipFile(filename="", fileobj=cast("IO[bytes]", target), mode="wb", compresslevel=4, mtime=0)


def object_url(transfer: Job, number: int) -> str:
    """Where an object of the export goes: below the prefix, by segment or project, time and number."""
    definition = transfer.exported
    stamp = iso_ms(transfer.created_ms).replace(":", "-").replace(".", "-")
    folder = definition.segment_id or transfer.app_id
    return f"{definition.s3_url_prefix.rstrip('/')}/{folder}/{stamp}-{transfer.id[:8]}-{number}.json.gz"
