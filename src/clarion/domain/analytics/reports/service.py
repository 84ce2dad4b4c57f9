"""Saved reports: a chart or a dashboard with what is asked of it, under a name, to be asked again and again.

Members are those of a query of the chart. `LastDays` says the range from now backwards, so that it moves along; whoever
asks may say another range.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.errors import Conflict, Invalid, NotFound, TooMany
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.domain.analytics.charts.answers import Answer
from clarion.domain.analytics.charts.asked import Wanted
from clarion.domain.analytics.charts.service import Charts
from clarion.domain.analytics.ranges import zone_of
from clarion.domain.analytics.reports import store
from clarion.domain.analytics.reports.answering import ask_all, check_all, dashboard
from clarion.domain.analytics.reports.store import Saved
from clarion.domain.apps.model import App
from clarion.domain.apps.service import Apps
from clarion.store.database import Database
from clarion.wire.explain import explain

MOST = 500
"""Reports of a project."""

_MEMBERS = frozenset(Wanted.__struct_encode_fields__) - {"ApplicationId"}


class Asks(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """What a report asks for: a chart or a dashboard, with `members` of a query, of the last so many days if given."""

    chart: str | None = None
    dashboard: str | None = None
    members: dict[str, Any] = {}
    last_days: int | None = None


class Reports:
    """The reports of all projects."""

    def __init__(self, database: Database, apps: Apps, charts: Charts, clock: Clock, ids: Ids) -> None:
        self._database = database
        self._apps = apps
        self._charts = charts
        self._clock = clock
        self._ids = ids
        apps.on_delete(self._app_deleted)

    def save(self, scope: Scope, app_id: str, name: str, asks: Asks, id: str | None = None) -> Saved:
        """Save a new report, or in place of the one of this id. Raises Invalid for what cannot be asked, NotFound for
        an unknown project, report, chart or segment, Conflict when another has the name."""
        self._apps.require(scope, app_id)
        self._check(scope, app_id, asks)
        now = self._clock.now_ms()

        def work(connection: sa.Connection) -> Saved:
            self._apps.check(connection, scope, app_id)
            old = None if id is None else _found(store.get(connection, app_id, id))
            other = store.named(connection, app_id, name)
            if other is not None and other.id != id:
                raise Conflict(f"Name: there is a report {name} already")
            if old is None and store.count(connection, app_id) >= MOST:
                raise TooMany(f"a project has at most {MOST} reports")
            created = now if old is None else old.created_ms
            said = msgspec.to_builtins(asks)
            saved = Saved(app_id, id or self._ids.hex32(), name, created, now, said)
            store.put(self._database, connection, saved)
            return saved

        return self._database.write(work)

    def all(self, scope: Scope, app_id: str) -> Sequence[Saved]:
        """Those of a project, by name. Raises NotFound for an unknown project."""
        self._apps.require(scope, app_id)
        return self._database.read(lambda connection: store.of_app(connection, app_id))

    def get(self, scope: Scope, app_id: str, id: str) -> Saved:
        """One of them; raises NotFound."""
        self._apps.require(scope, app_id)
        return _found(self._database.read(lambda connection: store.get(connection, app_id, id)))

    def delete(self, scope: Scope, app_id: str, id: str) -> None:
        """Delete one; raises NotFound."""
        self._apps.require(scope, app_id)
        if not self._database.write(lambda connection: store.remove(connection, app_id, id)):
            raise NotFound()

    def ask(self, scope: Scope, saved: Saved, range: Mapping[str, str]) -> Sequence[Answer]:
        """What a report comes to now; `range` are `StartTime`, `EndTime`, `TimeZone` to take the place of its own.
        Raises as `Charts.ask`."""
        asks = msgspec.convert(saved.asks, Asks)
        wanted = self._wanted(saved.app_id, asks, range)
        if asks.dashboard is not None:
            return ask_all(self._charts, scope, dashboard(asks.dashboard), wanted)
        return [self._charts.ask(scope, asks.chart or "", wanted)]

    def _check(self, scope: Scope, app_id: str, asks: Asks) -> None:
        if (asks.chart is None) == (asks.dashboard is None):
            raise Invalid("Chart or Dashboard: give one of them")
        for member in sorted(asks.members.keys() - _MEMBERS):
            raise Invalid(f"Members.{member}: charts have no such member")
        if asks.last_days is not None and {"StartTime", "EndTime"} & asks.members.keys():
            raise Invalid("LastDays: not together with StartTime or EndTime")
        wanted = self._wanted(app_id, asks, {})
        if asks.dashboard is not None:
            check_all(self._charts, scope, dashboard(asks.dashboard), wanted)
        else:
            self._charts.check(scope, asks.chart or "", wanted)

    def _wanted(self, app_id: str, asks: Asks, range: Mapping[str, str]) -> Wanted:
        members: dict[str, Any] = {**asks.members, **range, "ApplicationId": app_id}
        try:
            # Numbers may stand as texts, as in a query.
            wanted = msgspec.convert(members, Wanted, strict=False)
        except msgspec.ValidationError as error:
            raise explain(Wanted, members, error, "Members") from None
        if asks.last_days is not None and not {"StartTime", "EndTime"} & range.keys():
            today = self._clock.now().astimezone(zone_of(wanted.time_zone)).date()
            first = today - timedelta(days=asks.last_days - 1)
            wanted = msgspec.structs.replace(wanted, start_time=first.isoformat())
        return wanted

    def _app_deleted(self, connection: sa.Connection, app: App) -> None:
        store.remove(connection, app.id)


def _found(saved: Saved | None) -> Saved:
    if saved is None:
        raise NotFound()
    return saved
