"""Rows of what is known about addresses, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pytest
import sqlalchemy as sa

from clarion.domain.email import store
from clarion.domain.email.model import ALL, Complained, Digests, Entry, Topic, place_of
from clarion.store.database import Database

T = TypeVar("T")
APP = "a" * 32
DIGESTS = Digests(b"k" * 32)
LEA = DIGESTS.of(APP, "lea@example.com")
JON = DIGESTS.of(APP, "jon@example.com")


def entry(address: str, at_ms: int = 1) -> Entry:
    return Entry(address=address, reason="BOUNCE", at_ms=at_ms, message_id="m", detail="550")


def write(database: Database, work: Callable[[sa.Connection], T]) -> T:
    return database.write(work)


def test_an_address_is_listed_once_and_as_it_came_first(database: Database) -> None:
    for at_ms in (1, 2):
        one = entry("lea@example.com", at_ms)
        write(database, lambda c, one=one: store.suppress(database, c, APP, {LEA: one}))  # type: ignore[misc]
    assert database.read(lambda c: store.suppressed(c, APP, [LEA, JON])) == {LEA: entry("lea@example.com", 1)}
    assert database.read(lambda c: store.suppresses(c, APP))
    assert not database.read(lambda c: store.suppresses(c, "b" * 32))
    assert write(database, lambda c: store.unsuppress(c, APP, LEA))
    assert not write(database, lambda c: store.unsuppress(c, APP, LEA))


def test_entries_are_listed_newest_first_and_paged(database: Database) -> None:
    entries = {f"{number:032x}": entry(f"p{number}@example.com", number // 2) for number in range(6)}
    write(database, lambda c: store.suppress(database, c, APP, entries))
    whole = database.read(lambda c: store.listed(c, APP, None, None, 10))
    assert [digest for digest, _ in whole] == sorted(entries, reverse=True)
    digest, last = whole[2]
    after = (last.at_ms, digest)
    assert database.read(lambda c: store.listed(c, APP, "BOUNCE", after, 10)) == whole[3:]
    assert database.read(lambda c: store.listed(c, APP, "MANUAL", None, 10)) == []


def test_a_message_has_one_complaint_and_its_person_may_have_it_dropped(database: Database) -> None:
    one = Complained(app_id=APP, message_id="m", address="lea@example.com", endpoint_id="Lea", user_id="u", at_ms=1)
    for _ in range(2):
        write(database, lambda c: store.complain(database, c, LEA, one))
    (kept,) = database.read(lambda c: store.complained(c, APP, None, 10))
    assert kept.complaint == one
    for digests, user, keys in (([LEA], "", []), ([], "u", []), ([], "", ["lea"])):
        found = database.read(lambda c, d=digests, u=user, k=keys: store.complained_of(c, APP, d, u, k))  # type: ignore[misc]
        assert found == [kept]
    assert database.read(lambda c: store.complained_of(c, APP, [JON], "w", ["jon"])) == []
    write(database, lambda c: store.withdraw(c, [kept.seq]))
    assert database.read(lambda c: store.complained(c, APP, None, 10)) == []


def test_choices_change_and_go_with_their_topic(database: Database) -> None:
    write(database, lambda c: store.put_topic(database, c, APP, Topic(name="news", title="Old")))
    write(database, lambda c: store.put_topic(database, c, APP, Topic(name="news", title="News", subscribed=False)))
    assert database.read(lambda c: store.topics_of(c, APP)) == [Topic(name="news", title="News", subscribed=False)]
    for wanted in (True, False):
        choice = {"news": wanted, ALL: True}
        write(database, lambda c, w=choice: store.choose(database, c, APP, "lea@example.com", LEA, w, 1))  # type: ignore[misc]
    chosen = database.read(lambda c: store.chosen(c, APP, [LEA, JON]))
    assert sorted(chosen) == [(LEA, ALL, True), (LEA, "news", False)]
    assert write(database, lambda c: store.remove_topic(c, APP, "news"))
    assert database.read(lambda c: store.chosen(c, APP, [LEA])) == [(LEA, ALL, True)]


def test_of_somebody_who_is_forgotten_only_digests_stay(database: Database) -> None:
    write(database, lambda c: store.suppress(database, c, APP, {LEA: entry("lea@example.com")}))
    wanted = {"news": False, "offers": True}
    write(database, lambda c: store.choose(database, c, APP, "lea@example.com", LEA, wanted, 1))
    assert database.read(lambda c: store.counts(c, APP, [LEA])) == (1, 2)
    write(database, lambda c: store.forget(c, APP, [LEA]))
    assert database.read(lambda c: store.counts(c, APP, [LEA])) == (0, 0)
    (left,) = database.read(lambda c: store.suppressed(c, APP, [LEA])).values()
    assert (left.address, left.message_id, left.detail) == ("", "", "")
    assert database.read(lambda c: store.chosen(c, APP, [LEA])) == [(LEA, "news", False)]


def test_a_project_goes_in_pieces(database: Database) -> None:
    entries = {f"{number:032x}": entry(f"p{number}@example.com") for number in range(5)}
    other = "b" * 32
    for app_id in (APP, other):
        write(database, lambda c, a=app_id: store.suppress(database, c, a, entries))  # type: ignore[misc]
        write(database, lambda c, a=app_id: store.put_topic(database, c, a, Topic(name="n", title="n")))  # type: ignore[misc]
    done = []
    while not done or done[-1]:
        done.append(write(database, lambda c: store.erase(c, APP, 2)))
    assert sum(done) == 6
    assert len(database.read(lambda c: store.listed(c, other, None, None, 10))) == 5


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("Lea@Example.COM", "lea@example.com"),
        ('"Lea" <lea@example.com>', "lea@example.com"),
        ("lea@bücher.example", "lea@xn--bcher-kva.example"),
        (" not an address ", "not an address"),
        ("", ""),
    ],
)
def test_addresses_are_written_one_way(address: str, place: str) -> None:
    assert place_of(address) == place
