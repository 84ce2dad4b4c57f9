"""Notifications, text messages and calls on the inbox pages, and what they look like as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clarion.channels.inbox import InboxMessage
from clarion.channels.push import forms
from clarion.channels.push.notification import Notification, Sender
from clarion.domain.messaging.inbox import phones
from clarion.domain.messaging.inbox.phones import Shown
from clarion.domain.messaging.inbox.service import entry
from clarion.domain.messaging.inbox.store import Filter
from tests.domain.messaging.house import House
from tests.domain.messaging.test_inbox_pages import EVIL, get, page

APP = "c" * 32


def kept(number: int, channel: str, **members: Any) -> InboxMessage:
    given: dict[str, Any] = {
        "message_id": f"{channel}-{number}",
        "channel": channel,
        "account": "1",
        "app_id": APP,
        "from_address": "",
        "to_address": "token",
        "subject": "",
        "text": None,
        "html": None,
        "raw": b"",
        "context": {},
        "received_at_ms": number,
    }
    return InboxMessage(**given | members)


def push(service: Any, **said: Any) -> InboxMessage:
    built = forms.build(service, Notification(**said), Sender(), token="t", sent_at_ms=0)
    return kept(1, service, raw=built.payload, facts=built.headers)


IMAGE = "https://i.test/a.png"


@pytest.mark.parametrize(
    ("message", "seen"),
    [
        (push("GCM", title="T", body="B", image_url=IMAGE), Shown("T", "B", IMAGE, "opens the app")),
        (push("ADM", body="B", action="URL", url="u"), Shown("", "B", "", "u opens in the browser")),
        (push("BAIDU", title="T", action="DEEP_LINK", url="u"), Shown("T", "", "", "u opens in the app")),
        (push("APNS", title="T", body="B", media_url=IMAGE), Shown("T", "B", IMAGE, "opens the app")),
        (push("APNS", body="B", action="URL", url="u"), Shown("", "B", "", "opens u")),
        (push("APNS", silent=True), Shown(tap="opens the app", silent=True)),
        (push("GCM", silent=True, data="{}"), Shown(tap="opens the app", silent=True)),
        (push("WEB_PUSH", title="T", body="B", image_url=IMAGE), Shown("T", "B", IMAGE, "opens the page")),
        (push("WEB_PUSH", body="B", action="URL", url="u"), Shown("", "B", "", "opens u")),
        (push("WEB_PUSH", silent=True), Shown(tap="opens the page", silent=True)),
        (push("GCM", raw='{"notification":{"title":"T","body":"B"}}'), Shown("T", "B", "", "opens the app")),
        (push("APNS", raw='{"aps":{"alert":"B","content-available":0}}'), Shown("", "B", "", "opens the app")),
        (kept(1, "GCM", raw=b"not json"), Shown(tap="opens the app", silent=True)),
        (kept(1, "GCM", raw=b'{"message":[1]}'), Shown(tap="opens the app", silent=True)),
        (kept(1, "APNS", raw=b"[]"), Shown(tap="opens the app", silent=True)),
        (kept(1, "APNS", raw=b'{"aps":{"alert":{"title":7}}}'), Shown("7", "", "", "opens the app")),
    ],
)
def test_what_a_phone_shows(message: InboxMessage, seen: Shown) -> None:
    assert phones.shown(message) == seen


@pytest.fixture(scope="module")
def app(house: House) -> str:
    """A project with a message of every sort."""
    evil = push("GCM", title=EVIL, body=EVIL, image_url=EVIL)
    house.inbox.store(
        [
            kept(1, "GCM", subject="T", text="B", raw=push("GCM", title="T", body="B", image_url=IMAGE).raw),
            kept(2, "APNS", raw=push("APNS", silent=True).raw, facts=[("apns-priority", "5")]),
            kept(3, "SMS", text="Größe €", from_address="SHOP", to_address="+4930123456", facts=[("Parts", "1")]),
            kept(4, "VOICE", text="Hello", from_address="+15550100", facts=[("VoiceId", "Amy")]),
            kept(5, "GCM", raw=evil.raw, subject=EVIL, text=EVIL, to_address=EVIL, facts=[(EVIL, EVIL)]),
            kept(6, "SMS", text=EVIL, from_address=EVIL),
            kept(7, "VOICE", text=EVIL, from_address=EVIL, facts=[("x", EVIL)]),
        ]
    )
    return APP


def test_pages_show_them_as_a_phone_does(house: House, app: str) -> None:
    shown = page(house, "/inbox/GCM-1")
    assert ("img", {"src": IMAGE, "alt": ""}) in shown.tags
    assert "T" in shown.text
    assert "A tap: opens the app" in shown.text
    assert '"pinpoint.notification.title": "T"' in shown.text
    assert "A silent notification" in page(house, "/inbox/APNS-2").text
    assert "GSM, 8 characters, 1 part" in page(house, "/inbox/SMS-3").text
    call = page(house, "/inbox/VOICE-4").text
    assert "A call from +15550100" in call
    assert "Spoken by Amy" in call
    source = get(house, "/inbox/GCM-1/source")
    assert json.loads(source.body)["message"]["token"] == "t"
    assert get(house, "/inbox/GCM-1/html").status == 404


def test_only_they_may_show_pictures(house: House, app: str) -> None:
    assert "img-src http: https: data:" in get(house, "/inbox/GCM-1").headers["content-security-policy"]
    assert "img-src" not in get(house, "/inbox").headers["content-security-policy"]


def test_the_list_names_them_by_what_they_say(house: House, app: str) -> None:
    text = page(house, f"/inbox?app={app}").text
    for words in ("GCM T", "(silent notification)", "SMS Größe €", "VOICE Hello"):
        assert words in text


@pytest.mark.parametrize("name", ["GCM-5", "SMS-6", "VOICE-7"])
def test_nothing_of_a_message_becomes_markup(house: House, app: str, name: str) -> None:
    for target in (f"/inbox/{name}", f"/inbox?app={app}"):
        shown = page(house, target)
        assert not {"script", "svg"} & {tag for tag, _ in shown.tags}
        assert not [name for _, attrs in shown.tags for name in attrs if name.startswith("on")]
        assert EVIL in shown.text


def test_the_filter_push_means_every_service(house: House, app: str) -> None:
    def found(channel: str) -> set[str]:
        rows, _ = house.inbox.page(Filter(app_id=app, channel=channel), 100, None)
        return {row.message.message_id for row in rows}

    assert found("push") == {"GCM-1", "APNS-2", "GCM-5"}
    assert found("apns") == {"APNS-2"}
    assert found("SMS") == {"SMS-3", "SMS-6"}


def test_as_json(house: House, app: str) -> None:
    rows, _ = house.inbox.page(Filter(app_id=app), 100, None)
    entries = {row.message.message_id: entry(row.message) for row in rows}
    first = entries["GCM-1"]
    assert (first.channel, first.subject, first.text) == ("GCM", "T", "B")
    assert json.loads(first.payload or "")["message"]["token"] == "t"
    assert entries["APNS-2"].headers == {"apns-priority": "5"}
    text = entries["SMS-3"]
    assert (text.channel, text.subject, text.text, text.payload) == ("SMS", None, "Größe €", None)
    assert text.headers == {"Parts": "1"}
