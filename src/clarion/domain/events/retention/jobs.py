"""Old events go: the job `events.expire`.

The store itself drops what nobody keeps any more (the TTL of its tables, in real time, some days late because it drops
whole files). Of a project that says for how long, and of the others once somebody's are kept for longer than theirs,
this job deletes what is older, day by day, by the product's clock, and the same of what is derived of events. While no
project says anything there is nothing for it to do.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from clarion.core.clock import DAY_MS, Clock
from clarion.domain.events.retention import store
from clarion.domain.events.retention.service import EXPIRE, Retention, schedule
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.columnar import Columnar
from clarion.store.columnar.derived import Derived, keep
from clarion.store.database import Database

_OLD = "{age} < fromUnixTimestamp64Milli({{before:Int64}}, 'UTC') AND {whose}"
_OWN = "app_id = {app:String}"
_OTHERS = "app_id NOT IN {apps:Array(String)}"


class RetentionJobs:
    """Registers the job with the engine's worker; `derived` are the tables that go with the record."""

    def __init__(
        self,
        database: Database,
        columnar: Columnar,
        retention: Retention,
        jobs: Jobs,
        clock: Clock,
        derived: Sequence[Derived],
    ) -> None:
        self._database = database
        self._columnar = columnar
        self._retention = retention
        self._jobs = jobs
        self._clock = clock
        self._ages = {"events": "arrival"} | {one.name: one.age for one in derived}
        jobs.register(EXPIRE, self.expire)

    def expire(self, job: LeasedJob) -> None:
        """Delete what is too old, and come back in a day while there is a project that says how long."""
        own = self._database.read(store.all)
        longest = max([self._retention.days, *own.values()])
        for table in self._ages:
            keep(self._columnar, table, longest)
        for app_id, days in own.items():
            self._delete(_OWN, days, {"app": app_id})
        if self._retention.days < longest:
            self._delete(_OTHERS, self._retention.days, {"apps": sorted(own)})

        def finish(connection: sa.Connection) -> None:
            job.finish(connection)
            if own:
                schedule(connection, self._jobs, self._clock.now_ms() + DAY_MS)

        self._database.write(finish)

    def _delete(self, whose: str, days: int, given: dict[str, object]) -> None:
        given = {**given, "before": self._clock.now_ms() - days * DAY_MS}
        for table, age in self._ages.items():
            old = _OLD.format(age=age, whose=whose)
            # Looking is far cheaper than deleting, and most days there is nothing.
            if self._columnar.query(f"SELECT 1 FROM {table} WHERE {old} LIMIT 1", given):  # noqa: S608 - constants
                self._columnar.command(f"DELETE FROM {table} WHERE {old}", given)  # noqa: S608 - constants
