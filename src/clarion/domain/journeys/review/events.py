"""The rules for what an event is asked for, wherever a journey names one."""

from __future__ import annotations

from collections.abc import Iterator

from clarion.core.errors import Invalid
from clarion.domain.journeys.model import Fault
from clarion.domain.segments.check import check_event
from clarion.shapes.pinpoint import EventFilter


def event_faults(code: str, activity: str, at: str, wanted: EventFilter | None) -> Iterator[Fault]:
    """What is wrong with a filter that names one kind of event; `at` is its path."""
    if wanted is None:
        yield Fault(code, activity, f"{at}: is required")
        return
    asked = wanted.dimensions
    types = asked.event_type
    if types is None or not any(types.values):
        yield Fault(code, activity, f"{at}.Dimensions.EventType: needs the name of an event")
    elif len(types.values) > 1:
        yield Fault(code, activity, f"{at}.Dimensions.EventType: must name one event, this names {len(types.values)}")
    elif types.dimension_type == "EXCLUSIVE":
        yield Fault(code, activity, f"{at}.Dimensions.EventType: must be INCLUSIVE")
    try:
        check_event(f"{at}.Dimensions", asked.attributes, asked.metrics)
    except Invalid as error:
        yield Fault(code, activity, error.message)
