"""Complaints: what a mailbox provider sends on when somebody presses "this is spam" (RFC 5965).

    RFC 5965        multipart/report; report-type=feedback-report, with a message/feedback-report and the mail or its
                    headers. Yahoo's are of this kind.
    JMRP            Microsoft's: a mail with the mail attached and the recipient in X-HmXmrOriginalRecipient, no report

Providers take out who complained, so whom it is about is told by what we put into the mail: its Message-ID, its
envelope sender, its unsubscribe link. The headers of the mail stay whole, for those who have to look into abuse.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from clarion.channels.email.inbound.parts import Part, fields
from clarion.channels.email.inbound.status import address_in
from clarion.channels.port import Complaint

FEEDBACK_REPORT = "message/feedback-report"
ORIGINALS = ("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers")

_TYPES = frozenset(("abuse", "auth-failure", "fraud", "not-spam", "other", "virus"))
_JMRP = re.compile(
    r"(?:staff|jmrp|junkmail)[^@\s<>]{0,40}@(?:[a-z0-9.-]{0,40}\.)?(?:hotmail|outlook|microsoft)\.com", re.I
)


class Report(NamedTuple):
    """A complaint: of whom ("" when that is taken out), when (as written there), and the sender's address that the
    report names. `headers` are those of the mail that it is about."""

    fact: Complaint
    recipient: str
    arrived: str
    mail_from: str
    source_ip: str
    headers: Sequence[tuple[str, str]]


def report(mail: Part) -> Report | None:
    """The complaint that a mail is, None when it is none."""
    about = next((fields(part.content) for part in mail.walk() if part.type == FEEDBACK_REPORT), None)
    headers = original_headers(mail)
    if about is None:
        return _of_jmrp(mail, headers)
    told = {name.lower(): value for name, value in reversed(about)}
    kind = told.get("feedback-type", "").strip().lower()
    fact = Complaint(feedback_type=kind if kind in _TYPES else "other", user_agent=told.get("user-agent", "")[:255])
    recipient = address_in(told.get("original-rcpt-to", "")) or address_in(told.get("removal-recipient", ""))
    return Report(
        fact,
        recipient,
        told.get("arrival-date", "") or told.get("received-date", ""),
        address_in(told.get("original-mail-from", "")),
        told.get("source-ip", "")[:64],
        headers,
    )


def original_headers(mail: Part) -> tuple[tuple[str, str], ...]:
    """The header fields of the mail that a report is about, none when it does not say."""
    for part in mail.walk():
        if part.type in ORIGINALS:
            # Not `Part.content`: an attached mail is never encoded, and its headers are at the beginning.
            return fields(part.body.lstrip(b"\n").partition(b"\n\n")[0])
    return ()


def _of_jmrp(mail: Part, headers: tuple[tuple[str, str], ...]) -> Report | None:
    told = {name.lower(): value for name, value in reversed(headers)}
    recipient = told.get("x-hmxmroriginalrecipient", "")
    if not headers or not (recipient or _JMRP.search(mail.get("from"))):
        return None
    return Report(
        Complaint(feedback_type="abuse", user_agent="JMRP"),
        address_in(recipient),
        mail.get("date"),
        address_in(told.get("return-path", "")),
        (told.get("x-sid-pra-ip", "") or told.get("x-originating-ip", ""))[:64],
        headers,
    )
