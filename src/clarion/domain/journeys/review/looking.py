"""Looking at a journey: every error and every piece of advice there is, in the order of its activities. Pure.

definition ─→ graph ─→ checks of the whole (CHECKS), of each activity (Kind.faults) ─→ faults, errors first
"""

from __future__ import annotations

from collections.abc import Iterator

from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.review import entry, hours, limits, sending, shape
from clarion.domain.journeys.review.context import Check, Review

MOST_LOOKED_AT = 100
"""Activities beyond which only their number is told."""

CHECKS: tuple[Check, ...] = (*entry.CHECKS, *shape.CHECKS, *hours.CHECKS, *limits.CHECKS, *sending.CHECKS)
"""All checks of a journey as a whole."""


def look(review: Review) -> list[Fault]:
    """Everything there is to say: errors first, then what concerns the whole, then by activity."""
    if len(review.graph.nodes) > MOST_LOOKED_AT:
        return list(shape.number(review))
    order = review.graph.order
    found = dict.fromkeys(_found(review))
    return sorted(found, key=lambda one: (one.advice, order.get(one.activity, -1), int(one.code[1:]), one.text))


def _found(review: Review) -> Iterator[Fault]:
    for check in CHECKS:
        yield from check(review)
    for node in review.graph.nodes.values():
        if node.kind is not None:
            yield from node.kind.faults(node, review)
