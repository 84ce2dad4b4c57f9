"""A push service on loopback: HTTP/2 over TLS, which answers as it is told and misbehaves when it is told to."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

from cryptography import x509
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings


@dataclass
class Asked:
    """One request as it came over the wire."""

    path: str
    headers: dict[str, str]
    body: bytes
    connection: int
    certificate: x509.Certificate | None = None

    @property
    def text(self) -> str:
        """The body as text; a form without its escapes."""
        return unquote_plus(self.body.decode())


@dataclass
class Reply:
    """An answer. `goodbye`: GOAWAY follows it, and what comes later on this connection is not taken."""

    status: int = 200
    body: bytes | str = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    goodbye: bool = False


class Hang:
    """No answer ever."""


class Drop:
    """The connection is cut, the request having been read."""


class Half:
    """The answer begins, then our side of the connection is closed."""


class Garbage:
    """Bytes that are no HTTP/2."""


@dataclass
class Reset:
    """The stream is reset; REFUSED_STREAM says that nothing was done."""

    code: ErrorCodes = ErrorCodes.REFUSED_STREAM


Answer = Reply | Hang | Drop | Half | Garbage | Reset


@dataclass
class PushService:
    """What it is asked, and what it answers: `answer` is told each request, in the order of their ends.

    `first_alone`: a connection may have one stream until its first answer, as Apple has it.
    """

    answer: Callable[[Asked], Answer] = lambda asked: Reply()
    most_streams: int = 100
    first_alone: bool = False
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    open_streams: int = 0
    widest: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    live: set[_Connection] = field(default_factory=set)

    @asynccontextmanager
    async def serve(self, tls: ssl.SSLContext, port: int = 0) -> AsyncIterator[str]:
        """Yields its URL."""
        tls.set_alpn_protocols(["h2"])
        ours = self.live
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Connection(self, ours), "127.0.0.1", port, ssl=tls)
        try:
            yield f"https://localhost:{server.sockets[0].getsockname()[1]}"
        finally:
            server.close()
            self.cut()
            await asyncio.sleep(0)

    def cut(self) -> None:
        """End all connections without a word."""
        for connection in list(self.live):
            connection.cut()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something to be so."""
        while not true():
            self.changed.clear()
            await self.changed.wait()


class _Connection(asyncio.Protocol):
    def __init__(self, service: PushService, ours: set[_Connection]) -> None:
        self._service = service
        self._ours = ours
        self._http = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._requests: dict[int, tuple[dict[str, str], bytearray]] = {}
        self._is_proven = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._ours.add(self)
        self._service.connections += 1
        self._number = self._service.connections
        found = transport.get_extra_info("ssl_object").getpeercert(binary_form=True)
        self._certificate = x509.load_der_x509_certificate(found) if found else None
        most = 1 if self._service.first_alone else self._service.most_streams
        told = {SettingCodes.MAX_CONCURRENT_STREAMS: most}
        self._http.local_settings = Settings(client=False, initial_values=told)
        self._http.initiate_connection()
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        self._ours.discard(self)
        self._service.open_streams -= len(self._requests)
        self._requests.clear()

    def cut(self) -> None:
        self._transport.abort()

    def _flush(self) -> None:
        self._transport.write(self._http.data_to_send())

    def data_received(self, data: bytes) -> None:
        try:
            events = self._http.receive_data(data)
        except ProtocolError:
            self._flush()
            self._transport.close()
            return
        for event in events:
            self._happened(event)
        if not self._transport.is_closing():
            self._flush()

    def _happened(self, event: Event) -> None:
        match event:
            case RequestReceived():
                self._requests[event.stream_id] = ({str(k): str(v) for k, v in event.headers}, bytearray())
                self._service.open_streams += 1
                self._service.widest = max(self._service.widest, self._service.open_streams)
            case DataReceived():
                self._requests[event.stream_id][1].extend(event.data)
                self._http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            case StreamEnded():
                self._complete(event.stream_id)
            case StreamReset():
                self._done(event.stream_id)
            case ConnectionTerminated():
                self._transport.close()
            case WindowUpdated():
                pass

    def _complete(self, stream: int) -> None:
        headers, body = self._requests[stream]
        asked = Asked(headers[":path"], headers, bytes(body), self._number, self._certificate)
        self._service.asked.append(asked)
        self._give(stream, self._service.answer(asked))
        self._service.changed.set()

    def _done(self, stream: int) -> None:
        if self._requests.pop(stream, None) is not None:
            self._service.open_streams -= 1
            self._service.changed.set()

    def _give(self, stream: int, answer: Answer) -> None:
        if self._transport.is_closing() or (stream not in self._requests):
            return
        match answer:
            case Reply():
                self._reply(stream, answer)
            case Drop():
                self.cut()
            case Half():
                self._http.send_headers(stream, [(":status", "200")])
                self._flush()
                self._transport.close()
            case Garbage():
                self._transport.write(b"HTTP/1.1 200 OK\r\n\r\nthis is not a frame" * 20)
            case Reset():
                self._http.reset_stream(stream, answer.code)
                self._done(stream)
                self._flush()

    def _reply(self, stream: int, answer: Reply) -> None:
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        headers = [(":status", str(answer.status)), *answer.headers.items()]
        self._http.send_headers(stream, headers, end_stream=not body)
        if body:
            self._http.send_data(stream, body, end_stream=True)
        self._done(stream)
        if self._service.first_alone and not self._is_proven:
            self._is_proven = True
            self._http.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: self._service.most_streams})
        self._flush()
        if answer.goodbye:
            self._http.close_connection(last_stream_id=stream)
            self._flush()
            self._transport.close()
