"""What the engine runs of an export of the record.

plan ─→ pieces, spans of time ─→ one object after the other ─→ COMPLETED
                                   ↑ killed: the same piece anew, under the same name
                                   └ cancelled: what is whole stays, what was being written never appears
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import cast

import pyarrow as pa
import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock, iso_ms, perf_seconds
from clarion.core.errors import Invalid, NotFound, Unavailable
from clarion.domain.transfers import store
from clarion.domain.transfers.model import PLAN_RECORD, RECORD_PIECE, Job, Piece, Turn
from clarion.domain.transfers.record.formats import FORMATS
from clarion.domain.transfers.record.windows import Which, Window, windows
from clarion.engine.jobs import ATTEMPTS, Jobs, LeasedJob
from clarion.store.columnar import Columnar
from clarion.store.database import Database
from clarion.store.objects import Objects, Unreadable

PIECE = 500_000
"""Events in one object, about."""

LOOK_SECONDS = 1.0
"""How often it is looked whether a running export has been told to end."""

_log = structlog.get_logger(__name__)


class _Ended(Exception):
    """The export was told to end while a piece of it was being written."""


class RecordExports:
    """The jobs of exports of the record. `catch_up` brings the record up to what was acknowledged."""

    def __init__(
        self,
        database: Database,
        columnar: Columnar,
        objects: Objects,
        jobs: Jobs,
        clock: Clock,
        catch_up: Callable[[], None],
    ) -> None:
        self._database = database
        self._columnar = columnar
        self._objects = objects
        self._jobs = jobs
        self._clock = clock
        self._catch_up = catch_up

    def register(self) -> None:
        """Handle these jobs."""
        self._jobs.register(PLAN_RECORD, self.plan, on_dead=self._given_up)
        self._jobs.register(RECORD_PIECE, self.piece, on_dead=self._given_up)

    def plan(self, job: LeasedJob) -> None:
        """Find out what there is, and cut it into pieces."""
        transfer = self._database.read(lambda c: store.find(c, job.decode(Turn).job_id))
        if transfer is None or transfer.ended:
            self._database.write(job.finish)
            return
        wanted = transfer.record
        self._catch_up()
        which = Which(transfer.app_id, wanted.event_types)
        spans = windows(self._columnar, which, wanted.from_ms, wanted.until_ms, PIECE)
        pieces = [
            Piece(transfer.id, number, object_url(transfer, number), span.events, _tag(span), "waiting", 0, 0, None)
            for number, span in enumerate(spans)
        ]

        def work(connection: sa.Connection) -> None:
            job.finish(connection)
            now = store.find(connection, transfer.id, lock=True)
            if now is None or now.ended:
                return
            store.add_pieces(connection, pieces)
            store.change(connection, transfer.id, status="PROCESSING", pieces=len(pieces))
            self._go_on(connection, transfer.id, 0, len(pieces))

        self._database.write(work)

    def piece(self, job: LeasedJob) -> None:
        """Write one object, and enqueue the next."""
        args = job.decode(Turn)
        transfer, piece = self._database.read(
            lambda c: (store.find(c, args.job_id), store.piece(c, args.job_id, args.piece))
        )
        if transfer is None or transfer.ended or piece is None or piece.state != "waiting":
            self._database.write(job.finish)
            return
        try:
            written = self._write(transfer, piece)
        except _Ended:
            self._database.write(job.finish)
            return
        except (Unreadable, NotFound, Invalid, Unavailable) as error:
            if isinstance(error, Unavailable) and job.attempt < ATTEMPTS:
                raise
            reason = error.message
            self._database.write(lambda connection: self._conclude(connection, job, transfer.id, reason))
            return
        done = piece._replace(state="done", at_line=written)
        self._database.write(lambda connection: self._commit(connection, job, piece, done))

    def _write(self, transfer: Job, piece: Piece) -> int:
        """Write an object; answers how many events are in it. Without any it is not written."""
        wanted = transfer.record
        form = FORMATS[wanted.format]
        begin, end = map(int, piece.tag.split(" "))
        condition, given = Which(transfer.app_id, wanted.event_types).condition(begin, end)
        sql = f"SELECT {form.columns} FROM events WHERE {condition}"  # noqa: S608 - constants, and `Which`
        batches = cast("Generator[pa.RecordBatch, None, None]", self._columnar.stream(sql, given))
        # A stream of rows that is left open would hold up whoever asks the columnar store next.
        with closing(batches):
            first = next(batches, None)
            if first is None:
                return 0
            with self._objects.write(piece.url) as target:
                return form.write(self._watched(transfer.id, first, batches), target)

    def _watched(self, job_id: str, first: pa.RecordBatch, rest: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches, until the export has been told to end."""
        yield first
        looked = perf_seconds()
        for batch in rest:
            if perf_seconds() - looked > LOOK_SECONDS:
                now = self._database.read(lambda connection: store.find(connection, job_id))
                if now is None or now.ended:
                    raise _Ended
                looked = perf_seconds()
            yield batch

    def _commit(self, connection: sa.Connection, job: LeasedJob, before: Piece, after: Piece) -> None:
        job.finish(connection)
        now = store.find(connection, before.job_id, lock=True)
        if now is None or now.ended:
            return
        store.move(connection, before, after)
        store.count(connection, now.id, after.at_line, 0)
        store.change(connection, now.id, pieces_done=now.pieces_done + 1)
        self._go_on(connection, now.id, after.number + 1, now.pieces)

    def _go_on(self, connection: sa.Connection, job_id: str, number: int, pieces: int) -> None:
        if number < pieces:
            turn, key = Turn(job_id, number), f"transfer:{job_id}:0"
            self._jobs.enqueue(connection, RECORD_PIECE, turn, due_ms=self._clock.now_ms(), key=key)
            return
        store.change(connection, job_id, status="COMPLETED", completed_ms=self._clock.now_ms())
        _log.info("transfers.ended", job=job_id, status="COMPLETED")

    def _conclude(self, connection: sa.Connection, job: LeasedJob, job_id: str, reason: str) -> None:
        job.finish(connection)
        self._failed(connection, job_id, reason)

    def _failed(self, connection: sa.Connection, job_id: str, reason: str) -> None:
        now = store.find(connection, job_id, lock=True)
        if now is not None and not now.ended:
            now_ms = self._clock.now_ms()
            store.change(connection, job_id, status="FAILED", completed_ms=now_ms, pieces_failed=1, reason=reason)
            _log.warning("transfers.ended", job=job_id, status="FAILED", reason=reason)

    def _given_up(self, connection: sa.Connection, job: LeasedJob) -> None:
        self._failed(connection, job.decode(Turn).job_id, "a step of it failed too often; the log tells why")


def _tag(span: Window) -> str:
    return f"{span.from_ms} {span.until_ms}"


def object_url(transfer: Job, number: int) -> str:
    """Where an object of the export goes: below the URL, by project, time of asking and number."""
    wanted = transfer.record
    stamp = iso_ms(transfer.created_ms).replace(":", "-").replace(".", "-")
    name = f"events-{stamp}-{transfer.id[:8]}-{number:05}.{FORMATS[wanted.format].suffix}"
    return f"{wanted.url.rstrip('/')}/{transfer.app_id}/{name}"
