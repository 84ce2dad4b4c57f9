"""The moves of one person, read as a way through the graphs of the journey's versions.

Message activities are passed without a move, so a way is a set of places where somebody may be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from clarion.domain.journeys.activities.wait import FINISHED, STARTED
from clarion.domain.journeys.graph import Graph
from clarion.domain.journeys.model import ENTERED, LEFT, Move
from clarion.domain.journeys.times import duration_ms
from clarion.domain.journeys.walking.walk import COMPLETED
from tests.domain.journeys.simulation.journeys import MESSAGES


class Visit(NamedTuple):
    """Somebody was, or may have been (not `sure`), at a message activity."""

    version: int
    entry: int
    activity: str
    sure: bool


class Path:
    """Follows moves in their order; what is no way is in `wrong`. `visits` are those to message activities.

    `pauses` say when the journey stood still (Unix ms): waits are longer by them.
    """

    def __init__(self, graphs: Mapping[int, Graph], pauses: Sequence[tuple[int, int]]) -> None:
        self._graphs = graphs
        self._pauses = pauses
        self._inside = False
        self._entry = 0
        self._version = 0
        # Where they may be, with the message activities passed on the way there since the last move.
        self._places: dict[str, frozenset[str]] = {}
        self._last: Move | None = None
        self._waits_since = 0
        self.wrong: list[str] = []
        self.visits: list[Visit] = []
        self.entered = 0
        self.left = 0

    def follow(self, move: Move) -> None:
        """The next move."""
        if self._last is not None and move.at_ms < self._last.at_ms:
            self.wrong.append(f"{move} happened before {self._last}")
        if not move.activity and move.outcome == ENTERED:
            self._enter(move)
        elif (move.entry, move.version) != (self._entry, self._version) or not self._inside:
            self.wrong.append(f"{move} follows {self._last}")
        elif not move.activity:
            self._leave(move)
        elif move.activity not in self._places:
            self.wrong.append(f"{move} from {sorted(self._places)}")
        else:
            self._go(move)
        self._last = move

    def ends(self, row: Any) -> None:
        """Where somebody is must be where their moves lead."""
        if bool(row.inside) != self._inside:
            self.wrong.append(f"inside is {row.inside}, after {self._last}")
        elif row.inside and row.activity not in self._places:
            self.wrong.append(f"is at {row.activity}, and should be at {sorted(self._places)}")
        elif row.inside:
            self._passed(row.activity)
        elif self._last is not None and self._last.detail != row.reason:
            self.wrong.append(f"left for {row.reason}, on record for {self._last.detail}")
        if (row.entry, row.version) != (self._entry, self._version):
            self.wrong.append(f"entry {row.entry} of version {row.version}, after {self._last}")

    def _enter(self, move: Move) -> None:
        if self._inside or move.entry != self._entry + 1:
            self.wrong.append(f"{move} follows {self._last}")
        self._inside, self._entry, self._version = True, move.entry, move.version
        self._go_to({self._graphs[move.version].start})
        self.entered += 1

    def _leave(self, move: Move) -> None:
        if move.outcome != LEFT or not move.detail:
            self.wrong.append(f"{move} follows {self._last}")
        if move.detail == COMPLETED and "" not in self._places:
            self.wrong.append(f"{move} follows {self._last}")
        self._passed("" if move.detail == COMPLETED else None)
        self._inside = False
        self.left += 1

    def _go(self, move: Move) -> None:
        self._passed(move.activity)
        node = self._graphs[self._version].nodes[move.activity]
        found = {edge.to for edge in node.edges if edge.outcome == move.outcome}
        # An outcome that is no edge's: they stay, are out, or go on where everybody goes.
        self._go_to(found or {move.activity, "", *(edge.to for edge in node.edges)})
        if node.kind is not None and node.kind.member == "wait":
            if move.outcome == STARTED:
                self._waits_since = move.at_ms
            elif move.outcome == FINISHED:
                due_ms = self._waits_since + (duration_ms(node.spec.wait_time.wait_for) or 0)
                for begun_ms, ended_ms in self._pauses if node.spec.wait_time.wait_for else ():
                    if self._waits_since <= begun_ms < due_ms and ended_ms <= move.at_ms:
                        due_ms += ended_ms - begun_ms
                if move.at_ms < due_ms:
                    self.wrong.append(f"{move} comes {due_ms - move.at_ms} ms before the wait is over")

    def _go_to(self, places: set[str]) -> None:
        """From there message activities lead on, without a word."""
        graph = self._graphs[self._version]
        self._places = {}
        waiting = [(place, frozenset[str]()) for place in places]
        while waiting:
            place, passed = waiting.pop()
            self._places[place] = self._places.get(place, passed) & passed
            node = graph.get(place)
            if node is not None and node.kind is not None and node.kind.wire in MESSAGES:
                waiting += [(edge.to, passed | {place}) for edge in node.edges]

    def _passed(self, place: str | None) -> None:
        """They were at `place` (None: anywhere); message activities before it were visited for sure."""
        sure = self._places.get(place, frozenset()) if place is not None else frozenset()
        graph = self._graphs[self._version]
        for one in self._places:
            node = graph.get(one)
            if node is not None and node.kind is not None and node.kind.wire in MESSAGES:
                self.visits.append(Visit(self._version, self._entry, one, one in sure))
