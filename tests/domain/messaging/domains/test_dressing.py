"""Where the links and bounces of a message lead: its sender's own places, else those of the settings."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from clarion.channels.email import mime
from clarion.channels.email.tracking import Tokens
from clarion.channels.email.verp import Verp
from clarion.channels.port import EmailOutgoing
from clarion.core.settings import Settings
from clarion.domain.messaging.tracking.dress import Dresser
from tests.channels.letters import letter
from tests.domain.messaging.domains.conftest import Setup

LINKS = '<p><a href="https://acme.test/a">a</a></p>'
CAMPAIGN = {"CampaignId": "c1", "EndpointId": "e"}


def dresser(setup: Setup, bounce_domain: str = "", **changes: Any) -> Dresser:
    settings = dataclasses.replace(Settings(), **{"public_url": "https://c.test", **changes})
    verp = Verp(bounce_domain, b"k" * 32, also=setup.domains.is_bounce_domain)
    return Dresser(Tokens(b"k" * 32), settings, "", domains=setup.domains, verp=verp)


def dressed(dress: Dresser, **changes: Any) -> EmailOutgoing:
    mail = dress(letter(**{"html": LINKS, **changes}))
    assert isinstance(mail, EmailOutgoing)
    return mail


def test_a_domain_with_its_own_tracking_host_uses_it(setup: Setup) -> None:
    setup.domains.add("acme.test", tracking_url="click.acme.test")
    dress = dresser(setup)
    own = dressed(dress, context=CAMPAIGN)
    assert own.html is not None
    assert own.html.count("https://click.acme.test/track/") == 2
    assert own.unsubscribe_url.startswith("https://click.acme.test/track/u/")
    other = dressed(dress, context=CAMPAIGN, from_address="a@other.test")
    assert other.html is not None
    assert other.html.count("https://c.test/track/") == 2
    assert other.unsubscribe_url.startswith("https://c.test/track/u/")


def test_bounces_come_back_to_an_address_of_the_message(setup: Setup) -> None:
    setup.domains.add("acme.test", bounce_domain="b.acme.test")
    dress = dresser(setup, "b.test")
    verp = Verp("b.test", b"k" * 32, also=setup.domains.is_bounce_domain)
    for sender, domain in (("Acme <shop@acme.test>", "b.acme.test"), ("a@other.test", "b.test")):
        mail = dressed(dress, from_address=sender, return_path="elsewhere@acme.test")
        assert mime.build(mail).sender == mail.return_path
        assert mail.return_path.endswith(f"@{domain}")
        found = verp.read(mail.return_path)
        assert found is not None
        assert found.message_id == mail.message_id
        assert dress(mail).return_path == mail.return_path  # type: ignore[union-attr]


def test_raw_mail_bounces_home_too_and_changes_in_nothing_else(setup: Setup) -> None:
    raw = b"Subject: x\r\nReturn-Path: <old@acme.test>\r\n\r\n" + LINKS.encode()
    mail = dressed(dresser(setup, "b.test"), raw=raw)
    assert mail.raw == raw
    assert mime.build(mail).sender == mail.return_path != "old@acme.test"


def test_without_a_bounce_domain_bounces_go_where_the_message_says(setup: Setup) -> None:
    mail = dressed(dresser(setup), return_path="bounces@acme.test")
    assert mail.return_path == "bounces@acme.test"
    assert mime.build(dressed(dresser(setup))).sender == "shop@acme.test"


@pytest.mark.parametrize(
    ("choice", "pixel", "link"),
    [
        ("off", False, False),
        ("opens", True, False),
        ("clicks", False, True),
        ("On ", True, True),
        ("nonsense", False, False),
    ],
)
def test_a_message_can_say_what_is_tracked(setup: Setup, choice: str, pixel: bool, link: bool) -> None:
    mail = dressed(dresser(setup), headers=[("X-A", "b"), ("X-Clarion-Tracking", choice)])
    assert mail.html is not None
    assert ("/track/o/" in mail.html) == pixel
    assert ("/track/c/" in mail.html) == link
    assert mail.headers == [("X-A", "b")]
    assert b"clarion-tracking" not in mime.build(mail).content.lower()


def test_a_message_cannot_track_more_than_the_settings_allow(setup: Setup) -> None:
    mail = dressed(dresser(setup, track_opens=False), headers=[("x-clarion-tracking", "on")])
    assert mail.html is not None
    assert "/track/o/" not in mail.html
    assert "/track/c/" in mail.html


def test_a_sender_that_is_no_address_is_dressed_all_the_same(setup: Setup) -> None:
    setup.domains.add("acme.test")
    assert dressed(dresser(setup), from_address="nobody").html != LINKS
