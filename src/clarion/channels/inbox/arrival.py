"""A message that arrived in the local inbox, and how one arrives: the same for every channel."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from clarion.channels.port import Outcome
from clarion.core.clock import Clock
from clarion.core.errors import ClarionError


class InboxMessage(msgspec.Struct, kw_only=True, frozen=True):
    """A message as its recipient would find it. `raw` is what the provider would have got, to the byte.

    `channel` is "email", or the endpoint's channel type (GCM, SMS …). An e-mail has `subject`, `text` and `html` as
    they were handed over, empty for a raw message: read those from `raw`. A notification has its title and body as
    `subject` and `text`, text messages and calls have only `text`. `facts` is what is to be known beyond that.
    """

    message_id: str
    channel: str
    account: str
    app_id: str
    from_address: str
    to_address: str
    subject: str
    text: str | None
    html: str | None
    raw: bytes
    context: dict[str, str]
    received_at_ms: int
    facts: list[tuple[str, str]] = []


class InboxSink(Protocol):
    """Keeps what arrives. A message may arrive again after a crash: the same `message_id`, the same content."""

    def store(self, messages: list[InboxMessage]) -> None:
        """Keep the messages, all or none. Called off the event loop. Raises a core error if it cannot."""
        ...


M = TypeVar("M")


class InboxOf(Generic[M]):
    """A transport into the inbox: see `clarion.channels.port.Transport`."""

    name = "inbox"
    channel = ""

    def __init__(self, sink: InboxSink, clock: Clock) -> None:
        self._sink = sink
        self._clock = clock

    async def open(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def send(self, messages: Sequence[M]) -> list[Outcome]:
        """See `Transport.send`."""
        return await asyncio.to_thread(self._deliver, messages)

    def receive(self, message: M, now_ms: int, arrived: list[InboxMessage]) -> Outcome:
        """What becomes of one message; what of it arrives is added to `arrived`."""
        raise NotImplementedError

    def _deliver(self, messages: Sequence[M]) -> list[Outcome]:
        now_ms = self._clock.now_ms()
        arrived: list[InboxMessage] = []
        outcomes = [self.receive(message, now_ms, arrived) for message in messages]
        try:
            if arrived:
                self._sink.store(arrived)
        except ClarionError as error:
            failed = Outcome("temporary", f"inbox: {error.message}")
            return [failed if outcome.status == "delivered" else outcome for outcome in outcomes]
        return outcomes
