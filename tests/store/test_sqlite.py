"""Group commit and what SQLite does when it cannot go on."""

from __future__ import annotations

import contextlib
import resource
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest
import sqlalchemy as sa

from clarion.core.errors import Unavailable
from clarion.store.database import Database, open_database

tables = sa.MetaData()
blobs = sa.Table("blobs", tables, sa.Column("id", sa.Integer, primary_key=True), sa.Column("body", sa.LargeBinary))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
def db(path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{path}?busy_seconds=0.05")
    opened.write(tables.create_all)
    yield opened
    opened.close()


def put(number: int, size: int = 10) -> Callable[[sa.Connection], int]:
    def work(connection: sa.Connection) -> int:
        connection.execute(blobs.insert().values(id=number, body=bytes(size)))
        return number

    return work


def ids(db: Database) -> list[int]:
    return db.read(lambda connection: list(connection.scalars(sa.select(blobs.c.id).order_by(blobs.c.id))))


def grouped(db: Database, works: list[Callable[[sa.Connection], int]]) -> list[Future[int]]:
    """Submit works so that they end up in one transaction: the writer is kept waiting meanwhile."""
    go, started = threading.Event(), threading.Event()

    def first(connection: sa.Connection) -> None:
        started.set()
        assert go.wait(10)

    held = db.submit(first)
    assert started.wait(10)
    futures = [db.submit(work) for work in works]
    go.set()
    held.result(10)
    return futures


def failures(futures: list[Future[int]]) -> list[type[BaseException]]:
    return [type(future.exception(10)) for future in futures]


def test_works_waiting_together_share_one_commit(db: Database, path: Path) -> None:
    watcher = sqlite3.connect(path)
    seen = []
    for future in grouped(db, [put(number) for number in range(10)]):
        future.result(10)
        seen.append(watcher.execute("SELECT count(*) FROM blobs").fetchone()[0])
    watcher.close()
    assert seen == [10] * 10


def test_write_ahead_log_is_synced_at_every_commit(db: Database) -> None:
    def pragmas(connection: sa.Connection) -> tuple[object, object, object]:
        journal, synchronous, keys = (
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        )
        return journal, synchronous, keys

    assert db.write(pragmas) == ("wal", 2, 1)


def test_a_full_disk_fails_the_group_and_later_works_proceed(db: Database) -> None:
    db.write(put(1))

    def limit(pages: int) -> None:
        db.write(lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}") and None)

    limit(20)
    futures = grouped(db, [put(2), put(3, 1_000_000), put(4)])
    outcomes = failures(futures)
    assert outcomes[1] is Unavailable
    kept = {number for number, outcome in zip((2, 3, 4), outcomes, strict=True) if outcome is type(None)}
    assert set(ids(db)) == {1} | kept
    limit(100_000)
    db.write(put(5, 1_000_000))
    assert 5 in ids(db)


def test_a_transaction_that_ended_by_itself_acknowledges_nothing(db: Database) -> None:
    """SQLite rolls back on its own when a disk fails; here a work does it."""

    def ends(connection: sa.Connection) -> int:
        put(9)(connection)
        connection.exec_driver_sql("ROLLBACK")
        return 9

    with pytest.raises(Unavailable):
        db.submit(ends).result(10)
    before, culprit, behind = grouped(db, [put(1), ends, put(2)])
    assert failures([before, culprit, behind]) == [Unavailable, Unavailable, type(None)]
    assert ids(db) == [2]


@contextlib.contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """Let the operating system refuse longer files: writing a log page then fails as on a broken disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("works", [1, 5])
def test_a_failing_commit_acknowledges_nothing(db: Database, path: Path, works: int) -> None:
    db.write(put(1))
    ran: list[str] = []

    def hooked(number: int) -> Callable[[sa.Connection], int]:
        def work(connection: sa.Connection) -> int:
            db.after_commit(connection, lambda: ran.append("hook"))
            return put(number, 50_000)(connection)

        return work

    log = path.with_name(path.name + "-wal")
    with no_file_longer_than(log.stat().st_size + 4096):
        futures = [db.submit(hooked(2))] if works == 1 else grouped(db, [hooked(n) for n in range(2, 2 + works)])
        assert failures(futures) == [Unavailable] * works
    assert ids(db) == [1]
    assert ran == []
    assert [future.result(10) for future in grouped(db, [put(n, 50_000) for n in range(2, 5)])] == [2, 3, 4]
    assert ids(db) == [1, 2, 3, 4]


def test_a_locked_database_is_unavailable_until_it_is_free(db: Database, path: Path) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert set(failures([db.submit(put(number)) for number in range(5)])) == {Unavailable}
    assert ids(db) == []
    other.execute("ROLLBACK")
    other.close()
    db.write(put(1))
    assert ids(db) == [1]


def test_a_folder_that_does_not_exist_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        open_database(f"sqlite:///{tmp_path}/none/state.db")


def test_connections_of_ended_threads_are_closed(db: Database) -> None:
    for _ in range(20):
        thread = threading.Thread(target=ids, args=(db,))
        thread.start()
        thread.join()
    assert len(db._readers) <= 2  # type: ignore[attr-defined]
