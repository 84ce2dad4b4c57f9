"""What becomes of e-mails, told over HTTP: by Amazon SES through SNS, or by whoever runs the mail server.

    SES       notifications and published events, in an envelope of SNS (`channels.sns`), at `/providers/{name}`
    anybody   JSON reports, or a mail as it came in, signed as Standard Webhooks, at `/feedback/email`

SES has a message id of its own. Ours travels as tags (`clarion-app`, `clarion-message`) or, where there are none, is in
the headers that SES repeats. Sends, delays, opens and clicks are not taken from SES: we know them, or count our own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Annotated, Literal, TypeVar, get_args

import msgspec

from clarion.channels import signatures, sns
from clarion.channels.email.verp import HOUR_MS
from clarion.channels.feedback import Feedback, MailReport
from clarion.channels.port import Bounce, BounceSubType, BounceType, Complaint, Delivery
from clarion.channels.provider import Surroundings, Webhook
from clarion.channels.sns import Fetch
from clarion.core.clock import Clock, parse_iso, to_ms
from clarion.core.errors import Forbidden, Invalid, NotFound
from clarion.wire.http.asgi import Response
from clarion.wire.http.plain import PlainRequest

APP_TAG, MESSAGE_TAG = "clarion-app", "clarion-message"
"""Message tags under which SES is told which project and message of ours a mail is."""

MOST_REPORTS = 100
TOLERANCE_SECONDS = 300
"""How far the time of a signed call may be from ours, either way; the same call later is nobody's."""

_MESSAGE_ID = re.compile(r"<?([0-9a-f]{32})@", re.I)
_HEX = re.compile(r"[0-9a-f]{32}", re.I)
_TYPES: tuple[BounceType, ...] = get_args(BounceType)
_SUB_TYPES: tuple[BounceSubType, ...] = get_args(BounceSubType)

T = TypeVar("T")


class _Camel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Base of SES's objects. What a release does not know is passed over."""


class _Header(_Camel, frozen=True, kw_only=True, rename="camel"):
    name: str = ""
    value: str = ""


class _Mail(_Camel, frozen=True, kw_only=True, rename="camel"):
    destination: list[str] = []
    headers: list[_Header] = []
    tags: dict[str, list[str]] = {}


class _Bounced(_Camel, frozen=True, kw_only=True, rename="camel"):
    email_address: str = ""
    action: str = ""
    status: str = ""
    diagnostic_code: str = ""


class _Bounce(_Camel, frozen=True, kw_only=True, rename="camel"):
    bounce_type: str = ""
    bounce_sub_type: str = ""
    bounced_recipients: list[_Bounced] = []
    reporting_mta: str = msgspec.field(default="", name="reportingMTA")


class _Complaint(_Camel, frozen=True, kw_only=True, rename="camel"):
    complaint_feedback_type: str | None = None
    user_agent: str | None = None


class _Delivery(_Camel, frozen=True, kw_only=True, rename="camel"):
    smtp_response: str = ""
    reporting_mta: str = msgspec.field(default="", name="reportingMTA")
    processing_time_millis: int = 0


class _Notification(_Camel, frozen=True, kw_only=True, rename="camel"):
    """Source: spec of e-mail, 8.2."""

    event_type: str = ""
    notification_type: str = ""
    mail: _Mail = _Mail()
    bounce: _Bounce | None = None
    complaint: _Complaint | None = None
    delivery: _Delivery | None = None


_notification = msgspec.json.Decoder(_Notification).decode


def ses_webhook(topic_arn: str, given: Surroundings, fetch: Fetch | None = None) -> Webhook:
    """What answers SES's notifications through the SNS topic of this ARN ("": there is none)."""

    def take(message: str) -> None:
        if (report := ses_report(message, given.clock.now_ms())) is not None:
            given.feedback.mails([report])

    return sns.webhook(topic_arn, take, fetch)


def ses_report(message: str, now_ms: int) -> MailReport | None:
    """What a notification of SES reports; None for what is of no use here, or about no mail of ours."""
    try:
        told = _notification(message)
    except (msgspec.DecodeError, RecursionError):
        return None  # SNS sends plain text as well, to see whether somebody listens
    fact = _fact(told)
    named = _named(told.mail)
    if fact is None or named is None:
        return None
    app_id, message_id, hour_ms = named
    headers = [(one.name, one.value) for one in told.mail.headers] if isinstance(fact, Complaint) else []
    return MailReport(
        app_id=app_id,
        message_id=message_id,
        recipient=next(iter(told.mail.destination), ""),
        fact=fact,
        at_ms=now_ms,
        headers=headers,
        hour_ms=hour_ms,
    )


def _fact(told: _Notification) -> Bounce | Complaint | Delivery | None:
    kind = (told.event_type or told.notification_type).lower()
    if kind == "bounce" and told.bounce is not None:
        one = next(iter(told.bounce.bounced_recipients), _Bounced())
        return Bounce(
            bounce_type=_known(told.bounce.bounce_type, _TYPES, "Undetermined"),
            bounce_sub_type=_known(told.bounce.bounce_sub_type, _SUB_TYPES, "General"),
            status=one.status,
            diagnostic_code=one.diagnostic_code,
            action=one.action or "failed",
            reporting_mta=told.bounce.reporting_mta.rpartition(";")[2].strip(),
        )
    if kind == "complaint" and told.complaint is not None:
        return Complaint(
            feedback_type=told.complaint.complaint_feedback_type or "abuse",
            user_agent=told.complaint.user_agent or "",
        )
    if kind == "delivery" and told.delivery is not None:
        said = told.delivery
        return Delivery(said.smtp_response, said.reporting_mta, said.processing_time_millis)
    return None


def _named(mail: _Mail) -> tuple[str, str, int] | None:
    """Project, message and hour, as far as each is told."""
    app_id = next(iter(mail.tags.get(APP_TAG, [])), "")
    message_id = next(iter(mail.tags.get(MESSAGE_TAG, [])), "")
    if _HEX.fullmatch(app_id) and _HEX.fullmatch(message_id):
        return app_id.lower(), message_id.lower(), 0
    told = {one.name.lower(): one.value for one in reversed(mail.headers)}
    match = _MESSAGE_ID.search(told.get("message-id", ""))
    sent_ms = _date_ms(told.get("date", ""))
    return ("", match[1].lower(), sent_ms - sent_ms % HOUR_MS) if match and sent_ms else None


def _date_ms(date: str) -> int:
    try:
        return max(0, to_ms(parsedate_to_datetime(date[:100])))
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return 0


def _known(word: str, words: Sequence[T], otherwise: T) -> T:
    return next((one for one in words if one == word), otherwise)


class Header(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """A header field."""

    name: str
    value: str


class Report(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """What became of one e-mail, as whoever runs the mail server tells it.

    It names the message by `return_path`, the envelope sender that the mail had, or by `application_id` and
    `message_id`. `headers` go with complaints.
    """

    type: Literal["HardBounce", "SoftBounce", "Undetermined", "Complaint", "Delivered"]
    return_path: str = ""
    application_id: str = ""
    message_id: str = ""
    recipient: str = ""
    bounce_sub_type: BounceSubType = "General"
    status: str = ""
    diagnostic_code: str = ""
    reporting_mta: str = ""
    feedback_type: Literal["abuse", "auth-failure", "fraud", "not-spam", "other", "virus"] = "abuse"
    user_agent: str = ""
    source_ip: str = ""
    smtp_response: str = ""
    at: str = ""
    headers: list[Header] = []


class Reports(msgspec.Struct, frozen=True, kw_only=True, rename="pascal"):
    """The body of a call."""

    reports: Annotated[list[Report], msgspec.Meta(min_length=1, max_length=MOST_REPORTS)]


_reports = msgspec.json.Decoder(Reports).decode


class Incoming:
    """Answers `/feedback/email`. `secrets` are `whsec_…`, by commas. `bounced` reads an envelope sender of ours; `take`
    takes in a whole mail for a recipient, and `accepts` says whether that may be."""

    def __init__(
        self,
        secrets: str,
        feedback: Feedback,
        *,
        bounced: Callable[[str], tuple[str, int] | None],
        accepts: Callable[[str], bool],
        take: Callable[[Sequence[str], bytes], None],
        real: Clock,
    ) -> None:
        try:
            self._secrets = signatures.secrets_of(secrets)
        except ValueError as error:
            raise Invalid(f"feedback_webhook_secret: {error}") from error
        self._feedback = feedback
        self._bounced = bounced
        self._accepts = accepts
        self._take = take
        self._real = real

    def answer(self, request: PlainRequest) -> Response:
        """204 once it is durable. Raises Forbidden for what is not signed, Invalid, Unavailable."""
        if request.method != "POST":
            raise NotFound("There is nothing here")
        seconds = to_ms(self._real.now()) // 1000
        if not signatures.is_signed(self._secrets, request.headers, request.body, seconds, TOLERANCE_SECONDS):
            raise Forbidden("The call is not signed with the secret, or too old")
        if request.headers.get(b"content-type", b"").lower().startswith(b"message/rfc822"):
            recipients = request.query.get("recipient", [])
            if not recipients or not all(map(self._accepts, recipients)):
                raise Invalid("recipient: must be an address that bounces, complaints or people who leave write to")
            self._take(recipients, request.body)
            return Response(204, b"")
        try:
            told = _reports(request.body).reports
        except (msgspec.DecodeError, RecursionError) as error:
            raise Invalid(f"Reports: {error}") from error
        now = to_ms(self._real.now())
        self._feedback.mails([self._report(number, one, now) for number, one in enumerate(told)])
        return Response(204, b"")

    def _report(self, number: int, one: Report, now_ms: int) -> MailReport:
        app_id, message_id, hour_ms = one.application_id, one.message_id, 0
        if one.return_path:
            found = self._bounced(one.return_path)
            if found is None:
                raise Invalid(f"Reports[{number}].ReturnPath: is no envelope sender of ours")
            app_id, (message_id, hour_ms) = "", found
        elif not (app_id and message_id):
            raise Invalid(f"Reports[{number}]: ReturnPath, or ApplicationId and MessageId, is required")
        try:
            at_ms = to_ms(parse_iso(one.at)) if one.at else now_ms
        except ValueError as error:
            raise Invalid(f"Reports[{number}].At: must be a time in ISO 8601") from error
        return MailReport(
            app_id=app_id,
            message_id=message_id,
            recipient=one.recipient,
            fact=_fact_of(one),
            at_ms=at_ms,
            headers=[(header.name, header.value) for header in one.headers],
            hour_ms=hour_ms,
            source_ip=one.source_ip,
        )


_BOUNCES: Mapping[str, BounceType] = {
    "HardBounce": "Permanent",
    "SoftBounce": "Transient",
    "Undetermined": "Undetermined",
}


def _fact_of(one: Report) -> Bounce | Complaint | Delivery:
    if one.type == "Complaint":
        return Complaint(feedback_type=one.feedback_type, user_agent=one.user_agent)
    if one.type == "Delivered":
        return Delivery(one.smtp_response, one.reporting_mta)
    return Bounce(
        bounce_type=_BOUNCES[one.type],
        bounce_sub_type=one.bounce_sub_type if one.type != "Undetermined" else "Undetermined",
        status=one.status,
        diagnostic_code=one.diagnostic_code,
        reporting_mta=one.reporting_mta,
    )
