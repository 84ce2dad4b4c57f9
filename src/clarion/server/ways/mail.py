"""Mail that comes back, and what is known about addresses, in one process: read here what it is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry, Counter

from clarion.channels.email.inbound.intake import Intake
from clarion.channels.email.inbound.listener import SIZE_LIMIT, Listener, tls_context
from clarion.channels.email.notifications import Incoming
from clarion.channels.email.tracking import UNSUBSCRIBE_PATH, Tokens
from clarion.channels.email.verp import HOUR_MS, Bounced, Verp
from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.apps.service import Apps
from clarion.domain.audience.people.holder import Holder, Person
from clarion.domain.audience.service import Audience
from clarion.domain.email.control import EmailControl
from clarion.domain.email.model import TYPES, Digests
from clarion.domain.email.people import EmailHolder
from clarion.domain.email.service import Complaints, Suppressions, reasons
from clarion.domain.email.topics import Topics
from clarion.domain.events.service import Events
from clarion.domain.messaging.feedback.desk import Desk
from clarion.domain.messaging.feedback.mails import Mails, Metrics
from clarion.domain.messaging.feedback.people import ReportsHolder
from clarion.domain.messaging.service import Messaging
from clarion.domain.messaging.tracking.dress import referred
from clarion.domain.messaging.tracking.hits import Hit, Hits
from clarion.domain.messaging.tracking.leaving import Leaving
from clarion.domain.messaging.tracking.preferences import PreferencePages
from clarion.domain.messaging.withholding import Withholding
from clarion.engine.jobs import Jobs
from clarion.engine.log import LogConsumer
from clarion.store import secrets
from clarion.store.database import Database
from clarion.wire.control import ControlApi
from clarion.wire.http.plain import PlainRoute

FEEDBACK_PATH = "/feedback/email"


class Base(Protocol):
    """What it stands on: parts of `System`."""

    settings: Settings
    clock: Clock
    real: Clock
    ids: Ids
    metrics: CollectorRegistry
    database: Database
    jobs: Jobs
    apps: Apps
    audience: Audience
    events: Events
    consumer: LogConsumer
    messaging: Messaging


class MailParts:
    """Suppression lists, complaints, topics, and the server for what comes back."""

    def __init__(self, base: Base) -> None:
        database, settings, clock = base.database, base.settings, base.clock
        self._base = base
        self._digests = Digests(secrets.get(database, base.ids, "email"))
        given = (database, base.apps, self._digests)
        self.suppressions = Suppressions(*given, clock, reasons=reasons(settings.email_suppression))
        self.complaints = Complaints(*given)
        self.topics = Topics(*given, clock)
        base.events.on_recorded(TYPES, self.suppressions.heard)
        withholding = Withholding(self.suppressions, self.topics, clock)
        base.messaging.withhold(withholding)
        base.messaging.on_leaving(withholding.look)
        self.mails = Mails(
            database,
            base.jobs,
            base.events,
            self.complaints,
            base.consumer.catch_up,
            clock,
            Metrics(base.metrics),
        )
        self._came = Counter(
            "clarion_inbound_mails",
            "Mails that came in: bounce, delayed, delivered, relayed, complaint, reply, unsubscribe, unknown.",
            ["kind"],
            registry=base.metrics,
        )
        self._listener: Listener | None = None
        self._incoming: Incoming | None = None

    def connect(self, desk: Desk, hits: Hits, tokens: Tokens, verp: Verp) -> None:
        """Take in what providers report, and mail if the settings say so."""
        base = self._base
        self._hits, self._tokens = hits, tokens
        self.leaving = Leaving(base.database, hits, base.events, base.audience, self.topics, base.clock)
        desk.on_mails(self.mails.take)
        intake = Intake(
            verp,
            base.settings.feedback_address,
            desk,
            linked=lambda url: linked(tokens, url),
            unsubscribe=self._unsubscribe,
            count=lambda kind: self._came.labels(kind).inc(),
            clock=base.clock,
        )
        if base.settings.inbound_smtp_port:
            self._listener = self._listen(intake)
        if base.settings.feedback_webhook_secret:
            self._incoming = Incoming(
                base.settings.feedback_webhook_secret,
                desk,
                bounced=verp.read,
                accepts=intake.accepts,
                take=intake.take,
                real=base.real,
            )

    def _listen(self, intake: Intake) -> Listener:
        settings = self._base.settings
        return Listener(
            intake,
            host=settings.inbound_smtp_host,
            port=settings.inbound_smtp_port,
            name=settings.bounce_domain or "localhost",
            tls=tls_context(settings.inbound_smtp_certificate, settings.inbound_smtp_key),
        )

    def _unsubscribe(self, asked: Bounced) -> None:
        """Somebody wrote to the address to unsubscribe of a message."""
        self._base.consumer.catch_up()
        app_id = self.leaving.project_of(asked.message_id, asked.hour_ms, asked.hour_ms + HOUR_MS)
        if app_id:
            who = self.leaving.addressee(app_id, asked.message_id)
            now, request_id = self._base.clock.now_ms(), self._base.ids.uuid()
            hit = Hit(kind="one_click", id="mail", app_id=app_id, message_id=asked.message_id, at_ms=now)
            self.leaving.leave(who, hit, request_id)

    def pages(self) -> Sequence[PlainRoute]:
        """What mails lead their recipients to, besides tracking; and where reports are posted to."""
        base = self._base
        chosen = PreferencePages(self._tokens, self._hits, self.leaving, self.topics, base.database, base.clock)
        if self._incoming is None:
            return chosen.routes()
        posted = PlainRoute(FEEDBACK_PATH, self._incoming.answer, methods=("POST",), max_body_bytes=SIZE_LIMIT)
        return [*chosen.routes(), posted]

    def register(self) -> None:
        """Let the engine record reports."""
        self.mails.register()

    def add_to(self, control: ControlApi) -> None:
        """Add the routes of the control API."""
        EmailControl(self.suppressions, self.complaints, self.topics).add_to(control)

    def holders(self, messages_of: Callable[[Person], set[str]]) -> Sequence[Holder]:
        """Who answers for what is kept about people."""
        return [EmailHolder(self._base.database, self._digests), ReportsHolder(self._base.database, messages_of)]

    def start(self) -> None:
        """Listen for mail."""
        if self._listener is not None:
            self._listener.start()

    def close(self) -> None:
        """Take in no more mail."""
        if self._listener is not None:
            self._listener.stop()


def linked(tokens: Tokens, url: str) -> tuple[str, str] | None:
    """Project and message of an unsubscribe link of ours, None for any other URL."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    if not path.startswith(UNSUBSCRIBE_PATH):
        return None
    token = tokens.verify(path.removeprefix(UNSUBSCRIBE_PATH))
    return referred(token) if token is not None and token.kind == "one_click" else None
