"""The inbox in a browser: what is on the pages, who may see them, and that no message can do anything there."""

from __future__ import annotations

import dataclasses
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest

from clarion.core.errors import Invalid
from clarion.core.settings import Settings
from clarion.domain.messaging.inbox.pages import InboxPages, is_loopback
from tests.domain.messaging.house import House
from tests.domain.messaging.test_inbox import message
from tests.wire.inprocess import Answer, ask, build

LOCAL = (b"host", b"localhost:8080")
ELSEWHERE = {f"{channel}_transport": "counting" for channel in ("email", "push", "sms", "voice")}
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'`><svg/onload=alert(1)>&lt;b&gt;{{7*7}}"


class _Page(HTMLParser):
    """Tags with their attributes, and the text a reader sees."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def links(self) -> list[str]:
        return [attrs["href"] or "" for tag, attrs in self.tags if tag == "a" and "href" in attrs]


def get(house: House, target: str, *headers: tuple[bytes, bytes]) -> Answer:
    return ask(house.wire, "GET", target, headers or (LOCAL,))


def page(house: House, target: str) -> _Page:
    answer = get(house, target)
    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    return _Page(answer.body.decode())


@pytest.fixture(scope="module")
def app(house: House) -> str:
    """A project with a few messages."""
    app = "b" * 32
    house.inbox.store([message(number, app_id=app, subject=f"Subject {number}") for number in range(120)])
    evil = message(
        500,
        app_id=app,
        subject=EVIL,
        from_address=EVIL,
        to_address=EVIL,
        text=EVIL,
        html=f"<!doctype html><html><head><title>x</title></head><body>{EVIL}</body></html>",
        raw=b"Subject: x\r\nX-Evil: " + EVIL.encode() + b"\r\n" + EVIL.encode() + b": x\r\n\r\nbody",
        context={"TraceId": EVIL, EVIL: "x"},
    )
    house.inbox.store([evil])
    return app


def test_the_list_walks_through_everything_newest_first(house: House, app: str) -> None:
    target: str | None = f"/inbox?app={app}"
    numbers: list[int] = []
    pages = 0
    while target:
        shown = page(house, target)
        pages += 1
        numbers += [int(href.rpartition("/")[2], 16) for href in shown.links() if href.startswith("/inbox/")]
        target = next((href for href in shown.links() if "token=" in href), None)
    assert pages == 3
    assert [number for number in numbers if number < 120] == list(range(119, -1, -1))


def test_filters(house: House, app: str) -> None:
    shown = page(house, f"/inbox?app={app}&address=LEA7%40example.com")
    assert "Subject 7" in shown.text
    assert "Subject 70" not in shown.text
    values = {attrs.get("name"): attrs.get("value") for tag, attrs in shown.tags if tag == "input"}
    assert values == {"address": "LEA7@example.com", "app": app}
    assert "No messages here." in page(house, "/inbox?address=nobody%40example.com").text


def test_one_message(house: House, app: str) -> None:
    house.inbox.store([message(300, app_id=app, html="<p>Hi</p>", text="Hi there", context={"CampaignId": "c1"})])
    shown = page(house, f"/inbox/{300:032x}")
    for text in ("s300", "Lea300@example.com", "shop@acme.test", app, "CampaignId c1", "Hi there", "EMAIL"):
        assert text in shown.text
    (frame,) = [attrs for tag, attrs in shown.tags if tag == "iframe"]
    assert frame["src"] == f"/inbox/{300:032x}/html"
    assert frame["sandbox"] == "allow-popups allow-popups-to-escape-sandbox"


def test_a_message_of_text_has_no_frame(house: House, app: str) -> None:
    assert not [tag for tag, _ in page(house, f"/inbox/{7:032x}").tags if tag == "iframe"]
    assert get(house, f"/inbox/{7:032x}/html").status == 404


@pytest.mark.parametrize("target", ["/inbox?app=" + "b" * 32, f"/inbox/{500:032x}"])
def test_hostile_messages_stay_text(house: House, app: str, target: str) -> None:
    shown = page(house, target)
    tags = {tag for tag, _ in shown.tags}
    assert tags.isdisjoint({"script", "img", "svg", "b", "object", "embed", "link", "base"})
    assert not [name for _, attrs in shown.tags for name in attrs if name.startswith("on")]
    assert EVIL in shown.text
    assert not [href for href in shown.links() if not href.startswith("/inbox")]


def test_a_hostile_filter_stays_a_value(house: House, app: str) -> None:
    shown = page(house, "/inbox?address=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&app=%22onfocus=x")
    values = {attrs.get("name"): attrs.get("value") for tag, attrs in shown.tags if tag == "input"}
    assert values == {"address": '"><script>alert(1)</script>', "app": '"onfocus=x'}
    assert "script" not in {tag for tag, _ in shown.tags}


def policy(answer: Answer) -> dict[str, str]:
    rules = (rule.strip().partition(" ") for rule in answer.headers["content-security-policy"].split(";"))
    return {name: value for name, _, value in rules}


def test_a_mail_s_html_can_do_nothing(house: House, app: str) -> None:
    answer = get(house, f"/inbox/{500:032x}/html")
    rules = policy(answer)
    assert rules["default-src"] == "'none'"
    assert "allow-scripts" not in rules["sandbox"]
    assert "allow-same-origin" not in rules["sandbox"]
    assert "script-src" not in rules
    assert (rules["form-action"], rules["base-uri"]) == ("'none'", "'none'")
    assert b'<head><base target="_blank"><title>' in answer.body
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_pages_own_policy_has_room_for_nothing_but_their_style(house: House, app: str) -> None:
    answer = get(house, "/inbox")
    rules = policy(answer)
    assert rules["default-src"] == "'none'"
    assert rules["style-src"].startswith("'sha256-")
    assert rules["frame-ancestors"] == "'none'"
    style = answer.body.decode().partition("<style>")[2].partition("</style>")[0]
    assert rules["style-src"] == f"'sha256-{b64encode(sha256(style.encode()).digest()).decode()}'"
    assert answer.headers["cache-control"] == "no-store"


def test_the_source_is_text(house: House, app: str) -> None:
    answer = get(house, f"/inbox/{500:032x}/source")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.body.startswith(b"Subject: x\r\nX-Evil: <script>")
    assert policy(answer)["sandbox"] == ""


@pytest.mark.parametrize(
    "target", ["/inbox/nope", "/inbox/nope/html", f"/inbox/{7:032x}/other", "/inbox/%2e%2e%2fx", "/inboxes"]
)
def test_what_is_not_there(house: House, app: str, target: str) -> None:
    assert get(house, target).status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([(b"host", b"127.0.0.1:8080")], 200),
        ([(b"host", b"[::1]:8080")], 200),
        ([(b"host", b"clarion.localhost")], 200),
        ([(b"host", b"evil.example")], 403),
        ([(b"host", b"127.0.0.1.evil.example")], 403),
        ([(b"host", b"192.168.1.5:8080")], 403),
        ([(b"host", b"")], 403),
        ([], 403),
        ([LOCAL, (b"origin", b"https://evil.example")], 403),
        ([LOCAL, (b"origin", b"null")], 403),
        ([LOCAL, (b"sec-fetch-site", b"cross-site"), (b"sec-fetch-mode", b"no-cors")], 403),
        ([LOCAL, (b"sec-fetch-site", b"cross-site"), (b"sec-fetch-mode", b"navigate")], 200),
        ([LOCAL, (b"sec-fetch-site", b"same-origin"), (b"sec-fetch-mode", b"cors")], 200),
    ],
)
def test_other_web_sites_see_nothing(house: House, app: str, headers: list[tuple[bytes, bytes]], status: int) -> None:
    answer = ask(house.wire, "GET", "/inbox", headers)
    assert answer.status == status
    assert (b"Subject" in answer.body) == (status == 200)


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, True),
        ({"host": "localhost"}, True),
        ({"host": "::1"}, True),
        ({"host": "0.0.0.0"}, False),
        ({"host": "192.168.1.5"}, False),
        ({"host": "0.0.0.0", "inbox_page": "on"}, True),
        ({"inbox_page": "off"}, False),
        ({"email_transport": "smtp"}, True),
        ({"email_transport": "smtp", "push_transport": "counting", "sms_transport": "counting"}, True),
        (ELSEWHERE, False),
        ({**ELSEWHERE, "inbox_page": "on"}, False),
    ],
)
def test_where_the_pages_exist(house: House, changes: dict[str, Any], shown: bool) -> None:
    pages = InboxPages(house.inbox, dataclasses.replace(Settings(), **changes))
    assert bool(pages.routes()) == shown


def test_switched_on_they_are_for_every_host(house: House, app: str) -> None:
    pages = InboxPages(house.inbox, dataclasses.replace(Settings(), inbox_page="on", host="0.0.0.0"))
    wire = build(plain=pages.routes())
    assert ask(wire, "GET", "/inbox", [(b"host", b"clarion.example")]).status == 200
    assert ask(wire, "GET", "/inbox", [(b"host", b"clarion.example"), (b"origin", b"https://x")]).status == 403
    wire.close()


def test_the_setting_has_three_values(house: House) -> None:
    with pytest.raises(Invalid, match="inbox_page"):
        InboxPages(house.inbox, dataclasses.replace(Settings(), inbox_page="yes"))


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.9.1", True), ("::1", True), ("LocalHost", True), ("localhost.", True)]
    + [(host, False) for host in ("0.0.0.0", "::", "10.0.0.1", "localhost.evil.test", "evil.test", "")],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
