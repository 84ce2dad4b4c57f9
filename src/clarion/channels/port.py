"""The port between messaging and the outside world: what is handed over, and what came of it.

A transport takes a batch and answers one `Outcome` a message, in the same order. What is known beyond the
hand-over itself (it bounced, somebody complained) travels along as an ordered list of facts; whoever asked
turns them into events. Whether and when to try again is the caller's business, never the transport's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, TypeVar

import msgspec

Status = Literal["sent", "delivered", "temporary", "permanent", "throttled"]
BounceType = Literal["Permanent", "Transient", "Undetermined"]
BounceSubType = Literal[
    "Undetermined",
    "General",
    "NoEmail",
    "Suppressed",
    "OnAccountSuppressionList",
    "MailboxFull",
    "MessageTooLarge",
    "ContentRejected",
    "AttachmentRejected",
]


class Delivery(msgspec.Struct, frozen=True, tag="delivery"):
    """The recipient's mailbox has it."""

    smtp_response: str
    reporting_mta: str = ""
    processing_ms: int = 0


class Bounce(msgspec.Struct, frozen=True, tag="bounce", kw_only=True):
    """It came back. `Permanent` is a hard bounce, everything else a soft one.

    `simulated` bounces come from the mailbox simulator: no suppression list and no bounce rate counts them.
    """

    bounce_type: BounceType
    bounce_sub_type: BounceSubType = "General"
    status: str = ""
    diagnostic_code: str = ""
    action: str = "failed"
    reporting_mta: str = ""
    simulated: bool = False


class Complaint(msgspec.Struct, frozen=True, tag="complaint", kw_only=True):
    """The recipient called it spam; `simulated` as for bounces."""

    feedback_type: str = "abuse"
    user_agent: str = ""
    simulated: bool = False


class Rejection(msgspec.Struct, frozen=True, tag="rejection"):
    """It was accepted but will not be sent, because of what is in it."""

    reason: str = "Bad content"


class Receipt(msgspec.Struct, frozen=True, tag="receipt", kw_only=True):
    """What a carrier said of a text message in the end: `record_status` is its own word (DELIVERED, UNREACHABLE …).

    `price_millicents` (thousandths of a US cent) is for all its parts, None when it is not known.
    """

    kind: Literal["SUCCESS", "FAILURE", "OPTOUT"]
    record_status: str
    origination_number: str = ""
    price_millicents: float | None = None


class Gone(msgspec.Struct, frozen=True, tag="gone", kw_only=True):
    """The address leads to nobody any more, a push token of an app that was removed for example: its endpoint becomes
    INACTIVE with the reason. `since_ms` (Unix ms, 0: not known): since when; an address registered later is alive.
    """

    reason: str
    since_ms: int = 0


class Moved(msgspec.Struct, frozen=True, tag="moved"):
    """The address goes on under another one, which the provider tells."""

    address: str


EmailFact = Delivery | Bounce | Complaint | Rejection
Fact = EmailFact | Receipt | Gone | Moved

Blame = Literal["message", "provider", "credentials"]


class Outcome(msgspec.Struct, frozen=True):
    """What came of handing over one message.

    - `sent`: the next hop has taken responsibility; whether it arrives is not known, or is said by `events`.
    - `delivered`: it is in the recipient's mailbox.
    - `temporary`: not this time; the same message may be tried again.
    - `permanent`: this message will never go; do not try again.
    - `throttled`: nothing is wrong with the message, the next hop wants us to slow down.

    `detail` is one line for people, `response` the next hop's own words ("250 2.0.0 queued"), `events` the
    facts known at once, in order of happening. The events of a `temporary` outcome are what to record if
    the caller gives up. `uncertain`: the answer got lost after the message had been passed on, so trying
    again may deliver it twice (with the same Message-ID). `answered` is what a function or web hook said of the
    endpoint, for whoever asks later.

    `blame` says whose fault a failure is. Of "message" the message has failed, or its address; of "provider" (it cannot
    be reached, or is ill) and "credentials" (it does not let us in) no message is to suffer: those attempts do not
    count, the lane rests, and another provider may be asked. `provider_message_id` is what the provider called
    `provider` calls the message: later receipts name it. Of a text message that left in several parts it is the ids of
    all of them in order, joined by commas (no id has one): each part has its receipts, the message is delivered once
    all parts are, and has failed once one has. `retry_after_ms` is how long it wants us to wait; 0 of a throttled
    message: only this one has to, others may go on.
    """

    status: Status
    detail: str = ""
    response: str = ""
    events: tuple[Fact, ...] = ()
    uncertain: bool = False
    answered: Mapping[str, str] = {}
    blame: Blame = "message"
    provider_message_id: str = ""
    provider: str = ""
    retry_after_ms: int | None = None

    @property
    def slows_lane(self) -> bool:
        """Whether whoever sends is to slow down, and not only this message to wait."""
        return self.status == "throttled" and self.retry_after_ms != 0


class EmailOutgoing(msgspec.Struct, kw_only=True):
    """One e-mail to one recipient, rendered.

    `from_address` and `reply_to` may carry display names (`"Acme" <shop@acme.test>`), `to_address` too; the
    bare addresses are the envelope. `raw` is a complete MIME message and replaces subject, text, html and
    headers. `to_header` and `cc_header` are what the recipient sees when it is not only `to_address`.
    `return_path` is the envelope sender if it is not the from address. `unsubscribe_url` and
    `unsubscribe_address` (where to write to) become the List-Unsubscribe headers unless `headers` bring their
    own. `context` holds the ids that whoever looks at the message wants to see (EndpointId, UserId, CampaignId,
    TreatmentId, JourneyId, JourneyActivityId, TraceId). `sent_at_ms` (Unix ms) is the Date header, so that
    a retry is the same message to the byte.
    """

    message_id: str
    account: str
    app_id: str
    from_address: str
    to_address: str
    subject: str = ""
    text: str | None = None
    html: str | None = None
    reply_to: list[str] = []
    headers: list[tuple[str, str]] = []
    raw: bytes | None = None
    context: dict[str, str] = {}
    sent_at_ms: int = 0
    to_header: list[str] = []
    cc_header: list[str] = []
    return_path: str = ""
    unsubscribe_url: str = ""
    unsubscribe_address: str = ""


PushService = Literal["GCM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "ADM", "BAIDU", "WEB_PUSH"]
"""The push services, by the channel types of their endpoints; WEB_PUSH is not Pinpoint's."""


class PushOutgoing(msgspec.Struct, kw_only=True):
    """One push notification to one device, in its service's own form.

    `to_address` is the device token, `payload` the JSON body that the service gets, to the byte, `headers` what
    APNs takes beside it. `title` and `body` are for people who look at it. `method` is how the message wants the
    sender to sign in ("KEY", "TOKEN", "CERTIFICATE"; "": as the channel says). `context` and `sent_at_ms` as for
    e-mails.
    """

    message_id: str
    account: str
    app_id: str
    service: PushService
    to_address: str
    payload: bytes
    headers: list[tuple[str, str]] = []
    title: str = ""
    body: str = ""
    method: str = ""
    context: dict[str, str] = {}
    sent_at_ms: int = 0


class SmsOutgoing(msgspec.Struct, kw_only=True):
    """One text message to one phone number. What is "" was not said and is the sender's to choose.

    `entity_id` and `template_id` are India's registrations. `context` and `sent_at_ms` as for e-mails.
    """

    message_id: str
    account: str
    app_id: str
    to_address: str
    body: str
    message_type: Literal["", "TRANSACTIONAL", "PROMOTIONAL"] = ""
    origination_number: str = ""
    sender_id: str = ""
    keyword: str = ""
    entity_id: str = ""
    template_id: str = ""
    context: dict[str, str] = {}
    sent_at_ms: int = 0


class VoiceOutgoing(msgspec.Struct, kw_only=True):
    """One call to one phone number: a text to be spoken, plain or SSML. What is "" is the sender's to choose.

    `context` and `sent_at_ms` as for e-mails.
    """

    message_id: str
    account: str
    app_id: str
    to_address: str
    body: str
    language_code: str = ""
    voice_id: str = ""
    origination_number: str = ""
    body_type: Literal["TEXT", "SSML"] = "TEXT"
    context: dict[str, str] = {}
    sent_at_ms: int = 0


class CustomOutgoing(msgspec.Struct, kw_only=True):
    """What a customer's own function or web hook (`destination`) is told of one endpoint.

    Messages of one destination, activity and treatment may go out in one call. `data` is the message's own text,
    unchanged; `endpoint` the endpoint's JSON document, as it stands in the call; `scheduled_ms` (Unix ms) when
    the activity was due. `to_address` is the endpoint's address. `context` and `sent_at_ms` as for e-mails.
    """

    message_id: str
    account: str
    app_id: str
    destination: str
    endpoint_id: str
    endpoint: bytes
    data: str = ""
    campaign_id: str = ""
    treatment_id: str = ""
    activity_id: str = ""
    scheduled_ms: int = 0
    to_address: str = ""
    context: dict[str, str] = {}
    sent_at_ms: int = 0


Outgoing = EmailOutgoing | PushOutgoing | SmsOutgoing | VoiceOutgoing | CustomOutgoing

OutgoingT = TypeVar("OutgoingT", contravariant=True)


class Transport(Protocol[OutgoingT]):
    """A way out for one channel. `name` is what settings call it, `channel` what it carries ("email", "push" …)."""

    name: str
    channel: str

    async def open(self) -> None:
        """Get ready, on the event loop that `send` will run on. Needs no peer to be reachable."""

    async def close(self) -> None:
        """Let go of connections; a later `open` starts anew."""

    async def send(self, messages: Sequence[OutgoingT]) -> list[Outcome]:
        """Hand over a batch: one outcome a message, in order. Never raises for a message's own failure.

        May be called several times at once. Cancelling it leaves the fate of unanswered messages open.
        """
        ...
