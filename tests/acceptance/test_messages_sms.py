"""Text messages by SendMessages, SendUsersMessages and campaigns. Source: spec of SMS."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.test_messages import refused, send, users

SMS = {"ChannelType": "SMS"}
HELLO = {"SMSMessage": {"Body": "Hi {{name}}", "MessageType": "TRANSACTIONAL", "Substitutions": {"name": ["you"]}}}
SUCCESS, FAILURE = "+14254147755", "+14254147167"


@pytest.fixture
def texting(project: Project) -> Project:
    """A project with text messages."""
    project.pinpoint.update_sms_channel(
        ApplicationId=project.id, SMSChannelRequest={"Enabled": True, "SenderId": "SHOP"}
    )
    return project


def texts(project: Project) -> dict[str, dict[str, Any]]:
    """What arrived, by number."""
    project.server.settle()
    return {one["Address"]: one for one in project.server.inbox(project.id, Channel="SMS")}


def test_to_addresses(texting: Project) -> None:
    addresses = {
        "+4930123456": {**SMS, "Substitutions": {"name": ["Lea"]}},
        "+4930123457": {**SMS, "BodyOverride": "Only {{name}} “here”"},
        "nobody": SMS,
        SUCCESS: SMS,
        FAILURE: SMS,
    }
    result = send(texting, HELLO, Addresses=addresses)["Result"]
    for number in ("+4930123456", "+4930123457", SUCCESS, FAILURE):
        sent = result[number]
        assert (sent["DeliveryStatus"], sent["StatusCode"]) == ("SUCCESSFUL", 200)
        assert sent["StatusMessage"] == f"MessageId: {sent['MessageId']}"
    assert refused(result["nobody"])[:2] == ("PERMANENT_FAILURE", 400)
    arrived = texts(texting)
    assert {number: one["Text"] for number, one in arrived.items()} == {
        "+4930123456": "Hi Lea",
        "+4930123457": "Only you “here”",
        SUCCESS: "Hi you",
    }
    first, second = arrived["+4930123456"], arrived["+4930123457"]
    assert (first["Channel"], first["MessageId"]) == ("SMS", result["+4930123456"]["MessageId"])
    assert first["Headers"]["SenderId"] == "SHOP"
    assert (first["Headers"]["MessageType"], first["Headers"]["Encoding"]) == ("TRANSACTIONAL", "GSM")
    assert second["Headers"]["Encoding"] == "UCS-2"


def test_to_endpoints_and_users(texting: Project) -> None:
    texting.put("phone", ChannelType="SMS", Address="+4930123456", User={"UserId": "u1"})
    texting.put("gone", ChannelType="SMS", Address="+4930123457", EndpointStatus="INACTIVE")
    texting.person("mail", User={"UserId": "u1"})
    found = send(texting, HELLO, Endpoints={"phone": {}, "gone": {}})["EndpointResult"]
    assert found["phone"]["Address"] == "+4930123456"
    assert refused(found["gone"])[:2] == ("PERMANENT_FAILURE", 400)
    result = users(texting, {"u1": {"BodyOverride": "{{User.UserId}}"}}, HELLO)
    assert set(result["u1"]) == {"phone"}
    texting.server.settle()
    assert [one["Text"] for one in texting.server.inbox(texting.id)] == ["u1", "Hi you"]


def test_by_template(texting: Project) -> None:
    name = f"sms-{texting.id}"
    texting.pinpoint.create_sms_template(
        TemplateName=name, SMSTemplateRequest={"Body": "t {{size}}", "DefaultSubstitutions": '{"size": "0"}'}
    )
    templates = {"SMSTemplate": {"Name": name}}
    send(texting, {"SMSMessage": {}}, Addresses={"+4930123456": SMS}, TemplateConfiguration=templates)
    assert texts(texting)["+4930123456"]["Text"] == "t 0"
    missing = {"SMSTemplate": {"Name": f"{name}-gone"}}
    with pytest.raises(texting.pinpoint.exceptions.NotFoundException):
        send(texting, {"SMSMessage": {}}, Addresses={"+4930123456": SMS}, TemplateConfiguration=missing)


@pytest.mark.parametrize(
    ("message", "problem"),
    [
        ({"SMSMessage": {"Body": "{{#if"}}, "MessageConfiguration.SMSMessage.Body: line 1, column"),
        ({"SMSMessage": {"MessageType": "LOUD"}}, "MessageType"),
        ({"SMSMessage": {"Body": 7}}, "Body"),
    ],
)
def test_wrong_requests(texting: Project, message: Any, problem: str) -> None:
    with pytest.raises(texting.pinpoint.exceptions.BadRequestException) as raised:
        send(texting, message, Addresses={"+4930123456": SMS})
    assert problem in raised.value.response["Error"]["Message"]
    assert texts(texting) == {}


@pytest.mark.parametrize(
    ("before", "after", "parts"),
    [(66, 66, "3"), (66, 65, "2"), (65, 67, "2"), (68, 0, "1"), (69, 0, "2")],
    ids=lambda value: str(value),
)
def test_an_emoji_is_never_cut_by_the_border_of_a_part(texting: Project, before: int, after: int, parts: str) -> None:
    text = "ж" * before + "😀" + "ж" * after
    assert send(texting, {"SMSMessage": {"Body": text}}, Addresses={"+4930123456": SMS})["Result"]
    (one,) = texts(texting).values()
    assert (one["Text"], one["Headers"]["Encoding"], one["Headers"]["Parts"]) == (text, "UCS-2", parts)


NO_NUMBERS = [
    "",
    "+",
    "+49 30\r\nTo: +4930999999",
    "+4930'; DROP TABLE x",
    "+0000000000",
    "+49" * 60,
    "٣٤٥",
]


def test_malformed_numbers_fail_alone(texting: Project) -> None:
    addresses = {**dict.fromkeys(NO_NUMBERS, SMS), "+4930123456": SMS}
    result = send(texting, {"SMSMessage": {"Body": "Hi"}}, Addresses=addresses)["Result"]
    assert result.pop("+4930123456")["DeliveryStatus"] == "SUCCESSFUL"
    assert {name: refused(one)[:2] for name, one in result.items()} == dict.fromkeys(
        NO_NUMBERS, ("PERMANENT_FAILURE", 400)
    )
    assert list(texts(texting)) == ["+4930123456"]


def test_too_long_and_empty_messages_fail_alone(texting: Project) -> None:
    addresses = {
        "+4930123456": {**SMS, "BodyOverride": "x" * 1_600},
        "+4930123457": {**SMS, "BodyOverride": "x" * 1_601},
        "+4930123458": {**SMS, "BodyOverride": "{{nothing}}"},
    }
    result = send(texting, HELLO, Addresses=addresses)["Result"]
    assert result["+4930123456"]["DeliveryStatus"] == "SUCCESSFUL"
    assert refused(result["+4930123457"])[2] == "The message has 1601 GSM characters, at most 1600 are allowed"
    assert refused(result["+4930123458"])[2] == "The message is empty"
    assert texts(texting)["+4930123456"]["Headers"]["Parts"] == "11"


def test_a_channel_that_is_off_or_was_never_there(project: Project) -> None:
    problem = f"No channel of type SMS is enabled for the application {project.id}"
    addresses = {"+4930123456": SMS}
    assert refused(send(project, HELLO, Addresses=addresses)["Result"]["+4930123456"])[2] == problem
    project.pinpoint.update_sms_channel(ApplicationId=project.id, SMSChannelRequest={"Enabled": False})
    assert refused(send(project, HELLO, Addresses=addresses)["Result"]["+4930123456"])[2] == problem


def test_a_campaign_and_the_simulator(texting: Project) -> None:
    texting.put("good", ChannelType="SMS", Address=SUCCESS, Attributes={"name": ["Lea"]})
    texting.put("bad", ChannelType="SMS", Address=FAILURE)
    message = {"SMSMessage": {"Body": "Hi {{Attributes.name}}", "MessageType": "PROMOTIONAL"}}
    campaign = texting.campaign(texting.segment(), MessageConfiguration=message)
    texting.server.settle()
    assert texting.status(campaign["Id"]) == "COMPLETED"
    assert texting.reached(campaign["Id"]) == ["good"]
    [run] = texting.activities(campaign["Id"])
    assert (run["Result"], run["SuccessfulEndpointCount"], run["TotalEndpointCount"]) == ("SUCCESS", 2, 2)
