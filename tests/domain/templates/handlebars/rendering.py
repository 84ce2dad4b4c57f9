"""Compile and render in one step, on a fixed clock and fixed ids."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from clarion.core.clock import VirtualClock
from clarion.core.ids import SeededIds
from clarion.domain.templates.handlebars import DEFAULT_BUDGET, Budget, Missing, compile_template

NOW = datetime(2020, 9, 19, 17, 4, 5, 678_000, UTC)


def render(
    template: str,
    context: Mapping[str, object] | None = None,
    *,
    missing: Missing = "empty",
    budget: Budget = DEFAULT_BUDGET,
) -> str:
    """What the template makes of the context on 2020-09-19 at 17:04:05.678 UTC."""
    compiled = compile_template(template, budget=budget)
    return compiled.render(context or {}, clock=VirtualClock(NOW), ids=SeededIds(7), missing=missing)
