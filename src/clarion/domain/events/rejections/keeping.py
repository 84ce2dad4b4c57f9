"""Keeping rejections without being in anybody's way.

    pipeline, wire ─→ waiting, in memory ─→ one transaction every fifth of a second ─→ event_rejections
                       └ so many a second of a project, and of one reason: the rest is only counted

Whoever rejects never waits: a client that sends nothing but rubbish costs the state database a few hundred small rows
a second at most, whatever it sends, and of a project there are never more than about `MOST`. What waits in memory is
lost with the process: rejections are for looking at, nobody was promised them.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock, perf_seconds
from clarion.core.errors import ClarionError, NotFound, Unavailable
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import endpoint_key
from clarion.domain.events.ingest.body import Item
from clarion.domain.events.rejections import store
from clarion.domain.events.rejections.jobs import schedule_expiry
from clarion.domain.events.rejections.model import Detail, Rejection, RequestReason, cut, reason_of
from clarion.engine.jobs import Jobs
from clarion.store.database import Database

PROJECT_A_SECOND = 100
REASON_A_SECOND = 25
MOST_WAITING = 2_000
FLUSH_SECONDS = 0.2
TRIM_EVERY = 500

_log = structlog.get_logger(__name__)

_Whose = tuple[Scope, str]


class _Second:
    """What a project has rejected within a second: kept by reason, and how many were only counted."""

    def __init__(self) -> None:
        self.began = perf_seconds()
        self.kept: Counter[str] = Counter()
        self.left_out = 0

    @property
    def over(self) -> bool:
        return perf_seconds() - self.began >= 1.0


class Rejections:
    """The rejections of one process on their way into the table. Safe for any number of threads."""

    def __init__(self, database: Database, apps: Apps, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._apps = apps
        self._jobs = jobs
        self._clock = clock
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._waiting: list[Rejection] = []
        self._seconds: dict[_Whose, _Second] = {}
        self._written: Counter[_Whose] = Counter()
        self._bell = threading.Event()
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None
        apps.eraser(store.erase)

    def of_item(self, scope: Scope, app_id: str, request_id: str, arrival: int, item: Item) -> None:
        """What was not taken of one endpoint's part of a request."""
        name = cut(item.endpoint_id)
        key = endpoint_key(name)
        found = [
            Rejection(
                scope,
                app_id,
                arrival,
                drop.reason.value,
                Detail(cut(drop.message), name, cut(event_id), request_id),
                key,
                cut(drop.event_type),
            )
            for event_id, drop in item.dropped.items()
        ]
        if item.problem and not item.dropped:
            detail = Detail(cut(item.problem), name, "", request_id)
            found.append(Rejection(scope, app_id, arrival, RequestReason.ENDPOINT.value, detail, key))
        self._take(found)

    def of_request(
        self, scope: Scope, app_id: str, request_id: str, access_key_id: str, error: ClarionError, *, proven: bool
    ) -> None:
        """A request that was refused as a whole. `app_id` is what its path says, `proven`: its signature was good."""
        detail = Detail(cut(error.message), request_id=request_id, access_key_id=access_key_id)
        reason = reason_of(error, proven=proven).value
        self._take([Rejection(scope, app_id, self._clock.now_ms(), reason, detail)])

    def flush(self) -> None:
        """Write down what waits; returns when that can be read. Raises Unavailable, and forgets what it had taken."""
        with self._writing:
            with self._lock:
                taken, self._waiting = self._waiting, []
                taken += self._uncounted()
            if taken:
                self._database.write(lambda connection: self._write(connection, taken))

    def close(self) -> None:
        """Write down what waits, and stop."""
        self._ending.set()
        self._bell.set()
        if self._thread is not None:
            self._thread.join()
        self._try_to_flush()

    def _take(self, found: Sequence[Rejection]) -> None:
        with self._lock:
            for one in found:
                second = self._second((one.scope, one.app_id))
                full = len(self._waiting) >= MOST_WAITING or second.kept.total() >= PROJECT_A_SECOND
                if full or second.kept[one.reason] >= REASON_A_SECOND:
                    second.left_out += 1
                else:
                    second.kept[one.reason] += 1
                    self._waiting.append(one)
            if self._thread is None and not self._ending.is_set():
                self._thread = threading.Thread(target=self._run, name="rejections", daemon=True)
                self._thread.start()
        self._bell.set()

    def _second(self, whose: _Whose) -> _Second:
        second = self._seconds.get(whose)
        if second is None or second.over:
            if second is not None and second.left_out:
                self._waiting.append(self._more(whose, second))
            second = self._seconds[whose] = _Second()
        return second

    def _uncounted(self) -> list[Rejection]:
        """What is to be told of seconds that are over; they are forgotten."""
        over = {whose: second for whose, second in self._seconds.items() if second.over}
        for whose in over:
            del self._seconds[whose]
        return [self._more(whose, second) for whose, second in over.items() if second.left_out]

    def _more(self, whose: _Whose, second: _Second) -> Rejection:
        scope, app_id = whose
        detail = Detail(f"{second.left_out:,} more within a second, which were not kept one by one")
        return Rejection(scope, app_id, self._clock.now_ms(), RequestReason.MORE.value, detail)

    def _write(self, connection: sa.Connection, taken: Sequence[Rejection]) -> None:
        kept = [told for one in taken if (told := self._placed(connection, one)) is not None]
        if not kept:
            return
        store.insert(connection, kept)
        for one in kept:
            self._written[one.scope, one.app_id] += 1
        for whose, number in list(self._written.items()):
            if number >= TRIM_EVERY:
                store.trim(connection, *whose)
                del self._written[whose]
        schedule_expiry(connection, self._jobs, self._clock)

    def _placed(self, connection: sa.Connection, one: Rejection) -> Rejection | None:
        """The rejection under a project that the account has; of others only that they were asked for."""
        try:
            self._apps.check(connection, one.scope, one.app_id)
        except NotFound:
            if one.endpoint_key or one.detail.endpoint_id:
                return None  # the project was deleted a moment ago
            one.detail.asked = cut(one.app_id)
            return one._replace(app_id="")
        return one

    def _run(self) -> None:
        while not self._ending.is_set():
            self._bell.wait()
            self._bell.clear()
            while self._busy() and not self._ending.wait(FLUSH_SECONDS):
                self._try_to_flush()

    def _busy(self) -> bool:
        with self._lock:
            return bool(self._waiting or self._seconds)

    def _try_to_flush(self) -> None:
        try:
            self.flush()
        except Unavailable as error:
            _log.warning("rejections.not_kept", error=error.message)
        except Exception:
            _log.exception("rejections.not_kept")
