"""Emptying the big tables of a deleted project, a chunk in a transaction, so that nobody waits for it.

It is done twice. A process may believe in a project for seconds after another one has deleted it, and messages that
were being handed over are recorded when they are; what came in so is removed the second time.
"""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.scope import Scope
from clarion.domain.apps.model import App
from clarion.domain.apps.service import ERASE, Apps, Erase, Eraser
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.database import Database

CHUNK_ROWS = 1_000
CHUNKS_A_RUN = 20
LATER_MS = 15 * 60_000


class AppJobs:
    """The handler of `apps.erase`."""

    def __init__(self, database: Database, apps: Apps, jobs: Jobs, *, clock: Clock) -> None:
        self._database = database
        self._apps = apps
        self._jobs = jobs
        self._clock = clock
        jobs.register(ERASE, self.erase)

    def erase(self, job: LeasedJob) -> None:
        """Erase some chunks; while that was not all, the job comes back for more."""
        args = job.decode(Erase)
        if args.late:
            app = App(Scope(args.account, args.region), args.app_id, "", 0)
            self._database.write(lambda connection: self._apps.remove(connection, app))
        left = CHUNKS_A_RUN
        for erase in self._apps.erasers:
            while self._chunk(erase, args.app_id):
                left -= 1
                if not left:
                    self._database.write(lambda connection: self._again(connection, job, args))
                    return
        if not args.late:
            late = msgspec.structs.replace(args, late=True)
            self._database.write(lambda connection: self._again(connection, job, late, LATER_MS))

    def _chunk(self, erase: Eraser, app_id: str) -> int:
        return self._database.write(lambda connection: erase(connection, app_id, CHUNK_ROWS))

    def _again(self, connection: sa.Connection, job: LeasedJob, args: Erase, after_ms: int = 0) -> None:
        job.finish(connection)
        self._jobs.enqueue(connection, ERASE, args, due_ms=self._clock.now_ms() + after_ms, key=job.key)
