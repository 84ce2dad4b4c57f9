"""Wait until an event happens, or for so long.

An extension of Clarion's: whoever does or gets what the filter names goes on to NextActivity, whoever does not until
the time-out to TimeoutActivity. Without a time-out the end of the journey is it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from clarion.core.clock import DAY_MS
from clarion.domain.journeys.activities.port import Here, Kind, register
from clarion.domain.journeys.model import Edge, Fault, Go, Stay, Verdict, Walker, decode_told
from clarion.domain.journeys.times import duration_ms, instant_ms
from clarion.shapes.pinpoint import WaitForEventActivity, WaitTime

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Node
    from clarion.domain.journeys.review.context import Review

STARTED, RECEIVED, TIMED_OUT = "WAIT_STARTED", "EVENT_RECEIVED", "TIMED_OUT"

MOST_DAYS = 365


class WaitForEvent(Kind):
    """Everybody waits until a signal comes (`entry.hearing`), or their time is over."""

    member, wire, metric = "wait_for_event", "WaitForEvent", "WAIT_FOR_EVENT"

    def edges(self, spec: WaitForEventActivity) -> tuple[Edge, ...]:
        return Edge(RECEIVED, spec.next_activity or ""), Edge(TIMED_OUT, spec.timeout_activity or "")

    def faults(self, node: Node, review: Review) -> Iterator[Fault]:
        from clarion.domain.journeys.review.events import event_faults

        spec: WaitForEventActivity = node.spec
        yield from event_faults("E28", node.id, "WaitForEvent.EventFilter", spec.event_filter)
        timeout = spec.timeout or WaitTime()
        if timeout.wait_for and timeout.wait_until:
            yield Fault("E28", node.id, "WaitForEvent.Timeout: WaitFor and WaitUntil exclude each other")
        elif timeout.wait_for:
            length = duration_ms(timeout.wait_for)
            if length is None:
                yield Fault("E28", node.id, f"WaitForEvent.Timeout: {timeout.wait_for} is not an ISO 8601 duration")
            elif not 0 < length <= MOST_DAYS * DAY_MS:
                yield Fault("E28", node.id, f"WaitForEvent.Timeout must be at most {MOST_DAYS} days")
        elif timeout.wait_until and instant_ms(timeout.wait_until) is None:
            yield Fault("E28", node.id, f"WaitForEvent.Timeout: {timeout.wait_until} is not an ISO 8601 time")

    def arrive(self, here: Here, group: Sequence[Walker]) -> Iterable[Verdict]:
        spec: WaitForEventActivity = here.node.spec
        until_ms = _until_ms(here, spec.timeout or WaitTime())
        for walker in group:
            if walker.waiting and walker.signal:
                yield Go(spec.next_activity or "", RECEIVED, decode_told(walker.signal).detail)
            elif walker.waiting or (until_ms is not None and until_ms <= here.now_ms):
                yield Go(spec.timeout_activity or "", TIMED_OUT)
            else:
                yield Stay(until_ms, "event", STARTED)


def _until_ms(here: Here, timeout: WaitTime) -> int | None:
    """When somebody who comes now has waited long enough."""
    if timeout.wait_for:
        return here.now_ms + (duration_ms(timeout.wait_for) or 0)
    until_ms = instant_ms(timeout.wait_until)
    return here.journey.end_ms if until_ms is None else until_ms


register(WaitForEvent())
