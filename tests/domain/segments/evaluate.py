"""The slow, obvious reading of a segment: the reference's sentences over plain Python objects.

It shares nothing with the compiler but the shapes, and is what the compiler is held against.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from clarion.domain.segments.model import Segment
from clarion.shapes.pinpoint import (
    AttributeDimension,
    GPSPointDimension,
    MetricDimension,
    RecencyDimension,
    SegmentDemographics,
    SegmentDimensions,
    SegmentEventDimension,
    SegmentGroup,
    SetDimension,
)

PUSH = {"PUSH", "GCM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "ADM", "BAIDU"}
DURATIONS = {
    "HR_24": timedelta(hours=24),
    "DAY_7": timedelta(days=7),
    "DAY_14": timedelta(days=14),
    "DAY_30": timedelta(days=30),
}
CAUSED = {"_email.open", "_email.click", "_email.unsubscribe", "_email.complaint", "_SMS.OPTOUT"}


RECORDED = re.compile(r"_email\..*|_SMS\..*|_clarion\..*|_(campaign|journey)\.send")


class Happening(NamedTuple):
    """An event of an endpoint; `system`: recorded by Clarion, not reported by an app. `id`: "" is one of its own."""

    kind: str
    at: datetime
    system: bool = False
    attributes: Mapping[str, str] = {}
    metrics: Mapping[str, float] = {}
    id: str = ""


@dataclass
class Person:
    """An endpoint and what it did."""

    key: str
    user_id: str = ""
    channel_type: str = ""
    app_version: str = ""
    make: str = ""
    model: str = ""
    platform: str = ""
    country: str = ""
    latitude: float | None = None
    longitude: float | None = None
    effective: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    attributes: Mapping[str, list[str]] = field(default_factory=dict)
    user_attributes: Mapping[str, list[str]] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    address: str = ""
    timezone: str = ""
    opt_out: str = "NONE"
    status: str = "ACTIVE"
    cohort: int = 0
    events: list[Happening] = field(default_factory=list)


@dataclass
class World:
    """Everything a selection can look at. `lists`: rows (endpoint key, user id) of imported segments' versions."""

    people: list[Person]
    now: datetime
    find: Callable[[str, int | None], Segment | None]
    lists: Mapping[tuple[str, int], list[tuple[str, str]]] = field(default_factory=dict)

    def members(self, segment: Segment) -> set[str]:
        """The keys of those who are in the segment."""
        if segment.kind == "IMPORT":
            return self._listed(segment)
        groups = segment.definition.groups
        if groups is None:
            assert segment.definition.dimensions is not None
            return self._matching(segment.definition.dimensions)
        return self._joined(groups.include, [self._group(group) for group in groups.groups or []])

    def _everybody(self) -> set[str]:
        return {person.key for person in self.people}

    def _joined(self, how: str | None, sets: Iterable[set[str]]) -> set[str]:
        if how == "ANY":
            return set().union(*sets)
        if how == "NONE":
            return self._everybody() - set().union(*sets)
        return self._everybody().intersection(*sets)

    def _group(self, group: SegmentGroup) -> set[str]:
        base = self._everybody()
        if group.source_segments:
            found = [self.find(source.id, source.version) for source in group.source_segments]
            base = self._joined(group.source_type, [self.members(one) if one else set() for one in found])
        if group.dimensions:
            base &= self._joined(group.type, [self._matching(dimensions) for dimensions in group.dimensions])
        return base

    def _listed(self, segment: Segment) -> set[str]:
        rows = self.lists.get((segment.id, segment.version), [])
        keys = {key for key, _ in rows if key}
        users = {user for key, user in rows if user and not key}
        return {person.key for person in self.people if person.key in keys or person.user_id in users}

    def _matching(self, dimensions: SegmentDimensions) -> set[str]:
        return {person.key for person in self.people if self._matches(person, dimensions)}

    def _matches(self, person: Person, dimensions: SegmentDimensions) -> bool:
        location = dimensions.location
        recency = dimensions.behavior and dimensions.behavior.recency
        return (
            _all_attributes(person.attributes, dimensions.attributes)
            and _all_attributes(person.user_attributes, dimensions.user_attributes)
            and all(_metric(person.metrics.get(name), one) for name, one in (dimensions.metrics or {}).items())
            and (not recency or self._recent(person, recency))
            and all(self._did(person, event) for event in (dimensions.behavior and dimensions.behavior.events) or [])
            and (not dimensions.demographic or _demographic(person, dimensions.demographic))
            and (not location or not location.country or _in_set(person.country, location.country))
            and (not location or not location.gps_point or _near(person, location.gps_point))
        )

    def _recent(self, person: Person, recency: RecencyDimension) -> bool:
        activity = [event.at for event in person.events if not event.system or event.kind in CAUSED]
        last = max([person.effective, *activity])
        return (last >= self.now - DURATIONS[recency.duration]) == (recency.recency_type == "ACTIVE")

    def _did(self, person: Person, dimension: SegmentEventDimension) -> bool:
        happened = [
            event
            for event in person.events
            if event.kind == dimension.event_type
            and event.at >= self.now - timedelta(days=dimension.days)
            and (event.system or not RECORDED.fullmatch(event.kind))
            and _all_attributes({name: [value] for name, value in event.attributes.items()}, dimension.attributes)
            and all(_metric(event.metrics.get(name), one) for name, one in (dimension.metrics or {}).items())
        ]
        if RECORDED.fullmatch(dimension.event_type):
            named = {event.id for event in happened if event.id}
            count = len(named) + sum(1 for event in happened if not event.id)
        else:
            count = len(happened)
        most = math.inf if dimension.maximum_count is None else dimension.maximum_count
        did = (dimension.minimum_count or 1) <= count <= most
        return did != (dimension.dimension_type == "EXCLUSIVE")


def _all_attributes(has: Mapping[str, list[str]], wanted: Mapping[str, AttributeDimension] | None) -> bool:
    return all(_attribute(has.get(name, []), dimension) for name, dimension in (wanted or {}).items())


def _attribute(has: list[str], dimension: AttributeDimension) -> bool:
    kind, values = dimension.attribute_type or "INCLUSIVE", dimension.values
    if kind == "INCLUSIVE":
        return any(value in values for value in has)
    if kind == "EXCLUSIVE":
        return not any(value in values for value in has)
    if kind == "CONTAINS":
        return any(text in value for value in has for text in values)
    moments = [moment for moment in map(read, has) if moment is not None]
    bounds = [bound for bound in map(read, values) if bound is not None]
    if kind == "BEFORE":
        return any(moment < bound for moment in moments for bound in bounds)
    if kind == "AFTER":
        return any(moment > bound for moment in moments for bound in bounds)
    if kind == "ON":
        return any(moment.date() == bound.date() for moment in moments for bound in bounds)
    return any(min(bounds) <= moment <= max(bounds) for moment in moments)


def read(text: str) -> datetime | None:
    """An instant to the millisecond, or a date as midnight UTC; no offset is UTC."""
    for pattern in ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f"):
        for zone in ("", "%z"):
            if pattern == "%Y-%m-%d" and zone:
                continue
            try:
                moment = datetime.strptime(text, pattern + zone)
            except ValueError:
                continue
            if not text.startswith(moment.strftime("%Y-%m-%d")):
                return None
            moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
            return moment.astimezone(UTC) if zone else moment.replace(tzinfo=UTC)
    return None


def _metric(value: float | None, dimension: MetricDimension) -> bool:
    if value is None:
        return False
    return {
        "EQUAL": value == dimension.value,
        "GREATER_THAN": value > dimension.value,
        "LESS_THAN": value < dimension.value,
        "GREATER_THAN_OR_EQUAL": value >= dimension.value,
        "LESS_THAN_OR_EQUAL": value <= dimension.value,
    }[dimension.comparison_operator]


def _demographic(person: Person, demographic: SegmentDemographics) -> bool:
    return (
        _in_set(person.app_version, demographic.app_version)
        and _in_set(person.channel_type, _spelt_out(demographic.channel))
        and _in_set("", demographic.device_type)
        and _in_set(person.make, demographic.make)
        and _in_set(person.model, demographic.model)
        and _in_set(person.platform, demographic.platform)
    )


def _spelt_out(channel: SetDimension | None) -> SetDimension | None:
    if channel is None or "PUSH" not in channel.values:
        return channel
    return SetDimension(dimension_type=channel.dimension_type, values=[*channel.values, *PUSH])


def _in_set(value: str, dimension: SetDimension | None) -> bool:
    if dimension is None:
        return True
    return (value != "" and value in dimension.values) == (dimension.dimension_type != "EXCLUSIVE")


def _near(person: Person, point: GPSPointDimension) -> bool:
    if person.latitude is None or person.longitude is None:
        return False
    there = point.coordinates
    if point.range_in_kilometers is None:
        return (_cell(person.latitude), _cell(person.longitude)) == (_cell(there.latitude), _cell(there.longitude))
    return kilometers(person.latitude, person.longitude, there.latitude, there.longitude) <= point.range_in_kilometers


def _cell(degrees: float) -> int:
    return math.floor(degrees * 10 + 0.5)


def kilometers(latitude: float, longitude: float, latitude2: float, longitude2: float) -> float:
    """The haversine distance on a sphere as large as the earth."""
    phi, phi2 = math.radians(latitude), math.radians(latitude2)
    across = math.sin((phi2 - phi) / 2) ** 2
    along = math.cos(phi) * math.cos(phi2) * math.sin(math.radians(longitude2 - longitude) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(min(1.0, across + along)))
