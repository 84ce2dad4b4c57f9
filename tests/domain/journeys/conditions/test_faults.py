"""What a review says of splits on conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from clarion.core.clock import DAY_MS
from clarion.domain.journeys.graph import parse
from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.review.context import Review
from clarion.shapes.pinpoint import WriteJourneyRequest
from tests.domain.journeys.walking.test_walk import NOW


class Lookups:
    """Of the project only its segments are asked for here."""

    def segment(self, segment_id: str) -> str | None:
        return "DIMENSIONAL" if segment_id == "there" else None


def event(*types: str, activity: str | None = "mail", **dimensions: Any) -> dict[str, Any]:
    if types:
        dimensions["EventType"] = {"DimensionType": "INCLUSIVE", "Values": list(types)}
    condition = {"Dimensions": dimensions} | ({"MessageActivity": activity} if activity else {})
    return {"EventCondition": condition}


def split(*conditions: dict[str, Any], operator: str | None = "ALL", **more: Any) -> dict[str, Any]:
    condition: dict[str, Any] = {"Conditions": list(conditions)} | ({"Operator": operator} if operator else {})
    return {"ConditionalSplit": {"Condition": condition, "TrueActivity": "after", "FalseActivity": "after", **more}}


def many(*conditions: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    branches = [{"NextActivity": "after"} | ({"Condition": one} if one is not None else {}) for one in conditions]
    return {"MultiCondition": {"Branches": branches, "DefaultActivity": "after", **more}}


THERE = {"SegmentCondition": {"SegmentId": "there"}}
GONE = {"SegmentCondition": {"SegmentId": "gone"}}


def when(**wait: str) -> dict[str, Any]:
    return {"EvaluationWaitTime": wait}


A_DAY = when(WaitFor="P1D")
LATE = event("_email.open")

TABLE: Sequence[tuple[str, dict[str, Any], list[str]]] = (
    ("a segment", split(THERE), []),
    ("dimensions", split({"segmentDimensions": {"Attributes": {"a": {"Values": ["x"]}}}}), []),
    ("an event after a day", split(LATE, **A_DAY), []),
    ("an event of nobody's message", split(event("bought", activity=None)), []),
    ("all kinds", split(THERE, LATE, {"segmentDimensions": {}}, **A_DAY), []),
    ("no conditions", split(), ["E18 Condition.Conditions: must have at least one"]),
    ("too many", split(*[THERE] * 21), ["E18 Condition.Conditions: must have at most 20"]),
    ("several, not told how", split(THERE, THERE, operator=None), ["E18 Condition.Operator: is required"]),
    ("one, not told how", split(THERE, operator=None), []),
    ("nowhere to go", split(THERE, TrueActivity="", FalseActivity=""), ["E18 neither TrueActivity nor FalseActivity"]),
    ("one way is enough", split(THERE, FalseActivity=""), []),
    ("an empty condition", split({}), ["E18 Condition.Conditions[0]: needs one of"]),
    ("two in one", split(THERE, THERE | LATE, **A_DAY), ["E18 Condition.Conditions[1]: needs one of"]),
    ("a segment that is gone", split(THERE, GONE), ["E18 Condition.Conditions[1]: there is no segment gone"]),
    (
        "dimensions without values",
        split({"segmentDimensions": {"Attributes": {"a": {"Values": []}}}}),
        ["E18 Condition.Conditions[0].segmentDimensions.Attributes.a.Values: must have"],
    ),
    ("no branches", many(), ["E19 a multivariate split needs 1 to 4 branches, this has 0"]),
    ("four branches", many(*[THERE] * 4), []),
    ("five branches", many(*[THERE] * 5), ["E19 a multivariate split needs 1 to 4 branches, this has 5"]),
    ("a branch without condition", many(THERE, None), ["E19 Branches[1].Condition: needs one of"]),
    ("a branch on a segment that is gone", many(GONE), ["E19 Branches[0].Condition: there is no segment gone"]),
    ("no way for the others", many(THERE, DefaultActivity=""), ["W8 DefaultActivity leads nowhere"]),
    ("no such activity", split(event("_email.open", activity="x"), **A_DAY), ["E20 {}.MessageActivity: there is no"]),
    ("no message", split(event("_email.open", activity="pause"), **A_DAY), ["E20 {}.MessageActivity: pause sends no"]),
    (
        "a later message",
        split(event("_email.open", activity="after"), **A_DAY),
        ["E20 {}.MessageActivity: after is on"],
    ),
    ("itself", split(event("_email.open", activity="ask"), **A_DAY), ["E20 {}.MessageActivity: ask sends no"]),
    ("an event of another channel", split(event("_SMS.SUCCESS"), **A_DAY), ["E20 {}: EMAIL activities have no events"]),
    (
        "a custom event of a message",
        split(event("bought"), **A_DAY),
        ["E20 {}: EMAIL activities have no events bought"],
    ),
    ("what every message has", split(event("_journey.send"), **A_DAY), []),
    ("an old name", split(event("_sms.success", activity="text"), **A_DAY), []),
    (
        "nothing asked",
        split({"EventCondition": {"MessageActivity": "mail"}}, **A_DAY),
        ["E20 {}.Dimensions: asks for nothing"],
    ),
    ("nothing at all", split({"EventCondition": {"Dimensions": {}}}), ["E20 {}.Dimensions: asks for nothing"]),
    (
        "no types",
        split({"EventCondition": {"Dimensions": {"EventType": {"Values": []}}}}),
        ["E20 {}.Dimensions.EventType.Values: must have at least one"],
    ),
    (
        "an attribute without values",
        split(event("bought", activity=None, Attributes={"a": {"Values": []}})),
        ["E20 {}.Dimensions.Attributes.a.Values: must have"],
    ),
    (
        "a metric that compares by nothing",
        split(event("bought", activity=None, Metrics={"m": {"ComparisonOperator": "ABOUT", "Value": 1.0}})),
        ["E20 {}.Dimensions.Metrics.m.ComparisonOperator: must be"],
    ),
    ("what a function answered", split(event(activity="call", Attributes={"a": {"Values": ["x"]}}), **A_DAY), []),
    ("right behind the mail", split(LATE), ["W2 asks what became of mail; it is evaluated 60 minutes after"]),
    ("soon behind the mail", split(LATE, **when(WaitFor="PT10M")), ["W2 asks what became of mail; it is"]),
    ("branches right behind it", many(LATE), ["W2 asks what became of mail; it is evaluated 60 minutes after"]),
    ("not asking for the mail", split(event("_SMS.SUCCESS", activity="text")), []),
    ("push", split(event("_journey.opened_notification", activity="push"), **A_DAY), ["W14 {}: clients report"]),
    (
        "both waits",
        split(THERE, **when(WaitFor="P1D", WaitUntil="x")),
        ["E18 EvaluationWaitTime: has either"],
    ),
    ("no duration", split(THERE, **when(WaitFor="soon")), ["E18 EvaluationWaitTime.WaitFor: soon is not"]),
    ("no date", many(THERE, **when(WaitUntil="May")), ["E19 EvaluationWaitTime.WaitUntil: May is not"]),
    ("too long", split(THERE, **when(WaitFor="P366D")), ["E18 EvaluationWaitTime.WaitFor must be at most"]),
    (
        "a date after the end",
        split(THERE, **when(WaitUntil="2099-01-01T00:00:00Z")),
        ["E18 EvaluationWaitTime.WaitUntil must be before"],
    ),
)
AT = "Condition.Conditions[0].EventCondition"


@pytest.mark.parametrize(("name", "one", "said"), TABLE)
def test_what_is_said(name: str, one: dict[str, Any], said: list[str]) -> None:
    found = [f"{fault.code} {fault.text}" for fault in faults(one)]
    assert len(found) == len(said), found
    for text, expected in zip(found, said, strict=True):
        assert text.startswith(expected.replace("{}", AT))


def faults(one: dict[str, Any], before: str = "mail") -> list[Fault]:
    """The faults of a split behind a text, a push, a function, a wait and a mail, in that order."""
    activities = {
        "text": {"SMS": {"NextActivity": "push"}},
        "push": {"PUSH": {"NextActivity": "call"}},
        "call": {"CUSTOM": {"DeliveryUri": "f", "EndpointTypes": ["EMAIL"], "NextActivity": "pause"}},
        "pause": {"Wait": {"WaitTime": {"WaitFor": "PT1H"}, "NextActivity": "mail"}},
        "mail": {"EMAIL": {"NextActivity": "ask"}},
        "ask": one,
        "after": {"EMAIL": {}},
    }
    wanted = msgspec.convert({"Name": "j", "StartActivity": "text", "Activities": activities}, WriteJourneyRequest)
    lookups: Any = Lookups()
    graph = parse(wanted)
    fields: dict[str, Any] = {"wanted": wanted, "graph": graph, "lookups": lookups, "now_ms": NOW}
    review = Review(**fields, start_ms=NOW, end_ms=NOW + 540 * DAY_MS)
    node = graph.nodes["ask"]
    assert node.kind is not None
    return list(node.kind.faults(node, review))


def test_what_can_be_advised_does_not_refuse() -> None:
    assert {fault.code: fault.advice for fault in faults(split(LATE, GONE))} == {"E18": False, "W2": True}


def test_a_split_far_behind_the_message_with_nobody_waiting_between() -> None:
    activities = {
        "mail": {"EMAIL": {"NextActivity": "hold"}},
        "hold": {"Holdout": {"Percentage": 10, "NextActivity": "ask"}},
        "ask": split(LATE),
        "after": {"EMAIL": {}},
    }
    wanted = msgspec.convert({"Name": "j", "StartActivity": "mail", "Activities": activities}, WriteJourneyRequest)
    lookups: Any = Lookups()
    graph = parse(wanted)
    review = Review(wanted=wanted, graph=graph, lookups=lookups, now_ms=NOW, start_ms=NOW, end_ms=NOW + DAY_MS)
    node = graph.nodes["ask"]
    assert node.kind is not None
    [fault] = node.kind.faults(node, review)
    assert (fault.code, fault.advice) == ("W2", True)
    assert "it is evaluated right after" in fault.text
