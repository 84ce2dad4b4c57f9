"""Setting up streams, erasing people from what waits, and looking at it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from clarion.channels.streaming.port import Failed, Record, StreamFailed
from clarion.core.errors import Invalid, NotFound
from clarion.core.ids import SeededIds
from clarion.core.scope import Scope
from clarion.domain.audience.people.holder import Person
from clarion.domain.streams import model, sealing, store, turns
from clarion.domain.streams.model import TEST
from clarion.store.database import Database
from clarion.store.vault import Vault
from tests.domain.streams.house import ACCOUNT, House, Place, dead, fine, request, sent
from tests.domain.streams.test_delivery import many

KINESIS = f"arn:aws:kinesis:eu-central-1:{ACCOUNT}:stream/events"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/streaming"


@pytest.mark.parametrize(
    ("uri", "role", "at_fault"),
    [
        ("arn:aws:kinesis", ROLE, "DestinationStreamArn: is not an ARN"),
        (KINESIS, "", "RoleArn"),
        (KINESIS, "streaming", "RoleArn"),
        (KINESIS, "arn:aws:iam::000000000001:user/me", "RoleArn"),
        (KINESIS, ROLE.replace(ACCOUNT, "000000000002"), "RoleArn: must be a role of account"),
        ("https://acme.test/hook", "x" * 3000, "RoleArn"),
    ],
)
def test_what_cannot_be_meant(uri: str, role: str, at_fault: str) -> None:
    with pytest.raises(Invalid, match=f"^{at_fault}"):
        model.check(uri, role)


def test_what_can_be_meant() -> None:
    model.check(KINESIS, ROLE)
    model.check(KINESIS.replace(ACCOUNT, "123456789012"), ROLE.replace(ACCOUNT, "123456789012"))
    model.check("https://acme.test/hook", "")


def test_put_asks_the_destination(house: House) -> None:
    app = house.app()
    place = house.places.places["fake://a"] = Place()
    place.wrong = "does not exist"
    with pytest.raises(Invalid, match="does not exist"):
        house.put(app, "fake://a")
    with pytest.raises(Invalid, match="no such place"):
        house.put(app, "fake://elsewhere")
    with pytest.raises(NotFound):
        house.streams.get(house.scope, app)
    assert place.opened == place.closed == 1
    place.wrong = ""
    house.put(app, "fake://a")
    assert house.streams.get(house.scope, app).modified_by == "arn:aws:iam::1:user/me"


def test_a_destination_that_does_not_answer_is_taken(house: House) -> None:
    app = house.app()
    place = house.places.places["fake://a"] = Place()
    place.away = "does not answer"
    house.put(app, "fake://a")
    progress = house.streams.status(house.scope, app).progress
    assert (progress.attempts, progress.error) == (1, "DestinationStreamArn: does not answer")
    with pytest.raises(Invalid, match="does not answer"):
        house.streams.test(house.scope, app)
    place.away = ""
    house.report(request(app, [("ep", "1")]))
    house.settle()
    assert place.ids() == ["1"]
    assert house.streams.status(house.scope, app).progress.attempts == 0


def test_streams_of_others(house: House) -> None:
    app, _ = house.stream()
    elsewhere = Scope(ACCOUNT, "us-east-1")
    streams = house.streams
    for verb in (streams.get, streams.delete, streams.status, streams.test, streams.retry):
        with pytest.raises(NotFound):
            verb(elsewhere, app)
        with pytest.raises(NotFound):
            verb(house.scope, house.app())
    assert house.streams.all(elsewhere) == []
    assert [one.stream.app_id for one in house.streams.all(house.scope)] == [app]


def test_a_secret_is_never_shown_and_kept_when_sent_back(house: House) -> None:
    app, place = house.stream("fake://a")
    row = house.put(app, "fake://a?secret=hush")
    assert row.destination == "fake://a?secret=***"
    assert b"hush" not in (row.sealed or b"")
    assert house.streams.uri_of(row) == "fake://a?secret=hush"
    again = house.put(app, row.destination)
    assert house.streams.uri_of(again) == "fake://a?secret=hush"
    house.report(request(app, [("ep", "1")]))
    house.settle()
    assert place.ids() == ["1"]


def test_secrets_are_sealed_anew_with_another_key(house: House) -> None:
    app, _ = house.stream("fake://a")
    house.put(app, "fake://a?secret=hush")
    house.stream("fake://b")
    ids, old, new = SeededIds(7), b"o" * 32, b"n" * 32
    first = sealing.reseal(house.database, Vault([new, house.vault_key], ids))
    assert first == (1, 1, [])
    assert sealing.examine(house.database, Vault([new], ids)) == (1, 0, [])
    found, older, closed = sealing.reseal(house.database, Vault([old], ids))
    assert (found, older, len(closed)) == (1, 0, 1)


def test_the_test_record_comes_behind_what_waits(house: House) -> None:
    app, place = house.stream()
    place.answer = dead
    house.report(request(app, [("ep", "1")]))
    house.settle()
    event_type, client_id = house.streams.test(house.scope, app)
    place.answer = fine
    house.streams.retry(house.scope, app)
    house.settle()
    assert [record.key for record in place.arrived] == ["ep", client_id]
    assert f'"event_type":"{TEST}"'.encode() in place.arrived[1].data
    assert event_type == TEST
    place.away = "gone"
    with pytest.raises(Invalid, match="gone"):
        house.streams.test(house.scope, app)


def test_erasing_while_a_batch_is_out_loses_nobody_else(house: House) -> None:
    app, place = house.stream()
    house.report(request(app, [("gone", str(n)) for n in range(10)] + many(app, 90, first=10)))

    def erase_and_fail(records: Sequence[Record]) -> Sequence[Failed]:
        if json.loads(records[0].data)["attributes"]["n"] != "50":
            return ()
        place.answer = fine
        house.holder.erase([Person(app_id=app, keys=["gone"], before_ms=1804151403018)])
        raise StreamFailed("Broken", "in the middle")

    place.answer = erase_and_fail
    house.settle()
    house.advance(60)
    assert set(map(int, place.ids())) >= set(range(10, 100))


def test_an_erased_person_is_taken_out_of_what_waits(house: House) -> None:
    app, place = house.stream()
    place.answer = dead
    house.report(request(app, many(app, 9)))
    house.report(request(app, [("ep-1", "only")]))
    house.record(sent(app, "9", "ep-1"), sent(app, "10", "ep-2"))
    house.consumer.catch_up()
    house.settle()
    person = Person(app_id=app, keys=["ep-1"], before_ms=house.clock.now_ms(), late=False)
    assert house.holder.count(person) == {"StreamEvents": 5, "StreamRefusals": 0}
    house.holder.erase([person])
    assert house.holder.count(person) == {"StreamEvents": 0, "StreamRefusals": 0}
    assert house.status(app).progress.waiting == 7
    place.answer = fine
    house.advance(10)
    assert place.ids() == ["0", "2", "3", "5", "6", "8", "10"]
    progress = house.status(app).progress
    assert (progress.waiting, progress.bytes) == (0, 0)


def test_two_processes_deliver_a_stream_once(database: Database) -> None:
    one = House(database)
    two = House(database, clock=one.clock, places=one.places, seed=2)
    app, place = one.stream()
    for first in range(0, 100, 10):
        one.report(request(app, many(app, 10, first=first)))
        one.consumer.catch_up()
        one.pump.step()
        two.pump.step()
    one.settle()
    two.settle()
    assert place.ids() == [str(n) for n in range(100)]
    one.stop()
    one.report(request(app, [("ep", "last")]))
    two.settle()
    assert place.ids()[100:] == ["last"]
    two.stop()


def test_what_a_killed_process_held_is_delivered_by_another(database: Database) -> None:
    one = House(database)
    app, place = one.stream()
    one.report(request(app, many(app, 30)))
    one.consumer.catch_up()
    held = one.database.read(lambda c: store.get(c, app))
    assert held is not None
    real = 10**12
    assert one.database.write(lambda c: turns.take(c, app, "dead", real, real + 6_000)) == held
    assert one.database.write(lambda c: turns.take(c, app, "alive", real + 5_999, real + 12_000)) is None
    assert one.database.write(lambda c: turns.take(c, app, "alive", real + 6_000, real + 12_000)) == held
    one.database.write(lambda c: turns.let_go(c, "alive"))
    one.settle()
    assert place.ids() == [str(n) for n in range(30)]
    one.stop()
