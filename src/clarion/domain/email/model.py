"""Rules about e-mail addresses: what puts one on the suppression list, how topics are named. Source: spec of e-mail, 7.

hard bounce (but not of a simulated or suppressed mail) ─┐
complaint (but not "this is no spam")                    ├─→ on the list ─→ removed by hand only
by hand                                                 ─┘
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final, Literal

import msgspec

from clarion.channels.email import headers
from clarion.core.errors import Invalid
from clarion.domain.events.model import EventRow

Reason = Literal["BOUNCE", "COMPLAINT", "MANUAL"]

HARD_BOUNCE, COMPLAINT = "_email.hardbounce", "_email.complaint"
TYPES = frozenset((HARD_BOUNCE, COMPLAINT))
"""Events that may put an address on the list."""

SIMULATOR = "simulator.amazonses.com"
SUPPRESSED: Final = "OnAccountSuppressionList"
ALL = "*"
"""Stands for every topic, those of the future too."""

LONGEST_ADDRESS = 320
LONGEST_TITLE = 200
LONGEST_DESCRIPTION = 1_000
MOST_TOPICS = 50

_PLAIN = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,253}")
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LISTED_ALREADY = frozenset((SUPPRESSED, "Suppressed"))
_NO_ACCUSATION = frozenset(("not-spam", "auth-failure"))


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An address on a project's suppression list; `address` is "" when its person has been erased."""

    address: str
    reason: Reason
    at_ms: int
    message_id: str = ""
    detail: str = ""


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """Something that people can want mail about. `subscribed`: whoever has not chosen gets it."""

    name: str
    title: str
    description: str = ""
    subscribed: bool = True


class Complained(msgspec.Struct, frozen=True, kw_only=True):
    """A complaint, with the headers of the mail it is about, whole."""

    app_id: str
    message_id: str
    address: str
    endpoint_id: str = ""
    user_id: str = ""
    at_ms: int
    feedback_type: str = ""
    user_agent: str = ""
    source_ip: str = ""
    headers: list[tuple[str, str]] = []


class Digests:
    """Keyed digests of addresses, 32 hexadecimal digits each: they stay when a person is erased."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, app_id: str, place: str) -> str:
        """Of an address as `place_of` writes it, in one project."""
        return blake2b(
            f"{app_id}\0{place}".encode(), key=self._key, digest_size=16, person=b"clarion-email"
        ).hexdigest()

    def is_same(self, digest: str, other: str) -> bool:
        """Whether two are equal."""
        return hmac.compare_digest(digest, other)


def place_of(address: str) -> str:
    """An address, perhaps with a display name, in one way of writing. Capitals make no difference: hardly a server
    tells mailboxes apart by them, and a person who unsubscribed does not either."""
    if _PLAIN.fullmatch(address):
        return address.lower()
    try:
        return headers.parse(address).spec.lower()
    except Invalid:
        return address.strip().lower()[:LONGEST_ADDRESS]


def checked(address: str) -> str:
    """An address that an operator typed. Raises Invalid when it is none."""
    try:
        return headers.parse(address).spec.lower()
    except Invalid as error:
        raise Invalid("Address: must be an e-mail address") from error


def check_topic(topic: Topic) -> None:
    """Raises Invalid naming the member that cannot be meant."""
    check_name(topic.name)
    if not 0 < len(topic.title) <= LONGEST_TITLE or not topic.title.isprintable():
        raise Invalid(f"Title: must be 1 to {LONGEST_TITLE} printable characters")
    if len(topic.description) > LONGEST_DESCRIPTION:
        raise Invalid(f"Description: must be at most {LONGEST_DESCRIPTION} characters")


def check_name(name: str) -> str:
    """The name of a topic. Raises Invalid when it is none."""
    if not _TOPIC.fullmatch(name):
        raise Invalid("Topic: must be 1 to 64 letters, digits, - and _")
    return name


def is_name(name: str) -> bool:
    """Whether this may be the name of a topic."""
    return _TOPIC.fullmatch(name) is not None


def entry_of(row: EventRow) -> Entry | None:
    """What an event puts on the list, None when it puts nothing there."""
    event = _event(row)
    address = place_of(next(iter(event.get("mail", {}).get("destination", [])), ""))
    if not address or address.rpartition("@")[2] == SIMULATOR:
        return None
    if row.event_type == HARD_BOUNCE:
        bounce = event.get("bounce", {})
        if bounce.get("bounce_sub_type") in _LISTED_ALREADY:
            return None
        recipient: Mapping[str, Any] = next(iter(bounce.get("bounced_recipients", [])), {})
        detail = str(recipient.get("diagnostic_code", ""))
        return Entry(address=address, reason="BOUNCE", at_ms=row.arrival, message_id=row.message_id, detail=detail)
    if row.event_type == COMPLAINT:
        kind = str(event.get("complaint", {}).get("complaint_feedback_type", ""))
        if kind in _NO_ACCUSATION:
            return None
        return Entry(address=address, reason="COMPLAINT", at_ms=row.arrival, message_id=row.message_id, detail=kind)
    return None


def _event(row: EventRow) -> Mapping[str, Any]:
    record = msgspec.json.decode(row.record or "{}", type=dict[str, Any])
    found: Mapping[str, Any] = record.get("facets", {}).get("email_channel", {}).get("mail_event", {})
    return found
