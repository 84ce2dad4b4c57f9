"""The table of charts in docs/charts.md, from their definitions: `python -m tools.charts` writes it anew."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from clarion.domain.analytics.charts.catalog import FAMILIES
from clarion.domain.analytics.charts.model import Chart

PAGE = Path(__file__).resolve().parent.parent / "docs" / "charts.md"
_TABLE = re.compile(r"(<!-- charts -->\n).*(<!-- /charts -->)", re.DOTALL)


def written(text: str) -> str:
    """The page with the table as it has to be."""
    return _TABLE.sub(lambda found: found[1] + _table() + found[2], text)


def _table() -> str:
    lines = ["| Chart | What | By | Values | Takes |", "| --- | --- | --- | --- | --- |"]
    lines += [_line(chart) for family in FAMILIES for chart in family.CHARTS]
    return "\n".join(lines) + "\n"


def _line(chart: Chart) -> str:
    takes = [*(f"`{one}`!" for one in sorted(chart.needs)), *(f"`{one}`" for one in sorted(chart.takes - chart.needs))]
    cells = [
        f"`{chart.name}`",
        chart.summary,
        *(_names(names) for names in (chart.groups, chart.values)),
        " ".join(takes),
    ]
    return f"| {' | '.join(cells)} |"


def _names(names: Sequence[str]) -> str:
    return " ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text()))
