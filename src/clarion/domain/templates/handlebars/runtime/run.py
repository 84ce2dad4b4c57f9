"""One rendering: where it writes, what it may still cost, and the contexts it is in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import NoReturn, TypeAlias

from clarion.core.clock import Clock, iso
from clarion.core.ids import Ids
from clarion.domain.templates.handlebars.budget import Budget
from clarion.domain.templates.handlebars.errors import Problem, RenderError, place
from clarion.domain.templates.handlebars.runtime.numbers import number_text

LIST_SEPARATOR = ", "
"""Between the values of a list that is printed as it is."""


class Loop:
    """`@index`, `@key`, `@first`, `@last` of an `each`, and the loop around it."""

    __slots__ = ("first", "index", "key", "last", "outer")

    def __init__(self, outer: Loop | None) -> None:
        self.outer = outer
        self.index = 0
        self.key: object = None
        self.first = True
        self.last = True


class Frame:
    """A context, the one around it, the loop it is in, and the partials that can be called here."""

    __slots__ = ("context", "loop", "parent", "partials")

    def __init__(
        self,
        context: object,
        parent: Frame | None,
        loop: Loop | None,
        partials: Mapping[str, tuple[Part, Frame]],
    ) -> None:
        self.context = context
        self.parent = parent
        self.loop = loop
        self.partials = partials


class Run:
    """The state of one rendering. `size` and `steps` are kept by the compiled code, `work` by `charge`.

    `noted` collects the variables that have no value, in place of failing. `inside` is the shared partial that is
    being rendered, its name and source.
    """

    __slots__ = (
        "_source",
        "budget",
        "clock",
        "ids",
        "inside",
        "most",
        "nested",
        "noted",
        "out",
        "root",
        "size",
        "slots",
        "steps",
        "strict",
        "work",
        "write",
    )

    def __init__(
        self, source: str, budget: Budget, root: object, slots: int, clock: Clock, ids: Ids, strict: bool
    ) -> None:
        self._source = source
        self.budget = budget
        self.root = root
        self.slots: list[object] = [None] * slots
        self.clock = clock
        self.ids = ids
        self.strict = strict
        self.out: list[str] = []
        self.write: Callable[[str], None] = self.out.append
        self.size = 0
        self.most = budget.output
        self.steps = budget.steps
        self.work = 0
        self.nested = 0
        self.noted: dict[str, None] | None = None
        self.inside: tuple[str, str] | None = None

    def fail(self, at: int, problem: str, variable: str | None = None) -> NoReturn:
        """Raise RenderError at an offset of the source."""
        source = self._source
        if self.inside is not None:
            name, source = self.inside
            problem = f"in the partial {name}: {problem}"
        raise RenderError(*place(source, at), problem, variable)

    def exhausted(self, at: int) -> NoReturn:
        """Say which budget is used up: steps, else output."""
        if self.steps < 0:
            self.fail(at, f"rendering takes more than {self.budget.steps:,} steps")
        self.fail(at, f"rendering writes more than {self.budget.output:,} characters")

    def afford(self, characters: int) -> None:
        """Raise Problem unless so many characters may still be handled; to be asked before they are made."""
        if self.work + characters > self.budget.work:
            raise Problem(f"rendering handles more than {self.budget.work:,} characters in helpers")

    def charge(self, characters: int) -> None:
        """Count characters handled by a helper; raises Problem when the budget is used up."""
        self.afford(characters)
        self.work += characters

    def text(self, value: object) -> str:
        """The text of a value, charged. A list of one is its item, several are joined; a map has no text."""
        if isinstance(value, str):
            self.charge(len(value))
            return value
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float | Decimal):
            return number_text(value)
        if isinstance(value, list | tuple):
            self.charge(len(value))
            text = LIST_SEPARATOR.join([self.text(each) for each in value])
            self.charge(len(text))
            return text
        if isinstance(value, datetime):
            return iso(value if value.tzinfo else value.replace(tzinfo=UTC))
        return ""


Value: TypeAlias = Callable[[Run, Frame], object]
"""A compiled expression."""
Part: TypeAlias = Callable[[Run, Frame], None]
"""A compiled statement or body: writes to the run."""
