"""What is wrong with a condition, and what it should reconsider."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from clarion.core.errors import Invalid
from clarion.domain.journeys.conditions.offered import OFFERED, PUSH_EVENTS, named
from clarion.domain.journeys.model import Fault
from clarion.domain.segments.check import check_dimensions, check_event
from clarion.shapes.pinpoint import EventCondition, SimpleCondition

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Node
    from clarion.domain.journeys.review.context import Review


def condition_faults(
    code: str, at: str, node: Node, review: Review, condition: SimpleCondition | None
) -> Iterator[Fault]:
    """Faults of the condition `at` this path; those that are not about an event have the split's own `code`."""
    asked = condition or SimpleCondition()
    members = (asked.event_condition, asked.segment_condition, asked.segment_dimensions)
    if sum(member is not None for member in members) != 1:
        yield Fault(
            code, node.id, f"{at}: needs one of EventCondition, SegmentCondition and segmentDimensions, exactly"
        )
        return
    if asked.segment_condition is not None:
        segment_id = asked.segment_condition.segment_id
        if review.lookups.segment(segment_id) is None:
            yield Fault(code, node.id, f"{at}: there is no segment {segment_id}")
    elif asked.segment_dimensions is not None:
        yield from _refused(
            code, node.id, lambda: check_dimensions(f"{at}.segmentDimensions", asked.segment_dimensions)
        )
    elif asked.event_condition is not None:
        yield from _event(f"{at}.EventCondition", node, review, asked.event_condition)


def _event(at: str, node: Node, review: Review, asked: EventCondition) -> Iterator[Fault]:
    wanted = asked.dimensions
    types = wanted.event_type if wanted else None
    if wanted is None or not (types or wanted.attributes or wanted.metrics):
        yield Fault("E20", node.id, f"{at}.Dimensions: asks for nothing")
        return
    if types is not None and not any(types.values):
        yield Fault("E20", node.id, f"{at}.Dimensions.EventType.Values: must have at least one event type")
    yield from _refused("E20", node.id, lambda: check_event(f"{at}.Dimensions", wanted.attributes, wanted.metrics))
    if asked.message_activity:
        yield from _message(at, node, review, asked.message_activity, types.values if types else [])
    if types is not None and types.dimension_type != "EXCLUSIVE" and named(types.values) & PUSH_EVENTS:
        text = f"{at}: clients report push events; they have to tell user and endpoint id with them"
        yield Fault("W14", node.id, text, advice=True)


def _message(at: str, node: Node, review: Review, activity: str, types: Sequence[str]) -> Iterator[Fault]:
    """Whether the message can have been sent before the split, and what may be asked of it."""
    found = review.graph.get(activity)
    if found is None:
        yield Fault("E20", node.id, f"{at}.MessageActivity: there is no activity {activity}")
        return
    kind = found.kind
    offered = OFFERED.get(kind.member) if kind else None
    if kind is None or offered is None:
        yield Fault("E20", node.id, f"{at}.MessageActivity: {activity} sends no message")
        return
    if activity not in review.graph.before[node.id] or node.id in review.graph.cycle:
        yield Fault("E20", node.id, f"{at}.MessageActivity: {activity} is on no path to this split")
    for name in sorted(named(types) - offered) if offered else ():
        yield Fault("E20", node.id, f"{at}: {kind.wire} activities have no events {name}")


def _refused(code: str, activity: str, check: object) -> Iterator[Fault]:
    assert callable(check)
    try:
        check()
    except Invalid as error:
        yield Fault(code, activity, error.message)
