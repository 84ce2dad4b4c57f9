"""RandomSplit and Holdout: chance decides, the same way for the same entry however often it is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import TYPE_CHECKING

from clarion.domain.journeys.activities.port import Here, Kind, register
from clarion.domain.journeys.model import Edge, Fault, Go, Leave, Verdict, Walker
from clarion.shapes.pinpoint import HoldoutActivity, RandomSplitActivity

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Node
    from clarion.domain.journeys.review.context import Review

MOST_BRANCHES = 5
HELD_OUT, PASSED = "HOLDOUT", "PASSED"


class RandomSplit(Kind):
    """Each entry takes a branch with the branch's probability."""

    member, wire, metric = "random_split", "RandomSplit", "RANDOM_SPLIT"

    def edges(self, spec: RandomSplitActivity) -> tuple[Edge, ...]:
        return tuple(
            Edge(f"Branch_{number}", branch.next_activity or "") for number, branch in enumerate(spec.branches or (), 1)
        )

    def faults(self, node: Node, review: Review) -> Iterator[Fault]:
        shares = [branch.percentage or 0 for branch in node.spec.branches or ()]
        if not 2 <= len(shares) <= MOST_BRANCHES:
            yield Fault("E21", node.id, f"a random split needs 2 to {MOST_BRANCHES} branches, this has {len(shares)}")
        if any(share <= 0 for share in shares):
            yield Fault("E21", node.id, "every branch needs a Percentage above 0")
        if sum(shares) != 100:
            yield Fault("E21", node.id, f"the percentages sum to {sum(shares)}, not to 100")

    def arrive(self, here: Here, group: Sequence[Walker]) -> Iterable[Verdict]:
        limits = list(accumulate(branch.percentage or 0 for branch in here.node.spec.branches))
        for walker in group:
            lot = draw(here, walker) * limits[-1]
            outcome, to = here.node.edges[next(number for number, limit in enumerate(limits) if lot < limit)]
            yield Go(to, outcome)


class Holdout(Kind):
    """A share of the people leaves here."""

    member, wire, metric = "holdout", "Holdout", "HOLDOUT"

    def edges(self, spec: HoldoutActivity) -> tuple[Edge, ...]:
        return (Edge(PASSED, spec.next_activity or ""),)

    def faults(self, node: Node, review: Review) -> Iterator[Fault]:
        if not 0 <= node.spec.percentage <= 100:
            yield Fault("E22", node.id, "Percentage must be between 0 and 100")

    def arrive(self, here: Here, group: Sequence[Walker]) -> Iterable[Verdict]:
        spec: HoldoutActivity = here.node.spec
        for walker in group:
            if draw(here, walker) * 100 < spec.percentage:
                yield Leave("held out", HELD_OUT)
            else:
                yield Go(spec.next_activity or "", PASSED)


def draw(here: Here, walker: Walker) -> float:
    """A number in [0, 1) for this entry at this activity."""
    text = f"{here.journey.journey_id}\0{here.node.id}\0{walker.participant}\0{walker.entry}"
    lot = blake2b(text.encode(), digest_size=7, person=b"clarion-lot").digest()
    return (int.from_bytes(lot) >> 3) / (1 << 53)


register(RandomSplit())
register(Holdout())
