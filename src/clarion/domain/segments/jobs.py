"""Erasing what a deleted project or imported segment has in the columnar store: by a job, as that takes its time.

The names of snapshots are in the state database; their rows there go last, so that a crash forgets none of them.
"""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.domain.apps.model import App
from clarion.domain.apps.service import Apps
from clarion.domain.segments import store
from clarion.domain.segments.columnar import Endpoints
from clarion.domain.segments.service import Segments
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.columnar import Columnar
from clarion.store.database import Database

ERASE = "segments.erase"
CHUNK = 1_000


class Erase(msgspec.Struct, kw_only=True):
    """Arguments of `segments.erase`: all snapshots of a project ("": of none), the lists of imported segments."""

    app_id: str = ""
    lists: list[str] = []
    version: int = 1


class SegmentsJobs:
    """Sees to it that nothing is left of deleted projects and segments."""

    def __init__(
        self, database: Database, columnar: Columnar, apps: Apps, segments: Segments, jobs: Jobs, *, clock: Clock
    ) -> None:
        self._database = database
        self._endpoints = Endpoints(columnar)
        self._jobs = jobs
        self._clock = clock
        jobs.register(ERASE, self.erase)
        segments.on_delete(self._segment_deleted)
        apps.on_delete(self._app_deleted)

    def erase(self, job: LeasedJob) -> None:
        """Erase the lists, then the snapshots, some at a time."""
        args = job.decode(Erase)
        if args.lists:
            self._endpoints.drop_lists(args.lists)
        while taken := self._database.read(lambda c: store.snapshots_of(c, args.app_id, CHUNK)):
            self._endpoints.drop([one.kept_as for one in taken])
            self._database.write(lambda c, ids=[one.id for one in taken]: store.drop_snapshots(c, ids))  # type: ignore[misc]

    def _segment_deleted(self, connection: sa.Connection, app_id: str, segment_id: str) -> None:
        segment = store.get(connection, app_id, segment_id)
        if segment is not None and segment.kind == "IMPORT":
            self._enqueue(connection, Erase(lists=[segment_id]))

    def _app_deleted(self, connection: sa.Connection, app: App) -> None:
        lists = store.imported(connection, app.id)
        store.delete_app(connection, app.id)
        self._enqueue(connection, Erase(app_id=app.id, lists=lists))

    def _enqueue(self, connection: sa.Connection, args: Erase) -> None:
        self._jobs.enqueue(connection, ERASE, args, due_ms=self._clock.now_ms())
