"""The state of one compilation: costs, block parameters, and the names the template refers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NoReturn

from clarion.domain.templates.handlebars.budget import Budget
from clarion.domain.templates.handlebars.errors import TemplateSyntaxError, place
from clarion.domain.templates.handlebars.runtime.run import Part
from clarion.domain.templates.handlebars.syntax.tree import Path

_WITHIN = "in the partial "


class Unit:
    """Shared by the compiling functions.

    `cost` counts the tags and arguments of the body at hand: a body pays for all of them when it is entered.
    `depth` is how many blocks of the template or of the partial are around the body at hand. `library` holds the
    sources of shared partials by name, `shared` those of them that are compiled.
    """

    def __init__(self, source: str, budget: Budget, library: Mapping[str, str]) -> None:
        self.source = source
        self.budget = budget
        self.cost = 0
        self.depth = 0
        self.slots = 0
        self.partials: set[str] = set()
        self.names: dict[str, None] = {}
        self.library = library
        self.shared: dict[str, Part] = {}
        self._inside: tuple[str, ...] = ()
        self._parameters: list[dict[str, int]] = []
        self._contexts: list[tuple[str, ...] | None] = [()]

    def fail(self, at: int, problem: str) -> NoReturn:
        """Raise TemplateSyntaxError at an offset."""
        raise TemplateSyntaxError(*place(self.source, at), problem)

    @contextmanager
    def within(self, name: str, at: int) -> Iterator[str]:
        """Compile a shared partial meanwhile, called at `at`: it knows nothing of what is around the call.

        Yields its source. What is wrong in it is said to be wrong at the call.
        """
        inside = (*self._inside, name)
        if name in self._inside:
            self.fail(at, f"the partial {name} comes to call itself: {' > '.join(inside)}")
        if len(inside) > self.budget.nesting:
            self.fail(at, f"partials call partials more than {self.budget.nesting} deep")
        kept = (self.source, self.cost, self.depth, self.partials, self._parameters, self._contexts, self._inside)
        self.source, self.cost, self.depth, self.partials = self.library[name], 0, 0, set()
        self._parameters, self._contexts, self._inside = [], [()], inside
        try:
            yield self.source
        except TemplateSyntaxError as error:
            problem = error.problem
            if not problem.startswith(_WITHIN):  # else it is told already which partial it is
                problem = f"{_WITHIN}{name}, line {error.line}, column {error.column}: {problem}"
            raise TemplateSyntaxError(*place(kept[0], at), problem) from error
        finally:
            self.source, self.cost, self.depth, self.partials = kept[:4]
            self._parameters, self._contexts, self._inside = kept[4:]

    def new_slots(self, count: int) -> range:
        """Places in the run for so many block parameters."""
        self.slots += count
        return range(self.slots - count, self.slots)

    @contextmanager
    def parameters(self, names: tuple[str, ...], slots: range) -> Iterator[None]:
        """Let these block parameters be known in the body compiled meanwhile."""
        self._parameters.append(dict(zip(names, slots, strict=False)))
        try:
            yield
        finally:
            self._parameters.pop()

    def slot(self, path: Path) -> int | None:
        """The block parameter that a path begins with."""
        if path.data or path.scoped or not path.parts:
            return None
        for known in reversed(self._parameters):
            if path.parts[0] in known:
                return known[path.parts[0]]
        return None

    @contextmanager
    def context(self, path: Path | None) -> Iterator[None]:
        """Note names, meanwhile, as belonging to the value of `path`; None: to something without a name."""
        self._contexts.append(None if path is None else self._full_name(path))
        try:
            yield
        finally:
            self._contexts.pop()

    def refer(self, path: Path) -> None:
        """Note that the template refers to a value."""
        name = self._full_name(path)
        while name and name[-1].isdecimal():
            name = name[:-1]
        if name:
            self.names[".".join(name)] = None

    def _full_name(self, path: Path) -> tuple[str, ...] | None:
        """The path from the root, as far as the text of the template tells; None when it does not."""
        if self.slot(path) is not None:
            return None
        if path.data:
            return path.parts[1:] if path.parts[:1] == ("root",) and not path.up else None
        base = self._contexts[-1 - path.up] if path.up < len(self._contexts) else None
        if base is not None:
            return base + path.parts
        return path.parts if len(path.parts) > 1 and not path.scoped else None
