"""What is sent to whom, and what stands in its way: the words of the message path.

A `Send` is everything one run has in common for all recipients; a recipient's turn ends as a `Message` for the
outbox or as a `Refusal` with the gate that said no. Both become events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

from clarion.channels.port import (
    CustomOutgoing,
    EmailOutgoing,
    Outgoing,
    PushOutgoing,
    SmsOutgoing,
    VoiceOutgoing,
)
from clarion.domain.audience.model import Endpoint
from clarion.domain.messaging.guardrails.frequency import Tally
from clarion.domain.messaging.lanes.names import OTP, PROMOTIONAL, TRANSACTIONAL
from clarion.shapes.pinpoint import QuietTime

Origin = Literal["campaign", "journey", "direct"]
SendStatus = Literal[
    "SUCCESS",
    "FAILURE",
    "FAILURE_PERMANENT",
    "TRANSIENT_FAILURE",
    "THROTTLED",
    "UNKNOWN",
    "DAILY_CAP",
    "CAMPAIGN_CAP",
    "EXPIRED",
    "QUIET_TIME",
    "QUIET_TIME_MISSING_TIMEZONE",
    "QUIET_TIME_WAIT_FINISHED",
    "HOLDOUT",
    "DUPLICATE_ADDRESS",
    "UNSUPPORTED_CHANNEL",
    "HOOK_FAILURE",
    "CUSTOM_DELIVERY_FAILURE",
    "RECOMMENDATION_FAILURE",
    "SERVICE_FAILURE",
]

ActivityType = Literal["", "EMAIL", "SMS", "PUSH", "CUSTOM"]
"""What events call the kinds of journeys' message activities."""

LaneName = Literal["EMAIL", "PUSH", "SMS", "VOICE", "CUSTOM"]
"""The ways out of the outbox: several channel types may share one."""

EMAIL: LaneName = "EMAIL"
PUSH: LaneName = "PUSH"
SMS: LaneName = "SMS"
VOICE: LaneName = "VOICE"
CUSTOM: LaneName = "CUSTOM"


class Caps(msgspec.Struct, frozen=True):
    """Most messages to one endpoint; 0 is no limit. `app_daily` counts all campaigns and journeys of the app."""

    app_daily: int = 0
    daily: int = 0
    total: int = 0

    @property
    def any(self) -> bool:
        return bool(self.app_daily or self.daily or self.total)


class Send(msgspec.Struct, frozen=True, kw_only=True):
    """What all messages of one run and treatment share.

    `channels` are the channel types there is content for, `custom` those of them whose messages go the custom way;
    `Messaging.prepare` fills them in. `activity_id` is the
    run, the `campaign_activity_id` of its events and the outbox group of its messages; of a journey it is the
    activity, of type `activity_type`, and all messages of the journey are one group. `cohorts` in `holdout`
    (0-99) get nothing. `began_ms` is when this part of the run began in the product's time, `deadline_ms` when
    delivery is given up (None: never). `rate` is messages per second, 0 as fast as possible.
    `zone_fault` says why nobody of this part of a local-time run can be served. What is `urgent` (one-time passwords)
    goes before everything else. An `answer` to what somebody wrote to us leaves whatever they chose meanwhile.
    """

    account: str
    region: str
    app_id: str
    origin: Origin
    channels: frozenset[str] = frozenset()
    custom: frozenset[str] = frozenset()
    activity_id: str = ""
    activity_type: ActivityType = ""
    campaign_id: str = ""
    journey_id: str = ""
    treatment_id: str = "0"
    trace_id: str = ""
    context: Mapping[str, str] = {}
    caps: Caps = Caps()
    quiet_time: QuietTime | None = None
    holdout: frozenset[int] = frozenset()
    began_ms: int = 0
    deadline_ms: int | None = None
    rate: float = 0
    zone_fault: Literal["", "missing", "past"] = ""
    urgent: bool = False
    answer: bool = False

    @property
    def group_id(self) -> str:
        """The outbox group of its messages."""
        return journey_group(self.journey_id) if self.journey_id else self.activity_id

    def delivery(self, endpoint: Endpoint) -> str:
        """What events call the way of a message to this endpoint (`delivery_type`)."""
        return CUSTOM if endpoint.channel_type in self.custom else endpoint.channel_type


class Counts(msgspec.Struct):
    """How often one endpoint was targeted before, for the caps."""

    app_daily: int = 0
    daily: int = 0
    total: int = 0


class Occasion(msgspec.Struct, frozen=True):
    """What gives rise to one message of a run that may send several to one endpoint: a name of its own among them,
    when it is due and when delivery is given up (Unix ms; None: when the send says), and the run of a journey."""

    name: str = ""
    deadline_ms: int | None = None
    due_ms: int | None = None
    run_id: str = ""


class Limit(Protocol):
    """What somebody may still get of whoever sends, by their own rules; grows with each turn."""

    def over(self, endpoint_key: str) -> Refusal | None:
        """Why the endpoint must not get another message; None when it may."""
        ...

    def add(self, endpoint_key: str, number: int) -> None:
        """The endpoint gets a message; -1 takes it back."""
        ...


class Facts(msgspec.Struct):
    """What the gates need to know beyond endpoint and send, fetched once a page; by the endpoints' keys.

    `control_group` are those that no campaign writes to, `frequency` (None: without caps) grows with each turn, as
    does `limit`, the sender's own. `decided` are refusals that are settled already.
    """

    duplicates: frozenset[str] = frozenset()
    counts: Mapping[str, Counts] = {}
    occasions: Mapping[str, Occasion] = {}
    control_group: frozenset[str] = frozenset()
    frequency: Tally | None = None
    limit: Limit | None = None
    decided: Mapping[str, Refusal] = {}

    @property
    def counted(self) -> bool:
        """Whether what is planned has to be known before it is sent."""
        return self.frequency is not None or self.limit is not None


class Refusal(msgspec.Struct, frozen=True):
    """Why somebody gets nothing. `status` is Pinpoint's own word for it, if it writes an event at all."""

    gate: str
    reason: str
    status: SendStatus | None = None


class Turn(msgspec.Struct, kw_only=True):
    """A recipient whom all gates let pass, before anything is rendered: what enrichers may change.

    `variables` are what the texts can name (`audience.model.template_context`). `title` and `body`, when not None,
    take the place of the message's own, as sources. With a `refusal` the person gets nothing. `run_id` is a
    journey's run. Unix ms.
    """

    endpoint: Endpoint
    due_ms: int
    variables: dict[str, Any]
    message_id: str = ""
    deadline_ms: int | None = None
    title: str | None = None
    body: str | None = None
    refusal: Refusal | None = None
    run_id: str = ""


Enricher = Callable[[Send, Sequence[Turn]], None]
"""Adds to the turns of a page, in place, or refuses some of them: a hook, a recommender. Never raises for one turn."""


class Envelope(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A message in the outbox, with all its outcome events will have to say. Outlives releases: versioned.

    `channel` is what events call its way (`delivery_type`): the endpoint's channel type, or CUSTOM. The message is
    in the one member that is there of `email`, `push`, `sms`, `voice`, `custom`. `planned_ms` is when it went into the
    outbox (Unix ms; 0: by a release that did not say). An `answer` leaves whatever its recipient chose since.
    """

    version: int = 1
    channel: str
    account: str
    region: str
    app_id: str
    origin: Origin
    endpoint_id: str = ""
    user_id: str = ""
    campaign_id: str = ""
    activity_id: str = ""
    treatment_id: str = ""
    journey_id: str = ""
    journey_run_id: str = ""
    trace_id: str = ""
    context: dict[str, str] = {}
    client_id: str = ""
    endpoint: str = ""
    planned_ms: int = 0
    answer: bool = False
    email: EmailOutgoing | None = None
    push: PushOutgoing | None = None
    sms: SmsOutgoing | None = None
    voice: VoiceOutgoing | None = None
    custom: CustomOutgoing | None = None

    @property
    def message(self) -> Outgoing:
        """The message itself."""
        found = self.email or self.push or self.sms or self.voice or self.custom
        assert found is not None
        return found


def journey_group(journey_id: str) -> str:
    """The outbox group of a journey's messages."""
    return f"journey:{journey_id}"


def put(envelope: Envelope, message: Outgoing) -> None:
    """Put the message into its member of the envelope."""
    match message:
        case EmailOutgoing():
            envelope.email = message
        case PushOutgoing():
            envelope.push = message
        case SmsOutgoing():
            envelope.sms = message
        case VoiceOutgoing():
            envelope.voice = message
        case CustomOutgoing():
            envelope.custom = message


def priority(send: Send, message: Outgoing) -> int:
    """How urgent a message is: one-time passwords, then what is transactional, then what is promotional."""
    if send.urgent:
        return OTP
    if isinstance(message, SmsOutgoing):
        return TRANSACTIONAL if message.message_type == "TRANSACTIONAL" else PROMOTIONAL
    return TRANSACTIONAL if send.origin == "direct" else PROMOTIONAL


encode_envelope = msgspec.msgpack.Encoder().encode
decode_envelope = msgspec.msgpack.Decoder(Envelope).decode
