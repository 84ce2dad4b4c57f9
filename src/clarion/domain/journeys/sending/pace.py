"""The rate of a journey: whose turn is when. Pure.

Turns are given out one after the other. A turn that is soon is taken at once, its message waits in the outbox; for a
later one the participant waits, and has it when they come back, unless they come too late: then they get another.
"""

from __future__ import annotations

from math import ceil

from clarion.domain.journeys.model import Walker

SOON_MS = 5_000


class Pace:
    """Turns from `paced_ms` on, at `rate` messages per second; 0: now, for all."""

    def __init__(self, rate: int, paced_ms: int, now_ms: int) -> None:
        self._rate = rate
        self._next_ms: float = paced_ms
        self._now_ms = now_ms

    @property
    def paced_ms(self) -> int:
        """When the turn after the last one is (Unix ms)."""
        return ceil(self._next_ms)

    def turn_ms(self, walker: Walker, messages: int) -> int:
        """When somebody's messages may go out (Unix ms)."""
        now_ms = self._now_ms
        if not self._rate or not messages or (walker.waiting == "pace" and walker.due_ms > now_ms - SOON_MS):
            return now_ms
        at_ms = max(self._next_ms, float(now_ms))
        self._next_ms = at_ms + messages * 1000 / self._rate
        return int(at_ms)

    def is_soon(self, turn_ms: int) -> bool:
        """Whether it is worth no wait."""
        return turn_ms <= self._now_ms + SOON_MS
