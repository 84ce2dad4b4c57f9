"""Work that happens at once, one after the other: threads of which only the one with the baton runs.

Whoever comes to a `pause` may have to pass the baton on; who gets it is drawn from the seed, so that a run with a
seed is the same run every time.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

from clarion.core.clock import VirtualClock, from_ms

STALLS_MS = (2_000, 15_000, 60_000, 600_000)
"""How long somebody may stand still; leases last ten seconds."""


class _Hand:
    """A thread that does one task after the other."""

    def __init__(self) -> None:
        self.task: Task | None = None
        self.turn = threading.Semaphore(0)
        threading.Thread(target=self._work, name="crew", daemon=True).start()

    def _work(self) -> None:
        while True:
            self.turn.acquire()
            assert self.task is not None
            task, self.task = self.task, None
            task.alone()
            _idle.append(self)
            task.back.release()


_idle: list[_Hand] = []


class Task:
    """Somebody at work. `error` is what ended it; `until_ms` is until when they stand still (real time)."""

    def __init__(self, name: str, work: Callable[[], None]) -> None:
        self.name = name
        self.error: BaseException | None = None
        self.done = False
        self.until_ms = 0
        self.back = threading.Semaphore(0)
        self._work = work
        self._hand: _Hand | None = None

    def go(self) -> None:
        """Run until the next pause, or the end."""
        if self._hand is None:
            self._hand = _idle.pop() if _idle else _Hand()
            self._hand.task = self
        self._hand.turn.release()
        self.back.acquire()

    def halt(self) -> None:
        """In the task's thread: give the baton back and wait for it."""
        assert self._hand is not None
        self.back.release()
        self._hand.turn.acquire()

    def alone(self) -> None:
        """Run to the end on the caller's thread."""
        try:
            self._work()
        except BaseException as error:
            self.error = error
        self.done = True


class Crew:
    """All who are at work. `real` is the time by which they stand still and their leases end."""

    def __init__(self, chance: random.Random, real: VirtualClock) -> None:
        self._chance = chance
        self._real = real
        self.switch = chance.choice([0.05, 0.15, 0.4])
        self.stall = chance.choice([0, 0, 0.002, 0.01])
        self.calm = False
        self.tasks: list[Task] = []
        self._ready: list[Task] = []
        self._current: Task | None = None

    def start(self, name: str, work: Callable[[], None]) -> None:
        """Somebody comes to work; they begin at the next `run`."""
        self.tasks.append(Task(name, work))

    def pause(self) -> None:
        """Called by who has the baton, where others may come between."""
        task = self._current
        if task is None:
            return
        if not self.calm and self.stall and self._chance.random() < self.stall:
            task.until_ms = self._real.now_ms() + self._chance.choice(STALLS_MS)
            task.halt()
        elif len(self._ready) > 1 and self._chance.random() < self.switch:
            task.halt()

    def run(self) -> list[Task]:
        """Until all are done but those that stand still; answers who is done."""
        if len(self.tasks) == 1 and (self.calm or not self.stall) and not self.tasks[0].until_ms:
            self.tasks[0].alone()
        now_ms = self._real.now_ms()
        self._ready = [task for task in self.tasks if not task.done and task.until_ms <= now_ms]
        while self._ready:
            task = self._current = self._chance.choice(self._ready)
            task.go()
            self._current = None
            if task.done or task.until_ms > now_ms:
                self._ready.remove(task)
        over = [task for task in self.tasks if task.done]
        self.tasks = [task for task in self.tasks if not task.done]
        return over

    def wait(self) -> None:
        """Let the first of those that stand still go on."""
        self._real.move_to(from_ms(min(task.until_ms for task in self.tasks)))
