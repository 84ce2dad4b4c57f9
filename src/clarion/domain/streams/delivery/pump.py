"""The pump of event streams: gives those that have something to send a thread for a turn.

A destination that hangs keeps its own thread busy and no other; streams whose last try failed get half of the threads
at most, so that what works never waits for what does not, and one always, so that they are tried at all. Of several
processes one delivers a stream at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import sqlalchemy as sa
import structlog

from clarion.core.clock import perf_seconds
from clarion.domain.streams import backlog, turns
from clarion.domain.streams.delivery.courier import LEASE_MS, Courier, Tools
from clarion.domain.streams.turns import Due
from clarion.engine.leases import Heartbeat
from clarion.engine.threads import Threads

THREADS = 8
WORKING_THREADS = THREADS - 1
FAILING_THREADS = THREADS // 2
"""The most for streams whose last try went well, and for the others."""
IDLE_SECONDS = 60.0
"""How long a destination stays open that gets nothing."""
TORN_SECONDS = 7_200.0
"""The same, when only its courier knows what has been sent: longer than any back-off."""
WARN_AT = 0.8
CALM_AT = 0.7
"""Of the bound: where fullness is warned of, and below which it may be again."""

_log = structlog.get_logger(__name__)


class StreamsPump:
    """See `engine.pumps.Pump`. `bound` is the most bytes of all backlogs together, to warn in time."""

    name = "streams"

    def __init__(self, tools: Tools, *, bound: int) -> None:
        self._tools = tools
        self._bound = bound
        self._threads = Threads()
        self._lock = threading.Lock()
        self._couriers: dict[str, Courier] = {}
        self._busy: dict[str, bool] = {}
        self._ended = 0
        self._warned = False
        self._wake: Callable[[], None] = lambda: None
        self._heartbeat = Heartbeat(self.name, LEASE_MS / 3000, self._beat)

    def attach(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def wake(self) -> None:
        """There is something to send."""
        self._wake()

    def step(self) -> int:
        """Start the turns that are due; answers how many began, or ended since the last step."""
        with self._lock:
            ended, self._ended = self._ended, 0
        if self._tools.stopping.is_set():
            return 0
        due, total = self._tools.database.read(self._look)
        self._watch(total)
        self._close_idle()
        return ended + sum([self._start(one) for one in due])

    def next_due_ms(self) -> int | None:
        now = self._tools.clock.now_ms()
        return self._tools.database.read(lambda connection: turns.next_due_ms(connection, now))

    def outstanding(self) -> int:
        """Streams with something to send now, wherever, and turns under way here."""
        now = self._tools.clock.now_ms()
        due = self._tools.database.read(lambda connection: turns.count_due(connection, now))
        with self._lock:
            return due + len(self._busy)

    def stop(self, timeout_seconds: float) -> None:
        """Let turns end after the batch in hand, or break it off; give back what is held."""
        self._tools.stopping.set()
        ends = perf_seconds() + timeout_seconds
        if not self._rested(ends - timeout_seconds / 2):
            for courier in list(self._couriers.values()):
                courier.close()
            self._rested(ends)
        self._heartbeat.stop()
        for courier in list(self._couriers.values()):
            courier.close()
        self._threads.stop()
        self._tools.database.write(lambda connection: turns.let_go(connection, self._tools.owner))

    def _look(self, connection: sa.Connection) -> tuple[list[Due], int]:
        tools = self._tools
        now, real = tools.clock.now_ms(), tools.real.now_ms()
        due = turns.due(connection, tools.owner, now, real, THREADS * 4)
        return due, backlog.total_bytes(connection)

    def _start(self, due: Due) -> bool:
        with self._lock:
            alike = sum([failing == due.failing for failing in self._busy.values()])
            # What was due may have had its turn since it was asked: then it may have to wait by now.
            if due.app_id in self._busy or self._ended or len(self._busy) >= THREADS:
                return False
            if alike >= (FAILING_THREADS if due.failing else WORKING_THREADS):
                return False
            self._busy[due.app_id] = due.failing
            courier = self._couriers.get(due.app_id)
            if courier is None:
                courier = self._couriers[due.app_id] = Courier(due.app_id, self._tools)
        self._heartbeat.start()
        self._threads.run(lambda: self._run(courier))
        return True

    def _run(self, courier: Courier) -> None:
        try:
            courier.turn()
        finally:
            with self._lock:
                del self._busy[courier.app_id]
                self._ended += 1
            self._wake()

    def _beat(self) -> None:
        with self._lock:
            holds = bool(self._busy) or any(courier.torn for courier in self._couriers.values())
        if holds:
            until_ms = self._tools.real.now_ms() + LEASE_MS
            self._tools.database.write(lambda connection: turns.renew(connection, self._tools.owner, until_ms))

    def _close_idle(self) -> None:
        now = perf_seconds()
        with self._lock:
            idle = [
                courier
                for courier in self._couriers.values()
                if courier.app_id not in self._busy
                and now - courier.rested > (TORN_SECONDS if courier.torn else IDLE_SECONDS)
            ]
            for courier in idle:
                del self._couriers[courier.app_id]
        for courier in idle:
            courier.close()

    def _watch(self, total: int) -> None:
        """Warn once when the backlogs come near their bound."""
        share = total / self._bound
        if share >= WARN_AT and not self._warned:
            _log.warning("streams.backlog_nearly_full", bytes=total, bound=self._bound)
        self._warned = share >= WARN_AT or (self._warned and share >= CALM_AT)

    def _rested(self, ends: float) -> bool:
        pause = threading.Event()
        while True:
            with self._lock:
                if not self._busy:
                    return True
            if perf_seconds() > ends:
                return False
            pause.wait(0.01)
