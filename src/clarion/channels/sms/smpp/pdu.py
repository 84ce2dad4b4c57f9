"""PDUs of SMPP 3.4: their codec, and finding them in a stream of bytes.

A body that cannot be read raises `Malformed`; a stream in which no next PDU can be found raises `Unframed`, after
which the connection is of no use. Texts on the wire are octets; here they are `str` in Latin-1, so nothing fails.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec

GENERIC_NACK = 0x80000000
BIND_RECEIVER = 0x00000001
BIND_TRANSMITTER = 0x00000002
SUBMIT_SM = 0x00000004
DELIVER_SM = 0x00000005
UNBIND = 0x00000006
BIND_TRANSCEIVER = 0x00000009
OUTBIND = 0x0000000B
ENQUIRE_LINK = 0x00000015
ALERT_NOTIFICATION = 0x00000102
DATA_SM = 0x00000103
BINDS = frozenset((BIND_RECEIVER, BIND_TRANSMITTER, BIND_TRANSCEIVER))
RESPONSE = 0x80000000
"""Set in the command id of an answer."""

SAR_MSG_REF_NUM = 0x020C
SAR_TOTAL_SEGMENTS = 0x020E
SAR_SEGMENT_SEQNUM = 0x020F
RECEIPTED_MESSAGE_ID = 0x001E
USER_MESSAGE_REFERENCE = 0x0204
NETWORK_ERROR_CODE = 0x0423
MESSAGE_PAYLOAD = 0x0424
MESSAGE_STATE = 0x0427
INDIA_ENTITY_ID = 0x1400
INDIA_TEMPLATE_ID = 0x1401

UDHI = 0x40
"""Of esm_class: the text begins with a header."""

HEADER_SIZE = 16
LONGEST = 70_000
"""Octets of a PDU: room for a message_payload of 64 KiB and everything else. What claims to be longer is garbage."""

_HEADER = struct.Struct(">LLLL")
_TLV = struct.Struct(">HH")
_ADDRESS = struct.Struct(">BB")
_FLAGS = struct.Struct(">BBB")


class Malformed(ValueError):
    """The body of a PDU is not what its command says."""


class Unframed(ValueError):
    """The length of a PDU cannot be meant."""


class Pdu(NamedTuple):
    """One PDU; `body` is what follows the header."""

    command: int
    status: int
    sequence: int
    body: bytes = b""

    def encode(self) -> bytes:
        return _HEADER.pack(HEADER_SIZE + len(self.body), *self[:3]) + self.body


def frames(buffer: bytearray) -> Iterator[Pdu]:
    """Takes whole PDUs off the front of a buffer, leaving what is not complete yet. Raises Unframed."""
    at, size = 0, len(buffer)
    try:
        while size - at >= 4:
            length = int.from_bytes(buffer[at : at + 4], "big")
            if not HEADER_SIZE <= length <= LONGEST:
                raise Unframed(f"a PDU of {length} octets")
            if size - at < length:
                break
            _, command, status, sequence = _HEADER.unpack_from(buffer, at)
            body = bytes(buffer[at + HEADER_SIZE : at + length])
            at += length
            yield Pdu(command, status, sequence, body)
    finally:
        del buffer[:at]


class Address(NamedTuple):
    """A number or name with its type and numbering plan."""

    ton: int
    npi: int
    address: str


class Bind(msgspec.Struct, frozen=True, kw_only=True):
    """Body of bind_transmitter, bind_receiver and bind_transceiver."""

    system_id: str
    password: str
    system_type: str = ""
    interface_version: int = 0x34
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: str = ""

    def __repr__(self) -> str:
        return f"Bind({self.system_id!r})"

    def encode(self) -> bytes:
        return b"".join(
            (
                _text(self.system_id),
                _text(self.password),
                _text(self.system_type),
                _FLAGS.pack(self.interface_version, self.addr_ton, self.addr_npi),
                _text(self.address_range),
            )
        )

    @classmethod
    def decode(cls, body: bytes) -> Bind:
        """Raises Malformed."""
        read = _Reader(body)
        system_id, password, system_type = read.text(), read.text(), read.text()
        version, ton, npi = read.octets(3)
        return cls(
            system_id=system_id,
            password=password,
            system_type=system_type,
            interface_version=version,
            addr_ton=ton,
            addr_npi=npi,
            address_range=read.text(),
        )


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Body of submit_sm and deliver_sm, which are alike; of data_sm what it has of it.

    `content` is short_message; a message_payload is among `tlvs`. `user_data` is whichever is used.
    """

    source: Address
    destination: Address
    service_type: str = ""
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: str = ""
    validity_period: str = ""
    registered_delivery: int = 0
    replace_if_present: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    content: bytes = b""
    tlvs: Mapping[int, bytes] = {}

    @property
    def user_data(self) -> bytes:
        return self.content or self.tlvs.get(MESSAGE_PAYLOAD, b"")

    def number(self, tag: int) -> int | None:
        """The value of a TLV that holds a number; None without it."""
        value = self.tlvs.get(tag)
        return int.from_bytes(value[:4], "big") if value else None

    def encode(self) -> bytes:
        """As submit_sm or deliver_sm; at most 255 octets of content, 65,535 of each TLV."""
        fixed = (
            _text(self.service_type),
            _ADDRESS.pack(*self.source[:2]),
            _text(self.source.address),
            _ADDRESS.pack(*self.destination[:2]),
            _text(self.destination.address),
            _FLAGS.pack(self.esm_class, self.protocol_id, self.priority_flag),
            _text(self.schedule_delivery_time),
            _text(self.validity_period),
            _FLAGS.pack(self.registered_delivery, self.replace_if_present, self.data_coding),
            _ADDRESS.pack(self.sm_default_msg_id, len(self.content)),
            self.content,
        )
        return b"".join(fixed) + encode_tlvs(self.tlvs)

    @classmethod
    def decode(cls, body: bytes) -> Message:
        """A submit_sm or deliver_sm. Raises Malformed."""
        read = _Reader(body)
        service_type, source, destination = read.text(), read.address(), read.address()
        esm_class, protocol_id, priority_flag = read.octets(3)
        schedule_delivery_time, validity_period = read.text(), read.text()
        registered, replace, coding, default_msg, length = read.octets(5)
        return cls(
            service_type=service_type,
            source=source,
            destination=destination,
            esm_class=esm_class,
            protocol_id=protocol_id,
            priority_flag=priority_flag,
            schedule_delivery_time=schedule_delivery_time,
            validity_period=validity_period,
            registered_delivery=registered,
            replace_if_present=replace,
            data_coding=coding,
            sm_default_msg_id=default_msg,
            content=read.octets(length),
            tlvs=decode_tlvs(read.rest()),
        )

    @classmethod
    def decode_data(cls, body: bytes) -> Message:
        """A data_sm. Raises Malformed."""
        read = _Reader(body)
        service_type, source, destination = read.text(), read.address(), read.address()
        esm_class, registered, coding = read.octets(3)
        return cls(
            service_type=service_type,
            source=source,
            destination=destination,
            esm_class=esm_class,
            registered_delivery=registered,
            data_coding=coding,
            tlvs=decode_tlvs(read.rest()),
        )


def encode_message_id(message_id: str) -> bytes:
    """Body of submit_sm_resp, deliver_sm_resp and data_sm_resp."""
    return _text(message_id)


def decode_message_id(body: bytes) -> str:
    """The message id in an answer, "" without one, as SMSCs leave it out with an error.

    At most 64 characters; blanks, commas (ids are joined by them) and what cannot be printed are left out.
    """
    text = body.partition(b"\0")[0][:64].decode("latin-1")
    return (
        text
        if text.isalnum() and text.isascii()
        else "".join(char for char in text if "!" <= char <= "~" and char != ",")
    )


def encode_tlvs(tlvs: Mapping[int, bytes]) -> bytes:
    return b"".join(_TLV.pack(tag, len(value)) + value for tag, value in tlvs.items())


def decode_tlvs(octets: bytes) -> dict[int, bytes]:
    """By tag; of one given twice the first. Raises Malformed for one that is longer than what is there."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(octets):
        if len(octets) - at < _TLV.size:
            raise Malformed("the head of a TLV is cut off")
        tag, length = _TLV.unpack_from(octets, at)
        at += _TLV.size
        if len(octets) - at < length:
            raise Malformed(f"TLV {tag:#06x} is cut off")
        found.setdefault(tag, octets[at : at + length])
        at += length
    return found


def _text(value: str) -> bytes:
    """A C-octet string. What would end it early is left out."""
    return value.encode("latin-1", "replace").replace(b"\0", b"") + b"\0"


class _Reader:
    """Reads a body from its front. Raises Malformed at its end."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def octets(self, count: int) -> bytes:
        if len(self._body) - self._at < count:
            raise Malformed("the body is cut off")
        self._at += count
        return self._body[self._at - count : self._at]

    def text(self) -> str:
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise Malformed("a text has no end")
        found = self._body[self._at : end].decode("latin-1")
        self._at = end + 1
        return found

    def address(self) -> Address:
        ton, npi = self.octets(2)
        return Address(ton, npi, self.text())

    def rest(self) -> bytes:
        return self._body[self._at :]
