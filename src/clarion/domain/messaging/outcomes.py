"""What became of a message, as the events that say so.

A campaign's or journey's message that was handed to its channel is a `_campaign.send` or `_journey.send` with SUCCESS,
whatever the mailbox does with it afterwards: a bounce is an event of the channel. Only a message that never got an
answer from the channel ends as a failure of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from clarion.channels import phones
from clarion.channels.port import (
    Bounce,
    Complaint,
    Delivery,
    EmailFact,
    EmailOutgoing,
    Gone,
    Moved,
    Outcome,
    Receipt,
    Rejection,
    SmsOutgoing,
    VoiceOutgoing,
)
from clarion.channels.sms.size import size_of
from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import EmailKind, Mail, Subject
from clarion.domain.messaging.model import ActivityType, Envelope, Refusal, SendStatus

_OWN_ATTRIBUTES = frozenset(
    (
        "feedback",
        "campaign_id",
        "campaign_activity_id",
        "treatment_id",
        "journey_id",
        "journey_run_id",
        "journey_activity_id",
    )
)
_TOLD = frozenset(
    (
        "SUCCESS",
        "FAILURE",
        "CUSTOM_DELIVERY_FAILURE",
        "FAILURE_PERMANENT",
        "THROTTLED",
        "UNSUPPORTED_CHANNEL",
        "DAILY_CAP",
        "QUIET_TIME",
        "QUIET_TIME_MISSING_TIMEZONE",
        "QUIET_TIME_WAIT_FINISHED",
    )
)
"""Statuses that the stream has a word for; the others are FAILURE there. Source: spec of journeys, 14."""
_FINER: Mapping[str, SendStatus] = {"RECOMMENDATION_FAILURE": "SERVICE_FAILURE", "HOOK_FAILURE": "SERVICE_FAILURE"}
"""Statuses of campaigns that figures of journeys have another word for."""
_SILENT = frozenset(("HOLDOUT", "DUPLICATE_ADDRESS"))
"""Refusals of campaigns that a journey's stream does not know."""
_CODES = {"sent": "200", "delivered": "200", "permanent": "400", "throttled": "429", "temporary": "500"}
HANDED_OVER = ("sent", "delivered")
_USUAL_TYPE = "PROMOTIONAL"


def subject_of(envelope: Envelope) -> Subject:
    """Whom and which run the events of this message are about."""
    return Subject(
        account=envelope.account,
        app_id=envelope.app_id,
        endpoint_id=envelope.endpoint_id,
        user_id=envelope.user_id,
        campaign_id=envelope.campaign_id,
        treatment_id=envelope.treatment_id,
        journey_id=envelope.journey_id,
        journey_run_id=envelope.journey_run_id,
        activity_id=envelope.activity_id,
        activity_type=type_of(envelope) if envelope.journey_id else "",
        trace_id=envelope.trace_id,
        endpoint=envelope.endpoint,
        message_id=envelope.message.message_id,
        client_id=envelope.client_id if envelope.origin == "direct" else "",
        context=envelope.context,
    )


def type_of(envelope: Envelope) -> ActivityType:
    """The kind of journeys' activities that sends such messages."""
    if envelope.custom is not None:
        return "CUSTOM"
    return "EMAIL" if envelope.email is not None else "SMS" if envelope.sms is not None else "PUSH"


def mail_of(message: EmailOutgoing) -> Mail:
    """The `mail` object of the message's events."""
    headers = [
        ("From", message.from_address),
        ("To", message.to_address),
        ("Subject", message.subject),
        ("MIME-Version", "1.0"),
        *message.headers,
    ]
    return Mail(
        message_id=message.message_id,
        sent_ms=message.sent_at_ms,
        from_address=message.from_address,
        destination=[message.to_address],
        subject=message.subject,
        headers=headers,
    )


def recalled(rows: Sequence[EventRow]) -> tuple[Subject, Mail]:
    """Whom and which run a message was about, and what it was, from e-mail events recorded of it.

    A campaign's `_email.send` does not tell the subject, so any other event of the message tells more.
    """
    row = min(rows, key=lambda row: row.event_type == "_email.send")
    record = msgspec.json.decode(row.record, type=dict[str, Any])
    told = record["facets"]["email_channel"]["mail_event"]["mail"]
    attributes = row.attributes
    subject = Subject(
        account=row.account,
        app_id=row.app_id,
        endpoint_id=row.endpoint_id,
        endpoint_key=row.endpoint_key,
        user_id=row.user_id,
        campaign_id=row.campaign_id,
        treatment_id=row.treatment_id,
        journey_id=row.journey_id,
        journey_run_id=attributes.get("journey_run_id", ""),
        activity_id=row.activity_id,
        trace_id=row.trace_id,
        message_id=row.message_id,
        client_id=record.get("client", {}).get("client_id", ""),
        context={name: value for name, value in attributes.items() if name not in _OWN_ATTRIBUTES},
    )
    mail = Mail(
        message_id=told["message_id"],
        sent_ms=told["message_send_timestamp"],
        from_address=told["from_address"],
        destination=told["destination"],
        subject=told["common_headers"].get("subject", ""),
        headers=[(header["name"], header["value"]) for header in told["headers"]],
        headers_truncated=told["headers_truncated"],
    )
    return subject, mail


def refused(subject: Subject, refusal: Refusal, *, at_ms: int, channel: str) -> EventRow:
    """The record of a gate that said no."""
    silent = refusal.status is None or (subject.journey_id and refusal.status in _SILENT)
    if silent or refusal.status is None:
        return produced.skip(subject, at_ms=at_ms, gate=refusal.gate, reason=refusal.reason)
    if subject.journey_id:
        status = _FINER.get(refusal.status, refusal.status)
        return _journey_send(subject, status, at_ms=at_ms, gate=refusal.gate, reason=refusal.reason)
    return produced.campaign_send(
        subject,
        at_ms=at_ms,
        status=refusal.status,
        delivery_type=channel,
        gate=refusal.gate,
        reason=refusal.reason,
    )


def released(subject: Subject, message_id: str, *, at_ms: int) -> EventRow:
    """The record that somebody's message was held back for quiet time, which is over. `subject` has no message."""
    untyped = msgspec.structs.replace(subject, activity_type="", message_id="")
    return produced.journey_send(untyped, at_ms=at_ms, status="QUIET_TIME_WAIT_FINISHED", occurrence=message_id)


def _journey_send(
    subject: Subject,
    status: SendStatus,
    *,
    at_ms: int,
    code: str = "",
    gate: str = "",
    reason: str = "",
    answered: Mapping[str, str] | None = None,
) -> EventRow:
    return produced.journey_send(
        subject,
        at_ms=at_ms,
        status=status,
        word=status if status in _TOLD else "FAILURE",
        code=code,
        message=reason or code,
        gate=gate,
        reason=reason,
        answered=answered,
    )


def rendering_failure(subject: Subject, sender: str, address: str, problem: str, *, at_ms: int) -> EventRow:
    """The record of an e-mail that could not be composed."""
    mail = Mail(message_id=subject.message_id, sent_ms=at_ms, from_address=sender, destination=[address], subject="")
    return produced.email(subject, "rendering_failure", mail, at_ms=at_ms, detail={"error_message": problem})


def expired(envelope: Envelope, *, at_ms: int) -> EventRow:
    """The record of a message whose time was over before its turn came."""
    said = Refusal("expiry", "its turn did not come before the run's deadline", "EXPIRED")
    return refused(subject_of(envelope), said, at_ms=at_ms, channel=envelope.channel)


def final(envelope: Envelope, outcome: Outcome, *, at_ms: int) -> Iterator[EventRow]:
    """The events of a message whose fate, as far as its channel knows, is decided."""
    subject = subject_of(envelope)
    if envelope.origin != "direct":
        status, gate = _status(outcome)
        if envelope.custom is not None and status != "SUCCESS":
            status = "CUSTOM_DELIVERY_FAILURE"
        reason = "" if status == "SUCCESS" else outcome.detail
        if envelope.origin == "journey":
            code = "200" if status == "SUCCESS" else _CODES[outcome.status]
            yield _journey_send(
                subject,
                status,
                at_ms=at_ms,
                code=code,
                gate=gate,
                reason=reason,
                answered=outcome.answered,
            )
        else:
            yield produced.campaign_send(
                subject, at_ms=at_ms, status=status, delivery_type=envelope.channel, gate=gate, reason=reason
            )
    elif outcome.status not in HANDED_OVER and not _recorded(outcome):
        # A direct message that nobody answered for has no event of Pinpoint's own.
        yield produced.skip(subject, at_ms=at_ms, gate="channel", reason=outcome.detail)
    if outcome.status not in HANDED_OVER and not _recorded(outcome):
        return
    if envelope.email is not None:
        mail = mail_of(envelope.email)
        yield produced.email(subject, "send", mail, at_ms=at_ms)
        for fact in outcome.events:
            if isinstance(fact, EmailFact):
                kind, detail = describe(fact, envelope.email.to_address)
                yield produced.email(subject, kind, mail, at_ms=at_ms, detail=detail)
    elif envelope.sms is not None:
        yield from _of_sms(envelope, envelope.sms, outcome, at_ms)
    elif envelope.voice is not None:
        yield from _of_call(envelope, envelope.voice, outcome, at_ms)


def _recorded(outcome: Outcome) -> bool:
    """Whether a fact of it becomes an event; what is said of the address itself becomes a change of the endpoint."""
    return any(not isinstance(fact, Gone | Moved) for fact in outcome.events)


def told_of_sms(envelope: Envelope, message: SmsOutgoing) -> dict[str, str]:
    """What all events of a text message say, but for what became of it. Source: specs of SMS, 12, and of events, 11."""
    number = phones.e164(message.to_address) or message.to_address
    context = dict(envelope.context)
    about = {
        **context,
        "customer_context": msgspec.json.encode(context).decode() if context else "",
        "sender_request_id": message.message_id,
        "message_id": message.message_id,
        "destination_phone_number": number,
        "iso_country_code": phones.country_of(number),
        "number_of_message_parts": str(size_of(message.body).parts),
        "message_type": (message.message_type or _USUAL_TYPE).capitalize(),
        "origination_phone_number": message.origination_number,
    }
    return {name: value for name, value in about.items() if value}


def _of_sms(envelope: Envelope, message: SmsOutgoing, outcome: Outcome, at_ms: int) -> Iterator[EventRow]:
    """It left, if it did, and what the carrier said of it if that is known already."""
    subject, told, ts_ms = subject_of(envelope), told_of_sms(envelope, message), message.sent_at_ms
    if outcome.status in HANDED_OVER:
        buffered = {**told, "record_status": "SUCCESSFUL"}
        yield produced.sms(subject, "BUFFERED", at_ms=at_ms, ts_ms=ts_ms, attributes=buffered)
    for fact in outcome.events:
        if isinstance(fact, Receipt):
            said = {**told, "record_status": fact.record_status}
            if fact.origination_number:
                said["origination_phone_number"] = fact.origination_number
            yield produced.sms(
                subject,
                fact.kind,
                at_ms=at_ms,
                ts_ms=ts_ms,
                attributes=said,
                price_millicents=fact.price_millicents,
            )


def told_of_call(envelope: Envelope, message: VoiceOutgoing) -> dict[str, str]:
    """What all events of a call say, but for what became of it; in the words of text messages where they fit."""
    number = phones.e164(message.to_address) or message.to_address
    about = {
        **dict(envelope.context),
        "sender_request_id": message.message_id,
        "message_id": message.message_id,
        "destination_phone_number": number,
        "iso_country_code": phones.country_of(number),
        "origination_phone_number": message.origination_number,
        "language_code": message.language_code,
        "voice_id": message.voice_id,
    }
    return {name: value for name, value in about.items() if value}


def _of_call(envelope: Envelope, message: VoiceOutgoing, outcome: Outcome, at_ms: int) -> Iterator[EventRow]:
    """It was dialled; where there is nobody to wait for (the local inbox), it was listened to as well."""
    if outcome.status not in HANDED_OVER:
        return
    subject, told = subject_of(envelope), told_of_call(envelope, message)
    yield produced.call(subject, "INITIATED", at_ms=at_ms, ts_ms=message.sent_at_ms, attributes=told)
    if outcome.status == "delivered":
        yield produced.call(subject, "COMPLETED", at_ms=at_ms, ts_ms=at_ms, attributes=told, seconds=0)


def _status(outcome: Outcome) -> tuple[SendStatus, str]:
    if outcome.status in HANDED_OVER or any(isinstance(fact, Bounce) for fact in outcome.events):
        return "SUCCESS", ""
    if outcome.status == "permanent":
        return "FAILURE_PERMANENT", "channel"
    if outcome.status == "throttled":
        return "THROTTLED", "channel"
    return ("UNKNOWN" if outcome.uncertain else "TRANSIENT_FAILURE"), "channel"


def describe(fact: EmailFact, address: str) -> tuple[EmailKind, dict[str, Any]]:
    """An e-mail event's kind and its event object, in Pinpoint's words."""
    match fact:
        case Delivery():
            return "delivered", {
                "smtp_response": fact.smtp_response,
                "reporting_mta": fact.reporting_mta,
                "recipients": [address],
                "processing_time_millis": fact.processing_ms,
            }
        case Bounce():
            recipient = {
                "email_address": address,
                "action": fact.action,
                "status": fact.status,
                "diagnostic_code": fact.diagnostic_code,
            }
            return "hardbounce" if fact.bounce_type == "Permanent" else "softbounce", {
                "bounce_type": fact.bounce_type,
                "bounce_sub_type": fact.bounce_sub_type,
                "bounced_recipients": [recipient],
                "reporting_mta": fact.reporting_mta,
            }
        case Complaint():
            return "complaint", {
                "complained_recipients": [{"email_address": address}],
                "complaint_feedback_type": fact.feedback_type,
                "user_agent": fact.user_agent,
            }
        case Rejection():
            return "rejected", {"reason": fact.reason}
