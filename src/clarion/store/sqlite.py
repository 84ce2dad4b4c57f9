"""SQLite: WAL, synchronous=FULL, one writer thread with group commit, one read connection per thread.

The writer takes whatever has been submitted, runs it inside one BEGIN IMMEDIATE … COMMIT, each work in a
savepoint of its own, and resolves the futures only after the commit:

    submit → queue → [ BEGIN · SAVEPOINT work RELEASE · SAVEPOINT work … · COMMIT ] → hooks → futures

So one fsync serves all that arrived meanwhile, and under light load a work is alone in its transaction.
"""

from __future__ import annotations

import queue
import sqlite3
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import sqlite

from clarion.core.clock import perf_seconds
from clarion.core.errors import Invalid, Unavailable
from clarion.store.database import Database, Hook, Insert, Work

T = TypeVar("T")

GROUP_WORKS = 1000
GROUP_SECONDS = 0.02
"""A group closes after so many works or so long, whichever is first: it bounds what a writer waits for."""

_UNAVAILABLE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}

_log = structlog.get_logger(__name__)


class _Item(NamedTuple):
    work: Work[Any]
    future: Future[Any]


class _Done(NamedTuple):
    future: Future[Any]
    value: Any


class SqliteDatabase(Database):
    """One SQLite file. Other processes may have it open too; each has its own writer thread.

    `busy_seconds`: how long to wait for another process's transaction before giving up with Unavailable.
    """

    dialect = "sqlite"

    def __init__(self, url: sa.URL, *, busy_seconds: float = 5.0) -> None:
        super().__init__()
        if not url.database or url.database == ":memory:":
            raise Invalid("state: SQLite needs a file, for example sqlite:///data/state.db")
        self.path = Path(url.database)
        self._write_engine = _engine(self.path, "BEGIN IMMEDIATE", busy_seconds, _WRITER_PRAGMAS)
        self._read_engine = _engine(self.path, "BEGIN", busy_seconds, _READER_PRAGMAS)
        self._readers: dict[int, sa.Connection] = {}
        self._readers_lock = threading.Lock()
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._connection: sa.Connection | None = None
        try:
            self._connect()
        except sa.exc.DBAPIError as error:
            raise unavailable(error, "open") from error
        self._writer = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._writer.start()

    def read(self, work: Work[T]) -> T:
        try:
            connection = self._reader()
            if connection.in_transaction():
                return work(connection)
            with connection.begin():
                return work(connection)
        except sa.exc.DBAPIError as error:
            raise translated(error, "read") from error

    def write(self, work: Work[T]) -> T:
        if threading.current_thread() is self._writer:
            raise RuntimeError("write inside a write would wait for itself: use the connection at hand")
        return self.submit(work).result()

    def submit(self, work: Work[T]) -> Future[T]:
        future: Future[T] = Future()
        with self._gate:
            if self._closed:
                raise Unavailable("the state database is closed")
            self._queue.put(_Item(work, future))
        return future

    def insert(self, table: sa.Table) -> Insert:
        return sqlite.insert(table)

    def close(self) -> None:
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._writer.join()
        with self._readers_lock:
            readers, self._readers = list(self._readers.values()), {}
        for connection in readers:
            connection.close()
        self._read_engine.dispose()
        self._write_engine.dispose()

    # --- reading

    def _reader(self) -> sa.Connection:
        """This thread's read connection; those of threads that have ended are closed on the way."""
        ident = threading.current_thread().ident or 0
        connection = self._readers.get(ident)
        if connection is not None:
            return connection
        if self._closed:
            raise Unavailable("the state database is closed")
        connection = self._read_engine.connect()
        with self._readers_lock:
            alive = {thread.ident for thread in threading.enumerate()}
            gone = [self._readers.pop(key) for key in list(self._readers) if key not in alive]
            self._readers[ident] = connection
        for old in gone:
            old.close()
        return connection

    # --- writing: everything below runs on the writer thread

    def _connect(self) -> sa.Connection:
        if self._connection is None:
            self._connection = self._write_engine.connect()
        return self._connection

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.close()
            except Exception:
                _log.exception("store.disconnect_failed")

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
        hooks = self._hooks[connection] = []
        done: list[_Done] = []
        try:
            self._run_group(connection, first, hooks, done)
            if done:
                transaction.commit()
            else:
                transaction.rollback()
        except Exception as error:
            self._abandon(transaction)
            failure = translated(error, "commit")
            for future, _ in done:
                future.set_exception(failure)
            return
        finally:
            del self._hooks[connection]
        self._run_hooks(hooks)
        for future, value in done:
            future.set_result(value)

    def _run_group(
        self, connection: sa.Connection, first: _Item, hooks: list[Hook], done: list[_Done]
    ) -> None:
        """Run works until none is waiting or the group is full; raises when the transaction is lost."""
        driver: Any = connection.connection.driver_connection
        if self._queue.empty():
            # Alone: the transaction itself is the savepoint.
            _run_one(connection, driver, first, done)
            return
        closes = perf_seconds() + GROUP_SECONDS
        item: _Item | None = first
        while item is not None:
            mark = len(hooks)
            driver.execute("SAVEPOINT work")
            if not _run_one(connection, driver, item, done):
                driver.execute("ROLLBACK TO work")
                del hooks[mark:]
            driver.execute("RELEASE work")
            item = self._next() if len(done) < GROUP_WORKS and perf_seconds() < closes else None

    def _next(self) -> _Item | None:
        """The next work that still waits for an answer, None when there is none just now."""
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
        failure = translated(error, "begin")
        item: _Item | None = first
        for _ in range(self._queue.qsize() + 1):
            if item is None:
                break
            item.future.set_exception(failure)
            item = self._next()

    def _abandon(self, transaction: sa.RootTransaction) -> None:
        try:
            transaction.rollback()
        except Exception:
            _log.exception("store.rollback_failed")
            self._disconnect()


def _run_one(connection: sa.Connection, driver: Any, item: _Item, done: list[_Done]) -> bool:
    """Run one work; answers whether it succeeded. Its failure is its caller's, not the group's."""
    try:
        value = item.work(connection)
    except BaseException as error:
        item.future.set_exception(translated(error, "write"))
        succeeded = False
    else:
        done.append(_Done(item.future, value))
        succeeded = True
    if not driver.in_transaction:
        # SQLite itself rolls everything back when the disk is full or fails.
        raise Unavailable("the state database gave up the transaction")
    return succeeded


_COMMON_PRAGMAS = ("foreign_keys = ON", "temp_store = MEMORY", "cache_size = -32768")
_WRITER_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = FULL",
    "journal_size_limit = 67108864",
    *_COMMON_PRAGMAS,
)
_READER_PRAGMAS = ("query_only = ON", *_COMMON_PRAGMAS)


def _engine(path: Path, begin: str, busy_seconds: float, pragmas: tuple[str, ...]) -> sa.Engine:
    """An engine whose transactions start with `begin`: the driver's own transaction handling is off."""
    engine = sa.create_engine(
        sa.URL.create("sqlite+pysqlite", database=str(path)),
        poolclass=sa.NullPool,
        connect_args={
            "isolation_level": None,
            "check_same_thread": False,
            "timeout": busy_seconds,
            "cached_statements": 512,
        },
    )

    @sa.event.listens_for(engine, "connect")
    def connected(driver: sqlite3.Connection, _record: object) -> None:
        for pragma in pragmas:
            driver.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def translated(error: BaseException, doing: str) -> BaseException:
    """Unavailable when the database is at fault, otherwise the error itself."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if not isinstance(cause, sqlite3.Error):
        return error
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None or code & 0xFF not in _UNAVAILABLE:
        return error
    return unavailable(error, doing)


def unavailable(error: BaseException, doing: str) -> Unavailable:
    """Log the cause once, and make the error that callers see."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    _log.error(
        "store.unavailable", doing=doing, error=str(cause), code=getattr(cause, "sqlite_errorname", "")
    )
    failure = Unavailable("the state database is not available right now")
    failure.__cause__ = error
    return failure
