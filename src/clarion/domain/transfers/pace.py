"""How fast an import may go: all it can while nobody else writes, a fifth of the time beside others.

SQLite has one writer, and everybody waits for the batch it is at. So beside others batches are small, and after
each the import stays away for a while; the more there is to import, the more others would notice otherwise.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from clarion.core.clock import perf_seconds
from clarion.store.database import Database

ALONE, BESIDE = 1000, 100
"""Lines in one transaction: some 20 ms of SQLite's writer when they are new endpoints, or 3."""

OTHERS = 20
"""Transactions of others in a second from which on they count; the product's own background work is below."""

PAUSE = 4
"""How long to stay away, in times of what the batch took."""

_MOST_SECONDS = 0.5


class Pace:
    """The pace of all imports of a process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._beside = False
        self._since = (0, 0.0)
        self._never = threading.Event()

    @property
    def lines(self) -> int:
        """How many lines the next batch may have."""
        return BESIDE if self._beside else ALONE

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Around the writing of a batch; leaves when the next may begin."""
        began = perf_seconds()
        yield
        now = perf_seconds()
        works, since = self._since
        self._since = (self._database.works, now)
        # From the end of the batch before, pause included; one work was this batch itself.
        self._beside = self._database.works - works - 1 > max(1.0, OTHERS * (now - since))
        if self._beside:
            self._never.wait(min(PAUSE * (now - began), _MOST_SECONDS))
