"""Opens, clicks and unsubscribing, from the mail in the inbox to the events, over HTTP."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clarion.channels.email.tracking import Token, Tokens
from clarion.core.ids import SeededIds
from clarion.domain.events.model import EventRow
from clarion.domain.messaging import outbox
from clarion.domain.messaging.content import EmailContent, EmailParts
from clarion.domain.messaging.model import Facts, Send
from clarion.domain.messaging.service import message_id
from clarion.domain.messaging.tracking.dress import reference
from clarion.domain.messaging.tracking.keys import tokens
from clarion.store.columnar import Columnar
from tests.domain.messaging.conftest import Processes
from tests.domain.messaging.house import ACCOUNT, REGION, SCOPE, House
from tests.wire.inprocess import Answer, ask

HTML = (
    '<a href="https://acme.test/sale?a=1&amp;b=2">sale</a>'
    '<a ses:tags="unsubscribeLinkTag:footer;where:end" href="https://acme.test/prefs">no more</a>'
)
AGENT = (b"user-agent", b"ExampleMail/1.0")


def campaign(house: House, app: str, *endpoint_ids: str) -> list[str]:
    """A campaign's run that has been handed over; answers the message ids."""
    send = Send(
        account=ACCOUNT,
        region=REGION,
        app_id=app,
        origin="campaign",
        channels=frozenset({"EMAIL"}),
        campaign_id="c" * 32,
        activity_id=app,
        treatment_id="0",
        trace_id="trace",
        began_ms=house.clock.now_ms(),
    )
    content = EmailContent(house.templates, EmailParts(subject="Sale", html=HTML), from_address="shop@acme.test")
    endpoints = [house.audience.load(app, [name.lower()])[name.lower()] for name in endpoint_ids]
    prepared = house.messaging.prepare(send, {"EMAIL": content}, endpoints, Facts(), 0)
    house.database.write(lambda connection: house.messaging.hand_over(connection, prepared))
    house.settle()
    return [message_id(send, endpoint.key) for endpoint in endpoints]


@pytest.fixture
def app(house: House) -> str:
    """A project with one endpoint."""
    app = house.app()
    house.endpoint(app, "Lea", user="u1")
    return app


def get(house: House, url: str, *headers: tuple[bytes, bytes], method: str = "GET", body: bytes = b"") -> Answer:
    return ask(house.wire, method, "/" + url.split("/", 3)[3], (AGENT, *headers), body)


def urls(html: str, kind: str) -> list[str]:
    return re.findall(rf"http[^\"]+/track/{kind}/[^\"]+", html)


def mail_event(row: EventRow) -> dict[str, Any]:
    record = msgspec.json.decode(row.record, type=dict[str, Any])
    found: dict[str, Any] = record["facets"]["email_channel"]["mail_event"]
    return found


def test_an_open(house: House, app: str) -> None:
    (identity,) = campaign(house, app, "Lea")
    (mail,) = house.arrived(app)
    (pixel,) = urls(mail.html, "o")
    house.clock.move_to(house.clock.now() + timedelta(minutes=5))
    answer = get(house, pixel, (b"x-forwarded-for", b"192.0.2.17, 10.0.0.1"))
    assert (answer.status, answer.headers["content-type"]) == (200, "image/gif")
    assert answer.body.startswith(b"GIF89a")
    assert "no-store" in answer.headers["cache-control"]
    house.settle()
    (row,) = house.recorded(app, "_email.open")
    assert row.attributes == {
        "feedback": "opened",
        "campaign_id": "c" * 32,
        "campaign_activity_id": app,
        "treatment_id": "0",
    }
    assert (row.campaign_id, row.activity_id, row.trace_id) == ("c" * 32, app, "trace")
    assert (row.endpoint_id, row.endpoint_key, row.user_id, row.message_id) == ("Lea", "lea", "u1", identity)
    assert row.account == ACCOUNT
    assert row.arrival - row.ts == 300_000
    event = mail_event(row)
    assert event["open"] == {"ip_address": "192.0.2.17", "user_agent": "ExampleMail/1.0"}
    assert event["mail"]["common_headers"] == {"from": "shop@acme.test", "to": ["Lea@example.com"], "subject": "Sale"}
    assert {"name": "Subject", "value": "Sale"} in event["mail"]["headers"]


def test_a_click_leads_on(house: House, app: str) -> None:
    campaign(house, app, "Lea")
    (mail,) = house.arrived(app)
    answer = get(house, urls(mail.html, "c")[0])
    assert (answer.status, answer.headers["location"]) == (302, "https://acme.test/sale?a=1&b=2")
    assert "no-store" in answer.headers["cache-control"]
    get(house, urls(mail.html, "c")[0])
    house.settle()
    rows = house.recorded(app, "_email.click", "_email.unsubscribe")
    assert [row.attributes["feedback"] for row in rows] == ["https://acme.test/sale?a=1&b=2"] * 2
    assert len({row.event_id for row in rows}) == 2
    assert mail_event(rows[0])["click"]["link"] == "https://acme.test/sale?a=1&b=2"


def test_a_click_on_a_tagged_link_counts_as_unsubscribing_and_opts_nobody_out(house: House, app: str) -> None:
    campaign(house, app, "Lea")
    (mail,) = house.arrived(app)
    assert get(house, urls(mail.html, "c")[1]).headers["location"] == "https://acme.test/prefs"
    house.settle()
    rows = {row.event_type: row for row in house.recorded(app, "_email.click", "_email.unsubscribe")}
    assert set(rows) == {"_email.click", "_email.unsubscribe"}
    assert rows["_email.unsubscribe"].attributes["feedback"] == "unsubscribed"
    assert mail_event(rows["_email.unsubscribe"])["unsubscribe"]["link"] == "https://acme.test/prefs"
    assert mail_event(rows["_email.click"])["click"]["link_tags"] == {
        "unsubscribeLinkTag": ["footer"],
        "where": ["end"],
    }
    assert house.audience.load(app, ["lea"])["lea"].opt_out == "NONE"


def test_what_machines_do_says_so_and_counts_all_the_same(house: House, app: str) -> None:
    campaign(house, app, "Lea")
    (mail,) = house.arrived(app)
    (pixel,) = urls(mail.html, "o")
    house.clock.move_to(house.clock.now() + timedelta(minutes=5))
    apple = ask(house.wire, "GET", "/" + pixel.split("/", 3)[3], ((b"user-agent", b"Mozilla/5.0"),), b"")
    message = reference(app, house.recorded(app, "_email.send")[0].message_id)
    links = [house.tokens.sign(Token("click", message, place, f"https://acme.test/{place}")) for place in range(3)]
    answers = [get(house, f"http://x/track/c/{link}") for link in links]
    assert [answer.status for answer in (apple, *answers)] == [200, 302, 302, 302]
    house.settle()
    (opened,) = house.recorded(app, "_email.open")
    assert (opened.attributes["machine"], opened.attributes["machine_reason"]) == ("true", "apple-privacy")
    clicks = house.recorded(app, "_email.click")
    assert {row.attributes.get("machine_reason") for row in clicks} == {"many-links"}
    assert len(clicks) == 3


def test_direct_mail_is_tracked_with_its_context(house: House, app: str) -> None:
    body = {"EmailMessage": {"SimpleEmail": {"HtmlPart": {"Data": HTML}}}}
    house.send(
        app,
        MessageConfiguration=body,
        Context={"order": "17"},
        Addresses={"max@example.com": {"ChannelType": "EMAIL"}},
    )
    house.settle()
    (mail,) = house.arrived(app)
    get(house, urls(mail.html, "c")[0])
    house.settle()
    (row,) = house.recorded(app, "_email.click")
    (send,) = house.recorded(app, "_email.send")
    told = {"machine": "true", "machine_reason": "at-once"}  # no time passes between sending and clicking
    assert row.attributes == {"feedback": "https://acme.test/sale?a=1&b=2", "order": "17", **told}
    client = [msgspec.json.decode(found.record)["client"] for found in (row, send)]
    assert client[0] == client[1]


def test_many_hits_at_once(house: House, app: str) -> None:
    names = [f"many{number}" for number in range(40)]
    for name in names:
        house.endpoint(app, name)
    campaign(house, app, *names)
    for mail in house.arrived(app):
        assert get(house, urls(mail.html, "o")[0]).status == 200
        assert get(house, urls(mail.html, "c")[0]).status == 302
    house.settle()
    for event_type in ("_email.open", "_email.click"):
        assert {row.endpoint_id for row in house.recorded(app, event_type)} == set(names)


def test_looking_without_opening_records_nothing(house: House, app: str) -> None:
    campaign(house, app, "Lea")
    (mail,) = house.arrived(app)
    assert get(house, urls(mail.html, "o")[0], method="HEAD").status == 200
    assert get(house, urls(mail.html, "c")[0], method="HEAD").status == 302
    house.settle()
    assert house.recorded(app, "_email.open", "_email.click") == []


def test_a_mail_opened_before_its_sending_is_recorded(house: House, app: str) -> None:
    """The recipient may be faster than the lane: the hit waits for it."""
    (identity,) = campaign(house, app, "Lea")
    pixel = house.tokens.sign(Token("open", reference(app, "f" * 32)))
    row = outbox.NewRow("f" * 32, "PIGEON", "", 0, None, b"")  # still in the outbox, of a channel without lanes
    house.database.write(lambda connection: outbox.add(house.database, connection, [row]))
    assert get(house, f"http://x/track/o/{pixel}.gif").status == 200
    house.engine.settle(30)
    assert house.recorded(app, "_email.open") == []

    (sent,) = house.recorded(app, "_email.send")
    record_of_it = sent.record.replace(identity, "f" * 32)
    twin = msgspec.structs.replace(sent, message_id="f" * 32, event_id="twin", record=record_of_it)

    def record(connection: Any) -> None:
        house.events.record(connection, [twin])
        connection.execute(outbox.outbox.delete())

    house.database.write(record)
    house.advance(60)
    assert [found.message_id for found in house.recorded(app, "_email.open")] == ["f" * 32]


@pytest.mark.parametrize(
    "path",
    [
        "/track",
        "/track/o/",
        "/track/o/x.gif",
        "/track/c/" + "A" * 60,
        "/track/x/{open}",
        "/track/c/{open}",
        "/track/u/{open}",
        "/track/o/{click}",
        "/track/o/{open}/more",
        "/track/c/{foreign}",
    ],
)
def test_what_was_not_signed_here_is_not_there(house: House, app: str, path: str) -> None:
    message = reference(app, "0" * 32)
    found = {
        "open": house.tokens.sign(Token("open", message)),
        "click": house.tokens.sign(Token("click", message, 0, "https://acme.test/")),
        "foreign": Tokens(b"x" * 32).sign(Token("click", message, 0, "https://evil.test/")),
    }
    answer = ask(house.wire, "GET", path.format(**found))
    assert answer.status == 404
    assert "location" not in answer.headers


def test_hits_on_unknown_messages_are_answered_and_forgotten(house: House, app: str) -> None:
    token = house.tokens.sign(Token("click", reference(app, "0" * 32), 0, "https://acme.test/"))
    assert get(house, f"http://x/track/c/{token}").headers["location"] == "https://acme.test/"
    house.settle()
    assert house.recorded(app) == []
    assert house.database.read(lambda connection: house.jobs.dead(connection)) == []


def test_only_unsubscribing_takes_a_post(house: House, app: str) -> None:
    token = house.tokens.sign(Token("open", reference(app, "0" * 32)))
    assert get(house, f"http://x/track/o/{token}", method="POST").status == 405


@pytest.fixture
def public(processes: Processes) -> House:
    """A server that recipients can reach."""
    return processes(public_url="https://clarion.test")


def unsubscribe_url(house: House, app: str) -> str:
    (mail,) = house.arrived(app)
    header = re.search(rb"List-Unsubscribe:\s+<(\S+)>", mail.raw)
    assert header
    return header[1].decode()


FORM = (b"content-type", b"application/x-www-form-urlencoded")


def test_one_click(public: House) -> None:
    house, app = public, public.app()
    house.endpoint(app, "Lea", user="u1", attributes={"A": ["1"]})
    campaign(house, app, "Lea")
    url = unsubscribe_url(house, app)
    asked = get(house, url)
    assert (asked.status, b'<form method="post">' in asked.body) == (200, True)
    assert "form-action 'self'" in asked.headers["content-security-policy"]
    house.settle()
    assert house.audience.load(app, ["lea"])["lea"].opt_out == "NONE"
    assert house.recorded(app, "_email.unsubscribe") == []

    done = get(house, url, FORM, method="POST", body=b"List-Unsubscribe=One-Click")
    assert (done.status, b"unsubscribed" in done.body) == (200, True)
    endpoint = house.audience.load(app, ["lea"])["lea"]
    assert (endpoint.opt_out, endpoint.status, endpoint.attributes) == ("ALL", "ACTIVE", {"A": ["1"]})
    house.settle()
    (row,) = house.recorded(app, "_email.unsubscribe")
    assert (row.campaign_id, row.endpoint_id, row.user_id) == ("c" * 32, "Lea", "u1")
    assert get(house, url, method="POST").status == 200


def test_one_click_works_when_nothing_else_is_known_of_the_mail(public: House) -> None:
    house, app = public, public.app()
    house.endpoint(app, "Lea")
    campaign(house, app, "Lea")
    url = unsubscribe_url(house, app)
    house.columnar.command("TRUNCATE TABLE events")
    assert get(house, url, method="POST").status == 200
    assert house.audience.load(app, ["lea"])["lea"].opt_out == "ALL"
    house.settle()
    (row,) = house.recorded(app, "_email.unsubscribe")
    assert (row.endpoint_id, row.endpoint_key) == ("Lea", "lea")


def test_unsubscribing_leaves_an_inactive_endpoint_inactive_and_makes_none(public: House) -> None:
    house, app = public, public.app()
    house.endpoint(app, "Lea")
    campaign(house, app, "Lea")
    url = unsubscribe_url(house, app)
    house.endpoint(app, "Lea", endpoint_status="INACTIVE")
    assert get(house, url, method="POST").status == 200
    endpoint = house.audience.load(app, ["lea"])["lea"]
    assert (endpoint.opt_out, endpoint.status) == ("ALL", "INACTIVE")
    house.audience.delete(SCOPE, app, "Lea").result(30)
    assert get(house, url, method="POST").status == 200
    assert house.audience.load(app, ["lea"]) == {}


def test_an_endpoint_id_too_long_for_the_link_is_looked_up(public: House) -> None:
    house, app = public, public.app()
    name = "ü" * 400
    house.endpoint(app, name, address="lea@example.com")
    campaign(house, app, name)
    assert get(house, unsubscribe_url(house, app), method="POST").status == 200
    assert house.audience.load(app, [name])[name].opt_out == "ALL"


def test_the_key_is_made_once_and_shared(processes: Processes) -> None:
    first, second = processes(), processes(seed=2)
    text = first.tokens.sign(Token("open", "m"))
    assert second.tokens.verify(text) == Token("open", "m")
    assert tokens(second.database, SeededIds(9)).verify(text) == Token("open", "m")


def test_other_databases_have_other_keys(house: House, tmp_path: Path, chdb: Columnar) -> None:
    other = House(f"sqlite:///{tmp_path}/other.db", chdb, seed=2)
    assert other.tokens.verify(house.tokens.sign(Token("open", "m"))) is None
    other.close()
