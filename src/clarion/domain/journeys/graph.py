"""The activities of a journey as a graph: parsed once per version, pure.

Parsing never fails: what is wrong with a graph is told by `review`, so that a draft may be anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from clarion.domain.journeys.activities.port import KINDS, Kind
from clarion.domain.journeys.model import Edge, spec_of
from clarion.shapes.pinpoint import Activity, WriteJourneyRequest


class Node:
    """An activity with its kind and its ways out. `kind` is None unless it says exactly one thing to do."""

    def __init__(self, id: str, activity: Activity) -> None:
        self.id = id
        self.activity = activity
        said = spec_of(activity)
        self.kinds: list[Kind] = [KINDS[name] for name, _ in said]
        self.kind: Kind | None = self.kinds[0] if len(said) == 1 else None
        self.spec: Any = said[0][1] if len(said) == 1 else None
        self.edges: tuple[Edge, ...] = self.kind.edges(self.spec) if self.kind is not None else ()


class Graph:
    """The activities of one version, by id. A successor that is not there ends the journey."""

    def __init__(self, nodes: Mapping[str, Node], start: str) -> None:
        self.nodes = nodes
        self.start = start

    def get(self, activity: str) -> Node | None:
        return self.nodes.get(activity)

    def following(self, activity: str) -> Iterator[Node]:
        """The activities that directly follow."""
        node = self.nodes.get(activity)
        for edge in node.edges if node else ():
            if edge.to in self.nodes:
                yield self.nodes[edge.to]

    @cached_property
    def reachable(self) -> frozenset[str]:
        """What can be reached from the start, that included."""
        found: set[str] = set()
        waiting = [self.start] if self.start in self.nodes else []
        while waiting:
            activity = waiting.pop()
            if activity not in found:
                found.add(activity)
                waiting += [node.id for node in self.following(activity)]
        return frozenset(found)

    @cached_property
    def order(self) -> Mapping[str, int]:
        """A number for each activity, smaller than those of all that follow (where there is no cycle)."""
        done: list[str] = []
        seen: set[str] = set()
        for first in sorted(self.nodes, key=lambda id: id != self.start):
            stack = [(first, False)]
            while stack:
                activity, left = stack.pop()
                if left:
                    done.append(activity)
                elif activity not in seen:
                    seen.add(activity)
                    stack.append((activity, True))
                    stack += [(node.id, False) for node in self.following(activity)]
        return {activity: number for number, activity in enumerate(reversed(done))}

    @cached_property
    def before(self) -> Mapping[str, frozenset[str]]:
        """For each activity those from which it can be reached."""
        found: dict[str, set[str]] = {activity: set() for activity in self.nodes}
        changed = True
        while changed:
            changed = False
            for activity in sorted(self.nodes, key=self.order.__getitem__):
                for node in self.following(activity):
                    added = {activity, *found[activity]} - found[node.id]
                    if added:
                        found[node.id] |= added
                        changed = True
        return {activity: frozenset(those) for activity, those in found.items()}

    @cached_property
    def cycle(self) -> frozenset[str]:
        """The activities that lead back to themselves."""
        return frozenset(activity for activity, those in self.before.items() if activity in those)

    def directly_before(self, activity: str) -> list[Node]:
        """The activities of which this one is a successor."""
        return self._leading.get(activity, [])

    @cached_property
    def _leading(self) -> Mapping[str, list[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            for to in dict.fromkeys(edge.to for edge in node.edges):
                found.setdefault(to, []).append(node)
        return found


def parse(wanted: WriteJourneyRequest) -> Graph:
    """The graph of a journey's activities."""
    nodes = {id: Node(id, activity) for id, activity in (wanted.activities or {}).items()}
    return Graph(nodes, wanted.start_activity or "")
