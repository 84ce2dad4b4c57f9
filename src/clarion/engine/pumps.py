"""Pumps and the engine that drives them.

A pump is something with work of its own that has to be kept moving: the job table, the ingest log, a lane of
messages. The engine gives each a daemon thread. A thread steps its pump until there is nothing to do, then
waits to be woken, for the next due moment, or for the poll interval, since other processes enqueue as well.

On a virtual clock `advance` replaces waiting: it moves the clock from one due moment to the next and lets
everything come to rest in between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Protocol, TypeVar, runtime_checkable

import structlog

from clarion.core.clock import Clock, VirtualClock, from_ms, perf_seconds, to_ms
from clarion.core.errors import Conflict, Unavailable
from clarion.core.ids import Ids
from clarion.engine.backoff import Backoff
from clarion.store.database import Database

T = TypeVar("T")

POLL_SECONDS = 0.5

_LEAST_SECONDS = 0.02
_WAITS = 10
"""So many times in a row only busy pumps are asked, though none of them gets on; then all are, once."""

_log = structlog.get_logger(__name__)


class Pump(Protocol):
    """Work to be kept moving. No two calls of `step` overlap; the others may come at any time."""

    name: str

    def step(self) -> int:
        """Do some of what is due; 0 when it is better to wait before the next step."""
        ...

    def next_due_ms(self) -> int | None:
        """When, in Unix milliseconds of the product's clock, there will be work next; None: not foreseen."""
        ...

    def outstanding(self) -> int:
        """How much is due or in hand, in this process or another; 0 when at rest."""
        ...


@runtime_checkable
class Attachable(Protocol):
    """A pump that wants to call its own thread: `wake` may be called from anywhere and returns at once."""

    def attach(self, wake: Callable[[], None]) -> None: ...


@runtime_checkable
class Paced(Protocol):
    """A pump that others wait for: after a step that had nothing to do it wants to step again within so many seconds,
    when that is sooner than the poll interval."""

    def pause_seconds(self) -> float: ...


@runtime_checkable
class Stoppable(Protocol):
    """A pump with something to let go of when the engine stops."""

    def stop(self, timeout_seconds: float) -> None: ...


class _Driven:
    """A pump, its thread, and what the engine remembers of it."""

    def __init__(self, pump: Pump, backoff: Backoff) -> None:
        self.pump = pump
        self.lock = threading.Lock()
        self.bell = threading.Event()
        self.thread: threading.Thread | None = None
        self._backoff = backoff
        self._failures = 0
        self._not_before = 0.0

    def step(self) -> int:
        """One step, with the lock held; an error is logged and keeps the pump waiting for a while."""
        if perf_seconds() < self._not_before:
            return 0
        try:
            done = self.pump.step()
        except Exception:
            self._failures += 1
            delay_ms = self._backoff.delay_ms(self._failures)
            self._not_before = perf_seconds() + delay_ms / 1000
            _log.exception("engine.step_failed", pump=self.pump.name, failures=self._failures, wait_ms=delay_ms)
            return 0
        self._failures = 0
        return done

    def wait_seconds(self, clock: Clock, poll_seconds: float) -> float:
        """How long to wait after a step that had nothing to do."""
        if isinstance(self.pump, Paced):
            poll_seconds = min(poll_seconds, self.pump.pause_seconds())
        due = None if self._failures else self.pump.next_due_ms()
        if due is None:
            return poll_seconds
        return min(poll_seconds, max(_LEAST_SECONDS, (due - clock.now_ms()) / 1000))


class Engine:
    """Drives `pumps`, in their order where order matters. `clock` is the product's, real or virtual.

    All that the pumps tell of must come from one `database`: then one look at it says whether they are at rest.
    """

    def __init__(
        self,
        pumps: Sequence[Pump],
        clock: Clock,
        ids: Ids,
        *,
        poll_seconds: float = POLL_SECONDS,
        database: Database | None = None,
    ) -> None:
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._database = database
        backoff = Backoff(ids, base_ms=200, cap_ms=10_000)
        self._driven = {pump.name: _Driven(pump, backoff) for pump in pumps}
        self._stopping = threading.Event()
        self._stirred = threading.Event()
        self._advancing = threading.Lock()
        for pump in pumps:
            if isinstance(pump, Attachable):
                pump.attach(self._waker(pump.name))

    def start(self) -> None:
        """Start a thread for every pump."""
        for name, driven in self._driven.items():
            driven.thread = threading.Thread(target=self._run, args=(driven,), name=f"pump-{name}", daemon=True)
            driven.thread.start()

    def stop(self, timeout_seconds: float = 10.0) -> None:
        """Let every pump finish its step and let go; returns after `timeout_seconds` at the latest."""
        deadline = perf_seconds() + timeout_seconds
        self._stopping.set()
        for driven in self._driven.values():
            driven.bell.set()
        for driven in self._driven.values():
            if driven.thread is not None:
                driven.thread.join(max(0.0, deadline - perf_seconds()))
                if driven.thread.is_alive():
                    _log.warning("engine.pump_still_busy", pump=driven.pump.name)
        for driven in self._driven.values():
            if isinstance(driven.pump, Stoppable):
                try:
                    driven.pump.stop(max(0.0, deadline - perf_seconds()))
                except Exception:
                    _log.exception("engine.stop_failed", pump=driven.pump.name)

    def wake(self, name: str) -> None:
        """Let the pump `name` step now instead of at its next poll."""
        self._driven[name].bell.set()
        self._stirred.set()

    def settle(self, timeout_seconds: float = 60.0) -> None:
        """Return when nothing is due and nothing is in hand, here or in other processes.

        Steps the pumps itself, so it works with and without `start`. Raises Unavailable, naming the pumps
        that are not at rest, after `timeout_seconds`.
        """
        deadline = perf_seconds() + timeout_seconds
        # Without a snapshot twice: work may have passed from a pump not yet asked to one that was.
        quiet, enough = 0, 1 if self._database else 2
        asked: Collection[str] = self._driven.keys()
        waits = 0
        while quiet < enough:
            self._stirred.clear()
            moved, busy = self._round(asked)
            rested = not moved and not busy and len(asked) == len(self._driven)
            quiet = quiet + 1 if rested else 0
            if quiet < enough and perf_seconds() > deadline:
                raise Unavailable(f"background work does not come to rest: {', '.join(busy) or 'all'}")
            stirred = moved or (bool(busy) and self._stirred.wait(_LEAST_SECONDS))
            waits = 0 if stirred or not busy else waits + 1
            # While some are busy the others need not look, unless those do not get on.
            asked = self._driven.keys() if not busy or waits % _WAITS == _WAITS - 1 else busy

    def advance(self, to: datetime) -> None:
        """Move a virtual clock to `to`, stopping at every due moment until all work of that moment is done.

        Raises Conflict when the clock is real, Unavailable when work does not come to rest.
        """
        clock = self._clock
        if not isinstance(clock, VirtualClock):
            raise Conflict("the clock is real and cannot be moved")
        last = to_ms(to)
        with self._advancing:
            self.settle()
            while (due := self._next_due_ms(clock.now_ms())) is not None and due <= last:
                clock.move_to(from_ms(due))
                self.settle()
            clock.move_to(to)
            self.settle()

    def _next_due_ms(self, now_ms: int) -> int | None:
        dues = self._asked(lambda pump: pump.next_due_ms()).values()
        return min((due for due in dues if due is not None and due > now_ms), default=None)

    def _round(self, names: Collection[str]) -> tuple[bool, list[str]]:
        """Step these pumps once, with none moving meanwhile; whether any did something, and who has more to do."""
        with ExitStack() as stack:
            for driven in self._driven.values():
                stack.enter_context(driven.lock)
            moved = sum([self._driven[name].step() for name in self._driven if name in names]) > 0
            return moved, [name for name, count in self._asked(lambda pump: pump.outstanding()).items() if count]

    def _asked(self, question: Callable[[Pump], T]) -> dict[str, T]:
        """What every pump answers, on one snapshot where there is a database."""

        def ask() -> dict[str, T]:
            return {name: question(driven.pump) for name, driven in self._driven.items()}

        return self._database.read(lambda _: ask()) if self._database else ask()

    def _waker(self, name: str) -> Callable[[], None]:
        return lambda: self.wake(name)

    def _run(self, driven: _Driven) -> None:
        while not self._stopping.is_set():
            driven.bell.clear()
            try:
                with driven.lock:
                    done = driven.step()
                wait = 0.0 if done else driven.wait_seconds(self._clock, self._poll_seconds)
            except Exception as error:
                _log.warning("engine.pump_failed", pump=driven.pump.name, error=str(error))
                wait = self._poll_seconds
            if wait and not self._stopping.is_set():
                driven.bell.wait(wait)
