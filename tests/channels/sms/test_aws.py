"""Text messages by AWS End User Messaging: requests by boto3 against a service on loopback, and what SNS posts."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import NameOID

from clarion.channels.port import Outcome, SmsOutgoing
from clarion.channels.sms.aws import AwsConfig, webhook
from clarion.channels.sms.voice_v2 import AwsTransport
from clarion.core.errors import ClarionError, Forbidden, Invalid, NotFound, Unavailable
from clarion.wire.http.plain import PlainRequest
from tests.channels.servers import run
from tests.channels.sms.rest import Asked, Reply, Rest
from tests.channels.sms.test_twilio import Heard, around, failed, message

TOPIC = "arn:aws:sns:eu-central-1:000000000001:texts"
CERTIFICATE = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem"


def config(**members: Any) -> AwsConfig:
    return AwsConfig(**{"region": "eu-central-1", "topic": TOPIC, "configuration_set": "events", **members})


def taken(asked: Asked) -> Reply:
    body = json.loads(asked.body)
    return Reply(200, {"MessageId": f"id-{body['DestinationPhoneNumber'][1:]}"})


def wrong(code: str, status: int = 400, **more: Any) -> Reply:
    return Reply(status, {"__type": code, "Message": "No.", **more}, {"content-type": "application/x-amz-json-1.0"})


def send(rest: Rest, *messages: SmsOutgoing, **options: Any) -> list[Outcome]:
    async def work() -> list[Outcome]:
        async with rest.serve() as url:
            settings = {
                "sms_voice_endpoint_url": url,
                "callout_access_key_id": "AKID",
                "callout_secret_access_key": "not-shown",
                **options.pop("settings", {}),
            }
            transport = AwsTransport(config(**options), around(**settings))
            await transport.open()
            try:
                return await transport.send(messages or [message()])
            finally:
                await transport.close()

    return run(work())


def test_a_text_is_asked_for_with_all_that_is_known_of_it() -> None:
    rest = Rest(taken)
    india = message(
        "+919812345678",
        "Grüße 🧀",
        sender_id="ACME",
        message_type="TRANSACTIONAL",
        keyword="K",
        entity_id="E1",
        template_id="T1",
    )
    (outcome,) = send(rest, india)
    assert outcome == Outcome("sent", "200", provider_message_id="id-919812345678", provider="main")
    (asked,) = rest.asked
    assert asked.headers["x-amz-target"] == "PinpointSMSVoiceV2.SendTextMessage"
    assert "Credential=AKID/" in asked.headers["authorization"]
    assert json.loads(asked.body) == {
        "DestinationPhoneNumber": "+919812345678",
        "MessageBody": "Grüße 🧀",
        "OriginationIdentity": "ACME",
        "MessageType": "TRANSACTIONAL",
        "Keyword": "K",
        "ConfigurationSetName": "events",
        "DestinationCountryParameters": {"IN_ENTITY_ID": "E1", "IN_TEMPLATE_ID": "T1"},
        "Context": {"clarion_message_id": "m+919812345678"},
    }


def test_the_providers_own_identity_and_no_topic() -> None:
    rest = Rest(taken)
    (outcome,) = send(rest, origination="pool-1", topic="", configuration_set="")
    assert (outcome.status, outcome.provider_message_id) == ("sent", "")
    body = json.loads(rest.asked[0].body)
    assert body["OriginationIdentity"] == "pool-1"
    assert "ConfigurationSetName" not in body


def test_a_batch_keeps_its_order_and_few_connections() -> None:
    rest = Rest(taken)
    outcomes = send(rest, *(message(f"+49155500{n:02}") for n in range(20)), connections=3)
    assert [one.provider_message_id for one in outcomes] == [f"id-49155500{n:02}" for n in range(20)]
    assert rest.most_open <= 3


@pytest.mark.parametrize(
    ("reply", "word"),
    [
        (wrong("ConflictException", Reason="DESTINATION_PHONE_NUMBER_OPTED_OUT"), "OPTED_OUT"),
        (wrong("ConflictException", Reason="SENDER_ID_NOT_SUPPORTED"), "SENDER_ID_NOT_SUPPORTED_FOR_DESTINATION"),
        (wrong("ValidationException", Reason="X", Fields=[{"Name": "DestinationPhoneNumber"}]), "INVALID"),
        (wrong("ValidationException", Reason="X", Fields=[{"Name": "MessageBody"}]), "INVALID_MESSAGE"),
        (wrong("ValidationException", Reason="PRICE_OVER_THRESHOLD"), "MAX_PRICE_EXCEEDED"),
        (wrong("ValidationException", Reason="?", Fields=[]), "INVALID_PARAMETERS"),
        (wrong("ResourceNotFoundException"), "ORIGINATION_IDENTITY_DOES_NOT_EXIST"),
    ],
)
def test_what_is_refused_for_good(reply: Reply, word: str) -> None:
    (outcome,) = send(Rest(lambda asked: reply))
    assert failed(outcome) == word


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (wrong("ThrottlingException"), ("throttled", "message")),
        (wrong("AccessDeniedException"), ("temporary", "credentials")),
        (wrong("UnrecognizedClientException", 403), ("temporary", "credentials")),
        (wrong("ExpiredTokenException"), ("temporary", "credentials")),
        (wrong("ConflictException", Reason="ACCOUNT_DISABLED"), ("temporary", "credentials")),
        (
            wrong("ServiceQuotaExceededException", Reason="MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT"),
            ("temporary", "provider"),
        ),
        (wrong("InternalServerException", 500), ("temporary", "provider")),
        (Reply(503, b"<html>"), ("temporary", "provider")),
    ],
)
def test_what_is_not_the_messages_fault(reply: Reply, expected: tuple[str, str]) -> None:
    (outcome,) = send(Rest(lambda asked: reply))
    assert (outcome.status, outcome.blame) == expected
    assert not outcome.uncertain
    assert "not-shown" not in repr(outcome)


@pytest.mark.parametrize("misbehaviour", ["hang", "reset", "half", "garbage"])
def test_an_answer_that_never_comes_leaves_it_open(misbehaviour: Any) -> None:
    (outcome,) = send(Rest(lambda asked: misbehaviour), timeout_seconds=1)
    assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", True)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"MessageId": ""}', b"{}"])
def test_an_answer_without_an_id_leaves_it_open(body: bytes) -> None:
    (outcome,) = send(Rest(lambda asked: Reply(200, body)))
    assert (outcome.status, outcome.uncertain) == ("temporary", True)


def test_nobody_there_and_nobody_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    (outcome,) = send(Rest(taken), settings={"sms_voice_endpoint_url": "http://127.0.0.1:1"})
    assert (outcome.blame, outcome.uncertain) == ("provider", False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    (outcome,) = send(Rest(taken), settings={"callout_access_key_id": ""})
    assert (outcome.status, outcome.blame) == ("temporary", "credentials")


def test_once_not_let_in_nobody_else_is_tried() -> None:
    rest = Rest(lambda asked: wrong("AccessDeniedException"))
    outcomes = send(rest, *(message(f"+49155500{n:02}") for n in range(20)), connections=2)
    assert {one.blame for one in outcomes} == {"credentials"}
    assert len(rest.asked) <= 3


def test_a_check_tells_how_the_account_stands() -> None:
    rest = Rest(lambda asked: Reply(200, {"AccountAttributes": [{"Name": "ACCOUNT_TIER", "Value": "SANDBOX"}]}))

    async def work() -> list[str]:
        async with rest.serve() as url:
            settings = {"sms_voice_endpoint_url": url, "callout_access_key_id": "A", "callout_secret_access_key": "s"}
            transport = AwsTransport(config(topic=""), around(**settings))
            found = [one.level for one in await transport.check()]
            await transport.close()
            return found

    assert run(work()) == ["ok", "warning", "warning"]


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"region": ""}, "region"),
        ({"region": "x y"}, "region"),
        ({"topic": "texts"}, "topic"),
        ({"role": "a b"}, "role"),
    ],
)
def test_configs_that_cannot_be_meant(members: dict[str, Any], named: str) -> None:
    with pytest.raises(Invalid, match=f"^{named}: "):
        config(**members).check()


@cache
def amazon(name: str) -> tuple[rsa.RSAPrivateKey, bytes]:
    """A key and its certificate."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return key, made.public_bytes(serialization.Encoding.PEM)


def posted(message: Any, version: str = "2", by: str = "sns.amazonaws.com", **changes: Any) -> dict[str, Any]:
    """What SNS posts, signed; `changes` are made before."""
    told = {
        "Type": "Notification",
        "MessageId": "n1",
        "TopicArn": TOPIC,
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": "2027-03-04T09:15:00.000Z",
        "SignatureVersion": version,
        "SigningCertURL": CERTIFICATE,
        **changes,
    }
    confirming = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    names = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
    lines = [
        f"{name}\n{told[name]}\n" for name in (names if told["Type"] == "Notification" else confirming) if name in told
    ]
    algorithm = hashes.SHA1() if version == "1" else hashes.SHA256()
    signature = amazon(by)[0].sign("".join(lines).encode(), PKCS1v15(), algorithm)
    return {**told, "Signature": base64.b64encode(signature).decode()}


class Sns:
    """Where certificates and confirmations are."""

    def __init__(self) -> None:
        self.fetched: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.fetched.append(url)
        return amazon("sns.amazonaws.com")[1]


def call(heard: Heard, body: Any, sns: Sns | None = None, method: str = "POST", **members: Any) -> int:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = PlainRequest(method=method, path="/providers/main", query={}, headers={}, body=data, request_id="r")
    return webhook(config(**members), around(heard), fetch=sns or Sns())(request).status


EVENT = {
    "eventType": "TEXT_DELIVERED",
    "isFinal": True,
    "eventTimestamp": 1750000005123,
    "messageId": "id-1",
    "originationPhoneNumber": "+12065550111",
    "totalMessagePrice": 0.0129,
    "totalCarrierFee": 0.005,
    "messageStatusDescription": "Message has been accepted by phone",
}


@pytest.mark.parametrize("version", ["1", "2"])
def test_events_are_receipts(version: str) -> None:
    heard, sns = Heard(), Sns()
    for _ in range(2):
        assert call(heard, posted(EVENT, version), sns) == 204
    report = heard.reports[0]
    assert (report.provider_message_id, report.kind, report.record_status) == ("id-1", "SUCCESS", "DELIVERED")
    assert (report.final, report.price_millicents, report.at_ms) == (True, 1790.0, 1750000005123)
    assert report.origination_number == "+12065550111"


@pytest.mark.parametrize(
    ("event", "final", "expected"),
    [
        ("TEXT_QUEUED", False, ("BUFFERED", "PENDING", False)),
        ("TEXT_PENDING", False, ("BUFFERED", "PENDING", False)),
        ("TEXT_SUCCESSFUL", False, ("BUFFERED", "SUCCESSFUL", False)),
        ("TEXT_SUCCESSFUL", True, ("SUCCESS", "SUCCESSFUL", True)),
        *((f"TEXT_{word}", True, ("FAILURE", word, True)) for word in (
            "INVALID", "INVALID_MESSAGE", "UNREACHABLE", "CARRIER_UNREACHABLE", "BLOCKED", "CARRIER_BLOCKED", "SPAM",
            "UNKNOWN", "TTL_EXPIRED",
        )),
        ("TEXT_PROTECT_BLOCKED", True, ("FAILURE", "BLOCKED", True)),
    ],
)  # fmt: skip
def test_every_type_of_event(event: str, final: bool, expected: Sequence[Any]) -> None:
    heard = Heard()
    call(heard, posted({**EVENT, "eventType": event, "isFinal": final}))
    (report,) = heard.reports
    assert [report.kind, report.record_status, report.final] == list(expected)


def test_texts_of_people_come_in() -> None:
    heard = Heard()
    text = {
        "originationNumber": "+4915550001",
        "destinationNumber": "+12065550111",
        "messageKeyword": "K",
        "messageBody": "Stop 🛑",
        "inboundMessageId": "in-1",
        "previousPublishedMessageId": "id-1",
    }
    assert call(heard, posted(text)) == 204
    (arrived,) = heard.arrived
    assert (arrived.inbound_id, arrived.body, arrived.previous_provider_message_id) == ("in-1", "Stop 🛑", "id-1")


def test_what_means_nothing_here_is_let_go() -> None:
    heard = Heard()
    for told in ("hello", "[]", {"eventType": "VOICE_RINGING", "messageId": "x"}, {"eventType": "TEXT_NEW"}, {}):
        assert call(heard, posted(told)) == 204
    assert (heard.reports, heard.arrived) == ([], [])


def test_a_subscription_is_confirmed_where_sns_is() -> None:
    url = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
    heard, sns = Heard(), Sns()
    confirming = posted("You have chosen", Type="SubscriptionConfirmation", Token="t", SubscribeURL=url)
    assert call(heard, confirming, sns) == 204
    assert sns.fetched == [CERTIFICATE, url]
    elsewhere = posted("x", Type="SubscriptionConfirmation", Token="t", SubscribeURL="https://evil.example/")
    with pytest.raises(Forbidden):
        call(heard, elsewhere, sns)
    assert sns.fetched[2:] == [CERTIFICATE]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"TopicArn": f"{TOPIC}2"}, Forbidden),
        ({"SigningCertURL": "https://evil.example/a.pem"}, Forbidden),
        ({"SigningCertURL": "http://sns.eu-central-1.amazonaws.com/a.pem"}, Forbidden),
        ({"SigningCertURL": "https://sns.eu-central-1.amazonaws.com.evil.example/a.pem"}, Forbidden),
        ({"SigningCertURL": "https://sns.eu-central-1.amazonaws.com@evil.example/a.pem"}, Forbidden),
        ({"SigningCertURL": "https://sns.eu-central-1.amazonaws.com:8443/a.pem"}, Forbidden),
        ({"SigningCertURL": "https://sns.eu-central-1.amazonaws.com:x/a.pem"}, Forbidden),
        ({"SigningCertURL": "https://sns.eu-central-1.amazonaws.com/a"}, Forbidden),
        ({"SigningCertURL": "https://s3.eu-central-1.amazonaws.com/a.pem"}, Forbidden),
        ({"Type": "Notice"}, Invalid),
        ({"by": "somebody else"}, Forbidden),
    ],
)
def test_forged_notifications(changes: dict[str, Any], error: type[ClarionError]) -> None:
    heard, sns = Heard(), Sns()
    with pytest.raises(error):
        call(heard, posted(EVENT, **changes), sns)
    assert (heard.reports, [url for url in sns.fetched if url != CERTIFICATE]) == ([], [])


@pytest.mark.parametrize(
    "change", [{"Message": "{}"}, {"Signature": "=="}, {"Signature": ""}, {"SignatureVersion": "3"}]
)
def test_notifications_that_were_changed_on_the_way(change: dict[str, str]) -> None:
    heard = Heard()
    with pytest.raises(Forbidden):
        call(heard, {**posted(EVENT), **change})
    assert heard.reports == []


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b'{"Type": 1}'])
def test_bodies_that_are_no_notifications(body: bytes) -> None:
    with pytest.raises(Invalid):
        call(Heard(), body)


def test_without_a_topic_nothing_is_taken() -> None:
    with pytest.raises(NotFound):
        call(Heard(), posted(EVENT), topic="")
    with pytest.raises(NotFound):
        call(Heard(), b"", method="GET")


def test_sns_that_cannot_be_asked_is_no_forgery() -> None:
    class Away(Sns):
        def __call__(self, url: str) -> bytes:
            raise Unavailable("away")

    with pytest.raises(Unavailable):
        call(Heard(), posted(EVENT), Away())

    class Odd(Sns):
        def __call__(self, url: str) -> bytes:
            return b"no certificate"

    with pytest.raises(Forbidden):
        call(Heard(), posted(EVENT), Odd())
