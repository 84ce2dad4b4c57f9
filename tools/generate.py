"""Write the generated files, or with `--check` say which of them are out of date.

python -m tools.generate [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

from tools import generate_coverage, generate_shapes, generate_tables

ROOT = Path(__file__).resolve().parent.parent


def outputs() -> dict[Path, str]:
    """Every generated file and the text it should have."""
    made = generate_shapes.files() | generate_tables.files() | generate_coverage.files()
    return {ROOT / path: text for path, text in made.items()}


def main(arguments: list[str]) -> int:
    stale = {path: text for path, text in outputs().items() if not path.exists() or path.read_text() != text}
    for path, text in stale.items():
        name = path.relative_to(ROOT)
        if "--check" in arguments:
            print(f"{name} is out of date: run `make gen`")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(f"wrote {name}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
