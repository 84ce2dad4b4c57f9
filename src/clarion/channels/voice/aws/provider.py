"""AWS End User Messaging as a provider of calls: what is configured, and what AWS tells of calls.

    SendVoiceMessage ─→ the call's id
    configuration set ─→ topic of SNS ─→ /providers/{name}: it rings, is answered, is over

What talks to AWS is in `transport`, which loads boto3. Source: specs of SMS voice v2, 7, and of voice, 4.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from clarion.channels import sns
from clarion.channels.feedback import CallReport, CallState
from clarion.channels.phones import e164
from clarion.channels.port import Outgoing, Transport, VoiceOutgoing
from clarion.channels.provider import Provider, ProviderConfig, Surroundings, Webhook
from clarion.channels.sns import Fetch
from clarion.core.errors import Invalid

_NAME = re.compile(r"[A-Za-z0-9_:/\-]{0,256}")
_REGION = re.compile(r"[a-z0-9-]{0,32}")
_STATES: Mapping[str, CallState] = {
    "VOICE_INITIATED": "INITIATED",
    "VOICE_RINGING": "RINGING",
    "VOICE_ANSWERED": "ANSWERED",
    "VOICE_COMPLETED": "COMPLETED",
    "VOICE_BUSY": "BUSY",
    "VOICE_NO_ANSWER": "NO_ANSWER",
    "VOICE_FAILED": "FAILED",
    "VOICE_TTL_EXPIRED": "FAILED",
}


class AwsVoiceConfig(ProviderConfig, kw_only=True, frozen=True):
    """Which of AWS's numbers call: `caller` (a number, its id or ARN, a pool) where a message names none. `region` ""
    is that of the settings, as is the access key. `configuration_set` sends events to `topic`, which posts to us."""

    region: str = ""
    caller: str = ""
    configuration_set: str = ""
    topic: str = ""
    timeout_seconds: float = 30

    def check(self) -> None:
        """See `ProviderConfig`."""
        if _REGION.fullmatch(self.region) is None:
            raise Invalid("region: must be like eu-central-1")
        if e164(self.caller) is None and _NAME.fullmatch(self.caller) is None:
            raise Invalid("caller: must be a number, or an id or ARN of a number or pool")
        if _NAME.fullmatch(self.configuration_set) is None:
            raise Invalid("configuration_set: must be a name or ARN")
        sns.check_topic("topic", self.topic)
        if not 1 <= self.timeout_seconds <= 600:
            raise Invalid("timeout_seconds: must be from 1 to 600")


class Told(msgspec.Struct, rename="camel"):
    """An event of a call, as SNS posts it."""

    event_type: str = ""
    message_id: str = ""
    message_status_description: str = ""
    event_timestamp: int = 0
    call_duration_in_seconds: float = 0.0
    total_duration_price: float | None = None


_decode = msgspec.json.Decoder(Told, strict=False).decode


def webhook(config: AwsVoiceConfig, given: Surroundings, fetch: Fetch | None = None) -> Webhook:
    """See `Provider.webhook`."""

    def take(message: str) -> None:
        if (report := report_of(message, given.clock.now_ms())) is not None:
            given.feedback.calls(given.name, [report])

    return sns.webhook(config.topic, take, fetch)


def report_of(message: str, now_ms: int) -> CallReport | None:
    """What an event says of a call, None for what is none. Prices are of US dollars."""
    try:
        told = _decode(message)
    except (msgspec.DecodeError, RecursionError):
        return None
    state = _STATES.get(told.event_type)
    if state is None or not told.message_id:
        return None
    price = None if told.total_duration_price is None else round(told.total_duration_price * 100_000, 3)
    return CallReport(
        provider_message_id=told.message_id[:128],
        state=state,
        at_ms=told.event_timestamp or now_ms,
        seconds=min(max(round(told.call_duration_in_seconds), 0), 86_400),
        detail=" ".join(part for part in (told.event_type, told.message_status_description) if part)[:200],
        price_millicents=price,
    )


def build(config: AwsVoiceConfig, given: Surroundings) -> Transport[VoiceOutgoing]:
    """The transport; importing it loads boto3."""
    from clarion.channels.voice.aws.transport import AwsVoice

    return AwsVoice(config, given)


def identity(config: AwsVoiceConfig, message: Outgoing) -> str:
    """Each number that calls has a lane of its own: AWS lets one make a call a second."""
    return (message.origination_number if isinstance(message, VoiceOutgoing) else "") or config.caller


PROVIDER = Provider(
    kind="aws",
    channel="voice",
    title="AWS End User Messaging",
    config=AwsVoiceConfig,
    build=build,
    features=frozenset(("receipts", "tls", "price", "check")),
    identity=identity,
    webhook=webhook,
)
