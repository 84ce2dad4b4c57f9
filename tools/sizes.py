"""Refuse files over 600 lines, functions over 80, folders over 16 files; and rooms that say nothing.

Aims are 250 lines a file, 40 a function, 12 files a folder. Names in `BASELINE` are over a limit today;
the list may only shrink.

    python -m tools.sizes
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILE_LINES, FUNCTION_LINES, FOLDER_FILES = 600, 80, 16
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "types", "misc"}
GENERATED = ("src/clarion/shapes/", "src/clarion/wire/tables/", "src/clarion/store/migrations/versions/")
BASELINE: frozenset[str] = frozenset()


def complaints() -> Iterator[str]:
    for folder in ("src", "tools", "tests", "bench"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name.startswith(GENERATED):
                continue
            yield from _file(name, path)
    for folder in sorted((ROOT / "src").rglob("*")):
        if folder.is_dir() and not folder.relative_to(ROOT).as_posix().startswith(GENERATED):
            count = len(list(folder.glob("*.py")))
            if count > FOLDER_FILES:
                yield f"{folder.relative_to(ROOT)}: {count} files, at most {FOLDER_FILES}"


def _file(name: str, path: Path) -> Iterator[str]:
    text = path.read_text()
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield f"{name}: {lines} lines, at most {FILE_LINES}"
    if path.stem in FORBIDDEN_NAMES:
        yield f"{name}: a name that says nothing"
    tree = ast.parse(text)
    if name.startswith("src/") and text.strip() and ast.get_docstring(tree) is None:
        yield f"{name}: no docstring that says what it owns"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{name}:{node.lineno}: {node.name} has {length} lines, at most {FUNCTION_LINES}"


def main() -> int:
    found = [text for text in complaints() if text.split(":")[0] not in BASELINE]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
