"""Threads for handlers: daemons, so that one that hangs cannot keep the process from ending."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable


class Threads:
    """Runs calls, each on a thread of its own; idle threads are used again. The caller bounds their number."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0
        self._count = 0

    def run(self, call: Callable[[], None]) -> None:
        with self._lock:
            if self._idle:
                self._idle -= 1
            else:
                self._count += 1
                threading.Thread(target=self._work, name=f"jobs-{self._count}", daemon=True).start()
        self._calls.put(call)

    def stop(self) -> None:
        """Let idle threads end; busy ones end when they become idle."""
        with self._lock:
            for _ in range(self._count):
                self._calls.put(None)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
            with self._lock:
                self._idle += 1
