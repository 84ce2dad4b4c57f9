"""What every state database promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from clarion.core.errors import Invalid, NotFound, Unavailable
from clarion.store.batches import among, insert_rows, select_among
from clarion.store.database import Database, open_database

tables = sa.MetaData()
things = sa.Table(
    "things",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
)


@pytest.fixture
def db(database: Database) -> Database:
    database.write(tables.create_all)
    return database


def put(number: int, name: str) -> Callable[[sa.Connection], int]:
    def work(connection: sa.Connection) -> int:
        connection.execute(things.insert().values(id=number, name=name))
        return number

    return work


def names(connection: sa.Connection) -> list[str]:
    return list(connection.scalars(sa.select(things.c.name).order_by(things.c.id)))


def test_errors_do_not_tell_what_was_to_be_stored(db: Database) -> None:
    db.write(put(1, "Ada"))
    with pytest.raises(sa.exc.IntegrityError) as raised:
        db.write(put(1, "Grace"))
    assert "INSERT INTO things" in str(raised.value)
    assert "Grace" not in str(raised.value)


def hold(db: Database) -> tuple[threading.Event, Future[None]]:
    """A write that waits for the event: what is submitted meanwhile forms one group on SQLite."""
    go, started = threading.Event(), threading.Event()

    def work(connection: sa.Connection) -> None:
        started.set()
        assert go.wait(10)

    future = db.submit(work)
    assert started.wait(10)
    return go, future


def test_read_sees_an_awaited_write(db: Database) -> None:
    for number in range(50):
        assert db.write(put(number, f"n{number}")) == number
        assert len(db.read(names)) == number + 1


def test_every_thread_reads_what_another_wrote(db: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            db.write(put(number, f"n{number}"))
            counts = [pool.submit(lambda: len(db.read(names))) for _ in range(8)]
            assert [count.result() for count in counts] == [number + 1] * 8


def test_submitted_works_all_happen_once(db: Database) -> None:
    futures = [db.submit(put(number, f"n{number}")) for number in range(500)]
    assert [future.result(30) for future in futures] == list(range(500))
    assert len(db.read(names)) == 500


def test_failing_work_undoes_itself_only(db: Database) -> None:
    def half(connection: sa.Connection) -> None:
        put(100, "undone")(connection)
        raise NotFound("no such thing")

    go, held = hold(db)
    futures = [db.submit(put(1, "a")), db.submit(half), db.submit(put(2, "a")), db.submit(put(3, "c"))]
    go.set()
    held.result(10)
    outcomes = [future.exception(10) for future in futures]
    assert outcomes[0] is None or outcomes[2] is None  # whichever came first has the name
    assert isinstance(outcomes[1], NotFound)
    assert [type(outcome) for outcome in outcomes].count(sa.exc.IntegrityError) == 1
    assert outcomes[3] is None
    assert db.read(names) == ["a", "c"]


def test_failing_work_alone_leaves_nothing(db: Database) -> None:
    def half(connection: sa.Connection) -> None:
        put(1, "undone")(connection)
        raise ValueError("oh")

    with pytest.raises(ValueError, match="oh"):
        db.write(half)
    assert db.read(names) == []
    db.write(put(1, "done"))
    assert db.read(names) == ["done"]


def test_statement_error_inside_a_work_may_be_handled_by_it(db: Database) -> None:
    db.write(put(1, "a"))

    def work(connection: sa.Connection) -> None:
        try:
            with connection.begin_nested():
                put(2, "a")(connection)
        except sa.exc.IntegrityError:
            put(3, "b")(connection)

    db.write(work)
    assert db.read(names) == ["a", "b"]


def test_read_is_one_snapshot(db: Database) -> None:
    db.write(put(1, "a"))

    def twice(connection: sa.Connection) -> tuple[list[str], list[str]]:
        before = names(connection)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(db.write, put(2, "b")).result(10)
        return before, names(connection)

    assert db.read(twice) == (["a"], ["a"])
    assert db.read(names) == ["a", "b"]


def test_read_inside_a_read_shares_its_snapshot(db: Database) -> None:
    db.write(put(1, "a"))

    def outer(connection: sa.Connection) -> list[str]:
        names(connection)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(db.write, put(2, "b")).result(10)
        return db.read(names)

    assert db.read(outer) == ["a"]


def test_reads_cannot_write(db: Database) -> None:
    with pytest.raises((Unavailable, sa.exc.DBAPIError)):
        db.read(put(1, "a"))
    assert db.read(names) == []


def test_failing_read_leaves_the_thread_able_to_read(db: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError):
        db.read(lambda connection: connection.execute(sa.text("SELECT nothing FROM nowhere")))
    assert db.read(names) == []


def test_write_inside_a_write_is_refused(db: Database) -> None:
    with pytest.raises(RuntimeError, match="inside a write"):
        db.write(lambda connection: db.write(put(1, "a")))
    assert db.read(names) == []


def test_hook_runs_after_the_commit_and_before_the_answer(db: Database) -> None:
    seen: list[list[str]] = []
    reader = ThreadPoolExecutor(1)

    def work(connection: sa.Connection) -> None:
        put(1, "a")(connection)
        db.after_commit(connection, lambda: seen.append(reader.submit(db.read, names).result(10)))
        assert seen == []

    db.write(work)
    assert seen == [["a"]]
    reader.shutdown()


def test_hook_of_a_failed_work_is_dropped(db: Database) -> None:
    ran: list[str] = []

    def work(name: str, fails: bool) -> Callable[[sa.Connection], None]:
        def run(connection: sa.Connection) -> None:
            db.after_commit(connection, lambda: ran.append(name))
            if fails:
                raise ValueError(name)

        return run

    go, held = hold(db)
    futures = [db.submit(work("a", False)), db.submit(work("b", True)), db.submit(work("c", False))]
    go.set()
    held.result(10)
    assert [type(future.exception(10)) for future in futures] == [type(None), ValueError, type(None)]
    with pytest.raises(ValueError, match="alone"):
        db.write(work("alone", True))
    assert sorted(ran) == ["a", "c"]


def test_hook_that_raises_changes_nothing(db: Database) -> None:
    def work(connection: sa.Connection) -> str:
        put(1, "a")(connection)
        db.after_commit(connection, lambda: 1 // 0)
        return "done"

    assert db.write(work) == "done"
    assert db.read(names) == ["a"]


def test_after_commit_needs_a_write(db: Database) -> None:
    with pytest.raises(RuntimeError, match="not inside a write"):
        db.read(lambda connection: db.after_commit(connection, lambda: None))


def test_cancelled_work_never_runs(db: Database) -> None:
    holds = [hold(db) for _ in range(1 if db.dialect == "sqlite" else 8)]  # every writer is busy
    future = db.submit(put(1, "a"))
    assert future.cancel()
    for go, held in holds:
        go.set()
        held.result(10)
    db.write(put(2, "b"))
    assert db.read(names) == ["b"]


def test_close_finishes_what_was_submitted(state_url: str) -> None:
    db = open_database(state_url)
    db.write(tables.create_all)
    futures = [db.submit(put(number, f"n{number}")) for number in range(200)]
    db.close()
    assert all(future.done() for future in futures)
    for call in (lambda: db.write(names), lambda: db.submit(names), lambda: db.read(names)):
        with pytest.raises(Unavailable):
            call()
    db.close()
    again = open_database(state_url)
    assert len(again.read(names)) == 200
    again.close()


def test_insert_knows_on_conflict(db: Database) -> None:
    def upsert(connection: sa.Connection) -> None:
        statement = db.insert(things).values(id=1, name="b")
        connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_={"name": statement.excluded.name})
        )

    db.write(put(1, "a"))
    db.write(upsert)
    assert db.read(names) == ["b"]


def test_rows_by_a_list_of_keys(db: Database) -> None:
    rows = [{"id": number, "name": f"n{number}"} for number in range(2500)]
    db.write(lambda connection: connection.execute(things.insert(), rows) and None)
    keys = [*range(0, 2500, 2), 9999]
    found = db.read(lambda c: [row.id for row in select_among(c, sa.select(things), things.c.id, keys)])
    assert sorted(found) == keys[:-1]
    by_name = db.read(lambda c: list(select_among(c, sa.select(things), things.c.name, iter(["n3", "n4", "none"]))))
    assert sorted(row.id for row in by_name) == [3, 4]
    assert db.read(lambda c: list(select_among(c, sa.select(things), things.c.id, []))) == []
    db.write(lambda c: c.execute(things.delete().where(among(c, things.c.id, keys))) and None)
    assert db.read(lambda c: c.scalar(sa.select(sa.func.count()).select_from(things))) == 1250


@pytest.mark.parametrize("url", ["mysql://localhost/x", "nonsense", "sqlite://", "sqlite:///x.db?busy_seconds=soon"])
def test_unknown_urls_are_refused(url: str) -> None:
    with pytest.raises(Invalid, match="state: "):
        open_database(url)


keyed = sa.Table(
    "keyed",
    sa.MetaData(),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("word", sa.String(20)),
    sa.Column("raw", sa.LargeBinary),
)


@pytest.mark.parametrize(
    ("column", "wanted", "found"),
    [("number", [1, 2**40, 7], [1, 2**40]), ("word", ["é'\"", "x"], [1]), ("raw", [b"\0\xff", b"no"], [2**40])],
)
def test_rows_are_found_by_lists_of_any_type(
    database: Database, column: str, wanted: list[object], found: list[int]
) -> None:
    def work(connection: sa.Connection) -> list[int]:
        keyed.create(connection)
        rows = [(1, "é'\"", b""), (2**40, "word", b"\0\xff")]
        insert_rows(connection, database.insert(keyed), ("number", "word", "raw"), rows)
        return sorted(row.number for row in select_among(connection, sa.select(keyed), keyed.c[column], wanted))

    assert database.write(work) == found


def test_many_rows_of_a_single_column(database: Database) -> None:
    words = sa.Table(
        "bulk_words", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("word", sa.Text)
    )
    given = [(f"word {number}",) for number in range(600)]

    def work(connection: sa.Connection) -> list[str]:
        words.create(connection)
        insert_rows(connection, database.insert(words), ("word",), given)
        return list(connection.scalars(sa.select(words.c.word).order_by(words.c.id)))

    assert database.write(work) == [word for (word,) in given]
