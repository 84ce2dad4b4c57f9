"""What is kept of a request, and what even a draft has to be."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.core.errors import Invalid
from clarion.domain.journeys.definition import (
    Defaults,
    check,
    defaults_from,
    defaults_of,
    encode,
    is_event_started,
    kept_of,
    rate_of,
    route,
    segment_of,
)
from clarion.shapes.pinpoint import ApplicationSettingsResource, WriteJourneyRequest


def written(**members: Any) -> WriteJourneyRequest:
    return msgspec.convert({"Name": "way", **members}, WriteJourneyRequest)


EVENT = {"EventFilter": {"FilterType": "ENDPOINT", "Dimensions": {"EventType": {"Values": ["bought"]}}}}


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"Name": "_" * 150},
        {"Name": "Grüße"},
        {"Activities": {"A1": {}, "z" * 100: {}}},
        {"StartActivity": "s" * 128},
        {"StartActivity": ""},
        {"State": "DRAFT"},
        {"State": "ACTIVE"},
    ],
)
def test_what_a_draft_may_be(members: dict[str, Any]) -> None:
    check(written(**members))


@pytest.mark.parametrize(
    ("members", "at"),
    [
        ({"Name": ""}, "Name"),
        ({"Name": "a b"}, "Name"),
        ({"Name": "a\n"}, "Name"),
        ({"Name": "_" * 151}, "Name"),
        ({"Activities": {"": {}}}, "Activities"),
        ({"Activities": {"a\n": {}}}, "Activities"),
        ({"Activities": {"ä": {}}}, "Activities"),
        ({"Activities": {"a": {}, "b_": {}}}, "Activities"),
        ({"Activities": {"z" * 101: {}}}, "Activities"),
        ({"StartActivity": "s" * 129}, "StartActivity"),
        ({"StartActivity": "a-b"}, "StartActivity"),
        *(({"State": state}, "State") for state in ("PAUSED", "CLOSED", "COMPLETED", "CANCELLED")),
    ],
)
def test_what_it_must_not_be(members: dict[str, Any], at: str) -> None:
    with pytest.raises(Invalid, match=f"^{at}"):
        check(written(**members))


def test_state_and_dates_are_not_kept() -> None:
    kept = kept_of(written(State="ACTIVE", CreationDate="2001", LastModifiedDate="2002", LocalTime=False))
    assert kept == written(LocalTime=False)
    assert route(encode(kept)).wanted == kept


@pytest.mark.parametrize(
    ("start", "segment", "by_event"),
    [
        (None, "", False),
        ({}, "", False),
        ({"SegmentStartCondition": {"SegmentId": "s"}}, "s", False),
        ({"EventStartCondition": EVENT}, "", True),
        ({"EventStartCondition": {**EVENT, "SegmentId": "s"}}, "s", True),
    ],
)
def test_how_it_starts(start: Any, segment: str, by_event: bool) -> None:
    wanted = written(**({} if start is None else {"StartCondition": start}))
    assert (segment_of(wanted), is_event_started(wanted)) == (segment, by_event)


@pytest.mark.parametrize(
    ("limits", "rate"), [(None, 0), ({}, 0), ({"MessagesPerSecond": 0}, 0), ({"MessagesPerSecond": 7}, 7)]
)
def test_its_rate(limits: Any, rate: int) -> None:
    assert rate_of(written(**({} if limits is None else {"Limits": limits}))) == rate


def test_defaults_are_the_settings_of_the_project() -> None:
    said = {
        "ApplicationId": "a",
        "JourneyLimits": {"DailyCap": 3, "TotalCap": 9, "TimeframeCap": {"Cap": 4, "Days": 7}},
        "Limits": {"Daily": 5},
        "QuietTime": {"Start": "22:00", "End": "07:00"},
    }
    kept = defaults_of(defaults_from(msgspec.convert(said, ApplicationSettingsResource)))
    assert msgspec.to_builtins(kept.journey_limits) == said["JourneyLimits"]
    assert (kept.limits.daily, kept.quiet_time and kept.quiet_time.start) == (5, "22:00")


def test_a_project_that_says_nothing() -> None:
    said = {"ApplicationId": "a", "JourneyLimits": {}, "Limits": {}, "QuietTime": {}}
    assert defaults_of(defaults_from(msgspec.convert(said, ApplicationSettingsResource))) == Defaults()
