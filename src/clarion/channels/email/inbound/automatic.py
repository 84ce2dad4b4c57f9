"""Replies of machines (RFC 3834): out of office, "we have got your message", requests to confirm. No bounces.

They come to the envelope sender like bounces do, and many have an empty one themselves. Whoever takes them for bounces
puts everybody who goes on holiday on the suppression list.
"""

from __future__ import annotations

import re

from clarion.channels.email.inbound.parts import Part, spoken

_HEADERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-response-suppress",
    "x-vacation",
    "x-mail-autoreply",
)
_PRECEDENCE = re.compile(r"auto_?reply", re.I)
_SUBJECT = re.compile(
    r"out of (?:the )?office|auto(?:matic)?[ -]?(?:reply|response|matische antwort)|automatische antwort|abwesen|"
    r"on vacation|away from (?:my|the) (?:mail|office|desk)|r[ée]ponse automatique|absence du bureau|"
    r"respuesta autom[áa]tica|risposta automatica|automatisch antwoord",
    re.I,
)


def is_reply(mail: Part) -> bool:
    """Whether a machine answered for somebody."""
    submitted = mail.get("auto-submitted").partition(";")[0].strip().lower()
    if submitted == "auto-replied" or _PRECEDENCE.search(mail.get("precedence")):
        return True
    if any(mail.get(name) for name in _HEADERS):
        return True
    return _SUBJECT.search(spoken(mail.get("subject"))) is not None


def is_receipt(mail: Part) -> bool:
    """Whether it is a read receipt (RFC 8098)."""
    return mail.type == "multipart/report" and mail.parameter("report-type").lower() == "disposition-notification"
