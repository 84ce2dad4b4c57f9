"""Emptying what a deleted stream has left, some rows in a transaction, so that nobody waits for it."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.domain.streams import backlog
from clarion.domain.streams.service import ERASE, Erase
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.database import Database

ROWS = 500
ROUNDS = 20


class StreamsJobs:
    """The handler of `streams.erase`."""

    def __init__(self, database: Database, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock
        jobs.register(ERASE, self.erase)

    def erase(self, job: LeasedJob) -> None:
        """Erase some rows; while that was not all, the job comes back for more."""
        args = job.decode(Erase)
        for _ in range(ROUNDS):
            if not self._database.write(lambda connection: backlog.erase(connection, args.stream_id, ROWS)):
                return
        self._database.write(lambda connection: self._again(connection, job, args))

    def _again(self, connection: sa.Connection, job: LeasedJob, args: Erase) -> None:
        job.finish(connection)
        self._jobs.enqueue(connection, ERASE, args, due_ms=self._clock.now_ms(), key=job.key)
