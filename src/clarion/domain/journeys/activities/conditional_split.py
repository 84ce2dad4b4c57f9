"""ConditionalSplit: yes or no, by all of some conditions or by any of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from clarion.domain.journeys.activities.port import Here, register
from clarion.domain.journeys.activities.splitting import Held, Splitting
from clarion.domain.journeys.conditions.faults import condition_faults
from clarion.domain.journeys.model import Edge, Fault, Go, Walker
from clarion.shapes.pinpoint import ConditionalSplitActivity, SimpleCondition

if TYPE_CHECKING:
    from clarion.domain.journeys.graph import Node
    from clarion.domain.journeys.review.context import Review

MOST_CONDITIONS = 20
YES, NO = "Branch_TRUE", "Branch_FALSE"


class ConditionalSplit(Splitting):
    """Without conditions everybody takes the way of no."""

    member, wire, metric = "conditional_split", "ConditionalSplit", "CONDITIONAL_SPLIT"

    def edges(self, spec: ConditionalSplitActivity) -> tuple[Edge, ...]:
        return Edge(YES, spec.true_activity or ""), Edge(NO, spec.false_activity or "")

    def conditions(self, spec: ConditionalSplitActivity) -> Sequence[SimpleCondition]:
        return (spec.condition.conditions if spec.condition else None) or ()

    def choose(self, here: Here, walker: Walker, held: Held) -> Go:
        condition = here.node.spec.condition
        fits = [walker.participant in people for people in held.people]
        joined = any if condition and condition.operator == "ANY" else all
        yes, no = here.node.edges
        outcome, to = yes if fits and joined(fits) else no
        return Go(to, outcome, held.detail)

    def faults(self, node: Node, review: Review) -> Iterator[Fault]:
        spec: ConditionalSplitActivity = node.spec
        conditions = self.conditions(spec)
        if not conditions:
            yield Fault("E18", node.id, "Condition.Conditions: must have at least one condition")
        elif len(conditions) > MOST_CONDITIONS:
            yield Fault("E18", node.id, f"Condition.Conditions: must have at most {MOST_CONDITIONS} conditions")
        elif len(conditions) > 1 and spec.condition and not spec.condition.operator:
            yield Fault("E18", node.id, "Condition.Operator: is required with several conditions")
        if not any(edge.to for edge in node.edges):
            yield Fault("E18", node.id, "neither TrueActivity nor FalseActivity leads anywhere")
        for number, condition in enumerate(conditions[:MOST_CONDITIONS]):
            yield from condition_faults("E18", f"Condition.Conditions[{number}]", node, review, condition)
        yield from self.wait_faults("E18", node, review)


register(ConditionalSplit())
