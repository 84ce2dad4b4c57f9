"""Text messages out by a Twilio-compatible service and back: receipts, STOP, keywords, webhooks, spending."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from typer.testing import CliRunner

from clarion.cli.main import app as cli
from clarion.core.clock import parse_iso
from tests.acceptance.project import Project
from tests.acceptance.running import Server
from tests.acceptance.stacks import START, embedded
from tests.acceptance.test_event_streams import Streaming
from tests.channels.calls.peers import Asked, Said, Site, site

PUBLIC = "https://texts.example"
TOKEN = "account-token"
OURS = "+4915550100"
ENVIRON = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret"}
HELLO = {"SMSMessage": {"Body": "Hello", "MessageType": "TRANSACTIONAL", "OriginationNumber": OURS}}
SECRET = "whsec_" + "QUFB" * 8

_people = (f"+49155520{number:04}" for number in itertools.count())


class Carrier:
    """A service that speaks as Twilio does. `server` is who it calls back."""

    def __init__(self, running: Site) -> None:
        self.site = running
        self.sent: list[dict[str, str]] = []
        self.hooked: list[Asked] = []
        self.server: Server
        self._lock = threading.Lock()
        self._texts = itertools.count(1)
        self.let_in = True
        running.answer = self._answer

    def _answer(self, asked: Asked) -> Said:
        with self._lock:
            if asked.path == "/hook":
                self.hooked.append(asked)
                return Said(204)
            if "/AC1/" in asked.path and not self.let_in:
                return Said(401, {"code": 20003, "message": "Authenticate"})
            self.sent.append(dict(parse_qsl(asked.body.decode())))
            return Said(201, {"sid": f"SM{len(self.sent)}", "status": "queued"})

    def to(self, number: str) -> list[str]:
        return [one["Body"] for one in self.sent if one["To"] == number]

    def call(self, kind: str, token: str = TOKEN, name: str = "carrier", **form: str) -> int:
        """Call back; answers the server's status."""
        path = f"/providers/{name}/{kind}"
        tail = "".join(member + form[member] for member in sorted(form))
        signature = base64.b64encode(hmac.new(token.encode(), (PUBLIC + path + tail).encode(), hashlib.sha1).digest())
        headers = {"X-Twilio-Signature": signature.decode(), "Content-Type": "application/x-www-form-urlencoded"}
        status, _ = self.server.raw("POST", path, urlencode(form).encode(), key=None, headers=headers)
        self.server.settle()
        return status

    def text(self, person: str, body: str, to: str = OURS) -> int:
        """A person writes."""
        return self.call("inbound", MessageSid=f"IN{next(self._texts)}", From=person, To=to, Body=body)


@pytest.fixture(scope="module")
def carrier(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    """The service, and a server that sends by it."""
    with site() as running:
        made = Carrier(running)
        environ = {
            "CLARION_PUBLIC_URL": PUBLIC,
            "CLARION_CALLOUT_HTTP": "true",
            "CLARION_CALLOUT_NETWORKS": "127.0.0.0/8",
        }
        folder = tmp_path_factory.mktemp("sms")
        with embedded(folder, "--clock", f"virtual:{START}", environ=environ) as server:
            made.server = server
            members = {"account_sid": "AC1", "auth_token": TOKEN, "url": running.url("").rstrip("/")}
            settings = [f"--set={name}={value}" for name, value in members.items()]
            clarion(server, "provider", "add", "carrier", "--channel", "sms", "--kind", "twilio", *settings)
            yield made


@pytest.fixture
def project(carrier: Carrier) -> Iterator[Project]:
    made = Project(carrier.server)
    made.pinpoint.update_sms_channel(ApplicationId=made.id, SMSChannelRequest={"Enabled": True})
    yield made
    made.leave()


@pytest.fixture
def person() -> str:
    return next(_people)


def clarion(server: Server, *arguments: str) -> str:
    done = CliRunner().invoke(cli, [*arguments, "--url", server.url, "--region", "eu-central-1"], env=ENVIRON)
    assert done.exit_code == 0, done.output
    return done.output


def send(project: Project, *numbers: str) -> dict[str, Any]:
    request = {"Addresses": {one: {"ChannelType": "SMS"} for one in numbers}, "MessageConfiguration": HELLO}
    answer = project.pinpoint.send_messages(ApplicationId=project.id, MessageRequest=request)
    project.server.settle()
    return dict(answer["MessageResponse"]["Result"])


def figure(project: Project, name: str) -> float:
    """A KPI of the day."""
    now = project.server.control("GET", "clock")["Now"][:10]
    answer = project.pinpoint.get_application_date_range_kpi(
        ApplicationId=project.id,
        KpiName=name,
        StartTime=parse_iso(f"{now}T00:00:00Z"),
        EndTime=parse_iso(f"{now}T23:59:59Z"),
    )
    rows = answer["ApplicationDateRangeKpiResponse"]["KpiResult"]["Rows"]
    return float(rows[0]["Values"][0]["Value"]) if rows else 0.0


def test_what_the_carrier_says_is_in_the_stream_and_in_the_figures(
    carrier: Carrier, project: Project, person: str
) -> None:
    streaming, other = Streaming(project), next(_people)
    results = send(project, person, other)
    assert {one["DeliveryStatus"] for one in results.values()} == {"SUCCESSFUL"}
    first, second = [f"SM{n}" for n, one in enumerate(carrier.sent, 1) if one["To"] in (person, other)]
    assert carrier.sent[-1]["StatusCallback"] == f"{PUBLIC}/providers/carrier/status"
    assert carrier.sent[-1]["From"] == OURS
    assert carrier.call("status", MessageSid=first, MessageStatus="sent") == 204
    assert carrier.call("status", MessageSid=first, MessageStatus="delivered") == 204
    assert carrier.call("status", MessageSid=second, MessageStatus="undelivered", ErrorCode="30003") == 204
    told = {
        (one["event_type"], one["attributes"]["destination_phone_number"]): one["attributes"]["record_status"]
        for one in streaming.records()
    }
    numbers = sorted((person, other), key=lambda number: [one["To"] for one in carrier.sent].index(number))
    assert told == {
        ("_SMS.BUFFERED", person): "SUCCESSFUL",
        ("_SMS.BUFFERED", other): "SUCCESSFUL",
        ("_SMS.SUCCESS", numbers[0]): "DELIVERED",
        ("_SMS.FAILURE", numbers[1]): "UNREACHABLE",
    }
    assert (figure(project, "txn-sms-sent"), figure(project, "txn-sms-delivered")) == (2, 1)


def test_the_simulators_numbers_never_reach_the_carrier(carrier: Carrier, project: Project, person: str) -> None:
    streaming, before = Streaming(project), len(carrier.sent)
    send(project, "+14254147755", "+14254147167", person)
    assert [one["To"] for one in carrier.sent[before:]] == [person]
    told = {one["event_type"]: one["attributes"]["record_status"] for one in streaming.records()}
    assert told == {"_SMS.BUFFERED": "SUCCESSFUL", "_SMS.SUCCESS": "DELIVERED", "_SMS.FAILURE": "UNREACHABLE"}


def test_forged_calls_change_nothing(carrier: Carrier, project: Project, person: str) -> None:
    send(project, person)
    id = f"SM{len(carrier.sent)}"
    assert carrier.call("status", token="guessed", MessageSid=id, MessageStatus="delivered") == 403
    assert carrier.call("inbound", token="guessed", MessageSid="IN-x", From=person, To=OURS, Body="STOP") == 403
    assert carrier.server.raw("POST", "/providers/nobody/status", b"", key=None)[0] == 404
    assert send(project, person)[person]["DeliveryStatus"] == "SUCCESSFUL"
    assert figure(project, "txn-sms-delivered") == 0


def test_stop_and_start(carrier: Carrier, project: Project, person: str) -> None:
    project.put("phone", ChannelType="SMS", Address=person, User={"UserId": "u"})
    send(project, person)
    assert carrier.text(person, "Stop.") == 200
    assert carrier.to(person)[-1].startswith("You have been unsubscribed")
    assert project.get("phone")["OptOut"] == "ALL"
    refused = send(project, person)[person]
    assert (refused["DeliveryStatus"], refused["StatusCode"]) == ("OPT_OUT", 200)
    otp = project.pinpoint.send_otp_message(
        ApplicationId=project.id,
        SendOTPMessageRequestParameters={
            "BrandName": "Shop",
            "Channel": "SMS",
            "DestinationIdentity": person,
            "OriginationIdentity": OURS,
            "ReferenceId": "r",
        },
    )
    assert otp["MessageResponse"]["Result"][person]["DeliveryStatus"] == "OPT_OUT"
    listed = json.loads(clarion(project.server, "sms", "optouts", "list", "--app", project.id, "--json"))["OptOuts"]
    assert [(one["Number"], one["ByPerson"], one["Word"]) for one in listed] == [(person, True, "STOP")]
    carrier.text(person, "START")
    assert project.get("phone")["OptOut"] == "NONE"
    assert send(project, person)[person]["DeliveryStatus"] == "SUCCESSFUL"


def test_who_says_no_while_a_lane_is_paused_gets_nothing(carrier: Carrier, project: Project, person: str) -> None:
    server, waiting = project.server, {"Endpoints": {"phone": {}}, "MessageConfiguration": HELLO}
    project.put("phone", ChannelType="SMS", Address=person)
    project.people(["ann", "bea"])
    send(project, person)
    for lane in ("SMS/carrier", "EMAIL"):
        clarion(server, "lanes", "pause", lane)
    project.pinpoint.send_messages(ApplicationId=project.id, MessageRequest=waiting)
    campaign = project.campaign(project.segment({"Demographic": {"Channel": {"Values": ["EMAIL"]}}}))["Id"]
    server.settle()
    carrier.text(person, "STOP")
    project.put("ann", OptOut="ALL")
    server.advance("PT10S")
    assert (carrier.to(person), project.mail()) == (["Hello"], [])
    for lane in ("SMS/carrier", "EMAIL"):
        clarion(server, "lanes", "resume", lane)
    server.settle()
    hello, stopped = carrier.to(person)
    assert (hello, stopped[:26]) == ("Hello", "You have been unsubscribed")
    assert project.reached(campaign) == ["bea"]
    assert project.status(campaign) == "COMPLETED"
    for endpoint in ("phone", "ann"):
        assert "opt_out" in clarion(server, "why", "--app", project.id, "--endpoint", endpoint)


def test_keywords_and_texts_that_go_to_a_webhook(carrier: Carrier, project: Project, person: str) -> None:
    server, number = project.server, next(_people)
    url = carrier.site.url("/hook")
    where = ("--app", project.id)
    clarion(server, "sms", "number", "add", number, *where, "--destination", f"{url}#{SECRET}")
    clarion(server, "sms", "keyword", "set", "HOURS", *where, "--answer", "9 to 5, {{really}} 🕘")
    carrier.text(person, "hours?", to=number)
    assert carrier.to(person) == ["9 to 5, {{really}} 🕘"]
    assert carrier.sent[-1]["From"] == number
    hooked = carrier.hooked[-1]
    assert hooked.json["type"] == "sms.inbound"
    assert hooked.json["data"] == {
        "originationNumber": person,
        "destinationNumber": number,
        "messageKeyword": "HOURS",
        "messageBody": "hours?",
        "inboundMessageId": hooked.json["data"]["inboundMessageId"],
        "previousPublishedMessageId": "",
    }
    head = {name.lower(): value for name, value in hooked.headers.items()}
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + hooked.body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert head["webhook-signature"] == f"v1,{expected}"
    shown = clarion(server, "sms", "number", "list", *where)
    assert url in shown
    assert SECRET not in shown
    refused = {one: send(project, person)[person] for one in ("not the project's",)}
    assert refused["not the project's"]["StatusMessage"] == f"OriginationNumber: {OURS} is not a number of the project"
    clarion(server, "sms", "keyword", "remove", "hours", *where)
    clarion(server, "sms", "number", "remove", number, *where)
    assert json.loads(clarion(server, "sms", "keyword", "list", *where, "--json")) == {"Keywords": []}


def test_a_month_may_cost_so_much(carrier: Carrier, project: Project, person: str) -> None:
    server = project.server
    spent = float(json.loads(clarion(server, "sms", "spend", "show", "--json"))["Months"][0]["Millicents"])
    clarion(server, "sms", "spend", "price", "DE", "0.08")
    clarion(server, "sms", "spend", "limit", str(spent / 100_000 + 0.1))
    try:
        assert send(project, person)[person]["DeliveryStatus"] == "SUCCESSFUL"
        assert send(project, person)[person]["DeliveryStatus"] == "SUCCESSFUL"
        refused = send(project, person)[person]
        assert (refused["DeliveryStatus"], refused["StatusCode"]) == ("PERMANENT_FAILURE", 400)
        assert refused["StatusMessage"] == "the spending limit of 2027-01 is reached"
        assert "2027-01\t$0.16" in clarion(server, "sms", "spend", "show")
    finally:
        clarion(server, "sms", "spend", "limit", "none")
        clarion(server, "sms", "spend", "price", "DE", "none")


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("PUT", "numbers", {"Number": "nonsense number"}, "Number: must be"),
        ("PUT", "numbers", {"Number": "12345"}, "Country: a short code belongs to one"),
        ("PUT", "numbers", {"Number": "+18005550100", "MessageType": "PROMOTIONAL"}, "MessageType: toll-free"),
        ("PUT", "numbers", {"Number": "*", "SelfManaged": True}, "Destination: opt-outs"),
        ("PUT", "numbers", {"Number": "*", "Destination": "https://169.254.169.254/"}, "Destination: must end with"),
        ("PUT", "numbers", {"Number": "*", "Destination": "ftp://x#whsec_x"}, "Destination: must begin with"),
        ("PUT", "numbers", {"Number": "*", "Destination": "arn:aws:sns:x:1:a.fifo"}, "Destination: must be the ARN"),
        ("PUT", "keywords", {"Keyword": "!!"}, "Keyword: must be"),
        ("PUT", "keywords", {"Keyword": "Unsubscribe"}, "Keyword: UNSUBSCRIBE counts as STOP"),
        ("PUT", "keywords", {"Keyword": "X", "Message": "x" * 1_601}, "KeywordMessage: The message has"),
        ("PUT", "keywords", {"Keyword": "X", "Number": "+4915559999"}, "The project has no number"),
        ("PUT", "opt-outs", {"Number": "me"}, "Number: must be a phone number"),
        ("DELETE", "opt-outs?Number=%2B4915559999", None, "not on the opt-out list"),
        ("DELETE", "keywords?Keyword=nothing", None, "There is no keyword NOTHING"),
    ],
)
def test_what_cannot_be_meant(
    carrier: Carrier, project: Project, method: str, path: str, body: Any, problem: str
) -> None:
    if body is None:
        path += f"&ApplicationId={project.id}"
    sent = None if body is None else {"ApplicationId": project.id, **body}
    status, answer = project.server.raw(method, f"/clarion/v1/sms/{path}", sent)
    assert status in (400, 404)
    assert problem in answer["Message"]


def test_a_second_provider_takes_over_when_the_first_lets_nobody_in(
    carrier: Carrier, project: Project, person: str
) -> None:
    server, url = project.server, carrier.site.url("").rstrip("/")
    members = {"account_sid": "AC2", "auth_token": "other-token", "url": url}
    settings = [f"--set={name}={value}" for name, value in members.items()]
    clarion(server, "provider", "add", "second", "--channel", "sms", "--kind", "twilio", *settings)
    carrier.let_in = False
    try:
        assert send(project, person)[person]["DeliveryStatus"] == "SUCCESSFUL"
        assert carrier.to(person) == ["Hello"]
        assert carrier.sent[-1]["StatusCallback"] == f"{PUBLIC}/providers/second/status"
        id = f"SM{len(carrier.sent)}"
        carrier.call("status", MessageSid=id, MessageStatus="delivered")
        assert figure(project, "txn-sms-delivered") == 0  # the first one's receipt, for an id of the second's
        form = {"MessageSid": id, "MessageStatus": "delivered"}
        carrier.call("status", token="other-token", name="second", **form)
        assert figure(project, "txn-sms-delivered") == 1
    finally:
        carrier.let_in = True
        clarion(server, "provider", "remove", "second")
