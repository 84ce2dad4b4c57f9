"""Campaigns through a real SMTP relay on loopback: one that works, and ones that refuse, hang and drop for a while."""

from __future__ import annotations

import asyncio
import email
import email.policy
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.acceptance.project import SENDER, Project
from tests.acceptance.relays import Relay
from tests.acceptance.running import Server, eventually
from tests.acceptance.stacks import embedded
from tests.channels.servers import Mailbox, Received, mail_server

NAMES = sorted(f"e{number:02d}" for number in range(30))


@contextmanager
def sending_to(folder: Path, port: int) -> Iterator[Server]:
    environ = {
        "CLARION_EMAIL_TRANSPORT": "smtp",
        "CLARION_SMTP_HOST": "127.0.0.1",
        "CLARION_SMTP_PORT": str(port),
        "CLARION_SMTP_TIMEOUT_SECONDS": "1",
        "CLARION_DELIVERY_ATTEMPTS": "12",
    }
    with embedded(folder, environ=environ) as server:
        yield server


@pytest.fixture(scope="module")
def relay() -> Iterator[Relay]:
    made = Relay()
    yield made
    made.end()


@pytest.fixture(scope="module")
def sender(relay: Relay, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on the real clock that hands its mail to the relay."""
    with sending_to(tmp_path_factory.mktemp("smtp"), relay.port) as server:
        yield server


@pytest.fixture
def project(sender: Server, relay: Relay) -> Iterator[Project]:
    """Thirty people, and a relay that has received nothing yet."""
    relay.manners = "good"
    relay.received.clear()
    # Connections that the server kept from the test before would not meet the next manners.
    relay.close()
    relay.open()
    made = Project(sender)
    made.people(NAMES)
    yield made
    made.leave()


def parsed(received: Received) -> email.message.EmailMessage:
    message = email.message_from_bytes(received.content, policy=email.policy.default)
    assert isinstance(message, email.message.EmailMessage)
    return message


def completed(project: Project, campaign: str) -> dict[str, object]:
    """The campaign's run when it is over."""
    eventually(lambda: project.status(campaign) == "COMPLETED", 60)
    [activity] = project.activities(campaign)
    return activity


def everybody_once(relay: Relay) -> None:
    counts = Counter(str(parsed(one)["To"]) for one in relay.received)
    assert counts == Counter(f"{name}@example.com" for name in NAMES)
    assert len({parsed(one)["Message-ID"] for one in relay.received}) == len(NAMES)


def test_a_campaign_through_aiosmtpd(tmp_path: Path) -> None:
    """The well-behaved server, and what its mail looks like."""
    mailbox, loop = Mailbox(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serving = mail_server(mailbox)
    port = asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result(10)
    with sending_to(tmp_path, port) as server:
        project = Project(server)
        project.person("lea", User={"UserId": "u1", "UserAttributes": {"Vorname": ["Lea"]}})
        message = {
            "Title": "Grüße, {{User.UserAttributes.Vorname}}",
            "HtmlBody": "<p>Größe</p>",
            "Body": "Größe",
            "Headers": [{"Name": "X-Who", "Value": "{{Id}}"}],
        }
        campaign = project.campaign(project.segment(), MessageConfiguration={"EmailMessage": message})["Id"]
        activity = completed(project, campaign)
        assert activity["SuccessfulEndpointCount"] == 1
        [received] = mailbox.received
        mail = parsed(received)
        assert (received.recipient, mail["To"], mail["From"]) == ("lea@example.com", "lea@example.com", SENDER)
        assert (mail["Subject"], mail["X-Who"]) == ("Grüße, Lea", "lea")
        text, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert text is not None
        assert html is not None
        assert text.get_content().strip() == "Größe"
        assert "<p>Größe</p>" in html.get_content()
        path = f"why?ApplicationId={project.id}&EndpointId=lea"
        kinds = sorted(one["EventType"] for one in server.control("GET", path)["Decisions"])
        assert kinds == ["_campaign.send", "_email.send"]
        # No tracking without a public URL: recipients could not reach this server.
        assert "track" not in html.get_content()
    asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.mark.parametrize(
    "manners", ["hangs at once", "hangs in the middle", "drops at once", "drops content", "busy", "greylists"]
)
def test_a_relay_that_is_ill_for_a_while(project: Project, relay: Relay, manners: str) -> None:
    relay.manners = manners
    before = relay.asked
    campaign = project.campaign(project.segment())["Id"]
    eventually(lambda: relay.asked > before + 5)
    assert project.status(campaign) == "EXECUTING"
    relay.manners = "good"
    activity = completed(project, campaign)
    everybody_once(relay)
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (30, 30)


def test_a_relay_that_drops_connections_in_the_middle(project: Project, relay: Relay) -> None:
    relay.manners = "drops in the middle"
    campaign = project.campaign(project.segment())["Id"]
    eventually(lambda: len(relay.received) > 4)
    relay.manners = "good"
    completed(project, campaign)
    everybody_once(relay)


def test_a_relay_that_is_away_for_a_while(project: Project, relay: Relay) -> None:
    relay.close()
    campaign = project.campaign(project.segment())["Id"]
    eventually(lambda: project.status(campaign) == "EXECUTING")
    relay.open()
    completed(project, campaign)
    everybody_once(relay)


def test_recipients_that_the_relay_does_not_know(project: Project, relay: Relay) -> None:
    relay.manners = "unknown users"
    campaign = project.campaign(project.segment())["Id"]
    activity = completed(project, campaign)
    assert len(relay.received) == 20
    path = f"why?ApplicationId={project.id}&EndpointId=e07"
    decisions = {one["EventType"]: one for one in project.server.control("GET", path)["Decisions"]}
    assert {"_campaign.send", "_email.send", "_email.hardbounce"} == set(decisions)
    assert activity["TotalEndpointCount"] == 30


def test_mail_that_the_relay_refuses_for_good(project: Project, relay: Relay) -> None:
    relay.manners = "policy"
    campaign = project.campaign(project.segment())["Id"]
    activity = completed(project, campaign)
    assert relay.received == []
    assert activity["TotalEndpointCount"] == 30


def test_killed_while_the_relay_hangs(tmp_path: Path) -> None:
    """The messages wait in the database, and are sent after the restart."""
    relay = Relay()
    relay.manners = "hangs in the middle"
    with sending_to(tmp_path, relay.port) as server:
        project = Project(server)
        project.people(NAMES)
        campaign = project.campaign(project.segment())["Id"]
        eventually(lambda: relay.asked > 10)
        server.kill()
        relay.manners = "good"
        server.restart()
        project.reconnect()
        completed(project, campaign)
        everybody_once(relay)
    relay.end()
