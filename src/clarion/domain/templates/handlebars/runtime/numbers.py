"""Numbers are decimal, so that 5 + 2.3 is 7.3; they print as JavaScript prints them."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?")
_LONGEST = 100
_LARGEST = 10**40

ARITHMETIC = Context(prec=34, rounding=ROUND_HALF_UP, traps=[InvalidOperation, DivisionByZero, Overflow])
_EXACT = Context(prec=1000, rounding=ROUND_HALF_UP)


def number(value: object) -> Decimal | None:
    """The number in a value: a number, its text, or a list of one of these; None for anything else."""
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, str):
        text = value.strip() if len(value) <= _LONGEST else ""
        return Decimal(text) if _NUMBER.fullmatch(text) else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return Decimal(value) if -_LARGEST < value < _LARGEST else None
    if isinstance(value, float):
        value = Decimal(repr(value))
    if isinstance(value, Decimal) and value.is_finite():
        return value
    return None


def number_text(value: int | float | Decimal) -> str:
    """As JavaScript prints it: `19` for 19.0, exponents only from 1e+21 and below 0.000001."""
    if isinstance(value, int):
        if -(10**21) < value < 10**21:
            return str(int(value))
        value = Decimal(value)
    elif isinstance(value, float):
        if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        value = Decimal(repr(value))
    if not value.is_finite():
        return "NaN" if value.is_nan() else ("-" if value.is_signed() else "") + "Infinity"
    if not value:
        return "0"
    exponent = value.adjusted()
    if -7 < exponent < 21:
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return _scientific(value, exponent)


def _scientific(value: Decimal, exponent: int) -> str:
    sign, digits, _ = value.as_tuple()
    text = "".join(map(str, digits[:40])).rstrip("0") or "0"
    mantissa = text[0] + ("." + text[1:] if len(text) > 1 else "")
    return f"{'-' if sign else ''}{mantissa}e{'+' if exponent >= 0 else '-'}{abs(exponent)}"


def whole(value: Decimal) -> bool:
    """Whether there is nothing behind the point."""
    return value == value.to_integral_value(context=_EXACT)
