"""Entries from a segment: when, who, and who not."""

from __future__ import annotations

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
