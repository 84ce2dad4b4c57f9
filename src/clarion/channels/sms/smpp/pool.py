"""All binds of one account, and room on one of them for the next submission."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from clarion.channels.sms.smpp.config import SmppConfig
from clarion.channels.sms.smpp.link import Link
from clarion.channels.sms.smpp.pdu import Pdu
from clarion.channels.sms.smpp.session import Kind, NotBound, Session
from clarion.core.ids import Ids


class Pool:
    """`binds` transceivers, or as many pairs of transmitter and receiver."""

    def __init__(self, config: SmppConfig, *, ids: Ids, on_request: Callable[[Link, Pdu], None]) -> None:
        kinds: tuple[Kind, ...] = ("transceiver",) if config.bind == "transceiver" else ("transmitter", "receiver")
        self._window = config.window
        self._sessions = [
            Session(config, kind, ids=ids, on_request=on_request, on_change=self._changed)
            for _ in range(config.binds)
            for kind in kinds
        ]
        self._senders = [session for session in self._sessions if session.kind != "receiver"]
        self._waiters: list[asyncio.Future[None]] = []

    @property
    def bound(self) -> int:
        """How many binds there are now, of all kinds."""
        return sum(session.link is not None and session.link.usable for session in self._sessions)

    def open(self, tls: ssl.SSLContext | None) -> None:
        for session in self._sessions:
            session.start(tls)

    async def close(self) -> None:
        await asyncio.gather(*(session.stop() for session in self._sessions))

    async def link(self) -> Link:
        """The bind with the most room in its window, once one has room. Raises NotBound when there is none, and none
        is just being made."""
        while True:
            links = [session.link for session in self._senders if session.link is not None and session.link.usable]
            if links:
                found = min(links, key=lambda link: link.outstanding)
                if found.outstanding < self._window:
                    return found
            elif not any(session.trying or session.link is not None for session in self._senders):
                raise NotBound(self._senders[0].failure)
            await self.changed()

    async def changed(self) -> None:
        """Wait until a bind came or went, or has room again."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    def _changed(self) -> None:
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)
