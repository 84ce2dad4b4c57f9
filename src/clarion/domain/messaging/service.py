"""Verbs of the message path: prepare a page of recipients, and put what came of it into a transaction.

`prepare` decides and renders and touches no database; `hand_over` writes messages and refusals in the transaction
of the caller's own checkpoint, so that a crash in between repeats or loses nobody.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, get_args

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
from clarion.domain.messaging.content import Content, EmailContent, Localised, Recipient, Renderer, Unsendable
from clarion.domain.messaging.gates import GATES_OF, deadline, refusal
from clarion.domain.messaging.guardrails.frequency import Person
from clarion.domain.messaging.lanes.looking import Look
from clarion.domain.messaging.lanes.names import queue_of
from clarion.domain.messaging.lanes.pump import HOLD_BACK, LanePump, Settled
from clarion.domain.messaging.lanes.way import Way
from clarion.domain.messaging.model import (
    CUSTOM,
    EMAIL,
    Enricher,
    Envelope,
    Facts,
    LaneName,
    Occasion,
    Refusal,
    Send,
    Turn,
    encode_envelope,
    priority,
    put,
)
from clarion.domain.messaging.outbox import NewRow
from clarion.domain.messaging.texting import failure
from clarion.engine.jobs import Jobs
from clarion.store.database import Database

__all__ = ["EMAIL", "Messaging", "Prepared"]


class Prepared(NamedTuple):
    """What came of a page: rows for the outbox, and events of those who get nothing. `turns` counts those whom all
    gates let pass: the numbers that the page used up of the rate."""

    rows: list[NewRow]
    events: list[EventRow]
    turns: int = 0


Withhold = Callable[[sa.Connection, list[NewRow]], tuple[list[NewRow], list[EventRow]]]
"""What goes out of these messages, and the events of those that do not."""


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
        self._lanes: list[LanePump] = []
        self._ways: Mapping[LaneName, Way] = {}
        self.settled: list[Settled] = []
        self.looks: list[Look] = []
        self._withhold: list[Withhold] = []
        self._always: list[Enricher] = []

    def add_lanes(self, lanes: Sequence[LanePump]) -> None:
        """The lanes of this process, to be woken when there is something for them."""
        self._lanes += lanes

    def rests(self, row: NewRow) -> bool:
        """Whether a message will not leave soon, as far as this process knows: its lane rests, or is paused."""
        return any(lane.rests(row.queue) for lane in self._lanes if lane.channel == row.channel)

    def route(self, ways: Mapping[LaneName, Way]) -> None:
        """Where messages can go, by channel: from now on they are led into the lanes of these."""
        self._ways = ways

    def on_settled(self, tell: Settled) -> None:
        """Have somebody told what came of messages, in the transaction that records it."""
        self.settled.append(tell)

    def always(self, enrich: Enricher) -> None:
        """Have somebody look through every page before those whom its sender names."""
        self._always.append(enrich)

    def withhold(self, decide: Withhold) -> None:
        """Have somebody asked about messages before they are written: those that it keeps back are not sent."""
        self._withhold.append(decide)

    def on_leaving(self, look: Look) -> None:
        """Have somebody asked once more about messages that waited, right before they are handed over."""
        self.looks.append(look)

    def row(
        self,
        send: Send,
        envelope: Envelope,
        channel: LaneName,
        group_id: str,
        due_ms: int,
        deadline_ms: int | None = None,
    ) -> NewRow:
        """A message as it goes into the outbox: into the queue of the lane that will carry it."""
        message = envelope.message
        way = self._ways.get(channel)
        lane = way.lanes(message)[0] if way is not None else channel
        envelope.planned_ms, envelope.answer = self._clock.now_ms(), send.answer
        body = encode_envelope(envelope)
        queue = queue_of(lane, priority(send, message))
        return NewRow(message.message_id, channel, group_id, due_ms, deadline_ms, body, queue)

    def prepare(
        self,
        send: Send,
        contents: Mapping[str, Content],
        endpoints: Sequence[Endpoint],
        facts: Facts,
        first: int,
        enrich: Sequence[Enricher] = (),
    ) -> Prepared:
        """Turn endpoints into messages or refusals: gates, enrichers, rendering.

        `contents` is what is said, by channel type; `first` numbers the first turn for the rate.
        """
        if send.channels != contents.keys():
            custom = frozenset(channel for channel, content in contents.items() if content.lane == CUSTOM)
            send = msgspec.structs.replace(send, channels=frozenset(contents), custom=custom)
        prepared = Prepared([], [])
        now = self._clock.now_ms()
        turns = self._turns(send, contents, endpoints, facts, first, now, prepared.events)
        for enricher in (*self._always, *enrich) if turns else ():
            enricher(send, turns)
        for turn in turns:
            content = contents[turn.endpoint.channel_type]
            if turn.refusal is not None:
                about = subject(send, turn.endpoint, turn.message_id, turn.run_id)
                prepared.events.append(
                    outcomes.refused(about, turn.refusal, at_ms=now, channel=_delivery(content, turn.endpoint))
                )
                if (failed := failure(about, turn.endpoint.address, turn.refusal, at_ms=now)) is not None:
                    prepared.events.append(failed)
                _count(send, turn.endpoint, facts, -1)
                continue
            try:
                prepared.rows.append(self._row(send, content, turn))
            except Unsendable as error:
                prepared.events.extend(self._unrendered(send, content, turn, error.message, now))
            else:
                if facts.counted:
                    about = subject(send, turn.endpoint, turn.message_id, turn.run_id)
                    way = send.delivery(turn.endpoint)
                    prepared.events.append(produced.planned(about, at_ms=now, delivery_type=way))
        return prepared._replace(turns=len(turns))

    def _turns(
        self,
        send: Send,
        contents: Mapping[str, Content],
        endpoints: Sequence[Endpoint],
        facts: Facts,
        first: int,
        now: int,
        events: list[EventRow],
    ) -> list[Turn]:
        """The turns of those whom all gates let pass; what becomes of the others goes into `events`."""
        turns: list[Turn] = []
        gates = GATES_OF[send.origin]
        for endpoint in endpoints:
            # A page may come late, when the outbox was full or a database away: then its turn is now.
            occasion = facts.occasions.get(endpoint.key)
            wanted = occasion.due_ms if occasion else None
            due = max(now, self._due(send, first + len(turns)) if wanted is None else wanted)
            said = refusal(gates, send, endpoint, facts, due)
            if said is None:
                identity = message_id(send, endpoint.key, occasion)
                turn = Turn(endpoint=endpoint, due_ms=due, variables=template_context(endpoint), message_id=identity)
                turn.deadline_ms = deadline(send, endpoint, facts)
                turn.run_id = occasion.run_id if occasion else ""
                turns.append(turn)
                _count(send, endpoint, facts, 1)
                continue
            channel = _delivery(contents.get(endpoint.channel_type), endpoint)
            # One of several messages that a run may send to an endpoint is told from the others by its id.
            named = message_id(send, endpoint.key, occasion) if occasion else ""
            about = subject(send, endpoint, named, occasion.run_id if occasion else "")
            events.append(outcomes.refused(about, said, at_ms=now, channel=channel))
        return turns

    def sift(self, connection: sa.Connection, prepared: Prepared) -> Prepared:
        """The page without messages that somebody keeps back, and with the events of those."""
        for decide in self._withhold:
            kept, events = decide(connection, prepared.rows)
            prepared = prepared._replace(rows=kept, events=[*prepared.events, *events])
        return prepared

    def hand_over(self, connection: sa.Connection, prepared: Prepared) -> None:
        """Write a prepared page in the caller's transaction."""
        prepared = self.sift(connection, prepared)
        outbox.add(self._database, connection, prepared.rows)
        if prepared.events:
            self._events.record(connection, prepared.events)
        if prepared.rows:
            lanes = {row.channel for row in prepared.rows}
            self._database.after_commit(connection, lambda: self.wake(lanes))

    def open_group(self, connection: sa.Connection, group_id: str, job_kind: str, args: msgspec.Struct) -> None:
        """Announce a run's group: `job_kind` is enqueued once the group is closed and its messages are gone."""
        outbox.open_group(self._database, connection, group_id, job_kind, msgspec.json.encode(args))

    def close_group(self, connection: sa.Connection, group_id: str) -> None:
        """All of the run is planned; its job is enqueued here if nothing is left to hand over."""
        outbox.close_group(connection, group_id)
        self.lost(connection, [group_id])

    def hold_group(self, connection: sa.Connection, group_id: str) -> int:
        """Keep back what was not handed over yet, until it is freed or dropped; answers how many messages."""
        return outbox.hold_group(connection, group_id)

    def free_group(self, connection: sa.Connection, group_id: str, later_ms: int) -> int:
        """Let held messages go, each `later_ms` after it was due before, so that they keep their pace."""
        self._database.after_commit(connection, lambda: self.wake(get_args(LaneName)))
        return outbox.free_group(connection, group_id, later_ms)

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

    def park(
        self, connection: sa.Connection, key: str, job_kind: str, args: msgspec.Struct, lane: LaneName = EMAIL
    ) -> None:
        """Keep a planner's job of this key until the outbox has room for the lane's; the lane enqueues it then."""
        outbox.park(self._database, connection, key, lane, job_kind, msgspec.json.encode(args))
        self._database.after_commit(connection, lambda: self.wake((lane,)))

    def crowded(self, lanes: Collection[LaneName] = (EMAIL,), most: int = HOLD_BACK) -> LaneName | None:
        """The first of these lanes whose outbox is full enough for planners to hold back, to park them there."""

        def look(connection: sa.Connection) -> LaneName | None:
            return next((lane for lane in lanes if self._is_full(connection, lane, most)), None)

        return self._database.read(look)

    def _is_full(self, connection: sa.Connection, channel: LaneName, most: int) -> bool:
        """Whether so many messages of a channel wait; those for providers that are ill must not stop all others."""
        if not outbox.waiting(connection, channel, most):
            return False
        pump = next((pump for pump in self._lanes if pump.channel == channel), None)
        aside = pump.aside(connection) if pump is not None else []
        return not aside or outbox.waiting(connection, channel, most, aside)

    def wake(self, lanes: Container[str]) -> None:
        """Let these lanes look at the outbox now."""
        for lane in self._lanes:
            if lane.channel in lanes:
                lane.wake()

    def _due(self, send: Send, number: int) -> int:
        return send.began_ms + int(number * 1000 / send.rate) if send.rate else send.began_ms

    def _row(self, send: Send, content: Content, turn: Turn) -> NewRow:
        endpoint = turn.endpoint
        message = content.message(
            self.render,
            Recipient(
                message_id=turn.message_id,
                account=send.account,
                app_id=send.app_id,
                address=endpoint.address,
                context=turn.variables,
                sent_at_ms=turn.due_ms,
                ids=message_ids(send, endpoint, turn.run_id),
                channel=endpoint.channel_type,
                endpoint=endpoint,
                activity_id=send.activity_id,
                given=send.context,
                title=turn.title,
                body=turn.body,
            ),
        )
        envelope = Envelope(
            channel=_delivery(content, endpoint),
            account=send.account,
            region=send.region,
            app_id=send.app_id,
            origin=send.origin,
            endpoint_id=endpoint.id,
            user_id=endpoint.user_id,
            campaign_id=send.campaign_id,
            activity_id=send.activity_id,
            treatment_id=send.treatment_id,
            journey_id=send.journey_id,
            journey_run_id=turn.run_id,
            trace_id=send.trace_id,
            context=dict(send.context),
            endpoint=endpoint_record(send.app_id, endpoint),
        )
        put(envelope, message)
        return self.row(send, envelope, content.lane, send.group_id, turn.due_ms, turn.deadline_ms)

    def _unrendered(self, send: Send, content: Content, turn: Turn, problem: str, now: int) -> Iterator[EventRow]:
        endpoint = turn.endpoint
        about = subject(send, endpoint, turn.message_id, turn.run_id)
        said = Refusal("render", problem, "FAILURE_PERMANENT")
        yield outcomes.refused(about, said, at_ms=now, channel=_delivery(content, endpoint))
        if isinstance(content, Localised):
            content = content.default
        if isinstance(content, EmailContent):
            yield outcomes.rendering_failure(about, content.from_address, endpoint.address, problem, at_ms=now)


def _count(send: Send, endpoint: Endpoint, facts: Facts, number: int) -> None:
    """A turn is, or is not, one of the messages that caps count."""
    if facts.limit is not None:
        facts.limit.add(endpoint.key, number)
    if facts.frequency is not None:
        facts.frequency.add(Person(endpoint.key, endpoint.user_id), send.delivery(endpoint), number)


def _delivery(content: Content | None, endpoint: Endpoint) -> str:
    """What events call the way of a message to this endpoint."""
    return CUSTOM if content is not None and content.lane == CUSTOM else endpoint.channel_type


def message_id(send: Send, endpoint_key: str, occasion: Occasion | None = None) -> str:
    """The id of the one message this run can send to this endpoint on this occasion: planning again gives the same."""
    parts = (send.activity_id, send.treatment_id, endpoint_key, *((occasion.name,) if occasion else ()))
    text = "\0".join(parts)
    return hashlib.blake2b(text.encode(), digest_size=16, person=b"clarion-message").hexdigest()


def endpoint_record(app_id: str, endpoint: Endpoint) -> str:
    """The endpoint as JSON text, for the `client_context` of an event."""
    return msgspec.json.encode(answer(app_id, endpoint)).decode()


def message_ids(send: Send, endpoint: Endpoint, run_id: str = "") -> dict[str, str]:
    """The ids that go along with a message, for whoever looks at it; only those that apply."""
    found: Mapping[str, str] = {
        "EndpointId": endpoint.id,
        "UserId": endpoint.user_id,
        "CampaignId": send.campaign_id,
        "TreatmentId": send.treatment_id if send.campaign_id else "",
        "JourneyId": send.journey_id,
        "JourneyRunId": run_id,
        "JourneyActivityId": send.activity_id if send.journey_id else "",
        "TraceId": send.trace_id,
    }
    return {name: value for name, value in found.items() if value}


def released(send: Send, endpoint: Endpoint, occasion: Occasion, *, at_ms: int) -> EventRow:
    """The record that what is sent on an occasion was held back for quiet time, which is over."""
    named = message_id(send, endpoint.key, occasion)
    return outcomes.released(subject(send, endpoint, "", occasion.run_id), named, at_ms=at_ms)


def subject(send: Send, endpoint: Endpoint, message: str = "", run_id: str = "") -> Subject:
    """Whom and which run events about this recipient are about; `run_id` is a journey's."""
    return Subject(
        account=send.account,
        app_id=send.app_id,
        endpoint_id=endpoint.id,
        endpoint_key=endpoint.key,
        user_id=endpoint.user_id,
        campaign_id=send.campaign_id,
        treatment_id=send.treatment_id,
        journey_id=send.journey_id,
        journey_run_id=run_id,
        activity_id=send.activity_id,
        activity_type=send.activity_type,
        trace_id=send.trace_id,
        message_id=message,
        endpoint=endpoint_record(send.app_id, endpoint),
        context=send.context,
    )
