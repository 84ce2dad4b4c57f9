"""How long events are kept, project by project."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.scope import Scope
from clarion.domain.apps.model import App
from clarion.domain.apps.service import Apps
from clarion.domain.events.retention import store
from clarion.engine.jobs import Jobs
from clarion.store.database import Database

EXPIRE = "events.expire"

MOST_DAYS = 3650


def schedule(connection: sa.Connection, jobs: Jobs, due_ms: int) -> None:
    """Have old events go at this moment (Unix ms), unless that happens before."""
    jobs.enqueue(connection, EXPIRE, {}, due_ms=due_ms, key=EXPIRE)


class Retention:
    """The days of all projects; `days` is for those that say nothing."""

    def __init__(self, database: Database, apps: Apps, jobs: Jobs, clock: Clock, days: int) -> None:
        self._database = database
        self._apps = apps
        self._jobs = jobs
        self._clock = clock
        self.days = days
        apps.on_delete(self._app_deleted)

    def of(self, app_id: str) -> int:
        """How many days a project's events are kept."""
        return self._database.read(lambda connection: store.get(connection, app_id)) or self.days

    def own(self, scope: Scope, app_id: str) -> int | None:
        """What a project says itself. Raises NotFound for an unknown one."""
        self._apps.require(scope, app_id)
        return self._database.read(lambda connection: store.get(connection, app_id))

    def write(self, scope: Scope, app_id: str, days: int | None) -> None:
        """Have a project's events kept so many days from now on, None: as the settings say. What is older goes soon.
        Raises NotFound for an unknown project."""

        def work(connection: sa.Connection) -> None:
            self._apps.check(connection, scope, app_id)
            if days is None:
                store.remove(connection, app_id)
            else:
                store.put(self._database, connection, app_id, days)
            schedule(connection, self._jobs, self._clock.now_ms())

        self._database.write(work)

    def _app_deleted(self, connection: sa.Connection, app: App) -> None:
        store.remove(connection, app.id)
