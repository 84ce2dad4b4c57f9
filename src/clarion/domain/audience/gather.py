"""Updates that arrive at the same time share one transaction, one read, one write and one log row.

    update ─→ open batch ─┐                      (first one in submits the batch's work)
    update ─→ open batch ─┴─→ writer: closes the batch, carries it out ─→ commit ─→ every update's future

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

I = TypeVar("I")  # noqa: E741
R = TypeVar("R")

MOST = 200
"""Updates in one batch: what a single work may hold up others for."""


class Gathered(Generic[I, R]):
    """Gathers items for `work`, which answers a result or an exception for each of them, in order."""

    def __init__(
        self, database: Database, work: Callable[[sa.Connection, Sequence[I]], Sequence[R | Exception]]
    ) -> None:
        self._database = database
        self._work = work
        self._lock = threading.Lock()
        self._open: _Batch[I, R] | None = None

    def submit(self, item: I) -> Future[R]:
        """Add an item; its future resolves when the transaction is durable."""
        future: Future[R] = Future()
        with self._lock:
            batch = self._open
            first = batch is None
            if batch is None:
                batch = self._open = _Batch()
            batch.items.append(item)
            batch.futures.append(future)
            if len(batch.items) >= MOST:
                self._open = None
        if first:
            self._start(batch)
        return future

    def _start(self, batch: _Batch[I, R]) -> None:
        def run(connection: sa.Connection) -> Sequence[R | Exception]:
            self._close(batch)
            return self._work(connection, batch.items)

        try:
            self._database.submit(run).add_done_callback(batch.resolve)
        except BaseException as error:
            self._close(batch)
            batch.fail(error)

    def _close(self, batch: _Batch[I, R]) -> None:
        """Let nothing more in: a work that PostgreSQL makes run again has the same items."""
        with self._lock:
            if self._open is batch:
                self._open = None


class _Batch(Generic[I, R]):
    def __init__(self) -> None:
        self.items: list[I] = []
        self.futures: list[Future[R]] = []

    def resolve(self, done: Future[Sequence[R | Exception]]) -> None:
        error = done.exception()
        if error is not None:
            self.fail(error)
            return
        for future, result in zip(self.futures, done.result(), strict=True):
            if not future.set_running_or_notify_cancel():
                continue  # nobody waits any more
            if isinstance(result, Exception):
                future.set_exception(result)
            else:
                future.set_result(result)

    def fail(self, error: BaseException) -> None:
        for future in self.futures:
            if future.set_running_or_notify_cancel():
                future.set_exception(error)
