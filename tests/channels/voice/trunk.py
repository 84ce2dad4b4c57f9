"""A SIP trunk on loopback that does what a test tells it, over UDP, TCP or TLS; it reads messages in its own way.

`behave(leg)` plays the called person, one call a leg; `hears` by default: ring, answer, listen until they hang up.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from typing import Any

Behaviour = Callable[["Leg"], Coroutine[Any, Any, None]]


def header(text: str, name: str) -> str:
    """A header's first value."""
    found = re.search(rf"^{re.escape(name)}\s*:\s*(.*?)\r?$", text, re.IGNORECASE | re.MULTILINE)
    return found[1] if found else ""


def method_of(text: str) -> str:
    return text.split(" ", 1)[0]


class Ear(asyncio.DatagramProtocol):
    """Where the called person listens: keeps packets in the order of their arrival."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.times: list[float] = []
        self.transport: asyncio.DatagramTransport
        self._more = asyncio.Event()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.packets.append(data)
        self.times.append(asyncio.get_running_loop().time())
        self._more.set()

    async def hears(self, packets: int) -> None:
        """Wait until so many packets have come."""
        while len(self.packets) < packets:
            self._more.clear()
            await asyncio.wait_for(self._more.wait(), 10)

    @property
    def port(self) -> int:
        return int(self.transport.get_extra_info("sockname")[1])

    @property
    def sound(self) -> bytes:
        """The payloads, by sequence number."""
        return b"".join(packet[12:] for packet in self.packets)

    def check(self, payload_type: int) -> None:
        """Every packet is RTP, follows the one before, and only the first is marked."""
        numbers = [int.from_bytes(packet[2:4], "big") for packet in self.packets]
        times = [int.from_bytes(packet[4:8], "big") for packet in self.packets]
        assert all((b - a) % 65_536 == 1 for a, b in pairwise(numbers))
        assert all((b - a) % 2**32 == 160 for a, b in pairwise(times))
        assert len({packet[8:12] for packet in self.packets}) == 1
        assert {packet[0] for packet in self.packets} == {0x80}
        assert [packet[1] for packet in self.packets] == [0x80 | payload_type] + [payload_type] * (len(numbers) - 1)
        assert {len(packet) for packet in self.packets} == {172}


class Leg:
    """One call as the called side sees it."""

    def __init__(self, trunk: Trunk, invite: str, say: Callable[[bytes], None]) -> None:
        self.trunk = trunk
        self.invite = invite
        self.say = say
        self.ear = Ear()
        self.tag = f"peer{len(trunk.legs)}"
        self.came: asyncio.Queue[str] = asyncio.Queue()
        self.answers: asyncio.Queue[str] = asyncio.Queue()
        self.codec = 0
        self.number = 0

    @property
    def offer(self) -> str:
        return self.invite.partition("\r\n\r\n")[2]

    def respond(self, status: int, reason: str, *lines: str, to: str | None = None, body: str = "") -> None:
        """Answer a request of theirs, the INVITE unless another is given."""
        request = to or self.invite
        told = [f"SIP/2.0 {status} {reason}", f"Via: {header(request, 'Via')}", f"From: {header(request, 'From')}"]
        told.append(f"To: {header(request, 'To')}" + ("" if "tag=" in header(request, "To") else f";tag={self.tag}"))
        told += [f"Call-ID: {header(request, 'Call-ID')}", f"CSeq: {header(request, 'CSeq')}", *lines]
        self.trunk.answered[self.trunk.key(request)] = text = _message(told, body)
        self.trunk.log.append(f"{status}")
        self.say(text)

    def sdp(self, *more: str, port: int | None = None, host: str = "127.0.0.1") -> str:
        where = self.ear.port if port is None else port
        lines = ["v=0", "o=peer 1 1 IN IP4 127.0.0.1", "s=-", f"c=IN IP4 {host}", "t=0 0"]
        lines += [f"m=audio {where} RTP/AVP {self.codec} 101", "a=rtpmap:101 telephone-event/8000", *more]
        return "\r\n".join([*lines, ""])

    def pick_up(self, *lines: str, sdp: str | None = None) -> None:
        """200 with our description."""
        contact = f"Contact: <sip:peer@{self.trunk.host}:{self.trunk.port}>"
        body = self.sdp() if sdp is None else sdp
        self.respond(200, "OK", contact, "Content-Type: application/sdp", *lines, body=body)

    async def next(self, method: str) -> str:
        """Their next request of this call, which has to be this one; an ACK may come more than once."""
        text = await asyncio.wait_for(self.came.get(), 10)
        while method_of(text) == "ACK" != method:
            text = await asyncio.wait_for(self.came.get(), 10)
        assert method_of(text) == method, text
        return text

    def ask(self, method: str, *lines: str, body: str = "", tag: str | None = None) -> None:
        """A request of ours in this call."""
        self.number += 1
        to = header(self.invite, "From")
        contact = header(self.invite, "Contact").strip("<>")
        told = [
            f"{method} {contact} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.trunk.host}:{self.trunk.port};branch=z9hG4bKpeer{self.number}{method}",
            f"From: {header(self.invite, 'To')};tag={tag or self.tag}",
            f"To: {to}",
            f"Call-ID: {header(self.invite, 'Call-ID')}",
            f"CSeq: {self.number} {method}",
            "Max-Forwards: 70",
            *lines,
        ]
        self.say(_message(told, body))

    async def hang_up(self) -> None:
        """BYE, and their answer."""
        self.ask("BYE")
        assert (await asyncio.wait_for(self.answers.get(), 10)).startswith("SIP/2.0 200")

    async def bye(self) -> None:
        """They hang up."""
        text = await self.next("BYE")
        self.respond(200, "OK", to=text)


def _message(lines: list[str], body: str) -> bytes:
    return ("\r\n".join([*lines, f"Content-Length: {len(body)}"]) + "\r\n\r\n" + body).encode()


async def hears(leg: Leg) -> None:
    """Rings, answers, listens to the end."""
    leg.respond(100, "Trying")
    leg.respond(180, "Ringing")
    leg.pick_up()
    await leg.next("ACK")
    await leg.bye()


class Trunk:
    """The trunk. `log` is what went by: methods that came, statuses that left; repeats in `repeats`."""

    def __init__(self, behave: Behaviour) -> None:
        self.behave = behave
        self.host = "127.0.0.1"
        self.port = 0
        self.legs: list[Leg] = []
        self.log: list[str] = []
        self.repeats: list[str] = []
        self.requests: list[str] = []
        self.answered: dict[tuple[str, str], bytes] = {}
        self.deaf: set[str] = set()
        self.lose = 0
        self.outside: Callable[[str], tuple[int, str, tuple[str, ...]]] = lambda text: (200, "OK", ())
        self.failures: list[BaseException] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._seen: set[tuple[str, str]] = set()
        self.drop: Callable[[], None] = lambda: None

    def key(self, text: str) -> tuple[str, str]:
        branch = re.search(r"branch=([^;\s]+)", header(text, "Via"))
        return branch[1] if branch else "", header(text, "CSeq").split()[-1]

    def received(self, data: bytes, say: Callable[[bytes], None]) -> None:
        """A message, by whatever way it came."""
        text = data.decode()
        method = method_of(text)
        if method in self.deaf:
            self.log.append(f"({method})")
            return
        if self.lose:
            self.lose -= 1
            self.log.append(f"(lost {method})")
            return
        leg = next((one for one in self.legs if header(one.invite, "Call-ID") == header(text, "Call-ID")), None)
        if text.startswith("SIP/2.0"):
            self.log.append(f"<{text.split()[1]}")
            if leg is not None:
                leg.answers.put_nowait(text)
            return
        key = self.key(text)
        if method != "ACK" and key in self._seen:
            self.repeats.append(method)
            if key in self.answered:
                say(self.answered[key])
            return
        self._seen.add(key)
        self.log.append(method)
        self.requests.append(text)
        if method == "INVITE" and leg is None:
            leg = Leg(self, text, say)
            self.legs.append(leg)
            self._play(leg)
        elif leg is not None:
            if method == "INVITE":
                leg.invite = text
            leg.came.put_nowait(text)
        else:
            status, reason, lines = self.outside(text)
            Leg(self, text, say).respond(status, reason, *lines)

    def _play(self, leg: Leg) -> None:
        async def play() -> None:
            loop = asyncio.get_running_loop()
            await loop.create_datagram_endpoint(lambda: leg.ear, local_addr=(self.host, 0))
            await self.behave(leg)

        task = asyncio.create_task(play())
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failures.append(error)

    async def idle(self) -> None:
        """Wait until every behaviour is through."""
        while self._tasks:
            await asyncio.wait(self._tasks, timeout=10)
        if self.failures:
            raise self.failures[0]

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for leg in self.legs:
            with suppress(AttributeError):
                leg.ear.transport.close()


@asynccontextmanager
async def trunk(behave: Behaviour = hears) -> AsyncIterator[Trunk]:
    """A trunk over UDP."""
    made = Trunk(behave)

    class Protocol(asyncio.DatagramProtocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: Any) -> None:
            made.received(data, lambda text: self.transport.sendto(text, addr))

    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Protocol, local_addr=("127.0.0.1", 0))
    made.port = transport.get_extra_info("sockname")[1]
    try:
        yield made
    finally:
        made.stop()
        transport.close()


@asynccontextmanager
async def stream_trunk(behave: Behaviour = hears, tls: ssl.SSLContext | None = None) -> AsyncIterator[Trunk]:
    """A trunk over TCP or TLS."""
    made = Trunk(behave)

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        made.drop = writer.transport.abort
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(int(header(head.decode(), "Content-Length") or 0))
                made.received(head + body, writer.write)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        made.stop()
        made.drop()
        server.close()
