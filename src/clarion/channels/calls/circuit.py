"""A circuit before one destination: whoever has failed again and again is left alone for a while. Pure.

              failures in a row, or told to wait
    closed ─────────────────────────────────────────→ open
      ↑                                              │  ↑
      │ any call succeeds            pause is over   ↓  │ the probe fails: the pause doubles
      └───────────────────────────────────────── half open (one probe under way)

While it is open nobody is called. Once the pause is over, one call may probe. Results of calls that began before the
circuit opened are late: a success closes it all the same, a failure changes nothing.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import msgspec


class State(Enum):
    """What a circuit lets through: everything, nothing, one probe."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


FAILURES = 5
"""In a row, unless messages are tried less often."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """So many `failures` in a row open it for `pause_ms`, which doubles up to `longest_ms`; what a destination itself
    asks for is obeyed up to `obeyed_ms`. Who comes while a probe is under way is told to come back in `probe_ms`."""

    failures: int = FAILURES
    pause_ms: int = 5_000
    longest_ms: int = 300_000
    obeyed_ms: int = 3_600_000
    probe_ms: int = 5_000


class Admission(NamedTuple):
    """Whether a call may be made: `ticket` goes with its result, 0 when it may not; then in `wait_ms` perhaps."""

    ticket: int
    wait_ms: int = 0


class Circuit:
    """One destination's. Times are Unix milliseconds of whichever clock; not for several threads at once."""

    def __init__(self, rules: Rules | None = None) -> None:
        self._rules = rules or Rules()
        self._ticket = 0
        self._opened_at = 0
        self._probe = 0
        self._pause_ms = 0
        self.state = State.CLOSED
        self.failures = 0
        """In a row."""
        self.since_ms = 0
        """When the first of them was; without calls for long nobody knows, and it begins anew."""
        self._last_ms = 0
        self.until_ms = 0
        """When the pause is over, unless it is closed."""

    @property
    def is_well(self) -> bool:
        """Nothing is to be remembered of this destination."""
        return self.state is State.CLOSED and not self.failures

    def admit(self, now_ms: int) -> Admission:
        """Ask before a call. Who got a ticket says `succeeded`, `failed` or `abandoned`, once."""
        if self.state is State.OPEN:
            if now_ms < self.until_ms:
                return Admission(0, self.until_ms - now_ms)
            self.state = State.HALF_OPEN
            self._probe = self._next()
            return Admission(self._probe)
        if self.state is State.HALF_OPEN:
            return Admission(0, min(self._rules.probe_ms, self._pause_ms))
        return Admission(self._next())

    def succeeded(self) -> None:
        """The destination works, as some call has found out."""
        self.state = State.CLOSED
        self.failures = self._pause_ms = self._probe = 0

    def failed(self, ticket: int, now_ms: int, wait_ms: int = 0, *, known: bool = False) -> None:
        """The destination does not work; `wait_ms` is how long it wants to be left alone, if it said so. What was
        `known` before is not counted again."""
        wait_ms = min(wait_ms, self._rules.obeyed_ms)
        unknown = now_ms - self._last_ms > self._rules.obeyed_ms + self._rules.longest_ms
        self.since_ms = now_ms if unknown or not self.failures else self.since_ms
        self._last_ms = now_ms
        if self.state is State.CLOSED and ticket > self._opened_at:
            self.failures += 0 if known and self.failures else 1
            if wait_ms or self.failures >= self._rules.failures:
                self._open(now_ms, wait_ms)
        elif self.state is State.HALF_OPEN and ticket == self._probe:
            self.failures += 1
            self._open(now_ms, wait_ms)

    def abandoned(self, ticket: int, now_ms: int) -> None:
        """The call ended without telling anything of the destination; another may probe at once."""
        if self.state is State.HALF_OPEN and ticket == self._probe:
            self.state = State.OPEN
            self.until_ms = now_ms
            self._probe = 0

    def _open(self, now_ms: int, wait_ms: int) -> None:
        doubled = min(self._pause_ms * 2 or self._rules.pause_ms, self._rules.longest_ms)
        self._pause_ms = doubled
        self.until_ms = now_ms + max(doubled, wait_ms)
        self.state = State.OPEN
        self._opened_at = self._ticket
        self._probe = 0

    def _next(self) -> int:
        self._ticket += 1
        return self._ticket
