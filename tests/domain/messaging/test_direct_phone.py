"""Direct text messages and calls: whose text is used, what arrives, what is answered and recorded."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.errors import Invalid
from clarion.domain.messaging.inbox.service import entry
from clarion.domain.templates.model import Sms, Voice
from tests.domain.messaging.house import SCOPE, House

NUMBER = "+4930123456"
FAILURE = "+14254147167"


@pytest.fixture(scope="module")
def app(house: House) -> str:
    """A project with text messages and calls."""
    app = house.app()
    house.channel(app, "SMS", sender_id="SHOP", short_code="12345")
    house.channel(app, "VOICE")
    return app


def send(house: House, app: str, channel: str, target: dict[str, Any] | None = None, **request: Any) -> dict[str, Any]:
    """The result of one phone number."""
    addresses = {NUMBER: {"ChannelType": channel, **(target or {})}}
    answer = house.send(app, **{"Addresses": addresses, **request})
    (result,) = answer["Result"].values()
    return dict(result)


def arrived(house: House, app: str, result: dict[str, Any]) -> Any:
    assert result["DeliveryStatus"] == "SUCCESSFUL", result
    assert (result["StatusCode"], result["StatusMessage"]) == (200, f"MessageId: {result['MessageId']}")
    house.settle()
    (found,) = [one for one in house.arrived(app) if one.message_id == result["MessageId"]]
    return found


DEFAULT = {"DefaultMessage": {"Body": "default {{Name}}", "Substitutions": {"Name": ["you"]}}}


@pytest.mark.parametrize(
    ("channel", "message", "target", "text"),
    [
        ("SMS", DEFAULT, {}, "default you"),
        ("SMS", DEFAULT | {"SMSMessage": {"Body": "own {{Name}}"}}, {}, "own you"),
        ("SMS", DEFAULT, {"Substitutions": {"Name": ["Lea"]}, "BodyOverride": "over {{Name}}"}, "over Lea"),
        ("SMS", DEFAULT, {"BodyOverride": "over", "RawContent": '"raw {{Name}}"'}, '"raw you"'),
        ("SMS", {}, {"BodyOverride": "over {{Address}}"}, f"over {NUMBER}"),
        ("VOICE", DEFAULT, {}, "default you"),
        ("VOICE", DEFAULT | {"VoiceMessage": {"Body": "own {{Name}}"}}, {}, "own you"),
        ("VOICE", DEFAULT, {"BodyOverride": "over", "TitleOverride": "no"}, "over"),
    ],
)
def test_whose_text_is_used(
    house: House, app: str, channel: str, message: Any, target: dict[str, Any], text: str
) -> None:
    found = arrived(house, app, send(house, app, channel, target, MessageConfiguration=message))
    assert (found.channel, found.to_address, found.text) == (channel, NUMBER, text)


def test_templates(house: House, app: str) -> None:
    house.templates.create(SCOPE, "SMS", "text", Sms(body="t {{N}}", default_substitutions='{"N":"friend"}'), None)
    spoken = Voice(body="v {{N}}", voice_id="Amy", language_code="en-GB", default_substitutions='{"N":"friend"}')
    house.templates.create(SCOPE, "VOICE", "call", spoken, None)
    named = {"SMSTemplate": {"Name": "text"}, "VoiceTemplate": {"Name": "call"}}
    found = arrived(house, app, send(house, app, "SMS", TemplateConfiguration=named, MessageConfiguration=DEFAULT))
    assert found.text == "t friend"
    found = arrived(house, app, send(house, app, "VOICE", TemplateConfiguration=named))
    assert (found.text, dict(found.facts)) == ("v friend", {"VoiceId": "Amy", "LanguageCode": "en-GB"})
    own = {"VoiceMessage": {"VoiceId": "Brian", "OriginationNumber": "+15550100"}}
    found = arrived(house, app, send(house, app, "VOICE", TemplateConfiguration=named, MessageConfiguration=own))
    assert (dict(found.facts)["VoiceId"], found.from_address) == ("Brian", "+15550100")


def test_who_sends_and_how(house: House, app: str) -> None:
    found = entry(arrived(house, app, send(house, app, "SMS", MessageConfiguration=DEFAULT)))
    assert found.headers == {"SenderId": "SHOP", "Encoding": "GSM", "Characters": "11", "Parts": "1"}
    message = {
        "SMSMessage": {
            "Body": "x",
            "MessageType": "TRANSACTIONAL",
            "OriginationNumber": "+15550100",
            "SenderId": "ACME",
            "Keyword": "JOIN",
            "EntityId": "e",
            "TemplateId": "t",
            "MediaUrl": "https://ignored.test",
        }
    }
    kept = arrived(house, app, send(house, app, "SMS", MessageConfiguration=message))
    assert kept.from_address == "+15550100"
    headers = entry(kept).headers or {}
    said = {name: headers[name] for name in ("MessageType", "SenderId", "Keyword", "EntityId", "TemplateId")}
    assert list(said.values()) == ["TRANSACTIONAL", "ACME", "JOIN", "e", "t"]


def test_the_events_of_a_text_message(house: House) -> None:
    app = house.app(channel=False)
    house.channel(app, "SMS")
    house.endpoint(app, "lea", channel_type="SMS", address=NUMBER, user="u1")
    message = {"SMSMessage": {"Body": "a" * 161, "MessageType": "TRANSACTIONAL"}}
    addresses = {FAILURE: {"ChannelType": "SMS"}}
    answer = house.send(
        app,
        MessageConfiguration=message,
        Endpoints={"lea": {"Context": {"order": "7"}}},
        Addresses=addresses,
    )
    house.settle()
    sent, failed = answer["EndpointResult"]["lea"]["MessageId"], answer["Result"][FAILURE]["MessageId"]
    rows = house.recorded(app)
    found = {(row.event_type, row.message_id): row for row in rows}
    assert set(found) == {
        ("_SMS.BUFFERED", sent),
        ("_SMS.SUCCESS", sent),
        ("_SMS.BUFFERED", failed),
        ("_SMS.FAILURE", failed),
    }
    assert found["_SMS.BUFFERED", sent].status == "SUCCESSFUL"
    assert found["_SMS.FAILURE", failed].status == "UNREACHABLE"
    row = found["_SMS.SUCCESS", sent]
    assert (row.endpoint_id, row.user_id) == ("lea", "u1")
    assert row.attributes == {
        "order": "7",
        "customer_context": '{"order":"7"}',
        "sender_request_id": sent,
        "message_id": sent,
        "destination_phone_number": NUMBER,
        "iso_country_code": "DE",
        "number_of_message_parts": "2",
        "message_type": "Transactional",
        "record_status": "DELIVERED",
        "treatment_id": "0",
    }


def test_a_call_into_the_inbox_is_answered_and_heard_to_its_end(house: House) -> None:
    app = house.app(channel=False)
    house.channel(app, "VOICE")
    arrived(house, app, send(house, app, "VOICE", MessageConfiguration=DEFAULT))
    assert sorted(row.event_type for row in house.recorded(app)) == ["_VOICE.COMPLETED", "_VOICE.INITIATED"]


@pytest.mark.parametrize(
    ("channel", "message", "address", "text"),
    [
        ("SMS", DEFAULT, "nobody", "'nobody' is not a phone number such as +4930123456"),
        ("VOICE", DEFAULT, "030123", "'030123' is not a phone number such as +4930123456"),
        ("SMS", {"VoiceMessage": {"Body": "x"}}, NUMBER, "The request has no message for the channel SMS"),
        ("VOICE", {"SMSMessage": {"Body": "x"}}, NUMBER, "The request has no message for the channel VOICE"),
        ("SMS", {"SMSMessage": {"Body": "{{Nothing}}"}}, NUMBER, "The message is empty"),
        (
            "SMS",
            {"SMSMessage": {"Body": "ж" * 631}},
            NUMBER,
            "The message has 631 UCS-2 characters, at most 630 are allowed",
        ),
        (
            "VOICE",
            {"VoiceMessage": {"Body": "a" * 3_001}},
            NUMBER,
            "The message has 3001 characters, at most 3000 are spoken",
        ),
    ],
)
def test_what_cannot_be_sent(house: House, app: str, channel: str, message: Any, address: str, text: str) -> None:
    addresses = {address: {"ChannelType": channel}}
    result = send(house, app, channel, MessageConfiguration=message, Addresses=addresses)
    assert (result["DeliveryStatus"], result["StatusCode"], result["StatusMessage"]) == ("PERMANENT_FAILURE", 400, text)


@pytest.mark.parametrize("member", ["SMSMessage", "VoiceMessage"])
def test_a_wrong_request_sends_nothing(house: House, app: str, member: str) -> None:
    with pytest.raises(Invalid, match=f"MessageConfiguration.{member}.Body: line 1"):
        send(house, app, "SMS", MessageConfiguration={member: {"Body": "{{#if"}})


def test_one_number_in_two_ways_of_writing_is_one(house: House, app: str) -> None:
    addresses = {name: {"ChannelType": "SMS"} for name in (NUMBER, "+49 30 123456")}
    addresses["0049 30 123456"] = {"ChannelType": "VOICE"}
    answer = house.send(app, MessageConfiguration=DEFAULT, Addresses=addresses)["Result"]
    statuses = {name: one["DeliveryStatus"] for name, one in answer.items()}
    assert list(statuses.values()) == ["SUCCESSFUL", "DUPLICATE", "SUCCESSFUL"]


def test_a_disabled_channel_sends_nothing(house: House) -> None:
    app = house.app()
    house.channel(app, "SMS", enabled=False)
    house.endpoint(app, "lea", channel_type="SMS", address=NUMBER, user="u1")
    problem = f"No channel of type SMS is enabled for the application {app}"
    answer = house.send(app, MessageConfiguration=DEFAULT, Endpoints={"lea": {}})
    assert answer["EndpointResult"]["lea"]["StatusMessage"] == problem
    assert house.send_users(app, MessageConfiguration=DEFAULT, Users={"u1": {}})["Result"] == {"u1": {}}
    (skip,) = house.recorded(app)
    assert (skip.gate, skip.reason) == ("channel", problem)
