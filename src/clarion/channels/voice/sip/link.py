"""How messages travel to the trunk and back: UDP, TCP, TLS. Source: RFC 3261, 18; RFC 5626, 4.4.1 (keep-alive)."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any, Literal, Protocol

from clarion.channels.voice.sip.message import LARGEST

Kind = Literal["udp", "tcp", "tls"]
Hop = tuple[str, int]
"""An address in numbers, and a port."""
Received = Callable[[bytes, Hop], None]
Lost = Callable[[Exception], None]

CONNECT_SECONDS = 5.0


class Link(Protocol):
    """A way for messages. `reliable`: nothing has to be sent again. `local` is where answers reach us.

    What arrives goes to the `received` it was made with; `lost` hears of a connection that ended.
    """

    kind: Kind
    reliable: bool
    local: Hop

    async def open(self) -> None:
        """Raises OSError when the trunk cannot be reached. One at a time."""

    def send(self, data: bytes, hop: Hop) -> None:
        """Raises OSError."""

    def close(self) -> None: ...


async def resolved(host: str, port: int, kind: int = socket.SOCK_DGRAM) -> Hop:
    """A host's first address. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=kind)
    return str(found[0][4][0]), int(found[0][4][1])


def local_address(hop: Hop) -> str:
    """Our address as seen on the way to `hop`; no packet is sent. Raises OSError."""
    family = socket.AF_INET6 if ":" in hop[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect(hop)
        return str(probe.getsockname()[0])


class UdpLink:
    """See `Link`. One socket for all trunks' addresses: requests of a call may come from another than we called."""

    kind: Kind = "udp"
    reliable = False

    def __init__(self, trunk: Hop, port: int, received: Received, lost: Lost) -> None:
        self.local = (local_address(trunk), port)
        self._received = received
        self._lost = lost
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self) -> None:
        """See `Link.open`."""
        if self._transport is None:
            loop = asyncio.get_running_loop()
            self._transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), local_addr=self.local)
            self.local = (self.local[0], self._transport.get_extra_info("sockname")[1])

    def send(self, data: bytes, hop: Hop) -> None:
        """See `Link.send`."""
        if self._transport is None:
            raise ConnectionError("not open")
        self._transport.sendto(data, hop)

    def close(self) -> None:
        """See `Link.close`."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None

    def arrived(self, data: bytes, hop: Hop) -> None:
        """A datagram; keep-alives are nothing."""
        if data.strip(b"\r\n\0"):
            self._received(data, hop)


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, link: UdpLink) -> None:
        self._link = link

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._link.arrived(data, (str(addr[0]), int(addr[1])))

    def error_received(self, exc: Exception) -> None:
        """Somebody's port is closed: the transaction's timer says so in the end."""


class StreamLink:
    """See `Link`. One connection to the trunk carries everything; once it has ended the next `open` makes another."""

    reliable = True

    def __init__(self, host: str, trunk: Hop, received: Received, lost: Lost, *, tls: ssl.SSLContext | None) -> None:
        self.kind: Kind = "tcp" if tls is None else "tls"
        self.local = (local_address(trunk), 0)
        self._trunk = trunk
        self._received = received
        self._lost = lost
        self._tls = tls
        self._host = host
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """See `Link.open`."""
        if self._writer is None:
            opened = asyncio.open_connection(self._host, self._trunk[1], ssl=self._tls)
            reader, writer = await asyncio.wait_for(opened, CONNECT_SECONDS)
            self.local = writer.get_extra_info("sockname")[:2]
            self._writer = writer
            self._reading = asyncio.create_task(self._read(reader, writer))

    def send(self, data: bytes, hop: Hop) -> None:
        """See `Link.send`."""
        if self._writer is None:
            raise ConnectionError("the connection has ended")
        self._writer.write(data)

    def close(self) -> None:
        """See `Link.close`."""
        if self._reading is not None:
            self._reading.cancel()
        if self._writer is not None:
            self._writer.close()
        self._writer = self._reading = None

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reason: Exception = ConnectionResetError("the trunk closed the connection")
        try:
            while True:
                head = await reader.readuntil(b"\r\n")
                if head == b"\r\n":
                    continue
                head += await reader.readuntil(b"\r\n\r\n")
                self._received(head + await reader.readexactly(_length(head)), self._trunk)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, OSError) as error:
            if not isinstance(error, asyncio.IncompleteReadError):
                reason = ConnectionError(f"the connection broke: {type(error).__name__}")
        finally:
            writer.close()
        if self._writer is writer:
            self._writer = None
            self._lost(reason)


def _length(head: bytes) -> int:
    """The length of the body; a stream whose messages have no end that can be told is of no use."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() in (b"content-length", b"l"):
            length = int(value.strip())
            if not 0 <= length <= LARGEST:
                raise ValueError("Content-Length")
            return length
    return 0
