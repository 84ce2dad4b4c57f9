"""Templates for text messages, voice, push and in-app messages. Source: spec of templates, sections 1 to 3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from tests.acceptance.project import every_page
from tests.acceptance.running import Server
from tests.acceptance.test_apps import DATE, UUID
from tests.acceptance.test_templates import assert_matches

SERVICE = {
    "Action": "DEEP_LINK",
    "Body": "Hi {{User.UserAttributes.FirstName}}",
    "ImageIconUrl": "https://shop.example/icon.png",
    "ImageUrl": "https://shop.example/image.png",
    "RawContent": '{"data": {"name": "{{User.UserAttributes.FirstName}}"}}',
    "SmallImageIconUrl": "https://shop.example/small.png",
    "Sound": "ping",
    "Title": "Sale",
    "Url": "shop://sale",
}
APPLE = {
    "Action": "URL",
    "Body": "Hi",
    "MediaUrl": "https://shop.example/film.mp4",
    "RawContent": "{}",
    "Sound": "ping",
    "Title": "Sale",
    "Url": "https://shop.example/",
}
DEFAULTS = {"DefaultSubstitutions": json.dumps({"User": {"UserAttributes": {"FirstName": "friend"}}})}
RECOMMENDER = {"RecommenderId": "r" * 32}
BUTTON = {
    "DefaultConfig": {
        "BackgroundColor": "#f8e71c",
        "BorderRadius": 4,
        "ButtonAction": "LINK",
        "Link": "https://shop.example/",
        "Text": "Go",
        "TextColor": "#000000",
    },
    "Android": {"ButtonAction": "DEEP_LINK", "Link": "shop://sale"},
    "IOS": {"ButtonAction": "DEEP_LINK", "Link": "shop://sale"},
    "Web": {"ButtonAction": "CLOSE"},
}
ITEM = {
    "BackgroundColor": "#ffffff",
    "BodyConfig": {"Alignment": "LEFT", "Body": "Half price", "TextColor": "#000"},
    "HeaderConfig": {"Alignment": "CENTER", "Header": "Sale", "TextColor": "rgb(0, 0, 0)"},
    "ImageUrl": "https://shop.example/image.png",
    "PrimaryBtn": BUTTON,
    "SecondaryBtn": {"DefaultConfig": {"ButtonAction": "CLOSE", "Text": "Close"}},
}


class Of(NamedTuple):
    """How boto3 spells one kind: in its methods, its request member, its answer; and a full request."""

    kind: str
    method: str
    request: str
    answer: str
    created: str
    full: dict[str, Any]
    changed: dict[str, Any]


SMS = Of(
    "SMS",
    "sms_template",
    "SMSTemplateRequest",
    "SMSTemplateResponse",
    "CreateTemplateMessageBody",
    {"Body": "Hi {{User.UserAttributes.FirstName}}", **DEFAULTS, **RECOMMENDER},
    {"Body": "changed"},
)
VOICE = Of(
    "VOICE",
    "voice_template",
    "VoiceTemplateRequest",
    "VoiceTemplateResponse",
    "CreateTemplateMessageBody",
    {"Body": "Hi {{User.UserAttributes.FirstName}}", "LanguageCode": "de-DE", "VoiceId": "Marlene", **DEFAULTS},
    {"Body": "changed"},
)
PUSH = Of(
    "PUSH",
    "push_template",
    "PushNotificationTemplateRequest",
    "PushNotificationTemplateResponse",
    "CreateTemplateMessageBody",
    {
        "Default": {"Action": "OPEN_APP", "Body": "Hi", "Sound": "ping", "Title": "Sale", "Url": "https://a.example/"},
        "APNS": APPLE,
        "GCM": SERVICE,
        "ADM": SERVICE,
        "Baidu": SERVICE,
        **DEFAULTS,
        **RECOMMENDER,
    },
    {"Default": {"Body": "changed"}},
)
IN_APP = Of(
    "INAPP",
    "in_app_template",
    "InAppTemplateRequest",
    "InAppTemplateResponse",
    "TemplateCreateMessageBody",
    {"Content": [ITEM, ITEM], "CustomConfig": {"campaign": "sale"}, "Layout": "CAROUSEL"},
    {"Layout": "OVERLAYS"},
)
ALL = (SMS, VOICE, PUSH, IN_APP)


class Calls:
    """The operations of one kind on one template."""

    def __init__(self, server: Server, of: Of, name: str) -> None:
        self.pinpoint = server.client()
        self.of = of
        self.name = name

    def create(self, name: str = "", **content: Any) -> Any:
        call = getattr(self.pinpoint, f"create_{self.of.method}")
        return call(TemplateName=name or self.name, **{self.of.request: content})

    def get(self, **arguments: Any) -> dict[str, Any]:
        call = getattr(self.pinpoint, f"get_{self.of.method}")
        return dict(call(TemplateName=self.name, **arguments)[self.of.answer])

    def update(self, content: Any, **arguments: Any) -> Any:
        call = getattr(self.pinpoint, f"update_{self.of.method}")
        return call(TemplateName=self.name, **{self.of.request: content}, **arguments)

    def delete(self, **arguments: Any) -> Any:
        return getattr(self.pinpoint, f"delete_{self.of.method}")(TemplateName=self.name, **arguments)

    def activate(self, version: str) -> Any:
        return self.pinpoint.update_template_active_version(
            TemplateName=self.name,
            TemplateType=self.of.kind,
            TemplateActiveVersionRequest={"Version": version},
        )

    def versions(self) -> list[dict[str, Any]]:
        call = self.pinpoint.list_template_versions
        found = every_page(
            call, "TemplateVersionsResponse", token="NextToken", TemplateName=self.name, TemplateType=self.of.kind
        )
        return list(found)


@pytest.fixture(params=ALL, ids=lambda of: of.kind)
def calls(server: Server, request: pytest.FixtureRequest) -> Iterator[Calls]:
    made = Calls(server, request.param, "k-" + "".join(char for char in request.node.name if char.isalnum())[:80])
    yield made
    try:
        made.delete()
    except made.pinpoint.exceptions.NotFoundException:
        return


def test_everything_that_is_written_is_read(calls: Calls) -> None:
    full = {**calls.of.full, "TemplateDescription": "first", "tags": {"team": "crm"}}
    answer = calls.create(**full)
    arn = f"arn:aws:mobiletargeting:eu-central-1:000000000001:templates/{calls.name}/{calls.of.kind}"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    created = answer[calls.of.created]
    assert (created["Arn"], created["Message"]) == (arn, "Created")
    assert UUID.fullmatch(created["RequestID"])
    found = calls.get()
    assert DATE.fullmatch(found.pop("CreationDate"))
    assert DATE.fullmatch(found.pop("LastModifiedDate"))
    identity = {"Arn": arn, "TemplateName": calls.name, "TemplateType": calls.of.kind, "Version": "1"}
    assert found == {**full, **identity}
    assert calls.pinpoint.list_tags_for_resource(ResourceArn=arn)["TagsModel"]["tags"] == {"team": "crm"}


def test_nothing_is_required(calls: Calls) -> None:
    calls.create()
    assert calls.get()["tags"] == {}


def test_versions_of_a_kind(calls: Calls) -> None:
    calls.create(**calls.of.full)
    answer = calls.update(calls.of.changed, CreateNewVersion=True)
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["MessageBody"]["Message"]) == (202, "Accepted")
    assert [one["Version"] for one in calls.versions()] == ["2", "1"]
    assert calls.get()["Version"] == "1"
    for name, value in calls.of.changed.items():
        assert calls.get(Version="latest")[name] == value
    assert calls.activate("2")["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert calls.get()["Version"] == "2"
    bad = calls.pinpoint.exceptions.BadRequestException
    for arguments in ({"Version": "1"}, {"Version": "2", "CreateNewVersion": True}):
        with pytest.raises(bad, match="version"):
            calls.update(calls.of.full, **arguments)
    with pytest.raises(bad, match="active"):
        calls.delete(Version="2")
    calls.delete(Version="1")
    assert [one["Version"] for one in calls.versions()] == ["2"]
    assert calls.delete()["ResponseMetadata"]["HTTPStatusCode"] == 202
    for call in (calls.get, calls.versions, calls.delete):
        with pytest.raises(calls.pinpoint.exceptions.NotFoundException):
            call()
    with pytest.raises(calls.pinpoint.exceptions.NotFoundException):
        calls.update(calls.of.full)


def test_one_name_serves_every_kind(server: Server) -> None:
    name = "one-name-for-all"
    every = [Calls(server, of, name) for of in ALL]
    server.client().create_email_template(TemplateName=name, EmailTemplateRequest={"Subject": "s"})
    for calls in every:
        calls.create(**calls.of.full)
        with pytest.raises(calls.pinpoint.exceptions.BadRequestException, match="TemplateName"):
            calls.create(**calls.of.full)
    call = server.client().list_templates
    found = every_page(call, "TemplatesResponse", token="NextToken", Prefix=name)
    assert [one["TemplateType"] for one in found] == ["EMAIL", "INAPP", "PUSH", "SMS", "VOICE"]
    for kind in ("sms", "SMS"):
        [only] = call(Prefix=name, TemplateType=kind)["TemplatesResponse"]["Item"]
        assert only["TemplateType"] == "SMS"
    for calls in every:
        calls.delete()
    server.client().delete_email_template(TemplateName=name)
    assert call(Prefix=name)["TemplatesResponse"]["Item"] == []


def item(**members: Any) -> dict[str, Any]:
    """An in-app message with some members changed, or taken out by None."""
    return {name: value for name, value in {**ITEM, **members}.items() if value is not None}


BAD: list[tuple[Of, dict[str, Any], str]] = [
    (SMS, {"Body": "x" * 1601}, "^Body: must have at most 1600"),
    (SMS, {"Body": "a\n{{#if b}}"}, "^Body: line 2"),
    (SMS, {"DefaultSubstitutions": "[]"}, "^DefaultSubstitutions: "),
    (SMS, {"TemplateDescription": "x" * 501}, "^TemplateDescription: "),
    (VOICE, {"Body": "x" * 10_001}, "^Body: must have at most 10000"),
    (VOICE, {"Body": "{{nope 1}}"}, "^Body: line 1"),
    (VOICE, {"DefaultSubstitutions": "{"}, "^DefaultSubstitutions: "),
    (PUSH, {"Default": {"Body": "x" * 4001}}, "^Default: has 4001 characters, at most 4000"),
    (PUSH, {"APNS": {"Body": "x" * 3998, "Title": "xyz"}}, "^APNS: has 4001 characters"),
    (PUSH, {"GCM": {"RawContent": "x" * 4001}}, "^GCM: "),
    (PUSH, {"Baidu": {"RawContent": "x" * 4001}}, "^Baidu: "),
    (PUSH, {"ADM": {"RawContent": "x" * 6001}}, "^ADM: has 6001 characters, at most 6000"),
    (PUSH, {"Default": {"Title": "{{/if}}"}}, "^Default.Title: line 1"),
    (PUSH, {"GCM": {"RawContent": "{\n{{#each}}"}}, "^GCM.RawContent: line 2"),
    (PUSH, {"ADM": {"Action": "JUMP"}}, "Action"),
    (IN_APP, {"Content": [ITEM] * 6}, "^Content: at most 5"),
    (IN_APP, {"Content": [item(HeaderConfig=None)]}, r"^Content\[0\].HeaderConfig: is required"),
    (IN_APP, {"Content": [ITEM, item(BodyConfig=None)]}, r"^Content\[1\].BodyConfig: is required"),
    (IN_APP, {"Content": [item(BackgroundColor=None)]}, r"^Content\[0\].BackgroundColor: is required"),
    (IN_APP, {"Content": [item(BackgroundColor="#12")]}, r"^Content\[0\].BackgroundColor: must be a colour"),
    (IN_APP, {"Content": [item(BodyConfig={**ITEM["BodyConfig"], "Body": "x" * 151})]}, "BodyConfig.Body: .* 150"),
    (IN_APP, {"Content": [item(HeaderConfig={**ITEM["HeaderConfig"], "Header": "x" * 65})]}, "Header: .* 64"),
    (IN_APP, {"Content": [item(HeaderConfig={"Header": "x", "TextColor": "#000"})]}, "Alignment"),
    (IN_APP, {"Content": [item(PrimaryBtn={"DefaultConfig": {"Text": "x"}})]}, "ButtonAction"),
    (IN_APP, {"Content": [item(PrimaryBtn={"Web": {"Link": "x"}})]}, "ButtonAction"),
    (
        IN_APP,
        {"Content": [item(SecondaryBtn={"DefaultConfig": {"ButtonAction": "CLOSE", "Text": "x" * 65}})]},
        r"^Content\[0\].SecondaryBtn.DefaultConfig.Text: ",
    ),
    (IN_APP, {"CustomConfig": {"k": "x" * 200_001}}, "at most 200000"),
    (IN_APP, {"Layout": "SIDEWAYS"}, "Layout"),
]


@pytest.mark.parametrize(("of", "content", "complaint"), BAD, ids=lambda value: str(value)[:40])
def test_what_is_wrong_is_refused(server: Server, of: Of, content: dict[str, Any], complaint: str) -> None:
    calls = Calls(server, of, "never-made")
    bad = calls.pinpoint.exceptions.BadRequestException
    with pytest.raises(bad) as caught:
        calls.create(**content)
    assert_matches(complaint, caught.value)
    with pytest.raises(bad) as caught:
        calls.update(content)
    assert_matches(complaint, caught.value)
    with pytest.raises(bad, match="TemplateName"):
        calls.create("-x", **of.full)
    with pytest.raises(calls.pinpoint.exceptions.NotFoundException):
        calls.get()
