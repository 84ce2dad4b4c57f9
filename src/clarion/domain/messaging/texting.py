"""What holds for text messages whatever sends them: opt-outs, the spending limit, what they come from.

Campaigns and journeys have their pages looked through (`enrich`), direct messages their numbers (`refusals`), and every
text gets its number or sender ID as it is composed (`originated`). What waited is looked at again before it leaves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from clarion.channels import phones
from clarion.channels.port import SmsOutgoing
from clarion.core.clock import Clock
from clarion.domain.events import produced
from clarion.domain.events.model import EventRow
from clarion.domain.events.produced import Subject
from clarion.domain.messaging import outcomes
from clarion.domain.messaging.model import SMS, Envelope, Refusal, Send, Turn
from clarion.domain.sms.service import Refused, Sms

_WORDS: Mapping[str, str] = {"opt_out": "OPTED_OUT", "spending_limit": "MAX_PRICE_EXCEEDED"}
"""What events call it (`record_status`), by the gate that said no."""


class Texting:
    """See the room's line. All methods may be called from any thread."""

    def __init__(self, sms: Sms, clock: Clock) -> None:
        self._sms = sms
        self._clock = clock

    def originated(self, message: SmsOutgoing) -> SmsOutgoing:
        """See `domain.sms.service.Sms.originated`."""
        return self._sms.originated(message)

    def refusals(self, send: Send, addresses: Sequence[str]) -> Mapping[str, Refusal]:
        """Which of these addresses of text messages get none, and why."""
        if not addresses:
            return {}
        found = self._sms.refusals(send.account, send.region, send.app_id, addresses)
        return {address: _refusal(one) for address, one in found.items()}

    def enrich(self, send: Send, turns: Sequence[Turn]) -> None:
        """Refuse those of a page who must not get a text; an `Enricher`."""
        texts = [turn for turn in turns if turn.refusal is None and _is_text(send, turn)]
        refused = self.refusals(send, [turn.endpoint.address for turn in texts])
        for turn in texts if refused else ():
            turn.refusal = refused.get(turn.endpoint.address)

    def look(self, connection: sa.Connection, envelopes: Sequence[Envelope]) -> Mapping[int, Sequence[EventRow]]:
        """Who opted out while a text waited; see `lanes.looking.Look`."""
        texts: dict[str, dict[int, str]] = {}
        for place, envelope in enumerate(envelopes):
            if envelope.sms is not None:
                texts.setdefault(envelope.app_id, {})[place] = envelope.sms.to_address
        found: dict[int, Sequence[EventRow]] = {}
        for app_id, of_app in texts.items():
            out = self._sms.opted_out(connection, app_id, sorted(set(of_app.values())))
            for place, address in of_app.items():
                if (one := out.get(address)) is not None:
                    found[place] = self._told(envelopes[place], address, _refusal(one))
        return found

    def _told(self, envelope: Envelope, address: str, said: Refusal) -> list[EventRow]:
        about, now = outcomes.subject_of(envelope), self._clock.now_ms()
        events = []
        if envelope.origin != "direct" or envelope.endpoint_id:
            events.append(outcomes.refused(about, said, at_ms=now, channel=envelope.channel))
        if (failed := failure(about, address, said, at_ms=now)) is not None:
            events.append(failed)
        return events


def failure(about: Subject, address: str, refusal: Refusal, *, at_ms: int) -> EventRow | None:
    """`_SMS.FAILURE` of a text that a gate refused, None when it is not one of those here. Source: spec of SMS, 12."""
    word = _WORDS.get(refusal.gate)
    number = phones.e164(address)
    if word is None or number is None or not about.message_id:
        return None
    told = {
        **about.context,
        "sender_request_id": about.message_id,
        "message_id": about.message_id,
        "destination_phone_number": number,
        "iso_country_code": phones.country_of(number),
        "record_status": word,
    }
    attributes = {name: value for name, value in told.items() if value}
    return produced.sms(about, "FAILURE", at_ms=at_ms, ts_ms=at_ms, attributes=attributes)


def _is_text(send: Send, turn: Turn) -> bool:
    return send.delivery(turn.endpoint) == SMS


def _refusal(one: Refused) -> Refusal:
    return Refusal(one.gate, one.reason)
