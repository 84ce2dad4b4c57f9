"""Emptying the big tables of a deleted project, a chunk in a transaction, so that nobody waits for it."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.domain.apps.service import ERASE, Apps, Erase, Eraser
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.database import Database

CHUNK_ROWS = 1_000
CHUNKS_A_RUN = 20


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
        app_id = job.decode(Erase).app_id
        left = CHUNKS_A_RUN
        for erase in self._apps.erasers:
            while self._chunk(erase, app_id):
                left -= 1
                if not left:
                    self._database.write(lambda connection: self._again(connection, job))
                    return

    def _chunk(self, erase: Eraser, app_id: str) -> int:
        return self._database.write(lambda connection: erase(connection, app_id, CHUNK_ROWS))

    def _again(self, connection: sa.Connection, job: LeasedJob) -> None:
        job.finish(connection)
        self._jobs.enqueue(connection, ERASE, job.decode(Erase), due_ms=self._clock.now_ms(), key=job.key)
