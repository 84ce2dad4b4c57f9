"""E-mail templates and their versions. Source: spec of templates, sections 1 to 4."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.project import Project, every_page
from tests.acceptance.running import Server
from tests.acceptance.test_apps import DATE, UUID

CONTENT = {"Subject": "Hi {{User.UserAttributes.FirstName}}", "HtmlPart": "<p>Größe 店</p>", "TextPart": "plain"}


class Templates:
    """The templates of one test, under names of its own."""

    def __init__(self, server: Server, prefix: str) -> None:
        self.pinpoint = server.client()
        self.server = server
        self.prefix = prefix

    def create(self, name: str = "", **content: Any) -> Any:
        answer = self.pinpoint.create_email_template(
            TemplateName=self.prefix + name, EmailTemplateRequest={**CONTENT, **content}
        )
        return answer["CreateTemplateMessageBody"]

    def get(self, name: str = "", **arguments: Any) -> dict[str, Any]:
        answer = self.pinpoint.get_email_template(TemplateName=self.prefix + name, **arguments)
        return dict(answer["EmailTemplateResponse"])

    def update(self, subject: str, **arguments: Any) -> Any:
        return self.pinpoint.update_email_template(
            TemplateName=self.prefix, EmailTemplateRequest={**CONTENT, "Subject": subject}, **arguments
        )

    def activate(self, version: str, kind: str = "EMAIL") -> Any:
        return self.pinpoint.update_template_active_version(
            TemplateName=self.prefix, TemplateType=kind, TemplateActiveVersionRequest={"Version": version}
        )

    def versions(self) -> list[tuple[str, str]]:
        found = every_page(
            self.pinpoint.list_template_versions,
            "TemplateVersionsResponse",
            token="NextToken",
            TemplateName=self.prefix,
            TemplateType="EMAIL",
        )
        return [(one["Version"], self.get(Version=one["Version"])["Subject"]) for one in found]

    def delete(self, **arguments: Any) -> Any:
        return self.pinpoint.delete_email_template(TemplateName=self.prefix, **arguments)


@pytest.fixture
def templates(server: Server, request: pytest.FixtureRequest) -> Iterator[Templates]:
    """Templates whose names begin with this test's name."""
    made = Templates(server, "t-" + "".join(char if char.isalnum() else "-" for char in request.node.name)[:90])
    yield made
    found = made.pinpoint.list_templates(Prefix=made.prefix)["TemplatesResponse"]["Item"]
    for one in found:
        made.pinpoint.delete_email_template(TemplateName=one["TemplateName"])


def test_a_template_is_created_and_read(templates: Templates) -> None:
    full = {
        **CONTENT,
        "DefaultSubstitutions": json.dumps({"User": {"UserAttributes": {"FirstName": "friend"}}}),
        "Headers": [{"Name": "List-Unsubscribe", "Value": "<https://shop.example/{{Id}}>"}],
        "TemplateDescription": "first",
        "tags": {"team": "crm"},
    }
    answer = templates.create(**full)
    arn = f"arn:aws:mobiletargeting:eu-central-1:000000000001:templates/{templates.prefix}/EMAIL"
    assert (answer["Arn"], answer["Message"]) == (arn, "Created")
    assert UUID.fullmatch(answer["RequestID"])
    found = templates.get()
    assert DATE.fullmatch(found.pop("CreationDate"))
    assert DATE.fullmatch(found.pop("LastModifiedDate"))
    identity = {"Arn": arn, "TemplateName": templates.prefix, "TemplateType": "EMAIL", "Version": "1"}
    assert found == {**full, **identity}


def test_names_are_taken_once(templates: Templates) -> None:
    templates.create()
    with pytest.raises(templates.pinpoint.exceptions.BadRequestException, match="TemplateName"):
        templates.create()


@pytest.mark.parametrize("name", ["-a", "_a", "a b", "ü", "a.b", "x" * 129, "a/b"])
def test_bad_names_are_refused(server: Server, name: str) -> None:
    pinpoint = server.client()
    with pytest.raises(pinpoint.exceptions.BadRequestException, match="TemplateName"):
        pinpoint.create_email_template(TemplateName=name, EmailTemplateRequest=CONTENT)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"Subject": "{{#if a}}x"}, r"^Subject: line 1, column \d+: "),
        ({"HtmlPart": "<p>\n  {{Name</p>"}, r"^HtmlPart: line 2, column \d+: "),
        ({"TextPart": "a\nb\n{{/if}}"}, r"^TextPart: line 3, column 1: "),
        ({"Headers": [{"Name": "X-A", "Value": "{{#each}}"}]}, r"^Headers\[0\].Value: line 1"),
        ({"Headers": [{"Name": f"X-{number}", "Value": "v"} for number in range(16)]}, r"^Headers: "),
        ({"Headers": [{"Name": "x" * 127, "Value": "v"}]}, r"^Headers\[0\].Name: "),
        ({"Headers": [{"Value": "v"}]}, r"^Headers\[0\].Name: "),
        ({"DefaultSubstitutions": "{not json"}, r"^DefaultSubstitutions: "),
        ({"DefaultSubstitutions": "[1]"}, r"^DefaultSubstitutions: "),
        ({"TemplateDescription": "x" * 501}, r"^TemplateDescription: "),
        ({"HtmlPart": "x" * 600_001}, "600000"),
        ({"Subject": 7}, r"^Subject: expected string, got number"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_bad_template_is_refused(templates: Templates, content: dict[str, Any], complaint: str) -> None:
    bad = templates.pinpoint.exceptions.BadRequestException
    with pytest.raises(bad) as caught:
        templates.create(**content)
    assert_matches(complaint, caught.value)
    templates.create("-good")
    with pytest.raises(bad) as caught:
        templates.pinpoint.update_email_template(
            TemplateName=templates.prefix + "-good", EmailTemplateRequest={**CONTENT, **content}
        )
    assert_matches(complaint, caught.value)
    assert templates.get("-good")["Subject"] == CONTENT["Subject"]


def assert_matches(pattern: str, error: Any) -> None:
    """The message of a boto3 error has `pattern` in it."""
    assert re.search(pattern, error.response["Error"]["Message"]), error.response["Error"]["Message"]


def test_versions(templates: Templates) -> None:
    templates.create(Subject="one")
    accepted = templates.update("one again")
    assert accepted["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert accepted["MessageBody"]["Message"] == "Accepted"
    assert templates.versions() == [("1", "one again")]

    templates.update("two", CreateNewVersion=True)
    assert templates.versions() == [("2", "two"), ("1", "one again")]
    assert (templates.get()["Version"], templates.get()["Subject"]) == ("1", "one again")
    assert templates.get(Version="latest")["Subject"] == "two"

    templates.update("two again", CreateNewVersion=False, Version="2")
    assert templates.versions() == [("2", "two again"), ("1", "one again")]
    bad = templates.pinpoint.exceptions.BadRequestException
    for arguments in (
        {"Version": "1"},
        {"Version": "2", "CreateNewVersion": True},
        {"Version": "x"},
        {"Version": "9" * 20},
    ):
        with pytest.raises(bad, match="version"):
            templates.update("never", **arguments)

    assert templates.activate("2")["MessageBody"]["Message"] == "Accepted"
    assert templates.get()["Subject"] == "two again"
    templates.update("three", CreateNewVersion=True)
    templates.activate("latest", kind="email")
    assert templates.get()["Version"] == "3"
    with pytest.raises(templates.pinpoint.exceptions.NotFoundException):
        templates.activate("9")
    with pytest.raises(bad):
        templates.activate("two")

    with pytest.raises(bad, match="active"):
        templates.delete(Version="3")
    templates.activate("1")
    templates.delete(Version="3")
    templates.update("four", CreateNewVersion=True)
    assert templates.versions() == [("4", "four"), ("2", "two again"), ("1", "one again")]
    with pytest.raises(templates.pinpoint.exceptions.NotFoundException):
        templates.get(Version="3")

    assert templates.delete()["ResponseMetadata"]["HTTPStatusCode"] == 202
    for call in (templates.get, templates.versions, templates.delete):
        with pytest.raises(templates.pinpoint.exceptions.NotFoundException):
            call()


def test_listing(templates: Templates) -> None:
    for name in ("-b", "-a", "-c"):
        templates.create(name, TemplateDescription="d", tags={"k": "v"})
    call = templates.pinpoint.list_templates
    found = every_page(call, "TemplatesResponse", token="NextToken", Prefix=templates.prefix)
    assert [one["TemplateName"].removeprefix(templates.prefix) for one in found] == ["-a", "-b", "-c"]
    for one in found:
        assert set(one) == {"TemplateName", "TemplateType", "CreationDate", "LastModifiedDate", "Version"}
        assert one["Version"] == "1"
    assert call(Prefix=templates.prefix, TemplateType="EMAIL")["TemplatesResponse"]["Item"] == found
    assert call(Prefix=templates.prefix, TemplateType="SMS")["TemplatesResponse"]["Item"] == []
    assert call(Prefix=templates.prefix.upper())["TemplatesResponse"]["Item"] == []
    assert call(Prefix=templates.prefix + "-%")["TemplatesResponse"]["Item"] == []
    assert call(Prefix=templates.prefix + "_")["TemplatesResponse"]["Item"] == []
    bad = templates.pinpoint.exceptions.BadRequestException
    for arguments, name in (
        ({"TemplateType": "FAX"}, "emplate"),
        ({"PageSize": "0"}, "page-size"),
        ({"NextToken": "x"}, "token"),
    ):
        with pytest.raises(bad, match=name):
            call(**arguments)


def test_a_list_of_versions_has_no_content(templates: Templates) -> None:
    templates.create(TemplateDescription="first", DefaultSubstitutions='{"a": "b"}')
    answer = templates.pinpoint.list_template_versions(TemplateName=templates.prefix, TemplateType="EMAIL")
    [one] = answer["TemplateVersionsResponse"]["Item"]
    dates = {one.pop("CreationDate"), one.pop("LastModifiedDate")}
    assert all(DATE.fullmatch(date) for date in dates)
    assert one == {
        "DefaultSubstitutions": '{"a": "b"}',
        "TemplateDescription": "first",
        "TemplateName": templates.prefix,
        "TemplateType": "EMAIL",
        "Version": "1",
    }


def test_a_template_belongs_to_account_and_region(templates: Templates) -> None:
    templates.create()
    others = templates.server.key("admin", account="000000000777")
    for client in (templates.server.client(key=others), templates.server.client(region="us-east-1")):
        with pytest.raises(client.exceptions.NotFoundException):
            client.get_email_template(TemplateName=templates.prefix)
        assert client.list_templates(Prefix=templates.prefix)["TemplatesResponse"]["Item"] == []


PERSON = {
    "Attributes": {"plan": ["gold"], "colours": ["blue", "red"]},
    "Metrics": {"points": 12},
    "Location": {"City": "Köln"},
    "User": {"UserId": "u1", "UserAttributes": {"FirstName": ["Lea"], "Last Name": ["Süß"]}},
}


def test_a_message_made_of_a_template(project: Project, templates: Templates) -> None:
    templates.create(
        Subject="{{upper User.UserAttributes.FirstName.[0]}} & co",
        HtmlPart="<p>{{User.UserAttributes.[Last Name]}} {{Location.City}} {{{Attributes.plan}}}</p>"
        "{{#each Attributes.colours}}[{{this}}]{{/each}}{{#if Metrics.points}}{{Metrics.points}}{{/if}}"
        "{{#eq User.UserId 'u1'}}yes{{else}}no{{/eq}} {{Attributes.missing}}|{{Attributes.fallback}}",
        TextPart="{{join Attributes.colours ', '}} at {{Address}} {{dateFormat '2027-01-04' outputFormat='MM/dd'}}",
        DefaultSubstitutions=json.dumps({"Attributes": {"fallback": "none", "plan": "free"}}),
        Headers=[{"Name": "X-Plan", "Value": "{{Attributes.plan}}"}],
    )
    project.person("lea", **PERSON)
    campaign = project.campaign(
        project.segment(),
        MessageConfiguration=None,
        TemplateConfiguration={"EmailTemplate": {"Name": templates.prefix}},
    )
    project.server.settle()
    [mail] = project.mail(campaign["Id"])
    assert mail["Subject"] == "LEA & co"
    assert "<p>Süß Köln gold</p>[blue][red]12" in mail["Html"]
    assert "yes |none" in mail["Html"]
    assert mail["Text"] == "blue, red at lea@example.com 01/04"
    assert mail["Headers"]["X-Plan"] == "gold"


def test_which_version_a_campaign_sends(project: Project, templates: Templates) -> None:
    templates.create(Subject="one")
    templates.update("two", CreateNewVersion=True)
    project.person("lea")
    segment = project.segment()

    def later(version: str | None) -> str:
        template = {"Name": templates.prefix, **({"Version": version} if version else {})}
        campaign = project.campaign(
            segment,
            MessageConfiguration=None,
            TemplateConfiguration={"EmailTemplate": template},
            Schedule={"StartTime": soon},
        )
        return str(campaign["Id"])

    soon = project.in_time("PT1H")
    campaigns = {version: later(version) for version in (None, "1", "2", "latest")}
    templates.activate("2")
    templates.update("three", CreateNewVersion=True)
    project.server.advance("PT2H")
    subjects = {version: [mail["Subject"] for mail in project.mail(one)] for version, one in campaigns.items()}
    assert subjects == {None: ["two"], "1": ["one"], "2": ["two"], "latest": ["three"]}


def test_a_deleted_template_still_serves_what_was_scheduled(project: Project, templates: Templates) -> None:
    templates.create(Subject="kept {{Attributes.plan}}", DefaultSubstitutions='{"Attributes": {"plan": "free"}}')
    project.person("lea")
    campaign = project.campaign(
        project.segment(),
        MessageConfiguration=None,
        TemplateConfiguration={"EmailTemplate": {"Name": templates.prefix}},
        Schedule={"StartTime": project.in_time("PT1H")},
    )
    templates.delete()
    project.server.advance("PT2H")
    assert [mail["Subject"] for mail in project.mail(campaign["Id"])] == ["kept free"]


def test_a_campaign_needs_a_template_that_is_there(project: Project, templates: Templates) -> None:
    segment = project.segment()
    for template in ({"Name": templates.prefix}, {"Name": "nope"}, {"Name": "../x"}):
        with pytest.raises((project.pinpoint.exceptions.NotFoundException, templates.pinpoint.exceptions.ClientError)):
            project.campaign(segment, MessageConfiguration=None, TemplateConfiguration={"EmailTemplate": template})
