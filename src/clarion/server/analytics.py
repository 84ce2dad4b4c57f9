"""The figures of one process, and what else is asked of the record: read here what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from clarion.core.clock import Clock, iso_ms
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.core.settings import Settings
from clarion.domain.analytics.charts.control import ChartsControl
from clarion.domain.analytics.charts.model import Condition
from clarion.domain.analytics.charts.service import Charts
from clarion.domain.analytics.reports.control import ReportsControl
from clarion.domain.analytics.reports.service import Reports
from clarion.domain.analytics.sql.control import SqlControl
from clarion.domain.analytics.sql.service import Limits as SqlLimits
from clarion.domain.analytics.sql.service import Sql
from clarion.domain.analytics.timeline.control import TimelineControl
from clarion.domain.analytics.timeline.model import Entry, Placed
from clarion.domain.analytics.timeline.service import Timeline
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import Endpoint
from clarion.domain.audience.people.holder import Person
from clarion.domain.audience.people.service import People
from clarion.domain.audience.service import Audience
from clarion.domain.events.asking.person import Period, Place
from clarion.domain.events.rejections.jobs import RejectionsJobs
from clarion.domain.events.rejections.keeping import Rejections
from clarion.domain.events.retention.control import RetentionControl
from clarion.domain.events.retention.jobs import RetentionJobs
from clarion.domain.events.retention.service import Retention
from clarion.domain.events.tailing.control import TailControl
from clarion.domain.events.tailing.service import Tail
from clarion.domain.journeys.metrics.moves import Moves
from clarion.domain.journeys.people import names_of
from clarion.domain.segments.service import Segments
from clarion.domain.transfers.record.control import RecordControl
from clarion.domain.transfers.record.jobs import RecordExports
from clarion.domain.transfers.service import Transfers
from clarion.engine.jobs import Jobs
from clarion.engine.log import LogConsumer
from clarion.server.stores import DERIVED
from clarion.store.columnar import Columnar
from clarion.store.database import Database
from clarion.store.objects import Objects
from clarion.wire.control import ControlApi
from clarion.wire.http.refused import Refused


class Base(Protocol):
    """What analytics stand on: parts of `System`."""

    settings: Settings
    clock: Clock
    ids: Ids
    database: Database
    apps: Apps
    audience: Audience
    persons: People
    segments: Segments
    transfers: Transfers
    objects: Objects
    columnar: Columnar
    consumer: LogConsumer
    jobs: Jobs
    rejections: Rejections


class AnalyticsParts:
    """The parts of analytics beside the KPIs of Pinpoint's API."""

    def __init__(self, base: Base) -> None:
        self._base = base
        self.retention = Retention(base.database, base.apps, base.jobs, base.clock, base.settings.events_days)
        self.charts = Charts(
            base.columnar,
            base.apps,
            _SegmentConditions(base.segments),
            self.retention.of,
            base.clock,
            base.consumer.catch_up,
        )
        self.reports = Reports(base.database, base.apps, self.charts, base.clock, base.ids)
        self.tail = Tail(base.database, base.columnar, base.apps, base.rejections, base.clock, base.consumer.catch_up)
        limits = SqlLimits(base.settings.sql_seconds, base.settings.sql_memory_mb)
        self.sql = Sql(base.columnar, base.apps, limits, base.consumer.catch_up)

    def refused(self, refused: Refused) -> None:
        """Keep for the live tail that a request with events was refused."""
        if refused.operation == "PutEvents":
            self._base.rejections.of_request(
                refused.scope,
                refused.labels.get("application-id", ""),
                refused.request_id,
                refused.access_key_id,
                refused.error,
                proven=refused.proven,
            )

    def register(self) -> None:
        """Let the engine's worker do their jobs."""
        base = self._base
        RejectionsJobs(base.database, base.jobs, base.clock)
        RecordExports(
            base.database, base.columnar, base.objects, base.jobs, base.clock, base.consumer.catch_up
        ).register()
        RetentionJobs(base.database, base.columnar, self.retention, base.jobs, base.clock, DERIVED)

    def add_to(self, control: ControlApi) -> None:
        """Add their routes."""
        base = self._base
        RetentionControl(self.retention).add_to(control)
        ChartsControl(self.charts).add_to(control)
        ReportsControl(self.charts, self.reports, base.clock).add_to(control)
        TailControl(self.tail).add_to(control)
        TimelineControl(self._timeline()).add_to(control)
        RecordControl(base.transfers, base.apps, base.objects, base.clock).add_to(control)
        SqlControl(self.sql).add_to(control)

    def _timeline(self) -> Timeline:
        base = self._base
        timeline = Timeline(base.columnar, base.apps, base.audience, base.persons, base.consumer.catch_up)
        timeline.sources.append(_Moves(Moves(base.columnar, base.consumer.catch_up)))
        return timeline


class _Moves:
    """Moves in journeys as a timeline tells them."""

    def __init__(self, moves: Moves) -> None:
        self._moves = moves

    def last(self, person: Person, endpoints: Sequence[Endpoint], period: Period, most: int) -> list[Placed]:
        found = self._moves.of_person(person.app_id, names_of(person), period.before, period.since_ms, most)
        return [
            Placed(
                Place(move.at_ms, place),
                Entry(
                    at=iso_ms(move.at_ms),
                    kind="JOURNEY",
                    outcome=move.outcome,
                    journey_id=move.journey_id,
                    activity_id=move.activity,
                    detail=move.detail,
                    user_id=move.participant[1:] if move.participant.startswith("u") else "",
                    endpoint_id=move.participant[1:] if move.participant.startswith("e") else "",
                ),
            )
            for place, move in found
        ]


class _SegmentConditions:
    """Segments as charts see them."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments

    def condition(self, scope: Scope, app_id: str, segment_id: str) -> Condition:
        found = self._segments.condition(scope, app_id, segment_id)
        return Condition(found.sql, found.parameters)
