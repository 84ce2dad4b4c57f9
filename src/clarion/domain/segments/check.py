"""What a segment may be: the rules of WriteSegmentRequest. Every complaint names its field by path."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from clarion.core.errors import Invalid
from clarion.domain.segments.algebra import SEPARATOR
from clarion.domain.segments.model import Segment, instant
from clarion.domain.segments.parse import COMPARISONS, Find, parse
from clarion.shapes.pinpoint import (
    AttributeDimension,
    GPSPointDimension,
    MetricDimension,
    SegmentDemographics,
    SegmentDimensions,
    SegmentEventDimension,
    SegmentGroup,
    SetDimension,
    WriteSegmentRequest,
)

T = TypeVar("T")

MOST_DIMENSIONS = 100
LONGEST_VALUE = 100
MOST_FILTERS = 20
"""How many attributes and metrics one event may be asked for."""


def check_request(request: WriteSegmentRequest) -> None:
    """The rules that need nothing but the request; raises Invalid for the first one broken."""
    if request.dimensions is not None and request.segment_groups is not None:
        raise Invalid("Dimensions and SegmentGroups exclude each other: send one of them")
    if request.dimensions is not None:
        count = _dimensions("Dimensions", request.dimensions)
    elif request.segment_groups is not None:
        if not request.segment_groups.groups:
            raise Invalid("SegmentGroups.Groups: must have at least one group")
        groups = _numbered("SegmentGroups.Groups", request.segment_groups.groups)
        count = sum(_group(path, group) for path, group in groups)
    else:
        raise Invalid("Dimensions or SegmentGroups: one of them is required")
    if count > MOST_DIMENSIONS:
        raise Invalid(f"a segment has at most {MOST_DIMENSIONS} dimensions, this one has {count}")


def check_sources(candidate: Segment, find: Find) -> None:
    """The rules about source segments, for a candidate that carries the id it has or will have.

    Raises Invalid when a source does not exist, kinds are mixed, the candidate is among its own sources, or
    the whole is too large to be selected.
    """
    groups = candidate.definition.groups
    for path, group in _numbered("SegmentGroups.Groups", (groups and groups.groups) or []):
        kinds = []
        for at, source in _numbered(f"{path}.SourceSegments", group.source_segments or []):
            found = find(source.id, source.version)
            if found is None:
                version = "" if source.version is None else f" version {source.version}"
                raise Invalid(f"{at}: segment {source.id}{version} does not exist in this application")
            kinds.append(found.kind)
        if "IMPORT" in kinds and len(kinds) > 1:
            raise Invalid(f"{path}.SourceSegments: must be one imported segment, or dimensional ones only")
    parse(candidate, find)


def check_dimensions(path: str, dimensions: SegmentDimensions) -> None:
    """The rules for dimensions that belong to no segment. Raises Invalid for the first one broken, below `path`."""
    count = _dimensions(path, dimensions)
    if count > MOST_DIMENSIONS:
        raise Invalid(f"{path}: must have at most {MOST_DIMENSIONS} dimensions, this has {count}")


def check_event(
    path: str, attributes: Mapping[str, AttributeDimension] | None, metrics: Mapping[str, MetricDimension] | None
) -> int:
    """The rules for what an event is asked for; answers how many conditions that are. Raises Invalid below `path`."""
    filters = len(attributes or {}) + len(metrics or {})
    if filters > MOST_FILTERS:
        raise Invalid(f"{path}: must have at most {MOST_FILTERS} Attributes and Metrics, this one has {filters}")
    for at, attribute in _named(f"{path}.Attributes", attributes):
        _attribute(at, attribute)
    for at, metric in _named(f"{path}.Metrics", metrics):
        _metric(at, metric)
    return filters


def check_set(path: str, dimension: SetDimension | None) -> int:
    """The rules for a set of values; 0 when there is none. Raises Invalid below `path`."""
    if dimension is None:
        return 0
    _values(path, dimension.values)
    return 1


# --- the request's parts; each answers how many dimensions it has


def _group(path: str, group: SegmentGroup) -> int:
    parts = _numbered(f"{path}.Dimensions", group.dimensions or [])
    return sum(_dimensions(at, dimensions) for at, dimensions in parts)


def _dimensions(path: str, dimensions: SegmentDimensions) -> int:
    count = 0
    for at, attribute in _named(f"{path}.Attributes", dimensions.attributes):
        count += _attribute(at, attribute)
    for at, attribute in _named(f"{path}.UserAttributes", dimensions.user_attributes):
        count += _attribute(at, attribute)
    for at, metric in _named(f"{path}.Metrics", dimensions.metrics):
        count += _metric(at, metric)
    if behavior := dimensions.behavior:
        count += behavior.recency is not None
        for at, event in _numbered(f"{path}.Behavior.Events", behavior.events or []):
            count += _event(at, event)
    if dimensions.demographic:
        count += _demographic(f"{path}.Demographic", dimensions.demographic)
    if location := dimensions.location:
        count += check_set(f"{path}.Location.Country", location.country)
        count += _gps(f"{path}.Location.GPSPoint", location.gps_point)
    return count


def _attribute(path: str, dimension: AttributeDimension) -> int:
    _values(path, dimension.values)
    kind = dimension.attribute_type
    if kind in ("BEFORE", "AFTER", "ON", "BETWEEN"):
        for at, value in _numbered(f"{path}.Values", dimension.values):
            if instant(value) is None:
                raise Invalid(f"{at}: must be an ISO 8601 instant such as 2020-12-31T12:00:00Z, or a date")
    if kind == "BETWEEN" and len(dimension.values) != 2:
        raise Invalid(f"{path}.Values: BETWEEN takes exactly two")
    return 1


def _metric(path: str, dimension: MetricDimension) -> int:
    if dimension.comparison_operator not in COMPARISONS:
        raise Invalid(f"{path}.ComparisonOperator: must be one of {', '.join(COMPARISONS)}")
    if not math.isfinite(dimension.value):
        raise Invalid(f"{path}.Value: must be a finite number")
    return 1


def _event(path: str, dimension: SegmentEventDimension) -> int:
    least, most = dimension.minimum_count or 1, dimension.maximum_count
    if most is not None and most < least:
        raise Invalid(f"{path}.MaximumCount: must be at least MinimumCount, which is {least}")
    return 1 + check_event(path, dimension.attributes, dimension.metrics)


def _demographic(path: str, demographic: SegmentDemographics) -> int:
    return (
        check_set(f"{path}.AppVersion", demographic.app_version)
        + check_set(f"{path}.Channel", demographic.channel)
        + check_set(f"{path}.DeviceType", demographic.device_type)
        + check_set(f"{path}.Make", demographic.make)
        + check_set(f"{path}.Model", demographic.model)
        + check_set(f"{path}.Platform", demographic.platform)
    )


def _gps(path: str, dimension: GPSPointDimension | None) -> int:
    if dimension is None:
        return 0
    point, reach = dimension.coordinates, dimension.range_in_kilometers
    if not -90 <= point.latitude <= 90:
        raise Invalid(f"{path}.Coordinates.Latitude: must be from -90 to 90")
    if not -180 <= point.longitude <= 180:
        raise Invalid(f"{path}.Coordinates.Longitude: must be from -180 to 180")
    if reach is not None and not 0 <= reach < math.inf:
        raise Invalid(f"{path}.RangeInKilometers: must be a number from 0")
    return 1


def _values(path: str, values: list[str]) -> None:
    if not values:
        raise Invalid(f"{path}.Values: must have at least one value")
    for at, value in _numbered(f"{path}.Values", values):
        if len(value) > LONGEST_VALUE:
            raise Invalid(f"{at}: must have at most {LONGEST_VALUE} characters")


def _numbered(path: str, items: Sequence[T]) -> Iterator[tuple[str, T]]:
    return ((f"{path}[{index}]", item) for index, item in enumerate(items))


def _named(path: str, items: Mapping[str, T] | None) -> Iterator[tuple[str, T]]:
    """The entries of a map with their paths; raises Invalid for a name that no endpoint can have."""
    for name, item in (items or {}).items():
        if not name or SEPARATOR in name:
            raise Invalid(f"{path}: {name!r} cannot be the name of an attribute")
        yield f"{path}.{name}", item
