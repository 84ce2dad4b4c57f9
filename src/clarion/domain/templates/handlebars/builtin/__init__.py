"""The helpers, by name. The blocks `if`, `unless`, `each`, `with` are part of the compiler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clarion.domain.templates.handlebars.builtin.arithmetic import ARITHMETIC_HELPERS
from clarion.domain.templates.handlebars.builtin.conditions import CONDITIONS
from clarion.domain.templates.handlebars.builtin.encoding import ENCODING
from clarion.domain.templates.handlebars.builtin.moments import MOMENTS
from clarion.domain.templates.handlebars.builtin.signature import Helper, Named
from clarion.domain.templates.handlebars.builtin.strings import STRINGS
from clarion.domain.templates.handlebars.runtime.run import Run
from clarion.domain.templates.handlebars.runtime.values import item

__all__ = ["HELPERS", "Helper"]


def _lookup(run: Run, values: Sequence[object], named: Named) -> object:
    container, key = values
    return item(container, run.text(key))


HELPERS: Mapping[str, Helper] = {
    **CONDITIONS,
    **STRINGS,
    **ARITHMETIC_HELPERS,
    **ENCODING,
    **MOMENTS,
    "lookup": Helper(_lookup, 2, 2, optional=True),
}
