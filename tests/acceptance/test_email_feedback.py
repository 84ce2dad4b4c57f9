"""Mail goes out to a relay, and what becomes of it comes back: by SMTP, and by a page for recipients."""

from __future__ import annotations

import base64
import dataclasses
import email
import email.policy
import http.client
import json
import re
import smtplib
import socket
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner

from clarion.cli.main import app as commands
from tests.acceptance.project import Project
from tests.acceptance.relays import Relay
from tests.acceptance.running import REGION, Server, eventually
from tests.acceptance.stacks import embedded
from tests.channels.email.inbound.samples import MESSAGE, VACATION, arf, dsn
from tests.channels.servers import Received

PUBLIC = "https://mail.shop.example"


class World:
    """A server, the relay that it hands its mail to, and the way back."""

    def __init__(self, server: Server, relay: Relay, port: int) -> None:
        self.server = server
        self.relay = relay
        self._port = port

    def deliver(self, recipient: str, mail: bytes) -> None:
        """Hand in a mail at the server for what comes back."""
        with smtplib.SMTP("127.0.0.1", self._port, local_hostname="mx.example.test", timeout=20) as smtp:
            assert smtp.sendmail("", [recipient], mail.replace(b"\n", b"\r\n")) == {}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    relay, port = Relay(), free_port()
    environ = {
        "CLARION_EMAIL_TRANSPORT": "smtp",
        "CLARION_SMTP_HOST": "127.0.0.1",
        "CLARION_SMTP_PORT": str(relay.port),
        "CLARION_PUBLIC_URL": PUBLIC,
        "CLARION_BOUNCE_DOMAIN": "bounces.shop.example",
        "CLARION_FEEDBACK_ADDRESS": "fbl@shop.example",
        "CLARION_INBOUND_SMTP_PORT": str(port),
    }
    with embedded(tmp_path_factory.mktemp("feedback"), environ=environ) as server:
        yield World(server, relay, port)
    relay.end()


@pytest.fixture
def project(world: World) -> Iterator[Project]:
    world.relay.received.clear()
    made = Project(world.server)
    yield made
    made.leave()


def send(project: Project, address: str, *headers: dict[str, str]) -> dict[str, Any]:
    """SendMessages with boto3; answers the result of the address."""
    simple: dict[str, Any] = {
        "Subject": {"Data": "Hello"},
        "HtmlPart": {"Data": '<a href="{{PreferencesUrl}}">Preferences</a>'},
        "Headers": list(headers),
    }
    answer = project.pinpoint.send_messages(
        ApplicationId=project.id,
        MessageRequest={
            "Addresses": {address: {"ChannelType": "EMAIL"}},
            "MessageConfiguration": {"EmailMessage": {"SimpleEmail": simple}},
        },
    )
    result: dict[str, Any] = answer["MessageResponse"]["Result"][address]
    assert (result["DeliveryStatus"], result["StatusCode"]) == ("SUCCESSFUL", 200)
    return result


def arrived(world: World, count: int) -> list[Received]:
    """What the relay got, once it is so many, with bare addresses."""
    eventually(lambda: len(world.relay.received) >= count)
    return [
        dataclasses.replace(one, sender=bare(one.sender), recipient=bare(one.recipient)) for one in world.relay.received
    ]


def bare(argument: str) -> str:
    """The address in "FROM:<…>"."""
    return argument.partition("<")[2].partition(">")[0]


def told(project: Project, message_id: str, event_type: str) -> dict[str, Any]:
    """The record of an event about a message, once there is one."""
    sql = f"SELECT record FROM events WHERE message_id = '{message_id}' AND event_type = '{event_type}'"

    def look() -> Any:
        answer = project.server.control("POST", "sql", {"ApplicationId": project.id, "Query": sql})
        return answer["Rows"]

    rows = eventually(look)
    assert len(rows) == 1
    record: dict[str, Any] = json.loads(rows[0][0])["facets"]["email_channel"]["mail_event"]
    return record


def command(project: Project, *arguments: str) -> str:
    """What a `clarion email` command says."""
    where = ["--app", project.id, "--url", project.server.url, "--region", REGION, "--data", str(project.server.data)]
    environ = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret", "COLUMNS": "200"}
    done = CliRunner().invoke(commands, ["email", *arguments, *where], env=environ)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_notification_becomes_an_event_and_nothing_more_is_sent_there(world: World, project: Project) -> None:
    first = send(project, "gone@example.com")
    (mail,) = arrived(world, 1)
    assert re.fullmatch(r"b\+[a-z2-7]{48}@bounces\.shop\.example", mail.sender)
    world.deliver(mail.sender, VACATION)
    world.deliver(mail.sender, dsn(recipient="victim@example.com"))
    world.deliver(mail.sender, dsn())
    bounce = told(project, first["MessageId"], "_email.hardbounce")["bounce"]
    assert bounce["bounced_recipients"][0]["email_address"] == "gone@example.com"
    assert (bounce["bounce_type"], bounce["bounce_sub_type"]) == ("Permanent", "NoEmail")
    listed = json.loads(command(project, "suppressions", "--json"))["Suppressions"]
    assert [(one["Address"], one["Reason"], one["MessageId"]) for one in listed] == [
        ("gone@example.com", "BOUNCE", first["MessageId"])
    ]
    second = send(project, "Gone@example.com")
    held = told(project, second["MessageId"], "_email.hardbounce")["bounce"]
    assert held["bounce_sub_type"] == "OnAccountSuppressionList"
    assert len(world.relay.received) == 1
    assert "no longer on the list" in command(project, "unsuppress", "gone@example.com")
    send(project, "gone@example.com")
    arrived(world, 2)


def test_a_campaign_s_bounces_are_in_its_figures(world: World, project: Project) -> None:
    project.people(["lea", "jon"])
    segment = project.segment()
    campaign = project.campaign(segment)["Id"]
    mails = arrived(world, 2)
    lost = next(mail for mail in mails if mail.recipient == "jon@example.com")
    world.deliver(lost.sender, dsn())

    def rate(name: str) -> float | None:
        answer = project.pinpoint.get_campaign_date_range_kpi(
            ApplicationId=project.id, CampaignId=name, KpiName="hard-bounce-rate"
        )
        rows = answer["CampaignDateRangeKpiResponse"]["KpiResult"]["Rows"]
        return float(rows[0]["Values"][0]["Value"]) if rows else None

    eventually(lambda: rate(campaign) == 0.5)
    again = project.campaign(segment)["Id"]
    arrived(world, 3)
    eventually(lambda: project.status(again) == "COMPLETED")
    assert [mail.recipient for mail in arrived(world, 3)[2:]] == ["lea@example.com"]
    assert rate(again) == 0.0
    # As at AWS, the service took both.
    eventually(lambda: [one["SuccessfulEndpointCount"] for one in project.activities(again)] == [2])


def test_a_complaint_is_kept_with_its_headers(world: World, project: Project) -> None:
    message = send(project, "lea@example.com")["MessageId"]
    (mail,) = arrived(world, 1)
    original = mail.content.partition(b"\r\n\r\n")[0].decode().replace("\r\n", "\n") + "\n"
    # Nothing but the mail's own Message-ID says which it is.
    world.deliver("fbl@shop.example", arf(mail_from="hidden@example.test", original=original))
    told(project, message, "_email.complaint")
    shown = command(project, "complaints", "--headers")
    assert f"Message-ID: <{message}@" in shown
    assert "192.0.2.1" in shown
    assert "COMPLAINT" in command(project, "suppressions", "--address", "lea@example.com")


def test_forged_and_foreign_mail_is_refused_and_leaves_nothing(world: World, project: Project) -> None:
    send(project, "lea@example.com")
    (mail,) = arrived(world, 1)
    token = mail.sender.partition("@")[0]
    forged = token[:-1] + ("a" if token[-1] != "a" else "b") + "@bounces.shop.example"
    for recipient in (forged, "lea@example.com", "postmaster@shop.example"):
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            world.deliver(recipient, dsn())
    world.deliver("fbl@shop.example", arf(mail_from="x@example.test"))
    metrics = urllib.request.urlopen(f"{world.server.url}/metrics", timeout=20).read().decode()
    assert 'clarion_inbound_mails_total{kind="complaint"}' in metrics
    eventually(
        lambda: (
            'clarion_email_feedback_total{result="unknown"}'
            in urllib.request.urlopen(f"{world.server.url}/metrics", timeout=20).read().decode()
        )
    )
    assert json.loads(command(project, "suppressions", "--json")) == {"Suppressions": []}
    assert MESSAGE not in command(project, "complaints")


def mailed(world: World, project: Project, message: dict[str, Any]) -> Received:
    """What the relay gets of a message."""
    addresses = {"lea@example.com": {"ChannelType": "EMAIL"}}
    request = {"Addresses": addresses, "MessageConfiguration": {"EmailMessage": message}}
    project.pinpoint.send_messages(ApplicationId=project.id, MessageRequest=request)
    (mail,) = arrived(world, 1)
    return mail


def answer(world: World, path: str) -> tuple[int, str | None]:
    """Status and target of a link of ours, which is not followed."""
    connection = http.client.HTTPConnection(urlsplit(world.server.url).netloc, timeout=20)
    with closing(connection):
        connection.request("GET", path)
        found = connection.getresponse()
        found.read()
        return found.status, found.getheader("Location")


def test_links_that_were_not_signed_here_lead_nowhere(world: World, project: Project) -> None:
    body = '<a href="https://acme.test/shop">Shop</a>'
    message = {"SimpleEmail": {"Subject": {"Data": "Hello"}, "HtmlPart": {"Data": body}}}
    mail = mailed(world, project, message)
    html = email.message_from_bytes(mail.content, policy=email.policy.default).get_content()
    path = urlsplit(re.findall(rf'href="({PUBLIC}/track/c/[^"]+)"', html)[0]).path
    pixel = urlsplit(re.findall(rf'src="({PUBLIC}/track/o/[^"]+)"', html)[0]).path
    token = path.removeprefix("/track/c/")
    evil = base64.urlsafe_b64encode(b"https://evil.test/").decode().rstrip("=")
    middle = len(token) // 2
    changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    for forged in (changed, token[:-1], token + evil, evil, evil + token, f"{token}/{evil}", pixel.rpartition("/")[2]):
        assert answer(world, f"/track/c/{forged}") == (404, None)
    assert answer(world, f"/track/o/{token}")[0] == 404
    assert answer(world, f"{path}?url=https://evil.test/") == (302, "https://acme.test/shop")


def test_line_breaks_in_values_make_no_header_and_no_recipient(world: World, project: Project) -> None:
    evil = "Hi\r\nBcc: eve@example.com\r\n\r\nBody"
    message = {
        "SimpleEmail": {
            "Subject": {"Data": "{{name}}"},
            "TextPart": {"Data": "Hello"},
            "Headers": [{"Name": "X-Note", "Value": "{{name}}"}],
        },
        "Substitutions": {"name": [evil]},
    }
    mail = mailed(world, project, message)
    parsed = email.message_from_bytes(mail.content, policy=email.policy.default)
    assert (parsed["Bcc"], parsed["To"], mail.recipient) == (None, "lea@example.com", "lea@example.com")
    assert parsed["Subject"] == "Hi Bcc: eve@example.com Body"
    assert parsed.get_content().strip() == "Hello"


def test_recipients_choose_topics_on_a_page_and_leave_them_by_one_click(world: World, project: Project) -> None:
    command(project, "topic", "news", "--title", "News of the shop")
    command(project, "topic", "offers", "--title", "Offers")
    topic = {"Name": "X-Clarion-Topic", "Value": "news"}
    send(project, "lea@example.com", topic)
    (mail,) = arrived(world, 1)
    parsed = email.message_from_bytes(mail.content, policy=email.policy.default)
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    one_click, by_mail = re.findall(r"<([^>]+)>", parsed["List-Unsubscribe"].replace("\n", "").replace(" ", ""))
    assert by_mail == f"mailto:u{mail.sender[1:]}"
    page = urlsplit(re.findall(rf'href="({PUBLIC}/preferences/[^"]+)"', parsed.get_content())[0]).path
    html = urllib.request.urlopen(world.server.url + page, timeout=20).read().decode()
    assert "News of the shop" in html
    assert "lea@example.com" in html
    post = urllib.request.Request(world.server.url + page, b"topic=news", method="POST")
    urllib.request.urlopen(post, timeout=20).close()
    assert wanted(project) == {"news": True, "offers": False}
    post = urllib.request.Request(
        world.server.url + urlsplit(one_click).path, b"List-Unsubscribe=One-Click", method="POST"
    )
    urllib.request.urlopen(post, timeout=20).close()
    assert wanted(project) == {"news": False, "offers": False}
    send(project, "lea@example.com", topic)
    send(project, "lea@example.com")
    arrived(world, 2)
    assert len(world.relay.received) == 2
    world.deliver(by_mail.removeprefix("mailto:"), b"Subject: unsubscribe\n\n")


def wanted(project: Project) -> dict[str, bool]:
    topics: dict[str, bool] = json.loads(command(project, "preferences", "lea@example.com", "--json"))["Topics"]
    return topics
