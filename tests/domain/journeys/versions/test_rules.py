"""What a new version of a journey under way may be."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from clarion.core.errors import Conflict, Invalid
from clarion.domain.journeys.model import JourneyState
from clarion.domain.journeys.versions.rules import EDITABLE, check_edit
from clarion.shapes.pinpoint import WriteJourneyRequest
from tests.domain.journeys.walking.test_walk import JOURNEY, NOW

BY_SEGMENT = {"SegmentStartCondition": {"SegmentId": "s"}}
OTHER_SEGMENT = {"SegmentStartCondition": {"SegmentId": "t"}}
FILTER = {"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"Values": ["bought"]}}}
BY_EVENT = {"EventStartCondition": {"EventFilter": FILTER}}
OTHER_EVENT = {"EventStartCondition": {"EventFilter": FILTER, "SegmentId": "s"}}

HOUR = {"Wait": {"WaitTime": {"WaitFor": "PT1H"}}}
HELD = {"Holdout": {"Percentage": 5}}


def written(**members: Any) -> WriteJourneyRequest:
    wanted = {"Name": "way", "StartCondition": BY_SEGMENT, "Activities": {"a": HOUR}, **members}
    return msgspec.convert({name: value for name, value in wanted.items() if value is not None}, WriteJourneyRequest)


def edit(before: dict[str, Any], after: dict[str, Any], *, start_ms: int = NOW, older: Any = ()) -> None:
    old = written(**before)
    row = JOURNEY._replace(start_ms=start_ms)
    check_edit(row, old, written(**after), [old, *(written(**one) for one in older)], NOW)


@pytest.mark.parametrize("state", get_args(JourneyState))
def test_only_where_people_enter(state: JourneyState) -> None:
    row, same = JOURNEY._replace(state=state), written()
    if state in EDITABLE:
        check_edit(row, same, same, [same], NOW)
    else:
        with pytest.raises(Conflict, match="UpdateJourney" if state == "DRAFT" else state):
            check_edit(row, same, same, [same], NOW)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"Name": "other"}),
        ({}, {"StartCondition": OTHER_SEGMENT}),
        ({"StartCondition": BY_EVENT}, {"StartCondition": OTHER_EVENT}),
        ({}, {"Activities": {"a": {"Wait": {"WaitTime": {"WaitFor": "P1D"}}}, "b": HELD}}),
        ({}, {"Activities": {"b": HELD}}),
        ({}, {"Schedule": {"EndTime": "2030-01-01T00:00:00Z"}}),
        ({"RefreshFrequency": "P1D"}, {"RefreshFrequency": "PT1H"}),
        ({"Limits": {"MessagesPerSecond": 5}}, {"Limits": {"MessagesPerSecond": 9}}),
        ({"Limits": {"MessagesPerSecond": 5}}, {"Limits": {}}),
        ({"Limits": {"DailyCap": 5}}, {"Limits": {"DailyCap": 9}}),
        ({"LocalTime": False}, {}),
        ({}, {"Schedule": {"Timezone": "UTC"}}),
    ],
)
def test_what_may_change(before: dict[str, Any], after: dict[str, Any]) -> None:
    edit(before, after)


STARTED = [
    ({}, {"Schedule": {"StartTime": "2030-01-01T00:00:00Z"}}, "Schedule.StartTime"),
    ({"Schedule": {"StartTime": "2023-01-01T00:00:00Z"}}, {}, "Schedule.StartTime"),
    ({}, {"LocalTime": True}, "LocalTime"),
    ({"LocalTime": True}, {}, "LocalTime"),
]


@pytest.mark.parametrize(
    ("before", "after", "at"),
    [
        *STARTED,
        ({}, {"StartCondition": BY_EVENT}, "StartCondition"),
        ({"StartCondition": BY_EVENT}, {"StartCondition": BY_SEGMENT}, "StartCondition"),
        ({}, {"Limits": {"MessagesPerSecond": 5}}, "Limits.MessagesPerSecond"),
        ({}, {"Activities": {"a": HELD}}, "Activities.a"),
        ({"Activities": {"a": {}}}, {"Activities": {"a": HELD}}, "Activities.a"),
    ],
)
def test_what_stays(before: dict[str, Any], after: dict[str, Any], at: str) -> None:
    with pytest.raises(Invalid, match=f"^{at}: "):
        edit(before, after)


@pytest.mark.parametrize(("before", "after", "at"), STARTED)
def test_before_its_start_a_journey_can_be_moved(before: dict[str, Any], after: dict[str, Any], at: str) -> None:
    edit(before, after, start_ms=NOW + 1)
    with pytest.raises(Invalid, match=at):
        edit(before, after, start_ms=NOW)


def test_the_same_time_in_other_words_is_the_same() -> None:
    edit({"Schedule": {"StartTime": "2023-01-01T00:00:00Z"}}, {"Schedule": {"StartTime": "2023-01-01T01:00:00+01:00"}})


def test_an_id_of_long_ago_keeps_its_kind() -> None:
    edit({}, {"Activities": {"b": HELD}}, older=[{"Activities": {"b": HELD}}])
    with pytest.raises(Invalid, match=r"^Activities\.b: "):
        edit({}, {"Activities": {"b": HOUR}}, older=[{"Activities": {"b": HELD}}])
