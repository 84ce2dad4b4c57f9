"""The rate of a journey: whose turn is when. Pure.

Turns are given out one after the other. One that is soon is taken at once, its message waits in the outbox; for later
ones people wait. They come back together, as many as have their turns in the same few seconds, and take them in order;
who comes too late gets another.
"""

from __future__ import annotations

from math import ceil

from clarion.domain.journeys.model import Walker

SOON_MS = 5_000
TOGETHER = 1_000
"""About how many people come back at once, at most."""


class Pace:
    """Turns from `paced_ms` on, at `rate` messages per second; 0: now, for all."""

    def __init__(self, rate: int, paced_ms: int, now_ms: int) -> None:
        self._rate = rate
        self._next_ms: float = paced_ms
        self._now_ms = now_ms
        self._span_ms = max(1, min(SOON_MS, TOGETHER * 1000 // rate)) if rate else 1
        self._back: dict[int, int] = {}

    @property
    def paced_ms(self) -> int:
        """When the turn after the last one is (Unix ms)."""
        return ceil(self._next_ms)

    def turn_ms(self, walker: Walker, messages: int) -> int:
        """When somebody's messages may go out (Unix ms)."""
        now_ms = self._now_ms
        if not self._rate or not messages:
            return now_ms
        if walker.waiting == "pace" and walker.due_ms > now_ms - SOON_MS:
            before = self._back.get(walker.due_ms, 0)
            self._back[walker.due_ms] = before + messages
            return max(now_ms, int(walker.due_ms + before * 1000 / self._rate))
        at_ms = max(self._next_ms, float(now_ms))
        self._next_ms = at_ms + messages * 1000 / self._rate
        return int(at_ms)

    def is_soon(self, turn_ms: int) -> bool:
        """Whether it is worth no wait."""
        return turn_ms <= self._now_ms + SOON_MS

    def back_ms(self, turn_ms: int) -> int:
        """When to come back for a turn that is not soon (Unix ms)."""
        return turn_ms // self._span_ms * self._span_ms
