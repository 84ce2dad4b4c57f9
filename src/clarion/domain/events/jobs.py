"""Erasing the record of a deleted project: by a job, since the columnar store takes its time over it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.domain.apps.model import App
from clarion.domain.apps.service import Apps
from clarion.domain.events import repeats
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.columnar import Columnar
from clarion.store.columnar.derived import Derived

ERASE = "events.erase"

_DELETE = "DELETE FROM %s WHERE app_id = {app:String}"


class Erase(msgspec.Struct):
    """Arguments of `events.erase`."""

    app_id: str
    version: int = 1


class EventsJobs:
    """Sees to it that a deleted project's events go, and what is `derived` of them. `catch_up` brings the record up to
    the log's end."""

    def __init__(
        self,
        apps: Apps,
        jobs: Jobs,
        columnar: Columnar,
        *,
        clock: Clock,
        catch_up: Callable[[], None],
        derived: Sequence[Derived] = (),
    ) -> None:
        self._tables = ["events", repeats.TABLE, *(one.name for one in derived)]
        self._jobs = jobs
        self._columnar = columnar
        self._clock = clock
        self._catch_up = catch_up
        jobs.register(ERASE, self.erase)
        apps.on_delete(self._app_deleted)

    def erase(self, job: LeasedJob) -> None:
        """Erase everything of one project, also what was still on its way when it was deleted."""
        self._catch_up()
        app_id = job.decode(Erase).app_id
        for table in self._tables:
            self._columnar.command(_DELETE % table, {"app": app_id})

    def _app_deleted(self, connection: sa.Connection, app: App) -> None:
        key = f"{ERASE}:{app.id}"
        self._jobs.enqueue(connection, ERASE, Erase(app.id), due_ms=self._clock.now_ms(), key=key)
