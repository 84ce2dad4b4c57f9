"""The state database as the rest of the product sees it: reads, and writes that are one transaction each.

Two engines behind one interface: `store.sqlite` (embedded, one writer thread with group commit) and
`store.postgres` (a pool). Whatever a call acknowledges is durable, and the next read sees it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import TypeVar

import sqlalchemy as sa
import structlog
from sqlalchemy.dialects import sqlite

from clarion.core.errors import Invalid

T = TypeVar("T")
Work = Callable[[sa.Connection], T]
Hook = Callable[[], None]
# PostgreSQL's insert has the same on_conflict methods; the product uses the part both share.
Insert = sqlite.Insert

_log = structlog.get_logger(__name__)


class Database(ABC):
    """A place for rows. All methods may be called from any thread.

    A `work` is a plain function of a connection. It must not commit, roll back, or keep the connection or
    an unread result after it returns. What it raises undoes its own writes only and reaches the caller.
    All methods that run work raise `core.errors.Unavailable` when the database does not answer, is locked,
    or has no room; nothing was acknowledged then, and the call may be made again.
    """

    dialect: str
    """`sqlite` or `postgresql`."""

    works: int
    """How many writes this process has asked for so far: by it, background work sees how busy others are."""

    def __init__(self) -> None:
        self._hooks = Hooks()
        self.works = 0

    @abstractmethod
    def read(self, work: Work[T]) -> T:
        """Run `work` on a snapshot: it sees every write acknowledged before, and no half of one."""

    @abstractmethod
    def write(self, work: Work[T]) -> T:
        """Run `work` in one transaction and wait until that is durable. Never call it inside a write."""

    @abstractmethod
    def submit(self, work: Work[T]) -> Future[T]:
        """As `write`, without waiting: the future resolves when the transaction is durable."""

    @abstractmethod
    def insert(self, table: sa.Table) -> Insert:
        """The dialect's own INSERT for `table`, which knows `on_conflict_do_update` and `…_do_nothing`."""

    @abstractmethod
    def close(self) -> None:
        """Finish everything submitted so far, then let go of the database. Later calls raise Unavailable."""

    def after_commit(self, connection: sa.Connection, hook: Hook) -> None:
        """Run `hook` once the transaction of `connection` has committed, before its writer is answered.

        Only inside `write` or `submit`. Hooks must be quick and must not use the database; what they raise
        is logged and changes nothing. A rolled-back work's hooks are dropped.
        """
        self._hooks.add(connection, hook)


class Hooks:
    """What waits for transactions to commit, by the connection they run on."""

    def __init__(self) -> None:
        self._waiting: dict[sa.Connection, list[Hook]] = {}

    @contextmanager
    def collected(self, connection: sa.Connection) -> Iterator[list[Hook]]:
        """While it lasts, `add` puts hooks of `connection` into the list it gives."""
        hooks = self._waiting[connection] = []
        try:
            yield hooks
        finally:
            del self._waiting[connection]

    def add(self, connection: sa.Connection, hook: Hook) -> None:
        hooks = self._waiting.get(connection)
        if hooks is None:
            raise RuntimeError("after_commit: the connection is not inside a write")
        hooks.append(hook)

    def run(self, hooks: list[Hook]) -> None:
        for hook in hooks:
            try:
                hook()
            except Exception:
                _log.exception("store.hook_failed")


def open_database(url: str) -> Database:
    """The database at `url`: `sqlite:///relative`, `sqlite:////absolute` or `postgresql://…`.

    Query parameters of the URL are options: SQLite `busy_seconds`, PostgreSQL `connections` and what
    libpq knows (`sslmode=require`). Raises Invalid for any other URL and
    Unavailable when SQLite's file cannot be opened; PostgreSQL is first contacted by the first call.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise Invalid(f"state: not a database URL: {url}") from error
    # Imported here so that a process loads only the driver it uses.
    if parsed.get_backend_name() == "sqlite":
        from clarion.store.sqlite import SqliteDatabase

        return SqliteDatabase(parsed)
    if parsed.get_backend_name() == "postgresql":
        from clarion.store.postgres import PostgresDatabase

        return PostgresDatabase(parsed)
    raise Invalid(f"state: {parsed.get_backend_name()} is not supported, use sqlite or postgresql")
