"""Push services at work, with the credentials of each project's own channels: see `lanes.way.Way`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from clarion.channels import catalog
from clarion.channels.port import Outcome, Outgoing, PushOutgoing, Transport
from clarion.core.clock import perf_seconds
from clarion.core.errors import Unavailable
from clarion.domain.apps.channels import Channel, Channels
from clarion.domain.messaging.lanes.names import lane_name, provider_of
from clarion.domain.messaging.providers.carriers import Around
from clarion.domain.messaging.providers.mounts import Mounts

FRESH_SECONDS = 1.0
_MOST = 10_000


class PushCarriers:
    """The way out of the push channel: a lane for each service of each project."""

    def __init__(self, channels: Channels, around: Around) -> None:
        self._channels = channels
        self._around = around
        self._mounts = Mounts("providers-push")
        self._lock = threading.Lock()
        self._kept: dict[tuple[str, str], tuple[float, Channel | None]] = {}

    def lanes(self, message: Outgoing) -> Sequence[str]:
        """See `Way`."""
        assert isinstance(message, PushOutgoing)
        return (lane_name("PUSH", message.service, message.app_id),)

    def send(self, lane: str, messages: Sequence[Outgoing]) -> list[Outcome]:
        """See `Way`."""
        service, app_id = provider_of(lane), lane.rpartition("/")[2]
        try:
            channel = self._channel(app_id, service)
        except Unavailable as error:
            return [Outcome("temporary", error.message, blame="credentials")] * len(messages)
        if channel is None:
            return [Outcome("permanent", f"the project has no {service} channel")] * len(messages)
        return self._mounts.send(f"{service}/{app_id}", channel.config, self._builder(channel), messages)

    def rate(self, lane: str) -> float:
        """See `Way`."""
        return 0

    def watch(self) -> None:
        """Push services tell nothing out of the blue."""

    def close(self) -> None:
        """See `Way`."""
        self._mounts.close()

    def _builder(self, channel: Channel) -> Callable[[], Transport[Any]]:
        kind = catalog.provider("push", channel.kind)
        return lambda: kind.build(channel.config, self._around(f"{channel.kind}/{channel.app_id}"))

    def _channel(self, app_id: str, service: str) -> Channel | None:
        """A project's channel, as it was at most `FRESH_SECONDS` ago."""
        key, now = (app_id, service), perf_seconds()
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and now - kept[0] < FRESH_SECONDS:
                return kept[1]
        found = self._channels.find(app_id, service)
        with self._lock:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[key] = (now, found)
        return found
