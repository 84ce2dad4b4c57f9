"""E-mail to an SMTP relay, over a few connections that are kept open.

A batch is drained by up to `connections` workers, each with a connection of its own:

    take an idle connection or connect ── fails ──> this worker ends; the others go on with the batch
      │
      └─> next message ─> MAIL ─> RCPT ─> DATA ─> content ─> answer ─> next message …
               │ refused: RSET, its own outcome            │ no answer: temporary and `uncertain`
               │ connection lost: on a used connection the message is tried once more on a fresh one
               └─ (servers close idle connections, and some after so many messages), else temporary

What no worker could be found for gets the outcome of the last failed attempt to connect.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress

from aiosmtplib import (
    SMTP,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from clarion.channels.email import mime
from clarion.channels.email.dkim import Signer
from clarion.channels.email.relay import Relay
from clarion.channels.email.replies import Reply, Step, refused, unavailable
from clarion.channels.port import EmailOutgoing, Outcome
from clarion.core.errors import Invalid

_SLOWEST_BYTES_PER_SECOND = 65_536
_GOODBYE_SECONDS = 2.0


class _NoSession(Exception):
    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


class _Stale(Exception):
    """The server had closed a connection that worked before; nothing of the message was passed on."""


class _Batch:
    """One call of `send`: what is left to do, and what has come of the rest."""

    def __init__(self, messages: Sequence[EmailOutgoing]) -> None:
        self.pending = deque(enumerate(messages))
        self.outcomes: list[Outcome | None] = [None] * len(messages)
        self.failure = Outcome("temporary", "no SMTP session")
        self.complete = asyncio.get_running_loop().create_future()
        self._open = len(messages)

    def record(self, index: int, outcome: Outcome) -> None:
        self.outcomes[index] = outcome
        self._open -= 1
        if not self._open:
            self.complete.set_result(None)

    def result(self) -> list[Outcome]:
        return [outcome or self.failure for outcome in self.outcomes]


class SmtpTransport:
    """See `clarion.channels.port.Transport`. `signer` adds DKIM signatures for the From domains it has keys of."""

    name = "smtp"
    channel = "email"

    def __init__(self, relay: Relay, *, connections: int = 10, signer: Signer | None = None) -> None:
        self._relay = relay
        self._connections = max(1, connections)
        self._signer = signer
        self._idle: list[SMTP] = []
        self._slots = asyncio.Semaphore(self._connections)
        self._tls: ssl.SSLContext | None = None
        self._is_open = False

    async def open(self) -> None:
        """Load certificates; connections are made when there is something to send."""
        self._tls = await asyncio.to_thread(self._relay.context)
        self._slots = asyncio.Semaphore(self._connections)
        self._is_open = True

    async def close(self) -> None:
        """Say goodbye on idle connections; those at work are closed when their message is through."""
        self._is_open = False
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_quit(client) for client in idle))

    async def send(self, messages: Sequence[EmailOutgoing]) -> list[Outcome]:
        """See `Transport.send`."""
        if not messages:
            return []
        batch = _Batch(messages)
        count = min(len(messages), self._connections)
        workers = {asyncio.create_task(self._work(batch)) for _ in range(count)}
        running = set(workers)
        try:
            while running and not batch.complete.done():
                await asyncio.wait({*running, batch.complete}, return_when=asyncio.FIRST_COMPLETED)
                running = {worker for worker in running if not worker.done()}
        finally:
            # What still runs is waiting for a connection that is not needed any more (or was cancelled with us).
            for worker in running:
                worker.cancel()
            results = await asyncio.gather(*workers, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                batch.failure = Outcome("temporary", f"{type(result).__name__}: {result}")
        return batch.result()

    async def _work(self, batch: _Batch) -> None:
        async with self._slots:
            client = self._take_idle()
            used = client is not None
            try:
                while batch.pending:
                    if client is None or not client.is_connected:
                        client, used = await self._connect(), False
                    if not batch.pending:
                        break
                    index, message = batch.pending.popleft()
                    try:
                        batch.record(index, await self._one(client, message, used))
                        used = True
                    except _Stale:
                        batch.pending.appendleft((index, message))
                        client.close()
            except _NoSession as failure:
                batch.failure = failure.outcome
            except BaseException:
                if client is not None:
                    client.close()
                raise
            if client is not None:
                await self._give_back(client)

    def _take_idle(self) -> SMTP | None:
        while self._idle:
            client = self._idle.pop()
            if client.is_connected:
                return client
        return None

    async def _give_back(self, client: SMTP) -> None:
        if not self._is_open:
            await _quit(client)
        elif client.is_connected:
            self._idle.append(client)

    async def _connect(self) -> SMTP:
        """A connection that is ready for MAIL. Raises _NoSession."""
        relay = self._relay
        client = relay.client(self._tls)
        where = f"{relay.host}:{relay.port}"
        try:
            await client.connect()
            try:
                await client.ehlo()
            except SMTPHeloError:
                await client.helo()
            if relay.username:
                if relay.tls != "none" and client.get_transport_info("sslcontext") is None:
                    raise _NoSession(unavailable(f"{where} offers no TLS, the password was not sent"))
                await client.login(relay.username, relay.password)
        except SMTPResponseException as error:
            client.close()
            raise _NoSession(unavailable(where, Reply(error.code, error.message))) from error
        except (SMTPException, OSError, ValueError) as error:
            client.close()
            raise _NoSession(unavailable(f"{where}: {error}")) from error
        except BaseException:
            client.close()
            raise
        return client

    async def _one(self, client: SMTP, message: EmailOutgoing, used: bool) -> Outcome:
        try:
            mail = self._prepare(message)
        except Invalid as error:
            return Outcome("permanent", error.message)
        except Exception as error:
            return Outcome("temporary", f"{type(error).__name__}: {error}")
        try:
            refusal = await _envelope(client, mail, used)
            return refusal or await _content(client, mail, self._relay.timeout_seconds)
        except _Stale:
            raise
        except Exception as error:
            client.close()
            return Outcome("temporary", f"{type(error).__name__}: {error}", uncertain=True)

    def _prepare(self, message: EmailOutgoing) -> mime.Mail:
        mail = mime.build(message)
        if self._signer is None:
            return mail
        signature = self._signer.sign(mail.domain, mail.content, message.sent_at_ms)
        return mail._replace(content=signature + mail.content)


def _commands(client: SMTP, mail: mime.Mail) -> Iterator[tuple[Step, bytes, int]]:
    """Step, command, and the first digit of the answer that lets us go on."""
    options = ""
    if client.supports_extension("size"):
        options += f" SIZE={len(mail.content)}"
    if client.supports_extension("8bitmime") and not mail.content.isascii():
        options += " BODY=8BITMIME"
    yield "MAIL FROM", f"MAIL FROM:<{mail.sender}>{options}".encode("ascii"), 2
    yield "RCPT TO", f"RCPT TO:<{mail.recipient}>".encode("ascii"), 2
    yield "DATA", b"DATA", 3


async def _envelope(client: SMTP, mail: mime.Mail, used: bool) -> Outcome | None:
    """Everything before the content; None when the server waits for it. Raises _Stale on a `used` connection."""
    step: Step = "MAIL FROM"
    try:
        for step, command, wanted in _commands(client, mail):
            reply = Reply(*await client.execute_command(command))
            if reply.code // 100 == wanted:
                continue
            if reply.code == 421 and used:
                raise _Stale
            if not reply.is_refusal:
                client.close()
                return Outcome("temporary", f"{step}: unexpected answer {reply.line}", reply.line)
            await _reset(client)
            return refused(step, reply)
    except SMTPException as error:
        client.close()
        if used and isinstance(error, SMTPServerDisconnected):
            raise _Stale from error
        return Outcome("temporary", f"{step}: {error.message}")
    return None


async def _reset(client: SMTP) -> None:
    try:
        if client.is_connected:
            await client.rset()
    except SMTPException:
        client.close()


async def _content(client: SMTP, mail: mime.Mail, timeout: float) -> Outcome:
    # aiosmtplib's own data() does not tell whether an answer got lost before or after the content was sent.
    protocol = client.protocol
    content = mail.content.replace(b"\r\n.", b"\r\n..") + b".\r\n"
    try:
        if protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        protocol.write(content)
    except SMTPException as error:
        client.close()
        return Outcome("temporary", f"DATA: {error.message}")
    try:
        patience = timeout + len(content) / _SLOWEST_BYTES_PER_SECOND
        reply = Reply(*await protocol.read_response(timeout=patience))
    except SMTPException as error:
        client.close()
        return _unconfirmed(error.message)
    if reply.code // 100 == 2:
        return Outcome("sent", response=reply.line)
    if not reply.is_refusal:
        client.close()
        return _unconfirmed(f"unexpected answer {reply.line}")
    if reply.code == 421:
        client.close()
    return refused("DATA", reply)


def _unconfirmed(why: str) -> Outcome:
    detail = f"DATA: {why}; the message was passed on but not confirmed, it is uncertain whether it was taken"
    return Outcome("temporary", detail, uncertain=True)


async def _quit(client: SMTP) -> None:
    with suppress(SMTPException, OSError):
        if client.is_connected:
            await client.quit(timeout=_GOODBYE_SECONDS)
    client.close()
