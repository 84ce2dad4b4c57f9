"""All calls over one trunk: its link, its requests and ours, and the registration where the trunk wants one.

Whatever arrives is read, led to its transaction or call, and answered; what cannot be read is dropped and counted.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import Callable
from typing import ClassVar

import msgspec
import structlog

from clarion.channels.voice.sip import digest, link, message
from clarion.channels.voice.sip.call import Call, Dialled, Told
from clarion.channels.voice.sip.link import Hop, Link, StreamLink, UdpLink
from clarion.channels.voice.sip.message import Malformed, Place, Request, Response
from clarion.channels.voice.sip.rtp import Pacer, Stream
from clarion.channels.voice.sip.transactions import NoAnswer, Timers, Transactions
from clarion.core.ids import Ids

_REMEMBERED = 256
_log = structlog.get_logger(__name__)


class Trunk(msgspec.Struct, frozen=True, kw_only=True):
    """Where calls go and who we are there. `advertised` is our address as others see it, "" when it is our own.

    Without `username` no challenge is answered. `rtp_ports`: the first and the last port for sound, (0, 0) for any.
    """

    host: str
    port: int
    kind: link.Kind = "udp"
    domain: str = ""
    username: str = ""
    password: str = ""
    advertised: str = ""
    bind_port: int = 0
    rtp_ports: tuple[int, int] = (0, 0)

    def __repr__(self) -> str:
        return f"Trunk({self.kind}:{self.host}:{self.port})"


class UserAgent:
    """Calls by one trunk. Everything runs on the event loop that `open` ran on."""

    ALLOWED: ClassVar[str] = "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO"

    def __init__(
        self,
        trunk: Trunk,
        ids: Ids,
        *,
        tls: ssl.SSLContext | None = None,
        timers: Timers | None = None,
        pacer: Pacer | None = None,
    ) -> None:
        self.trunk = trunk
        self.timers = timers or Timers()
        self.pacer = pacer or Pacer()
        self.transactions: Transactions
        self.hop: Hop = ("", 0)
        self.dropped = 0
        self._ids = ids
        self._tls = tls
        self._link: Link | None = None
        self._opening = asyncio.Lock()
        self._calls: dict[str, Call] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._said: OrderedDict[tuple[str, str, str], Response] = OrderedDict()
        self._nonces: dict[str, int] = {}

    async def open(self) -> None:
        """Get the link ready. Raises OSError when the trunk's name or, over TCP, the trunk cannot be reached."""
        async with self._opening:
            self.hop = await link.resolved(self.trunk.host, self.trunk.port)
            if self._link is None:
                self._link = self._made()
                self.transactions = Transactions(self._link, self.timers)
            await self._link.open()

    def _made(self) -> Link:
        if self.trunk.kind == "udp":
            return UdpLink(self.hop, self.trunk.bind_port, self._received, self._lost)
        tls = self._tls if self.trunk.kind == "tls" else None
        return StreamLink(self.trunk.host, self.hop, self._received, self._lost, tls=tls)

    async def close(self, grace: float = 0.0) -> None:
        """Let calls go on for so many seconds, hang up the others, and let the link go."""
        if self._tasks and grace:
            await asyncio.wait(self._tasks, timeout=grace)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._link is not None:
            self.transactions.close()
            self._link.close()
            self._link = None

    @property
    def calling(self) -> int:
        """How many calls are under way."""
        return len(self._calls)

    def dial(self, dialled: Dialled, tell: Callable[[Told], None]) -> Call:
        """Begin a call; it goes on by itself. The agent has to be open."""
        call = Call(self, dialled, tell)
        self._calls[dialled.call_id] = call
        task = asyncio.create_task(call.run())
        self._tasks.add(task)

        def over(done: asyncio.Task[None]) -> None:
            self._tasks.discard(done)
            self._calls.pop(dialled.call_id, None)

        task.add_done_callback(over)
        return call

    async def ask(self, method: str, uri: str, headers: list[tuple[str, str]]) -> Response:
        """A request outside of calls (OPTIONS, REGISTER), challenges answered. Raises NoAnswer, OSError."""
        await self.open()
        us = f"<sip:{self.trunk.username or 'clarion'}@{self.trunk.domain or self.trunk.host}>"
        call_id, tag, challenged = self.token(), self.token(), set[str]()
        proofs: list[tuple[str, str]] = []
        for number in range(1, 4):
            told = [
                ("via", self.via()),
                ("max-forwards", "70"),
                ("from", f"{us};tag={tag}"),
                ("to", us if method == "REGISTER" else f"<{uri}>"),
                ("call-id", call_id),
                ("cseq", f"{number} {method}"),
                ("contact", self.contact()),
                *headers,
                *proofs,
            ]
            request = Request(headers=told, body=b"", method=method, uri=uri)
            response = await self.transactions.start(request, self.hop).final()
            proof = self.prove(request, response, challenged) if response.status in (401, 407) else None
            if proof is None:
                return response
            proofs = [proof]
        return response

    def prove(self, request: Request, response: Response, seen: set[str]) -> tuple[str, str] | None:
        """The header that answers a challenge; None when we cannot, or have, and it was not what they wanted.

        `seen` are the realms that were answered before; a nonce that is only stale is answered once more.
        """
        asks, says = ("proxy-authenticate", "proxy-authorization")
        if response.status == 401:
            asks, says = ("www-authenticate", "authorization")
        challenge = digest.chosen([value for name, value in response.headers if name == asks])
        if challenge is None or not self.trunk.username:
            return None
        again = f"{asks} {challenge.realm}"
        if again in seen and not (challenge.stale and f"{again} stale" not in seen):
            return None
        seen.add(f"{again} stale" if again in seen else again)
        count = self._nonces[challenge.nonce] = self._nonces.pop(challenge.nonce, 0) + 1
        while len(self._nonces) > _REMEMBERED:
            del self._nonces[next(iter(self._nonces))]
        proof = digest.credentials(
            challenge,
            username=self.trunk.username,
            password=self.trunk.password,
            method=request.method,
            uri=request.uri,
            count=count,
            cnonce=self.token(),
        )
        return says, proof

    def stream(self) -> Stream:
        """A way for the sound of one call."""
        return Stream(source=self.number(32), sequence=self.number(16), timestamp=self.number(32))

    def number(self, bits: int) -> int:
        """An unguessable number."""
        return int.from_bytes(self._ids.secret(8), "big") >> (64 - bits)

    def token(self) -> str:
        """An unguessable name."""
        return self._ids.secret(12).hex()

    def now(self) -> float:
        """The event loop's seconds."""
        return asyncio.get_running_loop().time()

    def via(self) -> str:
        """A Via of ours, with a branch of its own."""
        kind = self.trunk.kind.upper()
        return f"SIP/2.0/{kind} {self._reached()};rport;branch=z9hG4bK{self.token()}"

    def contact(self) -> str:
        """Where requests of a call reach us."""
        transport = "" if self.trunk.kind == "udp" else f";transport={self.trunk.kind}"
        return f"<sip:{self.trunk.username or 'clarion'}@{self._reached()}{transport}>"

    @property
    def bound_host(self) -> str:
        """Our own address on the way to the trunk."""
        return "" if self._link is None else self._link.local[0]

    @property
    def media_host(self) -> str:
        """The address that others send sound to."""
        return self.trunk.advertised or self.bound_host

    @property
    def rtp_ports(self) -> tuple[int, int]:
        """Ports for sound."""
        return self.trunk.rtp_ports

    def _reached(self) -> str:
        host = self.media_host
        port = 0 if self._link is None else self._link.local[1]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

    async def hop_of(self, uri: str) -> Hop:
        """Where requests to a URI go. Raises OSError, Malformed."""
        place = Place.of(uri)
        if place.host == self.trunk.host and place.port in (0, self.trunk.port):
            return self.hop
        return await link.resolved(place.host, place.port or 5060)

    def send(self, sent: Request | Response, hop: Hop) -> None:
        """Send what is sent once: an ACK, a response."""
        if self._link is None:
            return
        try:
            self._link.send(message.written(sent), hop)
        except (OSError, Malformed):
            self.dropped += 1

    def answer(self, request: Request, status: int, reason: str) -> Response:
        """Our response to a request."""
        return message.answer(request, status, reason, tag=self.token())

    def _received(self, data: bytes, hop: Hop) -> None:
        try:
            came = message.parse(data)
            if isinstance(came, Response):
                if not self.transactions.arrived(came):
                    self.dropped += 1
            else:
                self._asked(came, hop)
        except (Malformed, ValueError):
            self.dropped += 1

    def _asked(self, request: Request, hop: Hop) -> None:
        key = (request.branch(), request.method, request.get("call-id"))
        before = self._said.get(key)
        said = before if before is not None else self._answer(request)
        if said is None:
            return
        self._said[key] = said
        while len(self._said) > _REMEMBERED:
            self._said.popitem(last=False)
        self.send(said, hop)

    def _answer(self, request: Request) -> Response | None:
        call = self._calls.get(request.get("call-id"))
        if call is not None and request.method != "CANCEL":
            return call.asked(request)
        match request.method:
            case "ACK":
                return None
            case "OPTIONS":
                said = self.answer(request, 200, "OK")
                said.headers.append(("allow", self.ALLOWED))
                return said
            case "INVITE":
                return self.answer(request, 480, "Temporarily Unavailable")
            case "BYE" | "CANCEL" | "UPDATE" | "INFO" | "PRACK":
                return self.answer(request, 481, "Call/Transaction Does Not Exist")
        return self.answer(request, 405, "Method Not Allowed")

    def _lost(self, reason: Exception) -> None:
        _log.warning("voice.sip.connection_lost", trunk=self.trunk.host, error=str(reason))
        self.transactions.lost(str(reason))


__all__ = ["NoAnswer", "Trunk", "UserAgent"]
