"""Everything of one process, built once and wired together by hand: read here who is made of what."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from clarion.channels.catalog import Surroundings
from clarion.core import structs
from clarion.core.clock import Clock, SystemClock
from clarion.core.errors import ClarionError
from clarion.core.ids import Ids, SystemIds
from clarion.core.settings import Settings
from clarion.domain.analytics.charts.activity.people import ActivityHolder
from clarion.domain.analytics.operations import AnalyticsOperations
from clarion.domain.analytics.people import MessagesHolder
from clarion.domain.analytics.service import Kpis
from clarion.domain.apps.channels import Channels
from clarion.domain.apps.channels.operations import ChannelOperations
from clarion.domain.apps.jobs import AppJobs
from clarion.domain.apps.keys import AccessKeys
from clarion.domain.apps.operations import AppsOperations
from clarion.domain.apps.service import ERASE, Apps
from clarion.domain.apps.tags import Tags
from clarion.domain.audience.columnar import MirrorSink
from clarion.domain.audience.control import PolicyControl
from clarion.domain.audience.jobs import AudienceJobs
from clarion.domain.audience.mirror.check import MirrorCheck
from clarion.domain.audience.operations import AudienceOperations
from clarion.domain.audience.people.control import PeopleControl
from clarion.domain.audience.people.endpoints import EndpointsHolder
from clarion.domain.audience.people.jobs import PeopleJobs
from clarion.domain.audience.people.service import People
from clarion.domain.audience.roster import Policy
from clarion.domain.audience.service import Audience
from clarion.domain.campaigns import store as campaigns_store
from clarion.domain.campaigns.approval.control import ApprovalControl
from clarion.domain.campaigns.approval.service import Approvals
from clarion.domain.campaigns.content import Contents
from clarion.domain.campaigns.experiments.choosing import Choosing
from clarion.domain.campaigns.experiments.control import ResultsControl
from clarion.domain.campaigns.experiments.counting import Counting
from clarion.domain.campaigns.experiments.pending import Choices
from clarion.domain.campaigns.hooks.destinations import Destinations
from clarion.domain.campaigns.hooks.enrichers import Enrichers
from clarion.domain.campaigns.inapp.operations import InAppOperations
from clarion.domain.campaigns.inapp.service import InApp
from clarion.domain.campaigns.jobs import Runs
from clarion.domain.campaigns.lifecycle import Lifecycle
from clarion.domain.campaigns.operations import CampaignsOperations
from clarion.domain.campaigns.pages import Pages
from clarion.domain.campaigns.people import CampaignsHolder
from clarion.domain.campaigns.rehearsal.control import DryRunControl
from clarion.domain.campaigns.rehearsal.service import DryRuns
from clarion.domain.campaigns.service import Campaigns
from clarion.domain.campaigns.stopping.control import StoppingControl
from clarion.domain.campaigns.stopping.service import Stopping
from clarion.domain.campaigns.triggers.answering import Answering
from clarion.domain.campaigns.triggers.jobs import Triggers
from clarion.domain.campaigns.triggers.metrics import TriggerMetrics
from clarion.domain.campaigns.triggers.people import TriggersHolder
from clarion.domain.campaigns.triggers.watch import Watch
from clarion.domain.campaigns.triggers.windows import Windows
from clarion.domain.events import sink as events_sink
from clarion.domain.events.figures import Figures
from clarion.domain.events.ingest.metrics import IngestMetrics
from clarion.domain.events.jobs import EventsJobs
from clarion.domain.events.operations import EventsOperations
from clarion.domain.events.people import EventsHolder
from clarion.domain.events.rejections.keeping import Rejections
from clarion.domain.events.rejections.people import RejectionsHolder
from clarion.domain.events.retention.store import longest
from clarion.domain.events.service import Events
from clarion.domain.journeys.entry.people import MatchesHolder
from clarion.domain.journeys.metrics.columnar import MovesSink
from clarion.domain.journeys.metrics.record import LOG_KIND as MOVES
from clarion.domain.journeys.people import JourneysHolder
from clarion.domain.messaging import outbox
from clarion.domain.messaging.content import Composer
from clarion.domain.messaging.control import MessagingControl
from clarion.domain.messaging.direct.once import Once
from clarion.domain.messaging.direct.people import AnswersHolder
from clarion.domain.messaging.direct.service import Direct
from clarion.domain.messaging.direct.waiting import Waiting
from clarion.domain.messaging.feedback.addresses import Addresses
from clarion.domain.messaging.guardrails.control import GuardrailsControl
from clarion.domain.messaging.guardrails.service import Guardrails
from clarion.domain.messaging.inbox import store as inbox_store
from clarion.domain.messaging.inbox.pages import InboxPages
from clarion.domain.messaging.inbox.service import Inbox
from clarion.domain.messaging.lanes.looking import Endpoints
from clarion.domain.messaging.operations import MessagingOperations
from clarion.domain.messaging.otp import store as otp_store
from clarion.domain.messaging.otp.model import Digests
from clarion.domain.messaging.otp.operations import OtpOperations
from clarion.domain.messaging.otp.people import CodesHolder
from clarion.domain.messaging.otp.service import Metrics as OtpMetrics
from clarion.domain.messaging.otp.service import Otp
from clarion.domain.messaging.people import MessagingHolder
from clarion.domain.messaging.service import Messaging
from clarion.domain.messaging.tracking.hits import Hits
from clarion.domain.messaging.tracking.pages import TrackingPages
from clarion.domain.recommenders.operations import RecommendersOperations
from clarion.domain.recommenders.service import Recommenders
from clarion.domain.segments.jobs import SegmentsJobs
from clarion.domain.segments.lists import LOG_KIND as LISTS
from clarion.domain.segments.lists import ListsSink
from clarion.domain.segments.operations import SegmentsOperations
from clarion.domain.segments.people import SegmentsHolder
from clarion.domain.segments.preview.control import SegmentsControl
from clarion.domain.segments.preview.service import Previews
from clarion.domain.segments.service import Segments
from clarion.domain.sms.operations import PhoneNumberOperations
from clarion.domain.templates.control import TemplatesControl
from clarion.domain.templates.handlebars import TemplateCache
from clarion.domain.templates.operations import TemplatesOperations
from clarion.domain.templates.preview import Previews as TemplatePreviews
from clarion.domain.templates.service import Templates
from clarion.domain.transfers.control import TransfersControl
from clarion.domain.transfers.downloads import Downloads
from clarion.domain.transfers.exports import Exports
from clarion.domain.transfers.imports import Imports
from clarion.domain.transfers.operations import TransfersOperations
from clarion.domain.transfers.report import Reports
from clarion.domain.transfers.service import Transfers
from clarion.domain.transfers.uploads import Uploads
from clarion.engine.jobs import Jobs
from clarion.engine.log import LogConsumer
from clarion.engine.pumps import Engine, Pump
from clarion.engine.workers import JobsPump
from clarion.server.analytics import AnalyticsParts
from clarion.server.backlog import BacklogMetrics
from clarion.server.clocks import make_clock
from clarion.server.control import TimeControl
from clarion.server.journeys import JourneyParts
from clarion.server.stores import DERIVED, create_tables, open_events, open_state
from clarion.server.streams import StreamParts
from clarion.server.upkeep import UpkeepControl
from clarion.server.ways.calls import CallParts
from clarion.server.ways.lanes import Lanes
from clarion.server.ways.mail import MailParts
from clarion.server.ways.sending import Sending
from clarion.server.ways.texts import TextParts
from clarion.server.ways.voice import VoiceParts
from clarion.store import secrets
from clarion.store.columnar import Columnar
from clarion.store.database import Database
from clarion.store.migrate import migrate
from clarion.store.objects import open_objects
from clarion.store.vault import open_vault
from clarion.wire.app import App as WireApp
from clarion.wire.control import ControlApi
from clarion.wire.http.plain import PlainRoute
from clarion.wire.registry import Registry

UPLOADS = "uploads"
"""Folder of the data folder that imports may always read."""


class System:
    """The parts of one process. `url` is where this process's own server is reached ('' for a worker).

    `start` begins the background work if asked to; `close` ends everything in the opposite order.
    """

    def __init__(self, settings: Settings, url: str) -> None:
        self.settings = settings
        self.clock: Clock = make_clock(settings.clock)
        self.real: Clock = SystemClock()
        self.ids: Ids = SystemIds()
        self.metrics = CollectorRegistry()
        with ExitStack() as opened:
            self.database: Database = open_state(settings)
            opened.callback(self.database.close)
            migrate(self.database)
            self.columnar: Columnar = open_events(settings)
            opened.callback(self.columnar.close)
            create_tables(self.columnar, longest(self.database, settings.events_days))
            self._build_domain()
            self._build_lanes(url)
            self._build_transfers()
            opened.callback(self.objects.close)
            self._build_engine()
            self._build_wire()
            structs.prepare()
            opened.pop_all()

    def _build_domain(self) -> None:
        database, clock, ids, settings = self.database, self.clock, self.ids, self.settings
        self.jobs = Jobs(database, clock)
        self.tags = Tags(database)
        self.keys = AccessKeys(database, clock=self.real, ids=ids)
        self.apps = Apps(database, self.tags, self.jobs, clock=clock, ids=ids, quota=settings.project_quota)
        self.vault = open_vault(database, ids, settings.secrets_key)
        self.calls = CallParts(self)
        self.callouts = self.calls.callouts
        self.channels = Channels(database, self.apps, self.vault, clock=clock, rates={"EMAIL": settings.email_rate})
        self.audience = Audience(
            database,
            self.apps,
            self.jobs,
            clock=clock,
            ids=ids,
            policy=Policy(settings.endpoints_per_user, retire=settings.endpoints_per_user_mode == "retire"),
            physical=settings.remove_attributes_physically,
        )
        ingest = IngestMetrics(self.metrics)
        sinks = {**events_sink.sinks(self.columnar, ingest, clock), "endpoints": MirrorSink(database, self.columnar)}
        sinks[LISTS] = ListsSink(self.columnar)
        sinks[MOVES] = MovesSink(self.columnar)
        self.consumer = LogConsumer(database, sinks, real=self.real, ids=ids)
        self.mirror = MirrorCheck(
            database,
            self.columnar,
            self.consumer.catch_up,
            erasing=lambda connection, app_id: self.jobs.has(connection, f"{ERASE}:{app_id}"),
        )
        self.metrics.register(BacklogMetrics(database))
        self.rejections = Rejections(database, self.apps, self.jobs, clock)
        sources = (database, self.columnar, self.apps, self.audience)
        self.events = Events(*sources, clock=clock, metrics=ingest, rejections=self.rejections)
        self.kpis = Kpis(self.columnar, clock, self.consumer.catch_up)
        self.figures = Figures(self.columnar, self.consumer.catch_up)
        self.segments = Segments(
            database,
            self.columnar,
            self.apps,
            self.tags,
            clock=clock,
            ids=ids,
            catch_up=self.consumer.catch_up,
        )
        self.previews = Previews(
            database,
            self.columnar,
            self.apps,
            self.audience,
            clock=clock,
            ids=ids,
            catch_up=self.consumer.catch_up,
        )
        self._build_messaging()
        self._build_campaigns()
        self.journeys = JourneyParts(self)
        self.streams = StreamParts(self)
        self.analytics = AnalyticsParts(self)
        self.tags.resolver("templates", self.templates.exists)
        self.tags.resolver("campaigns", self.campaigns.exists)
        self.segments.on_delete(self.lifecycle.segment_deleted)
        self.apps.on_delete(self.lifecycle.app_deleted)
        self.apps.on_delete(self.keys.app_deleted)
        self.apps.eraser(inbox_store.erase)
        self.apps.eraser(outbox.erase_direct)
        self.apps.eraser(otp_store.erase)
        self._register_people()

    def _build_messaging(self) -> None:
        database, clock, ids, settings = self.database, self.clock, self.ids, self.settings
        self.templates = Templates(database, self.tags, clock, TemplateCache(), make_texts=settings.generate_text)
        self.messaging = Messaging(database, self.events, self.jobs, settings, clock, ids)
        self.messaging.on_settled(Addresses(self.audience).follow)
        self.messaging.on_leaving(Endpoints(self.audience, clock).look)
        self.waiting = Waiting(settings.direct_wait_ms / 1_000)
        self.texts = TextParts(self)
        self.voice = VoiceParts(self)
        self.direct = Direct(
            database,
            self.apps,
            self.channels,
            self.audience,
            self.templates,
            self.messaging,
            clock,
            ids,
            self.waiting,
            self.texts.texting,
        )
        self.messaging.on_settled(self.direct.settled)
        self.mail = MailParts(self)
        self.once = Once(database, self.apps, self.jobs, clock)
        self.digests = Digests(secrets.get(database, ids, "otp"))
        self.otp = Otp(database, self.apps, self.direct, self.digests, clock, ids, OtpMetrics(self.metrics))

    def _build_campaigns(self) -> None:
        database, clock, ids = self.database, self.clock, self.ids
        self.composer = Composer(self.channels, self.templates)
        self.contents = Contents(self.composer, self.templates)
        self.recommenders = Recommenders(database, self.callouts, self.callouts.check_uri, clock, ids)
        self.enrichers = Enrichers(self.apps, self.contents, self.recommenders, self.callouts)
        self.windows = Windows(database, self.jobs, self.messaging, clock)
        self.lifecycle = Lifecycle(self.jobs, self.messaging, self.windows, Choices(database, self.jobs, clock), clock)
        self.counting = Counting(database, self.columnar, self.consumer.catch_up)
        self.campaigns = Campaigns(
            database,
            self.apps,
            self.tags,
            self.segments,
            self.templates,
            self.contents,
            Destinations(self.callouts),
            self.lifecycle,
            self.figures,
            clock,
            ids,
            most_active=self.settings.active_campaign_quota,
        )
        self.guardrails = Guardrails(database, self.apps, self.audience, self.figures, clock, ids)
        self.guardrails.cancelled(
            lambda app_id, since_ms: database.read(lambda c: campaigns_store.cancelled_runs(c, app_id, since_ms))
        )
        self.pages = Pages(
            database,
            self.apps,
            self.audience,
            self.messaging,
            self.enrichers,
            self.figures,
            self.guardrails,
            clock,
        )
        self.approvals = Approvals(database, self.apps, self.keys, self.campaigns, clock)
        self.dry_runs = DryRuns(self.campaigns, self.segments, self.contents, self.pages, clock, ids)
        self.stopping = Stopping(database, self.lifecycle, self.messaging, self.jobs, clock)

    def _register_people(self) -> None:
        """Whoever keeps something about people, lower slices first."""
        database, columnar, clock = self.database, self.columnar, self.clock
        self.persons = People(database, self.apps, self.jobs, self.consumer.catch_up, clock=clock, ids=self.ids)
        events = EventsHolder(columnar)
        for holder in (
            EndpointsHolder(database, columnar),
            ActivityHolder(columnar),
            events,
            MessagesHolder(columnar),
            RejectionsHolder(database),
            *self.texts.holders(),
            *self.voice.holders(),
            *self.mail.holders(events.messages_of),
            SegmentsHolder(database, columnar),
            MessagingHolder(database, self.messaging.lost, events.messages_of, clock=clock),
            AnswersHolder(database, clock=clock),
            CodesHolder(database, self.digests),
            CampaignsHolder(database),
            TriggersHolder(database, clock),
            JourneysHolder(database, columnar, self.audience, self.journeys.lifecycle, clock),
            MatchesHolder(database, clock),
            self.streams.holder,
        ):
            self.persons.register(holder)

    def _build_lanes(self, url: str) -> None:
        settings, clock = self.settings, self.clock
        self.inbox = Inbox(self.database, settings.inbox_keep)
        self.sending = Sending(self)
        self.tokens = self.sending.tokens
        self.hits = Hits(self.database, self.jobs, self.events, self.consumer.catch_up, clock)
        signer = self.sending.domains
        surroundings = Surroundings(
            settings=settings, clock=clock, inbox=self.inbox, callout=self.callouts, signer=signer
        )
        self.ways = Lanes(self, surroundings, self.sending.dresser(url))
        self.texts.receive(self.direct, self.ways.desk)
        self.voice.receive(self.ways.desk)
        self.mail.connect(self.ways.desk, self.hits, self.tokens, self.sending.verp)

    def _build_transfers(self) -> None:
        settings, clock = self.settings, self.clock
        uploads = Path(settings.data).absolute() / UPLOADS
        self.uploads = Uploads(uploads)
        self.objects = open_objects(settings, folders=[uploads])
        reports = Reports(self.database, self.objects)
        self.transfers = Transfers(
            self.database,
            self.apps,
            self.segments,
            reports,
            self.uploads,
            self.jobs,
            clock=clock,
            ids=self.ids,
            most=settings.transfer_quota,
        )
        self.imports = Imports(
            self.database,
            self.objects,
            self.audience,
            self.segments,
            reports,
            self.jobs,
            clock,
            self.consumer.catch_up,
        )
        self.imports.register()
        Exports(self.database, self.objects, self.segments, self.jobs, clock).register()

    def _build_engine(self) -> None:
        AppJobs(self.database, self.apps, self.jobs, clock=self.clock)
        AudienceJobs(self.database, self.jobs, clock=self.clock)
        PeopleJobs(self.database, self.persons, self.jobs, clock=self.clock)
        SegmentsJobs(self.database, self.columnar, self.apps, self.segments, self.jobs, clock=self.clock)
        EventsJobs(
            self.apps, self.jobs, self.columnar, clock=self.clock, catch_up=self.consumer.catch_up, derived=DERIVED
        )
        self.hits.register()
        self.mail.register()
        self.once.register()
        Runs(
            self.database,
            self.lifecycle,
            self.segments,
            self.contents,
            self.pages,
            self.messaging,
            self.figures,
            self.jobs,
            self.clock,
        ).register()
        Choosing(self.database, self.lifecycle, self.counting, self.jobs, self.clock).register()
        self._build_triggers()
        self.journeys.register()
        self.analytics.register()
        worker = JobsPump(self.database, self.jobs, clock=self.clock, real=self.real, ids=self.ids)
        pumps: Sequence[Pump] = [worker, *self.ways.pumps, self.consumer, self.streams.pump]
        self.engine = Engine(pumps, self.clock, self.ids, database=self.database)

    def _build_triggers(self) -> None:
        """What answers events: a follower of the log, and the jobs it leaves work to."""
        self.consumer.followers.append(Watch(self.database, self.jobs, self.clock))
        answering = Answering(
            self.database,
            self.apps,
            self.audience,
            self.segments,
            self.messaging,
            self.figures,
            self.guardrails,
            self.clock,
        )
        Triggers(
            self.database,
            self.lifecycle,
            self.windows,
            answering,
            self.contents,
            self.enrichers,
            self.messaging,
            self.figures,
            self.jobs,
            self.clock,
            TriggerMetrics(self.metrics),
        ).register()
        self.in_app = InApp(
            self.database,
            self.audience,
            self.segments,
            self.contents,
            self.figures,
            self.apps,
            self.guardrails,
            self.clock,
        )

    def _build_wire(self) -> None:
        self.registry = Registry()
        for operations in self._operations():
            self.registry.mount("pinpoint", operations)
        control = ControlApi()
        TimeControl(self.engine, self.consumer, self.clock).add_to(control)
        UpkeepControl(self.database, self.jobs, self.mirror, self.clock, self.settings.account).add_to(control)
        PolicyControl(self.audience.policies).add_to(control)
        PeopleControl(self.persons).add_to(control)
        downloads = Downloads(self.transfers, self.objects)
        TransfersControl(self.transfers, self.apps, self.uploads, downloads).add_to(control)
        MessagingControl(
            self.database,
            self.apps,
            self.events,
            self.inbox,
            self.hits,
            self.clock,
            catch_up=self.consumer.catch_up,
            local=self.settings.email_transport == "inbox",
        ).add_to(control)
        SegmentsControl(self.previews).add_to(control)
        template_previews = TemplatePreviews(self.audience, self.clock, self.ids)
        TemplatesControl(self.templates, template_previews).add_to(control)
        StoppingControl(self.stopping).add_to(control)
        ResultsControl(self.database, self.campaigns, self.counting, self.lifecycle.choices).add_to(control)
        ApprovalControl(self.approvals).add_to(control)
        DryRunControl(self.dry_runs).add_to(control)
        GuardrailsControl(self.guardrails).add_to(control)
        self.journeys.add_to(control)
        self.streams.add_to(control)
        self.analytics.add_to(control)
        self.mail.add_to(control)
        self.texts.add_to(control)
        self.ways.add_to(control)
        self.calls.add_to(control)
        self.sending.add_to(control)
        self.app = WireApp(
            self.settings,
            self.keys,
            self.registry,
            control,
            self.ids,
            plain=self._pages(),
            ready=self.ready,
            metrics=self.metrics,
            real_clock=self.real,
            refused=self.analytics.refused,
        )

    def _operations(self) -> Sequence[object]:
        return (
            AppsOperations(self.apps, self.tags),
            AnalyticsOperations(self.apps, self.kpis),
            ChannelOperations(self.channels),
            AudienceOperations(self.audience),
            EventsOperations(self.events),
            SegmentsOperations(self.segments),
            TransfersOperations(self.transfers),
            TemplatesOperations(self.templates),
            MessagingOperations(self.direct, self.once),
            OtpOperations(self.otp),
            PhoneNumberOperations(),
            CampaignsOperations(self.campaigns, self.kpis),
            InAppOperations(self.in_app),
            RecommendersOperations(self.recommenders),
            *self.journeys.operations(),
            *self.streams.operations(),
        )

    def _pages(self) -> Sequence[PlainRoute]:
        tracking = TrackingPages(self.tokens, self.hits, self.mail.leaving, self.database, self.clock)
        own = InboxPages(self.inbox, self.settings).routes()
        return [*own, *tracking.routes(), *self.mail.pages(), *self.ways.pages()]

    def ready(self) -> str:
        """Why this process cannot work right now; '' when it can."""
        try:
            self.database.read(lambda connection: connection.scalar(sa.select(1)))
            self.columnar.query("SELECT 1")
        except ClarionError as error:
            return error.message
        return ""

    def start(self, *, work: bool) -> None:
        """Read the access keys, and with `work` start the pumps."""
        _calm_collector()
        self.keys.start()
        if work:
            self.engine.start()
            self.mail.start()
            self.waiting.begin()

    def close(self) -> None:
        """End everything: no new requests are answered, what is in hand is finished. One failure stops nothing."""
        with ExitStack() as ending:
            for end in (
                self.columnar.close,
                self.database.close,
                self.rejections.close,
                self.keys.stop,
                self.ways.close,
                self.objects.close,
                self.imports.close,
                self.engine.stop,
                self.mail.close,
                self.texts.close,
                self.callouts.close,
                self.app.close,
                self.waiting.end,
            ):
                ending.callback(end)


def _calm_collector() -> None:
    """Keep Python's cycle collector from walking everything that was built, every few hundred requests.

    Hot structs hold no cycles; collecting rarely costs little memory and saves some 20 µs per endpoint written.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
