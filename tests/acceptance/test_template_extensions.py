"""What templates have beyond Pinpoint: MJML, languages, made texts, shared partials, previews."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.running import Server

MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>Hi {{User.UserId}}{{> sign}}</mj-text>"
    "</mj-column></mj-section></mj-body></mjml>"
)
PATH = "/clarion/v1/templates"


class Names:
    """Templates and partials of one test, by raw calls: boto3 sends no member that AWS does not know."""

    def __init__(self, server: Server, prefix: str) -> None:
        self.server = server
        self.prefix = prefix
        self._made: list[str] = []

    def create(self, kind: str, body: Any, name: str = "") -> tuple[int, Any]:
        path = f"/v1/templates/{self.prefix}{name}/{kind}"
        status, answer = self.server.raw("POST", path, body)
        if status == 201:
            self._made.append(path)
        return status, answer

    def made(self, kind: str, body: Any, name: str = "") -> str:
        status, answer = self.create(kind, body, name)
        assert status == 201, answer
        return self.prefix + name

    def partial(self, name: str, source: str) -> str:
        path = f"{PATH}/partials/{self.prefix}{name}"
        status, answer = self.server.raw("PUT", path, {"Source": source})
        assert status == 200, answer
        if path not in self._made:
            self._made.insert(0, path)
        return self.prefix + name

    def preview(self, **body: Any) -> Any:
        status, answer = self.server.raw("POST", f"{PATH}/preview", body)
        assert status == 200, answer
        answer["Parts"] = {part["Name"]: part.get("Problem", part.get("Text")) for part in answer["Parts"]}
        return answer

    def leave(self) -> None:
        for path in reversed(self._made):
            self.server.raw("DELETE", path)


@pytest.fixture
def names(server: Server, request: pytest.FixtureRequest) -> Iterator[Names]:
    found = Names(server, "x-" + "".join(char for char in request.node.name if char.isalnum())[:60] + "-")
    yield found
    found.leave()


def send(project: Project, segment: str, name: str, member: str = "EmailTemplate") -> list[dict[str, Any]]:
    campaign = project.campaign(segment, MessageConfiguration=None, TemplateConfiguration={member: {"Name": name}})
    project.server.settle()
    assert project.status(campaign["Id"]) == "COMPLETED"
    return project.mail(campaign["Id"])


def test_mjml_partials_and_made_texts(project: Project, names: Names) -> None:
    sign = names.partial("sign", "<p>Your {{> " + names.prefix + "shop}}</p>") if names.partial("shop", "shop") else ""
    mjml = MJML.replace("sign", sign)
    name = names.made("email", {"Subject": "s", "Mjml": mjml})
    status, found = names.server.raw("GET", f"/v1/templates/{name}/email")
    assert (status, found["Mjml"]) == (200, mjml)
    assert "Hi {{User.UserId}}{{> " + sign + "}}</div>" in found["HtmlPart"]
    assert "TextPart" not in found
    seen = project.pinpoint.get_email_template(TemplateName=name)["EmailTemplateResponse"]
    assert {"Mjml", "TextPart", "Variants"}.isdisjoint(seen)
    project.person("lea", User={"UserId": "u1"})
    segment = project.segment()
    [mail] = send(project, segment, name)
    assert "Hi u1<p>Your shop</p></div>" in mail["Html"]
    assert mail["Text"] == "Hi u1\nYour shop\n"
    names.partial("shop", "store")
    [mail] = send(project, segment, name)
    assert "Your store" in mail["Html"]
    assert names.server.raw("DELETE", f"{PATH}/partials/{sign}")[0] == 409


def test_what_is_wrong_with_mjml_is_told(names: Names) -> None:
    status, answer = names.create("email", {"Mjml": "<mjml>\n<mj-body>\n<mj-nope/></mj-body></mjml>"})
    assert (status, answer["Message"]) == (400, "Mjml: line 3: <mj-nope> is no element of MJML")
    status, answer = names.create("email", {"Mjml": MJML.replace("{{> sign}}", ""), "HtmlPart": "<p>"})
    assert (status, answer["Message"][:9]) == (400, "HtmlPart:")


def test_everybody_is_written_to_in_their_language(project: Project, names: Names) -> None:
    variants = {"de": {"Subject": "Hallo", "HtmlPart": "<p>Hallo {{Id}}</p>"}, "de_AT": {"Subject": "Servus"}}
    body = {"Subject": "Hello", "HtmlPart": "<p>Hello</p>", "TextPart": "Hello", "Variants": variants}
    name = names.made("email", body)
    assert names.server.raw("GET", f"/v1/templates/{name}/email")[1]["Variants"] == variants
    for who, locale in (("a", "de_CH"), ("b", "de-AT"), ("c", "fr_FR"), ("d", None)):
        project.person(who, **({"Demographic": {"Locale": locale}} if locale else {}))
    mails = {mail["EndpointId"]: (mail["Subject"], mail["Text"]) for mail in send(project, project.segment(), name)}
    assert mails == {
        "a": ("Hallo", "Hallo a"),
        "b": ("Servus", "Hello"),
        "c": ("Hello", "Hello"),
        "d": ("Hello", "Hello"),
    }
    answer = project.pinpoint.send_messages(
        ApplicationId=project.id,
        MessageRequest={
            "Endpoints": {"a": {}, "d": {}},
            "MessageConfiguration": {},
            "TemplateConfiguration": {"EmailTemplate": {"Name": name}},
        },
    )
    assert {one["DeliveryStatus"] for one in answer["MessageResponse"]["EndpointResult"].values()} == {"SUCCESSFUL"}
    project.server.settle()
    direct = {mail["EndpointId"]: mail["Subject"] for mail in project.mail()[:2]}
    assert direct == {"a": "Hallo", "d": "Hello"}


@pytest.mark.parametrize(
    ("kind", "body", "complaint"),
    [
        ("email", {"Variants": {"de!": {}}}, "Variants: de! is no locale"),
        ("sms", {"Variants": {"de": {"Body": "{{#if}}"}}}, "Variants.de.Body: line 1"),
        ("push", {"Variants": {"de": {"Default": {"Body": "x" * 4001}}}}, "Variants.de.Default: has 4001"),
        ("voice", {"Variants": {"de": {"Body": "x" * 10_001}}}, "Variants.de.Body: "),
        ("inapp", {"Variants": {"de": {"Content": [{}]}}}, "Variants.de.Content[0].HeaderConfig: is required"),
    ],
)
def test_bad_variants_are_refused(names: Names, kind: str, body: Any, complaint: str) -> None:
    status, answer = names.create(kind, body)
    assert (status, answer["Message"][: len(complaint)]) == (400, complaint)


def test_previews(project: Project, names: Names) -> None:
    project.person("lea", User={"UserId": "u1"}, Demographic={"Locale": "de_DE"})
    body = {
        "Subject": "{{User.UserId}} {{Attributes.x}} {{Attributes.y}}{{#if Attributes.z}}z{{/if}}",
        "HtmlPart": "<p>Hi {{Metrics.m}}</p>",
        "Headers": [{"Name": "X-A", "Value": "{{Id}}"}],
        "DefaultSubstitutions": json.dumps({"Attributes": {"y": "why"}}),
        "Variants": {"de": {"Subject": "Hallo {{User.UserId}}"}},
    }
    name = names.made("email", body)
    found = names.preview(TemplateName=name, TemplateType="email", Data={"User": {"UserId": "u2"}})
    assert found["Parts"] == {
        "Subject": "u2  why",
        "HtmlPart": "<p>Hi </p>",
        "TextPart": "Hi ",
        "Headers[0].Name": "X-A",
        "Headers[0].Value": "",
    }
    assert (found["Missing"], found["Version"]) == (["Attributes.x", "Metrics.m", "Id"], "1")
    someone = {"ApplicationId": project.id, "EndpointId": "lea"}
    found = names.preview(TemplateName=name, TemplateType="EMAIL", **someone)
    assert (found["Parts"]["Subject"], found["Missing"]) == ("Hallo u1", ["Metrics.m"])
    found = names.preview(TemplateName=name, TemplateType="EMAIL", Locale="en", **someone)
    assert found["Parts"]["Subject"] == "u1  why"
    unsaved = names.preview(TemplateType="SMS", Template={"Body": "Hi {{Id}} {{add Attributes.x 1}}"}, **someone)
    assert (unsaved["Parts"], unsaved["Missing"]) == ({"Body": "Hi lea "}, ["Attributes.x"])
    failing = names.preview(TemplateType="SMS", Template={"Body": "{{add Id 1}}"}, **someone)
    assert failing["Parts"]["Body"].endswith("add: the first argument is not a number")
    push = names.preview(
        TemplateType="PUSH", Template={"Default": {"Body": "{{Id}}"}, "GCM": {"Title": "t"}}, **someone
    )
    assert push["Parts"] == {"Default.Body": "lea", "GCM.Title": "t"}
    shown = names.preview(TemplateType="INAPP", Template={"Layout": "OVERLAYS", "CustomConfig": {"k": "{{Id}}"}})
    assert shown["Parts"] == {"Layout": "OVERLAYS", "CustomConfig.k": "{{Id}}"}
    for wrong, status in (
        ({"TemplateName": "nope-" + name, "TemplateType": "EMAIL"}, 404),
        ({"TemplateName": name, "TemplateType": "FAX"}, 400),
        ({"TemplateName": name, "TemplateType": "EMAIL", "ApplicationId": project.id, "EndpointId": "nobody"}, 404),
        ({"TemplateType": "SMS", "Template": {"Body": "{{#if}}"}}, 400),
        ({"TemplateType": "SMS", "Template": {"Body": 7}}, 400),
    ):
        assert names.server.raw("POST", f"{PATH}/preview", wrong)[0] == status


def test_partials_by_the_control_api(names: Names) -> None:
    server = names.server
    name = names.partial("footer", "one")
    assert server.raw("PUT", f"{PATH}/partials/{name}", {"Source": "two", "Description": "d"})[1]["Version"] == 2
    found = server.control("GET", f"templates/partials/{name}")
    assert (found["Source"], found["Version"], found["Description"], found["UsedBy"]) == ("two", 2, "d", [])
    assert server.control("GET", f"templates/partials/{name}?Version=1")["Source"] == "one"
    listed = server.control("GET", f"templates/partials?Prefix={name}")["Partials"]
    assert [(one["Name"], one["Version"]) for one in listed] == [(name, 2)]
    used = names.made("sms", {"Body": "{{> " + name + "}}"})
    assert server.control("GET", f"templates/partials/{name}")["UsedBy"] == [
        {"TemplateType": "SMS", "Name": used, "Version": 1}
    ]
    for method, path, body, status in (
        ("PUT", "-x", {"Source": "x"}, 400),
        ("PUT", name, {"Source": "{{#if}}"}, 400),
        ("PUT", name, {"Source": "{{> " + name + "}}"}, 400),
        ("PUT", name, {}, 400),
        ("GET", name + "?Version=9", None, 404),
        ("GET", "none", None, 404),
        ("DELETE", "none", None, 404),
        ("DELETE", name, None, 409),
    ):
        assert server.raw(method, f"{PATH}/partials/{path}", body)[0] == status
    reader = server.key("reader")
    assert server.raw("GET", f"{PATH}/partials/{name}", key=reader)[0] == 200
    assert server.raw("PUT", f"{PATH}/partials/{name}", {"Source": "x"}, key=reader)[0] == 403


def test_the_commands(project: Project, names: Names, tmp_path: Path) -> None:
    server = names.server
    project.person("lea", User={"UserId": "u1"})
    where = ("--url", server.url, "--region", "eu-central-1", "--data", str(server.data))
    name = names.prefix + "footer"
    (tmp_path / "footer.html").write_text("<p>Bye {{User.UserId}}</p>")
    made = server.clarion("template", "partial", "put", name, str(tmp_path / "footer.html"), *where)
    assert made.stdout == f"{name} is at version 1\n"
    mail = tmp_path / "mail.html"
    mail.write_text("<p>Hi {{Attributes.x}}</p>{{> " + name + "}}")
    out = tmp_path / "out.html"
    someone = ("--app", project.id, "--endpoint", "lea", "--output", str(out))
    found = server.clarion("template", "preview", "--file", str(mail), *someone, *where)
    lines = [line.strip() for line in found.stdout.splitlines() if line.strip()]
    made_text = ["TextPart (made of HtmlPart):", "Hi", "Bye u1", "without value: Attributes.x"]
    assert lines == [f"HtmlPart: {out}", *made_text]
    assert out.read_text() == "<p>Hi </p><p>Bye u1</p>"
    sms = names.made("sms", {"Body": "Hi {{Id}}"}, "sms")
    (tmp_path / "values.json").write_text('{"Id": "me"}')
    values = ("--values", str(tmp_path / "values.json"))
    assert server.clarion("template", "preview", sms, "--type", "SMS", *values, *where).stdout == "Body: Hi me\n"
    shown = server.clarion("template", "partial", "show", name, *where).stdout
    assert shown == "<p>Bye {{User.UserId}}</p>"
    listed = server.clarion("template", "partial", "list", "--prefix", name, "--json", *where)
    assert [one["Version"] for one in json.loads(listed.stdout)] == [1]
    assert server.clarion("template", "partial", "delete", name, *where).stdout == f"deleted {name}\n"
