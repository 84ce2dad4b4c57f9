"""Helpers that answer yes or no: inline, in sub-expressions and as blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from clarion.domain.templates.handlebars.builtin.signature import Helper, Named
from clarion.domain.templates.handlebars.runtime.numbers import number
from clarion.domain.templates.handlebars.runtime.run import Run
from clarion.domain.templates.handlebars.runtime.values import truthy


def _and(run: Run, values: Sequence[object], named: Named) -> bool:
    return all(map(truthy, values))


def _or(run: Run, values: Sequence[object], named: Named) -> bool:
    return any(map(truthy, values))


def _not(run: Run, values: Sequence[object], named: Named) -> bool:
    return not truthy(values[0])


def _eq(run: Run, values: Sequence[object], named: Named) -> bool:
    return _equal(run, *values)


def _neq(run: Run, values: Sequence[object], named: Named) -> bool:
    return not _equal(run, *values)


def _equal(run: Run, left: object, right: object) -> bool:
    """Texts by letter, a number and anything by value, all else by what it prints; missing equals missing."""
    if left is None or right is None:
        return left is right
    if _is_number(left) or _is_number(right):
        a, b = number(left), number(right)
        if a is not None and b is not None:
            return a == b
    return run.text(left) == run.text(right)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _order(compare: Callable[[int], bool]) -> Callable[[Run, Sequence[object], Named], bool]:
    """A comparison by value when both sides are numbers or their texts, else by letter; missing never holds."""

    def holds(run: Run, values: Sequence[object], named: Named) -> bool:
        left, right = values
        if left is None or right is None:
            return False
        a, b = number(left), number(right)
        if a is not None and b is not None:
            return compare((a > b) - (a < b))
        first, second = run.text(left), run.text(right)
        return compare((first > second) - (first < second))

    return holds


def _condition(function: Callable[[Run, Sequence[object], Named], bool], least: int, most: int | None) -> Helper:
    return Helper(function, least, most, condition=True, optional=True)


CONDITIONS = {
    "and": _condition(_and, 2, None),
    "or": _condition(_or, 2, None),
    "not": _condition(_not, 1, 1),
    "eq": _condition(_eq, 2, 2),
    "neq": _condition(_neq, 2, 2),
    "gt": _condition(_order(lambda order: order > 0), 2, 2),
    "gte": _condition(_order(lambda order: order >= 0), 2, 2),
    "lt": _condition(_order(lambda order: order < 0), 2, 2),
    "lte": _condition(_order(lambda order: order <= 0), 2, 2),
}
