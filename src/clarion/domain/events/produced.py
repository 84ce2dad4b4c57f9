"""Rows for what the product itself did: who writes an event of the service builds it here.

Attributes, feedback words and facets are exactly those of Pinpoint's stream records. Event ids derive from
what the event is about, so recording the same outcome twice is recognisable.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from clarion.domain.events.model import PLANNED, SKIP, TEXT_RECEIVED, EventRow, tokens

EmailKind = Literal[
    "send",
    "delivered",
    "rejected",
    "hardbounce",
    "softbounce",
    "complaint",
    "open",
    "click",
    "unsubscribe",
    "rendering_failure",
]
SmsKind = Literal["BUFFERED", "SUCCESS", "FAILURE", "OPTOUT"]
CallKind = Literal["INITIATED", "RINGING", "ANSWERED", "COMPLETED", "BUSY", "NO_ANSWER", "FAILED", "CANCELLED"]


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """Whom and which run a service event is about; "" for what does not apply.

    `endpoint_key` is the lower-cased `endpoint_id` unless given. `activity_id` is the campaign run or the
    journey activity, `activity_type` the latter's kind. `endpoint` is the JSON text of the endpoint record.
    `context` are further attributes.
    `client_id` is what the stream calls the recipient when that is not the endpoint id: Pinpoint makes up a
    UUID for transactional mail.
    """

    account: str
    app_id: str
    endpoint_id: str = ""
    endpoint_key: str = ""
    user_id: str = ""
    campaign_id: str = ""
    treatment_id: str = ""
    journey_id: str = ""
    journey_run_id: str = ""
    activity_id: str = ""
    activity_type: str = ""
    trace_id: str = ""
    message_id: str = ""
    endpoint: str = ""
    client_id: str = ""
    context: Mapping[str, str] = {}


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """The message of an e-mail event. `headers` as (name, value); `sent_ms` Unix ms."""

    message_id: str
    sent_ms: int
    from_address: str
    destination: list[str]
    subject: str
    headers: list[tuple[str, str]] = []
    headers_truncated: bool = False


class _EmailForm(NamedTuple):
    feedback: str
    object: str


_EMAIL: Mapping[str, _EmailForm] = {
    "send": _EmailForm("received", "send"),
    "delivered": _EmailForm("delivered", "delivery"),
    "rejected": _EmailForm("rejected", "reject"),
    "hardbounce": _EmailForm("hardbounce", "bounce"),
    "softbounce": _EmailForm("softbounce", "bounce"),
    "complaint": _EmailForm("complaint", "complaint"),
    "open": _EmailForm("opened", "open"),
    "click": _EmailForm("clicked", "click"),
    "unsubscribe": _EmailForm("unsubscribed", "unsubscribe"),
    "rendering_failure": _EmailForm("rendering_failure", "rendering_failure"),
}

_encode = msgspec.json.Encoder().encode


def campaign_send(
    subject: Subject, *, at_ms: int, status: str, delivery_type: str, gate: str = "", reason: str = ""
) -> EventRow:
    """`_campaign.send`: a campaign came to this endpoint; `status` says with what result.

    `gate` and `reason` are Clarion's explanation when it was not SUCCESS.
    """
    attributes = _present(
        campaign_id=subject.campaign_id,
        campaign_activity_id=subject.activity_id,
        treatment_id=subject.treatment_id or "0",
        delivery_type=delivery_type,
        campaign_send_status=status,
    )
    return _row(
        subject,
        "_campaign.send",
        attributes,
        at_ms=at_ms,
        treatment_id=subject.treatment_id or "0",
        status=status,
        gate=gate,
        reason=reason,
        record=_endpoint_context(subject),
    )


def journey_send(
    subject: Subject,
    *,
    at_ms: int,
    status: str,
    word: str = "",
    code: str = "",
    message: str = "",
    gate: str = "",
    reason: str = "",
    answered: Mapping[str, str] | None = None,
    occurrence: str = "",
) -> EventRow:
    """`_journey.send`: a journey's message activity came to this endpoint.

    `status` is the most exact word for what came of it, `word` the stream's when that has a coarser one, `answered`
    what a function or web hook said of the endpoint. What happens beside the one result has an `occurrence`.
    """
    attributes = {
        **(answered or {}),
        **_present(
            journey_id=subject.journey_id,
            journey_run_id=subject.journey_run_id,
            journey_activity_id=subject.activity_id,
            journey_activity_type=subject.activity_type,
            journey_send_status=word or status,
            journey_send_status_code=code,
            journey_send_status_message=message,
        ),
    }
    record = _endpoint_context(subject)
    return _row(
        subject,
        "_journey.send",
        attributes,
        at_ms=at_ms,
        status=status,
        gate=gate,
        reason=reason,
        record=record,
        occurrence=occurrence,
    )


def email(
    subject: Subject,
    kind: EmailKind,
    mail: Mail,
    *,
    at_ms: int,
    detail: Mapping[str, Any] | None = None,
    occurrence: str = "",
) -> EventRow:
    """`_email.{kind}` of one message, with `detail` as its event object (spec events.md 10.2).

    The event's time is the message's, `at_ms` is when it became known. What happens more than once to a
    message (opens, clicks) tells its times apart by `occurrence`.
    """
    form = _EMAIL[kind]
    detail = detail or {}
    link = str(detail.get("link", "")) if kind == "click" else ""
    attributes = {"feedback": link or form.feedback} | _run(subject) | dict(subject.context)
    record: dict[str, Any] = {
        "client_context": {"custom": {"legacy_identifier": subject.app_id}},
        "facets": {"email_channel": {"mail_event": {"mail": _mail(subject, kind, mail), form.object: detail}}},
    }
    if subject.client_id:
        record["client"] = {"client_id": subject.client_id}
    return _row(
        subject,
        f"_email.{kind}",
        attributes,
        at_ms=at_ms,
        ts=mail.sent_ms,
        message_id=mail.message_id,
        occurrence=occurrence,
        record=_encode(record).decode(),
    )


def sms(
    subject: Subject,
    kind: SmsKind,
    *,
    at_ms: int,
    ts_ms: int,
    attributes: Mapping[str, str],
    price_millicents: float | None = None,
    occurrence: str = "",
) -> EventRow:
    """`_SMS.{kind}`; `attributes` are those of spec events.md 11 besides the run's, `record_status` among them."""
    metrics = {} if price_millicents is None else {"price_in_millicents_usd": price_millicents}
    treatment = {} if subject.journey_id else {"treatment_id": subject.treatment_id or "0"}
    return _row(
        subject,
        f"_SMS.{kind}",
        {**attributes, **_run(subject), **treatment},
        at_ms=at_ms,
        ts=ts_ms,
        status=attributes.get("record_status", ""),
        message_id=attributes.get("message_id", subject.message_id),
        metrics=metrics,
        occurrence=occurrence,
    )


def sms_received(subject: Subject, *, at_ms: int, attributes: Mapping[str, str], occurrence: str) -> EventRow:
    """`_clarion.sms_received`: a text from a person; `occurrence` tells it from others that answer the same message."""
    return _row(subject, TEXT_RECEIVED, {**attributes, **_run(subject)}, at_ms=at_ms, occurrence=occurrence)


def call(
    subject: Subject,
    kind: CallKind,
    *,
    at_ms: int,
    ts_ms: int,
    attributes: Mapping[str, str],
    seconds: int | None = None,
    price_millicents: float | None = None,
) -> EventRow:
    """`_VOICE.{kind}`: Clarion's own, as Pinpoint has none of calls. `seconds` is how long people were connected."""
    metrics: dict[str, float] = {} if seconds is None else {"duration_seconds": float(seconds)}
    if price_millicents is not None:
        metrics["price_in_millicents_usd"] = price_millicents
    return _row(
        subject,
        f"_VOICE.{kind}",
        {**attributes, **_run(subject), "record_status": kind},
        at_ms=at_ms,
        ts=ts_ms,
        status=kind,
        message_id=subject.message_id,
        metrics=metrics,
    )


def skip(subject: Subject, *, at_ms: int, gate: str, reason: str) -> EventRow:
    """`_clarion.skip`: somebody got nothing and Pinpoint has no event for it."""
    attributes = {"gate": gate, "reason": reason} | _run(subject) | dict(subject.context)
    return _row(subject, SKIP, attributes, at_ms=at_ms, gate=gate, reason=reason)


def planned(subject: Subject, *, at_ms: int, delivery_type: str) -> EventRow:
    """`_clarion.planned`: a message is on its way to somebody whose messages are counted."""
    return _row(subject, PLANNED, {"delivery_type": delivery_type}, at_ms=at_ms)


def _row(
    subject: Subject,
    event_type: str,
    attributes: Mapping[str, str],
    *,
    at_ms: int,
    ts: int | None = None,
    message_id: str = "",
    metrics: Mapping[str, float] | None = None,
    occurrence: str = "",
    **columns: Any,
) -> EventRow:
    key = subject.endpoint_key or subject.endpoint_id.lower()
    message_id = message_id or subject.message_id
    about = message_id or f"{subject.journey_run_id or subject.activity_id}/{key}"
    return EventRow(
        app_id=subject.app_id,
        event_type=event_type,
        event_id="/".join(part for part in (about, event_type, occurrence) if part),
        endpoint_key=key,
        endpoint_id=subject.endpoint_id,
        user_id=subject.user_id,
        ts=at_ms if ts is None else ts,
        arrival=at_ms,
        account=subject.account,
        system=True,
        kv=tokens(attributes),
        metric_names=list(metrics or ()),
        metric_values=[float(value) for value in (metrics or {}).values()],
        campaign_id=subject.campaign_id,
        activity_id=subject.activity_id,
        journey_id=subject.journey_id,
        treatment_id=columns.pop("treatment_id", subject.treatment_id),
        message_id=message_id,
        trace_id=subject.trace_id,
        **columns,
    )


def _run(subject: Subject) -> dict[str, str]:
    """The attributes that name the campaign run or the journey activity behind a message."""
    if subject.journey_id:
        return _present(
            journey_id=subject.journey_id,
            journey_run_id=subject.journey_run_id,
            journey_activity_id=subject.activity_id,
        )
    if subject.campaign_id:
        return _present(
            campaign_id=subject.campaign_id,
            campaign_activity_id=subject.activity_id,
            treatment_id=subject.treatment_id or "0",
        )
    return {}


def _mail(subject: Subject, kind: EmailKind, mail: Mail) -> dict[str, Any]:
    # Pinpoint leaves the subject out of a campaign's send events, and only there.
    told = not (kind == "send" and subject.campaign_id)
    common: dict[str, Any] = {"from": mail.from_address, "to": mail.destination}
    if told:
        common["subject"] = mail.subject
    return {
        "message_id": mail.message_id,
        "message_send_timestamp": mail.sent_ms,
        "from_address": mail.from_address,
        "destination": mail.destination,
        "headers_truncated": mail.headers_truncated,
        "headers": [
            {"name": name, "value": value} for name, value in mail.headers if told or name.lower() != "subject"
        ],
        "common_headers": common,
    }


def _endpoint_context(subject: Subject) -> str:
    if not subject.endpoint:
        return ""
    return _encode({"client_context": {"custom": {"endpoint": subject.endpoint}}}).decode()


def _present(**attributes: str) -> dict[str, str]:
    return {name: value for name, value in attributes.items() if value}
