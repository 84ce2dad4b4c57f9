"""Our side of the trunk in tests: a transport whose engine says what it is told to, in hurried time."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from clarion.channels.feedback import CallReport, Nobody
from clarion.channels.port import Outcome, VoiceOutgoing
from clarion.channels.provider import Surroundings
from clarion.channels.voice.sip.provider import SipConfig, SipTransport
from clarion.channels.voice.sip.rtp import Pacer
from clarion.channels.voice.sip.transactions import Timers
from clarion.channels.voice.speech.port import Script, SpeechFailed
from clarion.core.clock import SystemClock
from clarion.core.errors import Unavailable
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings

FAST = Timers(t1=0.02, t2=0.08, t4=0.1)
"""For peers that say nothing. To others a busy machine would send again what is on its way."""
WORDS = array("h", [(number * 37) % 20_000 - 10_000 for number in range(1_000)]).tobytes()
"""An eighth of a second."""


class Says:
    """An engine: every text is `pcm`."""

    name = "says"

    def __init__(self, pcm: bytes = WORDS) -> None:
        self.pcm = pcm
        self.said: list[Script] = []

    def say(self, script: Script) -> bytes:
        self.said.append(script)
        if script.text == "unspeakable":
            raise SpeechFailed("nobody can say that", final=True)
        if script.text == "later":
            raise SpeechFailed("the engine is away")
        return self.pcm


class Notes(Nobody):
    """Feedback that is kept; `fail` times not at once."""

    def __init__(self) -> None:
        self.told: list[tuple[str, CallReport]] = []
        self.fail = 0
        self._more = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def calls(self, provider: str, reports: Sequence[CallReport]) -> None:
        if self.fail:
            self.fail -= 1
            raise Unavailable("no database")
        self.told += [(provider, report) for report in reports]
        self._loop.call_soon_threadsafe(self._more.set)

    @property
    def states(self) -> list[str]:
        return [report.state for _, report in self.told]

    async def until(self, done: Callable[[Notes], bool]) -> None:
        """Wait until what was told is enough."""
        while not done(self):
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), 10)

    async def over(self, calls: int = 1) -> list[CallReport]:
        """The last reports of so many calls."""
        ends = ("COMPLETED", "BUSY", "NO_ANSWER", "FAILED")
        await self.until(lambda notes: sum(state in ends for state in notes.states) >= calls)
        return [report for _, report in self.told if report.state in ends]


def text(body: str = "hello", to: str = "+4930123456", number: int = 1, **more: Any) -> VoiceOutgoing:
    given = {"account": "000000000001", "app_id": "a" * 32, "sent_at_ms": 0, **more}
    return VoiceOutgoing(message_id=f"{number:032x}", to_address=to, body=body, **given)


class Side:
    """A transport with its engine and its feedback."""

    def __init__(self, transport: SipTransport, speech: Says, notes: Notes) -> None:
        self.transport = transport
        self.speech = speech
        self.notes = notes

    async def call(self, *messages: VoiceOutgoing) -> list[Outcome]:
        return await self.transport.send(messages or (text(),))


@asynccontextmanager
async def side(
    port: int,
    *,
    settings: Settings | None = None,
    pcm: bytes = WORDS,
    timers: Timers | None = None,
    pacer: Pacer | None = None,
    line_seconds: float = 0.5,
    **config: Any,
) -> AsyncIterator[Side]:
    """Open, with a call's frames a millisecond apart."""
    notes, speech = Notes(), Says(pcm)
    given = Surroundings(
        name="trunk", settings=settings or Settings(), clock=SystemClock(), ids=SystemIds(), feedback=notes
    )
    chosen = SipConfig(**{"host": "127.0.0.1", "port": port, "pause_ms": 0, "caller": "+12025550123", **config})
    transport = SipTransport(
        chosen,
        given,
        speech=speech,
        timers=timers,
        pacer=pacer or Pacer(0.001),
        line_seconds=line_seconds,
    )
    await transport.open()
    try:
        yield Side(transport, speech, notes)
    finally:
        await transport.close()
