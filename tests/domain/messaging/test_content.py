"""Rendering and the last touches: what stands in the mail that leaves."""

from __future__ import annotations

import dataclasses
import email
from email.policy import default
from typing import Any

import msgspec
import pytest

from clarion.channels.email import mime
from clarion.channels.email.tracking import Tokens
from clarion.channels.port import EmailOutgoing
from clarion.core.clock import VirtualClock, parse_iso
from clarion.core.ids import SeededIds
from clarion.core.settings import Settings
from clarion.domain.messaging.content import EmailContent, EmailParts, Recipient, Renderer
from clarion.domain.messaging.tracking.dress import Dresser, endpoint_of, referred
from clarion.domain.templates.handlebars import RenderError
from tests.channels.letters import letter
from tests.domain.messaging.house import House

TOKENS = Tokens(b"k" * 32)
APP, MESSAGE = "a" * 32, "0123456789abcdef0123456789abcdef"
TRACKER = "{{ses:openTracker}}"


def settings(**changes: Any) -> Settings:
    return dataclasses.replace(Settings(), **changes)


def rendered(house: House, parts: EmailParts, chosen: Settings | None = None, **variables: Any) -> EmailOutgoing:
    render = Renderer(chosen or settings(), VirtualClock(parse_iso("2027-03-04T09:00:00Z")), SeededIds(1))
    recipient = Recipient(
        message_id=MESSAGE, account="1", app_id=APP, address="lea@example.com", context=variables, sent_at_ms=0
    )
    content = EmailContent(
        house.templates, parts, from_address="shop@acme.test", common={"Who": "message"}, defaults={"Who": "default"}
    )
    return content.message(render, recipient)


@pytest.mark.parametrize("missing", ["empty", "strict"])
def test_the_open_tracker_survives_rendering(house: House, missing: str) -> None:
    parts = EmailParts(html=f"<p>{{{{Who}}}}</p>{TRACKER}<p>end</p>", text=f"x{TRACKER}")
    mail = rendered(house, parts, settings(missing_variables=missing))
    assert mail.html == f"<p>message</p>{TRACKER}<p>end</p>"
    tracked = Dresser(TOKENS, settings(public_url="https://c.test"), "")(mail)
    before, pixel, after = (tracked.html or "").partition('<img src="https://c.test/track/o/')
    assert (before, bool(pixel), after.endswith("<p>end</p>")) == ("<p>message</p>", True, True)
    assert tracked.text == "x"
    untracked = Dresser(TOKENS, settings(email_transport="smtp"), "")(mail)
    assert (untracked.html, untracked.text) == ("<p>message</p><p>end</p>", "x")


def test_message_and_endpoint_can_change_places(house: House) -> None:
    parts = EmailParts(text="{{Who}}")
    assert rendered(house, parts, Who="endpoint").text == "message"
    assert rendered(house, parts, settings(message_defaults_first=False), Who="endpoint").text == "endpoint"


def test_missing_values_are_nothing_or_an_error(house: House) -> None:
    parts = EmailParts(subject="Hi {{Nobody}}", text="x")
    assert rendered(house, parts).subject == "Hi"
    with pytest.raises(RenderError):
        rendered(house, parts, settings(missing_variables="strict"))


def test_a_subject_and_headers_are_rendered_into_one_line(house: House) -> None:
    parts = EmailParts(subject="a {{V}}", text="x", headers=(("X-V", "{{V}}"),))
    mail = rendered(house, parts, V="b\r\nBcc: evil@example.com")
    assert mail.subject == "a b Bcc: evil@example.com"
    assert b"\r\nBcc" not in mime.build(mail).content


LINKS = '<a href="https://acme.test/a">a</a><a ses:no-track href="https://acme.test/b">b</a>'


@pytest.mark.parametrize(
    ("changes", "url", "pixel", "link"),
    [
        ({}, "http://127.0.0.1:8080", True, True),
        ({}, "", False, False),
        ({"email_transport": "smtp"}, "http://127.0.0.1:8080", False, False),
        ({"email_transport": "smtp", "public_url": "https://c.test/"}, "", True, True),
        ({"track_opens": False}, "http://127.0.0.1:8080", False, True),
        ({"track_clicks": False}, "http://127.0.0.1:8080", True, False),
    ],
)
def test_where_tracking_leads(changes: dict[str, Any], url: str, pixel: bool, link: bool) -> None:
    html = Dresser(TOKENS, settings(**changes), url)(letter(html=LINKS)).html or ""
    base = "https://c.test" if "public_url" in changes else url
    assert (f'src="{base}/track/o/' in html) == pixel
    assert (f'href="{base}/track/c/' in html) == link
    assert ("https://acme.test/a" in html) != link
    assert 'href="https://acme.test/b"' in html
    assert "ses:" not in html


def test_raw_mail_and_plain_text_are_left_alone() -> None:
    dress = Dresser(TOKENS, settings(public_url="https://c.test"), "")
    for mail in (letter(raw=b"Subject: x\r\n\r\n" + LINKS.encode()), letter(html=None, text=LINKS)):
        assert dress(mail) == mail


CAMPAIGN = {"CampaignId": "c1", "EndpointId": "Ä/7"}


def test_campaign_mail_can_be_unsubscribed_with_one_click() -> None:
    """RFC 2369 and RFC 8058."""
    dressed = Dresser(TOKENS, settings(public_url="https://c.test"), "")(letter(context=CAMPAIGN))
    parsed = email.message_from_bytes(mime.build(dressed).content, policy=default)
    url = parsed["List-Unsubscribe"].removeprefix("<").removesuffix(">")
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = TOKENS.verify(url.removeprefix("https://c.test/track/u/"))
    assert token is not None
    assert (token.kind, *referred(token), endpoint_of(token)) == ("one_click", APP, MESSAGE, "Ä/7")


@pytest.mark.parametrize(
    ("changes", "context"),
    [({}, CAMPAIGN), ({"email_transport": "smtp"}, CAMPAIGN), ({"public_url": "https://c.test"}, {"EndpointId": "e"})],
)
def test_mail_without_a_public_server_or_campaign_has_no_unsubscribe_header(
    changes: dict[str, Any], context: dict[str, str]
) -> None:
    dressed = Dresser(TOKENS, settings(**changes), "http://127.0.0.1:8080")(letter(context=context))
    assert b"List-Unsubscribe" not in mime.build(dressed).content


def test_plain_http_cannot_promise_one_click() -> None:
    dressed = Dresser(TOKENS, settings(public_url="http://c.test"), "")(letter(context=CAMPAIGN))
    content = mime.build(dressed).content
    assert b"List-Unsubscribe: <http://c.test/track/u/" in content.replace(b"\r\n ", b" ")
    assert b"List-Unsubscribe-Post" not in content


def test_an_author_s_own_unsubscribe_header_wins() -> None:
    own = [("List-Unsubscribe", "<mailto:stop@acme.test>")]
    dressed = Dresser(TOKENS, settings(public_url="https://c.test"), "")(letter(context=CAMPAIGN, headers=own))
    parsed = email.message_from_bytes(mime.build(dressed).content, policy=default)
    assert parsed.get_all("List-Unsubscribe") == ["<mailto:stop@acme.test>"]
    assert parsed["List-Unsubscribe-Post"] is None


@pytest.mark.parametrize("endpoint_id", ["e" * 512, "ü" * 512, "😀" * 512, ""])
def test_any_endpoint_id_leaves_the_header_short_enough(endpoint_id: str) -> None:
    context = {"CampaignId": "c1", "EndpointId": endpoint_id}
    dressed = Dresser(TOKENS, settings(public_url="https://clarion.example.com"), "")(letter(context=context))
    mime.build(dressed)
    token = TOKENS.verify(dressed.unsubscribe_url.rpartition("/")[2])
    assert token is not None
    assert endpoint_of(token) in ("", endpoint_id)


def test_dressing_changes_nothing_else() -> None:
    mail = letter(context=CAMPAIGN, headers=[("X-A", "b")])
    dressed = Dresser(TOKENS, settings(public_url="https://c.test"), "")(mail)
    assert msgspec.structs.replace(dressed, html=mail.html, unsubscribe_url="") == mail
