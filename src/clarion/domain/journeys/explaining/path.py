"""A path as it is told, and where it left the way to an activity. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from clarion.domain.journeys.graph import Graph, Node
from clarion.domain.journeys.model import ENTERED, LEFT, Edge, Move


class Step(NamedTuple):
    """Something that happened to somebody in a journey, at an activity or ("") at its edge. Unix ms.

    `entry` 0 is not known: of messages, and of refusals to enter. `endpoint` and `message_id` are those of a message.
    """

    at_ms: int
    entry: int
    activity: str
    outcome: str
    detail: str = ""
    endpoint: str = ""
    message_id: str = ""


class Parting(NamedTuple):
    """Where somebody's way left that to an activity: at `node` with `outcome`, while it is behind `ways`."""

    node: Node
    outcome: str
    at_ms: int
    ways: list[Edge]


def in_order(graph: Graph, moves: Sequence[Move], messages: Sequence[Step]) -> list[Step]:
    """One path of moves, which are in their order, and messages; at the same moment the graph's order counts."""
    of_moves = [Step(move.at_ms, move.entry, move.activity, move.outcome, move.detail) for move in moves]
    last = len(graph.order)
    edges = {ENTERED: -1, LEFT: last + 1}

    def place(step: Step) -> tuple[int, int]:
        return step.at_ms, edges.get(step.outcome, graph.order.get(step.activity, last))

    return sorted([*of_moves, *messages], key=place)


def leads_to(graph: Graph, activity: str, wanted: str) -> bool:
    """Whether somebody at an activity is at the wanted one, or can come to it."""
    return activity == wanted or activity in graph.before.get(wanted, frozenset())


def parting(graph: Graph, moves: Sequence[Move], wanted: str) -> Parting | None:
    """Where the moves of an entry, in their order, left the way to an activity; None when they did not."""
    for move, following in pairwise([*moves, None]):
        assert move is not None
        node = graph.get(move.activity)
        if node is None or move.activity == wanted or not leads_to(graph, move.activity, wanted):
            continue
        ways = [edge for edge in node.edges if leads_to(graph, edge.to, wanted)]
        taken = [edge for edge in node.edges if edge.outcome == move.outcome]
        astray = bool(taken) and not any(edge in ways for edge in taken)
        if astray or (not taken and _ends(move, following)):
            return Parting(node, move.outcome, move.at_ms, ways)
    return None


def _ends(move: Move, following: Move | None) -> bool:
    """Whether the activity itself let them out: leaving for a reason of its own is told twice."""
    return following is not None and following.outcome == LEFT and bool(move.detail) and following.detail == move.detail
