"""What an event is asked for, as a condition on rows of `events`: the same words that segments use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clarion.domain.segments.build import Condition, Conditions, build, build_each
from clarion.domain.segments.parse import event_where
from clarion.shapes.pinpoint import AttributeDimension, MetricDimension

Filters = tuple[Mapping[str, AttributeDimension] | None, Mapping[str, MetricDimension] | None]
"""Attributes and metrics that an event is asked for."""


def occasion(
    app_id: str,
    attributes: Mapping[str, AttributeDimension] | None,
    metrics: Mapping[str, MetricDimension] | None,
) -> Condition:
    """The condition that all of these hold of an event; 1 without any. Its parameters are `p0`, `p1` … and `app`."""
    return build(event_where(attributes, metrics), app_id=app_id, now_ms=0)


def occasions(app_id: str, filters: Sequence[Filters]) -> Conditions:
    """`occasion` for several, with parameters that they share."""
    return build_each([event_where(attributes, metrics) for attributes, metrics in filters], app_id=app_id, now_ms=0)
