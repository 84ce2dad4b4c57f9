"""Wait: for a while, or until a date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from clarion.core.clock import DAY_MS, HOUR_MS
from clarion.domain.journeys.activities.port import Here, Kind, register
from clarion.domain.journeys.model import Edge, Fault, Go, Stay, Verdict, Walker
from clarion.domain.journeys.times import duration_ms, instant_ms
from clarion.shapes.pinpoint import WaitActivity, WaitTime

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Node
    from clarion.domain.journeys.review.context import Review

STARTED, FINISHED, SKIPPED = "WAIT_STARTED", "WAIT_FINISHED", "WAIT_SKIPPED"


class Wait(Kind):
    """Everybody waits; whoever comes after the date goes on at once."""

    member, wire, metric = "wait", "Wait", "WAIT"

    def edges(self, spec: WaitActivity) -> tuple[Edge, ...]:
        return (Edge(FINISHED, spec.next_activity or ""),)

    def faults(self, node: Node, review: Review) -> Iterator[Fault]:
        wait: WaitTime = node.spec.wait_time or WaitTime()
        if bool(wait.wait_for) == bool(wait.wait_until):
            yield Fault("E17", node.id, "WaitTime needs either WaitFor or WaitUntil")
        elif wait.wait_for:
            length = duration_ms(wait.wait_for)
            if length is None:
                yield Fault("E17", node.id, f"WaitFor: {wait.wait_for} is not an ISO 8601 duration")
            elif not HOUR_MS <= length <= 365 * DAY_MS:
                yield Fault("E17", node.id, "WaitFor must be between PT1H and P365D")
        else:
            until = instant_ms(wait.wait_until)
            if until is None:
                yield Fault("E17", node.id, f"WaitUntil: {wait.wait_until} is not an ISO 8601 time")
            elif until >= review.end_ms:
                yield Fault("E17", node.id, "WaitUntil must be before the journey's end")
            elif until <= review.start_ms:
                yield Fault("W11", node.id, "WaitUntil is before anybody can arrive: everybody skips it", advice=True)

    def arrive(self, here: Here, group: Sequence[Walker]) -> Iterable[Verdict]:
        spec: WaitActivity = here.node.spec
        wait, following = spec.wait_time or WaitTime(), spec.next_activity or ""
        until = instant_ms(wait.wait_until)
        length = duration_ms(wait.wait_for) or 0
        for walker in group:
            if walker.waiting:
                yield Go(following, FINISHED)
            elif until is not None and until <= here.now_ms:
                yield Go(following, SKIPPED)
            elif until is not None:
                yield Stay(until, "until", STARTED)
            else:
                yield Stay(here.now_ms + length, "wait", STARTED)


register(Wait())
