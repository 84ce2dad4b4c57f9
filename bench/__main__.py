"""Run benchmarks: all of them, or those named.

python -m bench [name ...]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent


def names() -> list[str]:
    """Every benchmark: the modules here that can be run."""
    return sorted(path.stem for path in FOLDER.glob("[a-z]*.py") if "__name__ ==" in path.read_text())


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - set(names()):
        print(f"no benchmark {sorted(unknown)[0]}; there are {', '.join(names())}")
        return 1
    failed = 0
    for name in wanted or names():
        print(f"--- {name}", flush=True)
        failed |= subprocess.run([sys.executable, "-m", f"bench.{name}"], cwd=FOLDER.parent, check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
