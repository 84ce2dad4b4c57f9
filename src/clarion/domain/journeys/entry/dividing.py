"""How the members of a run are looked at: in chains side by side, or zone by zone when a journey is in local time.

In local time the members of a zone are a part that is due when the run's time has come there. Those whose endpoints
name no zone are a part, too: where the journey estimates zones, they enter at once and take their first step when it
is time in the latest of the zones they may be in.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from clarion.core.errors import NotFound
from clarion.domain.audience.model import Endpoint
from clarion.domain.journeys.entry.admission import Candidate
from clarion.domain.journeys.entry.entering import Page
from clarion.domain.journeys.entry.model import ESTIMATED_ZONE, NO_ZONE, OTHER_ZONE
from clarion.domain.journeys.entry.parts import PartRow
from clarion.domain.journeys.schedule import Plan
from clarion.domain.journeys.sending.zones import zones_of
from clarion.domain.messaging.quiet import zone_of
from clarion.domain.segments.service import Segments

CHAINS, MANY = 3, 10_000
"""Chains of pages of a run with so many members: while one is being committed, the others are looked up."""


RUNS_REMEMBERED = 4


class Duplicates:
    """Members of runs who have channel and address of one before them. They can be many, and are the same for every
    page: looked up once a process."""

    def __init__(self, segments: Segments) -> None:
        self._segments = segments
        self._known: dict[str, frozenset[str]] = {}
        self._lock = threading.Lock()

    def of(self, run_id: str) -> frozenset[str]:
        """The keys of those of a run whose members are written down under its id."""
        with self._lock:
            known = self._known.get(run_id)
            if known is None:
                try:
                    known = frozenset(self._segments.duplicates(run_id))
                except NotFound:  # it was kept for 90 days
                    known = frozenset()
                if len(self._known) >= RUNS_REMEMBERED:
                    self._known.pop(next(iter(self._known)))
                self._known[run_id] = known
            return known


class Zoned(NamedTuple):
    """A page of those who enter in local time, and when they take their first step, by participant. Unix ms."""

    page: Page
    due: Mapping[str, int]


def divide(first: PartRow, members: int, now_ms: int) -> Iterator[PartRow]:
    """The parts of a run of so many members; `first` is what all have in common."""
    chains = CHAINS if members >= MANY else 1
    cuts = [members * number // chains for number in range(chains + 1)]
    for number in range(chains):
        if cuts[number] < cuts[number + 1]:
            yield first._replace(part=number, after=cuts[number], until=cuts[number + 1], due_ms=now_ms)


def divide_zones(segments: Segments, planned: Plan, first: PartRow, now_ms: int) -> Iterator[PartRow]:
    """The parts of a run in local time."""
    for number, taken in enumerate(segments.zone_parts(first.snapshot_id)):
        if taken.members:
            zone = taken.zone if zone_of(taken.zone) else ""
            turn_ms = (turn_of(planned, first.turn, (zone,)) if zone else None) or now_ms
            over = bool(zone) and turn_ms >= planned.over_ms((zone,))
            due_ms = now_ms if over else max(now_ms, turn_ms)
            yield first._replace(
                part=number, snapshot_id=taken.id, zone=zone, after=0, until=taken.members, due_ms=due_ms
            )


def turn_of(planned: Plan, turn: int, zones: Sequence[str]) -> int | None:
    """When it is the turn of somebody in these zones; a run without a turn of its own has that of the start."""
    return planned.turn_ms(max(turn, 0), zones)


def in_zone(page: Page, part: PartRow, planned: Plan, now_ms: int) -> Page:
    """A page of those in one zone: nobody when the journey is over there."""
    if now_ms < planned.over_ms((part.zone,)):
        return page
    return page._replace(
        candidates=[], faults=[*page.faults, *((one.endpoint_key, OTHER_ZONE) for one in page.candidates)]
    )


def estimated(
    page: Page, part: PartRow, planned: Plan, endpoints: Mapping[str, Endpoint], methods: Sequence[str], now_ms: int
) -> Zoned:
    """A page of those who name no zone, by the zones they may be in."""
    faults, candidates, due, guessed = list(page.faults), list[Candidate](), dict[str, int](), 0
    for one in page.candidates:
        endpoint = endpoints.get(one.endpoint_key)
        found = zones_of(endpoint, methods) if endpoint is not None else None
        if found is None or not found.zones:
            faults.append((one.endpoint_key, NO_ZONE))
            continue
        at_ms = max(now_ms, turn_of(planned, part.turn, found.zones) or now_ms)
        if at_ms >= planned.over_ms(found.zones):
            faults.append((one.endpoint_key, OTHER_ZONE))
            continue
        candidates.append(one)
        due[one.participant] = max(at_ms, due.get(one.participant, at_ms))
        guessed += found.estimated
    counts = {**page.counts, ESTIMATED_ZONE: guessed} if guessed else page.counts
    return Zoned(Page(candidates, faults, counts), due)
