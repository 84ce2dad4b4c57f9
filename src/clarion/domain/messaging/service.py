"""Verbs of the message path: prepare a page of recipients, and put what came of it into a transaction.

`prepare` decides and renders and touches no database; `hand_over` writes messages and refusals in the transaction
of the caller's own checkpoint, so that a crash in between repeats or loses nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.audience.model import Endpoint, answer, template_context
from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import Subject
from clarion.domain.events.service import Events
from clarion.domain.messaging import outbox, outcomes
from clarion.domain.messaging.content import EmailContent, Recipient, Renderer
from clarion.domain.messaging.gates import GATES, refusal
from clarion.domain.messaging.lanes import HOLD_BACK, Lane
from clarion.domain.messaging.model import Envelope, Facts, Refusal, Send, encode_envelope
from clarion.domain.messaging.outbox import NewRow
from clarion.domain.templates.handlebars import RenderError
from clarion.engine.jobs import Jobs
from clarion.store.database import Database

EMAIL = "EMAIL"


class Prepared(NamedTuple):
    """What came of a page: rows for the outbox, and events of those who get nothing."""

    rows: list[NewRow]
    events: list[EventRow]


class Messaging:
    """The message path of every app."""

    def __init__(
        self, database: Database, events: Events, jobs: Jobs, settings: Settings, clock: Clock, ids: Ids
    ) -> None:
        self._database = database
        self._events = events
        self._jobs = jobs
        self._clock = clock
        self.render = Renderer(settings, clock, ids)
        self._lanes: list[Lane] = []

    def add_lanes(self, lanes: Sequence[Lane]) -> None:
        """The lanes of this process, to be woken when there is something for them."""
        self._lanes += lanes

    def prepare(
        self, send: Send, content: EmailContent, endpoints: Sequence[Endpoint], facts: Facts, first: int
    ) -> Prepared:
        """Turn endpoints into messages or refusals. `first` numbers the first message for the rate."""
        rows: list[NewRow] = []
        events: list[EventRow] = []
        now = self._clock.now_ms()
        for endpoint in endpoints:
            # A page may come late, when the outbox was full or a database away: then its turn is now.
            due = max(now, self._due(send, first + len(rows)))
            said = refusal(GATES, send, endpoint, facts, due)
            if said is not None:
                events.append(outcomes.refused(subject(send, endpoint), said, at_ms=now, channel=endpoint.channel_type))
                continue
            try:
                rows.append(self._row(send, content, endpoint, due))
            except RenderError as error:
                events += self._unrendered(send, content, endpoint, error, now)
        return Prepared(rows, events)

    def hand_over(self, connection: sa.Connection, prepared: Prepared) -> None:
        """Write a prepared page in the caller's transaction."""
        outbox.add(self._database, connection, prepared.rows)
        if prepared.events:
            self._events.record(connection, prepared.events)
        if prepared.rows:
            self._database.after_commit(connection, self.wake)

    def open_group(self, connection: sa.Connection, group_id: str, job_kind: str, args: msgspec.Struct) -> None:
        """Announce a run's group: `job_kind` is enqueued once the group is closed and its messages are gone."""
        outbox.open_group(self._database, connection, group_id, job_kind, msgspec.json.encode(args))

    def close_group(self, connection: sa.Connection, group_id: str) -> None:
        """All of the run is planned; its job is enqueued here if nothing is left to hand over."""
        outbox.close_group(connection, group_id)
        self.lost(connection, [group_id])

    def drop_group(self, connection: sa.Connection, group_id: str) -> int:
        """Take back what was not handed over yet; answers how many messages."""
        dropped = outbox.delete_group(connection, group_id)
        self.close_group(connection, group_id)
        return dropped

    def lost(self, connection: sa.Connection, group_ids: Iterable[str]) -> None:
        """Groups lost messages without a lane: the jobs of those that have run dry are enqueued."""
        for _, kind, args in outbox.drained(connection, group_ids):
            self.enqueue(connection, kind, args)

    def enqueue(self, connection: sa.Connection, kind: str, args: bytes, key: str | None = None) -> None:
        """A job that was kept in the outbox: of a group that has run dry, or of a planner that was parked."""
        self._jobs.enqueue(connection, kind, msgspec.json.decode(args), due_ms=self._clock.now_ms(), key=key)

    def park(self, connection: sa.Connection, key: str, job_kind: str, args: msgspec.Struct) -> None:
        """Keep a planner's job of this key until the outbox has room; a lane enqueues it then."""
        outbox.park(self._database, connection, key, EMAIL, job_kind, msgspec.json.encode(args))
        self._database.after_commit(connection, self.wake)

    def crowded(self) -> bool:
        """Whether planners should hold back: the outbox is full enough."""
        return self._database.read(lambda connection: outbox.waiting(connection, EMAIL, HOLD_BACK))

    def wake(self) -> None:
        """Let the lanes look at the outbox now."""
        for lane in self._lanes:
            lane.wake()

    def _due(self, send: Send, number: int) -> int:
        return send.began_ms + number * 1000 // send.rate if send.rate else send.began_ms

    def _row(self, send: Send, content: EmailContent, endpoint: Endpoint, due_ms: int) -> NewRow:
        identity = message_id(send, endpoint.key)
        message = content.message(
            self.render,
            Recipient(
                message_id=identity,
                account=send.account,
                app_id=send.app_id,
                address=endpoint.address,
                context=template_context(endpoint),
                sent_at_ms=due_ms,
                ids=message_ids(send, endpoint),
            ),
        )
        envelope = Envelope(
            channel=EMAIL,
            account=send.account,
            region=send.region,
            app_id=send.app_id,
            origin=send.origin,
            endpoint_id=endpoint.id,
            user_id=endpoint.user_id,
            campaign_id=send.campaign_id,
            activity_id=send.activity_id,
            treatment_id=send.treatment_id,
            trace_id=send.trace_id,
            context=dict(send.context),
            endpoint=endpoint_record(send.app_id, endpoint),
            email=message,
        )
        return NewRow(identity, EMAIL, send.activity_id, due_ms, send.deadline_ms, encode_envelope(envelope))

    def _unrendered(
        self, send: Send, content: EmailContent, endpoint: Endpoint, error: RenderError, now: int
    ) -> list[EventRow]:
        about = subject(send, endpoint, message_id(send, endpoint.key))
        said = Refusal("render", error.message, "FAILURE_PERMANENT")
        mail = produced.Mail(
            message_id=about.message_id,
            sent_ms=now,
            from_address=content.from_address,
            destination=[endpoint.address],
            subject="",
        )
        detail = {"error_message": error.message}
        return [
            outcomes.refused(about, said, at_ms=now, channel=EMAIL),
            produced.email(about, "rendering_failure", mail, at_ms=now, detail=detail),
        ]


def message_id(send: Send, endpoint_key: str) -> str:
    """The id of the one message this run can send to this endpoint: planning again gives the same."""
    text = "\0".join((send.activity_id, send.treatment_id, endpoint_key))
    return hashlib.blake2b(text.encode(), digest_size=16, person=b"clarion-message").hexdigest()


def endpoint_record(app_id: str, endpoint: Endpoint) -> str:
    """The endpoint as JSON text, for the `client_context` of an event."""
    return msgspec.json.encode(answer(app_id, endpoint)).decode()


def message_ids(send: Send, endpoint: Endpoint) -> dict[str, str]:
    """The ids that go along with a message, for whoever looks at it; only those that apply."""
    found: Mapping[str, str] = {
        "EndpointId": endpoint.id,
        "UserId": endpoint.user_id,
        "CampaignId": send.campaign_id,
        "TreatmentId": send.treatment_id if send.campaign_id else "",
        "TraceId": send.trace_id,
    }
    return {name: value for name, value in found.items() if value}


def subject(send: Send, endpoint: Endpoint, message: str = "") -> Subject:
    """Whom and which run events about this recipient are about."""
    return Subject(
        account=send.account,
        app_id=send.app_id,
        endpoint_id=endpoint.id,
        endpoint_key=endpoint.key,
        user_id=endpoint.user_id,
        campaign_id=send.campaign_id,
        treatment_id=send.treatment_id,
        activity_id=send.activity_id,
        trace_id=send.trace_id,
        message_id=message,
        endpoint=endpoint_record(send.app_id, endpoint),
        context=send.context,
    )
