"""Who enters and by what: name, start condition, refreshes, and what ends the journey for somebody."""

from __future__ import annotations

from collections.abc import Iterator

from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.review.context import Check, Review
from clarion.domain.journeys.review.events import event_faults

LONGEST_NAME = 150
IMPORTED = frozenset({"IMPORT", "BUILT_ON_IMPORT"})


def name(review: Review) -> Iterator[Fault]:
    """E1."""
    wanted = review.wanted.name
    if not wanted:
        yield Fault("E1", "", "Name: is required")
    elif len(wanted) > LONGEST_NAME:
        yield Fault("E1", "", f"Name: must have at most {LONGEST_NAME} characters, this has {len(wanted)}")
    elif any(one.isspace() or not one.isprintable() for one in wanted):
        yield Fault("E1", "", "Name: must not have spaces")


def start(review: Review) -> Iterator[Fault]:
    """E2."""
    condition = review.wanted.start_condition
    by_segment = condition.segment_start_condition if condition else None
    by_event = condition.event_start_condition if condition else None
    if by_segment is None and by_event is None:
        yield Fault("E2", "", "StartCondition: a SegmentStartCondition or an EventStartCondition is required")
    elif by_segment is not None and by_event is not None:
        yield Fault("E2", "", "StartCondition: a journey starts by a segment or by an event, not by both")
    for member, segment_id in (
        ("SegmentStartCondition", by_segment.segment_id if by_segment else None),
        ("EventStartCondition", by_event.segment_id if by_event else None),
    ):
        if segment_id is not None and review.lookups.segment(segment_id) is None:
            text = f"there is no segment {segment_id}" if segment_id else "is required"
            if segment_id or member == "SegmentStartCondition":
                yield Fault("E2", "", f"StartCondition.{member}.SegmentId: {text}")


def event(review: Review) -> Iterator[Fault]:
    """E3 to E6: what only journeys that an event starts are held to."""
    condition = review.wanted.start_condition
    by_event = condition.event_start_condition if condition else None
    if by_event is None:
        return
    yield from event_faults("E3", "", "StartCondition.EventStartCondition.EventFilter", by_event.event_filter)
    if by_event.segment_id and review.lookups.segment(by_event.segment_id) in IMPORTED:
        at = "StartCondition.EventStartCondition.SegmentId"
        yield Fault("E4", "", f"{at}: must be a segment that is neither imported nor built on an imported one")
    if review.wanted.local_time:
        yield Fault("E5", "", "LocalTime: a journey that an event starts has none")
    for node in review.graph.nodes.values():
        if node.activity.contact_center is not None:
            yield Fault("E6", node.id, "ContactCenter: a journey that an event starts calls nobody")


def exit(review: Review) -> Iterator[Fault]:
    """E28."""
    criteria = review.wanted.exit_criteria
    for number, one in enumerate((criteria.events if criteria else None) or []):
        yield from event_faults("E28", "", f"ExitCriteria.Events[{number}]", one)


def refresh(review: Review) -> Iterator[Fault]:
    """W5."""
    condition = review.wanted.start_condition
    by_segment = condition.segment_start_condition if condition else None
    if by_segment is None or review.wanted.refresh_frequency:
        return
    if review.wanted.refresh_on_segment_update:
        text = "RefreshOnSegmentUpdate: without RefreshFrequency changes count only until everybody has entered"
        yield Fault("W5", "", text, advice=True)
    elif review.lookups.segment(by_segment.segment_id) == "DIMENSIONAL":
        text = "RefreshFrequency: without it nobody enters who joins the segment after the start"
        yield Fault("W5", "", text, advice=True)


def again(review: Review) -> Iterator[Fault]:
    """W6."""
    condition, limits = review.wanted.start_condition, review.wanted.limits
    by_event = condition is not None and condition.event_start_condition is not None
    cap = limits.endpoint_reentry_cap if limits else None
    if cap is None or cap < 0 or cap == 1 or (limits and limits.endpoint_reentry_interval):
        return
    if by_event or review.wanted.refresh_frequency:
        often = f"up to {cap} times" if cap else "any number of times"
        text = f"Limits.EndpointReentryInterval: without it somebody may enter {often}, one right after the other"
        yield Fault("W6", "", text, advice=True)


CHECKS: tuple[Check, ...] = (name, start, event, exit, refresh, again)
