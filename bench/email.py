"""E-mails per second to an SMTP relay on loopback in a process of its own: built, DKIM-signed, handed over.

python -m bench.email [seconds]

3.4 KB of text and HTML, an RSA-2048 signature each, 10 connections kept open, in batches as a lane hands them over.
Prints the rate per core (messages by CPU seconds of this process: with both cores busy that is what counts) and by the
clock, and the ratio to raw sockets that only pass on messages built before.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from clarion.channels.email import mime
from clarion.channels.email.dkim import DkimKey, DkimSigner
from clarion.channels.email.relay import Relay
from clarion.channels.email.smtp import SmtpTransport
from clarion.channels.port import EmailOutgoing

TARGET = 1_200
BATCH = 500
CONNECTIONS = 10

_WORDS = "Your order is on its way and will be with you on Thursday between nine and noon. "
_TEXT = (_WORDS + "\n") * 14
_HTML = "<html><body>" + f'<p style="margin:0 0 1em">{_WORDS}</p>\n' * 17 + "</body></html>"


def letters(count: int, first: int = 0) -> list[EmailOutgoing]:
    """Messages as a campaign renders them."""
    return [
        EmailOutgoing(
            message_id=f"{number:032x}",
            account="000000000001",
            app_id="a" * 32,
            from_address='"Acme Shop" <shop@acme.test>',
            to_address=f"customer{number}@example.com",
            subject=f"Your order {number}",
            text=_TEXT,
            html=_HTML,
            sent_at_ms=1_804_151_402_000,
            unsubscribe_url=f"https://acme.test/track/u/{number:064x}",
        )
        for number in range(first, first + count)
    ]


class _Sink(asyncio.Protocol):
    """Takes everything, looking at no more than it must. A client may send commands together (RFC 2920)."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = transport
        self._got = b""
        self._content = False
        self._say(b"220 sink ESMTP\r\n")

    def _say(self, line: bytes) -> None:
        self._out.write(line)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._got += data
        while self._got:
            if self._content:
                _, end, rest = self._got.partition(b"\r\n.\r\n")
                if not end:
                    return
                self._got, self._content = rest, False
                self._say(b"250 2.0.0 queued\r\n")
                continue
            line, end, rest = self._got.partition(b"\r\n")
            if not end:
                return
            self._got = rest
            if line == b"DATA":
                self._content = True
                self._say(b"354 go ahead\r\n")
            elif line.startswith(b"EHLO"):
                self._say(b"250-sink\r\n250-SIZE 10485760\r\n250-8BITMIME\r\n250 PIPELINING\r\n")
            else:
                self._say(b"250 2.0.0 ok\r\n")


def _serve(told: Connection) -> None:
    import uvloop

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Sink, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(run())


@contextmanager
def sink() -> Iterator[int]:
    """The port of a relay in a process of its own."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield int(ours.recv())
    finally:
        process.kill()
        process.join()


def signer() -> DkimSigner:
    """Signs for acme.test, with a key made now."""
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return DkimSigner([DkimKey("acme.test", "bench", pem)])


async def _raw(port: int, mails: list[mime.Mail]) -> None:
    """Messages built before through sockets, one command after the other."""
    waiting = iter(mails)

    async def worker() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        for mail in waiting:
            content = mail.content.replace(b"\r\n.", b"\r\n..") + b".\r\n"
            commands = (b"MAIL FROM:<%b>\r\n" % mail.sender.encode(), b"RCPT TO:<%b>\r\n" % mail.recipient.encode())
            for part in (*commands, b"DATA\r\n", content):
                writer.write(part)
                await reader.readline()
        writer.close()

    await asyncio.gather(*(worker() for _ in range(CONNECTIONS)))


async def _rate(seconds: float, hand_over: Callable[[int], Awaitable[None]]) -> tuple[float, float]:
    """Messages per CPU second of this process, and per second by the clock."""
    await hand_over(0)
    cpu, clock, count = time.process_time(), time.perf_counter(), 0
    while time.perf_counter() - clock < seconds:
        count += BATCH
        await hand_over(count)
    return count / (time.process_time() - cpu), count / (time.perf_counter() - clock)


async def measure(seconds: float) -> None:
    """Raw, prebuilt messages; then the transport with and without signing."""
    prebuilt = [mime.build(letter) for letter in letters(BATCH)]
    print(f"message of {len(prebuilt[0].content):,} bytes, {CONNECTIONS} connections, batches of {BATCH}")
    with sink() as port:
        raw, clock = await _rate(seconds, lambda _: _raw(port, prebuilt))
        print(f"raw, built before:        {raw:8,.0f} messages/s per core, {clock:8,.0f} by the clock")
        for name, by in (("transport, not signed:", None), ("transport, DKIM RSA-2048:", signer())):
            relay = Relay(host="127.0.0.1", port=port, tls="none", timeout_seconds=30)
            transport = SmtpTransport(relay, connections=CONNECTIONS, signer=by)
            await transport.open()

            async def hand_over(first: int, transport: SmtpTransport = transport) -> None:
                outcomes = await transport.send(letters(BATCH, first))
                assert all(outcome.status == "sent" for outcome in outcomes), outcomes[0]

            rate, clock = await _rate(seconds, hand_over)
            await transport.close()
            print(f"{name:25} {rate:8,.0f} messages/s per core, {clock:8,.0f} by the clock, {rate / raw:.2f} of raw")
        print(f"target {TARGET:,}: {'met' if rate >= TARGET else 'MISSED'}")


if __name__ == "__main__":
    asyncio.run(measure(float(sys.argv[1]) if len(sys.argv) > 1 else 4.0))
