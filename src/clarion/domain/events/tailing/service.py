"""Following events: what has come in since the last look, taken and not taken, in the order of arrival.

A look shows the newest few of what is new and says how many it left out, so that whoever watches a busy project is
never behind. A cursor is two places, in the record and among the rejections; any process can go on from it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from clarion.core import pages
from clarion.core.clock import Clock, perf_seconds
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import endpoint_key
from clarion.domain.events.model import EventRow
from clarion.domain.events.rejections import store
from clarion.domain.events.rejections.keeping import Rejections
from clarion.domain.events.rejections.model import KEEP_MS, Kept
from clarion.domain.events.tailing.arrived import Wanted, arrived
from clarion.store.columnar import Columnar
from clarion.store.database import Database

LOOK_SECONDS = 0.5
"""Between two looks of a call that waits."""

MOST_WAITING = 8
"""Calls of one process that may wait at once, since each holds a thread; others are answered at once."""

MOST_PROJECTS = 1_000
"""How many projects of an account are followed together."""

_KIND = "tail"

Outcome = Literal["ACCEPTED", "REJECTED"]


class Asked(NamedTuple):
    """What to follow, and from where; without a cursor it begins with the newest there is."""

    app_id: str | None = None
    event_types: Sequence[str] = ()
    endpoint_id: str | None = None
    outcome: Outcome | None = None
    limit: int = 100
    cursor: str | None = None
    wait_seconds: float = 0


class Seen(NamedTuple):
    """What is new, oldest first; how much of it was left out; and the cursor behind all of it."""

    entries: list[EventRow | Kept]
    skipped: int
    cursor: str


class Tail:
    """Looks at the record and at the rejections of all processes."""

    def __init__(
        self,
        database: Database,
        columnar: Columnar,
        apps: Apps,
        rejections: Rejections,
        clock: Clock,
        catch_up: Callable[[], None],
    ) -> None:
        self._database = database
        self._columnar = columnar
        self._apps = apps
        self._rejections = rejections
        self._clock = clock
        self._catch_up = catch_up
        self._slots = threading.BoundedSemaphore(MOST_WAITING)

    def look(self, scope: Scope, asked: Asked) -> Seen:
        """What is new; waits for something at most `wait_seconds`. Raises NotFound, and Invalid for a cursor."""
        key = pages.decode_token(_KIND, asked.cursor, [int, int])
        after_us, after_seq = (0, 0) if key is None else (max(0, int(key[0])), int(key[1]))
        app_ids = self._projects(scope, asked.app_id)
        deadline = perf_seconds() + asked.wait_seconds
        self._catch_up()
        seen = self._look(scope, app_ids, asked, after_us, after_seq)
        if seen.entries or asked.wait_seconds <= 0 or not self._slots.acquire(blocking=False):
            return seen
        try:
            pause = threading.Event()
            # Without catching up: who watches must not make the log's batches smaller than they would be.
            while not seen.entries and (left := deadline - perf_seconds()) > 0:
                pause.wait(min(LOOK_SECONDS, left))
                seen = self._look(scope, app_ids, asked, after_us, after_seq)
        finally:
            self._slots.release()
        return seen

    def _look(self, scope: Scope, app_ids: Sequence[str], asked: Asked, after_us: int, after_seq: int) -> Seen:
        key = None if asked.endpoint_id is None else endpoint_key(asked.endpoint_id)
        entries: list[tuple[int, EventRow | Kept]] = []
        count = 0
        if asked.outcome != "REJECTED":
            taken = arrived(self._columnar, Wanted(app_ids, asked.event_types, key), after_us, asked.limit)
            entries += [(row.arrival, row) for row in taken.rows]
            count, after_us = count + taken.number, taken.last_us
        if asked.outcome != "ACCEPTED":
            self._rejections.flush()
            since = self._clock.now_ms() - KEEP_MS
            wanted = store.Wanted(scope, asked.app_id, since, after_seq, key, asked.event_types)
            kept, number, after_seq = self._database.read(
                lambda connection: (store.newest(connection, wanted, asked.limit), *store.summary(connection, wanted))
            )
            entries += [(one.at_ms, one) for one in reversed(kept)]
            count += number
        entries.sort(key=lambda entry: entry[0])
        shown = [entry for _, entry in entries[-asked.limit :]]
        return Seen(shown, count - len(shown), pages.encode_token(_KIND, after_us, after_seq))

    def _projects(self, scope: Scope, app_id: str | None) -> list[str]:
        if app_id is not None:
            return [self._apps.require(scope, app_id).id]
        found, token = self._apps.page(scope, None, None)
        ids = [one.app.id for one in found]
        while token is not None and len(ids) < MOST_PROJECTS:
            found, token = self._apps.page(scope, None, token)
            ids += [one.app.id for one in found]
        return ids
