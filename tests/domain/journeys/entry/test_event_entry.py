"""Entries by events, and what events do to those inside."""

from __future__ import annotations

from typing import Any

from tests.domain.journeys.entry.shop import Shop


def on(*types: str, kind: str = "ENDPOINT", **more: Any) -> dict[str, Any]:
    return {"FilterType": kind, "Dimensions": {"EventType": {"Values": list(types)}, **more}}


def started_by(*types: str, segment: str = "", **more: Any) -> dict[str, Any]:
    by_event = {"EventFilter": on(*types, **more), **({"SegmentId": segment} if segment else {})}
    return {"StartCondition": {"EventStartCondition": by_event}}


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
