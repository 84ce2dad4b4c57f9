"""A channel's providers at work: see `lanes.way.Way`.

The lanes of a message are those of the providers that can carry it, in their order; one that is being drained comes
last. While a channel has no provider, the transport that the settings choose carries it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from clarion.channels.port import Outcome, Outgoing, Transport
from clarion.channels.provider import Finding, Surroundings
from clarion.channels.sms.simulator import simulated
from clarion.domain.messaging.lanes.names import lane_name, provider_of
from clarion.domain.messaging.lanes.way import Way
from clarion.domain.messaging.model import LaneName
from clarion.domain.messaging.providers.mounts import Mounts
from clarion.domain.messaging.providers.service import Configured, Providers, Snapshot

Around = Callable[[str], Surroundings]
"""What a provider of a name is built in."""


class Carriers:
    """The way out of one channel. `settled` is the way that the settings choose."""

    def __init__(self, channel: LaneName, providers: Providers, settled: Way, around: Around) -> None:
        self._channel = channel
        self._word = channel.lower()
        self._providers = providers
        self._settled = settled
        self._around = around
        self._mounts = Mounts(f"providers-{self._word}")
        self._seen: Snapshot | None = None

    def lanes(self, message: Outgoing) -> Sequence[str]:
        """See `Way`."""
        snapshot = self._providers.now()
        found = snapshot.by_channel.get(self._word)
        if not found:
            return self._settled.lanes(message)
        serving = [one for one in found if one.kind.serves(one.config, message)] or found
        names = [lane_name(self._channel, one.row.name, one.kind.identity(one.config, message)) for one in serving]
        return sorted(names, key=lambda name: snapshot.states.of(name).state == "draining")

    def send(self, lane: str, messages: Sequence[Outgoing]) -> list[Outcome]:
        """See `Way`."""
        name = provider_of(lane)
        if not name:
            return self._settled.send(lane, messages)
        snapshot = self._providers.now()
        configured = self._configured(snapshot, name)
        if configured is None:
            if name in snapshot.closed:
                outcome = Outcome("temporary", f"provider {name}: {snapshot.closed[name]}", blame="credentials")
            else:
                outcome = Outcome("temporary", f"there is no provider {name}, or it is disabled", blame="provider")
            return [outcome] * len(messages)
        # Texts to the simulator's numbers stay in the house.
        aside = [simulated(message) for message in messages]
        leaving = [message for message, outcome in zip(messages, aside, strict=True) if outcome is None]
        if not leaving:
            return [outcome for outcome in aside if outcome is not None]
        outcomes = iter(self._mounts.send(name, configured.row, self._builder(configured), leaving))
        return [_named(next(outcomes), name) if outcome is None else outcome for outcome in aside]

    def rate(self, lane: str) -> float:
        """See `Way`."""
        name = provider_of(lane)
        if not name:
            return self._settled.rate(lane)
        configured = self._configured(self._providers.now(), name)
        return 0 if configured is None else configured.row.rate

    def watch(self) -> None:
        """See `Way`."""
        snapshot = self._providers.now()
        if snapshot is self._seen:
            return
        self._seen = snapshot
        found = snapshot.by_channel.get(self._word, ())
        self._mounts.keep({one.row.name for one in found})
        for one in found:
            if one.kind.listens:
                self._mounts.open(one.row.name, one.row, self._builder(one))

    def names(self) -> list[str]:
        """The providers that carry the channel, in their order."""
        return [one.row.name for one in self._providers.now().by_channel.get(self._word, ())]

    def check(self, configured: Configured) -> list[Finding]:
        """Whether a provider lets us in, found out by a transport of its own."""
        return self._mounts.check(self._builder(configured))

    def close(self) -> None:
        """See `Way`."""
        self._mounts.close()
        self._settled.close()

    def _configured(self, snapshot: Snapshot, name: str) -> Configured | None:
        return next((one for one in snapshot.by_channel.get(self._word, ()) if one.row.name == name), None)

    def _builder(self, one: Configured) -> Callable[[], Transport[Any]]:
        return lambda: one.kind.build(one.config, self._around(one.row.name))


def _named(outcome: Outcome, provider: str) -> Outcome:
    """The outcome with its provider, by which what comes back of the message is told from others'."""
    if not outcome.provider_message_id or outcome.provider:
        return outcome
    return msgspec.structs.replace(outcome, provider=provider)
