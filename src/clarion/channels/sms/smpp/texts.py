"""What a person's text message says, and which part of a longer one it is."""

from __future__ import annotations

from typing import NamedTuple

from clarion.channels import phones
from clarion.channels.sms import gsm
from clarion.channels.sms.gsm import Alphabet
from clarion.channels.sms.smpp import pdu
from clarion.channels.sms.smpp.pdu import Address, Message

_UCS2 = 8
_CODECS = {1: "ascii", 2: "latin-1", 3: "latin-1", 4: "latin-1", 5: "shift_jis", 6: "iso8859-5", 7: "iso8859-8",
           10: "iso2022_jp", 13: "euc_jis_2004", 14: "euc_kr"}  # fmt: skip
"""data_coding (5.2.19) by Python's names."""

_CONCAT_8, _CONCAT_16 = 0x00, 0x08
_INTERNATIONAL = 1
_LONGER_THAN_SHORT_CODES = 9


class Part(NamedTuple):
    """Part `number` of `total` (1 to 255); `reference` tells the message from others of the same person."""

    reference: int
    total: int
    number: int


def part_of(message: Message) -> tuple[Part | None, bytes]:
    """Which part it is, by its header or its TLVs, None for a text of its own; and its octets without the header."""
    octets = message.user_data
    found: Part | None = None
    if message.esm_class & pdu.UDHI and octets and len(octets) > octets[0]:
        header, octets = octets[1 : 1 + octets[0]], octets[1 + octets[0] :]
        found = _by_header(header)
    if found is None:
        reference, total = message.number(pdu.SAR_MSG_REF_NUM), message.number(pdu.SAR_TOTAL_SEGMENTS)
        number = message.number(pdu.SAR_SEGMENT_SEQNUM)
        if reference is not None and total is not None and number is not None:
            found = Part(reference & 0xFFFF, total, number)
    if found is None or not 1 <= found.number <= found.total <= 255 or found.total == 1:
        return None, octets
    return found, octets


def _by_header(header: bytes) -> Part | None:
    """From the information elements of a user data header (3GPP TS 23.040, 9.2.3.24)."""
    at = 0
    while at + 2 <= len(header):
        kind, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if kind == _CONCAT_8 and len(value) == 3:
            return Part(value[0], value[1], value[2])
        if kind == _CONCAT_16 and len(value) == 4:
            # Beyond 8 bits: a reference of one kind never meets the same of the other.
            return Part(0x10000 | value[0] << 8 | value[1], value[2], value[3])
        at += 2 + length
    return None


def decoded(octets: bytes, data_coding: int, alphabet: Alphabet) -> str:
    """The text. Never fails; what cannot be read is U+FFFD, a NUL is left out."""
    if data_coding == _UCS2:
        text = gsm.from_ucs2(octets)
    elif codec := _CODECS.get(data_coding):
        text = octets.decode(codec, "replace")
    elif data_coding & 0xF4 == 0xF4:
        text = octets.decode("latin-1")
    elif alphabet == "gsm" or data_coding:
        text = gsm.decode(octets)
    else:
        text = octets.decode("latin-1" if alphabet == "latin1" else "ascii", "replace")
    return text.replace("\0", "")


def number_of(address: Address) -> str:
    """A number as +49301234567 if it is international; a short code, a national number and a name as they are."""
    text = "".join(char for char in address.address if " " < char <= "~")
    if address.ton == _INTERNATIONAL or (address.ton == 0 and len(text) >= _LONGER_THAN_SHORT_CODES):
        return phones.e164(text) or text
    return text
