"""Jobs: rows that say what is to be done and when, written in the transaction that causes them.

              enqueue                     lease (n at a time)                finish
    ────────────────────────→ ready ─────────────────────────→ leased ─────────────────→ (row deleted)
                               ↑  ↑       lease has expired       │
                               │  └───────────────────────────────┤
                               └──── failed: back-off, jitter ────┤
                                                                  └─ failed too often ──→ dead

Due times are the product's clock, which may be virtual. Leases are real time. A lease is a token that is new
every time; completing asks for it, so of two workers that believe they have a job only one can complete it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, NamedTuple, TypeVar, overload

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.engine import job_rows
from clarion.engine.job_rows import Leased, jobs
from clarion.engine.leases import LeaseLost
from clarion.store.database import Database

T = TypeVar("T")

ATTEMPTS = 10
BATCH_SIZE = 500

_WAKE_WITHIN_MS = 1_000


class LeasedJob:
    """A job in the hands of a handler."""

    def __init__(self, row: Leased, lease: str, database: Database) -> None:
        self.id = row.id
        self.kind = row.kind
        self.key = row.key
        self.args = row.args
        self.due_ms = row.due_ms
        self.attempt = row.attempts
        """1 the first time."""
        self.lease = lease
        self.finished = False
        """Whether a transaction that finished it has committed."""
        self._database = database

    def decode(self, type: type[T]) -> T:
        """The arguments as `type`; raises msgspec.ValidationError when they are not."""
        return msgspec.json.decode(self.args, type=type)

    def finish(self, connection: sa.Connection) -> None:
        """Complete the job in the handler's own transaction. Raises LeaseLost: see `finish_all`."""
        finish_all(connection, [self])

    def _mark(self) -> None:
        self.finished = True


def finish_all(connection: sa.Connection, leased: Sequence[LeasedJob]) -> None:
    """Complete jobs in the caller's transaction, so that their effects and their end are one.

    Raises LeaseLost when one of them is no longer this worker's: its lease expired and another took it, or
    it was cancelled or moved meanwhile. Let that undo the transaction.
    """
    for lease in {job.lease for job in leased}:
        ids = [job.id for job in leased if job.lease == lease]
        if job_rows.delete(connection, ids, lease) != len(ids):
            raise LeaseLost("the job is no longer this worker's")
    for job in leased:
        job._database.after_commit(connection, job._mark)


Handler = Callable[[LeasedJob], None]
BatchHandler = Callable[[Sequence[LeasedJob]], None]
OnDead = Callable[[sa.Connection, LeasedJob], None]
"""Told of a job that failed too often, in the transaction that buries it."""


class Kind(NamedTuple):
    """What is registered for one kind of job: `size` jobs at most go to one call."""

    name: str
    handler: Callable[[Any], None]
    batch: bool
    attempts: int
    size: int
    on_dead: OnDead | None


class NewJob(NamedTuple):
    """One of many to be enqueued. `args` is a struct or a dict; `due_ms` Unix milliseconds."""

    args: msgspec.Struct | dict[str, Any]
    due_ms: int
    key: str | None = None


class Jobs:
    """The job table, and who handles which kind. `clock` is the product's."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.kinds: dict[str, Kind] = {}
        self.wake: Callable[[], None] = lambda: None
        """Called after a commit that made a job due; the worker puts itself here."""
        self._database = database
        self._clock = clock

    @overload
    def register(
        self, kind: str, handler: Handler, *, attempts: int = ATTEMPTS, on_dead: OnDead | None = None
    ) -> None: ...
    @overload
    def register(
        self,
        kind: str,
        handler: BatchHandler,
        *,
        batch: Literal[True],
        attempts: int = ATTEMPTS,
        size: int = BATCH_SIZE,
        on_dead: OnDead | None = None,
    ) -> None: ...
    def register(
        self,
        kind: str,
        handler: Handler | BatchHandler,
        *,
        batch: bool = False,
        attempts: int = ATTEMPTS,
        size: int = BATCH_SIZE,
        on_dead: OnDead | None = None,
    ) -> None:
        """Let `handler` do jobs of `kind`: one at a time, or with `batch` up to `size` at a time.

        A handler may run again for the same job, unless it finishes it in its own transaction. An exception
        means again, later; after `attempts` of them the job is dead. A batch that failed is tried again
        job by job, so one bad job does not take the others with it. `on_dead` gives up what the job was for.
        """
        if kind in self.kinds:
            raise ValueError(f"two handlers for {kind}")
        self.kinds[kind] = Kind(kind, handler, batch, attempts, size if batch else 1, on_dead)

    def enqueue(
        self,
        connection: sa.Connection,
        kind: str,
        args: msgspec.Struct | dict[str, Any],
        *,
        due_ms: int,
        key: str | None = None,
    ) -> None:
        """Add a job in the caller's transaction, to run at `due_ms` (Unix milliseconds) or soon after.

        There is one job for a `key`: a second enqueue replaces its kind, arguments and time, revives it when
        it is dead, and takes it away from a worker that is busy with it (whose `finish` is then refused).
        A handler that enqueues its own key again therefore finishes its job first.
        """
        self.enqueue_all(connection, kind, [NewJob(args, due_ms, key)])

    def enqueue_all(self, connection: sa.Connection, kind: str, new: Iterable[NewJob]) -> None:
        """`enqueue` of many at once."""
        listed = list(new)
        rows = [
            {"kind": kind, "args": msgspec.json.encode(job.args), "due_ms": job.due_ms, "key": job.key}
            for job in listed
        ]
        job_rows.insert(connection, self._database, rows)
        if any(job.due_ms <= self._clock.now_ms() + _WAKE_WITHIN_MS for job in listed):
            # Through the attribute: the worker may attach after this.
            self._database.after_commit(connection, lambda: self.wake())

    def cancel(self, connection: sa.Connection, key: str) -> bool:
        """Remove the job of `key`, also while a worker is busy with it; whether there was one."""
        return connection.execute(sa.delete(jobs).where(jobs.c.key == key)).rowcount > 0

    def has(self, connection: sa.Connection, key: str) -> bool:
        """Whether there is a job of `key`, waiting or in hand; a dead one does not count."""
        return connection.scalar(sa.select(jobs.c.id).where(jobs.c.key == key, jobs.c.state == "ready")) is not None

    def due_ms(self, connection: sa.Connection, key: str) -> int | None:
        """When the job of `key` is due (Unix ms), None without one; a dead one does not count."""
        due: int | None = connection.scalar(sa.select(jobs.c.due_ms).where(jobs.c.key == key, jobs.c.state == "ready"))
        return due

    def revive(self, connection: sa.Connection, job_id: int, *, due_ms: int) -> bool:
        """Give a dead job all its attempts again; whether there was one of this id."""
        return self.revive_all(connection, [job_id], due_ms=due_ms) > 0

    def revive_all(self, connection: sa.Connection, ids: Sequence[int] | None, *, due_ms: int) -> int:
        """`revive` of several dead jobs, or (None) of all; answers how many there were."""
        self._database.after_commit(connection, lambda: self.wake())
        return job_rows.revive(connection, ids, due_ms)

    def drop(self, connection: sa.Connection, ids: Sequence[int]) -> int:
        """Remove dead jobs for good; answers how many there were."""
        return job_rows.drop(connection, ids)

    def dead(self, connection: sa.Connection, *, after: int = 0, limit: int = 100) -> list[job_rows.Dead]:
        """Dead jobs in the order of their ids, from the one after `after`."""
        return job_rows.dead(connection, after, limit)

    def listed(
        self,
        connection: sa.Connection,
        *,
        dead: bool = False,
        kind: str | None = None,
        after: int = 0,
        limit: int = 100,
    ) -> list[job_rows.Listed]:
        """Jobs in the order of their ids, from the one after `after`: of a kind, only dead ones if wanted."""
        return job_rows.listed(connection, dead=dead, kind=kind, after=after, limit=limit)
