"""From a text message to the bodies of its submit_sm PDUs, one for each part."""

from __future__ import annotations

import re
import zlib

from clarion.channels import phones
from clarion.channels.port import SmsOutgoing
from clarion.channels.sms import gsm
from clarion.channels.sms.size import Encoding, size_of
from clarion.channels.sms.smpp import pdu
from clarion.channels.sms.smpp.config import SmppConfig
from clarion.channels.sms.smpp.pdu import Address, Message
from clarion.core.errors import Invalid

UCS2_CODING = 8
_MOST_PARTS = 255
_MOST_PAYLOAD = 65_535
_SHORT_CODE = re.compile(r"\d{3,8}")
_LONG_NUMBER = re.compile(r"\+?\d{3,20}")
_SENDER_ID = re.compile(r"[ -~]{1,11}")
_RECEIPT_WANTED = 1
_HEADERS = {"udh8": 6, "udh16": 7, "sar": 6, "payload": 6}


def sender_of(config: SmppConfig, message: SmsOutgoing) -> str:
    """Who it is from: what the message names, else what is configured, "" for whoever the SMSC takes us to be."""
    return message.origination_number or message.sender_id or config.origination


def source_address(config: SmppConfig, sender: str) -> Address:
    """The source address: short code, number or name (alphanumeric). Raises Invalid for what is neither."""
    if not sender:
        return Address(0, 0, "")
    if _SHORT_CODE.fullmatch(sender):
        return Address(config.short_ton, config.short_npi, sender)
    if _LONG_NUMBER.fullmatch(sender):
        return Address(config.long_ton, config.long_npi, sender.removeprefix("+"))
    if _SENDER_ID.fullmatch(sender):
        return Address(config.alpha_ton, config.alpha_npi, sender)
    raise Invalid(f"{sender[:40]!r} is no origination number and no sender id of at most 11 characters")


class Composer:
    """Makes the PDUs of messages for one SMSC."""

    def __init__(self, config: SmppConfig) -> None:
        self._config = config
        self._validity = _relative(config.validity_minutes)

    def bodies(self, message: SmsOutgoing) -> list[bytes]:
        """The bodies of its submit_sm, in order. Raises Invalid for what can never be sent.

        The same message has the same bodies each time: parts that come again can be told by their reference.
        """
        number = phones.e164(message.to_address)
        if number is None:
            raise Invalid(f"{message.to_address[:40]!r} is no phone number")
        source = source_address(self._config, sender_of(self._config, message))
        to = Address(self._config.destination_ton, self._config.destination_npi, number[1:])
        tlvs = _india(message)
        coding, parts = self._parts(message.body)
        if len(parts) == 1:
            return [self._body(source, to, coding, parts[0], tlvs)]
        if self._config.concatenation == "payload":
            whole = b"".join(parts)
            if len(whole) > _MOST_PAYLOAD:
                raise Invalid(f"the text has {len(whole)} octets, at most {_MOST_PAYLOAD} can be sent")
            return [self._body(source, to, coding, b"", {pdu.MESSAGE_PAYLOAD: whole, **tlvs})]
        if len(parts) > _MOST_PARTS:
            raise Invalid(f"the text has {len(parts)} parts, at most {_MOST_PARTS} can be sent")
        return self._concatenated(source, to, coding, parts, tlvs, zlib.crc32(message.message_id.encode()))

    def _parts(self, text: str) -> tuple[int, list[bytes]]:
        """data_coding, and the octets of each part."""
        config = self._config
        header = _HEADERS[config.concatenation]
        size = size_of(text)
        encoding: Encoding = size.encoding
        if encoding == "GSM":
            texts = [text] if size.parts == 1 else gsm.split(text, encoding, header)
            octets = [gsm.in_default(part, config.alphabet) for part in texts]
            found = [part for part in octets if part is not None]
            if len(found) == len(octets):
                return config.data_coding, found
        return UCS2_CODING, [gsm.to_ucs2(part) for part in gsm.split(text, "UCS-2", header)]

    def _concatenated(
        self, source: Address, to: Address, coding: int, parts: list[bytes], tlvs: dict[int, bytes], reference: int
    ) -> list[bytes]:
        total = len(parts)
        bodies = []
        for number, octets in enumerate(parts, 1):
            match self._config.concatenation:
                case "udh16":
                    head = b"\x06\x08\x04" + (reference & 0xFFFF).to_bytes(2, "big") + bytes((total, number))
                    bodies.append(self._body(source, to, coding, head + octets, tlvs, pdu.UDHI))
                case "sar":
                    sar = {
                        pdu.SAR_MSG_REF_NUM: (reference & 0xFFFF).to_bytes(2, "big"),
                        pdu.SAR_TOTAL_SEGMENTS: bytes((total,)),
                        pdu.SAR_SEGMENT_SEQNUM: bytes((number,)),
                    }
                    bodies.append(self._body(source, to, coding, octets, sar | tlvs))
                case _:
                    head = bytes((5, 0, 3, reference & 0xFF, total, number))
                    bodies.append(self._body(source, to, coding, head + octets, tlvs, pdu.UDHI))
        return bodies

    def _body(
        self, source: Address, to: Address, coding: int, content: bytes, tlvs: dict[int, bytes], esm_class: int = 0
    ) -> bytes:
        return Message(
            service_type=self._config.service_type,
            source=source,
            destination=to,
            esm_class=esm_class,
            validity_period=self._validity,
            registered_delivery=_RECEIPT_WANTED if self._config.receipts else 0,
            data_coding=coding,
            content=content,
            tlvs=tlvs,
        ).encode()


def _india(message: SmsOutgoing) -> dict[int, bytes]:
    given = {pdu.INDIA_ENTITY_ID: message.entity_id, pdu.INDIA_TEMPLATE_ID: message.template_id}
    return {tag: value.encode("ascii", "replace")[:64] for tag, value in given.items() if value}


def _relative(minutes: int) -> str:
    """A validity period from now (SMPP 3.4, 7.1.1.2), "" for the SMSC's own."""
    if not minutes:
        return ""
    days, rest = divmod(minutes, 24 * 60)
    return f"0000{days:02}{rest // 60:02}{rest % 60:02}00000R"
