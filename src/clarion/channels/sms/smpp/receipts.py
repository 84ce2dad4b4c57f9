"""Delivery receipts: what an SMSC says became of a message, in text (SMPP 3.4, appendix B) or in TLVs.

    id:0123456789 sub:001 dlvrd:001 submit date:2612011200 done date:2612011201 stat:DELIVRD err:000 text:Hello

TLVs win over the text. Only what the SMSC marks as a receipt is one, by esm_class or by both TLVs: what people write
is never read as such, whatever it looks like.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from clarion.channels.feedback import ReceiptReport
from clarion.channels.sms.smpp import pdu
from clarion.channels.sms.smpp.config import IdForm
from clarion.channels.sms.smpp.pdu import Message

_KIND = 0x3C
"""Bits of esm_class that say what a deliver_sm is."""
_RECEIPT = 0x04
_DELIVERY_ACK, _MANUAL_ACK = 0x08, 0x10
_INTERMEDIATE = 0x20

_LONGEST = 1_024
_FIELD = {name: re.compile(rf"\b{name}:([^ ]+)", re.IGNORECASE) for name in ("id", "stat", "err")}
_BODY = re.compile(r"\btext:", re.IGNORECASE)
_DATE = re.compile(r"\bdone date:[ ]*(\d{6,14})", re.IGNORECASE)


class _Fate(NamedTuple):
    kind: Literal["SUCCESS", "FAILURE", "BUFFERED"]
    record_status: str

    @property
    def final(self) -> bool:
        return self.kind != "BUFFERED"


_ON_ITS_WAY = _Fate("BUFFERED", "PENDING")
_UNKNOWN = _Fate("FAILURE", "UNKNOWN")

STATES: dict[str, _Fate] = {
    "DELIVRD": _Fate("SUCCESS", "DELIVERED"),
    "ACCEPTD": _Fate("BUFFERED", "SUCCESSFUL"),
    "ENROUTE": _ON_ITS_WAY,
    "SCHEDULED": _ON_ITS_WAY,
    "BUFFERED": _ON_ITS_WAY,
    "BUFFRED": _ON_ITS_WAY,
    "QUEUED": _ON_ITS_WAY,
    "SENT": _ON_ITS_WAY,
    "EXPIRED": _Fate("FAILURE", "TTL_EXPIRED"),
    "DELETED": _UNKNOWN,
    "UNDELIV": _Fate("FAILURE", "UNREACHABLE"),
    "REJECTD": _Fate("FAILURE", "CARRIER_BLOCKED"),
    "SKIPPED": _UNKNOWN,
    "UNKNOWN": _UNKNOWN,
}
"""What the words of appendix B, and some that SMSCs have of their own, mean in Pinpoint's."""

_WORDS = {0: "SCHEDULED", 1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD",
          7: "UNKNOWN", 8: "REJECTD", 9: "SKIPPED"}  # fmt: skip
"""message_state (5.2.28; 0 and 9 are of version 5.0)."""

_LONG_WORDS = {"DELIVERED": "DELIVRD", "UNDELIVERABLE": "UNDELIV", "ACCEPTED": "ACCEPTD", "REJECTED": "REJECTD"}

_GSM_NETWORK = 3
_GSM_ERRORS = {
    1: "INVALID",  # unknown subscriber
    5: "INVALID",  # unidentified subscriber
    6: "UNREACHABLE",  # absent subscriber
    9: "BLOCKED",  # illegal subscriber
    11: "INVALID",  # teleservice not provisioned
    12: "BLOCKED",  # illegal equipment
    13: "BLOCKED",  # call barred
    21: "CARRIER_UNREACHABLE",  # facility not supported
    27: "UNREACHABLE",  # absent subscriber
    31: "UNREACHABLE",  # subscriber busy
    34: "CARRIER_UNREACHABLE",  # system failure
}
"""Errors of MAP (3GPP TS 29.002, 17.6.6), which network_error_code carries for GSM networks."""


def is_receipt(message: Message) -> bool:
    """Whether a deliver_sm or data_sm is a receipt, final or not."""
    if message.esm_class & _KIND in (_RECEIPT, _INTERMEDIATE):
        return True
    return pdu.RECEIPTED_MESSAGE_ID in message.tlvs and pdu.MESSAGE_STATE in message.tlvs


def is_acknowledgement(message: Message) -> bool:
    """Whether a phone, or its user by hand, confirms something; nobody asked for it."""
    return message.esm_class & _KIND in (_DELIVERY_ACK, _MANUAL_ACK)


def answered_id(message_id: str, form: IdForm) -> str:
    """The id of a submit_sm_resp in the form that `read` gives to those of receipts."""
    return _number(message_id, {"same": 0, "padded": 10, "hex-decimal": 16, "decimal-hex": 10}[form])


def _receipted_id(message_id: str, form: IdForm) -> str:
    return _number(message_id, {"same": 0, "padded": 10, "hex-decimal": 10, "decimal-hex": 16}[form])


def _number(text: str, base: int) -> str:
    """A number of this base as a decimal one, anything else as it is."""
    if not base:
        return text
    try:
        return str(int(text, base))
    except ValueError:
        return text


def read(message: Message, form: IdForm, at_ms: int) -> ReceiptReport | None:
    """What a receipt says, None when it does not say of which message. `at_ms`: when it came; SMSCs do not say in
    which time zone they date receipts."""
    text = message.user_data[:_LONGEST].decode("latin-1")
    text = _BODY.split(text, maxsplit=1)[0]
    named = message.tlvs.get(pdu.RECEIPTED_MESSAGE_ID)
    found = pdu.decode_message_id(named if named else _field("id", text).encode("latin-1"))
    if not found:
        return None
    state = message.number(pdu.MESSAGE_STATE)
    word = _WORDS.get(state, f"state {state}") if state is not None else _field("stat", text).upper()
    fate = STATES.get(_LONG_WORDS.get(word, word), _UNKNOWN)
    if message.esm_class & _KIND == _INTERMEDIATE and fate.final:
        fate = _ON_ITS_WAY
    network = message.tlvs.get(pdu.NETWORK_ERROR_CODE, b"")
    if fate.record_status == "UNREACHABLE" and len(network) == 3 and network[0] == _GSM_NETWORK:
        fate = fate._replace(record_status=_GSM_ERRORS.get(int.from_bytes(network[1:], "big"), "UNREACHABLE"))
    return ReceiptReport(
        provider_message_id=_receipted_id(found, form),
        kind=fate.kind,
        record_status=fate.record_status,
        final=fate.final,
        at_ms=at_ms,
        detail=_detail(word, text, network),
    )


def _detail(word: str, text: str, network: bytes) -> str:
    done = _DATE.search(text)
    said = {
        "stat": word,
        "err": _field("err", text),
        "network error": f"{network[0]}/{int.from_bytes(network[1:], 'big')}" if len(network) == 3 else "",
        "done date": done[1] if done else "",
    }
    told = " ".join(f"{name}:{value}" for name, value in said.items() if value)[:200]
    if told.isascii() and told.isprintable():
        return told
    return "".join(char if " " <= char <= "~" else "?" for char in told)


def _field(name: str, text: str) -> str:
    found = _FIELD[name].search(text)
    return found[1] if found else ""
