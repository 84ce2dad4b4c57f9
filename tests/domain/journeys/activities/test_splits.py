"""The splits on conditions: when they are evaluated, and which way people take. What holds is told by the test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from clarion.core.clock import DAY_MS, HOUR_MS, iso_ms
from clarion.domain.journeys.activities.port import Here, Tools
from clarion.domain.journeys.definition import Route, encode, route
from clarion.domain.journeys.model import Go, Verdict, Walker
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.journeys.walking.walk import Walk, Walked
from clarion.shapes.pinpoint import SimpleCondition, WriteJourneyRequest
from tests.domain.journeys.walking.test_walk import JOURNEY, NOBODY, NOW

MINUTE_MS = 60_000


class Told:
    """`activities.port.Conditions`: a condition on segment "x" holds for the participants that the test names."""

    def __init__(self, holding: Mapping[str, Sequence[str] | None]) -> None:
        self._holding = holding
        self.asked: list[list[str]] = []

    def holds(
        self, here: Here, conditions: Sequence[SimpleCondition], group: Sequence[Walker]
    ) -> list[frozenset[str] | None]:
        self.asked.append([walker.participant for walker in group])
        found = [self._holding.get(_name(one), ()) for one in conditions]
        return [None if people is None else frozenset(people) for people in found]


class Sent:
    """`activities.port.Messages`: everybody goes on."""

    def send(self, here: Here, group: Sequence[Walker]) -> Sequence[Verdict]:
        return [Go(here.node.edges[0].to, "") for _ in group]


def _name(condition: SimpleCondition) -> str:
    if condition.segment_condition:
        return condition.segment_condition.segment_id
    return "event" if condition.event_condition else "dimensions"


def way(activities: dict[str, Any]) -> Route:
    written = {"Name": "j", "StartActivity": next(iter(activities)), "Activities": activities}
    return route(encode(msgspec.convert(written, WriteJourneyRequest)))


def walker(name: str, activity: str = "ask", **more: Any) -> Walker:
    return Walker(participant=name, version=1, run_id="run", entry=1, activity=activity, **more)


def walk(activities: dict[str, Any], told: Told, walkers: Sequence[Walker], journey: JourneyRow = JOURNEY) -> Walked:
    tools = Tools(conditions=told, messages=Sent(), dialler=NOBODY, people=NOBODY)
    return Walk(journey, {1: way(activities)}, tools, NOW).all(walkers)


def taken(walked: Walked) -> dict[str, str]:
    """The branch that everybody took."""
    return {move.participant: move.outcome for move in walked.moves if move.activity == "ask"}


def segment(name: str) -> dict[str, Any]:
    return {"SegmentCondition": {"SegmentId": name}}


EVENT = {"EventCondition": {"Dimensions": {"EventType": {"Values": ["_email.open"]}}, "MessageActivity": "mail"}}


def yes_no(*conditions: dict[str, Any], operator: str | None = None, **more: Any) -> dict[str, Any]:
    condition: dict[str, Any] = {"Conditions": list(conditions)}
    condition |= {"Operator": operator} if operator else {}
    return {"ask": {"ConditionalSplit": {"Condition": condition, **more}}}


def many(*conditions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"ask": {"MultiCondition": {"Branches": [{"Condition": one} for one in conditions], **more}}}


HOLDING = {"a": ["ea", "eab"], "b": ["eb", "eab"], "gone": None}
PEOPLE = ("ea", "eb", "eab", "e-")

TABLE: Sequence[tuple[str, dict[str, Any], str]] = (
    ("one", yes_no(segment("a")), "y n y n"),
    ("all unless told otherwise", yes_no(segment("a"), segment("b")), "n n y n"),
    ("all", yes_no(segment("a"), segment("b"), operator="ALL"), "n n y n"),
    ("any", yes_no(segment("a"), segment("b"), operator="ANY"), "y y y n"),
    ("none to ask", yes_no(), "n n n n"),
    ("none to ask of any", yes_no(operator="ANY"), "n n n n"),
    ("a segment that is gone", yes_no(segment("gone"), segment("a"), operator="ANY"), "y n y n"),
    ("all, one is gone", yes_no(segment("gone"), segment("a")), "n n n n"),
    ("the first branch that holds", many(segment("a"), segment("b")), "1 2 1 3"),
    ("in their order", many(segment("b"), segment("a")), "2 1 1 3"),
    ("one branch", many(segment("b")), "2 1 1 2"),
    ("a branch on what is gone", many(segment("gone"), segment("b")), "3 2 2 3"),
    ("no branches", many(), "1 1 1 1"),
)


@pytest.mark.parametrize(("name", "activities", "expected"), TABLE)
def test_which_way(name: str, activities: dict[str, Any], expected: str) -> None:
    outcomes = {"y": "Branch_TRUE", "n": "Branch_FALSE"}
    walked = walk(activities, Told(HOLDING), [walker(one) for one in PEOPLE])
    ways = [outcomes.get(one, f"Branch_{one}") for one in expected.split()]
    assert taken(walked) == dict(zip(PEOPLE, ways, strict=True))


def test_ways_lead_where_they_say() -> None:
    wait = {"Wait": {"WaitTime": {"WaitFor": "PT1H"}}}
    activities = yes_no(segment("a"), TrueActivity="yes") | {"yes": wait, "else": wait}
    walked = walk(activities, Told(HOLDING), [walker("ea"), walker("eb")])
    assert {one.walker.participant: one.walker.activity for one in walked.changes} == {"ea": "yes", "eb": ""}
    activities = many(segment("a"), DefaultActivity="else") | {"else": wait}
    walked = walk(activities, Told(HOLDING), [walker("ea"), walker("eb")])
    assert {one.walker.participant: one.walker.activity for one in walked.changes} == {"ea": "", "eb": "else"}


def test_what_is_gone_is_told() -> None:
    walked = walk(yes_no(segment("gone"), segment("a")), Told(HOLDING), [walker("ea")])
    assert [move.detail for move in walked.moves if move.activity == "ask"] == ["segment gone is gone"]
    walked = walk(yes_no(segment("a")), Told(HOLDING), [walker("ea")])
    assert [move.detail for move in walked.moves if move.activity == "ask"] == [""]


MAIL = {"mail": {"EMAIL": {"TemplateName": "t", "NextActivity": "ask"}}}
CALL = {"mail": {"CUSTOM": {"DeliveryUri": "u", "EndpointTypes": ["EMAIL"], "NextActivity": "ask"}}}
BEFORE = {"before": {"Wait": {"WaitTime": {"WaitFor": "PT1H"}, "NextActivity": "ask"}}}


def after(wait: str) -> dict[str, Any]:
    return {"EvaluationWaitTime": {"WaitFor": wait}}


def on(ms: int) -> dict[str, Any]:
    return {"EvaluationWaitTime": {"WaitUntil": iso_ms(NOW + ms)}}


WAITS: Sequence[tuple[str, dict[str, Any], int, str]] = (
    ("at once", yes_no(segment("a")), 0, ""),
    ("after a while", yes_no(segment("a"), **after("PT2H")), 2 * HOUR_MS, "evaluate"),
    ("on a date", yes_no(segment("a"), **on(DAY_MS)), DAY_MS, "until"),
    ("on a date that has passed", yes_no(segment("a"), **on(-1000)), 0, ""),
    ("segments need no time behind a mail", MAIL | yes_no(segment("a")), 0, ""),
    ("events at once, behind nothing", yes_no(EVENT), 0, ""),
    ("events behind a wait", BEFORE | yes_no(EVENT), 0, ""),
    ("events behind a mail", MAIL | yes_no(EVENT), HOUR_MS, "evaluate"),
    ("events among others", MAIL | yes_no(segment("a"), EVENT), HOUR_MS, "evaluate"),
    ("events behind a function", CALL | yes_no(EVENT), 15 * MINUTE_MS, "evaluate"),
    ("branches on events", MAIL | many(segment("a"), EVENT), HOUR_MS, "evaluate"),
    ("a shorter wait", MAIL | yes_no(EVENT, **after("PT30M")), HOUR_MS, "evaluate"),
    ("a longer wait", MAIL | yes_no(EVENT, **after("P1D")), DAY_MS, "evaluate"),
    ("a date within the hour", MAIL | yes_no(EVENT, **on(MINUTE_MS)), HOUR_MS, "evaluate"),
    ("a later date", MAIL | yes_no(EVENT, **on(DAY_MS)), DAY_MS, "until"),
)


@pytest.mark.parametrize(("name", "activities", "length", "word"), WAITS)
def test_when(name: str, activities: dict[str, Any], length: int, word: str) -> None:
    told = Told({"event": ["ea"], "a": ["ea"]})
    walked = walk(activities, told, [walker("ea", next(iter(activities)) if "mail" in activities else "ask")])
    [change] = walked.changes
    if not length:
        assert told.asked == [["ea"]]
        return
    assert told.asked == [], "it is evaluated once, after the wait"
    assert (change.walker.activity, change.walker.waiting, change.walker.due_ms) == ("ask", word, NOW + length)
    again = walk(activities, told, [change.walker])
    assert taken(again) != {}
    assert told.asked == [["ea"]]


def test_those_who_waited_are_evaluated_while_others_begin_to() -> None:
    told = Told({"a": ["ea", "eb"]})
    walked = walk(yes_no(segment("a"), **after("P1D")), told, [walker("ea", waiting="evaluate"), walker("eb")])
    assert told.asked == [["ea"]]
    assert taken(walked) == {"ea": "Branch_TRUE"}
    assert {one.walker.participant: one.walker.waiting for one in walked.changes} == {"ea": "", "eb": "evaluate"}


def test_a_test_of_a_journey_waits_for_no_events() -> None:
    told = Told({"event": ["ea"]})
    walked = walk(MAIL | yes_no(EVENT), told, [walker("ea", "mail")], JOURNEY._replace(test_of="journey"))
    assert taken(walked) == {"ea": "Branch_TRUE"}
