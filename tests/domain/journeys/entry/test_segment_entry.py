"""Entries from a segment: when, who, and who not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clarion.core.clock import VirtualClock, iso_ms
from clarion.domain.journeys.entry import parts, runs
from tests.domain.journeys.entry.shop import Shop


def test_everybody_enters_five_minutes_after_publishing(shop: Shop) -> None:
    shop.house.people(shop.app, "lea", "jon")
    journey = shop.journey(shop.segment())
    shop.house.advance(minutes=4)
    shop.house.people(shop.app, "ann")
    assert shop.inside(journey) == []
    assert [run.state for run in shop.runs(journey)] == ["SCHEDULED"]
    shop.house.advance(minutes=1)
    assert shop.inside(journey) == ["eann", "ejon", "elea"]
    assert shop.row(journey).state == "CLOSED"
    assert shop.counts(journey) == {"ENDPOINT_ENTERED": 3, "ENDPOINT_PRODUCED": 3}
    shop.house.advance(days=1)
    assert shop.inside(journey) == []
    assert shop.row(journey).state == "COMPLETED"
    assert [(run.state, run.inside) for run in shop.runs(journey)] == [("COMPLETED", 0)]


def test_a_refresh_lets_new_members_in_and_nobody_twice(shop: Shop) -> None:
    shop.house.people(shop.app, "lea")
    journey = shop.journey(shop.segment(), RefreshFrequency="P2D")
    shop.house.advance(minutes=5)
    shop.house.people(shop.app, "jon")
    shop.house.advance(days=1)
    assert shop.entries(journey) == {"elea": 1}
    shop.house.advance(days=1)
    assert shop.entries(journey) == {"ejon": 1, "elea": 1}
    assert shop.inside(journey) == ["ejon"]
    assert shop.row(journey).state == "ACTIVE"
    assert [run.state for run in shop.runs(journey)] == ["COMPLETED", "RUNNING", "SCHEDULED"]
    assert shop.counts(journey)["REENTRY_CAP_EXCEEDED"] == 1


@pytest.mark.parametrize(
    ("limits", "entries"),
    [
        ({}, [1, 1, 1, 1, 1]),
        ({"EndpointReentryCap": 0}, [1, 1, 2, 2, 3]),
        ({"EndpointReentryCap": 2}, [1, 1, 2, 2, 2]),
        ({"EndpointReentryCap": 0, "EndpointReentryInterval": "PT13H"}, [1, 1, 1, 1, 2]),
    ],
)
def test_entering_again(shop: Shop, limits: dict[str, Any], entries: list[int]) -> None:
    """A day inside, and a refresh every twelve hours: the second comes as they leave."""
    shop.house.people(shop.app, "lea")
    journey = shop.journey(shop.segment(), RefreshFrequency="PT12H", Limits=limits)
    shop.house.advance(minutes=5)
    found = []
    for _ in entries:
        found.append(shop.entries(journey)["elea"])
        shop.house.advance(hours=12, seconds=1)
    assert found == entries


def test_members_of_a_segment_that_changes(shop: Shop) -> None:
    """What a segment means is looked up at the start for good, or each time."""
    shop.house.people(shop.app, "lea", Location={"Country": "DE"})
    shop.house.people(shop.app, "jon", Location={"Country": "AT"})
    segment = shop.segment(Location={"Country": {"Values": ["DE"]}})
    pinned = shop.journey(segment, RefreshFrequency="P1D")
    latest = shop.journey(segment, RefreshFrequency="P1D", RefreshOnSegmentUpdate=True)
    shop.house.advance(minutes=5)
    shop.change(segment, Location={"Country": {"Values": ["AT"]}})
    shop.house.settle()
    assert [shop.entries(one) for one in (pinned, latest)] == [{"elea": 1}, {"ejon": 1, "elea": 1}]
    shop.house.people(shop.app, "ann", Location={"Country": "DE"})
    shop.house.people(shop.app, "eve", Location={"Country": "AT"})
    shop.house.advance(days=1)
    assert shop.entries(pinned) == {"eann": 1, "elea": 1}
    assert shop.entries(latest) == {"eeve": 1, "ejon": 1, "elea": 1}


def test_a_segment_that_changes_before_the_start(shop: Shop) -> None:
    shop.house.people(shop.app, "lea", Location={"Country": "DE"})
    shop.house.people(shop.app, "jon", Location={"Country": "AT"})
    segment = shop.segment(Location={"Country": {"Values": ["DE"]}})
    journey = shop.journey(segment)
    shop.change(segment, Location={"Country": {"Values": ["AT"]}})
    shop.house.advance(minutes=5)
    assert shop.inside(journey) == ["ejon"]


def test_who_cannot_be_reached_does_not_enter(shop: Shop) -> None:
    shop.house.people(shop.app, "lea")
    shop.house.people(shop.app, "out", OptOut="ALL")
    shop.house.people(shop.app, "asleep", EndpointStatus="INACTIVE")
    shop.house.people_of(shop.app, "homeless", "IN_APP", None)
    shop.tell("nobody", "seen")
    journey = shop.journey(shop.segment())
    shop.house.advance(minutes=5)
    assert shop.entries(journey) == {"elea": 1}
    assert shop.counts(journey) == {
        "ENDPOINT_ENTERED": 1,
        "ENDPOINT_INACTIVE": 1,
        "ENDPOINT_MISSING_ADDRESS": 1,
        "ENDPOINT_MISSING_CHANNEL": 1,
        "ENDPOINT_OPT_OUT": 1,
        "ENDPOINT_PRODUCED": 5,
    }


def test_a_user_walks_with_all_their_endpoints(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "TOGETHER", 2)
    shop.house.people(shop.app, "a1", "b1", "c1", User={"UserId": "lea"})
    shop.house.people(shop.app, "b2", OptOut="ALL", User={"UserId": "lea"})
    shop.house.people(shop.app, "jon")
    journey = shop.journey(shop.segment())
    shop.house.advance(minutes=5)
    assert shop.entries(journey) == {"ejon": 1, "ulea": 1}
    counts = shop.counts(journey)
    assert (counts["DUPLICATE_USER"], counts["ENDPOINT_OPT_OUT"], counts["ENDPOINT_ENTERED"]) == (2, 1, 2)


def test_who_is_known_by_now_is_the_one_who_is_inside(shop: Shop) -> None:
    shop.house.people(shop.app, "phone")
    journey = shop.journey(shop.segment(), RefreshFrequency="PT12H", Limits={"EndpointReentryCap": 2})
    shop.house.advance(minutes=5)
    shop.house.people(shop.app, "phone", User={"UserId": "lea"})
    shop.house.advance(hours=12)
    assert shop.entries(journey) == {"ephone": 1}
    assert shop.counts(journey)["ACTIVE_ENDPOINT_REJECTED"] == 1
    shop.house.advance(hours=13)
    assert shop.entries(journey) == {"ephone": 1, "ulea": 1}
    shop.house.advance(hours=48)
    assert shop.entries(journey) == {"ephone": 1, "ulea": 1}


def test_only_so_many_people(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "TOGETHER", 2)
    shop.house.people(shop.app, *"abcde")
    journey = shop.journey(shop.segment(), Limits={"MaximumParticipants": 3})
    shop.house.advance(minutes=5)
    assert shop.inside(journey) == ["ea", "eb", "ec"]
    assert shop.counts(journey)["MAXIMUM_PARTICIPANTS_EXCEEDED"] == 2


def test_an_end(shop: Shop) -> None:
    shop.house.people(shop.app, "lea")
    schedule = {"StartTime": shop.house.in_time(hours=-9), "EndTime": shop.house.in_time(hours=36)}
    journey = shop.journey(shop.segment(), RefreshFrequency="PT12H", Schedule=schedule)
    shop.house.advance(minutes=5)
    assert shop.inside(journey) == ["elea"]
    shop.house.advance(hours=12)
    shop.house.people(shop.app, "jon")
    shop.house.advance(hours=24)
    assert shop.row(journey).state == "CLOSED"
    shop.house.people(shop.app, "ann")
    shop.house.advance(days=2)
    assert shop.entries(journey) == {"ejon": 1, "elea": 1}
    assert shop.row(journey).state == "COMPLETED"
    assert {run.state for run in shop.runs(journey)} <= {"COMPLETED", "CANCELLED"}


def test_a_clock_that_jumps_begins_one_run_of_those_it_missed(shop: Shop) -> None:
    shop.house.people(shop.app, "lea")
    journey = shop.journey(shop.segment(), RefreshFrequency="PT1H", Limits={"EndpointReentryCap": 0})
    shop.house.advance(minutes=5)
    assert isinstance(shop.house.clock, VirtualClock)
    shop.house.clock.move_to(shop.house.clock.now() + timedelta(days=100, minutes=1))
    shop.house.settle()
    assert [run.state for run in shop.runs(journey)] == ["COMPLETED", "RUNNING", "SCHEDULED"]
    assert shop.entries(journey) == {"elea": 2}


def test_months(shop: Shop) -> None:
    """Published on 4 March 2027, 09:15."""
    shop.house.people(shop.app, "lea")
    journey = shop.journey(shop.segment(), RefreshFrequency="P1M", Schedule={"StartTime": "2027-03-31T10:00:00Z"})
    shop.house.advance(days=90)
    found = [iso_ms(run.scheduled_ms)[:16] for run in shop.runs(journey)]
    assert found == ["2027-03-31T10:00", "2027-04-30T10:00", "2027-05-31T10:00", "2027-06-30T10:00"]


# --- in local time


def test_local_time(shop: Shop) -> None:
    """It is 09:15 in UTC; the journey starts at noon, wherever somebody is."""
    zones = {"tokyo": "Asia/Tokyo", "berlin": "Europe/Berlin", "lima": "America/Lima", "moon": "Moon/Base"}
    for name, zone in zones.items():
        shop.house.people(shop.app, name, Demographic={"Timezone": zone})
    shop.house.people(shop.app, "nowhere")
    schedule = {"StartTime": "2027-03-05T12:00:00+10:00", "Timezone": "UTC+10"}
    journey = shop.journey(shop.segment(), LocalTime=True, Schedule=schedule)
    found = {}
    for _ in range(48):
        shop.house.advance(hours=1)
        for name, one in shop.standings(journey).items():
            found[name] = iso_ms(one.entered_ms)[:16]
    assert found == {
        "etokyo": "2027-03-05T03:00",
        "eberlin": "2027-03-05T11:00",
        "elima": "2027-03-05T17:00",
    }
    assert shop.counts(journey)["ENDPOINT_MISSING_TIMEZONE"] == 2
    assert shop.row(journey).state == "CLOSED"


def test_estimated_zones(shop: Shop) -> None:
    """A number of New York takes its first step at noon there."""
    shop.house.people_of(shop.app, "york", "SMS", "+12125550123", Location={"Country": "US"})
    shop.house.people_of(shop.app, "lost", "SMS", "+12125550124")
    schedule = {"StartTime": "2027-03-05T12:00:00Z", "Timezone": "UTC"}
    estimate = {"LocalTime": True, "TimezoneEstimationMethods": ["PHONE_NUMBER"]}
    journey = shop.journey(shop.segment(), Schedule=schedule, **estimate)
    shop.house.advance(hours=27)
    assert iso_ms(shop.standings(journey)["eyork"].due_ms) == "2027-03-05T17:00:00.000Z"
    shop.house.advance(hours=5)
    assert shop.standings(journey)["eyork"].waiting == "wait"
    counts = shop.counts(journey)
    assert (counts["ENDPOINT_ESTIMATED_TIMEZONE"], counts["ENDPOINT_MISSING_TIMEZONE"]) == (1, 1)


def test_a_zone_where_the_end_has_come(shop: Shop) -> None:
    shop.house.people(shop.app, "tokyo", Demographic={"Timezone": "Asia/Tokyo"})
    shop.house.people(shop.app, "lima", Demographic={"Timezone": "America/Lima"})
    schedule = {"StartTime": "2027-03-05T12:00:00Z", "EndTime": "2027-03-05T13:00:00Z", "Timezone": "UTC"}
    journey = shop.journey(shop.segment(), Schedule=schedule, LocalTime=True)
    shop.house.advance(days=2)
    assert shop.entries(journey) == {"elima": 1}
    assert shop.counts(journey)["ENDPOINT_TIMEZONE_MISMATCH"] == 1


def test_one_of_those_at_an_address_enters(shop: Shop) -> None:
    """Users are told apart by their names, whatever their addresses."""
    shop.house.people_of(shop.app, "a", "EMAIL", "lea@example.com")
    shop.house.people_of(shop.app, "b", "EMAIL", "Lea@example.com")
    shop.house.people_of(shop.app, "c", "EMAIL", "LEA@example.com", User={"UserId": "lea"})
    journey = shop.journey(shop.segment())
    shop.house.advance(minutes=5)
    assert shop.inside(journey) == ["ea", "ulea"]
    assert shop.counts(journey)["DUPLICATE_ENDPOINT"] == 1
    assert shop.house.database.read(lambda c: parts.of_journey(c, shop.app, journey)) == []


def test_a_list_of_users(shop: Shop) -> None:
    shop.house.people(shop.app, "phone", "desk", User={"UserId": "lea"})
    shop.house.people(shop.app, "other")
    segment = shop.imported(["", "lea"], ["", "jon"])
    journey = shop.journey(segment, RefreshFrequency="P1D", RefreshOnSegmentUpdate=True)
    shop.house.advance(minutes=5)
    assert shop.counts(journey) == {
        "DUPLICATE_USER": 1,
        "ENDPOINTS_FROM_USER": 2,
        "ENDPOINT_ENTERED": 1,
        "ENDPOINT_PRODUCED": 2,
    }
    shop.imported(["other", ""], into=segment)
    shop.house.settle()
    assert shop.inside(journey) == ["eother", "ulea"]
    assert shop.counts(journey)["ENDPOINTS_FROM_USER"] == 2


# --- edited while people are inside


LONGER = {"wait": {"Wait": {"WaitTime": {"WaitFor": "P9D"}}}}


def test_new_entrants_walk_the_new_version(shop: Shop) -> None:
    shop.house.people(shop.app, "lea")
    segment = shop.segment()
    journey = shop.journey(segment, RefreshFrequency="PT12H")
    shop.house.advance(minutes=5)
    shop.edit(journey, segment, RefreshFrequency="PT6H", Activities=LONGER)
    shop.house.people(shop.app, "jon")
    shop.house.advance(hours=6)
    assert {name: one.version for name, one in shop.standings(journey).items()} == {"elea": 1, "ejon": 2}
    shop.house.advance(days=2)
    assert shop.inside(journey) == ["ejon"]


def test_an_edit_that_takes_the_refresh_away_closes(shop: Shop) -> None:
    shop.house.people(shop.app, "lea")
    segment = shop.segment()
    journey = shop.journey(segment, RefreshFrequency="PT12H")
    shop.house.advance(minutes=5)
    shop.edit(journey, segment)
    shop.house.settle()
    assert shop.row(journey).state == "CLOSED"
    assert [run.state for run in shop.runs(journey)] == ["RUNNING", "CANCELLED"]


def test_an_edit_before_the_start(shop: Shop) -> None:
    shop.house.people(shop.app, "lea")
    segment = shop.segment()
    journey = shop.journey(segment)
    shop.edit(journey, segment, Schedule={"StartTime": shop.house.in_time(hours=3)})
    shop.house.advance(hours=2)
    assert shop.inside(journey) == []
    shop.house.advance(hours=1)
    assert shop.inside(journey) == ["elea"]
    assert len(shop.runs(journey)) == 1
