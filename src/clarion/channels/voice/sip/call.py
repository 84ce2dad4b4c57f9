"""One call: dialled, answered, spoken to, hung up. Source: RFC 3261, 13 to 15.

    dialling ─18x→ ringing ─200→ ANSWERED ─text is over, BYE→ COMPLETED
       │              │              └─ they hang up before → FAILED
       │              ├─ nobody answers in time, CANCEL → NO_ANSWER
       └──────────────┴─ 486, 600 → BUSY; 408, 480, 487 → NO_ANSWER; other refusals → FAILED

`taken` is the first word on the call: it rings, is answered, or has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
import structlog

from clarion.channels.feedback import CallState
from clarion.channels.voice import audio
from clarion.channels.voice.sip import sdp
from clarion.channels.voice.sip.dialog import Dialog
from clarion.channels.voice.sip.link import Hop
from clarion.channels.voice.sip.message import Address, Malformed, Request, Response
from clarion.channels.voice.sip.transactions import NoAnswer, Transaction, cancel_of, tag_of

if TYPE_CHECKING:
    from clarion.channels.voice.sip.agent import UserAgent

_BUSY = frozenset({486, 600})
_NOT_THERE = frozenset({408, 480, 487})
_MOST_REDIRECTS = 3
_OFFERED = (audio.PCMU, audio.PCMA)
_log = structlog.get_logger(__name__)


class Dialled(msgspec.Struct, frozen=True, kw_only=True):
    """What to call and say. `pcm` is the text, silence before it `before` seconds long; `from_uri` is who calls,
    `identity` the caller's number where that is told beside it. It rings for `ring_seconds` at most."""

    call_id: str
    uri: str
    from_uri: str
    pcm: bytes
    identity: str = ""
    ring_seconds: float = 45.0
    before: float = 0.5
    payload_types: Sequence[int] = _OFFERED


class Told(msgspec.Struct, frozen=True):
    """What is known of a call: `status` and `reason` are SIP's, status 0 where nobody said anything.

    `final` when it is over. `left`: the trunk may have it, though it said nothing. `retry_after` seconds.
    """

    state: CallState
    status: int
    reason: str
    seconds: float = 0.0
    final: bool = False
    left: bool = True
    retry_after: int | None = None


class Call:
    """One call of an agent. `tell` hears of each state, of the final one last."""

    def __init__(self, agent: UserAgent, dialled: Dialled, tell: Callable[[Told], None]) -> None:
        self.taken: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._agent = agent
        self._dialled = dialled
        self._tell = tell
        self._stream = agent.stream()
        self._from = f"<{dialled.from_uri}>;tag={agent.token()}"
        self._uri = dialled.uri
        self._number = 0
        self._dialog: Dialog | None = None
        self._hop: Hop = agent.hop
        self._over = asyncio.Event()
        self._ringing = False
        self._answered_at = 0.0
        self._session = agent.number(62)
        self._version = 0
        self._ack: Request | None = None
        self._transaction: Transaction | None = None

    async def run(self) -> None:
        """The whole call. Cancelling it hangs up."""
        try:
            told = await self._run()
        except asyncio.CancelledError:
            await self._abandon()
            told = Told("FAILED", 0, "hung up: the server stopped", self._connected(), final=True)
        except NoAnswer as error:
            told = Told("FAILED", 0, error.reason, self._connected(), final=True, left=error.sent)
        except (Malformed, OSError) as error:
            told = Told("FAILED", 0, str(error) or type(error).__name__, self._connected(), final=True, left=False)
        except Exception as error:
            # Whatever it is, the line has to be free again, and other calls know nothing of it.
            _log.exception("voice.sip.call_broke", call=self._dialled.call_id)
            told = Told("FAILED", 0, f"the call broke: {type(error).__name__}", self._connected(), final=True)
        finally:
            self._stream.close()
        self._say(told)

    async def _run(self) -> Told:
        await self._stream.open(self._agent.bound_host, self._agent.rtp_ports)
        response = await self._invite()
        if response is None:
            return Told("NO_ANSWER", 0, f"nobody answered in {self._dialled.ring_seconds:g} s", final=True)
        if response.status >= 300:
            return _refused(response)
        return await self._talk(response)

    def _say(self, told: Told) -> None:
        if not self.taken.done():
            self.taken.set_result(told)
        self._tell(told)

    def _connected(self) -> float:
        return self._agent.now() - self._answered_at if self._answered_at else 0.0

    async def _invite(self) -> Response | None:
        """The final answer, redirections and challenges behind us; None when nobody answered in time."""
        deadline = self._agent.now() + self._dialled.ring_seconds
        credentials: list[tuple[str, str]] = []
        challenged: set[str] = set()
        for _ in range(_MOST_REDIRECTS + 4):
            invite = self._request(credentials)
            self._transaction = transaction = self._agent.transactions.start(invite, self._hop)
            response = await self._final(transaction, deadline)
            if response is None:
                return None
            if response.status in (401, 407):
                proof = self._agent.prove(invite, response, challenged)
                if proof is None:
                    return response
                credentials = [one for one in credentials if one[0] != proof[0]] + [proof]
            elif 300 <= response.status < 400 and (moved := _moved(response)):
                self._uri, credentials = moved, []
            else:
                return response
        return response

    async def _final(self, transaction: Transaction, deadline: float) -> Response | None:
        while True:
            left = deadline - self._agent.now()
            try:
                response = await asyncio.wait_for(transaction.next(), max(left, 0.0))
            except TimeoutError:
                # Nothing may be cancelled that nobody has answered for: then the transaction's own time counts.
                if transaction.proceeding:
                    return await self._cancel(transaction)
                response = await transaction.next()
            if response.status >= 200:
                return response
            if response.status > 100 and not self._ringing:
                self._ringing = True
                self._say(Told("RINGING", response.status, response.reason))

    async def _cancel(self, transaction: Transaction) -> Response | None:
        """Stop ringing. None once it has; whoever answered at this very moment hears us hang up."""
        self._agent.transactions.start(cancel_of(transaction.request), self._hop)
        try:
            response = await asyncio.wait_for(transaction.final(), self._agent.timers.patience)
        except (TimeoutError, NoAnswer):
            return None
        if response.status < 300:
            await self._connect(transaction.request, response)
            await self._hang_up()
        return None if response.status < 300 or response.status == 487 else response

    async def _talk(self, response: Response) -> Told:
        transaction = self._transaction
        assert transaction is not None
        await self._connect(transaction.request, response)
        repeats = asyncio.create_task(self._acknowledge_repeats(transaction))
        try:
            try:
                media = sdp.read(response.body, self._dialled.payload_types)
            except sdp.BadSdp as error:
                await self._hang_up()
                return Told("FAILED", response.status, f"answered, but {error}", final=True)
            self._answered_at = self._agent.now()
            self._say(Told("ANSWERED", response.status, response.reason))
            return await self._speak(media)
        finally:
            repeats.cancel()

    async def _speak(self, media: sdp.Media) -> Told:
        self._stream.towards((media.host, media.port))
        self._stream.held = not media.listening
        before = bytes(int(self._dialled.before * audio.RATE) * 2)
        whole = before + self._dialled.pcm
        sound = await asyncio.to_thread(audio.encoded, whole, media.payload_type)
        playing = asyncio.create_task(self._stream.play(sound, media.payload_type, self._agent.pacer))
        ended = asyncio.create_task(self._over.wait())
        try:
            await asyncio.wait({playing, ended}, return_when=asyncio.FIRST_COMPLETED)
            seconds = self._connected()
            if not playing.done():
                length = audio.seconds(whole)
                reason = f"hung up after {seconds:.1f} of {length:.1f} s"
                return Told("FAILED", 200, reason, seconds, final=True)
            if not self._over.is_set():
                await self._hang_up()
            return Told("COMPLETED", 200, "OK", seconds, final=True)
        finally:
            playing.cancel()
            ended.cancel()

    async def _connect(self, invite: Request, response: Response) -> None:
        """Somebody answered: acknowledge, so that they hear us."""
        self._dialog = dialog = Dialog.begun(invite, response)
        try:
            self._hop = await self._agent.hop_of(dialog.next_hop())
        except (OSError, Malformed):
            self._hop = self._agent.hop
        self._ack = dialog.request("ACK", self._agent.via())
        self._agent.send(self._ack, self._hop)

    async def _acknowledge_repeats(self, transaction: Transaction) -> None:
        """A 200 that comes again wants its ACK again; one of another phone is hung up."""
        while True:
            response = await transaction.next()
            if self._dialog is not None and tag_of(response.get("to")) == tag_of(self._dialog.theirs):
                if self._ack is not None:
                    self._agent.send(self._ack, self._hop)
            elif response.status < 300:
                other = Dialog.begun(transaction.request, response)
                self._agent.send(other.request("ACK", self._agent.via()), self._agent.hop)
                self._agent.send(other.request("BYE", self._agent.via()), self._agent.hop)

    async def _hang_up(self) -> None:
        """Say goodbye; a trunk that does not answer has no say in whether the call is over."""
        dialog = self._dialog
        if dialog is None or self._over.is_set():
            return
        self._over.set()
        request = dialog.request("BYE", self._agent.via())
        try:
            response = await self._agent.transactions.start(request, self._hop).final()
            proof = self._agent.prove(request, response, set()) if response.status in (401, 407) else None
            if proof is not None:
                again = dialog.request("BYE", self._agent.via())
                again.headers.append(proof)
                await self._agent.transactions.start(again, self._hop).final()
        except NoAnswer:
            return

    async def _abandon(self) -> None:
        """The server stops: hang up, and do not wait long for the trunk to agree."""
        with suppress(TimeoutError, NoAnswer):
            async with asyncio.timeout(4 * self._agent.timers.t1):
                if self._dialog is not None:
                    await self._hang_up()
                elif self._transaction is not None and self._transaction.proceeding:
                    await self._cancel(self._transaction)

    def asked(self, request: Request) -> Response | None:
        """What we say to a request of the other side; nothing to an ACK."""
        dialog = self._dialog
        if dialog is None or not dialog.has(request):
            return self._agent.answer(request, 481, "Call/Transaction Does Not Exist")
        match request.method:
            case "ACK":
                return None
            case "BYE":
                self._over.set()
                return self._agent.answer(request, 200, "OK")
            case "INVITE" | "UPDATE":
                return self._changed(request, dialog)
            case "OPTIONS" | "INFO" | "NOTIFY" | "MESSAGE":
                return self._agent.answer(request, 200, "OK")
        return self._agent.answer(request, 405, "Method Not Allowed")

    def _changed(self, request: Request, dialog: Dialog) -> Response:
        """They listen elsewhere, or hold us, or only want to know whether we are there."""
        if contact := Address.read(next(iter(request.all("contact")), "")).uri:
            dialog.target = contact
        accepted = self._agent.answer(request, 200, "OK")
        accepted.headers.append(("contact", self._agent.contact()))
        if request.body:
            try:
                media = sdp.read(request.body, self._dialled.payload_types)
            except sdp.BadSdp:
                return self._agent.answer(request, 488, "Not Acceptable Here")
            self._stream.towards((media.host, media.port))
            self._stream.held = not media.listening
        if request.body or request.method == "INVITE":
            self._version += 1
            accepted.headers.append(("content-type", sdp.TYPE))
            accepted.body = self._offer()
        return accepted

    def _offer(self) -> bytes:
        host, port = self._agent.media_host, self._stream.port
        types = self._dialled.payload_types
        return sdp.offer(host, port, types, session=self._session, version=self._version)

    def _request(self, credentials: Sequence[tuple[str, str]]) -> Request:
        self._number += 1
        headers = [
            ("via", self._agent.via()),
            ("max-forwards", "70"),
            ("from", self._from),
            ("to", f"<{self._dialled.uri}>"),
            ("call-id", self._dialled.call_id),
            ("cseq", f"{self._number} INVITE"),
            ("contact", self._agent.contact()),
            ("allow", self._agent.ALLOWED),
            ("user-agent", "clarion"),
            *credentials,
            ("content-type", sdp.TYPE),
        ]
        if self._dialled.identity:
            headers.append(("p-asserted-identity", f"<{self._dialled.identity}>"))
        return Request(headers=headers, body=self._offer(), method="INVITE", uri=self._uri)


def _moved(response: Response) -> str:
    contact = Address.read(next(iter(response.all("contact")), "")).uri
    return contact if contact.lower().startswith("sip:") and len(contact) < 300 else ""


def _refused(response: Response) -> Told:
    status = response.status
    state: CallState = "BUSY" if status in _BUSY else "NO_ANSWER" if status in _NOT_THERE else "FAILED"
    after = response.get("retry-after").split("(")[0].split(";")[0].strip()
    seconds = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else None
    return Told(state, status, response.reason, final=True, retry_after=seconds)
