"""docs/import-export.md: its examples are read, its columns and limits are the code's."""

from __future__ import annotations

import re
from pathlib import Path

from clarion.domain.transfers.exports import PIECE
from clarion.domain.transfers.source.content import MOST_LINE, Line
from clarion.domain.transfers.source.rows import parser

TEXT = (Path(__file__).parents[3] / "docs" / "import-export.md").read_text()


def example(kind: str) -> list[Line]:
    [text] = re.findall(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)
    return [Line(number, 0, line.encode()) for number, line in enumerate(text.splitlines(), 1)]


def test_examples_are_read() -> None:
    header, *lines = example("csv")
    parse = parser("CSV", header)
    rows = [row for line in lines for row in parse(line)]
    assert [row.error for row in rows] == ["", ""]
    assert rows[0].item is not None
    assert rows[0].item.attributes == {"plan": ["gold"], "tag": ["new", "vip"]}
    parse = parser("JSON", None)
    rows = [row for line in example("json") for row in parse(line)]
    assert [(row.error, row.user_id) for row in rows] == [("", ""), ("", "u1")]


def test_columns_are_known() -> None:
    [listed] = re.findall(r"- Columns: (.*?)\n- ", TEXT, re.DOTALL)
    names, group = [], ""
    for name in re.findall(r"`([^`]+)`", listed):
        if name.endswith("."):
            group = name
        else:
            inside = (
                group
                and "." not in name
                and name not in ("ApplicationId", "CohortId", "CreationDate", "EndpointStatus")
            )
            names.append(f"{group}{name}" if inside else name.replace("…", "x"))
    assert len(names) == 28
    parser("CSV", Line(1, 0, ",".join(names).encode()))


def test_limits() -> None:
    assert f"| line | {MOST_LINE >> 20} MB;" in TEXT
    assert f"at most {PIECE:,} endpoints" in TEXT
