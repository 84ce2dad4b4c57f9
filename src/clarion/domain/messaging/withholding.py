"""Messages that are not sent although every gate let them pass: their address is on the suppression list, or its owner
wants no mail about their topic.

    suppressed   Pinpoint takes such a message, sends it nowhere and says it bounced: `_email.send`, `_email.hardbounce`
                 of sub type OnAccountSuppressionList, which no bounce rate counts. Source: spec of e-mail, 7.3.
    unwanted     nothing of Pinpoint's: recorded as a refusal of the gate `topic`

A message names its topic in the header X-Clarion-Topic. All messages of a page are looked up together, in the
transaction that would put them into the outbox; those that wait there are looked up once more before they leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import sqlalchemy as sa

from clarion.channels.port import Bounce, Outcome
from clarion.core.clock import Clock, iso_ms
from clarion.domain.email.model import SUPPRESSED, Entry, is_name
from clarion.domain.email.service import Suppressions
from clarion.domain.email.topics import Topics
from clarion.domain.events.model import EventRow
from clarion.domain.messaging import outcomes
from clarion.domain.messaging.model import EMAIL, Envelope, Refusal, decode_envelope
from clarion.domain.messaging.outbox import NewRow

TOPIC_HEADER = "X-Clarion-Topic"

GATE = "suppression"

_Pair = tuple[str, str]


class _Mail(msgspec.Struct):
    to_address: str = ""
    headers: list[tuple[str, str]] = []


class _Envelope(msgspec.Struct):
    """What is asked of an envelope; the rest is not decoded."""

    app_id: str
    email: _Mail | None = None


_envelope = msgspec.msgpack.Decoder(_Envelope).decode


class Withholding:
    """See `messaging.service.Withhold`."""

    def __init__(self, suppressions: Suppressions, topics: Topics, clock: Clock) -> None:
        self._suppressions = suppressions
        self._topics = topics
        self._clock = clock

    def __call__(self, connection: sa.Connection, rows: list[NewRow]) -> tuple[list[NewRow], list[EventRow]]:
        """What goes out, and the events of what does not."""
        mails = {place: _envelope(row.body) for place, row in enumerate(rows) if row.channel == EMAIL}
        held = self._held(connection, mails)
        events = [event for place, why in held.items() for event in self._told(decode_envelope(rows[place].body), why)]
        return [row for place, row in enumerate(rows) if place not in held] if held else rows, events

    def look(self, connection: sa.Connection, envelopes: Sequence[Envelope]) -> Mapping[int, Sequence[EventRow]]:
        """What must not go out any more of what waited; see `lanes.looking.Look`."""
        held = self._held(connection, dict(enumerate(envelopes)))
        return {place: self._told(envelopes[place], why) for place, why in held.items()}

    def _held(self, connection: sa.Connection, envelopes: Mapping[int, _Envelope | Envelope]) -> dict[int, Entry | str]:
        """Which messages do not go out, and why: the entry of their address, or the topic that is not wanted."""
        mails: dict[str, dict[int, _Pair]] = {}
        for place, envelope in envelopes.items():
            if envelope.email is not None:
                pair = (envelope.email.to_address, topic_of(envelope.email.headers))
                mails.setdefault(envelope.app_id, {})[place] = pair
        held: dict[int, Entry | str] = {}
        for app_id, of_app in mails.items():
            listed = self._suppressions.among(connection, app_id, (address for address, _ in of_app.values()))
            wanting = [pair for pair in of_app.values() if pair[1] and pair[0] not in listed]
            unwanted = self._topics.unwanted(connection, app_id, wanting)
            for place, pair in of_app.items():
                if pair[0] in listed:
                    held[place] = listed[pair[0]]
                elif pair in unwanted:
                    held[place] = pair[1]
        return held

    def _told(self, envelope: Envelope, why: Entry | str) -> list[EventRow]:
        return [self._unwanted(envelope, why)] if isinstance(why, str) else self._suppressed(envelope, why)

    def _suppressed(self, envelope: Envelope, entry: Entry) -> list[EventRow]:
        why = f"the address is on the suppression list since {iso_ms(entry.at_ms)}: {entry.reason}"
        bounce = Bounce(bounce_type="Permanent", bounce_sub_type=SUPPRESSED, status="5.1.1", diagnostic_code=why)
        outcome = Outcome("permanent", why, events=(bounce,))
        return [
            msgspec.structs.replace(row, gate=GATE, reason=why) if row.event_type == "_email.hardbounce" else row
            for row in outcomes.final(envelope, outcome, at_ms=self._clock.now_ms())
        ]

    def _unwanted(self, envelope: Envelope, topic: str) -> EventRow:
        said = Refusal("topic", f"the recipient wants no mail about the topic {topic}")
        subject = outcomes.subject_of(envelope)
        return outcomes.refused(subject, said, at_ms=self._clock.now_ms(), channel=envelope.channel)


def topic_of(headers: Sequence[tuple[str, str]]) -> str:
    """The topic that a message names, "" for none."""
    for name, value in headers:
        if name.lower() == TOPIC_HEADER.lower():
            return value.strip() if is_name(value.strip()) else ""
    return ""
