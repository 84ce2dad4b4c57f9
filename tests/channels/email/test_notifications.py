"""Reports over HTTP: SES through SNS, and calls that are signed as Standard Webhooks."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Sequence
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook as Sender

from clarion.channels.email.notifications import APP_TAG, MESSAGE_TAG, Incoming, ses_report, ses_webhook
from clarion.channels.email.verp import HOUR_MS, Verp
from clarion.channels.feedback import MailReport, Nobody
from clarion.channels.port import Bounce, Complaint, Delivery
from clarion.channels.provider import Surroundings
from clarion.core.clock import VirtualClock, parse_iso, to_ms
from clarion.core.errors import Forbidden, Invalid, NotFound, Unavailable
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from clarion.wire.http.plain import PlainRequest
from tests.channels.email.inbound.samples import MESSAGE, SENT, SENT_MS, dsn

APP = "0f4b6f2e5a4c4f8da1b2c3d4e5f60718"
ARN = "arn:aws:sns:eu-central-1:000000000001:mail"
CERTIFICATE = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem"
CLOCK = VirtualClock(parse_iso("2027-03-04T10:00:00Z"))
NOW_MS = to_ms(CLOCK.now())
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
HOUR = SENT_MS - SENT_MS % HOUR_MS
VERP = Verp("bounces.acme.test", b"k" * 32)
MAIL = {
    "messageId": "0100017-ses",
    "destination": ["lea@example.test"],
    "headers": [
        {"name": "Message-ID", "value": f"<{MESSAGE}@acme.test>"},
        {"name": "Date", "value": SENT},
        {"name": "Subject", "value": "Hello"},
    ],
    "tags": {"ses:caller-identity": ["x"]},
}
BOUNCE = {
    "bounceType": "Permanent",
    "bounceSubType": "NoEmail",
    "bouncedRecipients": [
        {"emailAddress": "lea@example.test", "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 no"}
    ],
    "reportingMTA": "dns; ses.example.test",
}


class Kept(Nobody):
    def __init__(self) -> None:
        self.reports: list[MailReport] = []
        self.failure: Exception | None = None

    def mails(self, reports: Sequence[MailReport]) -> None:
        if self.failure is not None:
            raise self.failure
        self.reports += reports


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def certificate(key: rsa.RSAPrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.datetime(2027, 1, 1, tzinfo=datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM)


def notification(key: rsa.RSAPrivateKey, message: object, **changed: str) -> bytes:
    """As SNS posts it, signed by `key`."""
    told = {
        "Type": "Notification",
        "MessageId": "sns-1",
        "TopicArn": ARN,
        "Message": message if isinstance(message, str) else json.dumps(message),
        "Timestamp": "2027-03-04T10:00:00.000Z",
    }
    order = ("Message", "MessageId", "Timestamp", "TopicArn", "Type")
    signed = "".join(f"{name}\n{told[name]}\n" for name in order).encode()
    signature = base64.b64encode(key.sign(signed, PKCS1v15(), hashes.SHA256())).decode()
    whole = {**told, "SignatureVersion": "2", "Signature": signature, "SigningCertURL": CERTIFICATE, **changed}
    return json.dumps(whole).encode()


def confirmation(key: rsa.RSAPrivateKey, url: str) -> bytes:
    """What SNS posts when somebody has subscribed us."""
    told = {
        "Type": "SubscriptionConfirmation",
        "MessageId": "sns-0",
        "TopicArn": ARN,
        "Message": "You have chosen to subscribe to the topic",
        "Timestamp": "2027-03-04T10:00:00.000Z",
        "Token": "t",
        "SubscribeURL": url,
    }
    order = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    signed = "".join(f"{name}\n{told[name]}\n" for name in order).encode()
    signature = base64.b64encode(key.sign(signed, PKCS1v15(), hashes.SHA256())).decode()
    whole = {**told, "SignatureVersion": "2", "Signature": signature, "SigningCertURL": CERTIFICATE}
    return json.dumps(whole).encode()


def post(body: bytes, headers: dict[bytes, bytes] | None = None, **query: str) -> PlainRequest:
    return PlainRequest("POST", "/", {name: [one] for name, one in query.items()}, headers or {}, body, "request")


def surroundings(kept: Kept) -> Surroundings:
    return Surroundings(name="ses", settings=Settings(), clock=CLOCK, ids=SystemIds(), feedback=kept)


def test_a_bounce_from_ses_is_known_by_the_headers_that_it_repeats(key: rsa.RSAPrivateKey, certificate: bytes) -> None:
    kept = Kept()
    webhook = ses_webhook(ARN, surroundings(kept), fetch=lambda url: certificate)
    answer = webhook(post(notification(key, {"notificationType": "Bounce", "mail": MAIL, "bounce": BOUNCE})))
    assert answer.status == 204
    (report,) = kept.reports
    assert (report.app_id, report.message_id, report.hour_ms) == ("", MESSAGE, HOUR)
    assert report.fact == Bounce(
        bounce_type="Permanent",
        bounce_sub_type="NoEmail",
        status="5.1.1",
        diagnostic_code="smtp; 550 no",
        reporting_mta="ses.example.test",
    )


def test_tags_of_ours_name_project_and_message(key: rsa.RSAPrivateKey) -> None:
    mail = {**MAIL, "headers": [], "tags": {APP_TAG: [APP], MESSAGE_TAG: [MESSAGE]}}
    report = ses_report(json.dumps({"eventType": "Bounce", "mail": mail, "bounce": BOUNCE}), NOW_MS)
    assert report is not None
    assert (report.app_id, report.message_id) == (APP, MESSAGE)


def test_complaints_and_deliveries_of_ses() -> None:
    complaint = {"complaintFeedbackType": "abuse", "userAgent": "Yahoo/1", "complainedRecipients": []}
    report = ses_report(json.dumps({"eventType": "Complaint", "mail": MAIL, "complaint": complaint}), NOW_MS)
    assert report is not None
    assert report.fact == Complaint(feedback_type="abuse", user_agent="Yahoo/1")
    assert ("Subject", "Hello") in report.headers
    delivery = {"smtpResponse": "250 ok", "reportingMTA": "a.test", "processingTimeMillis": 870}
    report = ses_report(json.dumps({"eventType": "Delivery", "mail": MAIL, "delivery": delivery}), NOW_MS)
    assert report is not None
    assert report.fact == Delivery("250 ok", "a.test", 870)


@pytest.mark.parametrize(
    "message",
    [
        {"eventType": "Open", "mail": MAIL},
        {"eventType": "Send", "mail": MAIL, "send": {}},
        {"eventType": "DeliveryDelay", "mail": MAIL},
        {"eventType": "Bounce", "mail": {"destination": ["a@b.c"]}, "bounce": BOUNCE},
        {"eventType": "Bounce"},
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "[]",
    ],
)
def test_what_is_of_no_use_is_acknowledged(key: rsa.RSAPrivateKey, certificate: bytes, message: object) -> None:
    kept = Kept()
    webhook = ses_webhook(ARN, surroundings(kept), fetch=lambda url: certificate)
    assert webhook(post(notification(key, message))).status == 204
    assert kept.reports == []


def test_forged_notifications_and_those_of_other_topics_are_refused(key: rsa.RSAPrivateKey, certificate: bytes) -> None:
    kept = Kept()
    webhook = ses_webhook(ARN, surroundings(kept), fetch=lambda url: certificate)
    message = {"eventType": "Bounce", "mail": MAIL, "bounce": BOUNCE}
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    for body in (
        notification(other, message),
        notification(key, message, Message=json.dumps({**message, "x": 1})),
        notification(key, message, TopicArn=ARN + "x"),
        notification(key, message, SigningCertURL="https://sns.evil.test/x.pem"),
    ):
        with pytest.raises(Forbidden):
            webhook(post(body))
    with pytest.raises(NotFound):
        ses_webhook("", surroundings(kept))(post(notification(key, message)))
    assert kept.reports == []


def test_the_subscription_is_confirmed_at_sns_and_nowhere_else(key: rsa.RSAPrivateKey, certificate: bytes) -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return certificate

    kept = Kept()
    webhook = ses_webhook(ARN, surroundings(kept), fetch=fetch)
    confirm = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
    for url in ("https://evil.test/", "http://sns.eu-central-1.amazonaws.com/", "https://sns.evil.test/"):
        with pytest.raises(Forbidden):
            webhook(post(confirmation(key, url)))
    assert webhook(post(confirmation(key, confirm))).status == 204
    assert asked == [CERTIFICATE, confirm]
    assert kept.reports == []


def test_what_cannot_be_kept_is_not_acknowledged_to_sns(key: rsa.RSAPrivateKey, certificate: bytes) -> None:
    kept = Kept()
    kept.failure = Unavailable("the database is away")
    webhook = ses_webhook(ARN, surroundings(kept), fetch=lambda url: certificate)
    with pytest.raises(Unavailable):
        webhook(post(notification(key, {"eventType": "Bounce", "mail": MAIL, "bounce": BOUNCE})))


@given(st.recursive(st.none() | st.text() | st.integers(), lambda one: st.lists(one) | st.dictionaries(st.text(), one)))
def test_reading_what_ses_says_never_raises(message: Any) -> None:
    assert ses_report(json.dumps(message), NOW_MS) is None
    assert ses_report(json.dumps({"eventType": "Bounce", "mail": message, "bounce": message}), NOW_MS) is None


class Door:
    """`/feedback/email`, and what came through it."""

    def __init__(self) -> None:
        self.kept = Kept()
        self.mails: list[tuple[list[str], bytes]] = []
        self.incoming = Incoming(
            SECRET,
            self.kept,
            bounced=VERP.read,
            accepts=lambda address: VERP.read(address) is not None,
            take=lambda recipients, mail: self.mails.append((list(recipients), mail)),
            real=CLOCK,
        )

    def call(
        self, body: bytes, *, secret: str = SECRET, at: float = NOW_MS / 1000, kind: str = "", **query: str
    ) -> int:
        """Signed by the library of Standard Webhooks."""
        moment = datetime.datetime.fromtimestamp(int(at), datetime.UTC)
        signature = Sender(secret).sign("msg_1", moment, body.decode())
        headers = {
            b"webhook-id": b"msg_1",
            b"webhook-timestamp": str(int(at)).encode(),
            b"webhook-signature": signature.encode(),
            b"content-type": (kind or "application/json").encode(),
        }
        return self.incoming.answer(post(body, headers, **query)).status


def reports(**report: object) -> bytes:
    return json.dumps({"Reports": [{"Type": "HardBounce", **report}]}).encode()


def test_reports_name_the_message_by_its_return_path_or_its_ids() -> None:
    door = Door()
    assert door.call(reports(ReturnPath=VERP.address(MESSAGE, SENT_MS), Status="5.1.1", BounceSubType="NoEmail")) == 204
    assert door.call(reports(ApplicationId=APP, MessageId=MESSAGE, Type="SoftBounce", At="2027-03-04T09:59:00Z")) == 204
    headers = [{"Name": "Subject", "Value": "Hello"}]
    assert door.call(reports(ApplicationId=APP, MessageId=MESSAGE, Type="Complaint", Headers=headers)) == 204
    hard, soft, complaint = door.kept.reports
    assert (hard.message_id, hard.hour_ms, hard.app_id) == (MESSAGE, HOUR, "")
    assert isinstance(soft.fact, Bounce)
    assert (soft.fact.bounce_type, soft.at_ms) == ("Transient", NOW_MS - 60_000)
    assert complaint.headers == [("Subject", "Hello")]


def test_a_whole_mail_may_be_posted_for_an_address_of_ours() -> None:
    door = Door()
    address = VERP.address(MESSAGE, SENT_MS)
    assert door.call(dsn(), kind="message/rfc822", recipient=address) == 204
    assert door.mails == [([address], dsn())]
    with pytest.raises(Invalid):
        door.call(dsn(), kind="message/rfc822", recipient="lea@example.test")
    with pytest.raises(Invalid):
        door.call(dsn(), kind="message/rfc822")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"Reports": []}',
        reports(),
        reports(ApplicationId=APP),
        reports(ReturnPath="b+x@bounces.acme.test"),
        reports(ApplicationId=APP, MessageId=MESSAGE, At="yesterday"),
        reports(ApplicationId=APP, MessageId=MESSAGE, Type="Opened"),
        b'{"Reports":' + b"[" * 100_000,
    ],
)
def test_reports_that_cannot_be_meant_are_refused_and_nothing_is_kept(body: bytes) -> None:
    door = Door()
    with pytest.raises(Invalid):
        door.call(body)
    assert door.kept.reports == []


def test_calls_that_are_not_signed_or_too_old_are_refused() -> None:
    door = Door()
    body = reports(ApplicationId=APP, MessageId=MESSAGE)
    other = "whsec_" + base64.b64encode(b"o" * 32).decode()
    for wrong in ({"secret": other}, {"at": NOW_MS / 1000 - 301}, {"at": NOW_MS / 1000 + 301}):
        with pytest.raises(Forbidden):
            door.call(body, **wrong)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        door.incoming.answer(post(body))
    assert door.kept.reports == []
    with pytest.raises(Invalid, match="feedback_webhook_secret"):
        Incoming("short", Kept(), bounced=VERP.read, accepts=bool, take=lambda r, m: None, real=CLOCK)
