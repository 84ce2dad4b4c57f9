"""The engine's own pumps on the thread of whoever steps them, without heartbeats: leases end when time says so."""

from __future__ import annotations

from collections.abc import Callable

from clarion.core.clock import Clock
from clarion.core.errors import Unavailable
from clarion.core.ids import Ids
from clarion.engine.jobs import Jobs
from clarion.engine.log import LogConsumer, newest
from clarion.engine.workers import JobsPump
from clarion.store.database import Database


class _Silent:
    """A heartbeat that does not beat."""

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass


class _Here:
    """Threads that are this one."""

    def run(self, call: Callable[[], None]) -> None:
        call()

    def stop(self) -> None:
        pass


class Pump(JobsPump):
    """Runs the jobs it leases, one after the other, before `step` returns."""

    def __init__(self, database: Database, jobs: Jobs, *, clock: Clock, real: Clock, ids: Ids) -> None:
        super().__init__(database, jobs, clock=clock, real=real, ids=ids, threads=1)
        self._heartbeat = _Silent()  # type: ignore[assignment]
        self._threads = _Here()  # type: ignore[assignment]
        self._started = True


class Consumer(LogConsumer):
    """Consumes the log when it is stepped, and not otherwise."""

    def be_still(self) -> Consumer:
        self._heartbeat = _Silent()  # type: ignore[assignment]
        return self

    def catch_up(self, timeout_seconds: float = 30.0) -> None:
        """Nobody else moves meanwhile: what this process cannot do itself is not waited for."""
        last = self._database.read(newest)
        while last and self._behind(last):
            if not self.step():
                raise Unavailable("another process has the log")
