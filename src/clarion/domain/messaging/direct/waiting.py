"""Requests that wait for what becomes of their messages, in the process whose lanes hand them over.

    request ─→ expect (before its transaction) ─→ commit ─→ a future, for a bounded time
    lane    ─→ hand over ─→ takes (somebody waits: no second attempt) ─→ commit ─→ told ─→ the future

Pinpoint tells the caller what the push service answered, and does not try again. So a failure that a caller is told of
is final: or the message would come twice, once by the lane's patience and once by the caller's. Once the time is over
the request is answered as accepted, and the lane goes on as with every other message. Time is real time.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future
from heapq import heappop, heappush
from itertools import count

from clarion.channels.port import Outcome
from clarion.core.clock import perf_seconds

Answers = Mapping[str, Outcome]
"""What became of messages, by message id; those that are not known yet are not there."""


GRACE_SECONDS = 10.0
"""How much longer somebody waits for a failure that a lane is just recording; then the lane has lost it to another."""


class _Wait:
    """One request: the messages that are not known yet, and those of them a lane has taken; `late`: time is over."""

    def __init__(self, message_ids: Collection[str]) -> None:
        self.missing = set(message_ids)
        self.taken: set[str] = set()
        self.late = False
        self.found: dict[str, Outcome] = {}
        self.future: Future[Answers] = Future()


class Waiting:
    """Everybody who waits in this process, each for at most `seconds`. Nobody does before `begin`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._waits: dict[str, _Wait] = {}
        self._queue: list[tuple[float, int, _Wait]] = []
        self._numbers = count()
        self._thread: threading.Thread | None = None
        self._open = False

    def begin(self) -> None:
        """Lanes run in this process: from now on it is worth waiting."""
        self._open = self._seconds > 0

    def end(self) -> None:
        """Let everybody go with what is known."""
        with self._lock:
            self._open = False
            left = [wait for _, _, wait in self._queue]
            self._queue.clear()
            self._waits.clear()
            self._changed.notify_all()
        for wait in left:
            _resolve(wait)

    def expect(self, message_ids: Collection[str]) -> Future[Answers] | None:
        """Wait for these messages, which are not in the outbox yet; None when nobody here would tell.

        The future comes with all of them, or when time is over with what is known. Whoever does not commit the
        messages cancels it.
        """
        if not self._open or not message_ids:
            return None
        wait = _Wait(message_ids)
        with self._lock:
            self._waits.update(dict.fromkeys(message_ids, wait))
            self._until(perf_seconds() + self._seconds, wait)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="direct-waiting", daemon=True)
                self._thread.start()
        return wait.future

    def takes(self, message_id: str) -> bool:
        """Whether somebody waits for this message, who is then going to be told: do not try it again."""
        if not self._waits:
            return False
        with self._lock:
            wait = self._waits.get(message_id)
            if wait is None or wait.future.cancelled():
                return False
            wait.taken.add(message_id)
            return True

    def told(self, found: Iterable[tuple[str, Outcome]]) -> None:
        """What became of messages is recorded: message ids with it, of anybody's messages."""
        if not self._waits:
            return
        ready = []
        with self._lock:
            for message_id, outcome in found:
                wait = self._waits.pop(message_id, None)
                if wait is None:
                    continue
                wait.missing.discard(message_id)
                wait.taken.discard(message_id)
                wait.found[message_id] = outcome
                if not wait.missing or (wait.late and not wait.taken):
                    ready.append(wait)
        for wait in ready:
            _resolve(wait)

    def _until(self, moment: float, wait: _Wait) -> None:
        heappush(self._queue, (moment, next(self._numbers), wait))
        if self._queue[0][2] is wait:
            self._changed.notify_all()

    def _watch(self) -> None:
        """The thread that lets requests go when their time is over."""
        while True:
            with self._lock:
                while not self._queue or (left := self._queue[0][0] - perf_seconds()) > 0:
                    if not self._queue and not self._open:
                        self._thread = None
                        return
                    self._changed.wait(left if self._queue else None)
                _, _, wait = heappop(self._queue)
                going = wait.late or not wait.taken
                for message_id in wait.missing if going else wait.missing - wait.taken:
                    self._waits.pop(message_id, None)
                if not going:
                    wait.late = True
                    self._until(perf_seconds() + GRACE_SECONDS, wait)
            if going:
                _resolve(wait)


def _resolve(wait: _Wait) -> None:
    """Answer, unless that was done, or nobody wants it any more."""
    if not wait.future.done() and wait.future.set_running_or_notify_cancel():
        wait.future.set_result(wait.found)
