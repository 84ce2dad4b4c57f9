"""Windows in local time, chains of campaigns, and what bridges the record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest

from clarion.core.clock import DAY_MS, parse_iso, to_ms
from clarion.domain.audience.model import Demographic, Endpoint
from clarion.domain.campaigns.schedule import Plan, plan
from clarion.domain.campaigns.triggers.history import History
from clarion.domain.campaigns.triggers.model import Span, chain_of, listening, open_for, trace_of
from clarion.domain.campaigns.triggers.store import Answer
from clarion.domain.events.reported import Happened
from clarion.domain.messaging.model import Counts
from clarion.shapes.pinpoint import Schedule

NOW = parse_iso("2027-03-01T00:00:00Z")


def window(**schedule: Any) -> Plan:
    wanted = {"StartTime": "2027-03-04T09:00:00Z", "EndTime": "2027-03-05T09:00:00Z", "Frequency": "EVENT", **schedule}
    return plan(msgspec.convert(wanted, Schedule), NOW)


def at(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


def endpoint(zone: str = "") -> Endpoint:
    return Endpoint(id="lea", demographic=Demographic(timezone=zone) if zone else None)


def test_a_window_is_the_same_for_all() -> None:
    span = Span(at("2027-03-04T09:00:00Z"), at("2027-03-05T09:00:00Z"))
    assert listening(window()) == open_for(window(), endpoint()) == open_for(window(), endpoint("Asia/Tokyo")) == span
    assert [span.holds(span.start_ms + ms) for ms in (-1, 0, DAY_MS - 1, DAY_MS)] == [False, True, True, False]
    assert open_for(window(EndTime=None), endpoint()) == Span(span.start_ms, None)


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("Europe/London", "2027-03-04T09:00:00Z", "2027-03-05T09:00:00Z"),
        # West: later. East: never before the window's own start.
        ("America/New_York", "2027-03-04T14:00:00Z", "2027-03-05T14:00:00Z"),
        ("Asia/Tokyo", "2027-03-04T09:00:00Z", "2027-03-05T00:00:00Z"),
    ],
)
def test_a_window_in_local_time(zone: str, start: str, end: str) -> None:
    local = window(IsLocalTime=True)
    found = open_for(local, endpoint(zone))
    assert found == Span(at(start), at(end))
    widest = listening(local)
    assert widest.start_ms <= found.start_ms
    assert (widest.end_ms or 0) >= at(end)
    assert open_for(local, endpoint()) is None
    assert open_for(local, endpoint("Nowhere/Land")) is None


def event(campaign_id: str = "", trace_id: str = "") -> Happened:
    return Happened("app", "_email.delivered", "e", "lea", "", 0, True, campaign_id=campaign_id, trace_id=trace_id)


def test_chains() -> None:
    assert chain_of(event()) == []
    assert chain_of(event("a")) == ["a"]
    assert chain_of(event("a", "some-trace/of-a-caller")) == ["a"]
    assert chain_of(event("c", trace_of(["a", "b"]))) == ["a", "b", "c"]
    assert chain_of(event("b", trace_of(["a", "b"]))) == ["a", "b"]
    assert trace_of([]) == ""


def test_what_is_on_its_way_counts() -> None:
    history = History({"lea": Counts(2, 1, 1)}, {"lea": 5})
    history.add(Answer("m1", "app", "c", "lea", "o1", True, 1_000), since_ms=0)
    history.add(Answer("m2", "app", "c", "lea", "o2", False, 2_000), since_ms=0)
    history.add(Answer("m3", "app", "c", "jon", "o3", True, 1_000), since_ms=1_500)
    assert history.counts == {"lea": Counts(3, 2, 3), "jon": Counts(0, 0, 1)}
    assert history.last == {"lea": 1_000, "jon": 1_000}
