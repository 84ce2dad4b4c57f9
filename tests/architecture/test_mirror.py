"""One mechanism feeds the mirror: only `audience.store` writes endpoint rows, and each time it announces them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent / "src" / "clarion"
STORE = SOURCE / "domain" / "audience" / "store.py"
CHANGES = re.compile(r"\b(insert|update|delete)\(\s*(store\.)?endpoints\b")
RAW = re.compile(r"(INSERT INTO|UPDATE|DELETE FROM)\s+endpoints\b", re.IGNORECASE)
COLUMNAR = {"columnar.py", "rows.py"}
"""Files with SQL for the columnar table of the same name."""
BY_CALLER = "remove"
"""The one of `Writer` that leaves announcing to its caller."""


def functions(path: Path) -> Iterator[tuple[str, str]]:
    """Name and text of every function of a file."""
    text = path.read_text()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            yield node.name, ast.get_source_segment(text, node) or ""


def test_nobody_else_writes_endpoint_rows() -> None:
    others = [path for path in SOURCE.rglob("*.py") if path != STORE]
    assert [path.name for path in others if CHANGES.search(path.read_text())] == []
    raw = {path.name for path in SOURCE.rglob("*.py") if RAW.search(path.read_text())}
    assert raw <= COLUMNAR


def test_whatever_writes_them_announces_them() -> None:
    written = dict(functions(STORE))
    lowest = {name for name, text in written.items() if CHANGES.search(text) and name != "__init__"}
    assert lowest == {"_delete"}
    writers = {name for name, text in written.items() if "_upsert," in text or "self._delete(" in text}
    assert writers <= {"put", "delete", "erase", BY_CALLER}
    assert all("announce(" in written[name] for name in writers - {BY_CALLER})
    for path in (SOURCE / "domain").rglob("*.py"):
        for name, text in functions(path):
            assert f"writer.{BY_CALLER}(" not in text or "announce(" in text, f"{path.name}: {name}"
