"""Keeps pandas out of the process.

With the first list that becomes an array pyarrow loads pandas, to see whether the list is one of its series: half a
second and 55 MB for what nobody here uses. It asks once, so it is told once that there is none.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

import pyarrow as pa


class _NoPandas(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError(name, name=name)
        return None


def answer_once() -> None:
    """Let pyarrow ask now. Whoever imports pandas later finds it."""
    finder = _NoPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.array([""])
    finally:
        sys.meta_path.remove(finder)
