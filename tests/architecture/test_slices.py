"""A slice uses of another one only what ARCHITECTURE.md says it may, and nothing is promised that is not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOMAIN = ROOT / "src" / "clarion" / "domain"
PACKAGE = "clarion.domain."


def public() -> dict[str, set[str]]:
    """The table of slices: which modules of each others may use."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*)\|[^|]*\|$", (ROOT / "ARCHITECTURE.md").read_text(), re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", modules)) for name, modules in rows}


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Slice and module of everything in the domain that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PACKAGE):
            parts = (node.module or "").removeprefix(PACKAGE).split(".")
            for alias in node.names:
                yield parts[0], parts[1] if len(parts) > 1 else alias.name


def test_the_table_names_every_slice_and_only_modules_there_are() -> None:
    assert set(public()) == {path.name for path in DOMAIN.iterdir() if (path / "__init__.py").exists()}
    for name, modules in public().items():
        there = {path.stem for path in (DOMAIN / name).iterdir()}
        assert modules <= there, name


def test_slices_use_what_others_offer() -> None:
    offered, wrong, used = public(), [], set()
    for path in sorted(DOMAIN.rglob("*.py")):
        own = path.relative_to(DOMAIN).parts[0]
        for name, module in imports(path):
            if name != own:
                used.add((name, module))
                if module not in offered[name]:
                    wrong.append(f"{path.relative_to(DOMAIN)}: {name}.{module}")
    assert wrong == []
    assert used == {(name, module) for name, modules in offered.items() for module in modules}, "nobody uses these"
