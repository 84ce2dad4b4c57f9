"""The activities as a whole: how many, of what kinds, and how one leads to the other."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

from clarion.domain.journeys.graph import Graph, Node
from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.review.context import Check, Review

MOST_ACTIVITIES = 40
MOST_CALLS = 3
MOST_SHOWN = 8
"""Activities of a cycle that are named."""

_ID = re.compile(r"[A-Za-z0-9]{1,100}", re.ASCII)


def start(review: Review) -> Iterator[Fault]:
    """E7."""
    graph = review.graph
    if not graph.nodes:
        yield Fault("E7", "", "Activities: at least one is required")
    elif not graph.start:
        yield Fault("E7", "", "StartActivity: is required")
    elif graph.start not in graph.nodes:
        yield Fault("E7", "", f"StartActivity: there is no activity {graph.start}")


def number(review: Review) -> Iterator[Fault]:
    """E8."""
    nodes = review.graph.nodes.values()
    if len(nodes) > MOST_ACTIVITIES:
        yield Fault("E8", "", f"Activities: at most {MOST_ACTIVITIES}, there are {len(nodes)}")
    calls = sum(node.activity.contact_center is not None for node in nodes)
    if calls > MOST_CALLS:
        yield Fault("E8", "", f"Activities: at most {MOST_CALLS} of ContactCenter, there are {calls}")


def kinds(review: Review) -> Iterator[Fault]:
    """E9."""
    for node in review.graph.nodes.values():
        if not _ID.fullmatch(node.id):
            yield Fault("E9", node.id, "the id of an activity must be 1 to 100 letters and digits")
        if not node.kinds:
            yield Fault("E9", node.id, "an activity must say what it does")
        elif len(node.kinds) > 1:
            said = ", ".join(kind.wire for kind in node.kinds)
            yield Fault("E9", node.id, f"an activity does one thing, this says {said}")


def successors(review: Review) -> Iterator[Fault]:
    """E10, first half: what is not there."""
    for node in review.graph.nodes.values():
        for edge in node.edges:
            if edge.to and edge.to not in review.graph.nodes:
                way = edge.outcome or "NextActivity"
                yield Fault("E10", node.id, f"{way} leads to {edge.to}, which does not exist")


def cycles(review: Review) -> Iterator[Fault]:
    """E10, second half: a fault for each way back, with one of the cycles that it closes."""
    graph = review.graph
    for node in graph.nodes.values():
        for to in {edge.to: None for edge in node.edges if edge.to in graph.nodes}:
            if to == node.id:
                yield Fault("E10", node.id, "leads to itself")
            elif graph.order[to] < graph.order[node.id]:
                way = [*_way(graph, to, node.id), to]
                shown = [*way[:MOST_SHOWN], "…", way[-1]] if len(way) > MOST_SHOWN + 1 else way
                yield Fault("E10", node.id, f"leads back: {' → '.join(shown)}")


def unreachable(review: Review) -> Iterator[Fault]:
    """W17."""
    graph = review.graph
    if graph.start in graph.nodes:
        for id in graph.nodes.keys() - graph.reachable:
            yield Fault("W17", id, f"nobody gets here from {graph.start}", advice=True)


def in_a_row(review: Review) -> Iterator[Fault]:
    """W1."""
    for node in review.graph.nodes.values():
        if _is_email(node):
            for following in {one.id: one for one in review.graph.following(node.id)}.values():
                if _is_email(following):
                    text = f"this e-mail comes right after that of {node.id}: a Wait between them gives time to read"
                    yield Fault("W1", following.id, text, advice=True)


def _is_email(node: Node) -> bool:
    return node.kind is not None and node.kind.member == "email"


def _way(graph: Graph, first: str, last: str) -> list[str]:
    """A shortest way from one activity to another."""
    came: dict[str, str] = {first: ""}
    waiting = deque([first])
    while waiting and last not in came:
        activity = waiting.popleft()
        for node in graph.following(activity):
            if node.id not in came:
                came[node.id] = activity
                waiting.append(node.id)
    way = [last]
    while way[-1] != first:
        way.append(came[way[-1]])
    return way[::-1]


CHECKS: tuple[Check, ...] = (start, number, kinds, successors, cycles, unreachable, in_a_row)
