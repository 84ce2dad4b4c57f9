"""Event streams by boto3: what happens in a project arrives where its stream leads. Source: spec of events, 4 to 14."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from clarion.core.clock import parse_iso, to_ms
from tests.acceptance.letters import go, journey, mail, template
from tests.acceptance.project import Project
from tests.acceptance.running import Server
from tests.acceptance.test_moto import error_of

ROLE = "arn:aws:iam::000000000001:role/streams"
COMMON = {
    "event_type",
    "event_timestamp",
    "arrival_timestamp",
    "event_version",
    "application",
    "client",
    "device",
    "session",
    "attributes",
}


class Streaming:
    """A project that streams to files of its own."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.folder = project.server.data.absolute() / "streams" / project.id
        self.uri = f"file://{self.folder}?interval=0"
        self.stream = put(project, self.uri)

    def lines(self) -> list[str]:
        """Everything that has arrived, in order."""
        return [line for path in sorted(self.folder.rglob("*.jsonl")) for line in path.read_text().splitlines()]

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines()]

    def of(self, event_type: str) -> list[dict[str, Any]]:
        return [record for record in self.records() if record["event_type"] == event_type]

    def block(self) -> None:
        """Have a file where the folder should be."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.write_text("in the way")

    def status(self) -> dict[str, Any]:
        return dict(self.project.server.control("GET", f"streams/status?ApplicationId={self.project.id}"))


@pytest.fixture
def streaming(project: Project) -> Streaming:
    return Streaming(project)


def put(project: Project, destination: str, role: str = ROLE) -> dict[str, Any]:
    write = {"DestinationStreamArn": destination, "RoleArn": role}
    answer = project.pinpoint.put_event_stream(ApplicationId=project.id, WriteEventStream=write)
    return dict(answer["EventStream"])


def item(*numbers: int, event_type: str = "cart.left") -> Mapping[str, Any]:
    at = "2027-01-04T09:00:00Z"
    events = {f"e-{n}": {"EventType": event_type, "Timestamp": at, "Attributes": {"n": str(n)}} for n in numbers}
    return {"Endpoint": {}, "Events": events}


def test_an_event_of_an_app_is_the_record_of_the_specification(streaming: Streaming) -> None:
    project = streaming.project
    endpoint = {
        "ChannelType": "EMAIL",
        "Address": "lea@acme.test",
        "Demographic": {
            "AppVersion": "4.2",
            "Locale": "de_DE",
            "Make": "Fairphone",
            "Model": "FP5",
            "Platform": "android",
            "PlatformVersion": "14",
        },
    }
    event = {
        "EventType": "_monetization.purchase",
        "Timestamp": "2027-03-04T09:16:42.120Z",
        "AppPackageName": "com.acme.shop",
        "AppTitle": "Acme Shop",
        "AppVersionCode": "402",
        "SdkName": "amplify-android",
        "ClientSdkVersion": "2.14.0",
        "Session": {
            "Id": "s-55",
            "StartTimestamp": "2027-03-04T09:11:40Z",
            "StopTimestamp": "2027-03-04T09:21:40Z",
            "Duration": 600_000,
        },
        "Attributes": {"_product_id": "sku-9", "_currency": "USD", "_store": "Virtual"},
        "Metrics": {"_quantity": 2.0, "_item_price": 4.5},
    }
    project.events({"Ep-7781": {"Endpoint": endpoint, "Events": {"e-1": event}}})
    project.server.settle()
    [record] = streaming.records()
    now = to_ms(parse_iso(project.server.control("GET", "clock")["Now"]))
    assert 0 <= now - record.pop("arrival_timestamp") < 60_000
    assert record == {
        "event_type": "_monetization.purchase",
        "event_timestamp": 1804151802120,
        "event_version": "3.0",
        "application": {
            "app_id": project.id,
            "package_name": "com.acme.shop",
            "title": "Acme Shop",
            "version_name": "4.2",
            "version_code": "402",
            "sdk": {"name": "amplify-android", "version": "2.14.0"},
        },
        "client": {"client_id": "Ep-7781"},
        "device": {
            "locale": {"code": "de_DE", "country": "DE", "language": "de"},
            "make": "Fairphone",
            "model": "FP5",
            "platform": {"name": "android", "version": "14"},
        },
        "session": {
            "session_id": "s-55",
            "start_timestamp": 1804151500000,
            "stop_timestamp": 1804152100000,
        },
        "attributes": {"_product_id": "sku-9", "_currency": "USD", "_store": "Virtual"},
        "metrics": {"_quantity": 2.0, "_item_price": 4.5},
    }
    assert [line for line in streaming.lines() if line != line.strip()] == []


def test_what_the_product_does_is_streamed_in_every_family(streaming: Streaming) -> None:
    project = streaming.project
    template(project)
    project.pinpoint.update_sms_channel(ApplicationId=project.id, SMSChannelRequest={"Enabled": True})
    project.person("lea")
    project.put("bad", ChannelType="EMAIL", Address="bounce@simulator.amazonses.com")
    campaign = project.campaign(project.segment())["Id"]
    project.server.settle()
    made = journey(project, {"mailA": mail(project)})
    go(project, "PT10M")
    text = {"SMSMessage": {"Body": "Hi", "MessageType": "TRANSACTIONAL"}}
    letter = {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "s"}, "TextPart": {"Data": "t"}}}}
    for words, kind, to in ((text, "SMS", "+14254147755"), (letter, "EMAIL", "somebody@acme.test")):
        request = {"Addresses": {to: {"ChannelType": kind}}, "MessageConfiguration": words}
        project.pinpoint.send_messages(ApplicationId=project.id, MessageRequest=request)
    project.server.settle()
    records = streaming.records()
    assert {record["event_type"] for record in records} >= {
        "_campaign.send",
        "_journey.send",
        "_email.send",
        "_email.delivered",
        "_email.hardbounce",
        "_SMS.BUFFERED",
        "_SMS.SUCCESS",
    }
    assert [record for record in records if record["event_type"].startswith("_clarion")] == []
    for record in records:
        assert record.keys() >= COMMON
        assert record["event_version"] == "3.1"
        assert record["application"] == {"app_id": project.id, "sdk": {}}
        assert (record["device"], record["session"]) == ({"platform": {}}, {})
        assert record["awsAccountId"] == "000000000001"
        assert all(isinstance(value, str) for value in record["attributes"].values())
    _campaigns(streaming.of("_campaign.send"), campaign)
    _journeys(streaming.of("_journey.send"), made)
    _mails(streaming, campaign)
    _texts(streaming.of("_SMS.SUCCESS"))


def _campaigns(records: list[dict[str, Any]], campaign: str) -> None:
    assert sorted(record["client"]["client_id"] for record in records) == ["bad", "lea"]
    for record in records:
        assert record.keys() == COMMON | {"client_context", "awsAccountId"}
        attributes = record["attributes"]
        assert (attributes["campaign_id"], attributes["treatment_id"]) == (campaign, "0")
        assert (attributes["delivery_type"], attributes["campaign_send_status"]) == ("EMAIL", "SUCCESS")
        endpoint = json.loads(record["client_context"]["custom"]["endpoint"])
        assert endpoint["ChannelType"] == "EMAIL"


def _journeys(records: list[dict[str, Any]], made: str) -> None:
    assert {record["client"]["client_id"] for record in records} >= {"lea"}
    for record in records:
        assert record.keys() == COMMON | {"client_context", "awsAccountId"}
        attributes = record["attributes"]
        assert (attributes["journey_id"], attributes["journey_activity_id"]) == (made, "mailA")
        assert attributes["journey_activity_type"] == "EMAIL"
        assert attributes["journey_run_id"]


def _mails(streaming: Streaming, campaign: str) -> None:
    delivered = [one for one in streaming.of("_email.delivered") if one["attributes"].get("campaign_id") == campaign]
    [record] = delivered
    assert record["attributes"]["feedback"] == "delivered"
    assert record["client_context"] == {"custom": {"legacy_identifier": streaming.project.id}}
    event = record["facets"]["email_channel"]["mail_event"]
    assert event.keys() == {"mail", "delivery"}
    assert event["mail"]["destination"] == ["lea@example.com"]
    assert event["mail"]["message_send_timestamp"] == record["event_timestamp"]
    direct = [one for one in streaming.of("_email.send") if "campaign_id" not in one["attributes"]]
    [bounce] = [one for one in streaming.of("_email.hardbounce") if "campaign_id" in one["attributes"]]
    assert bounce["facets"]["email_channel"]["mail_event"]["bounce"]["bounce_type"] == "Permanent"
    transactional = [one for one in direct if "journey_id" not in one["attributes"]]
    assert [len(one["client"]["client_id"]) for one in transactional] == [36]


def _texts(records: list[dict[str, Any]]) -> None:
    [record] = records
    attributes = record["attributes"]
    assert (attributes["record_status"], attributes["message_type"]) == ("DELIVERED", "Transactional")
    assert (attributes["destination_phone_number"], attributes["iso_country_code"]) == ("+14254147755", "US")
    assert attributes["number_of_message_parts"] == "1"
    assert record.keys() - {"metrics"} == COMMON | {"awsAccountId"}


def test_streaming_begins_with_put_and_ends_with_delete(project: Project) -> None:
    project.events({"ep": item(1)})
    streaming = Streaming(project)
    project.events({"ep": item(2)})
    project.server.settle()
    project.pinpoint.delete_event_stream(ApplicationId=project.id)
    project.events({"ep": item(3)})
    project.server.settle()
    assert [record["attributes"]["n"] for record in streaming.records()] == ["2"]
    assert error_of(project.pinpoint.get_event_stream, ApplicationId=project.id) == ("NotFoundException", 404)
    assert error_of(project.pinpoint.delete_event_stream, ApplicationId=project.id) == ("NotFoundException", 404)


def test_put_get_and_put_again(streaming: Streaming) -> None:
    project = streaming.project
    stream = streaming.stream
    assert stream["ApplicationId"] == project.id
    assert (stream["DestinationStreamArn"], stream["RoleArn"]) == (streaming.uri, ROLE)
    assert stream["LastUpdatedBy"] == "arn:aws:iam::000000000001:user/AKIDROOT"
    assert project.pinpoint.get_event_stream(ApplicationId=project.id)["EventStream"] == stream
    elsewhere = f"file://{streaming.folder}-2?interval=0"
    assert put(project, elsewhere)["DestinationStreamArn"] == elsewhere
    project.events({"ep": item(1)})
    project.server.settle()
    assert streaming.records() == []
    assert len(list(Path(f"{streaming.folder}-2").rglob("*.jsonl"))) == 1


@pytest.mark.parametrize(
    ("destination", "role", "about"),
    [
        ("", ROLE, "DestinationStreamArn"),
        ("kinesis:arn", ROLE, "DestinationStreamArn"),
        ("arn:aws:sqs:eu-central-1:000000000001:queue", ROLE, "DestinationStreamArn"),
        ("arn:aws:kinesis:eu-central-1:000000000001:stream/s", "iam:arn", "RoleArn"),
        ("arn:aws:kinesis:eu-central-1:000000000001:stream/s", ROLE.replace("01:role", "02:role"), "RoleArn"),
        ("file:///etc", ROLE, "DestinationStreamArn"),
        ("file:///etc/x?format=csv", ROLE, "format"),
        ("x" * 3000, ROLE, "DestinationStreamArn"),
    ],
)
def test_bad_streams(project: Project, destination: str, role: str, about: str) -> None:
    write = {"DestinationStreamArn": destination, "RoleArn": role}
    call = project.pinpoint.put_event_stream
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match=about):
        call(ApplicationId=project.id, WriteEventStream=write)
    assert error_of(call, ApplicationId="0" * 32, WriteEventStream=write) == ("NotFoundException", 404)
    assert error_of(project.pinpoint.get_event_stream, ApplicationId=project.id)[1] == 404


def test_a_dead_destination_holds_up_nobody_and_loses_nothing(streaming: Streaming) -> None:
    project = streaming.project
    other = Streaming(Project(project.server))
    streaming.block()
    for n in range(3):
        project.events({f"ep-{n % 2}": item(n)})
        other.project.events({"ep": item(n)})
    project.server.settle()
    project.server.advance("PT2H")
    assert [record["attributes"]["n"] for record in other.records()] == ["0", "1", "2"]
    status = streaming.status()
    assert (status["State"], status["Lag"], status["Lost"]) == ("FAILING", 3, 0)
    assert status["LagSeconds"] >= 7_200
    assert status["BacklogBytes"] > 0
    assert status["LastError"]["Code"]
    assert status["NextTry"] > status["LastError"]["At"]
    streaming.folder.unlink()
    project.server.control("POST", "streams/retry", {"ApplicationId": project.id})
    project.server.settle()
    assert [record["attributes"]["n"] for record in streaming.records()] == ["0", "1", "2"]
    status = streaming.status()
    assert (status["State"], status["Lag"], status["Exported"]) == ("IDLE", 0, 3)
    assert "Failing" not in status


def test_the_control_api_and_the_commands(streaming: Streaming) -> None:
    project, server = streaming.project, streaming.project.server
    made = server.control("POST", "streams/test", {"ApplicationId": project.id})
    server.settle()
    [record] = streaming.records()
    assert (record["event_type"], record["client"]) == ("_test.event_stream", {"client_id": made["ClientId"]})
    assert made["EventType"] == "_test.event_stream"
    listed = server.control("GET", "streams")
    assert [one for one in listed["Streams"] if one["ApplicationId"] == project.id] == [streaming.status()]
    assert listed["BacklogBoundBytes"] == 10_000_000_000
    command = _command(server)
    assert command("status", "--app", project.id).startswith("idle, to file://")
    assert project.id in command("list")
    assert "is on its way" in command("test", "--app", project.id)
    assert "no longer streaming" in command("delete", "--app", project.id)
    status, answer = server.raw("GET", f"/clarion/v1/streams/status?ApplicationId={project.id}")
    assert (status, answer["Message"]) == (404, "the project has no event stream")
    assert command("put", "--app", project.id, streaming.uri).startswith("streaming to file://")
    status, _ = server.raw("GET", f"/clarion/v1/streams/status?ApplicationId={'0' * 32}")
    assert status == 404
    client = server.key("reader")
    status, _ = server.raw("POST", "/clarion/v1/streams/retry", {"ApplicationId": project.id}, key=client)
    assert status == 403


def _command(server: Server) -> Callable[..., str]:
    def run(name: str, *arguments: str) -> str:
        options = ["--url", server.url, "--region", "eu-central-1", "--data", str(server.data)]
        return server.clarion("stream", name, *arguments, *options).stdout

    return run


def test_an_erased_person_is_not_streamed_later(streaming: Streaming) -> None:
    """Where the destination is away, what waits for it has the person, until they are erased."""
    project = streaming.project
    streaming.block()
    project.events({"lea": item(1), "jon": item(2)})
    project.server.settle()
    project.server.control("POST", "users/erase", {"ApplicationId": project.id, "EndpointId": "lea"})
    project.server.settle()
    streaming.folder.unlink()
    project.server.advance("PT1H")
    assert [record["client"]["client_id"] for record in streaming.records()] == ["jon"]
    assert streaming.status()["Lag"] == 0
