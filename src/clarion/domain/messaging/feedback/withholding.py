"""Messages that are not sent although every gate let them pass: their address is on the suppression list, or its owner
wants no mail about their topic.

    suppressed   Pinpoint takes such a message, sends it nowhere and says it bounced: `_email.send`, `_email.hardbounce`
                 of sub type OnAccountSuppressionList, which no bounce rate counts. Source: spec of e-mail, 7.3.
    unwanted     nothing of Pinpoint's: recorded as a refusal of the gate `topic`

A message names its topic in the header X-Clarion-Topic. All messages of a page are looked up together, in the
transaction that would put them into the outbox.
"""

from __future__ import annotations

from collections.abc import Sequence

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
        mails: dict[str, list[tuple[NewRow, _Pair]]] = {}
        for row in rows:
            if row.channel == EMAIL:
                envelope = _envelope(row.body)
                if envelope.email is not None:
                    pair = (envelope.email.to_address, topic_of(envelope.email.headers))
                    mails.setdefault(envelope.app_id, []).append((row, pair))
        held: set[str] = set()
        events: list[EventRow] = []
        for app_id, of_app in mails.items():
            listed = self._suppressions.among(connection, app_id, (address for _, (address, _) in of_app))
            wanting = [pair for _, pair in of_app if pair[1] and pair[0] not in listed]
            unwanted = self._topics.unwanted(connection, app_id, wanting)
            for row, pair in of_app:
                if pair[0] in listed:
                    events += self._suppressed(decode_envelope(row.body), listed[pair[0]])
                elif pair in unwanted:
                    events.append(self._unwanted(decode_envelope(row.body), pair[1]))
                else:
                    continue
                held.add(row.message_id)
        return [row for row in rows if row.message_id not in held] if held else rows, events

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
        if name.lower() == "x-clarion-topic":
            return value.strip() if is_name(value.strip()) else ""
    return ""
