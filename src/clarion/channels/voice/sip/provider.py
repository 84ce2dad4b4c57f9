"""A SIP trunk as a provider of calls.

`send` returns a message's outcome at the first word on its call: it rings, is answered, is refused. From then on the
trunk has it, and what becomes of it is told as feedback. A call whose line is free only later waits a little; then the
lane is told to come again. Source: RFC 3261; the trunk's manual for `domain`, `plus`, `from_user`.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Sequence
from typing import Any, ClassVar

from clarion.channels import phones
from clarion.channels.feedback import CallReport
from clarion.channels.port import Outcome, Outgoing, VoiceOutgoing
from clarion.channels.provider import Finding, Provider, ProviderConfig, Surroundings
from clarion.channels.voice.audio import PCMA, PCMU
from clarion.channels.voice.scripts import speak
from clarion.channels.voice.sip.agent import Trunk, UserAgent
from clarion.channels.voice.sip.call import Dialled, Told
from clarion.channels.voice.sip.registration import Registration
from clarion.channels.voice.sip.rtp import Pacer
from clarion.channels.voice.sip.transactions import NoAnswer, Timers
from clarion.channels.voice.speech import spoken
from clarion.channels.voice.speech.port import Speech
from clarion.channels.voice.telling import Telling
from clarion.core.errors import Invalid

LINE_SECONDS = 8.0
"""How long a message waits for a free line, and calls that are under way may go on when the transport closes."""

_LOCKED_OUT = frozenset({401, 403, 407})
_NO_SUCH = frozenset({404, 410, 414, 416, 484, 485, 604})
_CODECS = {"": (PCMU, PCMA), "pcmu": (PCMU,), "pcma": (PCMA,)}
_HOST = re.compile(r"[A-Za-z0-9.\-_]{1,253}|[0-9A-Fa-f:.]{2,45}")
_WORD = re.compile(r"[A-Za-z0-9._~+\-]{0,128}")
_PORTS = re.compile(r"(\d{4,5})-(\d{4,5})")


class SipConfig(ProviderConfig, kw_only=True, frozen=True):
    """A trunk: `host` and who we are there.

    `transport` is udp, tcp or tls; `domain` what stands behind the @ where that is not the host; `caller` the number
    that calls when a message names none; `from_user` what stands in From where the trunk wants an account there (the
    number goes into P-Asserted-Identity then). `plus` and `prefix` shape numbers (+49…, 49…, 0049…). `sessions` is how
    many calls there may be at a time, `ring_seconds` how long it rings, `pause_ms` the silence before the text.
    `advertised` and `rtp_ports` ("10000-10100") are for those behind a firewall.
    """

    SECRET: ClassVar[tuple[str, ...]] = ("password",)

    host: str = ""
    port: int = 0
    transport: str = "udp"
    domain: str = ""
    username: str = ""
    password: str = ""
    register: bool = False
    caller: str = ""
    from_user: str = ""
    plus: bool = True
    prefix: str = ""
    codec: str = ""
    sessions: int = 10
    ring_seconds: int = 45
    pause_ms: int = 500
    advertised: str = ""
    rtp_ports: str = ""

    def check(self) -> None:
        """See `ProviderConfig`."""
        if _HOST.fullmatch(self.host) is None:
            raise Invalid("host: must be the trunk's name or address")
        for name in ("domain", "advertised"):
            if getattr(self, name) and _HOST.fullmatch(getattr(self, name)) is None:
                raise Invalid(f"{name}: must be a name or an address")
        for name in ("username", "from_user", "prefix"):
            if _WORD.fullmatch(getattr(self, name)) is None:
                raise Invalid(f"{name}: must be letters, digits and . _ - ~ +")
        _one_of("transport", self.transport, ("udp", "tcp", "tls"))
        _one_of("codec", self.codec, tuple(_CODECS))
        if self.caller and phones.e164(self.caller) is None:
            raise Invalid("caller: must be a number like +12025550123")
        for name, least, most in _RANGES:
            if not least <= getattr(self, name) <= most:
                raise Invalid(f"{name}: must be from {least} to {most}")
        if self.password and not self.username:
            raise Invalid("username: must be given with a password")
        self.ports()

    def ports(self) -> tuple[int, int]:
        """The first and the last port for sound, (0, 0) for any."""
        if not self.rtp_ports:
            return 0, 0
        match = _PORTS.fullmatch(self.rtp_ports)
        if match is None or not 1_024 <= int(match[1]) < int(match[2]) <= 65_535:
            raise Invalid("rtp_ports: must be like 10000-10100")
        return int(match[1]), int(match[2])


_RANGES = (("port", 0, 65_535), ("sessions", 1, 10_000), ("ring_seconds", 5, 180), ("pause_ms", 0, 10_000))


def _one_of(name: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise Invalid(f"{name}: must be one of {', '.join(known)}")


class SipTransport:
    """See `clarion.channels.port.Transport`."""

    name = "sip"
    channel = "voice"

    def __init__(
        self,
        config: SipConfig,
        given: Surroundings,
        *,
        speech: Speech | None = None,
        timers: Timers | None = None,
        pacer: Pacer | None = None,
        line_seconds: float = LINE_SECONDS,
    ) -> None:
        self._config = config
        self._given = given
        self._speech = speech or spoken.engine(given.settings)
        self._line_seconds = line_seconds
        self.agent = UserAgent(_trunk(config), given.ids, tls=_tls(config, given), timers=timers, pacer=pacer)
        self._registration = Registration(self.agent) if config.register else None
        self._lines: asyncio.Semaphore | None = None
        self._telling = Telling(given.feedback, given.name)

    async def open(self) -> None:
        """See `Transport.open`."""
        if self._lines is None:
            self._lines = asyncio.Semaphore(self._config.sessions)
        if self._registration is not None:
            self._registration.open()

    async def close(self) -> None:
        """See `Transport.close`. Calls under way may go on for some seconds, then they are hung up."""
        if self._registration is not None:
            await self._registration.close()
        await self.agent.close(self._line_seconds)
        await self._telling.close(self._line_seconds)
        self._lines = None

    async def send(self, messages: Sequence[VoiceOutgoing]) -> list[Outcome]:
        """See `Transport.send`."""
        try:
            await self.agent.open()
        except (OSError, TimeoutError) as error:
            problem = f"{self._config.host} cannot be reached: {type(error).__name__}"
            return [Outcome("temporary", problem, blame="provider")] * len(messages)
        until = self.agent.now() + self._line_seconds
        return list(await asyncio.gather(*(self._send(message, until) for message in messages)))

    async def check(self) -> list[Finding]:
        """See `Checked`: registers, or asks for the trunk's options."""
        domain = self._config.domain or self._config.host
        try:
            if self._registration is not None:
                await self.agent.open()
                response = await self._registration.ask()
            else:
                response = await self.agent.ask("OPTIONS", f"sip:{domain}", [])
        except NoAnswer as error:
            return [Finding("error", f"the trunk does not answer: {error.reason}")]
        except (OSError, TimeoutError) as error:
            return [Finding("error", f"the trunk cannot be reached: {type(error).__name__}")]
        said = f"{response.status} {response.reason}"
        if response.status in _LOCKED_OUT:
            return [Finding("error", f"the trunk does not let us in: {said}")]
        if response.status >= 500:
            return [Finding("error", f"the trunk is ill: {said}")]
        if response.status >= 300 and self._registration is not None:
            return [Finding("error", f"the trunk does not register us: {said}")]
        return [Finding("ok", f"the trunk answers: {said}")]

    async def _send(self, message: VoiceOutgoing, until: float) -> Outcome:
        number = phones.e164(message.to_address)
        if number is None:
            return Outcome("permanent", f"{message.to_address!r} is no phone number")
        lines = self._lines
        assert lines is not None
        try:
            await asyncio.wait_for(lines.acquire(), max(until - self.agent.now(), 0.0))
        except TimeoutError:
            busy = f"all {self._config.sessions} lines are busy"
            return Outcome("throttled", busy, blame="provider", retry_after_ms=1_000)
        handed = False
        try:
            pcm = await speak(self._speech, message)
            if isinstance(pcm, Outcome):
                return pcm
            dialled = self._dialled(message, number, pcm)
            call = self.agent.dial(dialled, lambda told: self._heard(dialled.call_id, told, lines))
            handed = True
            return self._outcome(dialled.call_id, await call.taken)
        finally:
            if not handed:
                lines.release()

    def _dialled(self, message: VoiceOutgoing, number: str, pcm: bytes) -> Dialled:
        config = self._config
        domain = config.domain or config.host
        domain = f"[{domain}]" if ":" in domain else domain
        caller = phones.e164(message.origination_number) or phones.e164(config.caller)
        calling = self._shaped(caller) if caller else config.username or "anonymous"
        return Dialled(
            call_id=f"{message.message_id}-{self.agent.token()}",
            uri=f"sip:{self._shaped(number)}@{domain}",
            from_uri=f"sip:{config.from_user or calling}@{domain}",
            identity=f"sip:{calling}@{domain}" if config.from_user and caller else "",
            pcm=pcm,
            ring_seconds=config.ring_seconds,
            before=config.pause_ms / 1_000,
            payload_types=_CODECS[config.codec],
        )

    def _shaped(self, number: str) -> str:
        return self._config.prefix + (number if self._config.plus else number.removeprefix("+"))

    def _outcome(self, call_id: str, told: Told) -> Outcome:
        """What the first word on a call says of its message."""
        said = f"{told.status} {told.reason}" if told.status else told.reason
        wait = None if told.retry_after is None else told.retry_after * 1_000
        if not told.final or told.state in ("BUSY", "NO_ANSWER", "COMPLETED"):
            return Outcome("sent", response=said, provider_message_id=call_id, provider=self._given.name)
        if told.status == 0:
            return Outcome("temporary", said, blame="provider", uncertain=told.left)
        if told.status in _LOCKED_OUT:
            return Outcome("temporary", f"the trunk does not let us in: {said}", response=said, blame="credentials")
        if 500 <= told.status < 600:
            return Outcome("temporary", said, response=said, blame="provider", retry_after_ms=wait)
        if told.status in _NO_SUCH:
            return Outcome("permanent", f"the number cannot be called: {said}", response=said)
        if told.status < 300 or told.status >= 600:
            return Outcome("sent", response=said, provider_message_id=call_id, provider=self._given.name)
        return Outcome("permanent", said, response=said)

    def _heard(self, call_id: str, told: Told, lines: asyncio.Semaphore) -> None:
        if told.final:
            lines.release()
        report = CallReport(
            provider_message_id=call_id,
            state=told.state,
            at_ms=self._given.clock.now_ms(),
            seconds=round(told.seconds),
            detail=f"{told.status} {told.reason}" if told.status else told.reason,
        )
        self._telling.add(report)


def _trunk(config: SipConfig) -> Trunk:
    kind: Any = config.transport
    return Trunk(
        host=config.host,
        port=config.port or (5061 if kind == "tls" else 5060),
        kind=kind,
        domain=config.domain,
        username=config.username,
        password=config.password,
        advertised=config.advertised,
        rtp_ports=config.ports(),
    )


def _tls(config: SipConfig, given: Surroundings) -> ssl.SSLContext | None:
    if config.transport != "tls":
        return None
    context = ssl.create_default_context()
    if given.settings.callout_authorities:
        context.load_verify_locations(given.settings.callout_authorities)
    return context


def identity(config: SipConfig, message: Outgoing) -> str:
    """Each number that calls has a lane of its own."""
    return (message.origination_number if isinstance(message, VoiceOutgoing) else "") or config.caller


PROVIDER = Provider(
    kind="sip",
    channel="voice",
    title="SIP trunk",
    config=SipConfig,
    build=SipTransport,
    features=frozenset({"receipts", "tls", "check"}),
    identity=identity,
    listens=True,
)
