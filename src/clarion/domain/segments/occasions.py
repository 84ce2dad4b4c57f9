"""What an event is asked for, as a condition on rows of `events`: the same words that segments use."""

from __future__ import annotations

from collections.abc import Mapping

from clarion.domain.segments.build import Condition, build
from clarion.domain.segments.parse import event_where
from clarion.shapes.pinpoint import AttributeDimension, MetricDimension


def occasion(
    app_id: str,
    attributes: Mapping[str, AttributeDimension] | None,
    metrics: Mapping[str, MetricDimension] | None,
) -> Condition:
    """The condition that all of these hold of an event; 1 without any. Its parameters are `p0`, `p1` … and `app`."""
    return build(event_where(attributes, metrics), app_id=app_id, now_ms=0)
