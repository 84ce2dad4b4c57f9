"""A journey without any fault, and a project in which it is one."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import msgspec

from clarion.core.clock import parse_iso, to_ms
from clarion.domain.journeys.graph import parse
from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.review.context import Review
from clarion.domain.journeys.review.looking import look
from clarion.domain.journeys.schedule import plan
from clarion.shapes.pinpoint import WriteJourneyRequest

NOW = to_ms(parse_iso("2027-01-01T00:00:00Z"))
DELAY_MS = 300_000
GONE = object()
"""In place of a value: the member is taken out."""

OPENED = {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["_email.open"]}}
BOUGHT = {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["bought"]}}

SOUND: Mapping[str, Any] = {
    "Name": "welcome",
    "StartActivity": "hello",
    "StartCondition": {"SegmentStartCondition": {"SegmentId": "everybody"}},
    "RefreshFrequency": "P1D",
    "Schedule": {"EndTime": "2027-06-01T00:00:00Z", "Timezone": "UTC"},
    "Limits": {"DailyCap": 2, "EndpointReentryCap": 1},
    "JourneyChannelSettings": {
        "ConnectCampaignArn": "arn:aws:connect-campaigns:eu-central-1:000000000001:campaign/c1",
        "ConnectCampaignExecutionRoleArn": "arn:aws:iam::000000000001:role/dialler",
    },
    "Activities": {
        "hello": {"EMAIL": {"TemplateName": "hello", "NextActivity": "opened"}},
        "opened": {
            "ConditionalSplit": {
                "Condition": {"Conditions": [{"EventCondition": {"MessageActivity": "hello", "Dimensions": OPENED}}]},
                "EvaluationWaitTime": {"WaitFor": "P2D"},
                "TrueActivity": "lots",
                "FalseActivity": "nudge",
            }
        },
        "nudge": {
            "SMS": {
                "TemplateName": "nudge",
                "MessageConfig": {"MessageType": "PROMOTIONAL"},
                "NextActivity": "pause",
            }
        },
        "lots": {
            "RandomSplit": {
                "Branches": [{"Percentage": 60, "NextActivity": "pause"}, {"Percentage": 40, "NextActivity": "held"}]
            }
        },
        "held": {"Holdout": {"Percentage": 10, "NextActivity": "pause"}},
        "pause": {"Wait": {"WaitTime": {"WaitFor": "P7D"}, "NextActivity": "which"}},
        "which": {
            "MultiCondition": {
                "Branches": [{"Condition": {"SegmentCondition": {"SegmentId": "vips"}}, "NextActivity": "news"}],
                "DefaultActivity": "bought",
            }
        },
        "news": {"PUSH": {"TemplateName": "news"}},
        "bought": {
            "WaitForEvent": {
                "EventFilter": {"FilterType": "ENDPOINT", "Dimensions": BOUGHT},
                "Timeout": {"WaitFor": "P3D"},
                "NextActivity": "told",
                "TimeoutActivity": "call",
            }
        },
        "told": {"CUSTOM": {"DeliveryUri": "told", "EndpointTypes": ["CUSTOM"]}},
        "call": {"ContactCenter": {}},
    },
}

EVENT = {"EventStartCondition": {"EventFilter": {"FilterType": "ENDPOINT", "Dimensions": BOUGHT}}}
"""A start condition for a journey that an event starts."""


class FakeProject:
    """`review.context.Lookups` for a project in which everything is there; tests set what is not."""

    def __init__(self, **changed: Any) -> None:
        self.templates = {("EMAIL", "hello"), ("SMS", "nudge"), ("PUSH", "news"), ("EMAIL", "more")}
        self.channels = frozenset({"EMAIL", "SMS", "GCM", "VOICE"})
        self.from_address = "shop@example.com"
        self.segments = {"everybody": "DIMENSIONAL", "vips": "DIMENSIONAL", "list": "IMPORT", "on": "BUILT_ON_IMPORT"}
        self.size = 1_000
        self.zoneless = 0
        self.refusal = ""
        self.variables: list[str] = []
        self.rates: dict[str, int] = {}
        self.local: frozenset[str] = frozenset()
        self.capped = False
        self.was_tested = True
        self.callers: list[str] = []
        self.quota = ""
        for name, value in changed.items():
            assert hasattr(self, name), name
            setattr(self, name, value)

    def template(self, kind: str, name: str, version: str | None) -> bool:
        return (kind, name) in self.templates and version in (None, "1")

    def enabled(self) -> frozenset[str]:
        return self.channels

    def sender(self) -> str:
        return self.from_address

    def segment(self, segment_id: str) -> str | None:
        return self.segments.get(segment_id)

    def members(self, segment_id: str) -> int:
        return self.size

    def without_zone(self, segment_id: str) -> int:
        return self.zoneless

    def refused(self, uri: str) -> str:
        return self.refusal

    def undefaulted(self, kind: str, name: str, version: str | None) -> list[str]:
        return self.variables if name == "hello" else []

    def rate(self, channel: str) -> int:
        return self.rates.get(channel, 0)

    def stays_here(self, channel: str) -> bool:
        return channel in self.local

    def daily_cap(self) -> bool:
        return self.capped

    def tested(self) -> bool:
        return self.was_tested

    def also_calling(self, campaign_arn: str) -> list[str]:
        return self.callers

    def full(self, event_started: bool) -> str:
        return self.quota


def changed(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The sound journey with other values at these paths (members by dots), or without what is `GONE`."""
    document: dict[str, Any] = copy.deepcopy(dict(SOUND))
    for path, value in changes.items():
        *way, last = path.split(".")
        place = document
        for name in way:
            place = place.setdefault(name, {}) if isinstance(place, dict) else place[int(name)]
        if value is GONE:
            del place[last]
        else:
            place[last] = value
    return document


def review(document: Mapping[str, Any], project: FakeProject | None = None) -> list[Fault]:
    """The faults of a journey, as of `NOW`."""
    wanted = msgspec.convert(document, WriteJourneyRequest)
    planned = plan(wanted, NOW, DELAY_MS, 540)
    return look(
        Review(
            wanted=wanted,
            graph=parse(wanted),
            lookups=project or FakeProject(),
            now_ms=NOW,
            start_ms=planned.start_ms,
            end_ms=planned.end_ms,
            delay_ms=DELAY_MS,
            most_days=540,
        )
    )
