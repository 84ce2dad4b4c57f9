"""Helpers on numbers, in decimal. An attribute's text counts as the number it spells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, DecimalException

from clarion.domain.templates.handlebars.builtin.signature import Helper, Named, decimal
from clarion.domain.templates.handlebars.errors import Problem
from clarion.domain.templates.handlebars.runtime.numbers import ARITHMETIC, number_text, whole
from clarion.domain.templates.handlebars.runtime.run import Run

_EIGHT_DECIMALS = Decimal("1e-8")
_HALF = Decimal("0.5")
_WIDE = Context(prec=400)


def _calculation(work: Callable[[Decimal, Decimal], Decimal]) -> Helper:
    def calculate(run: Run, values: Sequence[object], named: Named) -> Decimal:
        left, right = decimal(values[0], "the first argument"), decimal(values[1], "the second argument")
        try:
            return work(left, right)
        except DecimalException as error:
            raise Problem(_reason(right)) from error

    return Helper(calculate, 2, 2)


def _reason(right: Decimal) -> str:
    return "division by zero" if right == 0 else "the result is out of range"


def _divide(left: Decimal, right: Decimal) -> Decimal:
    result = ARITHMETIC.divide(left, right)
    if result.adjusted() + 9 > ARITHMETIC.prec:
        return result
    return result.quantize(_EIGHT_DECIMALS, context=ARITHMETIC)


def _rounding(work: Callable[[Decimal], Decimal]) -> Helper:
    def turn(run: Run, values: Sequence[object], named: Named) -> Decimal:
        return work(decimal(values[0], "the argument"))

    return Helper(turn, 1, 1)


def _ceiling(value: Decimal) -> Decimal:
    return value.to_integral_value(ROUND_CEILING, _WIDE)


def _floor(value: Decimal) -> Decimal:
    return value.to_integral_value(ROUND_FLOOR, _WIDE)


def _round(value: Decimal) -> Decimal:
    """Halves go up, as Java's Math.round does it: 2.5 to 3, -2.5 to -2."""
    return _floor(_WIDE.add(value, _HALF)) if not whole(value) else value


def _ordinalize(run: Run, values: Sequence[object], named: Named) -> str:
    value = decimal(values[0], "the argument")
    if not whole(value):
        raise Problem("the argument must be a whole number")
    last = int(abs(value) % 100) if abs(value) < 10**30 else 0
    teen = 11 <= last <= 13
    ending = "th" if teen else {1: "st", 2: "nd", 3: "rd"}.get(last % 10, "th")
    return number_text(value) + ending


ARITHMETIC_HELPERS = {
    "add": _calculation(ARITHMETIC.add),
    "subtract": _calculation(ARITHMETIC.subtract),
    "multiply": _calculation(ARITHMETIC.multiply),
    "divide": _calculation(_divide),
    "modulo": _calculation(ARITHMETIC.remainder),
    "ceiling": _rounding(_ceiling),
    "floor": _rounding(_floor),
    "round": _rounding(_round),
    "ordinalize": Helper(_ordinalize, 1, 1),
}
