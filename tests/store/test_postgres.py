"""What PostgreSQL's clients meet: servers that go away, connections that die, deadlocks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from clarion.core.errors import Unavailable
from clarion.store import postgres
from clarion.store.database import Database, open_database
from tests.postgres import server

tables = sa.MetaData()
counts = sa.Table("counts", tables, sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))


@pytest.fixture
def db(postgres_url: str) -> Iterator[Database]:
    opened = open_database(postgres_url)
    opened.write(tables.create_all)
    opened.write(lambda c: c.execute(counts.insert(), [{"id": 1, "n": 0}, {"id": 2, "n": 0}]) and None)
    yield opened
    opened.close()


def add(number: int) -> Callable[[sa.Connection], None]:
    def work(connection: sa.Connection) -> None:
        connection.execute(counts.update().where(counts.c.id == number).values(n=counts.c.n + 1))

    return work


def values(db: Database) -> list[int]:
    return db.read(lambda connection: list(connection.scalars(sa.select(counts.c.n).order_by(counts.c.id))))


def kill_sessions() -> None:
    server().execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'clarion' AND pid <> pg_backend_pid()"
    )


def test_server_goes_away_and_comes_back(db: Database) -> None:
    db.write(add(1))
    server().stop()
    try:
        for call in (lambda: db.write(add(1)), lambda: db.submit(add(1)).result(10), lambda: values(db)):
            with pytest.raises(Unavailable):
                call()
    finally:
        server().start()
    db.write(add(1))
    assert values(db) == [2, 0]


def test_connections_that_died_while_idle_are_replaced_unnoticed(db: Database) -> None:
    for _ in range(3):
        db.write(add(1))
        values(db)
        kill_sessions()
    db.write(add(1))
    assert values(db) == [4, 0]


def test_connection_lost_inside_a_work_is_unavailable_and_not_run_again(db: Database) -> None:
    runs = []

    def work(connection: sa.Connection) -> None:
        runs.append(1)
        add(1)(connection)
        kill_sessions()
        add(1)(connection)

    with pytest.raises(Unavailable):
        db.write(work)
    assert len(runs) == 1
    assert values(db) == [0, 0]


def test_connection_lost_before_the_commit_acknowledges_nothing(db: Database) -> None:
    ran: list[str] = []

    def work(connection: sa.Connection) -> None:
        add(1)(connection)
        db.after_commit(connection, lambda: ran.append("hook"))
        kill_sessions()

    with pytest.raises(Unavailable):
        db.write(work)
    assert ran == []
    assert values(db) == [0, 0]


def test_deadlocked_works_both_succeed(db: Database) -> None:
    both_hold_one = threading.Barrier(2)
    hooks: list[int] = []

    def crossing(first: int, second: int) -> Callable[[sa.Connection], None]:
        runs: list[int] = []

        def work(connection: sa.Connection) -> None:
            runs.append(1)
            db.after_commit(connection, lambda: hooks.append(first))
            add(first)(connection)
            if len(runs) == 1:
                both_hold_one.wait(10)
            add(second)(connection)

        return work

    futures = [db.submit(crossing(1, 2)), db.submit(crossing(2, 1))]
    for future in futures:
        future.result(30)
    assert values(db) == [2, 2]
    assert sorted(hooks) == [1, 2]


def test_conflict_without_end_is_unavailable(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "CONFLICT_ATTEMPTS", 3)
    runs = []

    def work(connection: sa.Connection) -> None:
        runs.append(1)
        connection.execute(sa.text("DO $$ BEGIN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END $$"))

    with pytest.raises(Unavailable):
        db.write(work)
    assert len(runs) == 3


def test_no_free_connection_to_read_from_is_unavailable(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "POOL_SECONDS", 0.05)
    db = open_database(f"{postgres_url}&connections=1")
    go, started = threading.Event(), threading.Event()

    def hold(connection: sa.Connection) -> None:
        started.set()
        assert go.wait(10)

    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(db.read, hold)
        assert started.wait(10)
        with pytest.raises(Unavailable):
            db.read(lambda connection: None)
        go.set()
        held.result(10)
    db.read(lambda connection: None)
    db.close()


def test_writes_take_their_turn(postgres_url: str) -> None:
    """A write is not overtaken for ever by those who submit without waiting."""
    db = open_database(f"{postgres_url}&connections=2")
    order: list[int] = []
    futures = [db.submit(lambda connection, n=n: order.append(n)) for n in range(100)]
    db.write(lambda connection: order.append(-1))
    futures += [db.submit(lambda connection, n=n: order.append(n)) for n in range(100, 200)]
    for future in futures:
        future.result(10)
    assert 98 <= order.index(-1) <= 102
    db.close()


def test_programming_errors_keep_their_kind(db: Database) -> None:
    with pytest.raises(sa.exc.ProgrammingError):
        db.write(lambda connection: connection.execute(sa.text("SELECT nothing FROM nowhere")) and None)
    with pytest.raises(sa.exc.IntegrityError):
        db.write(lambda connection: connection.execute(counts.insert().values(id=1, n=0)) and None)
    assert values(db) == [0, 0]
