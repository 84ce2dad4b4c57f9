"""Every example of docs/templates.md prints what the page says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from clarion.domain.templates.handlebars.budget import DEFAULT_BUDGET
from clarion.domain.templates.handlebars.builtin import HELPERS
from tests.domain.templates.handlebars.rendering import render

_PAGE = (Path(__file__).parents[4] / "docs" / "templates.md").read_text()
_RECIPIENT = json.loads(_PAGE.split("```json\n")[1].split("```")[0])
_EXAMPLE = re.compile(r"^\|.*?`([^`]*\{\{[^`]*)` \| `([^`]*)` \|$", re.MULTILINE)
EXAMPLES = _EXAMPLE.findall(_PAGE)


def test_the_examples_are_found() -> None:
    assert len(EXAMPLES) > 45


@pytest.mark.parametrize(("template", "text"), EXAMPLES)
def test_example(template: str, text: str) -> None:
    assert render(template, _RECIPIENT) == text


def test_every_helper_is_documented() -> None:
    assert [name for name in HELPERS if not re.search(rf"[`|( ]{name}[` ,]|`{{{{{name} ", _PAGE)] == []


def test_the_limits_are_those_of_the_budget() -> None:
    table = _PAGE.split("| Limit | Value |")[1]
    for limit in ("source", "nesting", "steps", "output", "calls", "each_items"):
        assert f"{getattr(DEFAULT_BUDGET, limit):,}" in table
