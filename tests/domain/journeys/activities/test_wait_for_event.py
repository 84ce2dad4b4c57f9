"""Waiting for an event: how long, and what leads on."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest

from clarion.core.clock import DAY_MS, iso_ms
from clarion.domain.journeys.activities.port import Tools
from clarion.domain.journeys.definition import Route, encode, route
from clarion.domain.journeys.model import Told, Walker, encode_told
from clarion.domain.journeys.participants import NEVER_MS
from clarion.domain.journeys.review.context import Review
from clarion.domain.journeys.walking.walk import Walk, Walked
from clarion.shapes.pinpoint import WriteJourneyRequest
from tests.domain.journeys.walking.test_walk import JOURNEY, NOW

LONG = {"Wait": {"WaitTime": {"WaitFor": "P9D"}}}
FILTER = {"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["bought"]}}}


def way(timeout: dict[str, str] | None) -> Route:
    waits: dict[str, Any] = {"EventFilter": FILTER, "NextActivity": "thanks", "TimeoutActivity": "late"}
    if timeout is not None:
        waits["Timeout"] = timeout
    activities = {"await": {"WaitForEvent": waits}, "thanks": LONG, "late": LONG}
    written = {"Name": "j", "StartActivity": "await", "Activities": activities}
    return route(encode(msgspec.convert(written, WriteJourneyRequest)))


def walk(timeout: dict[str, str] | None, end_ms: int | None = None, **more: Any) -> Walked:
    walker = Walker(participant="elea", version=1, run_id="run", entry=1, activity="await", **more)
    tools = cast(Tools, None)  # nobody is asked
    return Walk(JOURNEY._replace(end_ms=end_ms), {1: way(timeout)}, tools, NOW).all([walker])


@pytest.mark.parametrize(
    ("timeout", "end_ms", "due_ms"),
    [
        ({"WaitFor": "P1D"}, None, NOW + DAY_MS),
        ({"WaitUntil": iso_ms(NOW + 5)}, None, NOW + 5),
        (None, NOW + 7, NOW + 7),
        (None, None, NEVER_MS),
    ],
)
def test_how_long(timeout: dict[str, str] | None, end_ms: int | None, due_ms: int) -> None:
    (change,) = walk(timeout, end_ms).changes
    assert (change.walker.activity, change.walker.waiting, change.walker.due_ms) == ("await", "event", due_ms)


@pytest.mark.parametrize(
    ("more", "outcome", "detail", "place"),
    [
        ({"waiting": "event", "signal": True}, "EVENT_RECEIVED", "bought", "thanks"),
        ({"waiting": "event"}, "TIMED_OUT", "", "late"),
    ],
)
def test_ways_on(more: dict[str, Any], outcome: str, detail: str, place: str) -> None:
    if more.get("signal"):
        more = {**more, "signal": encode_told(Told("await", "bought")).decode()}
    walked = walk({"WaitFor": "P1D"}, **more)
    assert (walked.moves[0].outcome, walked.moves[0].detail) == (outcome, detail)
    assert walked.changes[0].walker.activity == place


def test_a_date_that_has_passed() -> None:
    walked = walk({"WaitUntil": iso_ms(NOW)})
    assert (walked.moves[0].outcome, walked.changes[0].walker.activity) == ("TIMED_OUT", "late")


@pytest.mark.parametrize(
    ("timeout", "text"),
    [
        ({"WaitFor": "P1D", "WaitUntil": "2027-01-01T00:00:00Z"}, "exclude each other"),
        ({"WaitFor": "soon"}, "is not an ISO 8601 duration"),
        ({"WaitFor": "P366D"}, "at most 365 days"),
        ({"WaitFor": "PT0S"}, "at most 365 days"),
        ({"WaitUntil": "tomorrow"}, "is not an ISO 8601 time"),
        ({"WaitFor": "PT1S"}, None),
        ({}, None),
        (None, None),
    ],
)
def test_faults(timeout: dict[str, str] | None, text: str | None) -> None:
    node = way(timeout).graph.nodes["await"]
    assert node.kind is not None
    found = list(node.kind.faults(node, cast(Review, None)))
    assert [fault.code for fault in found] == ([] if text is None else ["E28"])
    assert text is None or text in found[0].text
