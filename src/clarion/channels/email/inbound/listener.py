"""The small SMTP server that bounces and complaints come to: takes in what is for us, and nothing else.

    connect ─→ too many? 421 ─→ EHLO [STARTTLS] ─→ MAIL ─→ RCPT: not ours? 550 ─→ DATA ─→ taken in? 250 : 451

A mail is acknowledged once what it says is durable; until then the sender keeps it and comes again. A session ends
after `SESSION_SECONDS` however busy it is, a silent one after `IDLE_SECONDS`. It relays nothing and answers nothing.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session

from clarion.channels.email.inbound import reading
from clarion.core.errors import Invalid, Unavailable

SIZE_LIMIT = 12_000_000
"""A bounce may carry the whole mail, of 10 MB at most, and what is said about it."""

IDLE_SECONDS = 60.0
SESSION_SECONDS = 600.0
CONNECTIONS = 20
CONNECTIONS_OF_ONE = 5

_MOST_RECIPIENTS = 10
_MOST_COMMANDS = 100
_START_SECONDS = 10.0

_log = structlog.get_logger(__name__)


class Mailroom(Protocol):
    """Whoever takes mails in: see `channels.email.inbound.intake`. `take` is called in a thread."""

    def accepts(self, address: str) -> bool: ...

    def take(self, recipients: Sequence[str], mail: bytes) -> None: ...


class Listener:
    """Listens on `host` and `port` (0: a free one; then `port` tells), on a thread with a loop of its own."""

    def __init__(
        self,
        mailroom: Mailroom,
        *,
        host: str,
        port: int,
        name: str,
        tls: ssl.SSLContext | None = None,
        connections: int = CONNECTIONS,
        connections_of_one: int = CONNECTIONS_OF_ONE,
        idle_seconds: float = IDLE_SECONDS,
        session_seconds: float = SESSION_SECONDS,
    ) -> None:
        self.port = port
        self._host = host
        self._name = name
        self._tls = tls
        self._idle_seconds = idle_seconds
        self._door = _Door(connections, connections_of_one, session_seconds)
        self._handler = _Handler(mailroom)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._failure: OSError | None = None
        # It writes a line for every command of every session.
        logging.getLogger("mail.log").setLevel(logging.ERROR)

    def start(self) -> None:
        """Listen. Raises Unavailable when the port cannot be had."""
        ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, args=(self._loop, ready), name="inbound-smtp", daemon=True)
        self._thread.start()
        if not ready.wait(_START_SECONDS) or self._failure is not None:
            why = self._failure.strerror if self._failure is not None else "it takes too long"
            raise Unavailable(f"cannot listen for mail on {self._host}:{self.port}: {why}")

    def stop(self) -> None:
        """Take in nothing more; what is being taken in is finished or given back to its sender."""
        if self._thread is None or self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_SECONDS)
        self._thread = self._loop = None

    def _run(self, loop: asyncio.AbstractEventLoop, ready: threading.Event) -> None:
        asyncio.set_event_loop(loop)
        try:
            server = loop.run_until_complete(loop.create_server(self._session, self._host, self.port))
        except OSError as error:
            self._failure = error
            loop.close()
            ready.set()
            return
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        try:
            loop.run_forever()
        finally:
            server.close()
            self._door.close()
            tasks = asyncio.all_tasks(loop)
            for task in tasks:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    def _session(self) -> _Session:
        return _Session(
            self._door,
            self._handler,
            data_size_limit=SIZE_LIMIT,
            enable_SMTPUTF8=True,
            hostname=self._name,
            ident="Clarion",
            tls_context=self._tls,
            timeout=self._idle_seconds,
            command_call_limit=_MOST_COMMANDS,
            loop=self._loop,
        )


def tls_context(certificate: str, key: str) -> ssl.SSLContext | None:
    """What STARTTLS is offered with: PEM files, "" for none. Raises Invalid when they cannot be used."""
    if not certificate:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key or None)
    except (OSError, ssl.SSLError) as error:
        raise Invalid(f"inbound_smtp_certificate: {error}") from error
    return context


class _Door:
    """Who is in: so many at a time, so many of one address, and none for ever."""

    def __init__(self, most: int, most_of_one: int, seconds: float) -> None:
        self.seconds = seconds
        self._most = most
        self._most_of_one = most_of_one
        self._inside: set[asyncio.BaseTransport] = set()
        self._by_address: Counter[str] = Counter()

    def enter(self, transport: asyncio.BaseTransport, address: str) -> bool:
        """Whether there is room for another one."""
        if len(self._inside) >= self._most or self._by_address[address] >= self._most_of_one:
            return False
        self._inside.add(transport)
        self._by_address[address] += 1
        return True

    def leave(self, transport: asyncio.BaseTransport, address: str) -> None:
        """There is room again."""
        self._inside.discard(transport)
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def close(self) -> None:
        """Out with everybody."""
        for transport in list(self._inside):
            transport.close()


class _Session(SMTP):
    """A session that was let in, for a while.

    Lines may be longer than the 1,000 bytes that RFC 5321 allows: a bounce is not to be lost because of the mail in it.
    """

    line_length_limit = 100_000

    def __init__(self, door: _Door, handler: _Handler, **options: Any) -> None:
        super().__init__(handler, **options)
        self._door = door
        self._entered: asyncio.Transport | None = None
        self._peer = ""
        self._refused = False
        self._over: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let it in; again once it has begun TLS."""
        if self._entered is None:
            assert isinstance(transport, asyncio.Transport)
            peer = transport.get_extra_info("peername")
            self._peer = str(peer[0]) if peer else ""
            if not self._door.enter(transport, self._peer):
                self._refused = True
                transport.write(b"421 4.7.0 Too many connections, try again later\r\n")
                transport.close()
                return
            self._entered = transport
            self._over = self.loop.call_later(self._door.seconds, transport.abort)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Out again."""
        if self._refused:
            return
        if self._over is not None:
            self._over.cancel()
            self._over = None
            assert self._entered is not None
            self._door.leave(self._entered, self._peer)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """What somebody says who was not let in is not heard."""
        if not self._refused:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        """See `data_received`."""
        return None if self._refused else super().eof_received()


class _Handler:
    """What aiosmtpd asks: the names of the methods are its."""

    def __init__(self, mailroom: Mailroom) -> None:
        self._mailroom = mailroom

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Only what is for us."""
        if not self._mailroom.accepts(address):
            return "550 5.1.1 No such address here"
        if len(envelope.rcpt_tos) >= _MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Acknowledged once it is durable."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        recipients = list(envelope.rcpt_tos)
        try:
            return await asyncio.to_thread(self._take, recipients, content)
        except Unavailable as error:
            _log.warning("inbound.not_kept", reason=error.message)
        except Exception:
            _log.exception("inbound.failed")
        return "451 4.3.0 Cannot be kept now, try again later"

    def _take(self, recipients: Sequence[str], content: bytes) -> str:
        if reading.hops(content) > reading.MOST_HOPS:
            return "554 5.4.6 It goes in a circle"
        self._mailroom.take(recipients, content)
        return "250 2.0.0 Taken in"
