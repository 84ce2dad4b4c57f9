"""Direct push notifications: whose text is used, what arrives, what is answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clarion.core.errors import Invalid
from clarion.domain.templates.model import Push
from clarion.shapes.pinpoint import AndroidPushNotificationTemplate, DefaultPushNotificationTemplate
from tests.domain.messaging.house import SCOPE, House

GCM = {"ChannelType": "GCM"}


@pytest.fixture(scope="module")
def app(house: House) -> str:
    """A project with all push channels that need no certificates."""
    app = house.app()
    house.channel(app, "GCM", "ADM", "BAIDU")
    return app


def only(answer: dict[str, Any]) -> dict[str, Any]:
    (result,) = answer["Result"].values()
    return dict(result)


def arrived(house: House, app: str, message_id: str) -> Any:
    house.settle()
    (found,) = [one for one in house.arrived(app) if one.message_id == message_id]
    return json.loads(found.raw)


def data(house: House, app: str, target: dict[str, Any] | None = None, **request: Any) -> dict[str, str]:
    """The data of the one notification that a request sends to a device."""
    result = only(house.send(app, Addresses={"token": {**GCM, **(target or {})}}, **request))
    assert result["DeliveryStatus"] == "SUCCESSFUL", result
    found: dict[str, str] = arrived(house, app, result["MessageId"])["message"]["data"]
    return found


def shown(found: dict[str, str]) -> tuple[str | None, str | None]:
    return found.get("pinpoint.notification.title"), found.get("pinpoint.notification.body")


def test_the_answer_is_json_in_a_string(house: House, app: str) -> None:
    message = {"GCMMessage": {"Title": "Hi {{Name}}", "Body": "B", "Substitutions": {"Name": ["Lea"]}}}
    result = only(house.send(app, MessageConfiguration=message, Addresses={"token": GCM}))
    assert (result["DeliveryStatus"], result["StatusCode"]) == ("SUCCESSFUL", 200)
    assert json.loads(result["StatusMessage"]) == {
        "channelType": "GCM",
        "pushProviderStatusCode": "200",
        "pushProviderMessageId": result["MessageId"],
    }
    payload = arrived(house, app, result["MessageId"])["message"]
    assert payload["token"] == "token"
    assert shown(payload["data"]) == ("Hi Lea", "B")
    assert payload["data"]["pinpoint.campaign.campaign_id"] == "_DIRECT"


DEFAULT = {"DefaultMessage": {"Body": "default"}}
GENERAL = {"DefaultPushNotificationMessage": {"Title": "general", "Body": "general", "Action": "URL", "Url": "u"}}


@pytest.mark.parametrize(
    ("message", "target", "expected"),
    [
        (DEFAULT, {}, (None, "default")),
        (DEFAULT | GENERAL, {}, ("general", "general")),
        (DEFAULT | GENERAL | {"GCMMessage": {"Body": "own"}}, {}, ("general", "own")),
        (DEFAULT | GENERAL | {"GCMMessage": {"Title": "own", "Body": "own"}}, {}, ("own", "own")),
        (GENERAL, {"TitleOverride": "over", "BodyOverride": "for {{Who}}"}, ("over", "for you")),
        ({"GCMMessage": {"Body": "own"}, "ADMMessage": {"Title": "adm"}}, {}, (None, "own")),
        ({}, {"BodyOverride": "over"}, (None, "over")),
    ],
)
def test_whose_text_is_used(
    house: House, app: str, message: Any, target: dict[str, Any], expected: tuple[str | None, str | None]
) -> None:
    wanted = {**target, "Substitutions": {"Who": ["you"]}}
    found = data(house, app, wanted, MessageConfiguration=message)
    assert shown(found) == expected
    assert (found.get("pinpoint.url") == "u") == ("DefaultPushNotificationMessage" in message)


def test_a_template_stands_between_the_message_and_the_defaults(house: House, app: str) -> None:
    stored = Push(
        default=DefaultPushNotificationTemplate(title="t-default", body="t-default", sound="ding"),
        gcm=AndroidPushNotificationTemplate(body="t-gcm {{Name}}", image_url="https://i.test/{{Name}}.png"),
        default_substitutions='{"Name":"friend"}',
    )
    house.templates.create(SCOPE, "PUSH", "direct", stored, None)
    named = {"PushTemplate": {"Name": "direct"}}
    found = data(house, app, MessageConfiguration=GENERAL, TemplateConfiguration=named)
    assert shown(found) == ("t-default", "t-gcm friend")
    assert found["pinpoint.notification.imageUrl"] == "https://i.test/friend.png"
    assert found["pinpoint.notification.sound"] == "ding"
    assert found["pinpoint.url"] == "u"
    own = {"GCMMessage": {"Title": "own", "Substitutions": {"Name": ["Lea"]}}}
    found = data(house, app, MessageConfiguration=own, TemplateConfiguration=named)
    assert shown(found) == ("own", "t-gcm Lea")


def test_the_raw_content_of_a_template_gives_way_to_an_override(house: House, app: str) -> None:
    raw = '{"data":{"kind":"raw {{Kind}}"}}'
    stored = Push(gcm=AndroidPushNotificationTemplate(raw_content=raw, body="b"), default_substitutions='{"Kind":"k"}')
    house.templates.create(SCOPE, "PUSH", "raw", stored, None)
    named = {"PushTemplate": {"Name": "raw"}}
    assert data(house, app, TemplateConfiguration=named) == {"kind": "raw k"}
    found = data(house, app, {"TitleOverride": "T"}, TemplateConfiguration=named)
    assert shown(found) == ("T", "b")


def test_raw_content_beats_everything_and_its_strings_are_rendered(house: House, app: str) -> None:
    message = {
        "GCMMessage": {
            "RawContent": '{"data":{"text":"{{Text}}"}}',
            "Body": "no",
            "Substitutions": {"Text": ['she said "hi"\n'], "Number": ["7"]},
        }
    }
    assert data(house, app, {"TitleOverride": "no"}, MessageConfiguration=message) == {"text": 'she said "hi"\n'}
    own = {"RawContent": '{"data":{"n": {{Number}} }}'}
    assert data(house, app, own, MessageConfiguration=message) == {"n": "7"}


def test_data_are_rendered_and_silent(house: House, app: str) -> None:
    message = {"DefaultPushNotificationMessage": {"SilentPush": True, "Data": {"sync": "{{What}}"}}}
    found = data(house, app, {"Substitutions": {"What": ['"orders"']}}, MessageConfiguration=message)
    assert json.loads(found["pinpoint.jsonBody"]) == {"sync": '"orders"'}
    assert found["pinpoint.notification.silentPush"] == "1"


def test_context_and_trace_go_into_the_payload(house: House, app: str) -> None:
    found = data(
        house,
        app,
        {"Context": {"b": "target"}},
        MessageConfiguration=DEFAULT,
        Context={"a": "request", "b": "request"},
        TraceId="t1",
    )
    assert json.loads(found["data"]) == {"pinpoint": {"a": "request", "b": "target"}}
    assert found["pinpoint.campaign.trace_id"] == "t1"


def test_the_other_services(house: House, app: str) -> None:
    message = {
        "ADMMessage": {"Body": "adm", "ExpiresAfter": "60", "ConsolidationKey": "k", "MD5": "sum"},
        "BaiduMessage": {"Title": "baidu", "TimeToLive": 5},
    }
    addresses = {"a": {"ChannelType": "ADM"}, "b": {"ChannelType": "BAIDU"}}
    answer = house.send(app, MessageConfiguration=message, Addresses=addresses)["Result"]
    adm = arrived(house, app, answer["a"]["MessageId"])
    assert (adm["expiresAfter"], adm["consolidationKey"], adm["md5"]) == (60, "k", "sum")
    assert arrived(house, app, answer["b"]["MessageId"])["description"] == "baidu"


PERMANENT = ("PERMANENT_FAILURE", 400)


@pytest.mark.parametrize(
    ("channel", "message", "text"),
    [
        ("APNS", DEFAULT, "No channel of type APNS is enabled for the application {app}"),
        ("PUSH", DEFAULT, "No channel of type PUSH is enabled for the application {app}"),
        ("IN_APP", DEFAULT, "No channel of type IN_APP is enabled for the application {app}"),
        ("GCM", {"ADMMessage": {"Body": "x"}}, "The request has no message for the channel GCM"),
        ("GCM", {"GCMMessage": {"Body": "x" * 5_000}}, "The GCM message is larger than 4096 bytes"),
        ("GCM", {"GCMMessage": {"RawContent": "{}"}}, "RawContent: a GCM message has notification or data"),
        ("GCM", {"GCMMessage": {"RawContent": "{{Nothing}}"}}, "RawContent: not JSON"),
        ("GCM", {"GCMMessage": {"Body": "{{add 1 'x'}}"}}, ""),
    ],
)
def test_what_cannot_be_sent(house: House, app: str, channel: str, message: Any, text: str) -> None:
    result = only(house.send(app, MessageConfiguration=message, Addresses={"token": {"ChannelType": channel}}))
    assert (result["DeliveryStatus"], result["StatusCode"], "MessageId" in result) == (*PERMANENT, False)
    said = result["StatusMessage"]
    if text.startswith("No channel"):
        assert said == text.format(app=app)
    else:
        told = json.loads(said)
        assert (told["channelType"], told["errorMessage"].startswith(text)) == ("GCM", True)


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({"GCMMessage": {"Body": "{{"}}, "MessageConfiguration.GCMMessage.Body: line 1"),
        ({"GCMMessage": {"ImageUrl": "{{"}}, "MessageConfiguration.GCMMessage.ImageUrl: line 1"),
        ({"GCMMessage": {"RawContent": "no"}}, "MessageConfiguration.GCMMessage.RawContent: not JSON"),
        ({"GCMMessage": {"RawContent": '{"a":"{{"}'}}, "MessageConfiguration.GCMMessage.RawContent: line 1"),
        ({"GCMMessage": {"Data": {"a": "{{/x}}"}}}, "MessageConfiguration.GCMMessage.Data: line 1"),
        ({"GCMMessage": {"Priority": "urgent"}}, "MessageConfiguration.GCMMessage.Priority: must be 5 or normal"),
        ({"GCMMessage": {"TimeToLive": -1}}, "MessageConfiguration.GCMMessage.TimeToLive: must not be negative"),
        (
            {"APNSMessage": {"APNSPushType": "loud"}},
            "MessageConfiguration.APNSMessage.APNSPushType: must be one of alert",
        ),
        (
            {"APNSMessage": {"PreferredAuthenticationMethod": "luck"}},
            "MessageConfiguration.APNSMessage.PreferredAuthenticationMethod: must be one of",
        ),
        ({"ADMMessage": {"ExpiresAfter": "soon"}}, "MessageConfiguration.ADMMessage.ExpiresAfter: must be a number"),
        (
            {"DefaultPushNotificationMessage": {"Title": "{{#each"}},
            "MessageConfiguration.DefaultPushNotificationMessage.Title: line 1",
        ),
    ],
)
def test_a_wrong_request_sends_nothing(house: House, app: str, request_: Any, problem: str) -> None:
    with pytest.raises(Invalid) as raised:
        house.send(app, MessageConfiguration=request_, Addresses={"token": GCM})
    assert raised.value.message.startswith(problem)


@pytest.mark.parametrize(
    ("request_", "problem"),
    [
        ({"TemplateConfiguration": {"PushTemplate": {}}}, "TemplateConfiguration.PushTemplate.Name: is required"),
        (
            {"TemplateConfiguration": {"InAppTemplate": {"Name": "x"}}},
            "TemplateConfiguration.InAppTemplate: is not for direct messages",
        ),
        ({"Addresses": {"token": {**GCM, "RawContent": "no"}}}, "Addresses.token.RawContent: not JSON"),
    ],
)
def test_templates_and_targets_are_checked(house: House, app: str, request_: Any, problem: str) -> None:
    with pytest.raises(Invalid) as raised:
        house.send(app, **{"Addresses": {"token": GCM}, "MessageConfiguration": DEFAULT, **request_})
    assert raised.value.message.startswith(problem)


def test_tokens_differ_by_case_and_service(house: House, app: str) -> None:
    for name, channel in (("one", "GCM"), ("two", "GCM"), ("three", "ADM")):
        house.endpoint(app, name, channel_type=channel, address="SAME" if name != "two" else "same")
    addresses = {"SAME": GCM}
    answer = house.send(app, MessageConfiguration=DEFAULT, Addresses=addresses, Endpoints={"two": {}, "three": {}})
    statuses = {name: one["DeliveryStatus"] for name, one in answer["EndpointResult"].items()}
    assert statuses == {"two": "SUCCESSFUL", "three": "SUCCESSFUL"}
    answer = house.send(app, MessageConfiguration=DEFAULT, Addresses=addresses, Endpoints={"one": {}})
    assert answer["EndpointResult"]["one"]["DeliveryStatus"] == "DUPLICATE"


def test_users_get_what_their_endpoints_enabled_channels_have_a_message_for(house: House) -> None:
    app = house.app()
    house.channel(app, "GCM")
    house.channel(app, "ADM", enabled=False)
    for name, channel in (("droid", "GCM"), ("fire", "ADM"), ("apple", "APNS")):
        house.endpoint(app, name, user="lea", channel_type=channel, address=name)
    house.endpoint(app, "mail", user="lea")
    message = {"DefaultPushNotificationMessage": {"Body": "Hi {{User.UserId}}"}}
    answer = house.send_users(app, MessageConfiguration=message, Users={"lea": {}, "nobody": {}})
    assert set(answer["Result"]["lea"]) == {"droid"}
    assert answer["Result"]["nobody"] == {}
    sent = answer["Result"]["lea"]["droid"]
    payload = arrived(house, app, sent["MessageId"])["message"]
    assert payload["data"]["pinpoint.notification.body"] == "Hi lea"
    assert json.loads(payload["data"]["data"]) == {"pinpoint": {"endpointId": "droid"}}
    assert house.recorded(app) == [], "direct push has no events"
