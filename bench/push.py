"""Push notifications per second to APNs and FCM: real transports, HTTP/2 over TLS, to sinks in a process of its own.

python -m bench.push [notifications]

Prints the rate, the rate per core of this process (all of its threads), and how much of what the bare HTTP client
manages with the same requests that is. The sink does not decode headers, so it is not what is measured.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import ssl
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import uvloop
from pyreqwest.client import ClientBuilder

from clarion.channels.port import PushOutgoing
from clarion.channels.push import forms
from clarion.channels.push.configs import ApnsConfig, GcmConfig
from clarion.channels.push.notification import Notification, Sender
from clarion.channels.push.services.apns import ApnsTransport
from clarion.channels.push.services.fcm import FcmTransport
from clarion.core.clock import SystemClock
from tests import credentials
from tests.channels.push.authority import authority

BATCH = 1_000
LANES = 2
"""Batches under way at once, as lanes do it."""

_HEADERS, _DATA, _SETTINGS, _PING, _WINDOW_UPDATE = 1, 0, 4, 6, 8
_ANSWERS = {
    "apns": b"",
    "fcm": b'{"name":"projects/acme-shop/messages/0:1500415314455276%31bd1c96"}',
    "token": b'{"access_token":"ya29.bench","expires_in":3600,"token_type":"Bearer"}',
}


def _frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload


class _Sink(asyncio.Protocol):
    """Answers 200 to every request, whatever it says."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._got = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out: Any = transport
        # 1,000 streams, and windows that never close.
        settings = b"\x00\x03\x00\x00\x03\xe8" + b"\x00\x04\x7f\xff\xff\xff"
        opened = (2**31 - 1 - 65_535).to_bytes(4, "big")
        self._out.write(_frame(_SETTINGS, 0, 0, settings) + _frame(_WINDOW_UPDATE, 0, 0, opened))
        self._greeting = 24

    def data_received(self, data: bytes) -> None:
        got = self._got
        got += data
        out, place = [], self._greeting if len(got) >= self._greeting else len(got)
        self._greeting -= place if self._greeting else 0
        while len(got) - place >= 9:
            size = int.from_bytes(got[place : place + 3], "big")
            if len(got) - place < 9 + size:
                break
            kind, flags = got[place + 3], got[place + 4]
            stream = bytes(got[place + 5 : place + 9])
            if kind in (_HEADERS, _DATA) and flags & 1:
                out.append(self._reply(stream))
            elif kind == _SETTINGS and not flags & 1:
                out.append(_frame(_SETTINGS, 1, 0))
            elif kind == _PING and not flags & 1:
                out.append(_frame(_PING, 1, 0, bytes(got[place + 9 : place + 9 + size])))
            place += 9 + size
        del got[:place]
        if out:
            self._out.write(b"".join(out))

    def _reply(self, stream: bytes) -> bytes:
        # The header block is `:status: 200`, the eighth entry of HPACK's own table.
        if not self._answer:
            return b"\x00\x00\x01\x01\x05" + stream + b"\x88"
        head = b"\x00\x00\x01\x01\x04" + stream + b"\x88"
        return head + len(self._answer).to_bytes(3, "big") + b"\x00\x01" + stream + self._answer


def _serve(told: Connection, chain: str) -> None:
    async def run() -> None:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(chain)
        tls.set_alpn_protocols(["h2"])
        loop, ports = asyncio.get_running_loop(), {}
        for name, answer in _ANSWERS.items():
            server = await loop.create_server(lambda answer=answer: _Sink(answer), "127.0.0.1", 0, ssl=tls)
            ports[name] = f"https://localhost:{server.sockets[0].getsockname()[1]}"
        told.send(ports)
        await asyncio.Event().wait()

    uvloop.run(run())


@contextmanager
def _sinks(folder: Path) -> Iterator[dict[str, str]]:
    authority().server(folder)
    ours, theirs = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(theirs, str(folder / "localhost.pem")), daemon=True)
    process.start()
    yield ours.recv()
    process.kill()
    process.join()


def _messages(service: Any, count: int) -> list[PushOutgoing]:
    said = Notification(
        title="Your basket waits", body="Two pairs of shoes are still in it.", action="DEEP_LINK", url="a:b"
    )
    sender = Sender(endpoint_id="ep-1", campaign_id="c" * 32, activity_id="a" * 32, treatment_id="0")
    found = []
    for number in range(count):
        token = f"{number:064x}"
        built = forms.build(service, said, sender, token=token, sent_at_ms=1_800_000_000_000)
        found.append(
            PushOutgoing(
                message_id=f"{number:032x}", account="1", app_id="app", service=service, to_address=token,
                payload=built.payload, headers=built.headers,
            )
        )  # fmt: skip
    return found


async def _in_batches(messages: list[Any], send: Callable[[list[Any]], Awaitable[int]]) -> int:
    left = iter([messages[start : start + BATCH] for start in range(0, len(messages), BATCH)])

    async def lane() -> int:
        return sum([await send(batch) for batch in left])

    return sum(await asyncio.gather(*(lane() for _ in range(LANES))))


async def _measured(messages: list[Any], send: Callable[[list[Any]], Awaitable[int]]) -> tuple[float, float]:
    """Per second, and per second of CPU."""
    await send(messages[:BATCH])
    begun, cpu = time.perf_counter(), time.process_time()
    assert await _in_batches(messages, send) == len(messages)
    return len(messages) / (time.perf_counter() - begun), len(messages) / (time.process_time() - cpu)


async def _transport(made: Any, messages: list[PushOutgoing]) -> tuple[float, float]:
    async def send(batch: list[PushOutgoing]) -> int:
        return sum(outcome.status == "sent" for outcome in await made.send(batch))

    await made.open()
    found = await _measured(messages, send)
    await made.close()
    return found


async def _bare(url: str, trusted: str, messages: list[PushOutgoing]) -> tuple[float, float]:
    headers = {"authorization": "bearer " + "x" * 180, "apns-topic": "com.acme.shop", "apns-push-type": "alert"}
    builder = ClientBuilder().http2_prior_knowledge().add_root_certificate_pem(Path(trusted).read_bytes())
    async with builder.timeout(timedelta(seconds=30)).build() as client:

        async def send(batch: list[PushOutgoing]) -> int:
            left, taken = iter(batch), []

            async def one() -> None:
                for message in left:
                    request = client.post(url + "/3/device/" + message.to_address).headers(headers)
                    taken.append((await request.body_bytes(message.payload).build().send()).status)

            await asyncio.gather(*(one() for _ in range(500)))
            return len(taken)

        return await _measured(messages, send)


def _print(name: str, found: tuple[float, float], bare: tuple[float, float]) -> None:
    share = f", {found[1] / bare[1]:.0%} of the bare client" if found is not bare else ""
    print(f"{name:12} {found[0]:8,.0f} notifications/s {found[1]:8,.0f} per core{share}", flush=True)


async def _run(count: int) -> None:
    with tempfile.TemporaryDirectory() as name, _sinks(folder := Path(name)) as urls:
        trusted = str(folder / "trusted.pem")
        Path(trusted).write_text(authority().pem)
        usual: dict[str, Any] = {"clock": SystemClock(), "authorities": trusted}
        key = credentials.pem(credentials.ec_key())
        config = ApnsConfig(bundle_id="com.acme.shop", team_id="ABCDE12345", token_key_id="KEY1234567", token_key=key)
        account = GcmConfig(service_json=credentials.service_account())
        apns = _messages("APNS", count)
        bare = await _bare(urls["apns"], trusted, apns)
        _print("bare client", bare, bare)
        _print("APNs", await _transport(ApnsTransport("APNS", config, url=urls["apns"], **usual), apns), bare)
        transport = FcmTransport(account, url=urls["fcm"], token_url=urls["token"], **usual)
        _print("FCM", await _transport(transport, _messages("GCM", count)), bare)


def main(count: int = 30_000) -> None:
    print(f"{count:,} notifications of a few hundred bytes, in batches of {BATCH:,}, {LANES} at a time")
    asyncio.run(_run(count))  # as the lanes have it


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
