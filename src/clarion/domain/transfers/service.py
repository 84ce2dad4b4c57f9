"""Verbs of transfers: ask for an import or an export, look at it, cancel it."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core import pages
from clarion.core.clock import Clock
from clarion.core.errors import Conflict, NotFound, TooMany
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.domain.apps.model import App
from clarion.domain.apps.service import Apps
from clarion.domain.segments.service import Segments
from clarion.domain.transfers import store
from clarion.domain.transfers.model import (
    CANCELLED,
    END_IMPORT,
    EXPORT_PIECE,
    PLAN_IMPORT,
    PLAN_RECORD,
    Definition,
    Failure,
    Job,
    Kind,
    Piece,
    RecordExport,
    Turn,
    check_export,
    check_import,
    imported_from,
    segment_name,
)
from clarion.domain.transfers.report import Reports
from clarion.domain.transfers.uploads import Uploads
from clarion.engine.jobs import Jobs
from clarion.shapes.pinpoint import ExportJobRequest, ImportJobRequest
from clarion.store.database import Database


class Described(NamedTuple):
    """A transfer, and the first of what was refused."""

    job: Job
    failures: list[str]


class Progress(NamedTuple):
    """A transfer and how far each of its pieces is."""

    described: Described
    pieces: list[Piece]


Page = tuple[list[Described], str | None]
"""Items and the token of the next page."""


class Transfers:
    """The imports and exports of every app. `most` may run at once in an account (0: any number)."""

    def __init__(
        self,
        database: Database,
        apps: Apps,
        segments: Segments,
        reports: Reports,
        uploads: Uploads,
        jobs: Jobs,
        *,
        clock: Clock,
        ids: Ids,
        most: int = 10,
    ) -> None:
        self._database = database
        self._apps = apps
        self._segments = segments
        self._reports = reports
        self._uploads = uploads
        self._jobs = jobs
        self._clock = clock
        self._ids = ids
        self._most = most
        apps.on_delete(self._app_deleted)

    def create_import(self, scope: Scope, app_id: str, sent: ImportJobRequest) -> Job:
        """Ask for an import. Raises Invalid, NotFound for project or segment, TooMany when too many run."""
        definition = check_import(sent, scope.account)
        self._uploads.check(app_id, "S3Url", definition.s3_url)

        def work(connection: sa.Connection) -> Job:
            job = self._add(connection, scope, app_id, "IMPORT", Definition(imported=definition))
            if definition.define_segment:
                imported = imported_from(definition, 0, {})
                segment_id = self._segments.begin_list(
                    connection, scope, app_id, definition.segment_id, segment_name(definition), imported, job.seq
                )
                known = msgspec.structs.replace(definition, segment_id=segment_id)
                encoded = msgspec.json.encode(Definition(imported=known))
                store.change(connection, job.id, segment_id=segment_id, definition=encoded)
                job = job._replace(segment_id=segment_id, definition=encoded)
            self._begin(connection, PLAN_IMPORT, job)
            return job

        return self._database.write(work)

    def create_export(self, scope: Scope, app_id: str, sent: ExportJobRequest) -> Job:
        """Ask for an export. Raises Invalid, NotFound for project or segment, TooMany when too many run."""
        definition = check_export(sent)
        self._uploads.check(app_id, "S3UrlPrefix", definition.s3_url_prefix)

        def work(connection: sa.Connection) -> Job:
            exported = definition
            if (segment_id := definition.segment_id) is not None:
                segment = self._segments.check(connection, scope, app_id, segment_id, definition.segment_version)
                exported = msgspec.structs.replace(definition, segment_version=segment.version)
            job = self._add(connection, scope, app_id, "EXPORT", Definition(exported=exported), segment_id)
            self._begin(connection, EXPORT_PIECE, job)
            return job

        return self._database.write(work)

    def create_record_export(self, scope: Scope, app_id: str, wanted: RecordExport) -> Job:
        """Ask for an export of events. Raises Invalid, NotFound for the project, TooMany when too many run."""
        self._uploads.check(app_id, "Url", wanted.url)

        def work(connection: sa.Connection) -> Job:
            job = self._add(connection, scope, app_id, "RECORD", Definition(record=wanted))
            self._begin(connection, PLAN_RECORD, job)
            return job

        return self._database.write(work)

    def get(self, scope: Scope, app_id: str, kind: Kind, job_id: str) -> Described:
        """One transfer; raises NotFound."""

        def work(connection: sa.Connection) -> Described:
            return self._described(connection, self._get(connection, scope, app_id, kind, job_id))

        return self._database.read(work)

    def page(
        self, scope: Scope, app_id: str, kind: Kind, segment_id: str | None, size: str | None, token: str | None
    ) -> Page:
        """The transfers of a project, or of one of its segments, newest first."""
        limit = pages.page_size(size)
        key = pages.decode_token("transfers", token, [int])

        def work(connection: sa.Connection) -> Page:
            self._apps.check(connection, scope, app_id)
            if segment_id is not None:
                self._segments.check(connection, scope, app_id, segment_id)
            before = None if key is None else int(key[0])
            rows = store.page(connection, app_id, kind, segment_id, before, limit + 1)
            found, following = pages.cut(rows, limit, "transfers", lambda job: (job.seq,))
            return [self._described(connection, job) for job in found], following

        return self._database.read(work)

    def cancel(self, scope: Scope, app_id: str, kind: Kind, job_id: str) -> Described:
        """End a transfer where it is; what it has written stays. Raises NotFound, Conflict when it has ended.

        Of an import the report and the size of the segment follow.
        """

        def work(connection: sa.Connection) -> Described:
            job = self._get(connection, scope, app_id, kind, job_id, lock=True)
            if job.ended:
                raise Conflict(f"the job has ended: {job.status}")
            store.change(connection, job.id, status="FAILED", reason=CANCELLED, completed_ms=self._clock.now_ms())
            if kind == "IMPORT":
                self._begin(connection, END_IMPORT, job)
            return self._described(connection, self._get(connection, scope, app_id, kind, job_id))

        return self._database.write(work)

    def failures(
        self, scope: Scope, app_id: str, job_id: str, token: str | None, size: int = 1_000
    ) -> tuple[list[tuple[str, Failure]], str | None]:
        """What an import refused, with the object of each row, and the token of the next page."""
        key = pages.decode_token("failures", token, [int, int, int])
        begin = store.Place() if key is None else store.Place(*map(int, key))

        def work(connection: sa.Connection) -> tuple[list[tuple[str, Failure]], str | None]:
            job = self._get(connection, scope, app_id, "IMPORT", job_id)
            urls = {piece.number: piece.url for piece in store.pieces(connection, job.id)}
            found: list[tuple[str, Failure]] = []
            for place, failure in store.failures(connection, job.id, begin):
                if len(found) == size:
                    return found, pages.encode_token("failures", *place)
                found.append((urls[failure.piece], failure))
            return found, None

        return self._database.read(work)

    def progress(self, scope: Scope, app_id: str, kind: Kind, job_id: str) -> Progress:
        """A transfer with its pieces."""

        def work(connection: sa.Connection) -> Progress:
            job = self._get(connection, scope, app_id, kind, job_id)
            return Progress(self._described(connection, job), store.pieces(connection, job.id))

        return self._database.read(work)

    def _add(
        self,
        connection: sa.Connection,
        scope: Scope,
        app_id: str,
        kind: Kind,
        definition: Definition,
        segment_id: str | None = None,
    ) -> Job:
        self._apps.check(connection, scope, app_id)
        if self._most and store.running(connection, scope.account, scope.region, kind) >= self._most:
            raise TooMany(f"an account has at most {self._most} {kind.lower()} jobs running")
        values = {
            "id": self._ids.hex32(),
            "app_id": app_id,
            "account": scope.account,
            "region": scope.region,
            "kind": kind,
            "segment_id": segment_id,
            "status": "CREATED",
            "created_ms": self._clock.now_ms(),
            "definition": msgspec.json.encode(definition),
        }
        return store.insert(connection, values)

    def _begin(self, connection: sa.Connection, kind: str, job: Job) -> None:
        self._jobs.enqueue(connection, kind, Turn(job.id), due_ms=self._clock.now_ms(), key=f"transfer:{job.id}:0")

    def _get(
        self, connection: sa.Connection, scope: Scope, app_id: str, kind: Kind, job_id: str, *, lock: bool = False
    ) -> Job:
        self._apps.check(connection, scope, app_id)
        job = store.get(connection, app_id, job_id, lock=lock)
        if job is None or job.kind != kind:
            raise NotFound()
        return job

    def _described(self, connection: sa.Connection, job: Job) -> Described:
        return Described(job, self._reports.first(connection, job))

    def _app_deleted(self, connection: sa.Connection, app: App) -> None:
        store.erase(connection, app.id)
        self._database.after_commit(connection, lambda: self._uploads.drop(app.id))
