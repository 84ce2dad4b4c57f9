"""What a dry run tells of each member, read off the messages and refusals that a run would hand over. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from clarion.domain.events.figures import CAMPAIGN_SEND
from clarion.domain.events.model import SKIP
from clarion.domain.messaging.model import Envelope, decode_envelope
from clarion.domain.messaging.service import Prepared

BOUNCE = "_email.hardbounce"
EXCERPT = 200
"""Characters of a message without subject and title."""

Outcome = Literal["SENT", "REFUSED"]


class Told(NamedTuple):
    """One member: a message with what it says first, or the gate that refused one. "" for what does not apply."""

    treatment_id: str
    endpoint_id: str
    user_id: str
    outcome: Outcome
    channel: str = ""
    address: str = ""
    text: str = ""
    gate: str = ""
    status: str = ""
    reason: str = ""


class Group(NamedTuple):
    """What members are counted by."""

    treatment_id: str
    outcome: Outcome
    channel: str
    gate: str
    status: str


def told(treatment_id: str, prepared: Prepared) -> Iterator[Told]:
    """What would become of the members of a page: first those who get a message."""
    for row in prepared.rows:
        envelope = decode_envelope(row.body)
        yield Told(
            treatment_id=treatment_id,
            endpoint_id=envelope.endpoint_id,
            user_id=envelope.user_id,
            outcome="SENT",
            channel=envelope.channel,
            address=envelope.message.to_address,
            text=_text(envelope),
        )
    for event in prepared.events:
        # What is kept back for the suppression list is told by the bounce; that the channel took it says nothing.
        if event.gate and event.event_type in (CAMPAIGN_SEND, SKIP, BOUNCE):
            yield Told(
                treatment_id=treatment_id,
                endpoint_id=event.endpoint_id,
                user_id=event.user_id,
                outcome="REFUSED",
                channel=event.attributes.get("delivery_type", ""),
                gate=event.gate,
                status=event.status,
                reason=event.reason,
            )


def count(people: Iterable[Told]) -> Counter[Group]:
    """How many of each kind."""
    return Counter(Group(one.treatment_id, one.outcome, one.channel, one.gate, one.status) for one in people)


def _text(envelope: Envelope) -> str:
    if envelope.email is not None:
        return envelope.email.subject
    if envelope.push is not None:
        return envelope.push.title or envelope.push.body[:EXCERPT]
    if envelope.sms is not None:
        return envelope.sms.body[:EXCERPT]
    if envelope.voice is not None:
        return envelope.voice.body[:EXCERPT]
    return envelope.custom.data[:EXCERPT] if envelope.custom is not None else ""
