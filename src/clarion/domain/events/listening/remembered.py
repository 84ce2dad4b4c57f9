"""Who listens to the ingest log: what the projects wait for, remembered, and bodies of what matched.

A number in the database, read once a batch, tells when what a project waits for has changed: so whoever was answered
2xx sees every later event, whichever process answered.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import sqlalchemy as sa

from clarion.store.database import Database

MOST_APPS = 1_000
"""Projects whose listeners are remembered; one that has none takes a number only."""

MOST_TYPES = 4_000
"""Types of events for which a project's listeners are remembered."""

MOST_TOGETHER = 500
"""Matches in one row."""

T = TypeVar("T")


class Filter(Protocol):
    """A compiled filter of events."""

    def awaits(self, system: bool, event_type: str) -> bool: ...


class Listening(Protocol):
    """Something that waits for events."""

    @property
    def matcher(self) -> Filter: ...


L = TypeVar("L", bound=Listening)

Stamps = Callable[[sa.Connection, Collection[str]], Mapping[str, int]]
"""The numbers of these projects; those that never waited for anything are left out."""

Read = Callable[[sa.Connection, str], Sequence[L]]
"""What a project waits for."""


class Listeners(Generic[L]):
    """What a project waits for, as of a stamp."""

    def __init__(self, stamp: int, all_: Sequence[L]) -> None:
        self.stamp = stamp
        self.all = all_
        self._by_type: dict[tuple[bool, str], Sequence[L]] = {}

    def to(self, system: bool, event_type: str) -> Sequence[L]:
        """Those that wait for events of this type, by the product (`system`) or an app."""
        found = self._by_type.get((system, event_type))
        if found is None:
            if len(self._by_type) >= MOST_TYPES:
                self._by_type.clear()
            found = [one for one in self.all if one.matcher.awaits(system, event_type)]
            self._by_type[system, event_type] = found
        return found


class Remembered(Generic[L]):
    """What all projects wait for."""

    def __init__(self, database: Database, stamps: Stamps, read: Read[L]) -> None:
        self._database = database
        self._stamps = stamps
        self._read = read
        self._known: dict[str, Listeners[L]] = {}

    def of(self, app_ids: set[str]) -> dict[str, Listeners[L]]:
        """What these projects wait for, by project; without those that wait for nothing."""
        if not app_ids:
            return {}
        stamps = self._database.read(lambda connection: self._stamps(connection, app_ids))
        known = {app_id: self._at(app_id, stamp) for app_id, stamp in stamps.items()}
        return {app_id: one for app_id, one in known.items() if one.all}

    def _at(self, app_id: str, stamp: int) -> Listeners[L]:
        known = self._known.get(app_id)
        if known is None or known.stamp != stamp:
            if len(self._known) >= MOST_APPS:
                self._known.clear()
            known = Listeners(stamp, self._database.read(lambda connection: self._read(connection, app_id)))
            self._known[app_id] = known
        return known


def together(matched: Sequence[T]) -> list[Sequence[T]]:
    """Matches as they go into rows."""
    return [matched[start : start + MOST_TOGETHER] for start in range(0, len(matched), MOST_TOGETHER)]
