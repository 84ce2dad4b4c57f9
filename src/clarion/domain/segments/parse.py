"""A definition becomes algebra: group logic, dimensions, and source segments written out in place.

Nothing is simplified here; each rule of the reference is one line that can be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from clarion.core.clock import DAY_MS
from clarion.core.errors import Invalid
from clarion.domain.segments.algebra import (
    EVERYBODY,
    NOBODY,
    ActiveWithin,
    And,
    Comparison,
    Did,
    HasInstant,
    HasText,
    HasToken,
    Listed,
    Measures,
    Near,
    Node,
    Not,
    OneOf,
    Or,
    SameCell,
    SetColumn,
    Span,
    TokenColumn,
    leaves,
    token,
)
from clarion.domain.segments.model import DURATION_HOURS, PUSH_CHANNELS, Segment, as_groups, instant
from clarion.shapes.pinpoint import (
    AttributeDimension,
    GPSPointDimension,
    MetricDimension,
    RecencyDimension,
    SegmentDemographics,
    SegmentDimensions,
    SegmentEventDimension,
    SegmentGroup,
    SegmentLocation,
    SegmentReference,
    SetDimension,
)

Find = Callable[[str, int | None], Segment | None]
"""The segment of an id in the same application: that version, or the latest for None."""

COMPARISONS: Mapping[str, Comparison] = {
    "EQUAL": "=",
    "GREATER_THAN": ">",
    "LESS_THAN": "<",
    "GREATER_THAN_OR_EQUAL": ">=",
    "LESS_THAN_OR_EQUAL": "<=",
}

MOST_LEVELS = 20
"""How deep segments may be built on segments."""

MOST_LEAVES = 500
"""How many comparisons a segment may come to when its sources are written out in it: so many are a statement
that ClickHouse still takes (256 KiB), whatever they are."""


def parse(segment: Segment, find: Find) -> Node:
    """The tree of a segment, its sources resolved by `find`; a source that is gone selects nobody.

    Raises Invalid when a segment is reached from itself, the sources are nested too deep or come to too much.
    """
    return _Parser(find).segment(segment, ())


class _Parser:
    """One parsing run; a source that is reached on several ways is parsed once."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._parsed: dict[tuple[str, int], tuple[Node, int]] = {}
        self._leaves = 0

    def segment(self, segment: Segment, path: tuple[str, ...]) -> Node:
        if segment.id in path:
            raise Invalid(f"SegmentGroups: segment {segment.id} is among its own source segments")
        if len(path) >= MOST_LEVELS:
            raise Invalid(f"SegmentGroups: source segments are nested more than {MOST_LEVELS} deep")
        if segment.kind == "IMPORT":
            self._count(1)
            return Listed(segment.id, segment.definition.list_number or segment.version)
        known = self._parsed.get((segment.id, segment.version))
        if known is not None:
            self._count(known[1])
            return known[0]
        before = self._leaves
        groups = as_groups(segment.definition)
        parts = [self._group(group, (*path, segment.id)) for group in groups.groups or []]
        node = _joined(groups.include, parts)
        self._parsed[segment.id, segment.version] = (node, self._leaves - before)
        return node

    def _group(self, group: SegmentGroup, path: tuple[str, ...]) -> Node:
        base: Node = EVERYBODY
        if group.source_segments:
            base = _joined(group.source_type, [self._source(source, path) for source in group.source_segments])
        filters: Node = EVERYBODY
        if group.dimensions:
            parts = [dimensions_node(dimensions) for dimensions in group.dimensions]
            self._count(sum(1 for part in parts for _ in leaves(part)))
            filters = _joined(group.type, parts)
        return And((base, filters))

    def _source(self, source: SegmentReference, path: tuple[str, ...]) -> Node:
        segment = self._find(source.id, source.version)
        return NOBODY if segment is None else self.segment(segment, path)

    def _count(self, leaves: int) -> None:
        self._leaves += leaves
        if self._leaves > MOST_LEAVES:
            raise Invalid(f"SegmentGroups: with its source segments it has more than {MOST_LEAVES} dimensions")


def _joined(how: str | None, parts: Iterable[Node]) -> Node:
    """ALL (also when absent): every part; ANY: at least one; NONE: everybody minus the union."""
    if how == "ANY":
        return Or(tuple(parts))
    if how == "NONE":
        return Not(Or(tuple(parts)))
    return And(tuple(parts))


def dimensions_node(dimensions: SegmentDimensions) -> Node:
    """All members of one SegmentDimensions must hold together."""
    return And(tuple(node for _, node in conditions(dimensions)))


def conditions(dimensions: SegmentDimensions) -> Iterator[tuple[str, Node]]:
    """Every condition of one SegmentDimensions with its path in it, such as `Attributes.plan`, in their order."""
    for name, attribute in (dimensions.attributes or {}).items():
        yield f"Attributes.{name}", _attribute("attributes", name, attribute)
    for name, attribute in (dimensions.user_attributes or {}).items():
        yield f"UserAttributes.{name}", _attribute("user_attributes", name, attribute)
    for name, metric in (dimensions.metrics or {}).items():
        yield f"Metrics.{name}", _metric(name, metric)
    if dimensions.behavior and dimensions.behavior.recency:
        yield "Behavior.Recency", _recency(dimensions.behavior.recency)
    for number, event in enumerate((dimensions.behavior and dimensions.behavior.events) or ()):
        yield f"Behavior.Events[{number}]", _event(event)
    if dimensions.demographic:
        yield from _demographic(dimensions.demographic)
    if dimensions.location:
        yield from _location(dimensions.location)


def _attribute(column: TokenColumn, name: str, dimension: AttributeDimension) -> Node:
    kind = dimension.attribute_type or "INCLUSIVE"
    if kind == "CONTAINS":
        return HasText(column, name, frozenset(dimension.values))
    if kind in ("INCLUSIVE", "EXCLUSIVE"):
        has = HasToken(column, frozenset(token(name, value) for value in dimension.values))
        return has if kind == "INCLUSIVE" else Not(has)
    return HasInstant(column, name, frozenset(_spans(kind, dimension.values)))


def _spans(kind: str, values: list[str]) -> Iterator[Span]:
    instants = [moment for moment in map(instant, values) if moment is not None]
    if kind == "BETWEEN":
        if len(instants) == 2:
            yield Span(min(instants), max(instants) + 1)
        return
    for moment in instants:
        if kind == "BEFORE":
            yield Span(None, moment)
        elif kind == "AFTER":
            yield Span(moment + 1, None)
        else:
            midnight = moment - moment % DAY_MS
            yield Span(midnight, midnight + DAY_MS)


def _metric(name: str, dimension: MetricDimension) -> Node:
    return Measures(name, COMPARISONS[dimension.comparison_operator], dimension.value)


def _recency(dimension: RecencyDimension) -> Node:
    active = ActiveWithin(DURATION_HOURS[dimension.duration])
    return active if dimension.recency_type == "ACTIVE" else Not(active)


def event_where(
    attributes: Mapping[str, AttributeDimension] | None, metrics: Mapping[str, MetricDimension] | None
) -> Node:
    """What must hold of an event; `check.check_event` has the rules."""
    of_attributes = (_attribute("kv", name, one) for name, one in (attributes or {}).items())
    of_metrics = (_metric(name, one) for name, one in (metrics or {}).items())
    return And((*of_attributes, *of_metrics))


def _event(dimension: SegmentEventDimension) -> Node:
    where = event_where(dimension.attributes, dimension.metrics)
    did = Did(dimension.event_type, dimension.days, dimension.minimum_count or 1, dimension.maximum_count, where)
    return Not(did) if dimension.dimension_type == "EXCLUSIVE" else did


def _demographic(demographic: SegmentDemographics) -> Iterator[tuple[str, Node]]:
    if demographic.app_version:
        yield "Demographic.AppVersion", _one_of("app_version", demographic.app_version)
    if channel := demographic.channel:
        values = frozenset(channel.values)
        full = values | PUSH_CHANNELS if "PUSH" in values else values
        yield "Demographic.Channel", _one_of("channel_type", channel, full)
    if demographic.device_type:
        # No endpoint has a device type.
        excluding = demographic.device_type.dimension_type == "EXCLUSIVE"
        yield "Demographic.DeviceType", EVERYBODY if excluding else NOBODY
    if demographic.make:
        yield "Demographic.Make", _one_of("make", demographic.make)
    if demographic.model:
        yield "Demographic.Model", _one_of("model", demographic.model)
    if demographic.platform:
        yield "Demographic.Platform", _one_of("platform", demographic.platform)


def _location(location: SegmentLocation) -> Iterator[tuple[str, Node]]:
    if location.country:
        yield "Location.Country", _one_of("country", location.country)
    if location.gps_point:
        yield "Location.GPSPoint", _near(location.gps_point)


def _one_of(column: SetColumn, dimension: SetDimension, values: frozenset[str] | None = None) -> Node:
    # The columns keep an absent field as the empty text, which no value may match.
    one_of = OneOf(column, (values or frozenset(dimension.values)) - {""})
    return Not(one_of) if dimension.dimension_type == "EXCLUSIVE" else one_of


def _near(dimension: GPSPointDimension) -> Node:
    point = dimension.coordinates
    if dimension.range_in_kilometers is None:
        return SameCell(tenths(point.latitude), tenths(point.longitude))
    return Near(point.latitude, point.longitude, dimension.range_in_kilometers)


def tenths(degrees: float) -> int:
    """Tenths of a degree, half up: the cell in which coordinates are stored."""
    return int((degrees * 10 + 0.5) // 1)
