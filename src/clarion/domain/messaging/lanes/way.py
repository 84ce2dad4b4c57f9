"""The port between lanes and providers: where a channel's messages can go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from clarion.channels.port import Outcome, Outgoing
from clarion.domain.messaging.lanes.names import lane_name
from clarion.domain.messaging.loop import TransportLoop


class Way(Protocol):
    """All that carries a channel's messages. Methods may be called from any thread."""

    def lanes(self, message: Outgoing) -> Sequence[str]:
        """The lanes that can carry a message, best first; never empty."""
        ...

    def send(self, lane: str, messages: Sequence[Outgoing]) -> list[Outcome]:
        """Hand messages of one lane over and wait for what came of it: one outcome a message, in order."""
        ...

    def rate(self, lane: str) -> float:
        """Messages per second that the lane's provider takes, 0 for as many as there are."""
        ...

    def watch(self) -> None:
        """Look whether something about the providers has changed; have those open that listen."""
        ...

    def close(self) -> None:
        """End all connections."""
        ...


class OneWay:
    """A channel with one transport. Its only lane has the channel's name, unless `identity` names others behind it."""

    def __init__(self, channel: str, loop: TransportLoop, identity: Callable[[Outgoing], str] | None = None) -> None:
        self._channel = channel
        self._lanes = (lane_name(channel),)
        self._loop = loop
        self._identity = identity

    def lanes(self, message: Outgoing) -> Sequence[str]:
        """See `Way`."""
        if self._identity is None:
            return self._lanes
        return (lane_name(self._channel, identity=self._identity(message)),)

    def send(self, lane: str, messages: Sequence[Outgoing]) -> list[Outcome]:
        """See `Way`."""
        return self._loop.send(messages)

    def rate(self, lane: str) -> float:
        """See `Way`."""
        return 0

    def watch(self) -> None:
        """Nothing changes."""

    def close(self) -> None:
        """See `Way`."""
        self._loop.close()
