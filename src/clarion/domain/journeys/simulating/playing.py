"""The clock of a simulation: from one moment at which somebody enters or is due to the next.

Moments within a minute are one. Exits and awaited events are those that were; they come when they were.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from clarion.domain.journeys.activities.port import Tools
from clarion.domain.journeys.definition import Route
from clarion.domain.journeys.entry.admission import Terms
from clarion.domain.journeys.model import Told as Signal
from clarion.domain.journeys.model import Walker, encode_told
from clarion.domain.journeys.participants import NEVER_MS
from clarion.domain.journeys.simulating.past import Times
from clarion.domain.journeys.simulating.telling import Told
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.journeys.walking.walk import Walk

T = TypeVar("T")

MINUTE_MS = 60_000


class Known(NamedTuple):
    """Events that were: those that end the journey for somebody, and those that activities await."""

    exits: Times
    awaited: Mapping[str, Times]


class Past(NamedTuple):
    """How somebody stands to the journey who has left."""

    entry: int
    turn: int
    left_ms: int


class Play:
    """One simulation. `entries` are participants and when they come (Unix ms), in any order."""

    def __init__(self, journey: JourneyRow, route: Route, tools: Tools, terms: Terms, known: Known, told: Told) -> None:
        self._journey = journey
        self._route = route
        self._tools = tools
        self._terms = terms
        self._known = known
        self._told = told
        self._due: dict[int, list[Walker]] = {}
        self._coming: dict[int, list[str]] = {}
        self._moments: list[int] = []
        self._past: dict[str, Past] = {}
        self.inside: dict[str, Walker] = {}

    def run(self, entries: Iterable[tuple[str, int]], until_ms: int) -> None:
        """Let everybody walk until then."""
        for participant, at_ms in entries:
            self._at(self._coming, at_ms).append(participant)
        while self._moments and self._moments[0] <= until_ms:
            now_ms = heapq.heappop(self._moments)
            walkers = self._due.pop(now_ms, [])
            walkers += self._enter(self._coming.pop(now_ms, []), now_ms)
            if walkers:
                self._step(walkers, now_ms)

    def _at(self, places: dict[int, list[T]], at_ms: int) -> list[T]:
        moment = -(-at_ms // MINUTE_MS) * MINUTE_MS
        if moment not in self._due and moment not in self._coming:
            heapq.heappush(self._moments, moment)
        return places.setdefault(moment, [])

    def _enter(self, participants: Sequence[str], now_ms: int) -> list[Walker]:
        found = []
        for participant in dict.fromkeys(participants):
            past = self._past.get(participant)
            if participant in self.inside or (past is not None and not self._may_again(past, now_ms)):
                continue
            if self._terms.most and self._told.entries >= self._terms.most:
                continue
            walker = Walker(
                participant=participant,
                version=1,
                run_id="",
                entry=past.entry + 1 if past else 1,
                turn=past.turn if past else 0,
                activity=self._route.graph.start,
                arrived_ms=now_ms,
                due_ms=now_ms,
                entered_ms=now_ms,
            )
            self.inside[participant] = walker
            self._told.entries += 1
            found.append(walker)
        return found

    def _may_again(self, past: Past, now_ms: int) -> bool:
        often = bool(self._terms.cap and past.entry >= self._terms.cap)
        return not often and now_ms >= past.left_ms + self._terms.interval_ms

    def _step(self, walkers: Sequence[Walker], now_ms: int) -> None:
        walked = Walk(self._journey, {1: self._route}, self._tools, now_ms).all(walkers)
        self._told.walked(walked.moves, walked.changes)
        for walker, left_ms, _ in walked.changes:
            if left_ms is None:
                self._wait(walker, now_ms)
            else:
                del self.inside[walker.participant]
                self._past[walker.participant] = Past(walker.entry, walker.turn, left_ms)

    def _wait(self, walker: Walker, now_ms: int) -> None:
        """Until they are due, or before that something happens to them."""
        due_ms, walker.signal = walker.due_ms, ""
        if walker.waiting == "event" and (times := self._known.awaited.get(walker.activity)) is not None:
            at_ms = times.next_after(walker.participant, now_ms)
            if at_ms is not None and at_ms <= due_ms:
                due_ms, walker.signal = at_ms, encode_told(Signal(walker.activity, "")).decode()
        exit_ms = self._known.exits.next_after(walker.participant, now_ms)
        if exit_ms is not None and exit_ms <= due_ms:
            due_ms, walker.signal = exit_ms, encode_told(Signal("", "an exit event")).decode()
        if due_ms < NEVER_MS:
            self._at(self._due, due_ms).append(walker)
