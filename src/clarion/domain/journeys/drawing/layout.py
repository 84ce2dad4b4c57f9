"""Places for the boxes of a picture: in layers from above, few crossings, arrows as straight as may be. Pure.

    layers: each box below all that lead to it ─→ order in each layer: by the means of neighbours, several sweeps,
    the best kept ─→ x: near the neighbours, never over each other ─→ y: layers as high as their highest box

An arrow over several layers bends at a place of its own in each of them, which no box takes.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from clarion.domain.journeys.drawing.picture import START, Arrow, Picture

GAP = 30
"""Between boxes of a layer."""
LAYER_GAP = 50
ROW = 15
"""Between layers, and how much more for each row of labels that stands there."""
MARGIN = 24

_SWEEPS = 8
_PULLS = 17
_BEND_WEIGHT = 4.0
"""How much more than a box a bend wants to be where its arrow is straight."""


class Size(NamedTuple):
    """Width and height."""

    width: float
    height: float


Point = tuple[float, float]


class Layout(NamedTuple):
    """`places` are the middles of boxes, `ways` the points that arrows go through (by their number in the picture; none
    for arrows back): straight down through a layer, then across to the next, by turns."""

    places: Mapping[int, Point]
    ways: Mapping[int, Sequence[Point]]
    size: Size


class _Spot(NamedTuple):
    """A place in a layer: of a box, or of a bend."""

    width: float
    height: float
    weight: float


def layout(picture: Picture, sizes: Mapping[int, Size]) -> Layout:
    """Where everything goes."""
    plan = _Plan(picture, sizes)
    plan.order()
    x = plan.pull()
    spans = plan.spans()
    left = min(x[spot] - one.width / 2 for spot, one in enumerate(plan.spots)) - MARGIN
    x = [one - left for one in x]
    tops = [spans[rank][0] for rank in plan.rank]
    bottoms = [spans[rank][1] for rank in plan.rank]
    ways = {}
    for number, bends in plan.bends.items():
        origin, to = picture.arrows[number][:2]
        ways[number] = [(x[origin], tops[origin] + sizes[origin].height), (x[origin], bottoms[origin])]
        ways[number] += [(x[bend], end) for bend in bends for end in (tops[bend], bottoms[bend])]
        ways[number].append((x[to], tops[to]))
    right = max(x[spot] + one.width / 2 for spot, one in enumerate(plan.spots))
    places = {number: (x[number], tops[number] + size.height / 2) for number, size in sizes.items()}
    return Layout(places, ways, Size(right + MARGIN, spans[-1][1] + MARGIN))


class _Plan:
    """Spots 0 … are the boxes by their numbers, behind them come the bends."""

    def __init__(self, picture: Picture, sizes: Mapping[int, Size]) -> None:
        forward = [(number, arrow) for number, arrow in enumerate(picture.arrows) if not arrow.back]
        self.rank = _ranks(len(picture.boxes), [arrow for _, arrow in forward])
        self.spots = [_Spot(*sizes[box.number], 1.0) for box in picture.boxes]
        self.above: list[list[int]] = [[] for _ in picture.boxes]
        self.below: list[list[int]] = [[] for _ in picture.boxes]
        self.bends: dict[int, list[int]] = {}
        self.labels = Counter(arrow.origin for _, arrow in forward if arrow.label)
        for number, arrow in forward:
            self.bends[number] = self._lead(arrow)
        self.layers: list[list[int]] = [[] for _ in range(max(self.rank) + 1)]
        for spot, rank in enumerate(self.rank):
            self.layers[rank].append(spot)

    def _lead(self, arrow: Arrow) -> list[int]:
        """Lead an arrow through the layers between its ends; answers its bends."""
        bends, last = [], arrow.origin
        for rank in range(self.rank[arrow.origin] + 1, self.rank[arrow.to]):
            bends.append(len(self.spots))
            self.spots.append(_Spot(GAP, 0, _BEND_WEIGHT))
            self.rank.append(rank)
            self.above.append([])
            self.below.append([])
            self._join(last, bends[-1])
            last = bends[-1]
        self._join(last, arrow.to)
        return bends

    def _join(self, upper: int, lower: int) -> None:
        self.below[upper].append(lower)
        self.above[lower].append(upper)

    def order(self) -> None:
        """Put each layer in an order in which few arrows cross."""
        best, fewest = [list(layer) for layer in self.layers], self._crossings()
        for sweep in range(_SWEEPS):
            down = sweep % 2 == 0
            near = self.above if down else self.below
            at = self._positions()
            for layer in self.layers if down else reversed(self.layers):
                wishes = {spot: _mean([at[one] for one in near[spot]], at[spot]) for spot in layer}
                layer.sort(key=wishes.__getitem__)
                at.update((spot, number / len(layer)) for number, spot in enumerate(layer))
            if (number := self._crossings()) < fewest:
                best, fewest = [list(layer) for layer in self.layers], number
        self.layers = best

    def _positions(self) -> dict[int, float]:
        return {spot: number / len(layer) for layer in self.layers for number, spot in enumerate(layer)}

    def _crossings(self) -> int:
        at = self._positions()
        number = 0
        for layer in self.layers:
            passed: list[float] = []
            for spot in layer:
                ends = sorted(at[one] for one in self.below[spot])
                number += sum(len(passed) - bisect_right(passed, end) for end in ends)
                for end in ends:
                    insort(passed, end)
        return number

    def pull(self) -> list[float]:
        """The x of every spot: pulled to its neighbours above and below by turns, at last to those above."""
        x = [0.0] * len(self.spots)
        for turn in range(_PULLS):
            down = turn % 2 == 0
            near = self.above if down else self.below
            for layer in self.layers if down else reversed(self.layers):
                self._settle(layer, [_mean([x[one] for one in near[spot]], x[spot]) for spot in layer], x)
        return x

    def _settle(self, layer: Sequence[int], wishes: Sequence[float], x: list[float]) -> None:
        """Give the spots of a layer the x nearest to what they wish for that keep their order and distance: runs of
        spots that would overlap move as one."""
        offset, before = 0.0, 0.0
        offsets, blocks = list[float](), list[tuple[float, float, int]]()
        for spot, wish in zip(layer, wishes, strict=True):
            width, weight = self.spots[spot].width, self.spots[spot].weight
            offset += (before + width) / 2 + GAP if offsets else 0.0
            offsets.append(offset)
            before, at, number = width, wish - offset, 1
            while blocks and blocks[-1][1] > at:
                heavier, there, more = blocks.pop()
                at = (at * weight + there * heavier) / (weight + heavier)
                weight, number = weight + heavier, number + more
            blocks.append((weight, at, number))
        settled = [at for _, at, number in blocks for _ in range(number)]
        for spot, away, at in zip(layer, offsets, settled, strict=True):
            x[spot] = at + away

    def spans(self) -> list[tuple[float, float]]:
        """From where to where every layer goes."""
        found, y = [], float(MARGIN)
        for layer in self.layers:
            height = max(self.spots[spot].height for spot in layer)
            found.append((y, y + height))
            y += height + LAYER_GAP + ROW * max(self.labels[spot] for spot in layer)
        return found


def _ranks(number: int, arrows: Iterable[Arrow]) -> list[int]:
    """The layer of each box; arrows lead to boxes of a higher number."""
    ranks = [int(box != START) for box in range(number)]
    for arrow in sorted(arrows, key=lambda one: one.origin):
        ranks[arrow.to] = max(ranks[arrow.to], ranks[arrow.origin] + 1)
    return ranks


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
