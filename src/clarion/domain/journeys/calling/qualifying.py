"""Who would still come to an activity: the way there walked once more, by what is true now.

Everybody begins at the start, if they still belong to the entry segment, and takes every decision anew; chance decides
as it did. Where something else than a decision has several ways, they are taken to have gone any of them. Who does not
arrive is to be dropped. Source: spec of journeys, 3.10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from clarion.domain.journeys.activities.port import Here
from clarion.domain.journeys.graph import Node
from clarion.domain.journeys.model import Go, Leave, Walker
from clarion.shapes.pinpoint import SegmentCondition, SimpleCondition

DECISIONS = frozenset({"conditional_split", "multi_condition", "random_split", "holdout"})
"""Kinds of activities that decide on a way."""


def astray(here: Here, group: Sequence[Walker]) -> Mapping[str, str]:
    """Those of the group who would not come here again, and where their way parts. Raises Unavailable."""
    outside = _outside(here, group)
    reasons = dict.fromkeys(outside, "not in the entry segment any more")
    inside = [walker for walker in group if walker.participant not in outside]
    arrived = _arrived(here, inside, reasons)
    return {name: why for name, why in reasons.items() if name not in arrived}


def _outside(here: Here, group: Sequence[Walker]) -> frozenset[str]:
    """Those who do not belong to the entry segment; whom a test lets in need not."""
    start = here.wanted.start_condition
    segment = start.segment_start_condition if start else None
    if segment is None or here.journey.test_of or not group:
        return frozenset()
    condition = SimpleCondition(segment_condition=SegmentCondition(segment_id=segment.segment_id))
    (members,) = here.tools.conditions.holds(here, [condition], group)
    return frozenset(walker.participant for walker in group) - (members or frozenset())


def _arrived(here: Here, group: Sequence[Walker], reasons: dict[str, str]) -> frozenset[str]:
    """Those who come to the activity; of the others, `reasons` are added."""
    graph, goal = here.graph, here.node.id
    way = graph.before[goal] | {goal}
    at: dict[str, dict[str, Walker]] = {graph.start: {walker.participant: walker for walker in group}}
    for activity in sorted(way, key=graph.order.__getitem__):
        node = graph.get(activity)
        people = at.get(activity)
        if node is None or not people or activity == goal:
            continue
        for name, ways in _ways(here, node, list(people.values())).items():
            onward = [to for to in ways if to in way]
            for to in onward:
                at.setdefault(to, {})[name] = people[name]
            if not onward:
                reasons.setdefault(name, f"{activity} would lead elsewhere now")
    return frozenset(at.get(goal, ()))


def _ways(here: Here, node: Node, group: Sequence[Walker]) -> Mapping[str, Sequence[str]]:
    """Where everybody may go from an activity."""
    everywhere = [edge.to for edge in node.edges]
    if node.kind is None or node.kind.member not in DECISIONS:
        return {walker.participant: everywhere for walker in group}
    there = msgspec.structs.replace(here, node=node)
    asked = [msgspec.structs.replace(walker, activity=node.id, waiting="evaluate") for walker in group]
    found: dict[str, Sequence[str]] = {}
    for walker, verdict in zip(group, node.kind.arrive(there, asked), strict=True):
        match verdict:
            case Go(to):
                found[walker.participant] = [to]
            case Leave():
                found[walker.participant] = []
            case _:
                found[walker.participant] = everywhere
    return found
