"""The table of providers in docs/providers.md, from their declarations: `python -m tools.providers` writes it anew."""

from __future__ import annotations

import re
import typing
from pathlib import Path

from clarion.channels.catalog import PROVIDERS
from clarion.channels.provider import Feature

PAGE = Path(__file__).resolve().parent.parent / "docs" / "providers.md"
_TABLE = re.compile(r"(<!-- providers -->\n).*(<!-- /providers -->)", re.DOTALL)


def written(text: str) -> str:
    """The page with the table as it has to be."""
    return _TABLE.sub(lambda found: found[1] + _table() + found[2], text)


def _table() -> str:
    features = typing.get_args(Feature)
    used = [name for name in features if any(name in one.features for one in PROVIDERS)]
    lines = [f"| Channel | Kind | What it is | {' | '.join(used)} |", f"| --- | --- | --- |{' :-: |' * len(used)}"]
    for one in sorted(PROVIDERS, key=lambda one: (one.channel, one.kind)):
        marks = " | ".join("yes" if name in one.features else "" for name in used)
        lines.append(f"| {one.channel} | `{one.kind}` | {one.title} | {marks} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
