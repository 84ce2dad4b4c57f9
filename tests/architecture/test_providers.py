"""The page about providers says what kinds there are, and each kind keeps the rules of its declaration."""

from __future__ import annotations

from collections import Counter

import pytest

from clarion.channels.catalog import PROVIDERS
from clarion.channels.provider import Provider
from tools.providers import PAGE, written


def test_the_page_names_every_kind() -> None:
    text = PAGE.read_text()
    assert text == written(text), "run: python -m tools.providers"


def test_kinds_have_names_of_their_own() -> None:
    assert max(Counter((one.channel, one.kind) for one in PROVIDERS).values()) == 1


@pytest.mark.parametrize("one", PROVIDERS, ids=lambda one: f"{one.channel}-{one.kind}")
def test_secrets_are_members_and_whoever_reports_has_a_way_in(one: Provider[object]) -> None:  # type: ignore[type-var]
    assert set(one.config.SECRET) <= set(one.config.members())
    if one.channel != "push":
        assert one.title
        assert hasattr(one.config, "check")
