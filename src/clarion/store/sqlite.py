"""SQLite: WAL, synchronous=FULL, one writer thread with group commit, one read connection per thread."""

from __future__ import annotations

import sqlite3
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import NoReturn, TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import sqlite

from clarion.core.errors import Invalid, Unavailable
from clarion.store.checkpoints import Checkpointer
from clarion.store.database import Database, Insert, Work
from clarion.store.group_commit import GroupCommit

T = TypeVar("T")

BUSY_SECONDS = 5.0
"""How long to wait for another process's transaction before giving up (`?busy_seconds=` of the URL)."""

_COMMON_PRAGMAS = ("foreign_keys = ON", "temp_store = MEMORY")
# Pages of 8 KiB: 1.3 times the inserts of 44 KB bodies that 4 KiB pages allow, no slower on small rows.
_WRITER_PRAGMAS = (
    "page_size = 8192",
    "journal_mode = WAL",
    "synchronous = FULL",
    # The checkpointer does it before that; 64 MiB are for when it does not get its turn.
    "wal_autocheckpoint = 8000",
    "journal_size_limit = 134217728",
    "cache_size = -65536",
    # Some builds overwrite freed pages with zeros by default, which costs emptying the ingest log half its speed;
    # FAST does so only to pages that are written anyway.
    "secure_delete = FAST",
    *_COMMON_PRAGMAS,
)
_READER_PRAGMAS = ("query_only = ON", "cache_size = -8192", *_COMMON_PRAGMAS)

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


class SqliteDatabase(Database):
    """One SQLite file. Other processes may have it open too; each has its own writer thread."""

    dialect = "sqlite"

    def __init__(self, url: sa.URL) -> None:
        super().__init__()
        if not url.database or url.database == ":memory:":
            raise Invalid("state: SQLite needs a file, for example sqlite:///data/state.db")
        path = Path(url.database)
        busy = _seconds(url.query.get("busy_seconds"))
        self._read_engine = _engine(path, "BEGIN", busy, _READER_PRAGMAS)
        self._write_engine = _engine(path, "BEGIN IMMEDIATE", busy, _WRITER_PRAGMAS)
        try:
            self._writer = GroupCommit(self._write_engine, self._hooks, translated)
        except sa.exc.DBAPIError as error:
            raise_translated(error, "open")
        self._checkpointer = Checkpointer(path)
        self._readers: dict[int, sa.Connection] = {}
        self._readers_lock = threading.Lock()
        self._closed = False

    def read(self, work: Work[T]) -> T:
        try:
            connection = self._reader()
            if connection.in_transaction():
                return work(connection)
            with connection.begin():
                return work(connection)
        except sa.exc.DBAPIError as error:
            raise_translated(error, "read")

    def write(self, work: Work[T]) -> T:
        self.works += 1
        return self._writer.write(work)

    def submit(self, work: Work[T]) -> Future[T]:
        self.works += 1
        return self._writer.submit(work)

    def insert(self, table: sa.Table) -> Insert:
        return sqlite.insert(table)

    def close(self) -> None:
        self._checkpointer.stop()
        self._writer.close()
        with self._readers_lock:
            self._closed = True
            readers = list(self._readers.values())
            self._readers.clear()
        for connection in readers:
            connection.close()

    def _reader(self) -> sa.Connection:
        """This thread's read connection; those of threads that have ended are closed on the way."""
        ident = threading.current_thread().ident or 0
        connection = self._readers.get(ident)
        if connection is not None:
            return connection
        connection = self._read_engine.connect()
        with self._readers_lock:
            if self._closed:
                connection.close()
                raise Unavailable("the state database is closed")
            alive = {thread.ident for thread in threading.enumerate()}
            gone = [self._readers.pop(key) for key in list(self._readers) if key not in alive]
            self._readers[ident] = connection
        for old in gone:
            old.close()
        return connection


def _seconds(text: str | tuple[str, ...] | None) -> float:
    if text is None:
        return BUSY_SECONDS
    try:
        return float(str(text))
    except ValueError as error:
        raise Invalid("state: busy_seconds must be a number") from error


def _engine(path: Path, begin: str, busy_seconds: float, pragmas: tuple[str, ...]) -> sa.Engine:
    """An engine whose transactions start with `begin`: the driver's own transaction handling is off."""
    engine = sa.create_engine(
        sa.URL.create("sqlite+pysqlite", database=str(path)),
        poolclass=sa.NullPool,
        hide_parameters=True,  # errors end up in logs, and parameters tell of people
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


def raise_translated(error: sa.exc.DBAPIError, doing: str) -> NoReturn:
    failure = translated(error, doing)
    if failure is error:
        raise error
    raise failure from error


def translated(error: BaseException, doing: str) -> BaseException:
    """Unavailable, with the cause logged, when the database is at fault; otherwise the error itself."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None) if isinstance(cause, sqlite3.Error) else None
    if code is None or code & 0xFF not in _UNAVAILABLE:
        return error
    _log.error("store.unavailable", doing=doing, error=str(cause), code=getattr(cause, "sqlite_errorname", ""))
    failure = Unavailable("the state database is not available right now")
    failure.__cause__ = error
    return failure
