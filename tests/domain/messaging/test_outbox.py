"""The outbox on both state databases: who gets which rows, and when a group is done."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from clarion.domain.messaging import outbox
from clarion.domain.messaging.outbox import Leased, NewRow
from clarion.store.database import Database, open_database
from clarion.store.schema import metadata

TABLES = [outbox.outbox, outbox.outbox_leases, outbox.outbox_groups, outbox.outbox_parked]
NOW = 1_000_000


@pytest.fixture
def db(database: Database) -> Database:
    database.write(lambda connection: metadata.create_all(connection, tables=TABLES))
    return database


@pytest.fixture
def other(db: Database, state_url: str) -> Iterator[Database]:
    """The same database from another process."""
    opened = open_database(state_url)
    yield opened
    opened.close()


def row(name: str, *, due: int = NOW, group: str = "", channel: str = "EMAIL") -> NewRow:
    return NewRow(name, channel, group, due, None, name.encode())


def add(db: Database, *rows: NewRow) -> None:
    db.write(lambda connection: outbox.add(db, connection, rows))


def lease(db: Database, owner: str = "a", *, now: int = NOW, most: int = 10) -> list[str]:
    """Lease and tell the messages that are new among those held, in their order."""
    before = db.read(lambda connection: outbox.held(connection, owner))
    count = db.write(lambda connection: outbox.lease(db, connection, "EMAIL", "2EMAIL", owner, now, most))
    found = [leased for leased in db.read(lambda connection: outbox.held(connection, owner)) if leased not in before]
    assert len(before) + len(found) == count
    return [leased.message_id for leased in found]


def take_over(db: Database, dead: str, owner: str) -> list[Leased]:
    assert db.write(lambda c: outbox.take_over(c, "EMAIL", dead, owner, 10)) > 0
    return db.read(lambda c: outbox.held(c, owner))


def record(connection: sa.Connection, owner: str, seqs: list[int]) -> set[int]:
    """What a lane does with messages that are done."""
    ours = outbox.release(connection, owner, seqs)
    outbox.delete(connection, list(ours))
    return ours


def seqs(db: Database, *names: str) -> list[int]:
    table = outbox.outbox
    wanted = sa.select(table.c.seq).where(table.c.message_id.in_(names)).order_by(table.c.seq)
    return list(db.read(lambda connection: connection.scalars(wanted).all()))


def test_due_rows_of_the_channel_are_leased_once(db: Database) -> None:
    add(db, row("a"), row("b", due=NOW - 1), row("later", due=NOW + 1), row("sms", channel="SMS"))
    assert sorted(lease(db, "one")) == ["a", "b"]
    assert lease(db, "two") == []
    assert lease(db, "two", now=NOW + 1) == ["later"]


def test_earlier_due_rows_go_first(db: Database) -> None:
    add(db, *(row(str(number), due=NOW - number) for number in range(9)))
    assert [lease(db, most=3) for _ in range(3)] == [["6", "7", "8"], ["3", "4", "5"], ["0", "1", "2"]]


def test_a_message_id_is_in_once(db: Database) -> None:
    add(db, row("a"))
    add(db, row("a", due=NOW - 5), row("b"))
    assert lease(db) == ["a", "b"]


def test_only_the_owner_records_or_retries(db: Database) -> None:
    add(db, row("a"), row("b"))
    lease(db, "one")
    both = seqs(db, "a", "b")
    assert db.write(lambda c: outbox.release(c, "two", both)) == set()
    assert db.read(lambda c: outbox.ready(c, "EMAIL")) == []
    assert db.write(lambda c: outbox.release(c, "one", both)) == set(both)
    db.write(lambda c: outbox.retry(c, [outbox.Again(both[0], NOW + 9)]))
    db.write(lambda c: outbox.delete(c, both[1:]))
    assert [one.due_ms for one in db.read(lambda c: outbox.ready(c, "EMAIL"))] == [NOW + 9]
    assert db.read(lambda c: outbox.among(c, ["a", "b"])) == {"a"}


def test_what_another_lane_took_over_is_not_ours_any_more(db: Database) -> None:
    add(db, row("a"))
    lease(db, "one")
    (taken,) = take_over(db, "one", "two")
    add(db, row("b"))
    lease(db, "one")
    both = seqs(db, "a", "b")
    assert db.write(lambda c: outbox.release(c, "one", both)) == {both[1]}
    assert db.read(lambda c: outbox.held(c, "two")) == [taken]


def test_attempts_are_counted_by_leasing_not_by_taking_over(db: Database) -> None:
    add(db, row("a"))
    lease(db, "one")
    (taken,) = take_over(db, "one", "two")
    assert (taken.message_id, taken.attempts) == ("a", 1)
    db.write(lambda c: outbox.release(c, "two", [taken.seq]))
    db.write(lambda c: outbox.retry(c, [outbox.Again(taken.seq, NOW)]))
    assert lease(db, "two") == ["a"]
    (again,) = db.read(lambda c: outbox.held(c, "two"))
    assert again.attempts == 2
    assert db.read(lambda c: outbox.owners(c, "EMAIL")) == {"two"}


def test_a_lease_without_its_message_ends_with_the_others(db: Database) -> None:
    add(db, row("a"), row("b"))
    lease(db, "one")
    db.write(lambda c: c.execute(outbox.outbox.delete().where(outbox.outbox.c.message_id == "a")).rowcount)
    (taken,) = take_over(db, "one", "two")
    db.write(lambda c: record(c, "two", [taken.seq]))
    assert db.read(lambda c: outbox.unfinished(c, "EMAIL", ["2EMAIL"], NOW)) == 0


def test_two_processes_at_once_share_the_rows(db: Database, other: Database) -> None:
    add(db, *(row(f"{number:04d}") for number in range(400)))
    taken: dict[str, list[str]] = {"one": [], "two": []}

    def work(owner: str, mine: Database) -> None:
        while found := lease(mine, owner, most=20):
            taken[owner] += found

    threads = [threading.Thread(target=work, args=pair) for pair in (("one", db), ("two", other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(taken["one"]) + len(taken["two"]) == 400
    assert set(taken["one"]).isdisjoint(taken["two"])


def closed_group(db: Database) -> None:
    db.write(lambda c: outbox.open_group(db, c, "g", "done", b"{}"))
    db.write(lambda c: outbox.open_group(db, c, "g", "other", b"{}"))  # a second announcement changes nothing
    db.write(lambda c: outbox.close_group(c, "g"))


def test_a_group_is_done_when_it_is_closed_and_empty(db: Database) -> None:
    def drained(connection: sa.Connection) -> object:
        return outbox.drained(connection, ["g", "", "unknown"])

    db.write(lambda c: outbox.open_group(db, c, "g", "done", b"{}"))
    assert db.write(drained) == []
    add(db, row("a", group="g"))
    db.write(lambda c: outbox.close_group(c, "g"))
    assert db.write(drained) == []
    lease(db)
    db.write(lambda c: record(c, "a", seqs(db, "a")))
    assert db.write(drained) == [("g", "done", b"{}")]
    assert db.write(drained) == []


@pytest.mark.parametrize("first", ["lane", "closer"])
def test_whoever_ends_a_group_last_sees_it_done(db: Database, other: Database, first: str) -> None:
    """One transaction deletes the last message while another closes the group; SQLite lets them queue."""
    db.write(lambda c: outbox.open_group(db, c, "g", "done", b"{}"))
    add(db, row("a", group="g"))
    lease(db)
    (seq,) = seqs(db, "a")
    acted, pause, results = threading.Event(), threading.Event(), []
    waits = db.dialect == "postgresql"

    def lane(connection: sa.Connection) -> None:
        record(connection, "a", [seq])
        results.extend(outbox.drained(connection, ["g"]))

    def closer(connection: sa.Connection) -> None:
        outbox.close_group(connection, "g")
        results.extend(outbox.drained(connection, ["g"]))

    begins, follows = (lane, closer) if first == "lane" else (closer, lane)
    started = threading.Event()

    def hold(connection: sa.Connection) -> None:
        begins(connection)
        acted.set()
        if waits:
            # Until the other transaction stands before the group's row, or, were that not so, for a while.
            blocked = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            started.wait(10)
            for _ in range(200):
                if connection.scalar(blocked):
                    break
                pause.wait(0.01)

    def follow(connection: sa.Connection) -> None:
        started.set()
        follows(connection)

    threads = [
        threading.Thread(target=lambda: db.write(hold)),
        threading.Thread(target=lambda: acted.wait(10) and other.write(follow)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [("g", "done", b"{}")]


def test_two_lanes_that_delete_the_last_messages_at_once(db: Database, other: Database) -> None:
    closed_group(db)
    add(db, row("a", group="g"), row("b", group="g"))
    assert lease(db, "one", most=1) + lease(db, "two", most=1) == ["a", "b"]
    results: list[object] = []
    barrier = threading.Barrier(2)

    def lane(mine: Database, name: str, seq: int) -> None:
        def work(connection: sa.Connection) -> None:
            assert record(connection, name, [seq]) == {seq}
            if mine.dialect == "postgresql":
                barrier.wait(10)
            results.extend(outbox.drained(connection, ["g"]))

        mine.write(work)

    threads = [
        threading.Thread(target=lane, args=pair)
        for pair in zip((db, other), ("one", "two"), seqs(db, "a", "b"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert results == [("g", "done", b"{}")]


def test_parked_planners_come_back_when_there_is_room(db: Database) -> None:
    add(db, *(row(str(number)) for number in range(3)))
    db.write(lambda c: outbox.park(db, c, "plan", "EMAIL", "page", b"1"))
    db.write(lambda c: outbox.park(db, c, "plan", "EMAIL", "page", b"2"))
    assert db.write(lambda c: outbox.unpark(c, "EMAIL", 3)) == []
    assert db.write(lambda c: outbox.unpark(c, "SMS", 100)) == []
    assert db.write(lambda c: outbox.unpark(c, "EMAIL", 4)) == [("plan", "page", b"1")]
    assert db.write(lambda c: outbox.unpark(c, "EMAIL", 4)) == []


def test_what_is_not_handed_over_yet_can_be_taken_back(db: Database) -> None:
    add(db, row("a", group="g"), row("b", group="g"), row("c", group="h"))
    lease(db, most=1)
    assert db.write(lambda c: outbox.delete_group(c, "g")) == 1
    assert db.read(lambda c: outbox.among(c, ["a", "b", "c"])) == {"a", "c"}


def test_direct_messages_of_a_project_are_found(db: Database) -> None:
    mine, theirs = outbox.direct_group("1" * 32), outbox.direct_group("2" * 32)
    add(db, row("a", group=mine), row("b", group=theirs), row("c", group=mine), row("d", group=mine))
    assert lease(db, most=1) == ["a"]
    counts = [db.write(lambda c: outbox.erase_direct(c, "1" * 32, 1)) for _ in range(3)]
    assert counts == [1, 1, 0]
    assert [one.message_id for one in db.read(lambda c: outbox.after(c, 0, 10))] == ["a", "b"]
    assert db.write(lambda c: outbox.drained(c, [mine])) == []


def test_a_dropped_message_is_nobody_s_any_more(db: Database) -> None:
    add(db, row("a"), row("b"), row("c"))
    assert lease(db, most=2) == ["a", "b"]
    a, b, c = db.read(lambda connection: outbox.after(connection, 0, 10))
    db.write(lambda connection: outbox.drop(connection, [a.seq, c.seq]))
    assert db.write(lambda connection: record(connection, "a", [a.seq, b.seq])) == {b.seq}
    assert db.read(lambda connection: outbox.after(connection, 0, 10)) == []
