"""How long to wait before trying again: exponential with full jitter."""

from __future__ import annotations

from clarion.core.ids import Ids


class Backoff:
    """Delays drawn evenly from 0 to `base_ms` · 2^(attempt − 1), at most `cap_ms`.

    Drawing from the whole range keeps those who failed together from coming back together.
    """

    def __init__(self, ids: Ids, *, base_ms: int = 1_000, cap_ms: int = 300_000) -> None:
        self._ids = ids
        self._base_ms = base_ms
        self._cap_ms = cap_ms

    def delay_ms(self, attempt: int) -> int:
        """Milliseconds to wait after failure number `attempt` (1 is the first)."""
        ceiling = min(self._cap_ms, self._base_ms << min(attempt - 1, 40))
        return round(self._ids.jitter() * ceiling)
