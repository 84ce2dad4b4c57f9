"""A compiled template, and the cache of them."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Literal, TypeAlias

from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.domain.templates.handlebars.budget import DEFAULT_BUDGET, Budget
from clarion.domain.templates.handlebars.compiler.statements import compile_body
from clarion.domain.templates.handlebars.compiler.unit import Unit
from clarion.domain.templates.handlebars.errors import RenderError
from clarion.domain.templates.handlebars.runtime.run import Frame, Part, Run
from clarion.domain.templates.handlebars.runtime.values import Layers
from clarion.domain.templates.handlebars.syntax.parser import parse

Missing: TypeAlias = Literal["empty", "strict"]


class Template:
    """Immutable; may be rendered by many threads at once."""

    __slots__ = ("_body", "_budget", "_names", "_shared", "_slots", "_source")

    def __init__(self, source: str, body: Part, unit: Unit) -> None:
        self._source = source
        self._body = body
        self._budget = unit.budget
        self._slots = unit.slots
        self._names = tuple(unit.names)
        self._shared = sum(len(unit.library[name]) for name in unit.shared)

    def render(
        self,
        context: Mapping[str, object],
        *,
        clock: Clock,
        ids: Ids,
        missing: Missing = "empty",
        noted: dict[str, None] | None = None,
    ) -> str:
        """The text for one recipient. `context` is a map or `Layers`; it is only read.

        `missing`: a variable without value prints nothing (`empty`) or is an error (`strict`). With `noted` it prints
        nothing and its name becomes a key of that map. Raises RenderError, also when a budget is used up.
        """
        root = context if context.__class__ is Layers else Layers(context)
        run = Run(self._source, self._budget, root, self._slots, clock, ids, missing == "strict" or noted is not None)
        run.noted = noted
        try:
            self._body(run, Frame(root, None, None, {}))
        except RecursionError as error:
            raise RenderError(1, 1, "the values nest too deep") from error
        if run.size > self._budget.output:
            run.exhausted(0)
        return "".join(run.out)

    def variables(self) -> list[str]:
        """The dotted names of the values the template refers to, in order of appearance.

        Names inside `each` are known only as far as the template tells: those with dots, `../` and `@root`.
        """
        return list(self._names)

    @property
    def size(self) -> int:
        """Characters of the source and of the shared partials compiled into it."""
        return len(self._source) + self._shared


def compile_template(
    source: str, *, partials: Mapping[str, str] | None = None, budget: Budget = DEFAULT_BUDGET
) -> Template:
    """Read and compile a template, and what it calls of the shared `partials` (name → source).

    Raises TemplateSyntaxError naming line, column and what was expected.
    """
    statements = parse(source, budget)
    unit = Unit(source, budget, partials or {})
    return Template(source, compile_body(unit, statements, 0), unit)


class TemplateCache:
    """The templates used last, by hash of all they are made of; bounded in number and in characters of source.

    Whatever changes in a source or in a shared partial makes another key, so nothing ever has to be invalidated.
    """

    def __init__(self, most: int = 2_000, *, characters: int = 50_000_000, budget: Budget = DEFAULT_BUDGET) -> None:
        self._most = most
        self._characters = characters
        self._budget = budget
        self._lock = threading.Lock()
        self._kept: OrderedDict[bytes, Template] = OrderedDict()
        self._size = 0

    def get(self, source: str, partials: Mapping[str, str] | None = None) -> Template:
        """The compiled template of this source. Raises TemplateSyntaxError, which is not remembered.

        `partials` are the shared ones it may call, by name; best no others, as they count as part of it.
        """
        key = _key(source, partials)
        with self._lock:
            template = self._kept.get(key)
            if template is not None:
                self._kept.move_to_end(key)
                return template
        template = compile_template(source, partials=partials, budget=self._budget)
        with self._lock:
            self._keep(key, template)
        return template

    def __len__(self) -> int:
        return len(self._kept)

    def _keep(self, key: bytes, template: Template) -> None:
        if key not in self._kept:
            self._size += template.size
        self._kept[key] = template
        while len(self._kept) > self._most or (self._size > self._characters and len(self._kept) > 1):
            _, dropped = self._kept.popitem(last=False)
            self._size -= dropped.size


def _key(source: str, partials: Mapping[str, str] | None) -> bytes:
    key = _digest(source)
    if partials:
        parts = [_digest(text) for name in sorted(partials) for text in (name, partials[name])]
        # No source begins with this byte.
        key = hashlib.sha256(b"".join([b"\xff", key, *parts])).digest()
    return key


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
