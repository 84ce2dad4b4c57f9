"""Every kind of provider there is, and the transports that need none.

A kind of provider is one file and one line in `PROVIDERS`; operators and projects configure those they use. While a
channel has none, the transport of `TRANSPORTS` carries it that its setting `{channel}_transport` names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from clarion.channels.calls.service import Callout, Callouts
from clarion.channels.counting import CountingTransport
from clarion.channels.custom import CustomTransport
from clarion.channels.email import ses
from clarion.channels.email.dkim import Signer
from clarion.channels.email.mx import transport as mx
from clarion.channels.email.relay import Relay
from clarion.channels.email.smtp import PROVIDER as SMTP
from clarion.channels.email.smtp import SmtpTransport
from clarion.channels.inbox import InboxSink, InboxTransport, PushInbox, SmsInbox, VoiceInbox
from clarion.channels.port import Transport
from clarion.channels.provider import Provider
from clarion.channels.push.services import adm, apns, baidu, fcm, webpush
from clarion.channels.sms import aws as aws_sms
from clarion.channels.sms import twilio as twilio_sms
from clarion.channels.sms.smpp import transport as smpp
from clarion.channels.voice import twilio as twilio_voice
from clarion.channels.voice.aws import provider as aws_voice
from clarion.channels.voice.sip import provider as sip
from clarion.core.clock import Clock
from clarion.core.errors import Invalid
from clarion.core.settings import Settings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a transport may be built from."""

    settings: Settings
    clock: Clock
    inbox: InboxSink
    callout: Callout | None = None
    signer: Signer | None = None


def _smtp(given: Surroundings) -> SmtpTransport:
    settings = given.settings
    return SmtpTransport(Relay.from_settings(settings), connections=settings.smtp_connections, signer=given.signer)


def _calls(given: Surroundings) -> CustomTransport:
    callout = given.callout or Callouts(given.settings, clock=given.clock)
    return CustomTransport(callout, given.clock, outage_hours=given.settings.outage_hours)


TRANSPORTS: dict[tuple[str, str], Callable[[Surroundings], Transport[Any]]] = {
    ("email", "inbox"): lambda given: InboxTransport(given.inbox, given.clock),
    ("email", "smtp"): _smtp,
    ("email", "counting"): lambda given: CountingTransport("email"),
    ("push", "inbox"): lambda given: PushInbox(given.inbox, given.clock),
    ("push", "counting"): lambda given: CountingTransport("push"),
    ("sms", "inbox"): lambda given: SmsInbox(given.inbox, given.clock),
    ("sms", "counting"): lambda given: CountingTransport("sms"),
    ("voice", "inbox"): lambda given: VoiceInbox(given.inbox, given.clock),
    ("voice", "counting"): lambda given: CountingTransport("voice"),
    ("custom", "calls"): _calls,
    ("custom", "counting"): lambda given: CountingTransport("custom"),
}


PROVIDERS: Sequence[Provider[Any]] = (
    mx.PROVIDER,
    ses.PROVIDER,
    SMTP,
    adm.PROVIDER,
    *apns.PROVIDERS,
    baidu.PROVIDER,
    fcm.PROVIDER,
    webpush.PROVIDER,
    aws_sms.PROVIDER,
    smpp.PROVIDER,
    twilio_sms.PROVIDER,
    aws_voice.PROVIDER,
    sip.PROVIDER,
    twilio_voice.PROVIDER,
)
"""Every kind of provider, of all channels; a line each."""


def provider(channel: str, kind: str) -> Provider[Any]:
    """The kind of provider of a channel ("sms") by its name ("smpp"). Raises Invalid naming those there are."""
    found = {one.kind: one for one in PROVIDERS if one.channel == channel}
    if kind not in found:
        raise Invalid(f"kind: must be one of {', '.join(sorted(found)) or '(there is none of this channel yet)'}")
    return found[kind]


def build(channel: str, given: Surroundings) -> Transport[Any]:
    """The transport that settings choose for a channel, not opened yet. Raises Invalid naming the setting."""
    setting = f"{channel}_transport"
    name = getattr(given.settings, setting, None)
    factory = TRANSPORTS.get((channel, str(name)))
    if factory is None:
        known = ", ".join(sorted(name for where, name in TRANSPORTS if where == channel))
        raise Invalid(f"settings: {setting} must be one of {known or '(there is no transport for it yet)'}")
    return factory(given)
