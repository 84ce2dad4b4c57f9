"""Receivers for tests of sending straight to them: mail servers on loopback addresses, found by a name server."""

from __future__ import annotations

import dataclasses
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from clarion.channels.email.mx.config import MxConfig
from clarion.channels.email.mx.transport import PROVIDER, MxTransport
from clarion.channels.port import Bounce, EmailOutgoing, Outcome
from clarion.channels.provider import Surroundings
from clarion.core.clock import VirtualClock
from clarion.core.ids import SeededIds
from clarion.core.settings import Settings
from tests.channels.letters import letter
from tests.channels.servers import Answer, Script
from tests.channels.zones import Zone

Records = dict[str, dict[str, Sequence[str]]]


def usual(step: str, argument: str, connection: int, message: int) -> Answer:
    """A server that takes everything."""
    return None


def mail(to: str, number: int = 0) -> EmailOutgoing:
    return letter(message_id=f"{number:032x}", to_address=to)


def mails(*to: str) -> list[EmailOutgoing]:
    return [mail(address, number) for number, address in enumerate(to)]


def bounce_of(outcome: Outcome) -> Bounce:
    (bounce,) = outcome.events
    assert isinstance(bounce, Bounce)
    return bounce


def recipients(script: Script) -> list[str]:
    return [one.recipient.removeprefix("TO:<").removesuffix(">") for one in script.received]


def free_port() -> int:
    """A port that is free on every loopback address."""
    with socket.create_server(("0.0.0.0", 0)) as server:
        return int(server.getsockname()[1])


class Internet:
    """Servers by host name, each on a loopback address of its own, and the records that lead to them."""

    def __init__(self, records: Records, **broken: Any) -> None:
        self.zone = Zone(records, **broken)
        self.records = records
        self.port = free_port()
        self.servers = ""
        self._stack = AsyncExitStack()
        self._last = 1

    async def host(self, name: str, answer: Callable[[str, str, int, int], Answer] = usual, **options: Any) -> Script:
        """A server under a name."""
        script = Script(answer, **options)
        address = self.address(name)
        await self._stack.enter_async_context(script.serve(self.port, address))
        return script

    def address(self, name: str) -> str:
        """A loopback address that the name leads to."""
        self._last += 1
        address = f"127.0.0.{self._last}"
        self.records.setdefault(name, {})["A"] = [address]
        return address

    async def enter(self, context: Any) -> Any:
        """Something that ends with the rest."""
        return await self._stack.enter_async_context(context)

    async def transport(self, **config: Any) -> MxTransport:
        """An open transport that finds its way here."""
        members = {"networks": "127.0.0.0/8", "port": self.port, "name": "out.acme.test", "ipv6": False, **config}
        made = MxConfig(**members)
        made.check()
        settings = dataclasses.replace(Settings(), dns_servers=self.servers)
        transport = PROVIDER.build(
            made, Surroundings(name="mx", settings=settings, clock=VirtualClock(), ids=SeededIds())
        )
        assert isinstance(transport, MxTransport)
        await transport.open()
        self._stack.push_async_callback(transport.close)
        return transport


@asynccontextmanager
async def internet(records: Records | None = None, **broken: Any) -> AsyncIterator[Internet]:
    """Served while it lasts."""
    made = Internet(records or {}, **broken)
    async with made.zone.serve() as made.servers, made._stack:
        yield made
