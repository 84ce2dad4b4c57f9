"""MultiCondition: the first branch whose condition holds, or else the default."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from clarion.domain.journeys.activities.port import Here, register
from clarion.domain.journeys.activities.splitting import Held, Splitting
from clarion.domain.journeys.conditions.faults import condition_faults
from clarion.domain.journeys.model import Edge, Fault, Go, Walker
from clarion.shapes.pinpoint import MultiConditionalSplitActivity, SimpleCondition

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Node
    from clarion.domain.journeys.review.context import Review

MOST_BRANCHES = 4


class MultiCondition(Splitting):
    """The default's outcome has the number after the last branch's."""

    member, wire, metric = "multi_condition", "MultiCondition", "MULTI_CONDITIONAL_SPLIT"

    def edges(self, spec: MultiConditionalSplitActivity) -> tuple[Edge, ...]:
        branches = [branch.next_activity for branch in spec.branches or ()]
        ways = (*branches, spec.default_activity)
        return tuple(Edge(f"Branch_{number}", to or "") for number, to in enumerate(ways, 1))

    def conditions(self, spec: MultiConditionalSplitActivity) -> Sequence[SimpleCondition]:
        return [branch.condition or SimpleCondition() for branch in spec.branches or ()]

    def choose(self, here: Here, walker: Walker, held: Held) -> Go:
        fitting = (number for number, people in enumerate(held.people) if walker.participant in people)
        outcome, to = here.node.edges[next(fitting, -1)]
        return Go(to, outcome, held.detail)

    def faults(self, node: Node, review: Review) -> Iterator[Fault]:
        spec: MultiConditionalSplitActivity = node.spec
        branches = spec.branches or []
        if not 1 <= len(branches) <= MOST_BRANCHES:
            yield Fault(
                "E19", node.id, f"a multivariate split needs 1 to {MOST_BRANCHES} branches, this has {len(branches)}"
            )
        for number, branch in enumerate(branches[:MOST_BRANCHES]):
            yield from condition_faults("E19", f"Branches[{number}].Condition", node, review, branch.condition)
        if not spec.default_activity:
            text = "DefaultActivity leads nowhere: who fits no branch leaves the journey"
            yield Fault("W8", node.id, text, advice=True)
        yield from self.wait_faults("E19", node, review)


register(MultiCondition())
