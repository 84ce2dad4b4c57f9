"""Entries by events, and what events do to those inside."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clarion.core.clock import VirtualClock
from tests.domain.journeys.entry.shop import Shop, on, started_by

AWAIT = {
    "await": {
        "WaitForEvent": {
            "EventFilter": on("bought"),
            "Timeout": {"WaitFor": "P3D"},
            "NextActivity": "thanks",
            "TimeoutActivity": "reminder",
        }
    },
    "thanks": {"Wait": {"WaitTime": {"WaitFor": "P9D"}}},
    "reminder": {"Wait": {"WaitTime": {"WaitFor": "P9D"}}},
}
AWAITING: dict[str, Any] = {"StartActivity": "await", "Activities": AWAIT}


def places(shop: Shop, journey: str) -> dict[str, str]:
    return {name: one.activity for name, one in sorted(shop.standings(journey).items()) if one.inside}


def test_whoever_does_it_enters_once_the_journey_has_begun(shop: Shop) -> None:
    shop.house.people(shop.app, "lea", "jon", "ann")
    journey = shop.journey(**started_by("joined"))
    shop.tell("lea", "joined")
    shop.house.settle()
    shop.house.advance(minutes=5)
    assert [run.state for run in shop.runs(journey)] == ["RUNNING"]
    shop.tell("jon", "joined")
    shop.tell("ann", "left")
    shop.house.settle()
    assert shop.inside(journey) == ["ejon"]
    assert shop.row(journey).state == "ACTIVE"
    assert shop.counts(journey) == {"ENDPOINT_ENTERED": 1, "ENDPOINT_PRODUCED": 1}


def test_an_awaited_event_leads_on_and_its_absence_elsewhere(shop: Shop) -> None:
    shop.house.people(shop.app, "lea", "jon")
    journey = shop.journey(shop.segment(), **AWAITING)
    shop.tell("lea", "bought", "too early")
    shop.house.advance(minutes=5)
    assert places(shop, journey) == {"ejon": "await", "elea": "await"}
    shop.house.advance(minutes=1)
    shop.tell("lea", "bought", "now")
    shop.house.settle()
    assert places(shop, journey) == {"ejon": "await", "elea": "thanks"}
    shop.house.advance(days=3)
    assert places(shop, journey) == {"ejon": "reminder", "elea": "thanks"}


def test_an_exit_event_lets_go(shop: Shop) -> None:
    shop.house.people(shop.app, "lea", "jon")
    journey = shop.journey(shop.segment(), ExitCriteria={"Events": [on("bought"), on("left")]})
    shop.house.advance(minutes=5)
    shop.tell("lea", "left")
    shop.house.settle()
    assert shop.inside(journey) == ["ejon"]
    assert shop.standings(journey)["elea"].reason == "exit: left"


def test_an_event_and_a_segment(shop: Shop) -> None:
    shop.house.people(shop.app, "lea", Location={"Country": "DE"})
    shop.house.people(shop.app, "jon", Location={"Country": "AT"})
    journey = shop.journey(**started_by("joined", segment=shop.segment(Location={"Country": {"Values": ["DE"]}})))
    shop.house.advance(minutes=5)
    shop.tell("lea", "joined")
    shop.tell("jon", "joined")
    shop.house.settle()
    assert shop.inside(journey) == ["elea"]
    assert shop.counts(journey)["FILTERED_OUT_BY_SEGMENT"] == 1


def test_what_an_event_is_asked_for(shop: Shop) -> None:
    shop.house.people(shop.app, "lea", "jon", "ann")
    asked = {
        "Attributes": {"plan": {"AttributeType": "INCLUSIVE", "Values": ["gold"]}},
        "Metrics": {"price": {"ComparisonOperator": "GREATER_THAN", "Value": 10}},
    }
    journey = shop.journey(**started_by("bought", **asked))
    shop.house.advance(minutes=5)
    shop.tell("lea", "bought", Attributes={"plan": "gold"}, Metrics={"price": 11})
    shop.tell("jon", "bought", Attributes={"plan": "gold"}, Metrics={"price": 10})
    shop.tell("ann", "bought", Attributes={"plan": "free"}, Metrics={"price": 11})
    shop.house.settle()
    assert shop.inside(journey) == ["elea"]


def test_entering_again_by_events(shop: Shop) -> None:
    """A day inside; at most twice, and not within a day of leaving."""
    shop.house.people(shop.app, "lea")
    limits = {"EndpointReentryCap": 2, "EndpointReentryInterval": "P1D"}
    journey = shop.journey(**started_by("joined"), Limits=limits)
    shop.house.advance(minutes=5)
    found = []
    for number in range(5):
        shop.tell("lea", "joined", f"{number}", f"again {number}")
        shop.house.settle()
        found.append(shop.entries(journey)["elea"])
        shop.house.advance(days=1)
    assert found == [1, 1, 2, 2, 2]
    assert [(run.state, run.inside) for run in shop.runs(journey)] == [("RUNNING", 0)]


def test_a_journey_that_events_start_ends(shop: Shop) -> None:
    shop.house.people(shop.app, "lea", "jon")
    schedule = {"StartTime": shop.house.in_time(hours=1), "EndTime": shop.house.in_time(hours=3)}
    journey = shop.journey(**started_by("joined"), Schedule=schedule)
    shop.house.advance(hours=2)
    shop.tell("lea", "joined")
    shop.house.advance(hours=1)
    shop.tell("jon", "joined")
    shop.house.settle()
    assert shop.inside(journey) == ["elea"]
    assert shop.row(journey).state == "CLOSED"
    shop.house.advance(days=1)
    assert shop.row(journey).state == "COMPLETED"
    assert [run.state for run in shop.runs(journey)] == ["COMPLETED"]


def test_a_user_is_found_by_any_of_their_endpoints(shop: Shop) -> None:
    """One who came in anonymously, too."""
    shop.house.people(shop.app, "phone")
    shop.house.people(shop.app, "desk", User={"UserId": "jon"})
    leaves = {"ExitCriteria": {"Events": [on("left")]}}
    journey = shop.journey(shop.segment(), **AWAITING, **leaves)
    shop.house.advance(minutes=5)
    assert shop.inside(journey) == ["ephone", "ujon"]
    shop.house.people(shop.app, "phone", User={"UserId": "lea"})
    shop.house.people(shop.app, "tablet", User={"UserId": "lea"})
    shop.house.people(shop.app, "watch", User={"UserId": "jon"})
    shop.tell("tablet", "bought", "1", user="lea")
    shop.tell("watch", "bought", "2", user="jon")
    shop.house.settle()
    assert places(shop, journey) == {"ephone": "thanks", "ujon": "thanks"}
    shop.tell("tablet", "left", "3", user="lea")
    shop.house.settle()
    assert shop.inside(journey) == ["ujon"]


def test_events_are_heard_in_their_order(shop: Shop) -> None:
    shop.house.people(shop.app, "lea", "jon")
    journey = shop.journey(**started_by("joined"), ExitCriteria={"Events": [on("left")]})
    shop.house.advance(minutes=5)
    shop.tell("lea", "joined", "1")
    shop.tell("lea", "left", "2")
    shop.tell("jon", "left", "3")
    shop.tell("jon", "joined", "4")
    shop.house.settle()
    assert shop.inside(journey) == ["ejon"]


def test_what_the_product_says(shop: Shop) -> None:
    """A message of a campaign that went out lets its recipient in; an app that says so does not."""
    shop.house.people(shop.app, "lea", "jon")
    journey = shop.journey(**started_by("_email.send", kind="SYSTEM"))
    shop.house.advance(minutes=5)
    shop.tell("jon", "_email.send")
    shop.house.settle()
    assert shop.inside(journey) == []
    shop.house.campaign(shop.app, shop.segment())
    shop.house.settle()
    assert shop.inside(journey) == ["ejon", "elea"]


@pytest.mark.parametrize(
    ("timeout", "at_hour", "place"),
    [
        ({"WaitFor": "PT6H"}, 5, "await"),
        ({"WaitFor": "PT6H"}, 6, "reminder"),
        ({"WaitUntil": "2027-03-04T15:20:00Z"}, 6, "reminder"),
        ({"WaitUntil": "2027-03-04T01:00:00Z"}, 0, "reminder"),
        (None, 7 * 24, "await"),
    ],
)
def test_time_outs(shop: Shop, timeout: dict[str, str] | None, at_hour: int, place: str) -> None:
    shop.house.people(shop.app, "lea")
    waits = {"EventFilter": on("bought"), "NextActivity": "thanks", "TimeoutActivity": "reminder"}
    activities = {**AWAIT, "await": {"WaitForEvent": {**waits, **({"Timeout": timeout} if timeout else {})}}}
    journey = shop.journey(shop.segment(), StartActivity="await", Activities=activities)
    shop.house.advance(minutes=5)
    shop.house.advance(hours=at_hour)
    assert places(shop, journey) == {"elea": place}


def test_an_event_during_a_pause_counts_when_it_is_over(shop: Shop) -> None:
    shop.house.people(shop.app, "lea", "jon")
    journey = shop.journey(shop.segment(), RefreshFrequency="P1D", **AWAITING)
    shop.house.advance(minutes=5)
    shop.set(journey, "PAUSED")
    shop.tell("lea", "bought")
    shop.house.advance(days=5)
    assert places(shop, journey) == {"ejon": "await", "elea": "await"}
    shop.set(journey, "ACTIVE")
    shop.house.settle()
    assert places(shop, journey) == {"ejon": "await", "elea": "thanks"}
    shop.house.advance(days=3)
    assert places(shop, journey) == {"ejon": "reminder", "elea": "thanks"}


def test_an_event_right_before_the_end_counts(shop: Shop) -> None:
    """It is answered before the journey closes."""
    shop.house.people(shop.app, "lea")
    journey = shop.journey(**started_by("joined"), Schedule={"EndTime": shop.house.in_time(hours=1)})
    shop.house.advance(minutes=59)
    shop.tell("lea", "joined")
    assert isinstance(shop.house.clock, VirtualClock)
    shop.house.clock.move_to(shop.house.clock.now() + timedelta(minutes=1))
    shop.house.advance(seconds=1)
    assert shop.inside(journey) == ["elea"]
    assert shop.row(journey).state == "CLOSED"


def test_each_version_awaits_its_own_event(shop: Shop) -> None:
    shop.house.people(shop.app, "lea")
    segment = shop.segment()
    other = {**AWAIT, "await": {"WaitForEvent": {**AWAIT["await"]["WaitForEvent"], "EventFilter": on("paid")}}}
    journey = shop.journey(segment, RefreshFrequency="PT12H", **AWAITING)
    shop.house.advance(minutes=5)
    shop.edit(journey, segment, RefreshFrequency="PT12H", StartActivity="await", Activities=other)
    shop.house.people(shop.app, "jon")
    shop.house.advance(hours=12)
    for name in ("lea", "jon"):
        shop.tell(name, "paid", "1")
    shop.house.settle()
    assert places(shop, journey) == {"ejon": "thanks", "elea": "await"}
    shop.tell("lea", "bought", "2")
    shop.house.settle()
    assert places(shop, journey) == {"ejon": "thanks", "elea": "thanks"}
