"""How many endpoints a user may have, project by project: what a project says itself, else what the settings say.

Every write of an endpoint asks, so a project's row is kept in memory and believed for a while.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import sqlalchemy as sa

from clarion.core.clock import perf_seconds
from clarion.core.scope import Scope
from clarion.domain.apps.model import App
from clarion.domain.apps.service import Apps
from clarion.domain.audience.roster import Policy
from clarion.store.database import Database
from clarion.store.schema import metadata

STALE_SECONDS = 2.0
"""How long a change that another process made may go unnoticed."""

_MOST_CACHED = 10_000

Mode = Literal["strict", "retire"]

audience_policies = sa.Table(
    "audience_policies",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    # NULL: as the settings say.
    sa.Column("endpoints_per_user", sa.Integer),
    sa.Column("mode", sa.String(16)),
)


class Own(NamedTuple):
    """What a project says itself; None where it leaves that to the settings."""

    endpoints_per_user: int | None = None
    mode: Mode | None = None


class Policies:
    """The policies of all projects. `settings` is for those that say nothing."""

    def __init__(self, database: Database, apps: Apps, settings: Policy) -> None:
        self._database = database
        self._apps = apps
        self._settings = settings
        self._cache: dict[str, tuple[Policy, float]] = {}
        apps.on_delete(self._app_deleted)

    def of(self, connection: sa.Connection, app_id: str) -> Policy:
        """What holds for a project now; from memory when it can be."""
        known = self._cache.get(app_id)
        if known is not None and known[1] > perf_seconds():
            return known[0]
        policy = self.applied(_own(connection, app_id))
        if len(self._cache) >= _MOST_CACHED:
            self._cache.clear()
        self._cache[app_id] = (policy, perf_seconds() + STALE_SECONDS)
        return policy

    def applied(self, own: Own) -> Policy:
        """The settings with what a project says itself in their place."""
        most = self._settings.endpoints_per_user if own.endpoints_per_user is None else own.endpoints_per_user
        return Policy(most, self._settings.retire if own.mode is None else own.mode == "retire")

    def own(self, scope: Scope, app_id: str) -> Own:
        """What a project says itself. Raises NotFound for an unknown one."""
        self._apps.require(scope, app_id)
        return self._database.read(lambda connection: _own(connection, app_id))

    def write(self, scope: Scope, app_id: str, own: Own) -> None:
        """Have a project say this from now on. Raises NotFound for an unknown one."""

        def work(connection: sa.Connection) -> None:
            self._apps.check(connection, scope, app_id)
            statement = self._database.insert(audience_policies)
            changed = {name: statement.excluded[name] for name in own._fields}
            statement = statement.on_conflict_do_update(index_elements=[audience_policies.c.app_id], set_=changed)
            connection.execute(statement, {"app_id": app_id, **own._asdict()})
            self._database.after_commit(connection, lambda: self._forget(app_id))

        self._database.write(work)

    def _app_deleted(self, connection: sa.Connection, app: App) -> None:
        connection.execute(sa.delete(audience_policies).where(audience_policies.c.app_id == app.id))
        self._database.after_commit(connection, lambda: self._forget(app.id))

    def _forget(self, app_id: str) -> None:
        self._cache.pop(app_id, None)


def _own(connection: sa.Connection, app_id: str) -> Own:
    columns = (audience_policies.c.endpoints_per_user, audience_policies.c.mode)
    row = connection.execute(sa.select(*columns).where(audience_policies.c.app_id == app_id)).first()
    return Own() if row is None else Own(*row)
