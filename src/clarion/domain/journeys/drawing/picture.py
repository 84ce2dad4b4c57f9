"""What a drawing shows: boxes and the arrows between them, in words but without places. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from clarion.domain.journeys.drawing.words import Words, title
from clarion.domain.journeys.graph import Graph, Node
from clarion.shapes.pinpoint import WriteJourneyRequest

Look = Literal["start", "end", "message", "wait", "split", "call", "other"]

START = 0
"""The number of the box that everybody comes in by."""

_LOOKS: Mapping[str, Look] = {"MESSAGE": "message", "HOLDOUT": "split", "CONTACT_CENTER": "call"}


class Box(NamedTuple):
    """An activity, or where people come in or leave. `people` are there now, None: not told. `lost`: nobody can get
    there."""

    number: int
    look: Look
    id: str = ""
    title: str = ""
    description: str = ""
    details: tuple[str, ...] = ()
    people: int | None = None
    lost: bool = False


class Arrow(NamedTuple):
    """A way from one box to another. `back`: it closes a circle."""

    origin: int
    to: int
    label: str = ""
    back: bool = False


class Picture(NamedTuple):
    """A journey. Boxes are in the order of the way, the one at `START` first, each at its own number."""

    name: str
    boxes: list[Box]
    arrows: list[Arrow]


def picture(
    wanted: WriteJourneyRequest, graph: Graph, words: Words, people: Mapping[str, int] | None = None
) -> Picture:
    """The picture of a journey, also of a faulty one; with `people` (by activity) how many are where."""
    ids = sorted(graph.nodes, key=graph.order.__getitem__)
    numbers = {id: number for number, id in enumerate(ids, START + 1)}
    boxes = [Box(START, "start", title="Entry", details=(words.entry(wanted.start_condition),))]
    boxes += [_box(numbers[id], graph.nodes[id], graph, words, people) for id in ids]
    arrows = []
    if graph.start in numbers:
        arrows.append(Arrow(START, numbers[graph.start]))
    for id in ids:
        for to, label in _ways(graph.nodes[id], words):
            if to in numbers:
                arrows.append(Arrow(numbers[id], numbers[to], label, back=numbers[to] <= numbers[id]))
            else:
                boxes.append(Box(len(boxes), "end", title=to and f"no activity {to}", lost=bool(to)))
                arrows.append(Arrow(numbers[id], len(boxes) - 1, label))
    return Picture(wanted.name, boxes, arrows)


def _box(number: int, node: Node, graph: Graph, words: Words, people: Mapping[str, int] | None) -> Box:
    return Box(
        number,
        _look(node),
        node.id,
        title(node),
        node.activity.description or "",
        tuple(words.details(node)),
        None if people is None else people.get(node.id, 0),
        lost=node.id not in graph.reachable,
    )


def _look(node: Node) -> Look:
    metric = node.kind.metric if node.kind is not None else ""
    if metric.startswith("WAIT"):
        return "wait"
    return "split" if metric.endswith("SPLIT") else _LOOKS.get(metric, "other")


def _ways(node: Node, words: Words) -> Iterator[tuple[str, str]]:
    """Where an activity leads to and what is written there; several ways to the same place are one."""
    labels: dict[str, list[str]] = {}
    for edge in node.edges or ():
        labels.setdefault(edge.to, []).append(words.label(node, edge))
    for to, those in labels.items():
        yield to, " / ".join(dict.fromkeys(filter(None, those)))
    if not labels:
        yield "", ""
