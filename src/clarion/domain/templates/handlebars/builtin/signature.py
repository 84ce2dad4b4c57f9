"""What the compiler must know of a helper, and the checks that helpers share."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from clarion.domain.templates.handlebars.errors import Problem
from clarion.domain.templates.handlebars.runtime.numbers import number, whole
from clarion.domain.templates.handlebars.runtime.run import Run

Named: TypeAlias = Mapping[str, object]
Function: TypeAlias = Callable[[Run, Sequence[object], Named], object]

LAST = -1


@dataclasses.dataclass(frozen=True, slots=True)
class Helper:
    """A function with the number of arguments it takes.

    `words`: the positions (0-based, or LAST) where a name without value stands for its own text.
    `condition`: answers a bool, and may open a block. `optional`: a missing argument has a meaning to it;
    to all others it has none, and their result is missing too.
    """

    function: Function
    least: int
    most: int | None
    words: frozenset[int] = frozenset()
    condition: bool = False
    optional: bool = False

    def takes(self, count: int) -> bool:
        return self.least <= count and (self.most is None or count <= self.most)

    def expects(self) -> str:
        """`1 argument`, `2 to 3 arguments`, `at least 2 arguments`."""
        if self.most is None:
            return f"at least {self.least} argument{'' if self.least == 1 else 's'}"
        if self.most == self.least:
            return f"{self.least or 'no'} argument{'' if self.least == 1 else 's'}"
        return f"{self.least} to {self.most} arguments"

    def wants_word(self, position: int, count: int) -> bool:
        return position in self.words or (LAST in self.words and 0 < position == count - 1)


def option(run: Run, named: Named, name: str, default: str) -> str:
    """A named argument as text."""
    value = named.get(name)
    return default if value is None else run.text(value)


def decimal(value: object, what: str) -> Decimal:
    """A number, or Problem naming the argument."""
    found = number(value)
    if found is None:
        raise Problem(f"{what} is not a number")
    return found


def size(value: object, what: str, most: int) -> int:
    """A whole number from 0 to `most`, or Problem naming the argument."""
    found = decimal(value, what)
    if not whole(found) or not 0 <= found <= most:
        raise Problem(f"{what} must be a whole number from 0 to {most:,}")
    return int(found)
