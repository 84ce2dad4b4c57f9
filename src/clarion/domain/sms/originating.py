"""What a text message comes from: the number or sender ID that the message, the channel and the project's list give.

    named number ──→ is it the project's? ──→ does it reach the country? ──→ it
                          no: refused              no: as if none was named
    nothing named ─→ sender ID, where the country shows them ─→ the best of the project's numbers ─→ its sender IDs
                     ─→ what the provider chooses; nobody does for the United States and China

A project that lists no numbers leaves the choice to its provider; then only what a country does not know is left out.
Pure. Source: spec of SMS, 2.4, 2.5, 4 and 10.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from clarion.channels.phones import country_of, e164
from clarion.channels.port import SmsOutgoing
from clarion.core.errors import Invalid
from clarion.domain.sms.countries import DEDICATED, country, unreachable
from clarion.domain.sms.model import ANY, Line, origin_of

_ORDER = {"SHORT_CODE": 0, "TEN_DLC": 1, "TOLL_FREE": 2, "LONG_CODE": 3}
_AT_HOME = frozenset({"SHORT_CODE", "TEN_DLC", "TOLL_FREE"})
"""Kinds of numbers that reach their own country only."""


def originated(message: SmsOutgoing, lines: Sequence[Line]) -> SmsOutgoing:
    """The message as it will leave; `lines` are the project's. Raises Invalid for one that nothing can send."""
    number = e164(message.to_address)
    if number is None:
        return message
    if closed := unreachable(number):
        raise Invalid(f"Text messages do not reach {closed}")
    to = country_of(number)
    listed = [line for line in lines if line.number != ANY]
    message = _with_sender_id(message, to, listed)
    numbers = [line for line in listed if line.kind != "SENDER_ID"]
    if not listed or (message.sender_id and not message.origination_number):
        return message
    if message.origination_number:
        wanted = origin_of(message.origination_number)
        line = next((one for one in listed if one.number == wanted), None)
        if line is None:
            raise Invalid(f"OriginationNumber: {message.origination_number} is not a number of the project")
        if line.kind == "SENDER_ID":
            return msgspec.structs.replace(message, origination_number="", sender_id=line.number)
        if _reaches(line, to):
            return _from(message, line)
    if (best := _best(numbers, message, to)) is not None:
        return _from(message, best)
    known = country(to)
    own = [line for line in listed if line.kind == "SENDER_ID" and line.country in ("", to)]
    if own and (known is None or known.sender_ids != "N"):
        return msgspec.structs.replace(message, origination_number="", sender_id=own[0].number)
    if to in DEDICATED:
        raise Invalid(f"None of the project's numbers sends text messages to {to}")
    return msgspec.structs.replace(message, origination_number="")


def _with_sender_id(message: SmsOutgoing, to: str, listed: Sequence[Line]) -> SmsOutgoing:
    """Without a sender ID that the country would not show. Raises Invalid for one that India would not."""
    sender, known = message.sender_id, country(to)
    if not sender or known is None:
        return message
    registered = any(line.kind == "SENDER_ID" and line.number == sender for line in listed)
    if known.sender_ids == "N" or (known.sender_ids == "R" and listed and not registered):
        return msgspec.structs.replace(message, sender_id="", entity_id="", template_id="")
    if to == "IN" and message.entity_id:
        promotional = message.message_type != "TRANSACTIONAL"
        if promotional != sender.isdigit() or not (sender.isdigit() or sender.isalpha()):
            form = "digits" if promotional else "letters"
            raise Invalid(f"SenderId: in India it must be of {form} only for such a message")
    return message


def _reaches(line: Line, to: str) -> bool:
    if line.kind in _AT_HOME:
        return line.country == to
    known = country(line.country)
    return known is None or known.long_codes or not line.country


def _best(numbers: Sequence[Line], message: SmsOutgoing, to: str) -> Line | None:
    """The best number for a message: by its keyword, at home before abroad, transactional before promotional."""
    promotional = message.message_type == "PROMOTIONAL"
    fitting = [line for line in numbers if _reaches(line, to) and not (promotional and line.kind == "TOLL_FREE")]
    return min(
        fitting,
        key=lambda line: (
            not (message.keyword and line.keyword.casefold() == message.keyword.casefold()),
            line.country != to,
            line.message_type != "TRANSACTIONAL",
            _ORDER[line.kind],
            line.number,
        ),
        default=None,
    )


def _from(message: SmsOutgoing, line: Line) -> SmsOutgoing:
    """The route that events show is that of the number."""
    return msgspec.structs.replace(
        message, origination_number=line.number, sender_id="", message_type=line.message_type
    )
