"""What the engine runs of an import.

CREATED ─ plan ─→ PROCESSING ─ piece, turn by turn ─→ COMPLETING ─ end ─→ COMPLETED | FAILED
            │                                              (FAILED: an object could not be read, or cancelled)
            └─ nothing to read ─→ FAILED
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock, perf_seconds
from clarion.core.errors import NotFound, Unavailable
from clarion.core.scope import Scope
from clarion.domain.audience.service import Audience
from clarion.domain.segments.service import Segments
from clarion.domain.transfers import store
from clarion.domain.transfers.model import (
    CANCELLED,
    END_IMPORT,
    IMPORT_PIECE,
    PLAN_IMPORT,
    Job,
    Piece,
    Turn,
    imported_from,
    report_url,
    wanted,
)
from clarion.domain.transfers.pace import Pace
from clarion.domain.transfers.report import Reports
from clarion.domain.transfers.source.parsing import Parsed
from clarion.domain.transfers.source.reading import Reading, Readings
from clarion.domain.transfers.source.rows import BadHeader
from clarion.domain.transfers.writing import Writing
from clarion.engine.jobs import ATTEMPTS, Jobs, LeasedJob
from clarion.shapes.pinpoint import SegmentImportResource
from clarion.store.database import Database
from clarion.store.objects import Objects, Unreadable

TURN_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class Imports:
    """The jobs of imports. `catch_up` returns when all that was written is in the columnar store."""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        audience: Audience,
        segments: Segments,
        reports: Reports,
        jobs: Jobs,
        clock: Clock,
        catch_up: Callable[[], None],
    ) -> None:
        self._database = database
        self._objects = objects
        self._segments = segments
        self._reports = reports
        self._jobs = jobs
        self._clock = clock
        self._catch_up = catch_up
        self._pace = Pace(database)
        self._writing = Writing(database, audience, segments)
        self._readings = Readings(objects)

    def register(self) -> None:
        """Handle the jobs of imports."""
        self._jobs.register(PLAN_IMPORT, self.plan, on_dead=self._given_up)
        self._jobs.register(IMPORT_PIECE, self.piece, on_dead=self._piece_given_up)
        self._jobs.register(END_IMPORT, self.end, on_dead=self._given_up)

    def close(self) -> None:
        """Let go of open objects and of the process that parses."""
        self._readings.close()

    # --- plan

    def plan(self, job: LeasedJob) -> None:
        """Find the objects and make a piece of each."""
        args = job.decode(Turn)
        transfer = self._database.write(lambda connection: self._initialized(connection, args.job_id))
        if transfer is None:
            self._database.write(job.finish)
            return
        definition = transfer.imported
        try:
            found = [one for one in self._objects.find(definition.s3_url) if wanted(one.url, definition)]
            reason = None if found else f"{definition.s3_url}: no {definition.format} file is there"
        except (Unreadable, Unavailable) as error:
            if isinstance(error, Unavailable) and job.attempt < ATTEMPTS:
                raise
            found, reason = [], error.message
        pieces = [
            Piece(transfer.id, number, one.url, one.size, one.tag, "waiting", 0, 0, None)
            for number, one in enumerate(found)
        ]

        def work(connection: sa.Connection) -> None:
            job.finish(connection)
            now = store.find(connection, transfer.id, lock=True)
            if now is None or now.ended:
                return
            if reason is not None:
                self._conclude(connection, now, reason)
                return
            store.add_pieces(connection, pieces)
            store.change(connection, transfer.id, status="PROCESSING", pieces=len(pieces))
            for piece in pieces:
                self._go_on(connection, piece)

        self._database.write(work)

    def _initialized(self, connection: sa.Connection, job_id: str) -> Job | None:
        """The import, on its way; None when it has ended."""
        transfer = store.find(connection, job_id, lock=True)
        if transfer is None or transfer.ended:
            return None
        store.change(connection, job_id, status="INITIALIZING")
        return transfer

    # --- piece

    def piece(self, job: LeasedJob) -> None:
        """Import from one object for a while; then let others have a turn."""
        args = job.decode(Turn)
        found = self._database.read(lambda c: (store.find(c, args.job_id), store.piece(c, args.job_id, args.piece)))
        transfer, piece = found
        if transfer is None or transfer.status != "PROCESSING" or piece is None or piece.state != "waiting":
            self._database.write(job.finish)
            return
        try:
            reading = self._readings.take(piece, transfer.imported.format)
            self._read(job, transfer, piece, reading)
        except (Unreadable, Unavailable, BadHeader) as error:
            if isinstance(error, Unavailable) and job.attempt < ATTEMPTS:
                raise
            reason = f"{piece.url}: {error}" if isinstance(error, BadHeader) else error.message
            self._database.write(lambda c: self._end_piece(c, job, transfer.id, args.piece, reason))

    def _read(self, job: LeasedJob, transfer: Job, piece: Piece, reading: Reading) -> None:
        until, pace = perf_seconds() + TURN_SECONDS, self._pace
        try:
            while (batch := reading.batch(pace.lines)) is not None:
                after = piece._replace(at_byte=batch.at_byte, at_line=batch.at_line)
                ends = perf_seconds() > until
                with pace.batch():
                    goes_on = self._carry_out(job, transfer, piece, after, batch.rows, ends=ends)
                piece = after
                if not goes_on:
                    self._readings.keep(piece, reading)
                    return
        except BaseException:
            reading.close()
            raise
        self._database.write(lambda c: self._end_piece(c, job, transfer.id, piece.number, None))

    def _carry_out(
        self, job: LeasedJob, transfer: Job, before: Piece, after: Piece, rows: Parsed, *, ends: bool
    ) -> bool:
        """Write a batch; `ends` the turn. Answers whether this turn goes on."""

        def work(connection: sa.Connection) -> bool:
            goes_on = self._writing.write(connection, transfer, before, after, rows)
            if ends or not goes_on:
                job.finish(connection)
            if ends and goes_on:
                self._go_on(connection, after)
            return goes_on and not ends

        return self._database.write(work)

    def _end_piece(
        self, connection: sa.Connection, job: LeasedJob, job_id: str, number: int, error: str | None
    ) -> None:
        """Close a piece; with the last one, the import."""
        job.finish(connection)
        self._close_piece(connection, job_id, number, error)

    def _close_piece(self, connection: sa.Connection, job_id: str, number: int, error: str | None) -> None:
        transfer = store.find(connection, job_id, lock=True)
        piece = store.piece(connection, job_id, number)
        if transfer is None or transfer.status != "PROCESSING" or piece is None:
            return
        store.move(connection, piece, piece._replace(state="failed" if error else "done", error=error))
        done = transfer.pieces_done + (error is None)
        failed = transfer.pieces_failed + (error is not None)
        store.change(connection, job_id, pieces_done=done, pieces_failed=failed)
        if done + failed == transfer.pieces:
            store.change(connection, job_id, status="FAILING" if failed else "COMPLETING")
            self._enqueue(connection, END_IMPORT, Turn(job_id))

    # --- end

    def end(self, job: LeasedJob) -> None:
        """Write the report, give the segment its size, and say how it went."""
        args = job.decode(Turn)
        transfer = self._database.read(lambda connection: store.find(connection, args.job_id))
        if transfer is None or (transfer.ended and transfer.reason != CANCELLED):
            self._database.write(job.finish)
            return
        reason = transfer.reason
        if transfer.pieces_failed and reason is None:
            pieces = self._database.read(lambda connection: store.pieces(connection, args.job_id))
            reason = next((piece.error for piece in pieces if piece.error), None)
        url = self._reports.write(transfer, report_url(transfer.imported, transfer.id)) if transfer.failed else None
        imported = self._size(transfer)

        def work(connection: sa.Connection) -> None:
            job.finish(connection)
            now = store.find(connection, transfer.id, lock=True)
            if now is None or (now.ended and now.reason != CANCELLED):
                return
            store.change(connection, transfer.id, report_url=url)
            self._conclude(connection, now, now.reason or reason, imported)

        self._database.write(work)

    def _size(self, transfer: Job) -> SegmentImportResource | None:
        """What the segment says of its import, once all of it is in the columnar store."""
        if not transfer.imported.define_segment:
            return None
        self._catch_up()
        size = self._segments.lists.size(transfer.app_id, transfer.segment_id or "", transfer.seq)
        return imported_from(transfer.imported, size.rows, size.channels)

    def _conclude(
        self,
        connection: sa.Connection,
        transfer: Job,
        reason: str | None,
        imported: SegmentImportResource | None = None,
    ) -> None:
        status = "COMPLETED" if reason is None else "FAILED"
        ended_ms = transfer.completed_ms or self._clock.now_ms()
        store.change(connection, transfer.id, status=status, completed_ms=ended_ms, reason=reason)
        if imported is not None and transfer.segment_id is not None:
            scope = Scope(transfer.account, transfer.region)
            try:
                self._segments.complete_list(
                    connection,
                    scope,
                    transfer.app_id,
                    transfer.segment_id,
                    imported,
                    transfer.seq,
                    name=transfer.imported.segment_name,
                    replace=reason is None,
                )
            except NotFound:
                _log.info("transfers.segment_gone", job=transfer.id, segment=transfer.segment_id)
        _log.info("transfers.ended", job=transfer.id, status=status, processed=transfer.processed, reason=reason)

    def _go_on(self, connection: sa.Connection, piece: Piece) -> None:
        self._enqueue(connection, IMPORT_PIECE, Turn(piece.job_id, piece.number))

    def _enqueue(self, connection: sa.Connection, kind: str, turn: Turn) -> None:
        key = f"transfer:{turn.job_id}:{turn.piece}"
        self._jobs.enqueue(connection, kind, turn, due_ms=self._clock.now_ms(), key=key)

    def _given_up(self, connection: sa.Connection, job: LeasedJob) -> None:
        transfer = store.find(connection, job.decode(Turn).job_id, lock=True)
        if transfer is not None and not transfer.ended:
            self._conclude(connection, transfer, "a step of it failed too often; the log tells why")

    def _piece_given_up(self, connection: sa.Connection, job: LeasedJob) -> None:
        args = job.decode(Turn)
        piece = store.piece(connection, args.job_id, args.piece)
        if piece is not None:
            self._close_piece(connection, args.job_id, args.piece, f"{piece.url}: reading it failed too often")
