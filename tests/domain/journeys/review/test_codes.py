"""Each code of a review: a sound journey with one thing changed has that fault and no other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from clarion.domain.journeys.review.codes import CODES
from tests.domain.journeys.review.sound import BOUGHT, EVENT, GONE, SOUND, FakeProject, changed, review


class Case(NamedTuple):
    """Changes of the sound journey and of its project, and the one fault that they make."""

    code: str
    activity: str
    changes: Mapping[str, Any]
    project: Mapping[str, Any] = {}


HELLO, NUDGE, NEWS, TOLD = (
    "Activities.hello.EMAIL",
    "Activities.nudge.SMS",
    "Activities.news.PUSH",
    "Activities.told.CUSTOM",
)
PAUSE = "Activities.pause.Wait.WaitTime"
OPENED, WHICH = "Activities.opened.ConditionalSplit", "Activities.which.MultiCondition"
LOTS = "Activities.lots.RandomSplit.Branches"
CALLS = "JourneyChannelSettings"
BEHIND = "bought"
"""The activity that follows the branches of `which`."""

NO_CALLS = {"Activities.bought.WaitForEvent.TimeoutActivity": "told", "Activities.call": GONE}
BY_EVENT = {"StartCondition": EVENT, "RefreshFrequency": GONE, **NO_CALLS}
FILTER = "StartCondition.EventStartCondition.EventFilter"
QUIET = {"QuietTime": {"Start": "21:00", "End": "08:00"}}
SENDING = {**QUIET, "SendingSchedule": True}
WAIT = {"Wait": {"WaitTime": {"WaitFor": "P1D"}}}
HOURS = [{"StartTime": f"{hour:02}:00", "EndTime": f"{hour:02}:30"} for hour in range(9, 14)]
SEGMENT = {"SegmentCondition": {"SegmentId": "vips"}}
DAY = {"Name": "d", "StartDateTime": "2027-02-01T00:00:00Z", "EndDateTime": "2027-02-02T00:00:00Z"}


def event_of(activity: str | None, *types: str) -> dict[str, Any]:
    """A condition on an event of a message activity."""
    dimensions = {"EventType": {"DimensionType": "INCLUSIVE", "Values": list(types)}}
    return {"EventCondition": {"MessageActivity": activity, "Dimensions": dimensions}}


ENTRY = (
    Case("E1", "", {"Name": ""}),
    Case("E1", "", {"Name": "n" * 151}),
    Case("E1", "", {"Name": "two words"}),
    Case("E2", "", {"StartCondition": GONE}),
    Case("E2", "", {"StartCondition": {}}),
    Case("E2", "", {"StartCondition.EventStartCondition": EVENT["EventStartCondition"], **NO_CALLS}),
    Case("E2", "", {"StartCondition.SegmentStartCondition.SegmentId": "gone"}),
    Case("E2", "", {"StartCondition.SegmentStartCondition.SegmentId": ""}),
    Case(
        "E2",
        "",
        {**BY_EVENT, "StartCondition": {"EventStartCondition": {**EVENT["EventStartCondition"], "SegmentId": "no"}}},
    ),
    Case("E3", "", {**BY_EVENT, "StartCondition": {"EventStartCondition": {}}}),
    Case(
        "E3",
        "",
        {
            **BY_EVENT,
            "StartCondition": {"EventStartCondition": {"EventFilter": {"FilterType": "SYSTEM", "Dimensions": {}}}},
        },
    ),
    *(
        Case(
            "E3",
            "",
            {
                **BY_EVENT,
                "StartCondition": {
                    "EventStartCondition": {"EventFilter": {"FilterType": "ENDPOINT", "Dimensions": one}}
                },
            },
        )
        for one in (
            {"EventType": {"Values": []}},
            {"EventType": {"Values": ["a", "b"]}},
            {"EventType": {"DimensionType": "EXCLUSIVE", "Values": ["a"]}},
            {**BOUGHT, "Metrics": {"price": {"ComparisonOperator": "LIKE", "Value": 1}}},
            {**BOUGHT, "Attributes": {"colour": {"Values": []}}},
        )
    ),
    Case(
        "E4",
        "",
        {**BY_EVENT, "StartCondition": {"EventStartCondition": {**EVENT["EventStartCondition"], "SegmentId": "list"}}},
    ),
    Case(
        "E4",
        "",
        {**BY_EVENT, "StartCondition": {"EventStartCondition": {**EVENT["EventStartCondition"], "SegmentId": "on"}}},
    ),
    Case("E5", "", {**BY_EVENT, "LocalTime": True}),
    Case("E6", "call", {"StartCondition": EVENT, "RefreshFrequency": GONE}),
    Case(
        "E28",
        "",
        {"ExitCriteria": {"Events": [{"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"Values": ["a", "b"]}}}]}},
    ),
    Case("E28", "bought", {"Activities.bought.WaitForEvent.EventFilter.Dimensions": {"EventType": {"Values": []}}}),
    Case("W5", "", {"RefreshFrequency": GONE}),
    Case("W5", "", {"RefreshFrequency": GONE, "RefreshOnSegmentUpdate": True}),
    Case("W6", "", {"Limits.EndpointReentryCap": 0}),
    Case("W6", "", {"Limits.EndpointReentryCap": 5}),
)

SHAPE = (
    Case("E7", "", {"Activities": {}}),
    Case("E7", "", {"Activities": GONE}),
    Case("E7", "", {"StartActivity": GONE}),
    Case("E7", "", {"StartActivity": "nowhere"}),
    Case(
        "E8",
        "",
        {
            "Activities": {
                f"a{n}": {"Wait": {"WaitTime": {"WaitFor": "P1D"}, "NextActivity": f"a{n + 1}"}} for n in range(40)
            }
            | {"a40": WAIT},
            "StartActivity": "a0",
        },
    ),
    Case(
        "E8",
        "",
        {
            "Activities": {f"a{n}": {"ContactCenter": {"NextActivity": f"a{n + 1}"}} for n in range(3)}
            | {"a3": {"ContactCenter": {}}},
            "StartActivity": "a0",
        },
    ),
    Case("E9", "told-you", {"Activities.told-you": WAIT, f"{TOLD}.NextActivity": "told-you"}),
    Case("E9", "n" * 101, {f"Activities.{'n' * 101}": WAIT, f"{TOLD}.NextActivity": "n" * 101}),
    Case("E9", "more", {"Activities.more": {"Description": "nothing"}, f"{TOLD}.NextActivity": "more"}),
    Case("E9", "more", {"Activities.more": {**WAIT, "ContactCenter": {}}, f"{TOLD}.NextActivity": "more"}),
    Case("E10", "told", {f"{TOLD}.NextActivity": "nowhere"}),
    Case("E10", "told", {f"{TOLD}.NextActivity": "told"}),
    Case("E10", "news", {f"{NEWS}.NextActivity": "pause"}),
    Case(
        "W1",
        "again",
        {
            "Activities.hello.EMAIL.NextActivity": "again",
            "Activities.again": {"EMAIL": {"TemplateName": "more", "NextActivity": "opened"}},
        },
    ),
    Case("W17", "alone", {"Activities.alone": WAIT}),
)

SENDING_CASES = (
    Case("E11", "hello", {f"{HELLO}.TemplateName": GONE}),
    Case("E11", "hello", {f"{HELLO}.TemplateName": "gone"}),
    Case("E11", "nudge", {f"{NUDGE}.TemplateName": "hello"}),
    Case("E11", "news", {f"{NEWS}.TemplateVersion": "7"}),
    Case("E12", "hello", {}, {"channels": frozenset({"SMS", "GCM", "VOICE"})}),
    Case("E12", "nudge", {}, {"channels": frozenset({"EMAIL", "GCM", "VOICE"})}),
    Case("E12", "news", {}, {"channels": frozenset({"EMAIL", "SMS", "VOICE"})}),
    Case("E13", "hello", {}, {"from_address": ""}),
    Case("E13", "hello", {f"{HELLO}.MessageConfig": {"FromAddress": "nobody"}}),
    Case("E14", "nudge", {f"{NUDGE}.MessageConfig": GONE}),
    Case(
        "E14", "nudge", {f"{NUDGE}.MessageConfig": {"MessageType": "PROMOTIONAL", "EntityId": "1", "SenderId": "ACME"}}
    ),
    Case(
        "E14", "nudge", {f"{NUDGE}.MessageConfig": {"MessageType": "PROMOTIONAL", "EntityId": "1", "TemplateId": "2"}}
    ),
    Case("E15", "news", {f"{NEWS}.MessageConfig": {"TimeToLive": "-1"}}),
    Case("E15", "news", {f"{NEWS}.MessageConfig": {"TimeToLive": "soon"}}),
    Case("E16", "told", {f"{TOLD}.DeliveryUri": GONE}),
    Case("E16", "told", {f"{TOLD}.DeliveryUri": "https://example.com/?a=1"}),
    Case("E16", "told", {}, {"refusal": "DeliveryUri: nobody there"}),
    Case("E16", "told", {f"{TOLD}.MessageConfig": {"Data": "d" * 5_001}}),
    Case("E16", "told", {f"{TOLD}.EndpointTypes": []}),
    Case("W7", "", {}, {"local": frozenset({"SMS"})}),
    Case("W7", "", {"Limits.MessagesPerSecond": 50}, {"rates": {"EMAIL": 20}}),
    Case(
        "W12",
        "nudge",
        {
            f"{NUDGE}.MessageConfig": {
                "MessageType": "PROMOTIONAL",
                "SenderId": "ACME",
                "OriginationNumber": "+4915550000001",
            }
        },
    ),
    Case("W15", "hello", {}, {"variables": ["Attributes.first"]}),
    Case("W15", "", {}, {"was_tested": False}),
    Case("W16", "pause", {f"{PAUSE}": {"WaitFor": "PT1H"}}, {"rates": {"SMS": 1}, "size": 10_000}),
    Case(
        "W16",
        "opened",
        {f"{OPENED}.EvaluationWaitTime": {"WaitUntil": "2027-01-02T00:00:00Z"}, "Limits.MessagesPerSecond": 1},
        {"size": 100_000},
    ),
)

KINDS = (
    Case("E17", "pause", {PAUSE: {}}),
    Case("E17", "pause", {PAUSE: {"WaitFor": "P1D", "WaitUntil": "2027-02-01T00:00:00Z"}}),
    Case("E17", "pause", {PAUSE: {"WaitFor": "a day"}}),
    Case("E17", "pause", {PAUSE: {"WaitFor": "PT59M"}}),
    Case("E17", "pause", {PAUSE: {"WaitFor": "P366D"}}),
    Case("E17", "pause", {PAUSE: {"WaitUntil": "some day"}}),
    Case("E17", "pause", {PAUSE: {"WaitUntil": "2027-06-01T00:00:00Z"}}),
    Case("E18", "opened", {f"{OPENED}.Condition": GONE}),
    Case("E18", "opened", {f"{OPENED}.Condition.Conditions": []}),
    Case("E18", "opened", {f"{OPENED}.Condition.Conditions": [SEGMENT, SEGMENT]}),
    Case(
        "E18",
        "which",
        {
            "Activities.which": {"ConditionalSplit": {"Condition": {"Conditions": [SEGMENT]}}},
            **{f"Activities.{one}": GONE for one in ("news", "bought", "told", "call")},
        },
    ),
    Case("E18", "opened", {f"{OPENED}.Condition.Conditions": [{"SegmentCondition": {"SegmentId": "gone"}}]}),
    Case("E19", "which", {f"{WHICH}.Branches.0.Condition": {"SegmentCondition": {"SegmentId": "gone"}}}),
    Case("E19", "which", {f"{WHICH}.Branches": [], "Activities.news": GONE}),
    Case("E19", "which", {f"{WHICH}.Branches": [{"Condition": SEGMENT, "NextActivity": "news"}] * 5}),
    Case("E19", "which", {f"{WHICH}.Branches": [{"NextActivity": "news"}]}),
    Case("E20", "opened", {f"{OPENED}.Condition.Conditions": [event_of("nowhere", "_email.open")]}),
    Case("E20", "opened", {f"{OPENED}.Condition.Conditions": [event_of("pause", "_email.open")]}),
    Case("E20", "opened", {f"{OPENED}.Condition.Conditions": [event_of("nudge", "_SMS.SUCCESS")]}),
    Case("E20", "opened", {f"{OPENED}.Condition.Conditions": [event_of("hello", "_SMS.SUCCESS")]}),
    Case("E21", "lots", {LOTS: [{"Percentage": 100, "NextActivity": "held"}]}),
    Case("E21", "lots", {LOTS: [{"Percentage": share, "NextActivity": "held"} for share in (101, -1)]}),
    Case("E21", "lots", {LOTS: [{"Percentage": share, "NextActivity": "held"} for share in (50, 49)]}),
    Case("E21", "lots", {LOTS: [{"Percentage": share, "NextActivity": "held"} for share in (50, 10, 10, 10, 10, 10)]}),
    Case("E22", "held", {"Activities.held.Holdout.Percentage": 101}),
    Case("E22", "held", {"Activities.held.Holdout.Percentage": -1}),
    Case("E23", "call", {f"{CALLS}.ConnectCampaignArn": GONE}),
    Case("E23", "call", {f"{CALLS}.ConnectCampaignExecutionRoleArn": GONE}),
    Case("E23", "call", {f"{CALLS}.ConnectCampaignExecutionRoleArn": "arn:aws:iam::000000000001:role/path/dialler"}),
    Case("W2", "opened", {f"{OPENED}.EvaluationWaitTime": GONE}),
    Case("W4", "", {}, {"callers": ["another"]}),
    Case(
        "W8",
        "which",
        {f"{WHICH}.DefaultActivity": GONE, **{f"Activities.{one}": GONE for one in ("bought", "told", "call")}},
    ),
    Case("W11", "pause", {PAUSE: {"WaitUntil": "2026-12-31T00:00:00Z"}}),
    Case(
        "W14",
        "asked",
        {
            f"{NEWS}.NextActivity": "asked",
            "Activities.asked": {
                "ConditionalSplit": {
                    "Condition": {"Conditions": [event_of("news", "_journey.opened_notification")]},
                    "EvaluationWaitTime": {"WaitFor": "P2D"},
                    "TrueActivity": "told",
                }
            },
        },
    ),
)

HOURS_AND_LIMITS = (
    Case("E24", "", {"Schedule.StartTime": "2027-07-01T00:00:00Z"}),
    Case("E24", "", {"Schedule.EndTime": "2026-12-01T00:00:00Z"}),
    Case("E24", "", {"Schedule.EndTime": "2029-01-01T00:00:00Z"}),
    Case("E24", "", {"Schedule.Timezone": "Europe/Vienna"}),
    *(
        Case("E25", "", {f"Limits.{name}": value})
        for name in ("DailyCap", "EndpointReentryCap", "TotalCap")
        for value in (-1, 101)
        if (name, value) != ("EndpointReentryCap", 101)
    ),
    Case("E25", "", {"Limits.EndpointReentryCap": 101, "Limits.EndpointReentryInterval": "P1D"}),
    Case("E25", "", {"Limits.TimeframeCap": {"Cap": 101, "Days": 7}}),
    Case("E25", "", {"Limits.TimeframeCap": {"Cap": 10, "Days": 31}}),
    Case("E25", "", {"Limits.MessagesPerSecond": -1}),
    Case("E25", "", {"Limits.MaximumParticipants": -1}),
    Case("E25", "", {"Limits.EndpointReentryInterval": "an hour"}),
    Case("E25", "", {"RefreshFrequency": "daily"}),
    Case("E25", "", {"RefreshFrequency": "PT0S"}),
    Case("E26", "", {"QuietTime": {"Start": "21:00"}}),
    Case("E26", "", {"QuietTime": {"Start": "9:00", "End": "25:00"}}),
    Case("E26", "", {"SendingSchedule": True}),
    Case("E26", "", {**QUIET, "OpenHours": {"EMAIL": {"MONDAY": HOURS[:1]}}}),
    Case("E26", "", {**QUIET, "ClosedDays": {"EMAIL": [DAY]}}),
    Case("E26", "", {**SENDING, "OpenHours": {"EMAIL": {"MONDAY": HOURS}}}),
    Case("E26", "", {**SENDING, "OpenHours": {"EMAIL": {"MONDAY": [{"StartTime": "20:00", "EndTime": "22:00"}]}}}),
    Case("E26", "", {**SENDING, "ClosedDays": {"EMAIL": [DAY] * 21}}),
    Case("E26", "", {**SENDING, "ClosedDays": {"EMAIL": [{**DAY, "EndDateTime": DAY["StartDateTime"]}]}}),
    Case("E27", "", {}, {"quota": "an account has at most 50 active journeys"}),
    Case("W3", "", QUIET, {"zoneless": 3}),
    Case("W3", "", {"LocalTime": True}, {"zoneless": 3}),
    Case("W9", "", {"Limits.DailyCap": 0}),
    Case("W10", "", {"Schedule.EndTime": GONE}),
    Case(
        "W13",
        "first",
        {
            **QUIET,
            "Schedule.StartTime": "2027-02-01T20:57:00Z",
            "StartActivity": "first",
            "Activities.first": {
                "SMS": {
                    "TemplateName": "nudge",
                    "MessageConfig": {"MessageType": "PROMOTIONAL"},
                    "NextActivity": "hello",
                }
            },
        },
    ),
)

CASES = (*ENTRY, *SHAPE, *SENDING_CASES, *KINDS, *HOURS_AND_LIMITS)


def test_the_sound_journey_has_no_fault() -> None:
    assert review(SOUND) == []


def test_a_sound_journey_that_an_event_starts_has_no_fault() -> None:
    assert review(changed(BY_EVENT)) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.code}-{case.activity[:8] or 'whole'}")
def test_a_change_makes_its_fault_and_no_other(case: Case) -> None:
    found = review(changed(case.changes), FakeProject(**case.project))
    assert {(one.code, one.activity) for one in found} == {(case.code, case.activity)}, found
    assert all(one.advice == one.code.startswith("W") and one.text for one in found)


def test_every_code_is_documented_and_no_other() -> None:
    text = (Path(__file__).parents[4] / "docs" / "journeys-review.md").read_text()
    assert re.findall(r"^\| `([EW]\d+)` \|", text, re.MULTILINE) == list(CODES)


def test_every_code_has_a_case() -> None:
    assert {case.code for case in CASES} == set(CODES)
