"""Text messages by boto3 through an SMSC, and what it says of them: receipts become events, across a kill -9 too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from clarion.cli.main import app
from tests.acceptance.carriers import Carrier
from tests.acceptance.project import Project
from tests.acceptance.running import Server, eventually
from tests.acceptance.stacks import embedded
from tests.channels.sms.smsc import Hang, address, receipt

ENVIRON = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret"}
OURS = "+4915155555555"


def clarion(server: Server, *arguments: str, text: str = "") -> str:
    done = CliRunner().invoke(app, [*arguments, "--url", server.url], env=ENVIRON, input=text)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def carrier() -> Iterator[Carrier]:
    made = Carrier()
    yield made
    made.end()


@pytest.fixture(scope="module")
def server(carrier: Carrier, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """On the real clock, with the carrier as its provider of text messages."""
    with embedded(tmp_path_factory.mktemp("smpp")) as made:
        settings = ("host=127.0.0.1", f"port={carrier.port}", "system_id=clarion", "reconnect_seconds=1")
        options = [f"--set={one}" for one in (*settings, "password=-")]
        added = clarion(
            made, "provider", "add", "carrier", "--channel", "sms", "--kind", "smpp", *options, text="s3cret\n"
        )
        assert "s3cret" not in added
        # It listens: nothing has been sent yet.
        eventually(lambda: carrier.bound)
        yield made


@pytest.fixture
def project(server: Server) -> Iterator[Project]:
    made = Project(server)
    made.pinpoint.update_sms_channel(ApplicationId=made.id, SMSChannelRequest={"Enabled": True})
    made.put("phone", ChannelType="SMS", Address="+49301234567")
    yield made
    made.leave()


def send(project: Project, body: str) -> str:
    """Send to the phone; answers the message's id."""
    message = {"SMSMessage": {"Body": body, "MessageType": "TRANSACTIONAL", "OriginationNumber": OURS}}
    request = {"Endpoints": {"phone": {}}, "MessageConfiguration": message}
    answer = project.pinpoint.send_messages(ApplicationId=project.id, MessageRequest=request)["MessageResponse"]
    found: dict[str, Any] = answer["EndpointResult"]["phone"]
    assert found["DeliveryStatus"] == "SUCCESSFUL", found
    return str(found["MessageId"])


def told(project: Project) -> list[str]:
    """The kinds of events about the phone, oldest first."""
    path = f"why?ApplicationId={project.id}&EndpointId=phone"
    found = project.server.control("GET", path)["Decisions"]
    return sorted(one["EventType"] for one in found)


def ids(carrier: Carrier, before: int, count: int) -> list[str]:
    """The SMSC's ids of the next submissions: it counts them."""
    eventually(lambda: len(carrier.submitted()) == before + count)
    return [f"id{number}" for number in range(before + 1, before + count + 1)]


def test_a_check_says_that_it_lets_us_in(server: Server) -> None:
    said = clarion(server, "provider", "check", "carrier")
    assert "bind_transceiver as clarion" in said
    assert "in the clear" in said
    assert "s3cret" not in said + clarion(server, "provider", "show", "carrier", "--json")


def test_a_message_is_delivered_when_all_of_its_parts_are(project: Project, carrier: Carrier) -> None:
    before = len(carrier.submitted())
    send(project, "Größe: " + "x" * 160)
    first, second = ids(carrier, before, 2)
    parts = carrier.submitted()[before:]
    assert {(part.source_addr, part.destination_addr) for part in parts} == {(OURS[1:].encode(), b"49301234567")}
    eventually(lambda: "_SMS.BUFFERED" in told(project))
    assert carrier.deliver(**receipt(first)) == 0
    assert carrier.deliver(**receipt(second, "ENROUTE")) == 0
    assert "_SMS.SUCCESS" not in told(project)
    assert carrier.deliver(**receipt(second)) == 0
    eventually(lambda: told(project).count("_SMS.SUCCESS") == 1)
    # Told again, it changes nothing.
    assert carrier.deliver(**receipt(second)) == 0


def test_a_failure_and_a_text_of_theirs(project: Project, carrier: Carrier) -> None:
    before = len(carrier.submitted())
    send(project, "Hello")
    (name,) = ids(carrier, before, 1)
    assert carrier.deliver(**receipt(name, "UNDELIV", "001")) == 0
    eventually(lambda: "_SMS.FAILURE" in told(project))
    assert carrier.deliver(**address("49301234567", OURS[1:]), short_message=b"thanks") == 0


def test_killed_before_the_answer_it_submits_again_with_the_same_reference(
    server: Server, project: Project, carrier: Carrier
) -> None:
    before = len(carrier.submitted())
    carrier.manners = lambda command, *_: Hang() if command == "submit_sm" else None
    project.pinpoint.send_messages(
        ApplicationId=project.id,
        MessageRequest={
            "Addresses": {"+49301234567": {"ChannelType": "SMS"}},
            "MessageConfiguration": {"SMSMessage": {"Body": "y" * 200, "OriginationNumber": OURS}},
        },
    )
    eventually(lambda: len(carrier.submitted()) >= before + 2)
    server.kill()
    carrier.manners = lambda *_: None
    server.restart()
    project.reconnect()
    eventually(lambda: len(carrier.submitted()) == before + 4, 40)
    references = {part.short_message[3] for part in carrier.submitted()[before:]}
    assert len(references) == 1
