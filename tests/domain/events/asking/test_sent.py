"""What journeys have sent already: which messages count, for which journey, and in which time."""

from __future__ import annotations

import pytest

from clarion.core.clock import DAY_MS
from clarion.domain.events import produced
from clarion.domain.events.asking.sent import Sent, journey_sent
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import Subject
from tests.domain.events.conftest import House

NOW = 100 * DAY_MS


def about(house: House, message_id: str, journey_id: str = "j", endpoint: str = "Lea") -> Subject:
    ids = {"journey_id": journey_id} if journey_id else {"campaign_id": "c"}
    return Subject(account="1", app_id=house.app, endpoint_id=endpoint, message_id=message_id, **ids)


def sent(house: House, message_id: str, days: float, status: str = "SUCCESS", journey_id: str = "j") -> EventRow:
    at_ms = NOW - int(days * DAY_MS)
    subject = about(house, message_id, journey_id)
    if journey_id:
        return produced.journey_send(subject, at_ms=at_ms, status=status)
    return produced.campaign_send(subject, at_ms=at_ms, status=status, delivery_type="EMAIL")


def plan(house: House, message_id: str, endpoint: str = "Lea") -> EventRow:
    return produced.planned(about(house, message_id, "j", endpoint), at_ms=NOW, delivery_type="EMAIL")


@pytest.fixture
def told(any_house: House) -> House:
    house = any_house
    rows = [
        sent(house, "m1", 0.5),
        sent(house, "m2", 2),
        sent(house, "m3", 9),
        sent(house, "other1", 0.5, journey_id="other"),
        sent(house, "other2", 2, journey_id="other"),
        sent(house, "campaign", 0.5, journey_id=""),
        # Tried, and failed: a message all the same. Refused: none.
        sent(house, "failed", 0.5, "TRANSIENT_FAILURE"),
        sent(house, "quiet", 0.5, "QUIET_TIME"),
        sent(house, "capped", 0.5, "DAILY_CAP"),
        sent(house, "", 0.5, "QUIET_TIME_WAIT_FINISHED"),
        # On its way; planned and sent; planned and refused in the end.
        plan(house, "way"),
        plan(house, "m1"),
        plan(house, "quiet"),
        plan(house, "jons", "Jon"),
    ]
    house.database.write(lambda connection: house.events.record(connection, rows))
    house.consumer.catch_up(20)
    return house


def test_counts(told: House) -> None:
    found = journey_sent(
        told.columnar,
        told.app,
        "j",
        ["lea", "jon", "tom"],
        recent_ms=NOW - DAY_MS,
        long_ms=NOW - 7 * DAY_MS,
        since_ms=0,
    )
    assert found == {
        "lea": Sent(recent=3, total=5, journeys_recent=4, journeys_long=6, app_recent=5),
        "jon": Sent(recent=1, total=1, journeys_recent=1, journeys_long=1, app_recent=1),
    }


def test_nothing_before_is_looked_at(told: House) -> None:
    day = NOW - DAY_MS
    found = journey_sent(told.columnar, told.app, "j", ["lea"], recent_ms=day, long_ms=day, since_ms=day)
    assert found["lea"] == Sent(recent=3, total=3, journeys_recent=4, journeys_long=4, app_recent=5)


def test_of_one_project(told: House) -> None:
    assert journey_sent(told.columnar, "other", "j", ["lea"], recent_ms=0, long_ms=0, since_ms=0) == {}
