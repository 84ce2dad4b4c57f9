"""Random journeys that a review would let pass, in Pinpoint's own shape."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

import msgspec

from clarion.core.clock import DAY_MS, HOUR_MS, from_ms, iso
from clarion.domain.journeys.activities.port import KINDS
from clarion.shapes.pinpoint import WriteJourneyRequest
from tests.domain.journeys.simulation.ground import TEMPLATE

EVENTS = ("bought", "viewed", "left")
SEGMENTS = ("red", "green", "blue")
MESSAGES = ("EMAIL", "SMS", "PUSH", "CUSTOM")

Shape = dict[str, Any]


class Author:
    """Writes journeys that are alive from `start_ms` to `end_ms` at the longest (Unix ms)."""

    def __init__(self, chance: random.Random, start_ms: int, end_ms: int) -> None:
        self._chance = chance
        self._start_ms = start_ms
        self._end_ms = end_ms
        self._later: list[str] = []
        self._messages: list[str] = []

    def journey(self, prefix: str = "a", **given: Any) -> WriteJourneyRequest:
        """A journey whose activities' ids begin so; `given` are members that are not left to chance."""
        chance = self._chance
        wanted: Shape = {"Name": "simulated", "State": "ACTIVE", **self._activities(prefix), **self._times()}
        wanted["Limits"] = self._limits()
        if chance.random() < 0.2:
            wanted["ExitCriteria"] = {"Events": [self.event(chance.choice(EVENTS))]}
        return msgspec.convert(wanted | given, WriteJourneyRequest)

    def start(self) -> Shape:
        """How people get in: the members of the journey that say so."""
        chance = self._chance
        if chance.random() < 0.3:
            start: Shape = {"EventFilter": self.event(EVENTS[0])}
            if chance.random() < 0.3:
                start["SegmentId"] = chance.choice(SEGMENTS)
            return {"StartCondition": {"EventStartCondition": start}, "LocalTime": False}
        members: Shape = {"StartCondition": {"SegmentStartCondition": {"SegmentId": chance.choice(SEGMENTS)}}}
        if chance.random() < 0.75:
            members["RefreshFrequency"] = chance.choice(self._refreshes())
            members["RefreshOnSegmentUpdate"] = chance.random() < 0.3
        members["LocalTime"] = chance.random() < 0.25
        return members

    def _refreshes(self) -> list[str]:
        """Intervals that do not give more runs than are needed to see what they do."""
        days = (self._end_ms - self._start_ms) // DAY_MS
        return [
            text
            for text, length in (("P1D", 1), ("P7D", 7), ("P1M", 30), ("P3M", 90), ("P1Y", 365))
            if days / 8 < length
        ]

    def event(self, event_type: str) -> Shape:
        return {"FilterType": "ENDPOINT", "Dimensions": _event_type(event_type)}

    def _times(self) -> Shape:
        chance = self._chance
        hours = (self._end_ms - self._start_ms) // HOUR_MS
        schedule: Shape = {"EndTime": iso(from_ms(self._end_ms)), "Timezone": "UTC"}
        if chance.random() < 0.5:
            schedule["StartTime"] = iso(
                from_ms(self._start_ms) + timedelta(hours=chance.randint(1, min(400, hours // 2)))
            )
        times: Shape = {"Schedule": schedule}
        if chance.random() < 0.5:
            begin = chance.randrange(24)
            end = (begin + chance.randint(1, 14)) % 24
            times |= {
                "QuietTime": {"Start": f"{begin:02}:00", "End": f"{end:02}:30"},
                "WaitForQuietTime": chance.random() < 0.7,
            }
        return times

    def _limits(self) -> Shape:
        chance = self._chance
        limits: Shape = {"EndpointReentryCap": chance.choice([0, 1, 1, 2, 3])}
        if chance.random() < 0.3:
            limits["EndpointReentryInterval"] = chance.choice(["PT1H", "P3D", "P40D"])
        if chance.random() < 0.3:
            limits["DailyCap"] = chance.randint(1, 2)
        if chance.random() < 0.3:
            limits["TotalCap"] = chance.randint(1, 5)
        if chance.random() < 0.2:
            limits["TimeframeCap"] = {"Cap": chance.randint(1, 4), "Days": chance.randint(1, 30)}
        if chance.random() < 0.2:
            limits["MessagesPerSecond"] = chance.choice([1, 1, 50])
        if chance.random() < 0.1:
            limits["MaximumParticipants"] = chance.randint(1, 6)
        return limits

    def _activities(self, prefix: str) -> Shape:
        names = [f"{prefix}{number}" for number in range(self._chance.randint(1, 9))]
        kinds = [kind.wire for kind in KINDS.values() if kind.wire in self._drawings]
        kinds += [kind for kind in MESSAGES if kind in kinds]
        activities: Shape = {}
        self._messages = []
        for number, name in enumerate(names):
            # The nearer ones first: long ways, that meet again.
            self._later = names[number + 1 : number + 4]
            kind = self._chance.choice(kinds)
            activities[name] = {kind: self._drawings[kind](self)}
            if kind in MESSAGES:
                self._messages.append(name)
        return {"Activities": activities, "StartActivity": names[0]}

    def _next(self, member: str = "NextActivity") -> Shape:
        """A way on, or (one in ten, and at the end) out."""
        if not self._later or self._chance.random() < 0.1:
            return {}
        return {member: self._chance.choice(self._later)}

    def _length(self) -> str:
        return self._chance.choice(["PT1H", "PT7H", "P1D", "P3D", "P1M", "P100D"])

    def _time(self, member: str, often: float = 1.0) -> Shape:
        """A time to wait, for that member."""
        if self._chance.random() >= often:
            return {}
        if self._chance.random() < 0.25:
            at_ms = self._chance.randint(self._start_ms, max(self._start_ms + HOUR_MS, self._end_ms - DAY_MS))
            return {member: {"WaitUntil": iso(from_ms(at_ms))}}
        return {member: {"WaitFor": self._length()}}

    def _wait(self) -> Shape:
        return self._time("WaitTime") | self._next()

    def _wait_for_event(self) -> Shape:
        members: Shape = {"EventFilter": self.event(self._chance.choice(EVENTS))}
        return members | self._time("Timeout", 0.7) | self._next() | self._next("TimeoutActivity")

    def _split(self) -> Shape:
        conditions = [self._condition() for _ in range(self._chance.randint(1, 3))]
        members: Shape = {"Condition": {"Conditions": conditions, "Operator": self._chance.choice(["ALL", "ANY"])}}
        return (
            members | self._time("EvaluationWaitTime", 0.5) | self._next("TrueActivity") | self._next("FalseActivity")
        )

    def _many(self) -> Shape:
        branches = [{"Condition": self._condition(), **self._next()} for _ in range(self._chance.randint(1, 4))]
        return {"Branches": branches} | self._time("EvaluationWaitTime", 0.5) | self._next("DefaultActivity")

    def _condition(self) -> Shape:
        kind = self._chance.randrange(3)
        if kind == 0:
            return {"SegmentCondition": {"SegmentId": self._chance.choice(SEGMENTS)}}
        if kind == 1 and self._messages:
            dimensions = _event_type("_email.open")
            return {
                "EventCondition": {"Dimensions": dimensions, "MessageActivity": self._chance.choice(self._messages)}
            }
        return {"segmentDimensions": {"Attributes": {"colour": {"AttributeType": "INCLUSIVE", "Values": ["red"]}}}}

    def _random(self) -> Shape:
        parts = self._chance.choice([[50, 50], [1, 99], [20, 30, 50], [10, 20, 30, 25, 15]])
        return {"Branches": [{"Percentage": part, **self._next()} for part in parts]}

    def _holdout(self) -> Shape:
        return {"Percentage": self._chance.choice([0, 10, 50, 100])} | self._next()

    def _message(self) -> Shape:
        return {"TemplateName": TEMPLATE} | self._next()

    def _sms(self) -> Shape:
        return self._message() | {"MessageConfig": {"MessageType": "PROMOTIONAL"}}

    def _custom(self) -> Shape:
        return self._message() | {
            "DeliveryUri": "https://example.com/custom",
            "EndpointTypes": ["EMAIL", "SMS", "PUSH"],
        }

    _drawings: ClassVar[Mapping[str, Callable[[Author], Shape]]] = {
        "Wait": _wait,
        "WaitForEvent": _wait_for_event,
        "ConditionalSplit": _split,
        "MultiCondition": _many,
        "RandomSplit": _random,
        "Holdout": _holdout,
        "EMAIL": _message,
        "SMS": _sms,
        "PUSH": _message,
        "CUSTOM": _custom,
        "ContactCenter": _next,
    }


def _event_type(event_type: str) -> Shape:
    return {"EventType": {"DimensionType": "INCLUSIVE", "Values": [event_type]}}
