"""SendMessages and SendUsersMessages, tracking and feedback. Sources: specs of direct messages and of e-mail."""

from __future__ import annotations

import email.message
import email.policy
import http.client
import re
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.acceptance.project import Project

SIMPLE = {
    "EmailMessage": {
        "SimpleEmail": {
            "Subject": {"Data": "Hi {{name}}", "Charset": "UTF-8"},
            "HtmlPart": {"Data": "<p>Größe {{size}}</p>"},
            "TextPart": {"Data": "size {{size}}"},
        },
        "Substitutions": {"name": ["you"], "size": ["40"]},
    }
}
EMAIL = {"ChannelType": "EMAIL"}


def send(project: Project, message: dict[str, Any] | None = None, **request: Any) -> dict[str, Any]:
    """SendMessages; answers MessageResponse."""
    answer = project.pinpoint.send_messages(
        ApplicationId=project.id, MessageRequest={"MessageConfiguration": message or SIMPLE, **request}
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    found = dict(answer["MessageResponse"])
    assert found["ApplicationId"] == project.id
    assert found["RequestId"] == answer["ResponseMetadata"]["RequestId"]
    return found


def users(project: Project, names: dict[str, Any], message: dict[str, Any] | None = None, **request: Any) -> Any:
    """SendUsersMessages; answers its Result."""
    answer = project.pinpoint.send_users_messages(
        ApplicationId=project.id,
        SendUsersMessageRequest={"Users": names, "MessageConfiguration": message or SIMPLE, **request},
    )
    return answer["SendUsersMessageResponse"]["Result"]


def mails(project: Project) -> dict[str, dict[str, Any]]:
    """What arrived, by address."""
    project.server.settle()
    found = project.mail()
    assert len({mail["Address"] for mail in found}) == len(found)
    return {mail["Address"]: mail for mail in found}


def refused(result: dict[str, Any]) -> tuple[str, int, str]:
    assert "MessageId" not in result
    return result["DeliveryStatus"], result["StatusCode"], result["StatusMessage"]


def test_to_addresses(project: Project) -> None:
    addresses = {
        "lea@example.com": {**EMAIL, "Substitutions": {"name": ["Lea"]}},
        "jon+x@example.com": EMAIL,
        "amy@example.com": {**EMAIL, "TitleOverride": "Just you, {{name}}", "BodyOverride": "Only {{size}}"},
    }
    found = send(project, Addresses=addresses)
    assert "EndpointResult" not in found
    assert set(found["Result"]) == set(addresses)
    for result in found["Result"].values():
        assert (result["DeliveryStatus"], result["StatusCode"]) == ("SUCCESSFUL", 200)
    arrived = mails(project)
    assert {mail["MessageId"] for mail in arrived.values()} == {
        result["MessageId"] for result in found["Result"].values()
    }
    subjects = {address: mail["Subject"] for address, mail in arrived.items()}
    assert subjects == {
        "lea@example.com": "Hi Lea",
        "jon+x@example.com": "Hi you",
        "amy@example.com": "Just you, you",
    }
    assert "<p>Größe 40</p>" in arrived["lea@example.com"]["Html"]
    assert arrived["lea@example.com"]["Text"] == "size 40"
    assert "Only 40" in arrived["amy@example.com"]["Html"]
    assert "EndpointId" not in arrived["lea@example.com"]


def test_to_endpoints(project: Project) -> None:
    project.person("Lea", Attributes={"size": ["39"]}, User={"UserId": "u1"})
    project.person("out", OptOut="ALL")
    project.person("gone", EndpointStatus="INACTIVE")
    project.put("sms", ChannelType="SMS", Address="+4915550001")
    project.events({"nochannel": {"Endpoint": {}, "Events": {}}})
    message = {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "s"}, "TextPart": {"Data": "{{Attributes.size}}"}}}}
    names = ("lea", "out", "gone", "sms", "nochannel", "nobody")
    found = send(project, message, Endpoints={name: {} for name in names})
    results = found["EndpointResult"]
    assert set(results) == set(names)
    sent = results["lea"]
    assert (sent["DeliveryStatus"], sent["StatusCode"], sent["Address"]) == ("SUCCESSFUL", 200, "Lea@example.com")
    assert refused(results["out"])[0] == "OPT_OUT"
    assert refused(results["gone"])[:2] == ("PERMANENT_FAILURE", 400)
    assert refused(results["sms"]) == (
        "PERMANENT_FAILURE",
        400,
        f"No channel of type SMS is enabled for the application {project.id}",
    )
    assert refused(results["nochannel"])[:2] == ("PERMANENT_FAILURE", 400)
    assert refused(results["nobody"])[:2] == ("PERMANENT_FAILURE", 400)
    [mail] = mails(project).values()
    assert (mail["EndpointId"], mail["UserId"], mail["Text"]) == ("Lea", "u1", "39")
    assert mail["MessageId"] == sent["MessageId"]


def test_to_users(project: Project) -> None:
    project.person("mail1", User={"UserId": "u1", "UserAttributes": {"Vorname": ["Lea"]}})
    project.person("mail2", User={"UserId": "u1"})
    project.put("push", ChannelType="GCM", Address="token", User={"UserId": "u1"})
    project.person("out", OptOut="ALL", User={"UserId": "u2"})
    message = {
        "EmailMessage": {
            "SimpleEmail": {"Subject": {"Data": "s"}, "TextPart": {"Data": "{{name}} {{User.UserAttributes.Vorname}}"}}
        }
    }
    result = users(project, {"u1": {"Substitutions": {"name": ["Hi"]}}, "u2": {}, "nobody": {}}, message)
    assert set(result) == {"u1", "u2", "nobody"}
    assert {name: one["DeliveryStatus"] for name, one in result["u1"].items()} == {
        "mail1": "SUCCESSFUL",
        "mail2": "SUCCESSFUL",
    }
    assert {name: one["DeliveryStatus"] for name, one in result["u2"].items()} == {"out": "OPT_OUT"}
    assert result["nobody"] == {}
    assert {address: mail["Text"] for address, mail in mails(project).items()} == {
        "mail1@example.com": "Hi Lea",
        "mail2@example.com": "Hi Lea",
    }


def test_by_template(project: Project) -> None:
    name = f"direct-{project.id}"
    project.pinpoint.create_email_template(
        TemplateName=name,
        EmailTemplateRequest={
            "Subject": "one {{name}}",
            "TextPart": "{{size}}",
            "DefaultSubstitutions": '{"name": "nobody", "size": "0"}',
        },
    )
    project.pinpoint.update_email_template(
        TemplateName=name, EmailTemplateRequest={"Subject": "two", "TextPart": "t"}, CreateNewVersion=True
    )

    def sent(address: str, **template: str) -> dict[str, Any]:
        templates = {"EmailTemplate": {"Name": name, **template}}
        target = {**EMAIL, "Substitutions": {"name": ["Lea"]}}
        send(project, {"EmailMessage": {}}, Addresses={address: target}, TemplateConfiguration=templates)
        return mails(project)[address]

    first = sent("a@example.com")
    assert (first["Subject"], first["Text"]) == ("one Lea", "0")
    assert sent("b@example.com", Version="2")["Subject"] == "two"
    assert sent("c@example.com", Version="latest")["Subject"] == "two"
    with pytest.raises(project.pinpoint.exceptions.NotFoundException):
        sent("d@example.com", Version="9")
    project.pinpoint.delete_email_template(TemplateName=name)
    with pytest.raises(project.pinpoint.exceptions.NotFoundException):
        sent("e@example.com")


def test_a_raw_email_is_sent_as_it_is(project: Project) -> None:
    raw = email.message.EmailMessage(email.policy.SMTP)
    raw["From"], raw["To"], raw["Subject"] = "Other <other@shop.example>", "lea@example.com", "Anhang für {{name}}"
    raw.set_content("see attachment {{name}}")
    raw.add_attachment(b"\x00\x01binary", maintype="application", subtype="octet-stream", filename="größe.bin")
    message = {"EmailMessage": {"RawEmail": {"Data": raw.as_bytes()}}}
    send(project, message, Addresses={"lea@example.com": EMAIL})
    mail = mails(project)["lea@example.com"]
    assert mail["Subject"] == "Anhang für {{name}}"
    assert mail["Text"].strip() == "see attachment {{name}}"


def test_sender_reply_to_and_headers(project: Project) -> None:
    message = {
        "EmailMessage": {
            "FromAddress": "Other <other@shop.example>",
            "ReplyToAddresses": ["a@shop.example", "b@shop.example"],
            "SimpleEmail": {
                "Subject": {"Data": "s"},
                "TextPart": {"Data": "t"},
                "Headers": [{"Name": "X-Id", "Value": "{{Address}}"}],
            },
        }
    }
    send(project, message, Addresses={"lea@example.com": EMAIL}, TraceId="trace-1")
    mail = mails(project)["lea@example.com"]
    assert mail["Headers"]["From"] == "Other <other@shop.example>"
    assert mail["Headers"]["Reply-To"] == "a@shop.example, b@shop.example"
    assert mail["Headers"]["X-Id"] == "lea@example.com"
    assert mail["TraceId"] == "trace-1"


def test_a_disabled_channel_still_sends_direct_messages(project: Project) -> None:
    channel = project.pinpoint.get_email_channel(ApplicationId=project.id)["EmailChannelResponse"]
    write = {name: channel[name] for name in ("FromAddress", "Identity")}
    project.pinpoint.update_email_channel(ApplicationId=project.id, EmailChannelRequest={**write, "Enabled": False})
    found = send(project, Addresses={"lea@example.com": EMAIL})
    assert found["Result"]["lea@example.com"]["DeliveryStatus"] == "SUCCESSFUL"
    assert set(mails(project)) == {"lea@example.com"}


def test_without_a_channel_every_address_fails(project: Project) -> None:
    project.pinpoint.delete_email_channel(ApplicationId=project.id)
    targets = {"lea@example.com": EMAIL, "+4915550001": {"ChannelType": "SMS"}}
    results = send(project, Addresses=targets)["Result"]
    for address, kind in (("lea@example.com", "EMAIL"), ("+4915550001", "SMS")):
        text = f"No channel of type {kind} is enabled for the application {project.id}"
        assert refused(results[address]) == ("PERMANENT_FAILURE", 400, text)
    assert mails(project) == {}


def test_a_bad_address_fails_alone(project: Project) -> None:
    targets = {"lea@example.com": EMAIL, "nonsense": EMAIL, "two@@example.com": EMAIL, "a@b\r\nBcc: x@y": EMAIL}
    results = send(project, Addresses=targets)["Result"]
    assert results.pop("lea@example.com")["DeliveryStatus"] == "SUCCESSFUL"
    for result in results.values():
        assert refused(result)[:2] == ("PERMANENT_FAILURE", 400)
    assert set(mails(project)) == {"lea@example.com"}


@pytest.mark.parametrize(
    ("request_body", "field"),
    [
        ({"MessageConfiguration": SIMPLE}, "Addresses"),
        ({"Addresses": {"lea@example.com": EMAIL}}, "MessageConfiguration"),
        ({"Addresses": {f"e{n}@example.com": EMAIL for n in range(101)}, "MessageConfiguration": SIMPLE}, "100"),
        ({"Addresses": ["lea@example.com"], "MessageConfiguration": SIMPLE}, "Addresses"),
        (
            {"Addresses": {"a@b.c": {"ChannelType": "PIGEON"}}, "MessageConfiguration": SIMPLE},
            "Addresses.a@b.c.ChannelType",
        ),
        (
            {
                "Addresses": {"a@b.c": EMAIL},
                "MessageConfiguration": {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "{{#if}}"}}}},
            },
            "SimpleEmail.Subject: line 1",
        ),
        (
            {"Addresses": {"a@b.c": EMAIL}, "MessageConfiguration": {"EmailMessage": {"RawEmail": {"Data": "&&&"}}}},
            "RawEmail.Data",
        ),
        (
            {"Addresses": {"a@b.c": EMAIL}, "MessageConfiguration": {**SIMPLE, "EmailMessage": {"FromAddress": "x"}}},
            "FromAddress",
        ),
    ],
    ids=lambda value: re.sub(r"\W+", "-", str(value))[:40],
)
def test_a_bad_request_is_refused(project: Project, request_body: dict[str, Any], field: str) -> None:
    status, answer = project.server.raw("POST", f"/v1/apps/{project.id}/messages", request_body)
    assert status == 400, answer
    assert field in answer["Message"]
    assert mails(project) == {}


def test_users_are_at_most_100(project: Project) -> None:
    for names in ({}, {f"u{number}": {} for number in range(101)}):
        with pytest.raises(project.pinpoint.exceptions.BadRequestException, match="Users"):
            users(project, names)


def kinds(project: Project, endpoint_id: str) -> list[str]:
    """The types of the events about an endpoint."""
    path = f"why?ApplicationId={project.id}&EndpointId={endpoint_id}"
    return sorted(one["EventType"] for one in project.server.control("GET", path)["Decisions"])


def fetch(url: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """As a mail program would: unsigned, without following anything."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request(method, url[url.index(parts.netloc) + len(parts.netloc) :], headers={"User-Agent": "Mail/1"})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def test_opens_and_clicks_are_tracked(project: Project) -> None:
    project.person("lea")
    html = '<body><a href="https://shop.example/sale?a=1&amp;b=2">Sale</a> <a href="mailto:x@y.z">m</a></body>'
    campaign = project.campaign(
        project.segment(), MessageConfiguration={"EmailMessage": {"Title": "t", "HtmlBody": html}}
    )
    project.server.settle()
    [mail] = project.mail(campaign["Id"])
    [click] = re.findall(r'href="(http://[^"]+/track/c/[^"]+)"', mail["Html"])
    [pixel] = re.findall(r'src="(http://[^"]+/track/o/[^"]+)"', mail["Html"])
    assert 'href="mailto:x@y.z"' in mail["Html"]
    status, headers, body = fetch(pixel)
    assert (status, headers["content-type"], body[:3]) == (200, "image/gif", b"GIF")
    status, headers, _ = fetch(click.replace("&amp;", "&"))
    assert (status, headers["location"]) == (302, "https://shop.example/sale?a=1&b=2")
    project.server.settle()
    assert {"_email.open", "_email.click"} <= set(kinds(project, "lea"))
    broken = re.sub(r"/track/c/(.)", lambda found: "/track/c/" + ("x" if found[1] != "x" else "y"), click)
    assert fetch(broken)[0] in (400, 404)


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        ("SoftBounce", "_email.softbounce"),
        ("HardBounce", "_email.hardbounce"),
        ("Complaint", "_email.complaint"),
        ("Reject", "_email.rejected"),
        ("Open", "_email.open"),
    ],
)
def test_feedback_is_played(project: Project, kind: str, event: str) -> None:
    project.person("lea")
    campaign = project.campaign(project.segment())
    project.server.settle()
    [mail] = project.mail(campaign["Id"])
    answer = project.server.control("POST", "feedback", {"MessageId": mail["MessageId"], "Type": kind})
    assert answer == {"EventType": event}
    assert event in kinds(project, "lea")
    status, answer = project.server.raw(
        "POST", "/clarion/v1/feedback", {"MessageId": mail["MessageId"], "Type": "Shrug"}
    )
    assert (status, "Type" in answer["Message"]) == (400, True)
    assert project.server.raw("POST", "/clarion/v1/feedback", {"MessageId": "nope", "Type": kind})[0] == 404


def test_the_inbox_is_listed_in_pages_and_emptied(project: Project) -> None:
    send(project, Addresses={f"e{number}@example.com": EMAIL for number in range(5)})
    project.server.settle()
    one_by_one, token = [], ""
    while True:
        page = project.server.control("GET", f"inbox?ApplicationId={project.id}&Limit=2&NextToken={token}")
        assert len(page["Messages"]) <= 2
        one_by_one += page["Messages"]
        if not (token := page.get("NextToken", "")):
            break
    assert one_by_one == project.mail()
    assert len(one_by_one) == 5
    [mail] = project.server.inbox(project.id, Address="e3@example.com")
    assert mail["Address"] == "e3@example.com"
    assert project.server.inbox(project.id, Channel="SMS") == []
    query = f"inbox?ApplicationId={project.id}"
    assert project.server.control("DELETE", f"{query}&Address=e3@example.com") == {"Deleted": 1}
    assert project.server.control("DELETE", query) == {"Deleted": 4}
    assert project.mail() == []
