"""Journeys that nobody checked: any graph, any values that the API's types let through."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import strategies as st

from clarion.shapes.pinpoint import WriteJourneyRequest

IDS = ("a", "b", "c", "d", "e", "f", "not-an-id", "<&\"'>")
TEXT = st.sampled_from(
    ["", "x", "P1D", "PT1H", "P", "2027-03-01T00:00:00Z", "9999-12-31T23:59:59Z", '<b>&"#;`', "\x00\x0b￿", "ñ" * 300]
)
HOW_MUCH = st.sampled_from([-1, 0, 1, 5, 50, 100, 101, 2**31 - 1])


def maybe(**members: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with any of these members."""
    return st.fixed_dictionaries({}, optional=members)


TO = st.sampled_from([*IDS, "nowhere", ""])
TIMES = maybe(WaitFor=TEXT, WaitUntil=TEXT)
EVENTS = maybe(
    EventType=st.fixed_dictionaries(
        {"Values": st.lists(TEXT, max_size=2)}, optional={"DimensionType": st.sampled_from(["INCLUSIVE", "EXCLUSIVE"])}
    ),
    Attributes=st.dictionaries(TEXT, st.fixed_dictionaries({"Values": st.lists(TEXT, max_size=2)}), max_size=1),
    Metrics=st.dictionaries(
        TEXT,
        st.just({"ComparisonOperator": "GREATER_THAN", "Value": 1.0}) | st.just({"ComparisonOperator": "", "Value": 0}),
        max_size=1,
    ),
)
FILTERS = st.fixed_dictionaries({"Dimensions": EVENTS, "FilterType": st.sampled_from(["SYSTEM", "ENDPOINT"])})
CONDITIONS = maybe(
    EventCondition=maybe(MessageActivity=TO, Dimensions=EVENTS),
    SegmentCondition=st.fixed_dictionaries({"SegmentId": TEXT}),
    segmentDimensions=maybe(Behavior=st.just({"Recency": {"Duration": "DAY_7", "RecencyType": "ACTIVE"}})),
)
TEMPLATED = {"TemplateName": TEXT, "TemplateVersion": TEXT, "NextActivity": TO}
SHARES = maybe(Percentage=HOW_MUCH, NextActivity=TO)
ACTIVITIES = maybe(
    Description=TEXT,
    EMAIL=maybe(**TEMPLATED, MessageConfig=maybe(FromAddress=TEXT)),
    SMS=maybe(**TEMPLATED, MessageConfig=maybe(SenderId=TEXT, EntityId=TEXT, OriginationNumber=TEXT)),
    PUSH=maybe(**TEMPLATED, MessageConfig=maybe(TimeToLive=TEXT)),
    CUSTOM=maybe(**TEMPLATED, DeliveryUri=TEXT, EndpointTypes=st.just([]), MessageConfig=maybe(Data=TEXT)),
    Wait=maybe(WaitTime=TIMES, NextActivity=TO),
    ConditionalSplit=maybe(
        Condition=maybe(Conditions=st.lists(CONDITIONS, max_size=5), Operator=st.sampled_from(["ALL", "ANY"])),
        EvaluationWaitTime=TIMES,
        TrueActivity=TO,
        FalseActivity=TO,
    ),
    MultiCondition=maybe(
        Branches=st.lists(maybe(Condition=CONDITIONS, NextActivity=TO), max_size=6),
        DefaultActivity=TO,
        EvaluationWaitTime=TIMES,
    ),
    RandomSplit=maybe(Branches=st.lists(SHARES, max_size=6)),
    Holdout=st.fixed_dictionaries({"Percentage": HOW_MUCH}, optional={"NextActivity": TO}),
    ContactCenter=maybe(NextActivity=TO),
    WaitForEvent=st.fixed_dictionaries(
        {"EventFilter": FILTERS}, optional={"Timeout": TIMES, "NextActivity": TO, "TimeoutActivity": TO}
    ),
)
"""Mostly several things at once, or nothing; `ONE_THING` is well-formed in that."""


def _only(activity: dict[str, Any], number: int) -> dict[str, Any]:
    said = [name for name in activity if name != "Description"]
    kept = {"Description", *(said[number % len(said) :][:1] if said else ())}
    return {name: value for name, value in activity.items() if name in kept}


ONE_THING = st.builds(_only, ACTIVITIES, st.integers(0, 20))
HOURS = st.sampled_from(["", "00:00", "08:00", "21:00", "24:00", "x"])
CHANNELS = ("EMAIL", "SMS", "PUSH", "VOICE", "CUSTOM")
MOMENTS = st.sampled_from(
    [
        "2026-01-01T00:00:00Z",
        "2027-02-01T20:57:00Z",
        "2029-01-01T00:00:00+05:45",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ]
)
JOURNEYS = st.fixed_dictionaries(
    {"Name": TEXT},
    optional={
        "Activities": st.dictionaries(st.sampled_from(IDS), ONE_THING | ACTIVITIES, max_size=8),
        "StartActivity": TO,
        "StartCondition": maybe(
            SegmentStartCondition=st.fixed_dictionaries({"SegmentId": TEXT}),
            EventStartCondition=maybe(EventFilter=FILTERS, SegmentId=TEXT),
        ),
        "Schedule": maybe(StartTime=MOMENTS, EndTime=MOMENTS, Timezone=TEXT),
        "LocalTime": st.booleans(),
        "RefreshFrequency": TEXT,
        "RefreshOnSegmentUpdate": st.booleans(),
        "Limits": maybe(
            DailyCap=HOW_MUCH,
            EndpointReentryCap=HOW_MUCH,
            EndpointReentryInterval=TEXT,
            MessagesPerSecond=HOW_MUCH,
            TimeframeCap=maybe(Cap=HOW_MUCH, Days=HOW_MUCH),
        ),
        "QuietTime": maybe(Start=HOURS, End=HOURS),
        "SendingSchedule": st.booleans(),
        "OpenHours": st.dictionaries(
            st.sampled_from(CHANNELS),
            st.dictionaries(
                st.sampled_from(["MONDAY", "SUNDAY"]),
                st.lists(maybe(StartTime=HOURS, EndTime=HOURS), max_size=5),
                max_size=2,
            ),
        ),
        "ClosedDays": st.dictionaries(
            st.sampled_from(CHANNELS), st.lists(maybe(StartDateTime=TEXT, EndDateTime=TEXT), max_size=3)
        ),
        "JourneyChannelSettings": maybe(ConnectCampaignArn=TEXT, ConnectCampaignExecutionRoleArn=TEXT),
        "ExitCriteria": maybe(Events=st.lists(FILTERS, max_size=2)),
    },
).map(lambda document: msgspec.convert(document, WriteJourneyRequest))
