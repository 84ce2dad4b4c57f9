"""A transport that only counts: for measuring everything before it, and for tests of what comes after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clarion.channels.port import Outcome


class CountingTransport:
    """See `clarion.channels.port.Transport`. Carries any channel; every `fail_every`th message fails for now."""

    name = "counting"

    def __init__(self, channel: str = "email", *, fail_every: int = 0) -> None:
        self.channel = channel
        self.sent = 0
        self.failed = 0
        self._fail_every = fail_every

    async def open(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        """Nothing to let go of."""

    async def send(self, messages: Sequence[Any]) -> list[Outcome]:
        """See `Transport.send`."""
        if not self._fail_every:
            self.sent += len(messages)
            return [_SENT] * len(messages)
        return [self._count() for _ in messages]

    def _count(self) -> Outcome:
        if (self.sent + self.failed + 1) % self._fail_every == 0:
            self.failed += 1
            return _FAILED
        self.sent += 1
        return _SENT


_SENT = Outcome("sent", response="250 counted")
_FAILED = Outcome("temporary", "it was this message's turn to fail")
