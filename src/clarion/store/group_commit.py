"""Group commit: one thread, one connection, many callers' works in one transaction.

The thread takes whatever has been submitted, runs each work in a savepoint of its own inside one
transaction, and resolves the futures only after the commit:

    submit → queue → [ BEGIN · SAVEPOINT work RELEASE · SAVEPOINT work RELEASE … · COMMIT ] → hooks → futures

So one fsync serves all that arrived meanwhile, and under light load a work is alone in its transaction.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
import structlog

from clarion.core.clock import perf_seconds
from clarion.core.errors import Unavailable
from clarion.store.database import Hooks, Work

T = TypeVar("T")

GROUP_WORKS = 1000
GROUP_SECONDS = 0.02
"""A group closes after so many works or so long, whichever is first: it bounds what a caller waits for others."""

_log = structlog.get_logger(__name__)


class _Item(NamedTuple):
    work: Work[Any]
    future: Future[Any]


class _Done(NamedTuple):
    future: Future[Any]
    value: Any


class GroupCommit:
    """The writer thread of one SQLite file.

    `engine` makes connections whose transactions begin with a write lock; `translate(error, doing)` turns
    the database's own failures into `Unavailable` and leaves every other error alone.
    """

    def __init__(
        self, engine: sa.Engine, hooks: Hooks, translate: Callable[[BaseException, str], BaseException]
    ) -> None:
        self._engine = engine
        self._hooks = hooks
        self._translate = translate
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._connection: sa.Connection | None = engine.connect()
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Work[T]) -> Future[T]:
        future: Future[T] = Future()
        with self._gate:
            if self._closed:
                raise Unavailable("the state database is closed")
            self._queue.put(_Item(work, future))
        return future

    def write(self, work: Work[T]) -> T:
        if threading.current_thread() is self._thread:
            raise RuntimeError("write inside a write would wait for itself: use the connection at hand")
        return self.submit(work).result()

    def close(self) -> None:
        """Run what has been submitted, then end the thread."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    # Everything below runs on the writer thread.

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            if item.future.set_running_or_notify_cancel():
                self._transact(item)
        self._disconnect()

    def _transact(self, first: _Item) -> None:
        """One transaction: `first` and what else is waiting."""
        try:
            connection = self._connect()
            transaction = connection.begin()
        except Exception as error:
            self._disconnect()
            self._refuse(first, error)
            return
        done: list[_Done] = []
        with self._hooks.collected(connection) as hooks:
            try:
                self._run_group(connection, first, hooks, done)
                if done:
                    transaction.commit()
                else:
                    transaction.rollback()
            except Exception as error:
                self._abandon(transaction)
                self._fail([item.future for item in done], self._translate(error, "commit"))
                return
        self._hooks.run(hooks)
        for future, value in done:
            future.set_result(value)

    def _run_group(
        self, connection: sa.Connection, first: _Item, hooks: list[Callable[[], None]], done: list[_Done]
    ) -> None:
        """Run works until none is waiting or the group is full; raises when the transaction is lost."""
        driver: Any = connection.connection.driver_connection
        if self._queue.empty():
            # Alone: the transaction itself is the savepoint.
            if not self._run_one(connection, driver, first, done):
                hooks.clear()
            return
        closes = perf_seconds() + GROUP_SECONDS
        item: _Item | None = first
        while item is not None:
            mark = len(hooks)
            driver.execute("SAVEPOINT work")
            if not self._run_one(connection, driver, item, done):
                driver.execute("ROLLBACK TO work")
                del hooks[mark:]
            driver.execute("RELEASE work")
            item = self._next() if len(done) < GROUP_WORKS and perf_seconds() < closes else None

    def _run_one(self, connection: sa.Connection, driver: Any, item: _Item, done: list[_Done]) -> bool:
        """Run one work; answers whether it succeeded. Its failure is its caller's, not the group's."""
        try:
            value = item.work(connection)
        except BaseException as error:
            item.future.set_exception(self._translate(error, "write"))
            succeeded = False
        else:
            done.append(_Done(item.future, value))
            succeeded = True
        if not driver.in_transaction:
            # SQLite itself rolls everything back when the disk is full or fails.
            raise Unavailable("the state database gave up the transaction")
        return succeeded

    def _next(self) -> _Item | None:
        """The next work whose caller still waits, None when there is none just now."""
        while True:
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return None
            if item is None:
                self._queue.put(None)  # the end of the queue; nothing can be behind it
                return None
            if item.future.set_running_or_notify_cancel():
                return item

    def _refuse(self, first: _Item, error: Exception) -> None:
        """No transaction could be begun: everything that waits is told so, none of it has run."""
        refused = [first.future]
        for _ in range(self._queue.qsize()):
            if (item := self._next()) is None:
                break
            refused.append(item.future)
        self._fail(refused, self._translate(error, "begin"))

    def _fail(self, futures: list[Future[Any]], failure: BaseException) -> None:
        for future in futures:
            # An exception of its own for each: raising one object in many threads grows its traceback.
            own = Unavailable(failure.message) if isinstance(failure, Unavailable) else failure
            own.__cause__ = failure.__cause__
            future.set_exception(own)

    def _connect(self) -> sa.Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except Exception:
                _log.exception("store.disconnect_failed")

    def _abandon(self, transaction: sa.RootTransaction) -> None:
        """Undo a transaction that cannot go on; the next one starts on a new connection."""
        try:
            transaction.rollback()
        except Exception:
            _log.exception("store.rollback_failed")
        self._disconnect()
