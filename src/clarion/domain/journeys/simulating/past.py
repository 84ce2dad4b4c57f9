"""What was: events of each participant, and how likely somebody responds to a message."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from clarion.domain.events.asking.past import Occurred, Responses, Wanted
from clarion.domain.journeys.conditions.offered import named
from clarion.domain.segments.occasions import occasion
from clarion.shapes.pinpoint import EventDimensions, EventFilter

SENDS: Mapping[str, tuple[str, ...]] = {
    "email": ("_email.send",),
    "sms": ("_SMS.BUFFERED",),
    "push": ("_campaign.send", "_journey.send"),
    "custom": ("_campaign.send", "_journey.send"),
}
"""The events that say that a message was sent, by kind of message activity."""

WEIGHT = 5
"""How many messages of the average person are put to somebody's own: who got few behaves like the others."""


class Times:
    """When certain events were, by participant."""

    def __init__(self, events: Iterable[Occurred], owners: Mapping[str, str]) -> None:
        """`owners` tells the participant of an endpoint key; events of others are left out."""
        self._times: dict[str, list[int]] = {}
        for event in events:
            owner = owners.get(event.endpoint_key)
            if owner is not None:
                self._times.setdefault(owner, []).append(event.at_ms)

    def next_after(self, participant: str, at_ms: int) -> int | None:
        """The first of them after a moment."""
        times = self._times.get(participant, [])
        place = bisect_right(times, at_ms)
        return times[place] if place < len(times) else None

    def any_between(self, participant: str, since_ms: int, until_ms: int) -> bool:
        """Whether there was one from then on, until then."""
        following = self.next_after(participant, since_ms - 1)
        return following is not None and following <= until_ms


class Rates(NamedTuple):
    """How likely people respond: everybody together, and what each did (by endpoint key)."""

    average: float
    known: Mapping[str, Responses]

    def of(self, keys: Collection[str]) -> float:
        """How likely it is for somebody with these endpoints."""
        own = [self.known[key] for key in keys if key in self.known]
        sent, responded = sum(one.sent for one in own), sum(one.responded for one in own)
        return (responded + WEIGHT * self.average) / (sent + WEIGHT)


def rates(known: Mapping[str, Responses]) -> Rates:
    """The rates of what is known; nobody responds where nothing was ever sent."""
    sent = sum(one.sent for one in known.values())
    return Rates(sum(one.responded for one in known.values()) / sent if sent else 0.0, known)


def filtered(app_id: str, filter: EventFilter) -> Wanted:
    """The events of a filter."""
    return _wanted(app_id, filter.dimensions, system=filter.filter_type == "SYSTEM")


def conditioned(app_id: str, dimensions: EventDimensions) -> Wanted:
    """The events that a condition asks for."""
    return _wanted(app_id, dimensions, system=None)


def _wanted(app_id: str, dimensions: EventDimensions, *, system: bool | None) -> Wanted:
    condition = occasion(app_id, dimensions.attributes, dimensions.metrics)
    types = dimensions.event_type
    excluding = types is not None and types.dimension_type == "EXCLUSIVE"
    meant = sorted(named(types.values)) if types else []
    return Wanted(meant, excluding, system, condition.sql, condition.parameters)
