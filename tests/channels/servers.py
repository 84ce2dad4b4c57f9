"""SMTP servers on loopback: aiosmtpd for the well-behaved, a scripted one for the others."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T], seconds: float = 30) -> T:
    """Run a test's coroutine to its end, which comes in time or is a failure."""

    async def bounded() -> T:
        return await asyncio.wait_for(work, seconds)

    return asyncio.run(bounded())


@dataclass
class Received:
    """What one transaction brought."""

    sender: str
    recipient: str
    content: bytes
    encrypted: bool = False


class Mailbox:
    """aiosmtpd's handler: keeps everything, as it came over the wire."""

    def __init__(self) -> None:
        self.received: list[Received] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.original_content, bytes)
        (recipient,) = envelope.rcpt_tos
        content = envelope.original_content
        encrypted = server.transport.get_extra_info("sslcontext") is not None
        self.received.append(Received(envelope.mail_from or "", recipient, content, encrypted))
        return f"250 2.0.0 queued as {len(self.received)}"


def check_password(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """lea / secret"""
    return AuthResult(success=(data.login, data.password) == (b"lea", b"secret"), handled=False)


@asynccontextmanager
async def mail_server(
    mailbox: Mailbox,
    *,
    tls: ssl.SSLContext | None = None,
    implicit: bool = False,
    host: str = "127.0.0.1",
    port: int = 0,
    **options: Any,
) -> AsyncIterator[int]:
    """A well-behaved server; yields its port."""
    loop = asyncio.get_running_loop()

    def protocol() -> SMTP:
        return SMTP(mailbox, hostname="test", loop=loop, tls_context=None if implicit else tls, **options)

    server = await loop.create_server(protocol, host, port, ssl=tls if implicit else None)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0)


class Hang:
    """Says nothing until the client goes away."""


class Drop:
    """Closes the connection; after reading `after` bytes of what comes, if it is the content's turn."""

    def __init__(self, after: int = 0) -> None:
        self.after = after


Answer = str | Hang | Drop | None


@dataclass
class Script:
    """A server that answers as it is told.

    `answer(step, argument, connection, message)` is asked at "CONNECT", "EHLO", "MAIL", "RCPT", "DATA",
    "CONTENT", "RSET", … and may return None for the usual answer. `connection` and `message` count from 1,
    messages within their connection.
    """

    answer: Callable[[str, str, int, int], Answer]
    extensions: tuple[str, ...] = ("8BITMIME",)
    received: list[Received] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_open: int = 0

    @asynccontextmanager
    async def serve(self, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[int]:
        """Yields the port: the given one, or a free one."""
        tasks: set[asyncio.Task[None]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            self.connections += 1
            self.open += 1
            self.most_open = max(self.most_open, self.open)
            try:
                with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                    await _Dialogue(self, reader, writer, self.connections).run()
            finally:
                self.open -= 1
                writer.transport.abort()

        server = await asyncio.start_server(connected, host, port, limit=2**24)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            await turns()  # whoever has just been let in begins, and can be ended
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await turns()  # connections that were broken off are closed


async def turns() -> None:
    """Let the event loop do what it has put off."""
    for _ in range(4):
        await asyncio.sleep(0)


class _Dialogue:
    """One connection to a scripted server."""

    def __init__(
        self, script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> None:
        self._script, self._reader, self._writer, self._connection = script, reader, writer, connection
        self._sender = self._recipient = ""
        self._message = 0

    async def run(self) -> None:
        await self._say("CONNECT", "", "220 test ESMTP")
        while line := (await self._reader.readline()).decode().rstrip("\r\n"):
            verb, _, argument = line.partition(" ")
            handler = getattr(self, f"_{verb.lower()}", None)
            if handler is not None:
                await handler(argument)
            else:
                await self._say(verb, argument, "250 ok")

    async def _say(self, step: str, argument: str, usual: str) -> bool:
        told = self._ask(step, argument)
        if isinstance(told, Hang):
            await self._reader.read()
            raise ConnectionResetError
        if isinstance(told, Drop):
            raise ConnectionResetError
        line = usual if told is None else told
        self._writer.write(line.encode() + b"\r\n")
        await self._writer.drain()
        return line[:1] in "23"

    def _ask(self, step: str, argument: str) -> Answer:
        self._script.log.append(f"{self._connection} {step} {argument}".strip())
        return self._script.answer(step, argument, self._connection, self._message)

    async def _ehlo(self, argument: str) -> None:
        lines = ["test", *self._script.extensions]
        marks = ["-"] * (len(lines) - 1) + [" "]
        usual = "\r\n".join(f"250{mark}{line}" for mark, line in zip(marks, lines, strict=True))
        await self._say("EHLO", argument, usual)

    async def _mail(self, argument: str) -> None:
        self._message += 1
        self._sender = argument
        await self._say("MAIL", argument, "250 2.1.0 ok")

    async def _rcpt(self, argument: str) -> None:
        self._recipient = argument
        await self._say("RCPT", argument, "250 2.1.5 ok")

    async def _data(self, _: str) -> None:
        if not await self._say("DATA", "", "354 go ahead"):
            return
        told = self._script.answer("READ", "", self._connection, self._message)
        if isinstance(told, Drop):
            await self._reader.readexactly(told.after)
            raise ConnectionResetError
        content = await self._reader.readuntil(b"\r\n.\r\n")
        if await self._say("CONTENT", self._recipient, "250 2.0.0 queued"):
            self._script.received.append(Received(self._sender, self._recipient, content[:-3]))

    async def _quit(self, _: str) -> None:
        await self._say("QUIT", "", "221 bye")
        raise ConnectionResetError
