"""Calls by SendMessages and SendUsersMessages. Source: spec of voice, section 1."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.test_messages import refused, send, users

VOICE = {"ChannelType": "VOICE"}
HELLO = {"VoiceMessage": {"Body": "Your code is {{code}}", "VoiceId": "Amy", "Substitutions": {"code": ["1 2 3"]}}}


@pytest.fixture
def calling(project: Project) -> Project:
    """A project with calls."""
    project.pinpoint.update_voice_channel(ApplicationId=project.id, VoiceChannelRequest={"Enabled": True})
    return project


def calls(project: Project) -> dict[str, dict[str, Any]]:
    """What was said, by number."""
    project.server.settle()
    return {one["Address"]: one for one in project.server.inbox(project.id, Channel="VOICE")}


def test_to_addresses_endpoints_and_users(calling: Project) -> None:
    calling.put("desk", ChannelType="VOICE", Address="+4930123457", User={"UserId": "u1"})
    addresses = {"+4930123456": {**VOICE, "Substitutions": {"code": ["4 5 6"]}}, "nobody": VOICE}
    found = send(calling, HELLO, Addresses=addresses, Endpoints={"desk": {"BodyOverride": "Hello {{Id}}"}})
    sent = found["Result"]["+4930123456"]
    assert (sent["DeliveryStatus"], sent["StatusMessage"]) == ("SUCCESSFUL", f"MessageId: {sent['MessageId']}")
    assert refused(found["Result"]["nobody"])[:2] == ("PERMANENT_FAILURE", 400)
    arrived = calls(calling)
    assert arrived["+4930123456"]["Text"] == "Your code is 4 5 6"
    assert arrived["+4930123456"]["Headers"] == {"VoiceId": "Amy"}
    assert arrived["+4930123457"]["Text"] == "Hello desk"
    result = users(calling, {"u1": {}, "nobody": {}}, HELLO)
    assert result["u1"]["desk"]["DeliveryStatus"] == "SUCCESSFUL"
    assert result["nobody"] == {}
    calling.server.settle()
    assert calling.server.inbox(calling.id)[0]["Text"] == "Your code is 1 2 3"


def test_by_template(calling: Project) -> None:
    name = f"voice-{calling.id}"
    calling.pinpoint.create_voice_template(
        TemplateName=name, VoiceTemplateRequest={"Body": "t {{who}}", "VoiceId": "Brian", "LanguageCode": "en-GB"}
    )
    templates = {"VoiceTemplate": {"Name": name}}
    target = {**VOICE, "Substitutions": {"who": ["Lea"]}}
    send(calling, {"VoiceMessage": {}}, Addresses={"+4930123456": target}, TemplateConfiguration=templates)
    one = calls(calling)["+4930123456"]
    assert (one["Text"], one["Headers"]) == ("t Lea", {"LanguageCode": "en-GB", "VoiceId": "Brian"})
    missing = {"VoiceTemplate": {"Name": f"{name}-gone"}}
    with pytest.raises(calling.pinpoint.exceptions.NotFoundException):
        send(calling, {"VoiceMessage": {}}, Addresses={"+4930123456": VOICE}, TemplateConfiguration=missing)


@pytest.mark.parametrize(
    ("message", "request_", "problem"),
    [
        ({"VoiceMessage": {"Body": "{{/if}}"}}, {}, "MessageConfiguration.VoiceMessage.Body: line 1, column"),
        ({"VoiceMessage": {"Body": []}}, {}, "Body"),
        (HELLO, {"TemplateConfiguration": {"VoiceTemplate": {}}}, "VoiceTemplate.Name: is required"),
        (HELLO, {"TemplateConfiguration": {"InAppTemplate": {"Name": "x"}}}, "InAppTemplate: is not for direct"),
    ],
)
def test_wrong_requests(calling: Project, message: Any, request_: dict[str, Any], problem: str) -> None:
    with pytest.raises(calling.pinpoint.exceptions.BadRequestException) as raised:
        send(calling, message, Addresses={"+4930123456": VOICE}, **request_)
    assert problem in raised.value.response["Error"]["Message"]
    assert calls(calling) == {}


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HOSTILE = (
    f'<speak><!DOCTYPE speak [<!ENTITY l0 "ha">{LAUGHS}]>&l9;</speak>',
    '<speak><!DOCTYPE speak [<!ENTITY x SYSTEM "file:///etc/passwd">]>&x;</speak>',
    "<speak>&l9;</speak>",
    '<speak><audio src="file:///etc/passwd"/></speak>',
    "<speak><blink>hello</blink></speak>",
    "<speak>AT&T</speak>",
    "<speak>" + "<p>" * 1_000,
)


def test_ssml_that_nobody_should_speak_fails_alone(calling: Project) -> None:
    addresses = {f"+4930123{n:03}": {**VOICE, "BodyOverride": body} for n, body in enumerate(HOSTILE)}
    good = "<speak>Hello <break time='300ms'/> Lea</speak>"
    result = send(calling, HELLO, Addresses={**addresses, "+4930123999": {**VOICE, "BodyOverride": good}})["Result"]
    assert result.pop("+4930123999")["DeliveryStatus"] == "SUCCESSFUL"
    assert {refused(one)[:2] for one in result.values()} == {("PERMANENT_FAILURE", 400)}
    assert list(calls(calling)) == ["+4930123999"]


def test_what_does_not_begin_with_the_root_is_read_aloud_and_never_as_markup(calling: Project) -> None:
    text = f'<!DOCTYPE speak [<!ENTITY l0 "ha">{LAUGHS}]><speak>&l9;</speak>'
    send(calling, HELLO, Addresses={"+4930123456": {**VOICE, "BodyOverride": text}})
    assert calls(calling)["+4930123456"]["Text"] == text


def test_a_call_that_is_too_long_and_a_channel_that_is_off(calling: Project) -> None:
    addresses = {"+4930123456": {**VOICE, "BodyOverride": "a" * 3_001}}
    result = send(calling, HELLO, Addresses=addresses)["Result"]["+4930123456"]
    assert refused(result)[2] == "The message has 3001 characters, at most 3000 are spoken"
    calling.pinpoint.delete_voice_channel(ApplicationId=calling.id)
    result = send(calling, HELLO, Addresses={"+4930123456": VOICE})["Result"]["+4930123456"]
    assert refused(result)[2] == f"No channel of type VOICE is enabled for the application {calling.id}"
