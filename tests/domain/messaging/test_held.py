"""Groups of the outbox that are held back: nothing of them is handed over, whatever becomes of it meanwhile."""

from __future__ import annotations

from clarion.domain.messaging import outbox
from clarion.store.database import Database
from tests.domain.messaging.test_outbox import NOW, add, db, lease, row, seqs

__all__ = ["db"]


def opened(db: Database, *groups: str) -> None:
    for group in groups:
        db.write(lambda c, group=group: outbox.open_group(db, c, group, "job", b"{}"))  # type: ignore[misc]


def test_a_held_group_waits_and_others_do_not(db: Database) -> None:
    opened(db, "g", "h")
    add(db, row("g1", group="g"), row("h1", group="h"), row("g2", group="g", due=NOW + 5))
    assert db.write(lambda c: outbox.hold_group(c, "g")) == 2
    assert db.write(lambda c: outbox.hold_group(c, "g")) == 0
    assert [one.due_ms for one in db.read(lambda c: outbox.ready(c, "EMAIL"))] == [NOW]
    assert not db.read(lambda c: outbox.waiting(c, "EMAIL", 2))
    assert lease(db, now=NOW + 10_000) == ["h1"]
    assert db.read(lambda c: outbox.unfinished(c, "EMAIL", ["2EMAIL"], NOW + 10_000)) == 1
    assert db.write(lambda c: outbox.free_group(c, "g", 1_000)) == 2
    assert lease(db, now=NOW + 999) == []
    assert lease(db, now=NOW + 1_000) == ["g1"]
    assert lease(db, now=NOW + 1_005) == ["g2"]


def test_what_fails_while_its_group_is_held_waits_too(db: Database) -> None:
    opened(db, "g", "h")
    add(db, row("g1", group="g"), row("h1", group="h"))
    assert sorted(lease(db)) == ["g1", "h1"]
    db.write(lambda c: outbox.hold_group(c, "g"))

    found = seqs(db, "g1", "h1")
    db.write(lambda c: (outbox.release(c, "a", found), outbox.retry(c, [outbox.Again(seq, NOW + 1) for seq in found])))
    assert lease(db, now=NOW + 10_000) == ["h1"]
    db.write(lambda c: outbox.free_group(c, "g", 0))
    assert lease(db, now=NOW + 1) == ["g1"]


def test_a_held_group_can_be_dropped_and_is_not_drained_before(db: Database) -> None:
    opened(db, "g")
    add(db, row("g1", group="g"))
    db.write(lambda c: outbox.hold_group(c, "g"))
    db.write(lambda c: outbox.close_group(c, "g"))
    assert db.write(lambda c: outbox.drained(c, ["g"])) == []
    assert db.write(lambda c: outbox.delete_group(c, "g")) == 1
    assert [name for name, _, _ in db.write(lambda c: outbox.drained(c, ["g"]))] == ["g"]
