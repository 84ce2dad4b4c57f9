"""Whether an event is one that somebody waits for: an EventFilter, compiled once into plain functions.

Values of one attribute are alternatives; different attributes and metrics must all hold. A metric the event does not
have is not 0 and never holds; an attribute it does not have holds only for EXCLUSIVE, as in segments.
Source: spec of campaigns, 4.4.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from clarion.core.clock import DAY_MS
from clarion.domain.segments.model import instant
from clarion.shapes.pinpoint import AttributeDimension, CampaignEventFilter, EventFilter, MetricDimension, SetDimension

Attributes = Mapping[str, str]
Metrics = Mapping[str, float]
Test = Callable[[Attributes, Metrics], bool]

COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "EQUAL": operator.eq,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
    "GREATER_THAN_OR_EQUAL": operator.ge,
    "LESS_THAN_OR_EQUAL": operator.le,
}


class Matcher:
    """A compiled EventFilter. `system`: it waits for what the product itself records, not for what apps report."""

    def __init__(self, wanted: CampaignEventFilter | EventFilter) -> None:
        dimensions = wanted.dimensions
        self.system = wanted.filter_type == "SYSTEM"
        self._types, self._excluding = _types(dimensions.event_type)
        self._tests: Sequence[Test] = (
            *(_attribute(name, one) for name, one in (dimensions.attributes or {}).items()),
            *(_metric(name, one) for name, one in (dimensions.metrics or {}).items()),
        )

    def awaits(self, system: bool, event_type: str) -> bool:
        """Whether an event of this type, by the product (`system`) or an app, can match at all."""
        return system == self.system and (event_type in self._types) != self._excluding

    def matches(self, attributes: Attributes, metrics: Metrics) -> bool:
        """Whether an event of an awaited type is one that the filter means."""
        return all(test(attributes, metrics) for test in self._tests)


def _types(dimension: SetDimension | None) -> tuple[frozenset[str], bool]:
    """The types named, and whether all others are meant; without any: every type."""
    if dimension is None:
        return frozenset(), True
    return frozenset(dimension.values), dimension.dimension_type == "EXCLUSIVE"


def _attribute(name: str, dimension: AttributeDimension) -> Test:
    kind = dimension.attribute_type or "INCLUSIVE"
    values = frozenset(dimension.values)
    if kind == "INCLUSIVE":
        return lambda attributes, metrics: attributes.get(name) in values
    if kind == "EXCLUSIVE":
        return lambda attributes, metrics: attributes.get(name) not in values
    if kind == "CONTAINS":
        return lambda attributes, metrics: (
            (value := attributes.get(name)) is not None and any(part in value for part in values)
        )
    return _dated(name, list(_spans(kind, dimension.values)))


def _dated(name: str, spans: Sequence[tuple[int | None, int | None]]) -> Test:
    def test(attributes: Attributes, metrics: Metrics) -> bool:
        moment = instant(attributes.get(name, ""))
        return moment is not None and any(
            (first is None or moment >= first) and (end is None or moment < end) for first, end in spans
        )

    return test


def _spans(kind: str, values: Sequence[str]) -> Iterable[tuple[int | None, int | None]]:
    """Spans of Unix ms, the end not included; a value that is no date means none."""
    moments = [moment for moment in map(instant, values) if moment is not None]
    if kind == "BETWEEN":
        return [(min(moments), max(moments) + 1)] if len(moments) == 2 else []
    if kind == "BEFORE":
        return [(None, moment) for moment in moments]
    if kind == "AFTER":
        return [(moment + 1, None) for moment in moments]
    return [(moment - moment % DAY_MS, moment - moment % DAY_MS + DAY_MS) for moment in moments]


def _metric(name: str, dimension: MetricDimension) -> Test:
    compare, value = COMPARISONS[dimension.comparison_operator], dimension.value

    def test(attributes: Attributes, metrics: Metrics) -> bool:
        measured = metrics.get(name)
        return measured is not None and compare(measured, value)

    return test
