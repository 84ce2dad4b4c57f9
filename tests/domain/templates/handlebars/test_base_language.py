"""Handlebars itself: one table of cases, which handlebars.js has to pass as well."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.domain.templates.handlebars.rendering import render

_FILE = json.loads((Path(__file__).parent / "base_language.json").read_text())
CASES: list[dict[str, Any]] = [{"context": _FILE["context"], **case} for case in _FILE["cases"]]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_case(case: dict[str, Any]) -> None:
    assert render(case["template"], case["context"]) == case["expected"]
