"""The state database of a simulation: a migrated SQLite database in memory, and one door to it for every process.

Whatever goes wrong between a process and its database goes wrong here: a `Trouble` is asked before each call, at
the commit, and after it.
"""

from __future__ import annotations

import sqlite3
from concurrent.futures import Future
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from clarion.store.database import Database, Insert, Work
from tests.domain.journeys.simulation.ground import ground
from tests.domain.journeys.simulation.trouble import Trouble

T = TypeVar("T")


class Disk:
    """What survives every crash."""

    def __init__(self) -> None:
        self._raw = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None, cached_statements=1024)
        engine = sa.create_engine("sqlite+pysqlite://", creator=lambda: self._raw, poolclass=sa.StaticPool)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        self.connection = engine.connect()
        self.commits = 0

    def look(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """What a statement finds, for those who look on from outside."""
        return self._raw.execute(statement, values).fetchall()

    def clear(self) -> None:
        """Make it new."""
        ground().kept.backup(self._raw)
        self.commits = 0


class Door(Database):
    """One process's way to the disk."""

    dialect = "sqlite"

    def __init__(self, disk: Disk, trouble: Trouble) -> None:
        super().__init__()
        self._disk = disk
        self._trouble = trouble

    def read(self, work: Work[T]) -> T:
        connection = self._disk.connection
        if connection.in_transaction():
            return work(connection)
        self._trouble.before()
        with connection.begin():
            found = work(connection)
        self._trouble.between()
        return found

    def write(self, work: Work[T]) -> T:
        connection = self._disk.connection
        assert not connection.in_transaction(), "a write inside a read or a write"
        self.works += 1
        self._trouble.before()
        with self._hooks.collected(connection) as hooks:
            with connection.begin():
                done = work(connection)
                self._trouble.committing()
            self._disk.commits += 1
            self._trouble.committed()
            self._hooks.run(hooks)
        self._trouble.between()
        return done

    def submit(self, work: Work[T]) -> Future[T]:
        answer: Future[T] = Future()
        try:
            answer.set_result(self.write(work))
        except Exception as error:
            answer.set_exception(error)
        return answer

    def insert(self, table: sa.Table) -> Insert:
        return sqlite.insert(table)

    def close(self) -> None:
        pass
