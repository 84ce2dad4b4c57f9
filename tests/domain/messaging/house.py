"""Processes of Clarion as far as messages go, built as the server builds them, without their threads."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import timedelta
from typing import Any

import msgspec

from clarion.channels.inbox import InboxTransport, PushInbox, SmsInbox, VoiceInbox
from clarion.channels.port import EmailOutgoing, Outcome, Transport
from clarion.core.clock import SystemClock, VirtualClock, parse_iso
from clarion.core.errors import Unavailable
from clarion.core.ids import SeededIds
from clarion.core.scope import Scope
from clarion.core.settings import Settings
from clarion.domain.apps.channels import Channels
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.domain.audience.columnar import DDL, MirrorSink
from clarion.domain.audience.model import Endpoint
from clarion.domain.audience.service import Audience
from clarion.domain.email.model import Digests
from clarion.domain.email.topics import Topics
from clarion.domain.events.columnar import ddl
from clarion.domain.events.model import EventRow
from clarion.domain.events.queries import ROW, row_of
from clarion.domain.events.service import Events
from clarion.domain.events.sink import sinks
from clarion.domain.messaging.control import MessagingControl
from clarion.domain.messaging.direct.once import Once
from clarion.domain.messaging.direct.service import Direct
from clarion.domain.messaging.direct.waiting import Waiting
from clarion.domain.messaging.feedback.addresses import Addresses
from clarion.domain.messaging.inbox.pages import InboxPages
from clarion.domain.messaging.inbox.service import Inbox
from clarion.domain.messaging.inbox.store import Filter
from clarion.domain.messaging.lanes.pump import LanePump
from clarion.domain.messaging.lanes.turns import Turns
from clarion.domain.messaging.lanes.way import OneWay, Way
from clarion.domain.messaging.loop import TransportLoop
from clarion.domain.messaging.model import EMAIL, PUSH, SMS, VOICE, LaneName
from clarion.domain.messaging.operations import MessagingOperations
from clarion.domain.messaging.service import Messaging
from clarion.domain.messaging.tracking.dress import Dresser
from clarion.domain.messaging.tracking.hits import Hits
from clarion.domain.messaging.tracking.keys import tokens
from clarion.domain.messaging.tracking.leaving import Leaving
from clarion.domain.messaging.tracking.pages import TrackingPages
from clarion.domain.messaging.tracking.preferences import PreferencePages
from clarion.domain.templates.handlebars import TemplateCache
from clarion.domain.templates.operations import TemplatesOperations
from clarion.domain.templates.service import Templates
from clarion.engine.jobs import Jobs
from clarion.engine.log import LogConsumer
from clarion.engine.pumps import Engine
from clarion.engine.rates import TokenBucket
from clarion.engine.workers import JobsPump
from clarion.shapes.pinpoint import (
    ADMChannelRequest,
    BaiduChannelRequest,
    EmailChannelRequest,
    EndpointRequest,
    EndpointUser,
    GCMChannelRequest,
    MessageRequest,
    SendMessagesRequest,
    SendUsersMessageRequest,
    SendUsersMessagesRequest,
    SMSChannelRequest,
    VoiceChannelRequest,
)
from clarion.store.columnar import Columnar
from clarion.store.database import open_database
from clarion.store.schema import metadata
from clarion.store.vault import open_vault
from clarion.wire.app import App as Wire
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import AccessKey
from clarion.wire.registry import Registry
from tests.wire.inprocess import ACCOUNT, ADMIN, REGION, build

SCOPE = Scope(ACCOUNT, REGION)
OTHER = AccessKey(access_key_id="AKIAOTHER", secret="other-secret", account="210987654321", role="admin")
CTX = Context(SCOPE, "11111111-2222-4333-8444-555555555555", ADMIN.access_key_id, "admin", ADMIN.principal_arn)
NOW = "2027-03-04T09:15:00Z"
URL = "http://127.0.0.1:8080"


CHANNELS: dict[str, Any] = {
    "GCM": GCMChannelRequest,
    "ADM": ADMChannelRequest,
    "BAIDU": BaiduChannelRequest,
    "SMS": SMSChannelRequest,
    "VOICE": VoiceChannelRequest,
}
CREDENTIALS: dict[str, dict[str, str]] = {
    "GCM": {"api_key": "key"},
    "ADM": {"client_id": "id", "client_secret": "secret"},
    "BAIDU": {"api_key": "key", "secret_key": "secret"},
}


class Recording:
    """A transport that keeps what it was given, then answers by `answer`, one outcome a message."""

    name = "recording"
    channel = "email"

    def __init__(self, *outcomes: Outcome) -> None:
        self.batches: list[list[EmailOutgoing]] = []
        self._outcomes = list(outcomes)

    @property
    def handed(self) -> list[str]:
        """Ids in the order of handing over."""
        return [message.message_id for batch in self.batches for message in batch]

    async def open(self) -> None:
        pass

    async def close(self) -> None:
        pass

    async def send(self, messages: Sequence[EmailOutgoing]) -> list[Outcome]:
        self.batches.append(list(messages))
        return [self.answer(message) for message in messages]

    def answer(self, message: EmailOutgoing) -> Outcome:
        """The given outcomes one after the other, the last one for ever; SENT without any."""
        if not self._outcomes:
            return SENT
        return self._outcomes.pop(0) if len(self._outcomes) > 1 else self._outcomes[0]


SENT = Outcome("sent", response="250 ok")


class House:
    """One process. Several may share `state_url`, `columnar`, `clock` and `real`."""

    def __init__(
        self,
        state_url: str,
        columnar: Columnar,
        *,
        clock: VirtualClock | None = None,
        real: VirtualClock | None = None,
        transport: Transport[Any] | None = None,
        way: Way | None = None,
        seed: int = 1,
        lanes: int = 1,
        **settings: Any,
    ) -> None:
        self.settings = dataclasses.replace(Settings(), **settings)
        self.clock = clock or VirtualClock(parse_iso(NOW))
        self.real = real or VirtualClock(parse_iso(NOW))
        self.ids = SeededIds(seed)
        self.columnar = columnar
        self.database = open_database(state_url)
        self.database.write(metadata.create_all)
        for statement in (*ddl(90), *DDL):
            columnar.command(statement)
        self._build_domain()
        self._build_lanes(transport or InboxTransport(self.inbox, self.clock), lanes, way)
        self._build_wire()

    def _build_domain(self) -> None:
        database, clock, ids = self.database, self.clock, self.ids
        self.jobs = Jobs(database, clock)
        self.tags = Tags(database)
        self.apps = Apps(database, self.tags, self.jobs, clock=clock, ids=ids)
        self.channels = Channels(database, self.apps, open_vault(database, ids, ""), clock=clock)
        self.audience = Audience(database, self.apps, self.jobs, clock=clock, ids=ids)
        taken = {**sinks(self.columnar), "endpoints": MirrorSink(database, self.columnar)}
        self.consumer = LogConsumer(database, taken, real=SystemClock(), ids=ids)
        self.events = Events(database, self.columnar, self.apps, self.audience, clock=clock)
        self.templates = Templates(database, self.tags, clock, TemplateCache())
        self.messaging = Messaging(database, self.events, self.jobs, self.settings, clock, ids)
        self.inbox = Inbox(database, self.settings.inbox_keep)
        self.waiting = Waiting(self.settings.direct_wait_ms / 1_000)
        self.messaging.on_settled(Addresses(self.audience).follow)
        self.direct = Direct(
            database, self.apps, self.channels, self.audience, self.templates, self.messaging, clock, ids, self.waiting
        )
        self.messaging.on_settled(self.direct.settled)
        self.once = Once(database, self.apps, self.jobs, self.clock)
        self.once.register()
        self.hits = Hits(database, self.jobs, self.events, self.consumer.catch_up, clock)
        self.hits.register()
        self.tokens = tokens(database, ids)
        self.topics = Topics(database, self.apps, Digests(b"k" * 32), clock)
        self.leaving = Leaving(database, self.hits, self.events, self.audience, self.topics, clock)

    def _build_lanes(self, transport: Transport[Any], lanes: int, way: Way | None) -> None:
        self.loop = TransportLoop(transport)
        self.dress = Dresser(self.tokens, self.settings, URL)
        self.lanes: list[LanePump] = []
        self.loops = [self.loop]
        self.ways: dict[LaneName, Way] = {} if way is None else {EMAIL: way}
        self._add(EMAIL, self.loop, self.settings.email_rate, lanes)
        for channel, phone in ((PUSH, PushInbox), (SMS, SmsInbox), (VOICE, VoiceInbox)):
            self.loops.append(TransportLoop(phone(self.inbox, self.clock)))
            self._add(channel, self.loops[-1], 0, 1)
        self.messaging.add_lanes(self.lanes)
        self.messaging.route(self.ways)
        worker = JobsPump(self.database, self.jobs, clock=self.clock, real=SystemClock(), ids=self.ids)
        self.engine = Engine([worker, *self.lanes, self.consumer], self.clock, self.ids, database=self.database)

    def _add(self, channel: LaneName, loop: TransportLoop, rate: int, count: int) -> None:
        bucket = TokenBucket(rate, self.clock)
        way = self.ways.setdefault(channel, OneWay(channel, loop))
        turns = Turns(way, bucket, clock=self.clock, real=self.real, ids=self.ids)
        for _ in range(count):
            pump = LanePump(
                channel,
                len(self.lanes),
                database=self.database,
                turns=turns,
                record=self.events.encoded,
                enqueue=self.messaging.enqueue,
                dress=self.dress,
                settings=self.settings,
                clock=self.clock,
                real=self.real,
                ids=self.ids,
                settled=self.messaging.settled,
                awaited=self.waiting.takes,
            )
            self.lanes.append(pump)

    def _build_wire(self) -> None:
        registry, control = Registry(), ControlApi()
        self.operations = MessagingOperations(self.direct, self.once)
        registry.mount("pinpoint", self.operations)
        registry.mount("pinpoint", TemplatesOperations(self.templates))
        local = self.settings.email_transport == "inbox"
        self.control = MessagingControl(
            self.database,
            self.apps,
            self.events,
            self.inbox,
            self.hits,
            self.clock,
            catch_up=self.consumer.catch_up,
            local=local,
        )
        self.control.add_to(control)
        pages = [
            *TrackingPages(self.tokens, self.hits, self.leaving, self.database, self.clock).routes(),
            *PreferencePages(self.tokens, self.hits, self.leaving, self.topics, self.database, self.clock).routes(),
            *InboxPages(self.inbox, self.settings).routes(),
        ]
        self.wire: Wire = build(registry, control, keys=(ADMIN, OTHER), settings=self.settings, plain=pages)

    def app(self, *, channel: bool = True, enabled: bool = True, scope: Scope = SCOPE) -> str:
        """A new project, with an e-mail channel unless told otherwise."""
        app_id = self.apps.create(scope, "shop", None).app.id
        if channel:
            identity = f"arn:aws:ses:{scope.region}:{scope.account}:identity/acme.test"
            request = EmailChannelRequest(from_address="shop@acme.test", identity=identity, enabled=enabled)
            self.channels.update(scope, app_id, "EMAIL", request, "test")
        return app_id

    def channel(self, app_id: str, *kinds: str, enabled: bool = True, **members: Any) -> None:
        """Channels of these kinds for a project, with credentials that nobody checks."""
        for kind in kinds:
            request = CHANNELS[kind](**(CREDENTIALS.get(kind, {}) | members), enabled=enabled)
            self.channels.update(SCOPE, app_id, kind, request, "test")

    def endpoint(self, app_id: str, endpoint_id: str, user: str = "", **members: Any) -> Endpoint:
        """A stored endpoint; by e-mail to `{endpoint_id}@example.com` unless told otherwise."""
        wanted = {"channel_type": "EMAIL", "address": f"{endpoint_id}@example.com", **members}
        if user:
            wanted["user"] = EndpointUser(user_id=user)
        done = self.audience.update(SCOPE, app_id, endpoint_id, EndpointRequest(**wanted), "request").result(30)
        assert done.endpoint is not None
        return done.endpoint

    def settle(self) -> None:
        """Everything due is done, and everything recorded can be queried."""
        self.engine.settle(30)
        self.consumer.catch_up(30)

    def advance(self, seconds: float) -> None:
        """Let the product's time pass."""
        self.engine.advance(self.clock.now() + timedelta(seconds=seconds))

    def recorded(self, app_id: str, *event_types: str) -> list[EventRow]:
        """The events of a project, of these types if any are named, oldest first."""
        self.consumer.catch_up(30)
        sql = f"SELECT {ROW} FROM events WHERE app_id = {{app:String}} ORDER BY arrival, event_id"
        rows = [row_of(values) for values in self.columnar.query(sql, {"app": app_id})]
        return [row for row in rows if not event_types or row.event_type in event_types]

    def arrived(self, app_id: str) -> list[Any]:
        """The messages in a project's inbox, oldest first."""
        found, _ = self.inbox.page(Filter(app_id=app_id), 1000, None)
        return [kept.message for kept in reversed(found)]

    def send(self, app_id: str, **request: Any) -> dict[str, Any]:
        """SendMessages in the API's JSON."""
        body = msgspec.convert({"MessageConfiguration": {}, **request}, MessageRequest)
        sent = SendMessagesRequest(application_id=app_id, message_request=body)
        return _answer(self.operations.send_messages(CTX, sent))

    def send_users(self, app_id: str, **request: Any) -> dict[str, Any]:
        """SendUsersMessages in the API's JSON."""
        body = msgspec.convert({"MessageConfiguration": {}, **request}, SendUsersMessageRequest)
        sent = SendUsersMessagesRequest(application_id=app_id, send_users_message_request=body)
        return _answer(self.operations.send_users_messages(CTX, sent))

    def close(self) -> None:
        """End the process politely, as far as it is not dead."""
        self.wire.close()
        for pump in (*self.lanes, self.consumer):
            with suppress(Unavailable):
                pump.stop(5)
        for loop in self.loops:
            loop.close()
        self.database.close()


def _answer(given: object) -> dict[str, Any]:
    answer: dict[str, Any] = msgspec.to_builtins(given.result(30) if isinstance(given, Future) else given)
    return answer
