"""The journeys of one process: read here what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from clarion.channels.calls.service import Callouts
from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.analytics.service import Kpis
from clarion.domain.apps.channels import Channels
from clarion.domain.apps.service import Apps
from clarion.domain.audience.service import Audience
from clarion.domain.events.figures import Figures
from clarion.domain.events.service import Events
from clarion.domain.journeys.activities.port import Tools
from clarion.domain.journeys.calling.dialler import Calling
from clarion.domain.journeys.conditions.judging import Judging
from clarion.domain.journeys.drawing.control import DrawingControl
from clarion.domain.journeys.drawing.service import Drawings
from clarion.domain.journeys.entry.entering import Entering
from clarion.domain.journeys.entry.hearing import Hearing
from clarion.domain.journeys.entry.planner import Planner
from clarion.domain.journeys.entry.runs import EntryRuns
from clarion.domain.journeys.entry.watch import Watch
from clarion.domain.journeys.explaining.control import ExplainingControl
from clarion.domain.journeys.explaining.service import Explaining
from clarion.domain.journeys.jobs import JourneysJobs, Removal
from clarion.domain.journeys.lifecycle import Lifecycle
from clarion.domain.journeys.metrics.moves import Moves
from clarion.domain.journeys.metrics.operations import JourneyMetricsOperations
from clarion.domain.journeys.metrics.service import JourneyMetrics
from clarion.domain.journeys.operations import JourneysOperations
from clarion.domain.journeys.review.control import ReviewControl
from clarion.domain.journeys.review.project import Services, Terms
from clarion.domain.journeys.review.service import Reviewer
from clarion.domain.journeys.sending.content import Contents
from clarion.domain.journeys.sending.messages import Sending
from clarion.domain.journeys.service import Journeys, Quotas
from clarion.domain.journeys.simulating.control import SimulationsControl
from clarion.domain.journeys.simulating.service import Simulations
from clarion.domain.journeys.testing.control import TestsControl
from clarion.domain.journeys.testing.service import JourneyTests
from clarion.domain.journeys.versions.control import VersionsControl
from clarion.domain.journeys.versions.service import Versions
from clarion.domain.journeys.walking.people import Walkers
from clarion.domain.journeys.walking.steps import Steps
from clarion.domain.messaging.content import Composer
from clarion.domain.messaging.guardrails.service import Guardrails
from clarion.domain.messaging.service import Messaging
from clarion.domain.recommenders.service import Recommenders
from clarion.domain.segments.service import Segments
from clarion.domain.templates.service import Templates
from clarion.engine.jobs import Jobs
from clarion.engine.log import LogConsumer
from clarion.store.columnar import Columnar
from clarion.store.database import Database
from clarion.wire.control import ControlApi


class Base(Protocol):
    """What journeys stand on: parts of `System`."""

    settings: Settings
    clock: Clock
    ids: Ids
    database: Database
    jobs: Jobs
    apps: Apps
    audience: Audience
    segments: Segments
    messaging: Messaging
    composer: Composer
    recommenders: Recommenders
    guardrails: Guardrails
    events: Events
    figures: Figures
    channels: Channels
    templates: Templates
    callouts: Callouts
    columnar: Columnar
    consumer: LogConsumer
    kpis: Kpis


class JourneyParts:
    """The parts of journeys; `register` makes the engine's worker do their jobs."""

    def __init__(self, base: Base) -> None:
        settings = base.settings
        self.planner = Planner(
            base.jobs,
            base.clock,
            base.ids,
            delay_ms=settings.journey_start_delay_seconds * 1000,
            most_days=settings.journey_days,
        )
        self.lifecycle = Lifecycle(base.database, self.planner, base.jobs, base.clock)
        self.removal = Removal(self.lifecycle, base.messaging, base.jobs, base.clock)
        self.reviewer = Reviewer(
            Services(
                database=base.database,
                apps=base.apps,
                channels=base.channels,
                segments=base.segments,
                templates=base.templates,
                callouts=base.callouts,
                clock=base.clock,
                ids=base.ids,
                terms=Terms.of(settings),
            )
        )
        self.journeys = Journeys(
            base.database,
            base.apps,
            base.segments,
            self.reviewer,
            self.lifecycle,
            self.removal,
            base.clock,
            base.ids,
            quotas=Quotas(settings.active_journey_quota, settings.event_journey_quota),
        )
        self.drawings = Drawings(base.database, base.apps, base.segments)
        self.versions = Versions(base.database, self.reviewer, self.lifecycle, base.clock)
        self.sending = Sending(
            base.apps,
            Contents(base.composer, base.templates, base.recommenders),
            base.messaging,
            base.guardrails,
            base.figures,
        )
        self.tools = Tools(
            conditions=Judging(base.audience, base.segments, base.columnar, base.consumer.catch_up),
            messages=self.sending,
            dialler=Calling(base.callouts),
            people=Walkers(base.audience),
        )
        self.steps = Steps(base.database, self.lifecycle, base.messaging, self.tools, base.jobs, base.clock)
        self.moves = Moves(base.columnar, base.consumer.catch_up)
        self._kpis = base.kpis
        self.metrics = JourneyMetrics(base.database, base.apps, self.moves, base.clock)
        self.entries = EntryRuns(
            base.database,
            self.lifecycle,
            self.planner,
            base.segments,
            base.audience,
            base.jobs,
            base.clock,
            base.consumer.catch_up,
        )
        self.hearing = Hearing(base.database, base.segments, base.audience, base.jobs, base.clock)
        self._look_at(base)
        self.work = JourneysJobs(base.database, base.jobs, base.clock, self.moves.forget)
        base.apps.on_delete(self.removal.app_deleted)
        base.segments.on_delete(self.lifecycle.segment_deleted)
        base.consumer.followers.append(Watch(base.database, base.jobs, base.clock))
        base.segments.on_change(self.planner.segment_changed)

    def _look_at(self, base: Base) -> None:
        """What tells, tries and foretells what journeys do."""
        self.explaining = Explaining(
            base.database,
            base.apps,
            base.audience,
            base.segments,
            base.events,
            self.moves,
            self.tools,
            base.clock,
        )
        entering = Entering(base.database, base.jobs, base.clock)
        self.tests = JourneyTests(
            base.database,
            self.journeys,
            base.audience,
            self.reviewer,
            self.lifecycle,
            self.planner,
            entering,
            base.clock,
        )
        self.simulations = Simulations(
            base.apps,
            self.journeys,
            self.reviewer,
            base.audience,
            base.segments,
            base.columnar,
            self.tools.conditions,
            base.clock,
            base.ids,
            base.consumer.catch_up,
        )

    def register(self) -> None:
        """Handle the jobs of journeys."""
        self.entries.register()
        self.hearing.register()
        self.steps.register()
        self.work.register()

    def operations(self) -> Sequence[object]:
        """What is mounted on `pinpoint`."""
        return [JourneysOperations(self.journeys), JourneyMetricsOperations(self.metrics, self._kpis)]

    def add_to(self, control: ControlApi) -> None:
        """Add the routes of the control API."""
        VersionsControl(self.versions).add_to(control)
        TestsControl(self.tests).add_to(control)
        SimulationsControl(self.simulations).add_to(control)
        ExplainingControl(self.explaining).add_to(control)
        ReviewControl(self.reviewer).add_to(control)
        DrawingControl(self.drawings).add_to(control)
