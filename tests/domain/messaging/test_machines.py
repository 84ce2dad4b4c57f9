"""Telling opens and clicks of machines from those of people."""

from __future__ import annotations

from typing import Literal

import pytest

from clarion.domain.messaging.tracking.machines import Seen, attributes, hasty, judge

SENT_MS = 1_804_151_402_000
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
OUTLOOK = "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17126; Pro)"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
YAHOO = "YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html"


def seen(kind: Literal["open", "click"], agent: str, after_ms: int = 60_000, url: str = "") -> Seen:
    return Seen(kind, "m", SENT_MS + after_ms, agent, url)


@pytest.mark.parametrize("agent", [CHROME, IPHONE, OUTLOOK, GMAIL, YAHOO])
@pytest.mark.parametrize("kind", ["open", "click"])
def test_people(kind: Literal["open", "click"], agent: str) -> None:
    assert judge(seen(kind, agent), SENT_MS) == ""


@pytest.mark.parametrize(
    ("agent", "reason"),
    [
        ("Mozilla/5.0", "apple-privacy"),
        ("", "no-agent"),
        (" ", "no-agent"),
        ("Barracuda Sentinel (EE)", "scanner"),
        ("Mozilla/5.0 (compatible; Proofpoint URL Defense)", "scanner"),
        ("Mozilla/5.0 (X11; Linux x64) HeadlessChrome/119.0", "scanner"),
        ("python-requests/2.31", "scanner"),
        ("curl/8.4.0", "scanner"),
        ("Mozilla/5.0 (compatible; bingbot/2.0)", "scanner"),
    ],
)
def test_machines_by_what_they_call_themselves(agent: str, reason: str) -> None:
    assert judge(seen("open", agent), SENT_MS) == reason


def test_a_bare_agent_that_clicks_is_somebody() -> None:
    """Apple's proxy fetches pictures, it follows no links."""
    assert judge(seen("click", "Mozilla/5.0"), SENT_MS) == ""


@pytest.mark.parametrize(("after_ms", "reason"), [(0, "at-once"), (1_999, "at-once"), (2_000, ""), (-1, "")])
def test_nobody_clicks_as_fast_as_that(after_ms: int, reason: str) -> None:
    assert judge(seen("click", CHROME, after_ms), SENT_MS) == reason
    assert judge(seen("open", CHROME, after_ms), SENT_MS) == ""


def test_many_links_at_once() -> None:
    def clicks(*times: int, message: str = "m") -> list[Seen]:
        return [Seen("click", message, SENT_MS + at, CHROME, f"https://a.test/{at}") for at in times]

    assert hasty(clicks(0, 500, 1_999)) == {"m"}
    assert hasty(clicks(9_000, 500, 9_900, 9_100)) == {"m"}
    assert hasty(clicks(0, 500, 2_000)) == set()
    assert hasty(clicks(0, 500) + clicks(600, message="other")) == set()
    again = [Seen("click", "m", SENT_MS + at, CHROME, "https://a.test/") for at in range(5)]
    assert hasty(again) == set()  # one link, clicked impatiently
    assert hasty([Seen("open", "m", SENT_MS, CHROME) for _ in range(5)]) == set()


def test_what_the_event_says() -> None:
    assert attributes("") == {}
    assert attributes("scanner") == {"machine": "true", "machine_reason": "scanner"}
