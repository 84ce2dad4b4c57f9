"""One step of many people, in memory: each walks on until they wait, or are out.

People at one activity are judged together; groups go through the graph in its order, so that ways that meet again
make one group. Writes nothing, and planning a step again gives the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from clarion.domain.journeys.activities.port import Here, Made, Tools
from clarion.domain.journeys.definition import Route
from clarion.domain.journeys.graph import Graph
from clarion.domain.journeys.model import LEFT, Go, Leave, Move, Stay, Verdict, Walker, decode_told
from clarion.domain.journeys.participants import NEVER_MS, Change
from clarion.domain.journeys.store import JourneyRow

COMPLETED = "completed"
GONE = "the activity is gone"
EXIT = "exit"


class Walked(NamedTuple):
    """What came of a step; `left` counts those who are out, by run."""

    changes: list[Change]
    moves: list[Move]
    made: Made
    left: dict[str, int]


class Walk:
    """A step of a journey at a moment."""

    def __init__(self, journey: JourneyRow, routes: Mapping[int, Route], tools: Tools, now_ms: int) -> None:
        self._journey = journey
        self._routes = routes
        self._tools = tools
        self._now_ms = now_ms
        self._waiting: dict[tuple[int, str], list[Walker]] = {}
        self.done = Walked([], [], Made(paced_ms=journey.paced_ms), {})

    def all(self, walkers: Sequence[Walker]) -> Walked:
        """Let them all take their step."""
        for walker in walkers:
            self._begin(walker)
        while self._waiting:
            version, activity = min(self._waiting, key=self._place)
            self._visit(self._routes[version], activity, self._waiting.pop((version, activity)))
        return self.done

    def _begin(self, walker: Walker) -> None:
        if walker.signal:
            told = decode_told(walker.signal)
            if not told.activity:
                self._out(walker, f"{EXIT}: {told.detail}")
                return
        self._queue(walker)

    def _queue(self, walker: Walker) -> None:
        self._waiting.setdefault((walker.version, walker.activity), []).append(walker)

    def _place(self, at: tuple[int, str]) -> tuple[int, int, str]:
        version, activity = at
        return self._order(self._routes[version].graph, activity), version, activity

    def _order(self, graph: Graph, activity: str) -> int:
        return graph.order.get(activity, len(graph.nodes))

    def _visit(self, route: Route, activity: str, group: list[Walker]) -> None:
        node = route.graph.get(activity)
        if node is None or node.kind is None:
            for walker in group:
                self._out(walker, GONE if activity else COMPLETED)
            return
        here = Here(
            journey=self._journey,
            wanted=route.wanted,
            graph=route.graph,
            node=node,
            now_ms=self._now_ms,
            tools=self._tools,
            made=self.done.made,
        )
        for walker, verdict in zip(group, node.kind.arrive(here, group), strict=True):
            self._apply(walker, verdict)

    def _apply(self, walker: Walker, verdict: Verdict) -> None:
        match verdict:
            case Go(to, outcome, detail):
                self._move(walker, walker.activity, outcome, detail)
                walker.activity, walker.waiting, walker.signal, walker.tries = to, "", "", 0
                walker.arrived_ms = walker.due_ms = self._now_ms
                if to:
                    self._queue(walker)
                else:
                    self._out(walker, COMPLETED)
            case Stay(until_ms, waiting, outcome, detail, tries):
                self._move(walker, walker.activity, outcome, detail)
                walker.waiting, walker.tries = waiting, tries
                walker.due_ms = NEVER_MS if until_ms is None else until_ms
                self.done.changes.append(Change(walker))
            case Leave(reason, outcome):
                self._move(walker, walker.activity, outcome, reason)
                self._out(walker, reason)

    def _out(self, walker: Walker, reason: str) -> None:
        self._move(walker, "", LEFT, reason)
        self.done.changes.append(Change(walker, self._now_ms, reason))
        self.done.left[walker.run_id] = self.done.left.get(walker.run_id, 0) + 1

    def _move(self, walker: Walker, activity: str, outcome: str, detail: str) -> None:
        if not outcome:
            return
        walker.turn += 1
        self.done.moves.append(
            Move(
                self._journey.app_id,
                self._journey.journey_id,
                walker.run_id,
                walker.version,
                walker.participant,
                walker.entry,
                walker.turn,
                activity,
                outcome,
                detail,
                self._now_ms,
            )
        )
