"""One e-mail over one SMTP connection: envelope, content, and what the answers mean.

Before the content nothing has been passed on, and a connection that turns out to have been closed costs nothing. Once
the content is on its way only the answer tells whether the message was taken; without one it is `uncertain`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from aiosmtplib import SMTP, SMTPException, SMTPServerDisconnected

from clarion.channels.email import mime
from clarion.channels.email.replies import Reply, Step, refused
from clarion.channels.port import Outcome

_SLOWEST_BYTES_PER_SECOND = 65_536
_GOODBYE_SECONDS = 2.0


class Stale(Exception):
    """The server had closed a connection that worked before; nothing of the message was passed on."""


async def envelope(client: SMTP, mail: mime.Mail, used: bool) -> Outcome | None:
    """Everything before the content; None when the server waits for it. Raises Stale on a `used` connection."""
    step: Step = "MAIL FROM"
    try:
        for step, command, wanted in _commands(client, mail):
            reply = Reply(*await client.execute_command(command))
            if reply.code // 100 == wanted:
                continue
            if reply.code == 421 and used:
                raise Stale
            if not reply.is_refusal:
                client.close()
                return Outcome("temporary", f"{step}: unexpected answer {reply.line}", reply.line)
            await _reset(client)
            return refused(step, reply)
    except SMTPException as error:
        client.close()
        if used and isinstance(error, SMTPServerDisconnected):
            raise Stale from error
        return Outcome("temporary", f"{step}: {error.message}")
    return None


async def content(client: SMTP, mail: mime.Mail, timeout: float) -> Outcome:
    """Pass the content on to a server that waits for it; `timeout` in seconds, more for what takes long to send."""
    # aiosmtplib's own data() does not tell whether an answer got lost before or after the content was sent.
    protocol = client.protocol
    data = mail.content.replace(b"\r\n.", b"\r\n..") + b".\r\n"
    try:
        if protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        protocol.write(data)
    except SMTPException as error:
        client.close()
        return Outcome("temporary", f"DATA: {error.message}")
    try:
        patience = timeout + len(data) / _SLOWEST_BYTES_PER_SECOND
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


async def goodbye(client: SMTP) -> None:
    """Say QUIT if there is anybody to hear it, and close."""
    with suppress(SMTPException, OSError):
        if client.is_connected:
            await client.quit(timeout=_GOODBYE_SECONDS)
    client.close()


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


async def _reset(client: SMTP) -> None:
    try:
        if client.is_connected:
            await client.rset()
    except SMTPException:
        client.close()


def _unconfirmed(why: str) -> Outcome:
    detail = f"DATA: {why}; the message was passed on but not confirmed, it is uncertain whether it was taken"
    return Outcome("temporary", detail, uncertain=True)
