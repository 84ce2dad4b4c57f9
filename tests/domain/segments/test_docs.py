"""docs/segments.md: its examples are accepted, its limits are the code's."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from clarion.domain.segments import check, parse
from clarion.domain.segments.columnar import SNAPSHOT_DAYS
from clarion.shapes.pinpoint import WriteSegmentRequest

TEXT = (Path(__file__).parents[3] / "docs" / "segments.md").read_text()
EXAMPLES = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_examples(example: str) -> None:
    request = msgspec.json.decode(example, type=WriteSegmentRequest)
    assert msgspec.to_builtins(request) == msgspec.json.decode(example), "nothing in it is unknown"
    check.check_request(request)


def test_limits() -> None:
    assert len(EXAMPLES) == 5
    assert f"| dimensions of a segment | {check.MOST_DIMENSIONS}," in TEXT
    assert f"| length of a value | {check.LONGEST_VALUE} characters" in TEXT
    assert f"| attributes and metrics of one event | {check.MOST_FILTERS} |" in TEXT
    assert f"| levels of segments built on segments | {parse.MOST_LEVELS} |" in TEXT
    assert f"every time they occur | {parse.MOST_LEAVES} |" in TEXT
    assert f"kept for {SNAPSHOT_DAYS} days" in TEXT


def test_every_operator_is_explained() -> None:
    for operator in parse.COMPARISONS:
        assert f"`{operator}`" in TEXT
