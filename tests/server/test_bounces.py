"""The doctor tells whether bounces can come back."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.errors import Invalid
from clarion.core.settings import Settings
from clarion.server.doctor.bounces import ways_back


@pytest.mark.parametrize(
    ("given", "state", "word"),
    [
        ({"bounce_domain": "bounces.acme.test"}, "warning", "nothing here takes them in"),
        ({"inbound_smtp_port": 2525}, "warning", "no address"),
        ({"bounce_domain": "bounces.acme.test", "inbound_smtp_port": 2525}, "well", "port 2525"),
        ({"bounce_domain": "bounces.acme.test", "feedback_webhook_secret": "whsec_x"}, "well", "/feedback/email"),
    ],
)
def test_what_is_set_up_in_part_is_a_warning(given: dict[str, Any], state: str, word: str) -> None:
    (way,) = ways_back(Settings(**given))
    assert way.state == state
    assert word in way.detail
    assert bool(way.advice) == (state == "warning")
    assert "whsec" not in way.detail


def test_without_any_of_it_nothing_is_said() -> None:
    assert list(ways_back(Settings())) == []


@pytest.mark.parametrize("given", [{"email_suppression": "all"}, {"inbound_smtp_certificate": "/nowhere.pem"}])
def test_settings_that_cannot_be_are_named(given: dict[str, str]) -> None:
    with pytest.raises(Invalid, match=next(iter(given))):
        list(ways_back(Settings(**given)))  # type: ignore[arg-type]
