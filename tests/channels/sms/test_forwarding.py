"""Texts of people on their way to a webhook or a topic: what arrives, and what is not taken."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest

from clarion.channels.sms import forwarding
from clarion.channels.sms.forwarding import Messenger
from clarion.core.errors import Invalid, Unavailable
from clarion.core.settings import Settings
from tests.channels.calls.peers import Said, Site, script, site

SECRET = "whsec_" + "QUFB" * 8
TOPIC = "arn:aws:sns:eu-central-1:000000000001:texts"
PAYLOAD = {"originationNumber": "+4915550001", "messageBody": "Grüße 🧀", "inboundMessageId": "in-1"}
PUBLISHED = b"""<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult>
<MessageId>m</MessageId></PublishResult></PublishResponse>"""
REFUSED = b"""<ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>
<Code>AuthorizationError</Code><Message>No.</Message></Error></ErrorResponse>"""


def messenger(**settings: Any) -> Messenger:
    allowed = {"callout_http": True, "callout_networks": "127.0.0.0/8", **settings}
    keys = {"callout_access_key_id": "AKID", "callout_secret_access_key": "s"}
    return Messenger(Settings(**allowed, **keys))


@pytest.fixture
def peer() -> Iterator[Site]:
    with site(lambda asked: Said(200, PUBLISHED, {"Content-Type": "text/xml"})) as running:
        yield running


def test_a_webhook_gets_a_signed_text(peer: Site) -> None:
    made = messenger()
    made.bring(f"{peer.url('/texts')}#{SECRET}", "", PAYLOAD, 1_804_151_700_000)
    made.close()
    (asked,) = peer.asked
    assert (asked.method, asked.path) == ("POST", "/texts")
    assert asked.json == {"type": "sms.inbound", "timestamp": "2027-03-04T09:15:00.000Z", "data": PAYLOAD}
    assert {name.lower(): value for name, value in asked.headers.items()}["webhook-id"] == "msg_in-1"


def test_a_topic_gets_the_text_alone(peer: Site) -> None:
    made = messenger(sns_endpoint_url=peer.url(""))
    for _ in range(2):
        made.bring(TOPIC, "", PAYLOAD, 0)
    form = parse_qs(peer.asked[1].body.decode())
    assert (form["Action"], form["TopicArn"]) == (["Publish"], [TOPIC])
    assert msgspec.json.decode(form["Message"][0]) == PAYLOAD


def test_only_so_many_topics_are_kept_connected_and_none_at_the_end(
    peer: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "MOST_CLIENTS", 2)
    made = messenger(sns_endpoint_url=peer.url(""))
    for name in ("a", "b", "a", "c"):
        made.bring(f"{TOPIC}-{name}", "", PAYLOAD, 0)
    assert [topic.rpartition("-")[2] for topic, _ in made._topics] == ["a", "c"]
    held = list(made._topics.values())
    made.close()
    for _ in range(2_000):
        if all(connected.fileno() < 0 for connected in peer.connections):
            break
        threading.Event().wait(0.005)
    assert [connected.fileno() for connected in peer.connections] == [-1] * 3
    assert (len(held), len(peer.asked), len(made._topics)) == (2, 4, 0)


def test_what_is_not_taken(peer: Site) -> None:
    peer.answer = lambda asked: Said(403, REFUSED, {"Content-Type": "text/xml"})
    made = messenger(sns_endpoint_url=peer.url(""))
    with pytest.raises(Unavailable, match="AuthorizationError"):
        made.bring(TOPIC, "", PAYLOAD, 0)
    with pytest.raises(Unavailable, match="answered 403"):
        made.bring(f"{peer.url('/')}#{SECRET}", "", PAYLOAD, 0)
    with script(b"220 smtp\r\n") as odd, pytest.raises(Unavailable):
        made.bring(f"{odd}#{SECRET}", "", PAYLOAD, 0)
    with pytest.raises(Unavailable):
        messenger(sns_endpoint_url="http://127.0.0.1:1").bring(TOPIC, "", PAYLOAD, 0)


def test_only_addresses_that_may_be_called(peer: Site) -> None:
    with pytest.raises(Unavailable, match="may not be called"):
        messenger(callout_networks="").bring(f"{peer.url('/')}#{SECRET}", "", PAYLOAD, 0)
    assert peer.asked == []


@pytest.mark.parametrize(
    "destination",
    [
        "",
        "https://shop.example/texts",
        "https://shop.example/texts#secret",
        f"ftp://shop.example/#{SECRET}",
        f"https://user:pass@shop.example/#{SECRET}",
        f"{TOPIC}.fifo",
        "arn:aws:sqs:eu-central-1:000000000001:queue",
    ],
)
def test_destinations_that_cannot_be_meant(destination: str) -> None:
    with pytest.raises(Invalid, match=r"^Destination: ") as raised:
        messenger().check(destination)
    assert SECRET not in raised.value.message
    assert "pass" not in raised.value.message.replace("password", "")
