"""Updates that arrive while another is being written share the next transaction: one read, one write, one log row.

    update ─→ waiting ─┐
    update ─→ waiting ─┴─→ batch (what waits when the writer gets to it) ─→ commit ─→ each update's future
                                     └ one batch at a time: meanwhile the next gathers

Under light load a batch holds one update and costs nothing extra; the busier it is, the larger the batches. Each
update succeeds or fails alone: only the database itself can fail all of a batch.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

import sqlalchemy as sa

from clarion.store.database import Database

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST = 500
"""Updates in one batch: it bounds how long a single work holds up others."""


class Gathered(Generic[Item, Result]):
    """Gathers items for `work`, which answers a result or an exception for each of them, in order."""

    def __init__(
        self,
        database: Database,
        work: Callable[[sa.Connection, Sequence[Item]], Sequence[Result | Exception]],
    ) -> None:
        self._database = database
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[tuple[Item, Future[Result]]] = []
        self._busy = False

    def submit(self, item: Item) -> Future[Result]:
        """Add an item; its future resolves when the transaction is durable."""
        future: Future[Result] = Future()
        with self._lock:
            self._waiting.append((item, future))
            start, self._busy = not self._busy, True
        if start:
            self._start()
        return future

    def _start(self) -> None:
        """Submit a batch, whose items are settled when it begins: a work that PostgreSQL makes run again has
        the same ones."""
        batch: list[tuple[Item, Future[Result]]] = []

        def run(connection: sa.Connection) -> Sequence[Result | Exception]:
            if not batch:
                batch.extend(self._take(MOST))
            return self._work(connection, [item for item, _ in batch])

        try:
            written = self._database.submit(run)
        except Exception as error:
            with self._lock:
                waiting, self._waiting, self._busy = self._waiting, [], False
            _fail(waiting, error)
        else:
            written.add_done_callback(lambda done: self._done(done, batch))

    def _done(self, done: Future[Sequence[Result | Exception]], batch: list[tuple[Item, Future[Result]]]) -> None:
        error = done.exception()
        # A batch that never began speaks for all that wait: the database is not there.
        pairs = batch or self._take(None)
        if self._end():
            self._start()
        if error is not None:
            _fail(pairs, error)
            return
        for (_, future), result in zip(pairs, done.result(), strict=True):
            if isinstance(result, Exception):
                _fail([(None, future)], result)
            elif future.set_running_or_notify_cancel():
                future.set_result(result)

    def _take(self, most: int | None) -> list[tuple[Item, Future[Result]]]:
        with self._lock:
            taken = self._waiting[:most]
            del self._waiting[:most]
            return taken

    def _end(self) -> bool:
        """Whether a batch must follow at once."""
        with self._lock:
            self._busy = bool(self._waiting)
            return self._busy


def _fail(pairs: Sequence[tuple[object, Future[Result]]], error: BaseException) -> None:
    for _, future in pairs:
        # False when nobody waits any more.
        if future.set_running_or_notify_cancel():
            future.set_exception(error)
