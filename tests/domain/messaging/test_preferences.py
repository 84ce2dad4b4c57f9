"""The page where recipients choose topics, and the links that lead there."""

from __future__ import annotations

import re
from typing import Any

import pytest

from clarion.domain.email.model import Topic
from tests.domain.messaging.house import SCOPE, House
from tests.wire.inprocess import ask

LINKS = '<p>{{Attributes.name}}</p><a href="{{PreferencesUrl}}">choose</a> <a href="{{UnsubscribeUrl}}">leave</a>'


@pytest.fixture
def app(house: House) -> str:
    app_id = house.app()
    for name in ("news", "offers"):
        house.topics.put(SCOPE, app_id, Topic(name=name, title=f"Our <{name}>", description="Now & then"))
    house.endpoint(app_id, "lea")
    return app_id


def mail(house: House, app: str, topic: str = "", **to: Any) -> dict[str, str]:
    """Send one; answers the paths of its links by their words, and the whole text."""
    simple: dict[str, Any] = {
        "Subject": {"Data": "Hello"},
        "HtmlPart": {"Data": LINKS},
        "TextPart": {"Data": "{{amazonSESUnsubscribeUrl}} {{PreferencesUrl}}"},
    }
    if topic:
        simple["Headers"] = [{"Name": "X-Clarion-Topic", "Value": topic}]
    to = to or {"Endpoints": {"lea": {}}}
    house.send(app, MessageConfiguration={"EmailMessage": {"SimpleEmail": simple}}, **to)
    house.settle()
    arrived = house.arrived(app)[-1]
    links = dict(re.findall(r'href="http://127.0.0.1:8080(/[^"]+)">(\w+)<', arrived.html))
    return {word: path for path, word in links.items()} | {"html": arrived.html, "text": arrived.text}


def visit(house: House, path: str, form: str | None = None, status: int = 200) -> str:
    """The page's HTML; `form` is posted."""
    answer = ask(house.wire, "GET" if form is None else "POST", path, (), (form or "").encode())
    assert answer.status == status
    return answer.body.decode()


def ticked(html: str) -> list[str]:
    return re.findall(r'value="(\w+)" checked', html)


def wants(house: House, app: str, address: str = "lea@example.com") -> dict[str, bool]:
    return {one.topic.name: one.subscribed for one in house.topics.preferences(SCOPE, app, address)}


def opt_out(house: House, app: str) -> str:
    return house.audience.get(SCOPE, app, "lea").opt_out


def test_templates_lead_to_the_recipient_s_own_pages(house: House, app: str) -> None:
    found = mail(house, app)
    assert found["choose"].startswith("/preferences/")
    assert found["leave"].startswith("/track/u/")
    assert "{{" not in found["html"] + found["text"]
    assert found["choose"] in found["text"]
    assert found["leave"] in found["text"]


def test_the_page_shows_the_choices_and_looking_changes_nothing(house: House, app: str) -> None:
    path = mail(house, app)["choose"]
    for _ in range(2):
        html = visit(house, path)
        assert sorted(ticked(html)) == ["news", "offers"]
        assert "Our &lt;news&gt;" in html
        assert "Now &amp; then" in html
        assert "lea@example.com" in html
        assert "<script" not in html
    assert wants(house, app) == {"news": True, "offers": True}


def test_what_is_ticked_is_saved_and_leaving_is_recorded(house: House, app: str) -> None:
    path = mail(house, app)["choose"]
    html = visit(house, path, "topic=offers")
    assert ticked(html) == ["offers"]
    assert 'role="status"' in html
    assert wants(house, app) == {"news": False, "offers": True}
    assert opt_out(house, app) == "NONE"
    visit(house, path, "topic=offers&topic=news&topic=unheard-of")
    assert wants(house, app) == {"news": True, "offers": True}
    house.settle()
    assert len(house.recorded(app, "_email.unsubscribe")) == 1


def test_no_mail_at_all_and_back_again(house: House, app: str) -> None:
    path = mail(house, app)["choose"]
    html = visit(house, path, "nothing=1")
    assert ticked(html) == []
    assert "You get no mail at all" in html
    assert opt_out(house, app) == "ALL"
    assert wants(house, app) == {"news": False, "offers": False}
    visit(house, path, "topic=news")
    assert opt_out(house, app) == "NONE"
    assert wants(house, app) == {"news": True, "offers": False}


def test_a_bare_address_has_choices_too(house: House, app: str) -> None:
    path = mail(house, app, Addresses={"Jon@Example.com": {"ChannelType": "EMAIL"}})["choose"]
    visit(house, path, "nothing=1")
    assert wants(house, app, "jon@example.com") == {"news": False, "offers": False}
    assert wants(house, app) == {"news": True, "offers": True}


def test_unsubscribing_leaves_the_topic_that_the_message_names(house: House, app: str) -> None:
    path = mail(house, app, "news")["leave"]
    visit(house, path, "List-Unsubscribe=One-Click")
    assert wants(house, app) == {"news": False, "offers": True}
    assert opt_out(house, app) == "NONE"
    visit(house, mail(house, app)["leave"], "List-Unsubscribe=One-Click")
    assert opt_out(house, app) == "ALL"


def test_who_is_about_to_leave_finds_the_way_to_the_choices(house: House, app: str) -> None:
    path = mail(house, app, "news")["leave"]
    asking, done = visit(house, path), visit(house, path, "List-Unsubscribe=One-Click")
    for html in (asking, done):
        (link,) = re.findall(r'<a href="../..(/preferences/[^"]+)"', html)
        assert ticked(visit(house, link)) == ["offers"]


def test_a_link_that_was_not_signed_here_leads_nowhere(house: House, app: str) -> None:
    found = mail(house, app)
    path = found["choose"]
    swapped = "/preferences/" + found["leave"].removeprefix("/track/u/")
    for wrong in (path[:-4] + "AAAA", "/preferences/x", "/preferences/", swapped, "/track/u/" + path[13:]):
        visit(house, wrong, status=404)
        visit(house, wrong, "nothing=1", status=404)
    visit(house, path, "topic=%FF&" + "topic=x&" * 300, status=400)
    assert wants(house, app) == {"news": True, "offers": True}
