"""How many messages somebody inside may get: the journey's limits, and the project's as they were when it was made.

What is counted is the record, in which a message stands from when it is planned, and what this step made besides.
Source: spec of journeys, 8.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from clarion.core.clock import DAY_MS
from clarion.domain.events.asking.sent import Sent
from clarion.domain.events.model import PLANNED, EventRow
from clarion.domain.journeys.definition import Defaults
from clarion.domain.messaging.model import Refusal
from clarion.shapes.pinpoint import JourneyLimits, JourneyTimeframeCap, WriteJourneyRequest

Ask = Callable[[list[str], "Caps"], Mapping[str, Sent]]
"""What endpoints got so far, by key."""


class Caps(NamedTuple):
    """Most messages, 0: no limit. In the last day: of the journey to one participant, of all journeys to one endpoint,
    of everything to one endpoint. Then of the journey to one endpoint ever, of all journeys in the last `days`."""

    daily: int = 0
    daily_journeys: int = 0
    daily_app: int = 0
    total: int = 0
    timeframe: int = 0
    days: int = 0

    @property
    def any(self) -> bool:
        """Whether anything is limited."""
        return any(self[:5])

    def since_ms(self, now_ms: int) -> int:
        """Nothing before that (Unix ms) matters."""
        return 0 if self.total else now_ms - max(self.days if self.timeframe else 0, 1) * DAY_MS


def caps_of(wanted: WriteJourneyRequest, defaults: Defaults) -> Caps:
    """The limits of a journey; the project's hold where it has none of its own."""
    own, project = wanted.limits or JourneyLimits(), defaults.journey_limits
    daily = own.daily_cap or 0
    journeys = 0 if daily else project.daily_cap or 0
    frame = own.timeframe_cap or project.timeframe_cap or JourneyTimeframeCap()
    limited = bool(frame.cap and frame.days)
    return Caps(
        daily=daily,
        daily_journeys=journeys,
        daily_app=0 if daily or journeys else defaults.limits.daily or 0,
        total=(project.total_cap if own.total_cap is None else own.total_cap) or 0,
        timeframe=(frame.cap or 0) if limited else 0,
        days=(frame.days or 0) if limited else 0,
    )


class Allowance:
    """`messaging.model.Limit` of a journey for the people of a group.

    `owners` says whose each endpoint is, by key: all endpoints of all the group, whatever their channel.
    """

    def __init__(self, caps: Caps, before: Mapping[str, Sent], owners: Mapping[str, str]) -> None:
        self._caps = caps
        self._before = before
        self._owners = owners
        self._since: Counter[str] = Counter()
        self._of_owner: Counter[str] = Counter()
        for key, sent in before.items():
            self._of_owner[owners.get(key, key)] += sent.recent

    def over(self, endpoint_key: str) -> Refusal | None:
        """See `Limit.over`."""
        caps, before, since = self._caps, self._before.get(endpoint_key, _NOTHING), self._since[endpoint_key]
        owner = self._of_owner[self._owners.get(endpoint_key, endpoint_key)]
        if caps.daily and owner >= caps.daily:
            return _refused("daily_cap", f"{owner} messages of this journey in 24 hours, at most {caps.daily}")
        for gate, most, count, what in (
            ("daily_cap", caps.daily_journeys, before.journeys_recent, "of journeys in 24 hours"),
            ("daily_cap", caps.daily_app, before.app_recent, "of the project in 24 hours"),
            ("total_cap", caps.total, before.total, "of this journey"),
            ("timeframe_cap", caps.timeframe, before.journeys_long, f"of journeys in {caps.days} days"),
        ):
            if most and count + since >= most:
                return _refused(gate, f"{count + since} messages {what}, at most {most}")
        return None

    def add(self, endpoint_key: str, number: int) -> None:
        """See `Limit.add`."""
        self._since[endpoint_key] += number
        self._of_owner[self._owners.get(endpoint_key, endpoint_key)] += number


def planned(events: Iterable[EventRow]) -> list[EventRow]:
    """Those of a step's events that say that a message is on its way."""
    return [event for event in events if event.event_type == PLANNED]


_NOTHING = Sent()


def _refused(gate: str, reason: str) -> Refusal:
    return Refusal(gate, reason, "DAILY_CAP")
