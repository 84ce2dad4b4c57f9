"""Histories for charts: what apps reported, and the endpoints it came from, put into the columnar store."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from clarion.core.clock import VirtualClock, to_ms
from clarion.core.errors import NotFound
from clarion.core.scope import Scope
from clarion.domain.analytics.charts.activity.kept import ACTIVITY
from clarion.domain.analytics.charts.activity.sealing import SESSIONS
from clarion.domain.analytics.charts.answers import Answer, Row
from clarion.domain.analytics.charts.asked import Wanted
from clarion.domain.analytics.charts.model import Condition
from clarion.domain.analytics.charts.service import Charts
from clarion.domain.analytics.kept import MESSAGES
from clarion.domain.audience import columnar as audience_columnar
from clarion.domain.events import columnar as events_columnar
from clarion.domain.events.model import EventRow, tokens
from clarion.domain.events.reported import ROWS, encode_rows
from clarion.domain.events.sink import sinks
from clarion.engine.log import LogRow
from clarion.store.columnar import Columnar
from clarion.store.columnar.derived import create

APP = "app"
SCOPE = Scope("000000000001", "eu-central-1")
NOW = datetime(2027, 3, 31, 12, tzinfo=UTC)
DAYS = 90
DERIVED = (MESSAGES, ACTIVITY, SESSIONS)
TABLES = ("events", "event_repeats", "endpoints", *(one.name for one in DERIVED))
_numbers = itertools.count(1)


class Happened(NamedTuple):
    """An event that an app reported; `at` and `arrival` in Unix ms."""

    endpoint: str
    type: str
    at: int
    id: str
    user: str = ""
    attributes: Mapping[str, str] = {}
    metrics: Mapping[str, float] = {}
    arrival: int = 0
    session: str = ""

    def row(self) -> EventRow:
        return EventRow(
            app_id=APP,
            event_type=self.type,
            event_id=self.id,
            endpoint_key=self.endpoint,
            endpoint_id=self.endpoint,
            user_id=self.user,
            ts=self.at,
            arrival=self.arrival or self.at,
            session_id=self.session,
            kv=tokens(self.attributes),
            metric_names=list(self.metrics),
            metric_values=list(self.metrics.values()),
            campaign_id=self.attributes.get("campaign_id", ""),
            journey_id=self.attributes.get("journey_id", ""),
        )


class History:
    """A columnar store with nothing in it but what is put there, and the charts over it."""

    def __init__(self, columnar: Columnar, now: datetime = NOW) -> None:
        self.columnar = columnar
        for statement in (*audience_columnar.DDL, *events_columnar.ddl(DAYS)):
            columnar.command(statement)
        for one in DERIVED:
            create(columnar, one, DAYS)
        self._sink = sinks(columnar)[ROWS]
        self.clock = VirtualClock(now)
        self.segments: dict[str, Condition] = {}
        apps: Any = _AnyApp()
        self.charts = Charts(columnar, apps, self, lambda app_id: DAYS, self.clock, lambda: None)

    def forget(self) -> None:
        """Empty the store, for the next example of one test."""
        for table in TABLES:
            self.columnar.command(f"TRUNCATE TABLE {table}")

    def happen(self, events: Iterable[Happened]) -> None:
        """Put events into the record, one batch; the same event put twice is recorded twice."""
        self.record([event.row() for event in events])

    def record(self, rows: list[EventRow]) -> None:
        """Put rows of any kind into the record."""
        if rows:
            self._sink.consume([LogRow(1, ROWS, encode_rows(rows), b"")], f"token-{next(_numbers)}")

    def endpoint(self, key: str, **columns: Any) -> None:
        """An endpoint as the mirror has it: `user_id`, `channel_type`, `platform`, `created` (Unix ms) …"""
        columns = {"version": 1, "deleted": 0, "status": "ACTIVE", "opt_out": "NONE", **columns}
        created = columns.pop("created", to_ms(NOW))
        row = {"app_id": APP, "endpoint_key": key, "endpoint_id": key, "created": created / 1000, **columns}
        self.columnar.insert_json("endpoints", msgspec.json.encode(row) + b"\n", token=f"endpoint-{next(_numbers)}")

    def condition(self, scope: Scope, app_id: str, segment_id: str) -> Condition:
        """Of a segment that a test has put into `segments`."""
        if segment_id not in self.segments:
            raise NotFound()
        return self.segments[segment_id]

    def ask(self, chart: str, **wanted: Any) -> Answer:
        """A chart; members as in `asked.Wanted`."""
        return self.charts.ask(SCOPE, chart, Wanted(application_id=APP, **wanted))

    def rows(self, chart: str, **wanted: Any) -> list[Row]:
        return list(self.ask(chart, **wanted).rows)

    def values(self, chart: str, **wanted: Any) -> dict[str, float | None]:
        """The only value of each group of a chart with one value and one group."""
        return {row.groups[0]: row.values[0] for row in self.rows(chart, **wanted)}


class _AnyApp:
    def require(self, scope: Scope, app_id: str) -> None:
        if app_id != APP:
            raise NotFound()


def at(text: str) -> int:
    """Unix ms of a UTC time such as `03-08 09:00`, of 2027; seconds and milliseconds if given."""
    return to_ms(datetime.fromisoformat(f"2027-{text}").replace(tzinfo=UTC))
