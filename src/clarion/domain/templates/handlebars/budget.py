"""How much a template may cost. A template is written by a customer: none of it may hang or fill the process."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one template; going over the first three is a syntax error, over the others a render error."""

    source: int = 600_000
    """Characters of the template itself (the largest template type, e-mail, ends there)."""
    nesting: int = 32
    """Blocks within blocks, and likewise sub-expressions within sub-expressions."""
    segments: int = 32
    """Segments of one path."""
    steps: int = 100_000
    """Tags and arguments evaluated in one rendering."""
    output: int = 10_000_000
    """Characters written by one rendering."""
    work: int = 10_000_000
    """Characters that helpers read and make in one rendering."""
    calls: int = 64
    """Depth of partials calling partials, each counted with the blocks around the call."""
    each_items: int = 15
    """Items of a list that `each` takes; the rest is left out."""


DEFAULT_BUDGET = Budget()
