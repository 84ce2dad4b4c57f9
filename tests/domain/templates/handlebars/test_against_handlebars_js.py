"""The same templates in handlebars.js: the table of cases, and templates made up by a seeded generator."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.domain.templates.handlebars.rendering import render
from tests.domain.templates.handlebars.test_base_language import CASES
from tests.node import modules

_CONTEXT: dict[str, Any] = {
    "name": "Ann", "yes": True, "no": False, "n": 0, "text": "x\ny", "list": ["a", "b"], "nil": [],
    "map": {"k": "v", "name": "Bo"}, "rows": [{"name": "r1", "list": ["c"]}, {"name": "r2", "list": []}],
}  # fmt: skip
_SPACE = ["", " ", "  ", "\n", "\n  ", "  \n", "\n\n", "\r\n", "a", "b ", " c\n", "\t"]
_OPEN = ["{{", "{{~", "{{", "{{"]
_CLOSE = ["}}", "~}}", "}}", "}}"]
_VALUES = ["name", "map.k", "list.[0]", "../name", "this.name", "@index", "@key", "@first", "nobody", "text", "n"]
_BLOCKS = ["if yes", "if no", "unless no", "each list", "each rows", "each nil", "each map", "with map", "with no",
           "yes", "no", "rows", "map"]  # fmt: skip


@pytest.fixture(scope="session")
def packages() -> Path:
    return modules.installed()


def _in_node(packages: Path, cases: list[dict[str, Any]]) -> list[dict[str, str]]:
    done = subprocess.run(
        ["node", str(modules.HERE / "render.cjs"), str(packages)],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    answers: list[dict[str, str]] = json.loads(done.stdout)
    return answers


def test_the_table_of_cases(packages: Path) -> None:
    answers = _in_node(packages, CASES)
    wrong = {
        case["name"]: answer
        for case, answer in zip(CASES, answers, strict=True)
        if answer != {"text": case["expected"]}
    }
    assert wrong == {}


def test_made_up_templates(packages: Path) -> None:
    chance = random.Random(20261125)
    templates = [_body(chance, 3) for _ in range(1500)]
    answers = _in_node(packages, [{"template": text, "context": _CONTEXT} for text in templates])
    wrong = [
        (text, answer, ours)
        for text, answer in zip(templates, answers, strict=True)
        if (ours := render(text, _CONTEXT)) != answer.get("text")
    ]
    assert wrong == []


def _body(chance: random.Random, depth: int, around: frozenset[str] = frozenset()) -> str:
    return "".join(
        chance.choice(_SPACE) + (_piece(chance, depth, around) if chance.random() < 0.8 else "")
        for _ in range(chance.randint(1, 4))
    ) + chance.choice(_SPACE)


def _piece(chance: random.Random, depth: int, around: frozenset[str]) -> str:
    """No block steps into what a block around it stepped into: for the same value handlebars.js opens no new
    context, so that `../` would depend on the values."""
    kind = chance.random()
    if depth == 0 or kind < 0.3:
        return _tag(chance, chance.choice(_VALUES))
    if kind < 0.4:
        return chance.choice(["{{! c }}", "{{~! c }}", "{{!-- c --~}}", "\\{{name}}", "\\\\{{name}}", "{{{name}}}"])
    if kind < 0.5:
        return _tag(chance, '#*inline "p"') + _body(chance, 0) + _tag(chance, "/inline") + _tag(chance, "> p")
    head = chance.choice([head for head in _BLOCKS if head.split()[-1] not in around])
    inner = around | ({head.split()[-1]} - {"yes", "no"})
    parts = [_tag(chance, "#" + head), _body(chance, depth - 1, inner)]
    if chance.random() < 0.4:
        parts += [_tag(chance, chance.choice(["else", "^"])), _body(chance, depth - 1, inner)]
    return "".join([*parts, _tag(chance, "/" + head.split()[0])])


def _tag(chance: random.Random, inside: str) -> str:
    return chance.choice(_OPEN) + inside + chance.choice(_CLOSE)
