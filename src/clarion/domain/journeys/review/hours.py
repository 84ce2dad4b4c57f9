"""When: the schedule, the hours in which something may be sent, and whose hours they are."""

from __future__ import annotations

from collections.abc import Iterator

from clarion.domain.journeys import schedule
from clarion.domain.journeys.graph import Node
from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.review.context import Check, Review
from clarion.domain.journeys.sending import faults
from clarion.domain.journeys.sending.opening import DAY_MINUTES, clock, quiet_range

SMS_MINUTES = 5
"""How long text messages may be on their way."""


def start_and_end(review: Review) -> Iterator[Fault]:
    """E24."""
    yield from schedule.faults(review.wanted, review.now_ms, review.delay_ms, review.most_days)


def hours(review: Review) -> Iterator[Fault]:
    """E26."""
    yield from faults.hours(review.wanted)


def no_end(review: Review) -> Iterator[Fault]:
    """W10."""
    said = review.wanted.schedule
    if said is None or said.end_time is None:
        text = f"Schedule.EndTime: without it the journey ends {review.most_days} days after its start"
        yield Fault("W10", "", text, advice=True)


def zones(review: Review) -> Iterator[Fault]:
    """W3."""
    wanted = review.wanted
    start = wanted.start_condition.segment_start_condition if wanted.start_condition else None
    quiet = quiet_range(wanted.quiet_time) is not None
    if start is None or wanted.timezone_estimation_methods or not (wanted.local_time or quiet):
        return
    is_there = review.lookups.segment(start.segment_id) is not None
    if is_there and (number := review.lookups.without_zone(start.segment_id)):
        become = "do not enter" if wanted.local_time else "may be sent something in quiet time"
        text = f"{number} endpoint(s) of the segment have no Demographic.Timezone: they {become}"
        yield Fault("W3", "", text, advice=True)


def before_quiet_time(review: Review) -> Iterator[Fault]:
    """W13."""
    wanted = review.wanted
    quiet = quiet_range(wanted.quiet_time)
    if quiet is None or wanted.schedule is None or wanted.schedule.start_time is None:
        return
    first = schedule.plan(wanted, review.now_ms, review.delay_ms, review.most_days).first
    if (quiet.start - first.hour * 60 - first.minute) % DAY_MINUTES < SMS_MINUTES:
        text = f"what is sent at the start may arrive in the quiet time that begins at {clock(quiet.start)}"
        for node in _reached_at_once(review):
            if node.activity.sms is not None:
                yield Fault("W13", node.id, text, advice=True)


def _reached_at_once(review: Review) -> Iterator[Node]:
    """The activities that somebody can come to without having waited."""
    graph = review.graph
    waiting = [graph.nodes[graph.start]] if graph.start in graph.nodes else []
    seen: set[str] = set()
    while waiting:
        node = waiting.pop()
        if node.id in seen:
            continue
        seen.add(node.id)
        yield node
        is_wait = node.kind is not None and node.kind.metric.startswith("WAIT")
        if not is_wait and getattr(node.spec, "evaluation_wait_time", None) is None:
            waiting += graph.following(node.id)


CHECKS: tuple[Check, ...] = (start_and_end, hours, no_end, zones, before_quiet_time)
