"""When a sink that refuses rows has been asked often enough.

A refusal may be the rows' fault or the sink's (a table that another release made). So a batch is offered again for
a while before anything is done about it. Once the search for the rows at fault has begun, its parts are not waited
for: except for a single row while the sink has taken nothing of the same kind meanwhile. It may not be the row
then, and waiting keeps a broken sink from having the whole log set aside row by row within minutes.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from clarion.core.clock import perf_seconds
from clarion.core.errors import Unavailable
from clarion.engine.leases import LeaseLost

TRIES = 3
SECONDS = 2.0

_AWAY = (Unavailable, LeaseLost, OSError, MemoryError, sa.exc.OperationalError, sa.exc.InterfaceError)


def is_refusal(error: Exception) -> bool:
    """Whether a sink's failure is about what it was given, not about what it stands on."""
    return not isinstance(error, _AWAY)


class Patience:
    """What one consumer remembers of refusals; a new process starts over. `tries` and `seconds` must both be up."""

    def __init__(self, tries: int = TRIES, seconds: float = SECONDS) -> None:
        self._most = tries
        self._seconds = seconds
        self._searching = False
        self._taking: set[str] = set()
        self._tries = 0
        self._since = 0.0

    def is_up(self, kinds: Collection[str], *, alone: bool) -> bool:
        """Told of a refusal of rows of these kinds, one row when `alone`: whether to act on it now."""
        if self._searching and (not alone or self._taking.issuperset(kinds)):
            return True
        now = perf_seconds()
        if not self._tries:
            self._since = now
        self._tries += 1
        if self._tries < self._most or now - self._since < self._seconds:
            return False
        self._tries = 0
        return True

    def took(self, kind: str) -> None:
        """Told that the sink of `kind` took something."""
        if self._searching:
            self._taking.add(kind)

    def next(self, *, searching: bool) -> None:
        """Told that another batch is in hand: a part of a refused one, or not."""
        self._searching = searching
        self._tries = 0
        if not searching:
            self._taking.clear()
