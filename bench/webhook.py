"""Calls a second to a webhook on loopback in a process of its own, and the ratio to a client that does nothing else.

python -m bench.webhook [seconds]

calls     the custom channel with one endpoint a call: signed, through the circuit, over kept connections
messages  the same with 50 endpoints a call, as campaigns make them
bare      prebuilt bytes through as many sockets: what Python and the far end allow
"""

from __future__ import annotations

import asyncio
import base64
import multiprocessing
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

from clarion.channels import signatures
from clarion.channels.calls.service import Callouts
from clarion.channels.custom import CustomTransport, message_id, payload
from clarion.channels.port import CustomOutgoing
from clarion.core.clock import SystemClock
from clarion.core.settings import Settings

TARGET = 3_000
LANES = 8
"""Sockets of the bare client: as many as calls that a batch has under way."""
BATCH = 1_000
SECRET = signatures.secrets_of("whsec_" + base64.b64encode(b"0" * 32).decode())
ENDPOINT = (
    b'{"ChannelType":"EMAIL","Address":"lea@example.com","EndpointStatus":"ACTIVE","OptOut":"NONE",'
    b'"EffectiveDate":"2027-03-01T09:00:00.000Z","Attributes":{"tier":["gold"],"CohortId":["42"]},'
    b'"User":{"UserId":"u-19","UserAttributes":{"Name":["Lea"]}}}'
)
_ANSWER = b"HTTP/1.1 200 OK\r\nX-Amz-Pinpoint-AccountId: 000000000001\r\nContent-Length: 2\r\n\r\n{}"


class Sink(asyncio.Protocol):
    """Reads each request whole and says 200, to a HEAD as well."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = transport
        self._got = bytearray()
        self._wanted = 0

    def taken(self, request: bytearray) -> None:
        """A whole request has come; for whoever counts."""

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self._wanted:
            end = self._got.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._got[:end]).lower()
            self._wanted = end + 4 + int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
        if len(self._got) >= self._wanted:
            self.taken(self._got)
            self._out.write(_ANSWER[:-2] if self._got.startswith(b"HEAD") else _ANSWER)  # type: ignore[attr-defined]
            self._got.clear()
            self._wanted = 0


def serve(told: Connection) -> None:
    """Run the far end; tells its port."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def far_end() -> Iterator[int]:
    """Its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    yield ours.recv()
    process.kill()
    process.join()


def _messages(url: str, together: int) -> list[CustomOutgoing]:
    """A batch of a lane, so many to a call."""
    return [
        CustomOutgoing(
            message_id=f"{number:032x}",
            account="000000000001",
            app_id="0f4b6f2e5a4c4f8da1b2c3d4e5f60718",
            destination=url,
            endpoint_id=f"ep-{number}",
            endpoint=ENDPOINT,
            data='{"offer": 7}',
            campaign_id="c",
            treatment_id="0",
            activity_id=f"{number // together:032x}",
            scheduled_ms=1_804_151_402_000,
        )
        for number in range(BATCH)
    ]


def _timed(seconds: float, work: Callable[[], int]) -> tuple[float, float]:
    """Calls a second, by the clock and by this process's CPU."""
    work()
    done, begun, cpu = 0, time.perf_counter(), time.process_time()
    while time.perf_counter() - begun < seconds:
        done += work()
    return done / (time.perf_counter() - begun), done / (time.process_time() - cpu)


def _channel(transport: CustomTransport, url: str, together: int) -> Callable[[], int]:
    batch = _messages(url, together)

    def work() -> int:
        outcomes = asyncio.run(transport.send(batch))
        assert all(one.status == "sent" for one in outcomes), outcomes[0]
        return BATCH // together

    return work


def _bare(port: int, url: str) -> Callable[[], int]:
    batch = _messages(url, 1)[:1]
    body = payload(batch)
    lines = [f"{name}: {value}" for name, value in signatures.headers(SECRET, message_id(batch), 0, body).items()]
    head = ["POST /hook HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Content-Length: {len(body)}", *lines, "", ""]
    request = "\r\n".join(head).encode() + body
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(LANES)]

    def ask(connected: socket.socket) -> None:
        for _ in range(BATCH // LANES):
            connected.sendall(request)
            assert connected.recv(65_536).startswith(b"HTTP/1.1 200")

    def work() -> int:
        threads = [threading.Thread(target=ask, args=(one,)) for one in sockets]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return BATCH // LANES * LANES

    return work


def main(seconds: float = 3.0) -> None:
    settings = Settings(callout_networks="127.0.0.0/8", callout_http=True)
    callouts = Callouts(settings, signing=lambda app_id: SECRET)
    transport = CustomTransport(callouts, SystemClock())
    with far_end() as port:
        url = f"http://127.0.0.1:{port}/hook"
        bare, bare_core = _timed(seconds, _bare(port, url))
        print(f"bare      {bare:9,.0f} calls/s, {bare_core:9,.0f} per core")
        for name, together in (("calls", 1), ("messages", 50)):
            rate, core = _timed(seconds, _channel(transport, url, together))
            print(f"{name:9} {rate:9,.0f} calls/s, {core:9,.0f} per core, {rate * together:9,.0f} messages/s", end="")
            print(f"; {rate / bare:.2f} of bare, {core / TARGET:.1f} times the target" if together == 1 else "")
    callouts.close()


if __name__ == "__main__":
    main(*map(float, sys.argv[1:]))
