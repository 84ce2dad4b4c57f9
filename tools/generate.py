"""Write the generated files, or with `--check` say which of them are out of date.

python -m tools.generate [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools import generate_shapes, generate_tables

ROOT = Path(__file__).resolve().parent.parent


def outputs() -> dict[Path, str]:
    """Every generated file and the text it should have."""
    return {ROOT / path: text for path, text in (generate_shapes.files() | generate_tables.files()).items()}


def main(arguments: list[str]) -> int:
    stale = [path for path, text in outputs().items() if not path.exists() or path.read_text() != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is out of date: run `make gen`")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(outputs()[path])
        print(f"wrote {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
