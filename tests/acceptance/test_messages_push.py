"""Push notifications by SendMessages, SendUsersMessages and campaigns. Source: spec of push and direct messages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.running import REGION, Server
from tests.acceptance.test_messages import refused, send, users

GCM = {"ChannelType": "GCM"}
HELLO = {"DefaultPushNotificationMessage": {"Title": "Hi {{name}}", "Body": "B", "Substitutions": {"name": ["you"]}}}


@pytest.fixture
def phones(project: Project) -> Project:
    """A project with channels of FCM, ADM and Baidu."""
    project.pinpoint.update_gcm_channel(ApplicationId=project.id, GCMChannelRequest={"ApiKey": "key"})
    project.pinpoint.update_adm_channel(
        ApplicationId=project.id, ADMChannelRequest={"ClientId": "id", "ClientSecret": "secret"}
    )
    project.pinpoint.update_baidu_channel(
        ApplicationId=project.id, BaiduChannelRequest={"ApiKey": "key", "SecretKey": "secret"}
    )
    return project


def payloads(project: Project) -> dict[str, Any]:
    """What the services would have got, by message id."""
    project.server.settle()
    found = project.server.inbox(project.id, Channel="PUSH")
    return {one["MessageId"]: json.loads(one["Payload"]) for one in found}


def test_to_addresses(phones: Project) -> None:
    addresses = {
        "droid": {**GCM, "Substitutions": {"name": ["Lea"]}, "Context": {"order": "7"}},
        "fire": {"ChannelType": "ADM", "TitleOverride": "Just you, {{name}}"},
        "bear": {"ChannelType": "BAIDU", "BodyOverride": "own"},
        "raw": {**GCM, "RawContent": '{"notification": {"title": "{{name}}"}, "data": {"n": 1}}'},
        "apple": {"ChannelType": "APNS"},
        "none": {},
    }
    result = send(phones, HELLO, Addresses=addresses, TraceId="t1")["Result"]
    for name in ("droid", "fire", "bear", "raw"):
        sent = result[name]
        assert (sent["DeliveryStatus"], sent["StatusCode"]) == ("SUCCESSFUL", 200)
        told = json.loads(sent["StatusMessage"])
        assert (told["channelType"], told["pushProviderStatusCode"]) == (addresses[name]["ChannelType"], "200")
    disabled = f"No channel of type APNS is enabled for the application {phones.id}"
    assert refused(result["apple"]) == ("PERMANENT_FAILURE", 400, disabled)
    assert refused(result["none"]) == ("PERMANENT_FAILURE", 400, "Missing ChannelType")
    arrived = payloads(phones)
    assert len(arrived) == 4
    droid = arrived[result["droid"]["MessageId"]]["message"]
    assert (droid["token"], droid["data"]["pinpoint.notification.title"]) == ("droid", "Hi Lea")
    assert droid["data"]["pinpoint.campaign.campaign_id"] == "_DIRECT"
    assert json.loads(droid["data"]["data"]) == {"pinpoint": {"order": "7"}}
    assert all(isinstance(value, str) for value in droid["data"].values())
    fire = arrived[result["fire"]["MessageId"]]["data"]
    assert fire["pinpoint.notification.title"] == "Just you, you"
    bear = arrived[result["bear"]["MessageId"]]
    assert (bear["title"], bear["description"]) == ("Hi you", "own")
    raw = arrived[result["raw"]["MessageId"]]["message"]
    assert (raw["notification"], raw["data"]) == ({"title": "you"}, {"n": "1"})


def test_to_endpoints_and_users(phones: Project) -> None:
    phones.put("droid", ChannelType="GCM", Address="token", User={"UserId": "u1"})
    phones.put("apple", ChannelType="APNS", Address="token", User={"UserId": "u1"})
    phones.put("out", ChannelType="GCM", Address="other", OptOut="ALL", User={"UserId": "u2"})
    phones.person("mail", User={"UserId": "u1"})
    message = {"GCMMessage": {"Body": "Hi {{User.UserId}}"}}
    found = send(phones, message, Endpoints={"DROID": {}, "out": {}, "apple": {}})["EndpointResult"]
    assert (found["DROID"]["DeliveryStatus"], found["DROID"]["Address"]) == ("SUCCESSFUL", "token")
    assert found["out"]["DeliveryStatus"] == "OPT_OUT"
    assert refused(found["apple"])[0] == "PERMANENT_FAILURE"
    result = users(phones, {"u1": {}, "u2": {}, "nobody": {}}, message)
    assert {name: set(endpoints) for name, endpoints in result.items()} == {
        "u1": {"droid"},
        "u2": {"out"},
        "nobody": set(),
    }
    data = payloads(phones)[result["u1"]["droid"]["MessageId"]]["message"]["data"]
    assert data["pinpoint.notification.body"] == "Hi u1"
    assert json.loads(data["data"]) == {"pinpoint": {"endpointId": "droid"}}
    entry = phones.server.inbox(phones.id, Channel="GCM", Address="token")[0]
    assert (entry["Channel"], entry["EndpointId"], entry["Text"]) == ("GCM", "droid", "Hi u1")


def test_by_template(phones: Project) -> None:
    name = f"push-{phones.id}"
    phones.pinpoint.create_push_template(
        TemplateName=name,
        PushNotificationTemplateRequest={
            "Default": {"Title": "for all", "Body": "{{size}}", "Action": "URL", "Url": "https://shop.test"},
            "ADM": {"Title": "for fire"},
            "DefaultSubstitutions": '{"size": "0"}',
        },
    )
    templates = {"PushTemplate": {"Name": name}}
    addresses = {"a": GCM, "b": {"ChannelType": "ADM"}}
    result = send(phones, {"GCMMessage": {}}, Addresses=addresses, TemplateConfiguration=templates)["Result"]
    arrived = payloads(phones)
    droid = arrived[result["a"]["MessageId"]]["message"]["data"]
    assert (droid["pinpoint.notification.title"], droid["pinpoint.notification.body"]) == ("for all", "0")
    assert droid["pinpoint.url"] == "https://shop.test"
    assert arrived[result["b"]["MessageId"]]["data"]["pinpoint.notification.title"] == "for fire"
    missing = {"PushTemplate": {"Name": f"{name}-gone"}}
    with pytest.raises(phones.pinpoint.exceptions.NotFoundException):
        send(phones, {"GCMMessage": {}}, Addresses={"a": GCM}, TemplateConfiguration=missing)


@pytest.mark.parametrize(
    ("message", "request_", "problem"),
    [
        ({"GCMMessage": {"Body": "{{#if"}}, {}, "MessageConfiguration.GCMMessage.Body: line 1, column"),
        ({"GCMMessage": {"RawContent": "no json"}}, {}, "MessageConfiguration.GCMMessage.RawContent: not JSON"),
        ({"APNSMessage": {"Priority": "soon"}}, {}, "MessageConfiguration.APNSMessage.Priority: must be"),
        ({"GCMMessage": {"Action": "DANCE"}}, {}, "Action"),
        ({"GCMMessage": {"TimeToLive": "long"}}, {}, "TimeToLive"),
        (HELLO, {"TemplateConfiguration": {"PushTemplate": {}}}, "PushTemplate.Name: is required"),
        (HELLO, {"Addresses": {"t": {**GCM, "RawContent": "{"}}}, "Addresses.t.RawContent: not JSON"),
        (HELLO, {"Addresses": {"t": {"ChannelType": "PIGEON"}}}, "ChannelType"),
    ],
)
def test_wrong_requests(phones: Project, message: Any, request_: dict[str, Any], problem: str) -> None:
    with pytest.raises(phones.pinpoint.exceptions.BadRequestException) as raised:
        send(phones, message, **{"Addresses": {"t": GCM}, **request_})
    assert problem in raised.value.response["Error"]["Message"]
    assert payloads(phones) == {}


def test_a_message_that_is_too_large_or_empty_fails_alone(phones: Project) -> None:
    message = {"GCMMessage": {"Body": "{{text}}"}, "BaiduMessage": {"Body": ""}}
    addresses = {
        "good": {**GCM, "Substitutions": {"text": ["x"]}},
        "large": {**GCM, "Substitutions": {"text": ["x" * 5_000]}},
        "empty": {"ChannelType": "BAIDU"},
    }
    result = send(phones, message, Addresses=addresses)["Result"]
    assert result["good"]["DeliveryStatus"] == "SUCCESSFUL"
    for name, problem in (("large", "larger than 4096 bytes"), ("empty", "no message for the channel BAIDU")):
        status, code, text = refused(result[name])
        assert (status, code, problem in json.loads(text)["errorMessage"]) == ("PERMANENT_FAILURE", 400, True)


def test_a_campaign_reaches_phones(phones: Project) -> None:
    phones.put("droid", ChannelType="GCM", Address="token-1", Attributes={"size": ["40"]})
    phones.put("fire", ChannelType="ADM", Address="token-2")
    phones.put("apple", ChannelType="APNS", Address="token-3")
    message = {"GCMMessage": {"Title": "T", "Body": "size {{Attributes.size}}"}, "ADMMessage": {"Body": "B"}}
    campaign = phones.campaign(phones.segment(), MessageConfiguration=message)
    phones.server.settle()
    assert phones.status(campaign["Id"]) == "COMPLETED"
    assert phones.reached(campaign["Id"]) == ["droid", "fire"]
    [run] = phones.activities(campaign["Id"])
    data = next(one["message"]["data"] for one in payloads(phones).values() if "message" in one)
    assert data["pinpoint.notification.body"] == "size 40"
    assert data["pinpoint.campaign.campaign_id"] == campaign["Id"]
    assert data["pinpoint.campaign.campaign_activity_id"] == run["Id"]
    assert data["pinpoint.campaign.treatment_id"] == "0"


def test_the_inbox_page_shows_a_notification(real: Server) -> None:
    project = Project(real)
    project.pinpoint.update_gcm_channel(ApplicationId=project.id, GCMChannelRequest={"ApiKey": "key"})
    sent = send(project, HELLO, Addresses={"droid": GCM})["Result"]["droid"]
    real.settle()
    status, html = real.raw("GET", f"/inbox/{sent['MessageId']}", key=None)
    assert (status, "Hi you" in html, "A tap: opens the app" in html) == (200, True, True)
    listed = real.clarion("inbox", "--app", project.id, "--url", real.url, "--region", REGION).stdout
    assert f"GCM\tdroid\tHi you\t{sent['MessageId']}" in listed
