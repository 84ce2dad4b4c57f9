"""What a mail that came in says, told in one word and, when something became of a mail of ours, as a fact.

    bounce      it came back for good               fact: Bounce
    delayed     it is still being tried             (another one will tell)
    delivered   it is in the mailbox                fact: Delivery
    relayed     it went on to where nobody tells
    complaint   somebody called it spam             fact: Complaint, with the headers of the mail
    reply       a machine answered for somebody
    unknown     none of these

Reading is pure: it never raises, whatever came, and takes a bounded time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from typing import Literal

import msgspec

from clarion.channels.email.inbound import arf, automatic, parts, prose, status
from clarion.channels.email.inbound.status import Told
from clarion.channels.port import Bounce, Complaint, Delivery
from clarion.core.clock import to_ms

Kind = Literal["bounce", "delayed", "delivered", "relayed", "complaint", "reply", "unknown"]

MOST_HOPS = 50
"""Mail that was passed on more often goes in a circle (RFC 5321 6.3)."""

_MESSAGE_ID = re.compile(r"<([0-9a-f]{32})@", re.I)
_LINK = re.compile(r"<(https?://[^>\s]{1,2000})>")


class Original(msgspec.Struct, frozen=True, kw_only=True):
    """What a report says of the mail that it is about; nothing of it is sure but what is signed.

    `message_id` is the part of the Message-ID that is ours to choose, `sent_ms` its Date (Unix ms, 0: not there),
    `senders` the envelope senders that are named, `links` those of List-Unsubscribe.
    """

    message_id: str = ""
    sent_ms: int = 0
    senders: Sequence[str] = ()
    links: Sequence[str] = ()


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A mail that was read. `headers` are those of the mail that a complaint is about."""

    kind: Kind
    recipient: str = ""
    fact: Bounce | Complaint | Delivery | None = None
    original: Original = Original()
    headers: Sequence[tuple[str, str]] = ()
    source_ip: str = ""


def read(mail: bytes) -> Notice:
    """What the mail says. A notification goes before what else the mail looks like, a reply before guesses."""
    part = parts.read(mail)
    complaint = arf.report(part)
    if complaint is not None:
        return Notice(
            kind="complaint",
            recipient=complaint.recipient,
            fact=complaint.fact,
            original=_original(complaint.headers, complaint.mail_from),
            headers=complaint.headers,
            source_ip=complaint.source_ip,
        )
    headers = arf.original_headers(part)
    told = status.told(part)
    if told is not None:
        return _of(told, headers)
    if automatic.is_receipt(part):
        return Notice(kind="reply", original=_original(headers))
    said = prose.told(part)
    if said is not None and said.form:
        return _of(said.told, headers or _headers_in(said.original))
    if automatic.is_reply(part):
        return Notice(kind="reply", original=_original(headers))
    if said is not None:
        return _of(said.told, headers or _headers_in(said.original))
    return Notice(kind="unknown", original=_original(headers))


def hops(mail: bytes) -> int:
    """How often a mail was passed on, by its Received fields."""
    head = parts.read(mail[:64_000]).headers
    return sum(1 for name, _ in head if name.lower() == "received")


def _of(told: Told, headers: Sequence[tuple[str, str]]) -> Notice:
    original = _original(headers)
    match told.action:
        case "failed":
            return Notice(kind="bounce", recipient=told.recipient, fact=status.bounce(told), original=original)
        case "delivered":
            fact = status.delivery(told)
            return Notice(kind="delivered", recipient=told.recipient, fact=fact, original=original)
        case "delayed":
            return Notice(kind="delayed", recipient=told.recipient, original=original)
        case "relayed":
            return Notice(kind="relayed", recipient=told.recipient, original=original)


def _original(headers: Sequence[tuple[str, str]], mail_from: str = "") -> Original:
    told: dict[str, str] = {}
    for name, value in headers:
        told.setdefault(name.lower(), value)
    match = _MESSAGE_ID.search(told.get("message-id", ""))
    senders = (mail_from, status.address_in(told.get("return-path", "")), status.address_in(told.get("errors-to", "")))
    return Original(
        message_id=match[1].lower() if match else "",
        sent_ms=_ms(told.get("date", "")),
        senders=[sender for sender in senders if sender],
        links=_LINK.findall(told.get("list-unsubscribe", ""))[:5],
    )


def _headers_in(text: str) -> tuple[tuple[str, str], ...]:
    """The header fields at the beginning of a copy in running text."""
    block = text.lstrip("\n -.").partition("\n\n")[0] if text else ""
    return parts.fields(block.encode("utf-8", "replace"))


def _ms(date: str) -> int:
    try:
        return max(0, to_ms(parsedate_to_datetime(date[:100])))
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return 0
