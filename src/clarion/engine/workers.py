"""The pump that runs jobs: leases them, hands them to handlers on a few threads, keeps or gives back leases.

A kind may always have one handler running, whatever the others do, so no kind can starve another; further
ones share what is left of `threads`. A heartbeat renews the leases of what is running, so a job may take
longer than its lease without being run twice.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence

import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock, perf_seconds
from clarion.core.errors import Unavailable
from clarion.core.ids import Ids
from clarion.engine import job_rows
from clarion.engine.backoff import Backoff
from clarion.engine.jobs import Jobs, Kind, LeasedJob, OnDead
from clarion.engine.leases import Heartbeat, LeaseLost
from clarion.engine.threads import Threads
from clarion.store.database import Database

THREADS = 4
LEASE_SECONDS = 10.0

_COUNTED = 10_000
_ERROR_LENGTH = 2_000

_log = structlog.get_logger(__name__)


class JobsPump:
    """Runs the jobs of every kind registered with `jobs`.

    `clock` is the product's (what is due), `real` is real time (whose lease has expired).
    """

    name = "jobs"

    def __init__(
        self,
        database: Database,
        jobs: Jobs,
        *,
        clock: Clock,
        real: Clock,
        ids: Ids,
        threads: int = THREADS,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock
        self._real = real
        self._ids = ids
        self._backoff = Backoff(ids)
        self._most = threads
        self._lease_ms = round(lease_seconds * 1000)
        self._wake: Callable[[], None] = lambda: None
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()
        self._in_hand: set[LeasedJob] = set()
        self._idle = threading.Condition(self._lock)
        self._stopping = False
        self._threads = Threads()
        self._heartbeat = Heartbeat(self.name, lease_seconds / 3, self.renew)
        self._started = False

    def attach(self, wake: Callable[[], None]) -> None:
        """Let enqueued and completed jobs call `wake`."""
        self._wake = self._jobs.wake = wake

    def step(self) -> int:
        """Lease what is due as far as there is room, and start it; answers how many jobs were started."""
        if not self._started:
            self._start()
        real_ms, now_ms = self._real.now_ms(), self._clock.now_ms()
        waiting = self._database.read(lambda c: job_rows.earliest(c, self._jobs.kinds, real_ms))
        slots = self._slots([kind for kind, due_ms in waiting if due_ms <= now_ms])
        if not slots:
            return 0
        token = self._ids.hex32()
        leased = self._database.write(
            lambda c: [
                job_rows.lease(
                    c,
                    kind,
                    count * self._jobs.kinds[kind].size,
                    token=token,
                    due_by_ms=now_ms,
                    real_ms=real_ms,
                    until_ms=real_ms + self._lease_ms,
                )
                for kind, count in slots.items()
            ]
        )
        for rows in leased:
            if rows:
                kind = self._jobs.kinds[rows[0].kind]
                held = [LeasedJob(row, token, self._database) for row in rows]
                for start in range(0, len(held), kind.size):
                    self._begin(kind, held[start : start + kind.size])
        return sum(len(rows) for rows in leased)

    def next_due_ms(self) -> int | None:
        """When the first job that nobody holds is due."""
        real_ms = self._real.now_ms()
        waiting = self._database.read(lambda c: job_rows.earliest(c, self._jobs.kinds, real_ms))
        return waiting[0][1] if waiting else None

    def outstanding(self) -> int:
        """Jobs due or running, here or in another process, counted up to ten thousand."""
        with self._lock:
            running = self._running.total()
        kinds, now_ms = list(self._jobs.kinds), self._clock.now_ms()
        return running or self._database.read(lambda c: job_rows.unfinished(c, kinds, now_ms, _COUNTED))

    def renew(self) -> None:
        """Extend the leases of all jobs in hand; what the heartbeat does."""
        with self._lock:
            held = list(self._in_hand)
        until_ms = self._real.now_ms() + self._lease_ms
        for lease in {job.lease for job in held}:
            ids = [job.id for job in held if job.lease == lease]
            self._database.write(lambda c, ids=ids, lease=lease: job_rows.renew(c, ids, lease, until_ms))  # type: ignore[misc]

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """Take no more jobs, give back those not begun, and wait so long for those that run."""
        deadline = perf_seconds() + timeout_seconds
        with self._idle:
            self._stopping = True
            while self._running.total() and (left := deadline - perf_seconds()) > 0:
                self._idle.wait(left)
            if self._running.total():
                _log.warning("jobs.still_running", kinds=sorted(+self._running))
        self._heartbeat.stop()
        self._threads.stop()

    def _start(self) -> None:
        self._started = True
        self._heartbeat.start()
        for kind in self._database.read(job_rows.waiting_kinds):
            if kind not in self._jobs.kinds:
                _log.error("jobs.no_handler", kind=kind)

    def _slots(self, due: Sequence[str]) -> dict[str, int]:
        """How many calls of each due kind may start: one if none runs, more while threads are free."""
        with self._lock:
            if self._stopping:
                return {}
            slots = {kind: 1 for kind in due if not self._running[kind]}
            free = self._most - self._running.total() - len(slots)
        while due and free > 0:
            for kind in due[:free]:
                slots[kind] = slots.get(kind, 0) + 1
            free -= len(due)
        return slots

    def _begin(self, kind: Kind, held: list[LeasedJob]) -> None:
        with self._lock:
            self._running[kind.name] += 1
            self._in_hand.update(held)
        self._threads.run(lambda: self._run(kind, held))

    def _run(self, kind: Kind, held: list[LeasedJob]) -> None:
        """On a thread: one call for all that are tried the first time, one each for those that failed before."""
        try:
            first = [job for job in held if job.attempt == 1]
            again = [[job] for job in held if job.attempt > 1]
            for jobs in ([first] if first else []) + again:
                if self._stopping:
                    self._put_back(jobs)
                elif jobs[0].attempt > kind.attempts:
                    self._fail(kind, jobs, "its worker ended without an answer every time")
                else:
                    self._call(kind, jobs)
        except Exception:
            # The database is away: the leases expire, and what was not completed runs again.
            _log.exception("jobs.not_recorded", kind=kind.name)
        finally:
            with self._idle:
                self._running[kind.name] -= 1
                self._in_hand.difference_update(held)
                self._idle.notify_all()
            self._wake()

    def _call(self, kind: Kind, jobs: list[LeasedJob]) -> None:
        try:
            kind.handler(jobs if kind.batch else jobs[0])
        except LeaseLost:
            _log.info("jobs.lease_lost", kind=kind.name, keys=[job.key for job in jobs][:10])
            self._fail(kind, jobs, "the lease was lost")
        except Exception as error:
            _log.warning("jobs.failed", kind=kind.name, attempt=jobs[0].attempt, jobs=len(jobs), exc_info=True)
            self._fail(kind, jobs, f"{type(error).__name__}: {error}"[:_ERROR_LENGTH])
        else:
            self._complete(jobs)

    def _complete(self, jobs: list[LeasedJob]) -> None:
        """Remove what the handler did not finish itself; a job that was moved meanwhile stays."""
        rest = [job.id for job in jobs if not job.finished]
        if rest:
            self._database.write(lambda c: job_rows.delete(c, rest, jobs[0].lease))

    def _fail(self, kind: Kind, jobs: list[LeasedJob], error: str) -> None:
        now_ms = self._clock.now_ms()
        unfinished = [job for job in jobs if not job.finished]
        again = {job: self._backoff.delay_ms(job.attempt) for job in unfinished if job.attempt < kind.attempts}
        given_up = [job for job in unfinished if job not in again]

        def record(connection: sa.Connection, on_dead: OnDead | None) -> None:
            for job, delay_ms in again.items():
                job_rows.retry(connection, job.id, job.lease, due_ms=now_ms + delay_ms, error=error)
            for job in given_up:
                if job_rows.bury(connection, job.id, job.lease, error=error) and on_dead is not None:
                    on_dead(connection, job)

        for job in given_up:
            _log.error("jobs.dead", kind=kind.name, job=job.id, key=job.key, error=error)
        try:
            self._database.write(lambda connection: record(connection, kind.on_dead))
        except Unavailable:
            raise
        except Exception:
            # Buried all the same: it would be tried for ever.
            _log.exception("jobs.not_given_up", kind=kind.name)
            self._database.write(lambda connection: record(connection, None))

    def _put_back(self, jobs: list[LeasedJob]) -> None:
        self._database.write(lambda c: job_rows.put_back(c, [job.id for job in jobs], jobs[0].lease))
