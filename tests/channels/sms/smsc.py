"""An SMSC on loopback that speaks through smpplib's codec, well or as badly as it is told."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from smpplib import command_codes, smpp

from clarion.channels.feedback import CallReport, InboundText, MailReport, ReceiptReport
from clarion.channels.port import SmsOutgoing
from clarion.channels.provider import Surroundings
from clarion.channels.sms.smpp.config import SmppConfig
from clarion.channels.sms.smpp.transport import SmppTransport
from clarion.core.clock import VirtualClock
from clarion.core.ids import SeededIds
from clarion.core.settings import Settings

RESPONSE = 0x80000000


class Hang:
    """No answer to this one."""


class Reset:
    """The connection is reset, after these bytes."""

    def __init__(self, after: bytes = b"") -> None:
        self.after = after


class HalfClose:
    """Nothing more comes, but the connection stays open."""


Reply = int | bytes | Hang | Reset | HalfClose | None
"""A command_status, raw octets, misbehaviour, or None for the usual answer."""


class _Client:
    """What smpplib asks for sequence numbers."""

    sequence = 1

    def next_sequence(self) -> int:
        return self.sequence


def pdu(command: str, sequence: int = 1, status: int = 0, **members: Any) -> bytes:
    """A PDU as smpplib writes it."""
    made = smpp.make_pdu(command, client=_Client(), **members)
    made.sequence, made.status = sequence, status
    encoded: bytes = made.generate()
    return encoded


def parse(octets: bytes) -> Any:
    """A PDU as smpplib reads it."""
    return smpp.parse_pdu(octets, client=_Client(), allow_unknown_opt_params=True)


def receipt(message_id: str, stat: str = "DELIVRD", err: str = "000") -> dict[str, Any]:
    """Members of a deliver_sm with a receipt, as in appendix B."""
    text = (
        f"id:{message_id} sub:001 dlvrd:001 submit date:2612011200 done date:2612011201 stat:{stat} err:{err} text:Hi"
    )
    return address() | {"esm_class": 4, "short_message": text.encode()}


def address(source: str = "49301234567", to: str = "4915155555") -> dict[str, Any]:
    """Addresses of a deliver_sm: somebody to us."""
    return {
        "source_addr_ton": 1, "source_addr_npi": 1, "source_addr": source,
        "dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": to,
    }  # fmt: skip


@dataclass
class Smsc:
    """`answer(command, connection, number)` may say what comes of a PDU; both count from 1, `number` by command."""

    answer: Callable[[str, int, int], Reply] = lambda command, connection, number: None
    received: list[tuple[int, str, Any]] = field(default_factory=list)
    links: dict[int, _Conversation] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    _connections: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _ids: count[int] = field(default_factory=lambda: count(1))

    @asynccontextmanager
    async def serve(self, port: int = 0) -> AsyncIterator[int]:
        """Yields the port: the given one, or a free one."""
        tasks: set[asyncio.Task[Any]] = set()

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            self._connections += 1
            conversation = self.links[self._connections] = _Conversation(self, reader, writer, self._connections)
            self.tell()
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, TimeoutError):
                await conversation.run()
            self.links.pop(conversation.number, None)
            writer.transport.abort()
            self.tell()

        server = await asyncio.start_server(connected, "127.0.0.1", port, ssl=self.tls)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def got(self, command: str) -> list[Any]:
        """All PDUs of a kind, as smpplib reads them."""
        return [found for _, name, found in self.received if name == command]

    def tell(self) -> None:
        self._changed.set()

    async def until(self, holds: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until something holds that a PDU or a connection brings about."""
        async with asyncio.timeout(seconds):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def bound(self, connections: int = 1) -> None:
        """Wait for so many binds."""
        await self.until(lambda: sum(link.bound for link in self.links.values()) >= connections)

    async def deliver(self, command: str = "deliver_sm", link: int = 0, **members: Any) -> int:
        """Deliver something; answers the command_status of the response."""
        told = self.deliver_soon(command, link, **members)
        return await asyncio.wait_for(told, 20)

    def deliver_soon(self, command: str = "deliver_sm", link: int = 0, **members: Any) -> asyncio.Future[int]:
        return self.links[link or max(self.links)].deliver(command, members)

    def next_id(self) -> bytes:
        return f"id{next(self._ids)}".encode()


class _Conversation:
    def __init__(self, smsc: Smsc, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self.smsc, self.reader, self.writer, self.number = smsc, reader, writer, number
        self.bound = False
        self.counts: dict[str, int] = {}
        self.told: dict[int, asyncio.Future[int]] = {}
        self.sequence = 0

    async def run(self) -> None:
        await self.reply("CONNECT", None)
        while True:
            head = await self.reader.readexactly(16)
            octets = head + await self.reader.readexactly(int.from_bytes(head[:4], "big") - 16)
            found = parse(octets)
            self.smsc.received.append((self.number, found.command, found))
            if found.command.endswith("_resp") or found.command == "generic_nack":
                told = self.told.pop(found.sequence, None)
                if told is not None and not told.done():
                    told.set_result(found.status)
            else:
                await self.reply(found.command, found)
            self.smsc.tell()

    async def reply(self, command: str, found: Any) -> None:
        number = self.counts[command] = self.counts.get(command, 0) + 1
        told = self.smsc.answer(command, self.number, number)
        if isinstance(told, Hang):
            return
        if isinstance(told, Reset):
            self.writer.write(told.after)
            await self.writer.drain()
            raise ConnectionResetError
        if isinstance(told, HalfClose):
            self.writer.write_eof()
            await self.reader.read()
            raise ConnectionResetError
        if isinstance(told, bytes):
            self.writer.write(told)
        elif found is not None:
            self.usual(command, found, told or 0)
        await self.writer.drain()

    def usual(self, command: str, found: Any, status: int) -> None:
        members: dict[str, Any] = {}
        if command.startswith("bind"):
            members = {"system_id": "smsc"}
            self.bound = status == 0
        elif command == "submit_sm" and status == 0:
            members = {"message_id": self.smsc.next_id().decode()}
        self.writer.write(pdu(f"{command}_resp", found.sequence, status, **members))

    def deliver(self, command: str, members: dict[str, Any]) -> asyncio.Future[int]:
        self.sequence += 1
        told: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.told[self.sequence] = told
        self.writer.write(pdu(command, self.sequence, **members))
        return told

    def raw(self, octets: bytes) -> None:
        self.writer.write(octets)


def code(command: str) -> int:
    """A command id by name."""
    found: int = command_codes.get_command_code(command)
    return found


class Kept:
    """Feedback that is kept, or refused by `trouble`."""

    def __init__(self) -> None:
        self.told: list[ReceiptReport] = []
        self.heard: list[InboundText] = []
        self.calls_made: list[int] = []
        self.trouble: Callable[[Sequence[Any]], None] = lambda found: None

    def receipts(self, provider: str, reports: Sequence[ReceiptReport]) -> None:
        self._keep(provider, self.told, reports)

    def texts(self, provider: str, texts: Sequence[InboundText]) -> None:
        self._keep(provider, self.heard, texts)

    def _keep(self, provider: str, kept: list[Any], found: Sequence[Any]) -> None:
        assert provider == "carrier"
        self.trouble(found)
        kept += found
        self.calls_made.append(len(found))

    def calls(self, provider: str, reports: Sequence[CallReport]) -> None:
        raise AssertionError

    def mails(self, reports: Sequence[MailReport]) -> None:
        raise AssertionError


def sms(number: int = 0, **changes: Any) -> SmsOutgoing:
    """A text message; `number` makes it another one."""
    members: dict[str, Any] = {
        "message_id": f"{number:032x}", "account": "000000000001", "app_id": "app", "to_address": "+4930123456",
        "body": f"Your table {number} is ready", "origination_number": "+4915155555",
    }  # fmt: skip
    return SmsOutgoing(**members | changes)


def config(port: int, **changes: Any) -> SmppConfig:
    members: dict[str, Any] = {
        "host": "localhost", "port": port, "system_id": "clarion", "password": "s3cret", "response_seconds": 10.0,
        "reconnect_seconds": 0.01,
    }  # fmt: skip
    return SmppConfig(**members | changes)


def transport(port: int, kept: Kept | None = None, **changes: Any) -> SmppTransport:
    given = Surroundings(
        name="carrier", settings=Settings(), clock=VirtualClock(), ids=SeededIds(), feedback=kept or Kept()
    )
    return SmppTransport(config(port, **changes), given)


@asynccontextmanager
async def bound(smsc: Smsc, kept: Kept | None = None, **changes: Any) -> AsyncIterator[SmppTransport]:
    """A transport with all of its binds at an SMSC."""
    async with smsc.serve() as port:
        made = transport(port, kept, **changes)
        await made.open()
        try:
            wanted = changes.get("binds", 1) * (2 if changes.get("bind") == "pair" else 1)
            while made.bound < wanted:
                await made._pool.changed()
            yield made
        finally:
            await made.close()
