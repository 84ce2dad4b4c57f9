"""The documentation names every setting, command, operation slice and decision record there is."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
import typer.main

from clarion.cli.main import app
from clarion.core.settings import describe

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"


@pytest.mark.parametrize(("name", "environment"), [(row[0], row[2]) for row in describe()])
def test_every_setting_is_documented(name: str, environment: str) -> None:
    assert f"| `{name}` | `{environment}` |" in (DOCS / "settings.md").read_text()


def test_no_documented_setting_is_gone() -> None:
    documented = set(re.findall(r"\| `(\w+)` \| `CLARION_", (DOCS / "settings.md").read_text()))
    assert documented == {row[0] for row in describe()}


def test_every_command_is_documented() -> None:
    group = typer.main.get_command(app)
    commands = group.list_commands(click.Context(group)) if hasattr(group, "list_commands") else []
    text = (DOCS / "cli.md").read_text()
    assert commands
    assert [name for name in commands if f"`clarion {name}`" not in text] == []


def test_every_decision_record_has_its_three_parts() -> None:
    for path in (DOCS / "adr").glob("*.md"):
        text = path.read_text()
        missing = [part for part in ("Context", "Decision", "Consequences") if part not in text]
        assert missing == [], f"{path.name}: no {missing[0]}"


def test_links_between_the_pages_lead_somewhere() -> None:
    for path in [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+?\.md)\)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.relative_to(ROOT)}: {target}"
