"""PostgreSQL through psycopg 3: a few threads that write, each with its connection, and a pool for reads.

Writes queue up for the threads in the order they came, so none of them waits for a connection for ever.

Transactions are begun with a statement of our own, so that a connection which died while it was idle is
noticed before the work has begun, and is replaced without anybody hearing of it. A connection that dies
later fails its work with Unavailable. Serialization failures and deadlocks, which PostgreSQL resolves by
undoing one transaction, are the one case in which a work runs again: nothing of its first run is left.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import NoReturn, TypeVar, cast

import psycopg
import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import postgresql

from clarion.core.errors import Invalid, Unavailable
from clarion.store.database import Database, Insert, Work

T = TypeVar("T")

CONNECTIONS = 8
"""Most connections for writes, and as many for reads (`?connections=` of the URL)."""

POOL_SECONDS = 10.0
"""How long a read waits for a free connection."""

CONFLICT_ATTEMPTS = 5
"""How often a work is run when PostgreSQL undoes it in favour of another."""

# A silent network is given up after half a minute instead of hours.
_CONNECT = {
    "connect_timeout": 5,
    "application_name": "clarion",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

_CONFLICTS = {"40001", "40P01"}
# Classes and codes that say "not now": connection, resources, operator intervention, system error; a
# server that has become read-only; a lock that could not be had.
_UNAVAILABLE = ("08", "53", "57", "58", "25006", "55P03", "40001", "40P01")

_log = structlog.get_logger(__name__)


class PostgresDatabase(Database):
    """One PostgreSQL database, shared by any number of processes."""

    dialect = "postgresql"

    def __init__(self, url: sa.URL) -> None:
        super().__init__()
        connections = _connections(url.query.get("connections"))
        target = url.set(drivername="postgresql+psycopg").difference_update_query(["connections"])
        self._write_engine = _engine(target, "BEGIN", connections)
        self._read_engine = _engine(target, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", connections)
        self._threads = ThreadPoolExecutor(connections, thread_name_prefix="postgres-writer")
        self._local = threading.local()
        self._closed = False

    def read(self, work: Work[T]) -> T:
        open_read: sa.Connection | None = getattr(self._local, "read", None)
        if open_read is not None:
            return work(open_read)
        try:
            with self._transaction(self._read_engine) as connection:
                self._local.read = connection
                try:
                    return work(connection)
                finally:
                    self._local.read = None
        except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
            _raise_translated(error, "read")

    def write(self, work: Work[T]) -> T:
        if getattr(self._local, "writing", False):
            raise RuntimeError("write inside a write would wait for itself: use the connection at hand")
        return self.submit(work).result()

    def submit(self, work: Work[T]) -> Future[T]:
        self.works += 1
        try:
            return self._threads.submit(self._write, work)
        except RuntimeError as error:
            raise Unavailable("the state database is closed") from error

    def insert(self, table: sa.Table) -> Insert:
        return cast(Insert, postgresql.insert(table))

    def close(self) -> None:
        self._threads.shutdown(wait=True)
        self._closed = True
        self._write_engine.dispose()
        self._read_engine.dispose()

    def _write(self, work: Work[T]) -> T:
        """On a writer thread: one transaction."""
        self._local.writing = True
        for attempt in range(1, CONFLICT_ATTEMPTS + 1):
            try:
                with self._transaction(self._write_engine) as connection:
                    with self._hooks.collected(connection) as hooks:
                        value = work(connection)
                    connection.commit()
            except (sa.exc.DBAPIError, sa.exc.TimeoutError) as error:
                if attempt < CONFLICT_ATTEMPTS and _sqlstate(error) in _CONFLICTS:
                    _log.info("store.conflict_retried", attempt=attempt)
                    continue
                _raise_translated(error, "write")
            self._hooks.run(hooks)
            return value
        raise AssertionError("unreachable")

    @contextmanager
    def _transaction(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        """A connection whose transaction has begun; rolled back at the end unless committed before."""
        if self._closed:
            raise Unavailable("the state database is closed")
        connection = engine.connect()
        try:
            try:
                connection.begin()
            except sa.exc.DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                # Died while idle. The pool has dropped all of its age; one more try tells the truth.
                connection.close()
                connection = engine.connect()
                connection.begin()
            yield connection
        finally:
            connection.close()


def _connections(text: str | tuple[str, ...] | None) -> int:
    if text is None:
        return CONNECTIONS
    if not str(text).isdigit() or not int(str(text)):
        raise Invalid("state: connections must be a whole number above 0")
    return int(str(text))


def _engine(url: sa.URL, begin: str, connections: int) -> sa.Engine:
    """An engine whose transactions start with `begin`: the driver's own transaction handling is off."""
    engine = sa.create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_SECONDS,
        connect_args=_CONNECT,
        hide_parameters=True,  # errors end up in logs, and parameters tell of people
    )

    @sa.event.listens_for(engine, "connect")
    def connected(driver: psycopg.Connection, _record: object) -> None:
        driver.autocommit = True

    @sa.event.listens_for(engine, "begin")
    def begun(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _sqlstate(error: Exception) -> str | None:
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else None
    return cause.sqlstate if isinstance(cause, psycopg.Error) else None


def _raise_translated(error: Exception, doing: str) -> NoReturn:
    """Raise Unavailable, with the cause logged, when the database is at fault; otherwise the error itself."""
    state = _sqlstate(error)
    if isinstance(error, sa.exc.DBAPIError) and not error.connection_invalidated:
        # Without a code it is psycopg itself that found no server.
        gone = state is None and isinstance(error.orig, psycopg.OperationalError)
        if not gone and not (state or "").startswith(_UNAVAILABLE):
            raise error
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    _log.error("store.unavailable", doing=doing, error=str(cause), code=state or "")
    raise Unavailable("the state database is not available right now") from error
