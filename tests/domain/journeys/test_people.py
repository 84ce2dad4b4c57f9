"""What journeys have about a person is told and erased, and nobody else's numbers change but by them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from clarion.core.errors import NotFound
from clarion.domain.audience.people.service import Who
from clarion.domain.journeys import participants, store
from clarion.domain.journeys.entry import store as entry_store
from clarion.domain.journeys.entry.matches import START, Match, Matches, decode_matches, encode_matches
from clarion.domain.journeys.metrics.record import encode
from clarion.domain.journeys.model import Move
from clarion.domain.journeys.people import JourneysHolder
from clarion.domain.journeys.walking.steps import Steps
from tests.columnar import chdb_directory
from tests.databases import postgres_url, state_url
from tests.server.conftest import house
from tests.server.house import SCOPE, House
from tests.server.tables import chdb_url

__all__ = ["chdb_directory", "chdb_url", "house", "postgres_url", "state_url"]

WAIT = {"w": {"Wait": {"WaitTime": {"WaitFor": "P1D"}}}}


def walkers(house: House) -> tuple[str, str]:
    """A journey in which two users and an endpoint wait."""
    app = house.project()
    for name in ("lea", "jon"):
        house.people_of(app, f"{name}-mail", "EMAIL", f"{name}@example.com", User={"UserId": f"{name}-user"})
    house.people(app, "solo")
    journey = house.journey(app, WAIT)
    house.enter(app, journey, "ulea-user", "ujon-user", "esolo", activity="w")
    house.settle()
    return app, journey


def told(house: House, app: str, who: Who, limit: int = 100) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    token = None
    while True:
        part = house.persons.export(SCOPE, app, who, limit, token)
        found.setdefault(part.section, []).extend(part.items)
        token = part.token
        if token is None:
            return {name: found.get(name, []) for name in ("Journeys", "JourneyMoves")}


def erase(house: House, app: str, who: Who) -> None:
    house.persons.erase(SCOPE, app, who, "AKID")
    house.settle()


def inside(house: House, app: str, journey: str) -> tuple[int, list[int]]:
    def work(connection: Any) -> tuple[int, list[int]]:
        row = store.get(connection, app, journey)
        assert row is not None
        return row.inside, [run.inside for run in store.runs(connection, app, journey)]

    return house.database.read(work)


def metrics(house: House, app: str, journey: str) -> dict[str, str]:
    return house.journeys.metrics.journey(SCOPE, app, journey).metrics


def test_somebody_is_told_where_they_are_and_have_been(house: House) -> None:
    app, journey = walkers(house)
    found = told(house, app, Who("lea-user", None))
    assert [(one["JourneyId"], one["Activity"], one["Inside"]) for one in found["Journeys"]] == [(journey, "w", True)]
    assert found["Journeys"][0]["Until"] == house.in_time(days=1)
    assert [one["Outcome"] for one in found["JourneyMoves"]] == ["ENDPOINT_ENTERED", "WAIT_STARTED"]
    assert told(house, app, Who("lea-user", None), 1) == found
    (summary,) = house.persons.tell(SCOPE, app, Who(None, "solo")).details["Journeys"]
    assert (summary["EndpointId"], summary["Entries"]) == ("solo", 1)


def test_whoever_is_erased_is_out_of_the_journey_and_of_its_numbers(house: House) -> None:
    app, journey = walkers(house)
    jon = told(house, app, Who("jon-user", None))
    erase(house, app, Who("lea-user", None))
    assert inside(house, app, journey) == (2, [2])
    assert metrics(house, app, journey)["ENDPOINT_ACTIVE"] == "2"
    assert told(house, app, Who("jon-user", None)) == jon
    with pytest.raises(NotFound):
        house.persons.tell(SCOPE, app, Who("lea-user", None))
    house.advance(minutes=16)
    assert inside(house, app, journey) == (2, [2])
    erase(house, app, Who(None, "solo"))
    house.advance(days=2)
    assert metrics(house, app, journey) == {
        "ENDPOINT_ENTERED": "1",
        "ENDPOINT_ACTIVE": "0",
        "ENDPOINT_LEFT": "1",
        "CANCELLED": "0",
        "REENTRY_CAP_EXCEEDED": "0",
        "ACTIVE_ENDPOINT_REJECTED": "0",
    }
    assert inside(house, app, journey) == (0, [0])


def test_the_last_one_inside_completes_a_closed_journey_by_being_erased(house: House) -> None:
    app, journey = walkers(house)
    house.database.write(lambda connection: store.change(connection, app, journey, state="CLOSED"))
    for who in (Who("lea-user", None), Who("jon-user", None), Who(None, "solo")):
        assert house.journeys.journeys.get(SCOPE, app, journey).row.state == "CLOSED"
        erase(house, app, who)
    assert house.journeys.journeys.get(SCOPE, app, journey).row.state == "COMPLETED"


def test_a_step_that_had_somebody_in_hand_brings_them_not_back(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erased between the reading and the writing of a step: the others move on, the erased one is nowhere."""
    app, journey = walkers(house)
    commit = Steps._commit
    erased: list[str] = []

    def first_erase(self: Steps, connection: Any, job: Any, args: Any, seen: Any, walked: Any) -> None:
        if not erased:
            erased.append("lea")
            row = store.get(connection, app, journey, lock=True)
            assert row is not None
            gone = participants.standings(connection, journey, ["ulea-user"])["ulea-user"]
            participants.remove(connection, journey, ["ulea-user"])
            store.moved(connection, app, journey, {gone.run_id: -1}, house.clock.now_ms())
        commit(self, connection, job, args, seen, walked)

    monkeypatch.setattr(Steps, "_commit", first_erase)
    house.advance(days=2)
    assert erased == ["lea"]
    assert inside(house, app, journey) == (0, [0])
    left = house.database.read(lambda c: participants.standings(c, journey, ["ulea-user", "ujon-user", "esolo"]))
    assert {name: one.reason for name, one in left.items()} == {"ujon-user": "completed", "esolo": "completed"}
    finished = house.journeys.moves.sums(app, journey, "w")
    assert finished == {"WAIT_STARTED": 3, "WAIT_FINISHED": 2}


def test_whoever_comes_back_is_somebody_new(house: House) -> None:
    app, journey = walkers(house)
    erase(house, app, Who("lea-user", None))
    house.people_of(app, "lea-mail", "EMAIL", "lea@example.com", User={"UserId": "lea-user"})
    house.enter(app, journey, "ulea-user", activity="w")
    house.settle()
    before = told(house, app, Who("lea-user", None))
    assert len(before["Journeys"]) == 1
    house.advance(minutes=16)
    assert told(house, app, Who("lea-user", None)) == before
    assert inside(house, app, journey) == (3, [3])


def test_moves_that_were_set_aside_are_without_who_was_erased(house: House) -> None:
    app, journey = walkers(house)
    (holder,) = (one for one in house.persons.holders if isinstance(one, JourneysHolder))
    (redact,) = holder.redactors().values()
    now = house.clock.now_ms()
    person, _ = house.persons.find(app, Who("lea-user", None))
    gone = replace(person, before_ms=now)
    lea, jon, later = (
        Move(app, journey, "r", 1, who, 1, 1, "w", "O", "", at)
        for who, at in (("ulea-user", now), ("ujon-user", now), ("ulea-user", now + 1))
    )
    assert redact(encode([lea, jon, later]), gone) == encode([jon, later])
    assert redact(encode([lea]), gone) is None
    assert redact(encode([jon]), gone) == encode([jon])


def test_events_that_are_to_be_answered_are_without_who_was_erased(house: House) -> None:
    app, journey = walkers(house)
    now = house.clock.now_ms()
    lea, jon, later = (
        Match(START, 1, "", "cart.left", "e1", key, user, at)
        for key, user, at in (("lea-mail", "", now), ("jon-mail", "jon-user", now), ("other", "lea-user", now + 10**9))
    )
    body = encode_matches(Matches(items=[lea, jon, later]))
    house.database.write(lambda connection: entry_store.add_matches(connection, app, [(journey, body)]))
    erase(house, app, Who("lea-user", None))
    (row,) = house.database.read(lambda connection: entry_store.first_matches(connection, app, journey, 9))
    assert decode_matches(row.body).items == [jon, later]
    (done,), _ = house.persons.erasures(SCOPE, app, Who("lea-user", None), 10, None)
    assert msgspec.json.decode(done.counts)["JourneyMatches"] == 1
