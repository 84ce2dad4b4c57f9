"""Forgetting rejections when they are old: a job that comes back while there are any."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.core.clock import DAY_MS, Clock
from clarion.domain.events.rejections import store
from clarion.domain.events.rejections.model import KEEP_MS
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.database import Database

EXPIRE = "events.expire_rejections"
CHUNK = 1_000


def schedule_expiry(connection: sa.Connection, jobs: Jobs, clock: Clock) -> None:
    """See to it that what is written now will be forgotten."""
    if not jobs.has(connection, EXPIRE):
        jobs.enqueue(connection, EXPIRE, {}, due_ms=clock.now_ms() + DAY_MS, key=EXPIRE)


class RejectionsJobs:
    """Registers the job with the engine's worker."""

    def __init__(self, database: Database, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock
        jobs.register(EXPIRE, self.expire)

    def expire(self, job: LeasedJob) -> None:
        """Forget what is too old, and come back in a day while anything is left."""
        before = self._clock.now_ms() - KEEP_MS
        while self._database.write(lambda connection: store.expire(connection, before, CHUNK)) == CHUNK:
            pass

        def finish(connection: sa.Connection) -> None:
            job.finish(connection)
            if store.any_left(connection):
                schedule_expiry(connection, self._jobs, self._clock)

        self._database.write(finish)
