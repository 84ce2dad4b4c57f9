"""Calls by Twilio, or by a service that speaks as it does: a request each, with what is to be said in it.

    POST {url}/2010-04-01/Accounts/{sid}/Calls.json  ─→ 201 and the call's id
    {public_url}/providers/{name}/call               ←─ it rings, is answered, is over

The service speaks, with Amazon Polly's voices or its own; no engine of ours is asked. Without `public_url` nobody can
tell us what became of a call, and then it is not asked. Source: Twilio, "Calls resource", "TwiML: Say", "Error and
warning dictionary".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape

from clarion.channels import twilio
from clarion.channels.feedback import CallReport, CallState
from clarion.channels.phones import e164
from clarion.channels.port import Outcome, Outgoing, VoiceOutgoing
from clarion.channels.provider import Finding, Provider, Surroundings, Webhook
from clarion.channels.voice import ssml
from clarion.channels.voice.voices import plain, voice_for
from clarion.core.errors import Invalid, NotFound
from clarion.wire.http.asgi import Response
from clarion.wire.http.plain import PlainRequest

MOST_TWIML = 4_000
"""Characters of instructions that a request may carry."""

_SID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_EVENTS = ("ringing", "answered", "completed")
_STATES: Mapping[str, CallState] = {
    "ringing": "RINGING",
    "answered": "ANSWERED",
    "in-progress": "ANSWERED",
    "completed": "COMPLETED",
    "busy": "BUSY",
    "no-answer": "NO_ANSWER",
    "failed": "FAILED",
    "canceled": "CANCELLED",
}
_SLOW_DOWN = frozenset({14107, 20429, 21220})
_NOT_LET_IN = frozenset({10001, 20003, 20005, 20008, 20403})


class TwilioVoiceConfig(twilio.AccountConfig, kw_only=True, frozen=True):
    """See `twilio.AccountConfig`. `caller` calls where a message names no number. `voices` is `polly` for services that
    have Amazon's, or `basic` for a man and a woman. It rings for `ring_seconds`."""

    caller: str = ""
    voices: str = "polly"
    ring_seconds: int = 45
    connections: int = 10

    def check(self) -> None:
        """See `ProviderConfig`."""
        super().check()
        if self.caller and e164(self.caller) is None:
            raise Invalid("caller: must be a number like +12025550123")
        if self.voices not in ("polly", "basic"):
            raise Invalid("voices: must be polly or basic")
        if not 5 <= self.ring_seconds <= 600:
            raise Invalid("ring_seconds: must be from 5 to 600")


class TwilioVoice:
    """See `clarion.channels.port.Transport`."""

    name = "twilio"
    channel = "voice"

    def __init__(self, config: TwilioVoiceConfig, given: Surroundings) -> None:
        self._config = config
        self._provider = given.name
        self._callback = callback(given)
        self._account = twilio.Account(config, given)

    async def open(self) -> None:
        """See `Transport.open`."""
        await self._account.open()

    async def close(self) -> None:
        """See `Transport.close`."""
        await self._account.close()

    async def send(self, messages: Sequence[VoiceOutgoing]) -> list[Outcome]:
        """See `Transport.send`. Once we are not let in, or nobody is there, nobody else is tried."""
        return await self._account.each(messages, self._one)

    async def check(self) -> Sequence[Finding]:
        """Whether the account lets us in and is active, and whether it can call us."""
        found = []
        if not self._callback:
            found.append(Finding("warning", "without setting public_url nobody tells what became of calls"))
        if not self._config.caller:
            found.append(Finding("warning", "messages that name no number cannot call: set caller"))
        return await self._account.standing(found)

    async def _one(self, message: VoiceOutgoing) -> Outcome:
        number = e164(message.to_address)
        caller = e164(message.origination_number) or e164(self._config.caller)
        if number is None:
            return Outcome("permanent", f"{message.to_address!r} is no phone number")
        if caller is None:
            return Outcome("permanent", "there is no number to call from")
        try:
            said = twiml(message, self._config.voices)
        except ssml.BadSsml as error:
            return Outcome("permanent", str(error))
        if len(said) > MOST_TWIML:
            return Outcome("permanent", f"with its tags it has {len(said)} characters, the service takes {MOST_TWIML}")
        form = [("To", number), ("From", caller), ("Twiml", said), ("Timeout", str(self._config.ring_seconds))]
        if self._callback:
            form += [("StatusCallback", self._callback), ("StatusCallbackMethod", "POST")]
            form += [("StatusCallbackEvent", event) for event in _EVENTS]
        return self._verdict(await self._account.post("/Calls.json", form))

    def _verdict(self, answer: twilio.Answer) -> Outcome:
        followed = bool(self._callback)
        if (outcome := twilio.taken(answer, _SID, provider=self._provider, followed=followed)) is not None:
            return outcome
        told = f"{answer.code or answer.status} {answer.message}".strip()
        if answer.code in _SLOW_DOWN:
            return Outcome("throttled", told, answer.text, blame="provider", retry_after_ms=answer.retry_after_ms)
        if answer.code in _NOT_LET_IN:
            return Outcome("temporary", told, answer.text, blame="credentials")
        if answer.code:
            # It knows what is wrong with this call: the number, the caller, what is to be said.
            return (answer.status >= 500 and twilio.refusal(answer)) or Outcome("permanent", told, answer.text)
        return twilio.refusal(answer) or Outcome("permanent", told, answer.text)


def twiml(message: VoiceOutgoing, voices: str) -> str:
    """What the service is to say, as TwiML. Raises BadSsml."""
    marked = message.body_type == "SSML"
    words = ssml.inside(ssml.parse(message.body)) if marked else ssml.inside(ssml.parse(ssml.from_plain(message.body)))
    voice = voice_for(message.voice_id, message.language_code)
    if voice is None:
        told = {"voice": f"Polly.{message.voice_id}" if message.voice_id else "", "language": message.language_code}
    elif voices == "polly":
        name = plain(voice.name).capitalize()
        told = {"voice": f"Polly.{name}{'-Neural' if voice.neural else ''}"}
    else:
        told = {"voice": "woman" if voice.sex == "f" else "man", "language": voice.language}
    attributes = "".join(f' {name}="{escape(value)}"' for name, value in told.items() if value)
    return f"<Response><Say{attributes}>{words}</Say></Response>"


def callback(given: Surroundings) -> str:
    """Where the service tells us of calls, "" when it cannot reach us."""
    base = twilio.public_base(given)
    return f"{base}/call" if base else ""


def webhook(config: TwilioVoiceConfig, given: Surroundings) -> Webhook:
    """See `Provider.webhook`. What is not signed by the account is nobody's."""
    url = callback(given)

    def answer(request: PlainRequest) -> Response:
        if request.method != "POST" or request.path.rpartition("/")[2] != "call":
            raise NotFound("There is nothing here")
        members = twilio.signed_form(request, config.auth_token, url)
        if (report := report_of(members, given.clock.now_ms())) is not None:
            given.feedback.calls(given.name, [report])
        return Response(204, b"")

    return answer


def report_of(members: Mapping[str, str], now_ms: int) -> CallReport | None:
    """What a call back says, None when it is no news. Raises Invalid for one without an id."""
    id = members.get("CallSid") or ""
    if not _SID.fullmatch(id):
        raise Invalid("CallSid: is required")
    status = (members.get("CallStatus") or "").lower()
    state = _STATES.get(status)
    if state is None:
        return None
    told = (status, members.get("SipResponseCode") or "", members.get("ErrorCode") or "")
    return CallReport(
        provider_message_id=id,
        state=state,
        at_ms=now_ms,
        seconds=_seconds(members.get("CallDuration") or ""),
        detail=" ".join(part for part in told if part)[:100],
    )


def _seconds(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def identity(config: TwilioVoiceConfig, message: Outgoing) -> str:
    """Each number that calls has a lane of its own: a second is what Twilio lets one make a call in."""
    return (message.origination_number if isinstance(message, VoiceOutgoing) else "") or config.caller


PROVIDER = Provider(
    kind="twilio",
    channel="voice",
    title="Twilio and services that speak as it does",
    config=TwilioVoiceConfig,
    build=TwilioVoice,
    features=frozenset(("receipts", "tls", "several connections", "check")),
    identity=identity,
    webhook=webhook,
)
