"""Text messages by AWS End User Messaging, the service that AWS still runs: SendTextMessage of pinpoint-sms-voice-v2.

    SendTextMessage ─→ the message's id
    configuration set ─→ topic of SNS ─→ /providers/{name}: what became of it
    two-way number ─────→ topic of SNS ─→ /providers/{name}: a text from a person

What talks to AWS is in `voice_v2`, which loads boto3. Source: specs of SMS voice v2, 0.4, 7 and 13, and of SMS, 7.4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from clarion.channels import sns
from clarion.channels.feedback import InboundText, ReceiptReport
from clarion.channels.port import Outgoing, SmsOutgoing, Transport
from clarion.channels.provider import Provider, ProviderConfig, Surroundings, Webhook
from clarion.channels.sns import Fetch
from clarion.core.errors import Invalid

SERVICE = "pinpoint-sms-voice-v2"

_NAME = re.compile(r"[A-Za-z0-9_:/+-]{1,256}")
_EVENTS: Mapping[str, tuple[str, str]] = {
    "DELIVERED": ("SUCCESS", "DELIVERED"),
    "SUCCESSFUL": ("SUCCESS", "SUCCESSFUL"),
    "INVALID": ("FAILURE", "INVALID"),
    "INVALID_MESSAGE": ("FAILURE", "INVALID_MESSAGE"),
    "UNREACHABLE": ("FAILURE", "UNREACHABLE"),
    "CARRIER_UNREACHABLE": ("FAILURE", "CARRIER_UNREACHABLE"),
    "BLOCKED": ("FAILURE", "BLOCKED"),
    "CARRIER_BLOCKED": ("FAILURE", "CARRIER_BLOCKED"),
    "SPAM": ("FAILURE", "SPAM"),
    "UNKNOWN": ("FAILURE", "UNKNOWN"),
    "TTL_EXPIRED": ("FAILURE", "TTL_EXPIRED"),
    "PROTECT_BLOCKED": ("FAILURE", "BLOCKED"),
}
"""Kind and record status of final events, by their type without TEXT_."""


class AwsConfig(ProviderConfig, kw_only=True, frozen=True):
    """One account and region. The access key is that of the settings (`callout_access_key_id`), or what boto3 finds.

    Texts that name no sender come from `origination` (a number, pool or sender ID, by id or ARN), or are left to AWS.
    `configuration_set` sends events to `topic`, as two-way numbers do with texts; the topic posts to us.
    """

    region: str
    role: str = ""
    origination: str = ""
    configuration_set: str = ""
    topic: str = ""
    connections: int = 20
    timeout_seconds: float = 30

    def check(self) -> None:
        """See `ProviderConfig`."""
        if not re.fullmatch(r"[a-z0-9-]{3,32}", self.region):
            raise Invalid("region: must be a region of AWS, such as eu-central-1")
        for member in ("role", "origination", "configuration_set"):
            if (value := getattr(self, member)) and not _NAME.fullmatch(value):
                raise Invalid(f"{member}: must be a name, an id or an ARN")
        sns.check_topic("topic", self.topic)
        if not 1 <= self.connections <= 200:
            raise Invalid("connections: must be 1 to 200")
        if not 1 <= self.timeout_seconds <= 600:
            raise Invalid("timeout_seconds: must be 1 to 600")


class Told(msgspec.Struct, rename="camel"):
    """An event of a text message, or a text from a person: SNS posts both."""

    event_type: str = ""
    message_id: str = ""
    message_status: str = ""
    message_status_description: str = ""
    is_final: bool = True
    event_timestamp: int = 0
    origination_phone_number: str = ""
    total_message_price: float | None = None
    total_carrier_fee: float | None = None
    inbound_message_id: str = ""
    origination_number: str = ""
    destination_number: str = ""
    message_body: str = ""
    previous_published_message_id: str = ""


_decode = msgspec.json.Decoder(Told, strict=False).decode


def webhook(config: AwsConfig, given: Surroundings, fetch: Fetch | None = None) -> Webhook:
    """See `Provider.webhook`."""
    return sns.webhook(config.topic, lambda message: _told(message, given), fetch)


def _told(message: str, given: Surroundings) -> None:
    """Pass on what a notification says; what is neither an event nor a text is let go."""
    try:
        told = _decode(message)
    except (msgspec.DecodeError, RecursionError):
        return
    now = given.clock.now_ms()
    if told.event_type:
        if (report := receipt_of(told, now)) is not None:
            given.feedback.receipts(given.name, [report])
    elif told.inbound_message_id and told.origination_number:
        text = InboundText(
            inbound_id=told.inbound_message_id,
            from_number=told.origination_number,
            to_number=told.destination_number,
            body=told.message_body,
            at_ms=now,
            previous_provider_message_id=told.previous_published_message_id,
        )
        given.feedback.texts(given.name, [text])


def receipt_of(told: Told, now_ms: int) -> ReceiptReport | None:
    """What an event of a text message says, None for one of something else or without news."""
    kind, _, word = told.event_type.partition("_")
    if kind != "TEXT" or not told.message_id:
        return None
    given: dict[str, Any] = {
        "provider_message_id": told.message_id,
        "at_ms": told.event_timestamp or now_ms,
        "detail": told.message_status_description[:200],
        "origination_number": told.origination_phone_number[:20],
        "price_millicents": _millicents(told),
    }
    if word in ("PENDING", "QUEUED"):
        return ReceiptReport(kind="BUFFERED", record_status="PENDING", final=False, **given)
    if word == "SUCCESSFUL" and not told.is_final:
        return ReceiptReport(kind="BUFFERED", record_status="SUCCESSFUL", final=False, **given)
    known = _EVENTS.get(word)
    if known is None:
        return None
    return ReceiptReport(kind="SUCCESS" if known[0] == "SUCCESS" else "FAILURE", record_status=known[1], **given)


def _millicents(told: Told) -> float | None:
    """The whole price, of US dollars."""
    if told.total_message_price is None:
        return None
    return round((told.total_message_price + (told.total_carrier_fee or 0.0)) * 100_000, 3)


def _identity(config: AwsConfig, message: Outgoing) -> str:
    if not isinstance(message, SmsOutgoing):
        return ""
    return message.origination_number or message.sender_id or config.origination


def _build(config: AwsConfig, given: Surroundings) -> Transport[SmsOutgoing]:
    from clarion.channels.sms.voice_v2 import AwsTransport

    return AwsTransport(config, given)


PROVIDER = Provider(
    kind="aws",
    channel="sms",
    title="AWS End User Messaging",
    config=AwsConfig,
    build=_build,
    features=frozenset(("receipts", "inbound", "tls", "several connections", "price", "check")),
    identity=_identity,
    webhook=webhook,
)
