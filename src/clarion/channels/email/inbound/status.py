"""Delivery status notifications (RFC 3464), and what their codes mean.

    Action      what it is                                             becomes
    failed      the last word                                          a bounce: hard or soft, see `bounce`
    delayed     it is still being tried                                nothing: another one will follow
    delivered   it is in the mailbox                                   a delivery
    relayed, expanded   it went on to where nobody will tell           nothing

Our mails have one recipient each. When a notification tells of several, somebody distributed the mail further: the
first failure counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from clarion.channels.email.inbound.parts import Part, fields
from clarion.channels.email.replies import Reply, refused
from clarion.channels.port import Bounce, BounceSubType, BounceType, Delivery

Action = Literal["failed", "delayed", "delivered", "relayed"]

DELIVERY_STATUS = ("message/delivery-status", "message/global-delivery-status")

_MOST_RECIPIENTS = 50
_MOST_TEXT = 1_000
_ACTIONS: Mapping[str, Action] = {
    "failed": "failed",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "relayed",
    "expanded": "relayed",
}
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_CODE = re.compile(r"(?:^|[\s:;(#<'\"])([245]\d\d)(?=[ \-\t#]|$)")
_ENHANCED_HERE = re.compile(r"(?<![\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])")
_ADDRESS = re.compile(r"[^\s<>;,]{1,254}@[^\s<>;,]{1,254}")
_NOBODY = re.compile(
    r"user unknown|unknown user|no such (?:user|mailbox|recipient|address|account)|"
    r"(?:user|mailbox|recipient|address|account)[^.\n]{0,40}(?:does(?: not|n't) exist|not found|unknown|is disabled)|"
    r"no mailbox|invalid (?:recipient|mailbox|address)|recipient address rejected|unrouteable|recipientnotfound",
    re.IGNORECASE,
)
_FULL = re.compile(r"(?:mailbox|quota|storage)[^.\n]{0,40}(?:full|exceeded|over)|over ?quota", re.IGNORECASE)
_CONTENT = re.compile(r"spam|virus|malware|content (?:rejected|refused)|message (?:rejected|refused)", re.IGNORECASE)

# What RFC 3463 calls the network, the system and the protocol says nothing about whether somebody is there; but
# Exchange Online has its own use for some of them.
_PERMANENT_ROUTES = frozenset(("4.4", "4.310", "4.312", "4.316"))
_NOT_THE_ADDRESS = ("3.", "4.", "5.")


class Told(NamedTuple):
    """What is told of one recipient. `status` and `diagnostic` as they stand there, "" when they do not."""

    action: Action
    recipient: str
    status: str = ""
    diagnostic: str = ""
    reporting_mta: str = ""


def told(mail: Part) -> Told | None:
    """What a notification says of our recipient: the worst there is; None when the mail is no notification."""
    found = list(_recipients(mail))
    for action in ("failed", "delayed", "delivered", "relayed"):
        for one in found:
            if one.action == action:
                return one
    return None


def bounce(one: Told) -> Bounce:
    """A failure as a bounce, by the tables that hold while mail is handed over, `channels.email.replies`."""
    reply = _reply(one)
    kind, sub_type = _kind(one, reply)
    return Bounce(
        bounce_type=kind,
        bounce_sub_type=sub_type,
        status=reply.status,
        diagnostic_code=one.diagnostic[:_MOST_TEXT] or f"smtp; {reply.line}"[:_MOST_TEXT],
        action="failed",
        reporting_mta=one.reporting_mta,
    )


def delivery(one: Told) -> Delivery:
    """A success as a delivery."""
    return Delivery(one.diagnostic[:_MOST_TEXT] or one.status, one.reporting_mta)


def address_in(text: str) -> str:
    """The first e-mail address in a text ("rfc822; lea@acme.test"), "" when there is none."""
    match = _ADDRESS.search(text[:_MOST_TEXT])
    return match[0] if match else ""


def _recipients(mail: Part) -> Iterator[Told]:
    for part in mail.walk():
        if part.type not in DELIVERY_STATUS:
            continue
        groups = [
            fields(block) for block in re.split(rb"\n[ \t]*\n", part.content.strip(b"\n"))[: _MOST_RECIPIENTS + 1]
        ]
        of_message = _first(groups[0])
        mta = of_message.get("reporting-mta", "").rpartition(";")[2].strip()[:255]
        for group in groups:
            about = _first(group)
            action = _ACTIONS.get(about.get("action", "").partition(" ")[0].strip().lower())
            match = _STATUS.search(about.get("status", ""))
            status = match[0] if match else ""
            if action is None and status and "final-recipient" in about:
                # Some leave the action out.
                action = "failed" if status[0] == "5" else "delayed" if status[0] == "4" else "delivered"
            if action is None:
                continue
            recipient = about.get("final-recipient") or about.get("original-recipient") or ""
            yield Told(action, address_in(recipient), status, about.get("diagnostic-code", ""), mta)


def _first(group: tuple[tuple[str, str], ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in group:
        found.setdefault(name.lower(), value)
    return found


def _reply(one: Told) -> Reply:
    """The SMTP reply that the notification quotes, put together from what it says."""
    text = one.diagnostic.partition(";")[2].strip() if ";" in one.diagnostic[:40] else one.diagnostic.strip()
    text = text[:_MOST_TEXT]
    code = _CODE.search(text)
    if code is not None:
        text = text[code.end() :].lstrip(" -\t#")
    enhanced = _ENHANCED_HERE.search(text)
    status = one.status if _tells(one.status) or enhanced is None else enhanced[1]
    if status and not text.startswith(status):
        text = f"{status} {text}"
    number = int(code[1]) if code is not None else 550 if not status or status[0] == "5" else 450
    # The notification's own word on whether it is over goes before the code that it quotes.
    if status and status[0] in "45" and str(number)[0] != status[0]:
        number = 550 if status[0] == "5" else 450
    return Reply(number, text.strip())


def _tells(status: str) -> bool:
    """Whether an enhanced status code says more than its class."""
    return bool(status) and not status.endswith(".0.0")


def _kind(one: Told, reply: Reply) -> tuple[BounceType, BounceSubType]:
    subject = reply.status[2:]
    text = reply.text
    if reply.code >= 500:
        if subject == "4.1" and _NOBODY.search(text):
            return "Permanent", "NoEmail"
        if subject in _PERMANENT_ROUTES:
            return "Permanent", "General"
        if subject.startswith(_NOT_THE_ADDRESS) and subject != "3.4":
            return ("Permanent", "NoEmail") if subject == "5.0" and _NOBODY.search(text) else ("Transient", "General")
        if subject.startswith("7.") and _CONTENT.search(text):
            return "Transient", "ContentRejected"
        if subject in ("0.0", "2.0", "1.0"):
            return _by_words(one, text, reply)
    said = next((fact for fact in refused("RCPT TO", reply).events if isinstance(fact, Bounce)), None)
    if said is None:
        return ("Transient", "General") if reply.code < 500 else ("Undetermined", "Undetermined")
    return said.bounce_type, said.bounce_sub_type


def _by_words(one: Told, text: str, reply: Reply) -> tuple[BounceType, BounceSubType]:
    """For status codes that say no more than that it failed."""
    if _NOBODY.search(text):
        return "Permanent", "NoEmail"
    if _FULL.search(text):
        return "Transient", "MailboxFull"
    if _CONTENT.search(text):
        return "Transient", "ContentRejected"
    said = next((fact for fact in refused("RCPT TO", reply).events if isinstance(fact, Bounce)), None)
    if said is not None and _CODE.search(one.diagnostic):
        return said.bounce_type, said.bounce_sub_type
    # Nobody quotes what the server said: no reason to write to somebody never again.
    return "Undetermined", "Undetermined"
