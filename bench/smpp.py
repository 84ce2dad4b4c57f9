"""Text messages per second over SMPP, each with its receipt, to an SMSC on loopback in a process of its own.

python -m bench.smpp [messages]

Prints the rate on the wall clock and for each second of this process's CPU (with both cores busy the latter is what
counts), and the ratio to a bare client: PDUs made beforehand, answers counted and nothing else.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import struct
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

import structlog
import uvloop

from clarion.channels.feedback import Nobody, ReceiptReport
from clarion.channels.port import SmsOutgoing
from clarion.channels.provider import Surroundings
from clarion.channels.sms.smpp import pdu
from clarion.channels.sms.smpp.compose import Composer
from clarion.channels.sms.smpp.config import SmppConfig
from clarion.channels.sms.smpp.pdu import Address, Message, Pdu
from clarion.channels.sms.smpp.transport import SmppTransport
from clarion.core.clock import SystemClock
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings

TARGET = 5_000
WINDOW = 100
BATCH = 1_000
_HEADER = struct.Struct(">LLLL")
_ID = "0123456789"
_RECEIPT = f"id:{_ID} sub:001 dlvrd:001 submit date:2612011200 done date:2612011201 stat:DELIVRD err:000 text:Your tab"
_DELIVER = Message(
    source=Address(1, 1, "49301234567"), destination=Address(1, 1, "4915155555"), esm_class=4, content=_RECEIPT.encode()
).encode()
_BEFORE, _, _AFTER = _DELIVER.partition(_ID.encode())
_DELIVER_SIZE = 16 + len(_DELIVER)


class _Sink(asyncio.Protocol):
    """An SMSC that takes everything and says at once that it was delivered."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = transport
        self._got = bytearray()
        self._sequence = 0

    def data_received(self, data: bytes) -> None:
        self._got += data
        at, out = 0, []
        while len(self._got) - at >= 16:
            length, command, _, sequence = _HEADER.unpack_from(self._got, at)
            if len(self._got) - at < length:
                break
            at += length
            if command == pdu.SUBMIT_SM:
                self._sequence += 1
                name = b"%010d" % self._sequence
                out.append(_HEADER.pack(27, command | pdu.RESPONSE, 0, sequence) + name + b"\0")
                out.append(_HEADER.pack(_DELIVER_SIZE, pdu.DELIVER_SM, 0, self._sequence) + _BEFORE + name + _AFTER)
            elif not command & pdu.RESPONSE:
                out.append(_HEADER.pack(17, command | pdu.RESPONSE, 0, sequence) + b"\0")
        del self._got[:at]
        if out:
            self._out.write(b"".join(out))  # type: ignore[attr-defined]


def _serve(told: Connection) -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Sink, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    uvloop.run(run())


class _Counting(Nobody):
    """Feedback that counts receipts."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.complete = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def receipts(self, provider: str, reports: Sequence[ReceiptReport]) -> None:
        self.left -= sum(report.kind == "SUCCESS" for report in reports)
        if not self.left:
            self._loop.call_soon_threadsafe(self.complete.set)


def _messages(count: int) -> list[SmsOutgoing]:
    return [
        SmsOutgoing(
            message_id=f"{number:032x}", account="1", app_id="app", to_address=f"+4930{number:07}",
            body=f"Your table {number} is ready, see you at eight. STOP to stop.", origination_number="+4915155555",
        )
        for number in range(count)
    ]  # fmt: skip


async def _through_transport(port: int, messages: list[SmsOutgoing]) -> tuple[float, float]:
    feedback = _Counting(len(messages))
    config = SmppConfig(host="127.0.0.1", port=port, system_id="bench", password="bench", window=WINDOW)
    given = Surroundings(name="bench", settings=Settings(), clock=SystemClock(), ids=SystemIds(), feedback=feedback)
    transport = SmppTransport(config, given)
    await transport.open()
    begun, cpu = time.perf_counter(), time.process_time()
    for at in range(0, len(messages), BATCH):
        outcomes = await transport.send(messages[at : at + BATCH])
        assert all(outcome.status == "sent" and outcome.provider_message_id for outcome in outcomes), outcomes[0]
    await feedback.complete.wait()
    took = time.perf_counter() - begun, time.process_time() - cpu
    await transport.close()
    return took


class _Bare(asyncio.Protocol):
    """Submits PDUs that are ready, answers what is delivered, counts."""

    def __init__(self, bodies: list[bytes]) -> None:
        self._bodies = bodies
        self._next = self._answered = self._receipts = 0
        self._got = bytearray()
        self.complete = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._out = transport
        self._out.write(Pdu(pdu.BIND_TRANSCEIVER, 0, 1, b"bench\0bench\0\0\x34\0\0\0").encode())  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self._got += data
        at, out = 0, []
        while len(self._got) - at >= 16:
            length, command, _, sequence = _HEADER.unpack_from(self._got, at)
            if len(self._got) - at < length:
                break
            at += length
            if command == pdu.DELIVER_SM:
                self._receipts += 1
                out.append(_HEADER.pack(17, command | pdu.RESPONSE, 0, sequence) + b"\0")
            elif command == pdu.SUBMIT_SM | pdu.RESPONSE:
                self._answered += 1
        del self._got[:at]
        while self._next < len(self._bodies) and self._next - self._answered < WINDOW:
            body = self._bodies[self._next]
            self._next += 1
            out.append(_HEADER.pack(16 + len(body), pdu.SUBMIT_SM, 0, self._next) + body)
        self._out.write(b"".join(out))  # type: ignore[attr-defined]
        if self._receipts == len(self._bodies) and not self.complete.done():
            self.complete.set_result(None)


async def _bare(port: int, bodies: list[bytes]) -> tuple[float, float]:
    begun, cpu = time.perf_counter(), time.process_time()
    transport, protocol = await asyncio.get_running_loop().create_connection(lambda: _Bare(bodies), "127.0.0.1", port)
    await protocol.complete
    transport.close()
    return time.perf_counter() - begun, time.process_time() - cpu


def main(count: int) -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    ours, theirs = multiprocessing.Pipe()
    sink = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs,), daemon=True)
    sink.start()
    port = ours.recv()
    messages = _messages(count)
    composer = Composer(SmppConfig(host="127.0.0.1", system_id="bench"))
    asyncio.run(_through_transport(port, messages[:BATCH]))
    wall, cpu = asyncio.run(_through_transport(port, messages))
    bare_wall, bare_cpu = asyncio.run(_bare(port, [composer.bodies(message)[0] for message in messages]))
    sink.kill()
    sink.join()
    print(f"{count:,} messages with receipts, one bind, window {WINDOW}")
    print(f"transport {count / wall:9,.0f}/s wall  {count / cpu:9,.0f}/s per core  (target {TARGET:,})")
    print(f"bare      {count / bare_wall:9,.0f}/s wall  {count / bare_cpu:9,.0f}/s per core")
    print(f"ratio     {bare_cpu / cpu:9.2f} of the bare client's messages for the same CPU")
    return 0 if count / cpu >= TARGET else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000))
