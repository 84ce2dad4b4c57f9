"""Rate limits: a token bucket on a clock that is passed in."""

from __future__ import annotations

import threading

from clarion.core.clock import Clock


class TokenBucket:
    """At most `rate` per second over time and `burst` at once; starts full. Safe between threads.

    A rate of 0 means no limit. `burst` is one second's worth unless given, and never less than 1.
    """

    def __init__(self, rate: float, clock: Clock, *, burst: float | None = None) -> None:
        self._rate = rate
        self._burst = max(rate if burst is None else burst, 1.0)
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens = self._burst
        self._filled_ms = clock.now_ms()

    def take(self, wanted: int = 1) -> int:
        """How many of `wanted` may go now (0 to `wanted`); they are used up."""
        if self._rate <= 0:
            return wanted
        with self._lock:
            self._fill()
            granted = min(wanted, int(self._tokens))
            self._tokens -= granted
            return granted

    def put_back(self, count: int) -> None:
        """Return tokens that were taken and not used."""
        with self._lock:
            self._tokens = min(self._burst, self._tokens + count)

    def wait_ms(self, count: int = 1) -> int:
        """Milliseconds until `count` (at most the burst) could be taken; 0 when they can be now."""
        if self._rate <= 0:
            return 0
        with self._lock:
            self._fill()
            missing = min(count, self._burst) - self._tokens
            # Rounded up: a caller that waits so long finds the token there.
            return max(0, -int(-missing * 1000 // self._rate))

    def _fill(self) -> None:
        now = self._clock.now_ms()
        if now > self._filled_ms:
            self._tokens = min(self._burst, self._tokens + (now - self._filled_ms) * self._rate / 1000)
        self._filled_ms = now
