"""PDUs: ours read by smpplib, smpplib's read by us, and octets that are none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from smpplib import consts

from clarion.channels.sms.smpp import pdu, statuses
from clarion.channels.sms.smpp.pdu import Address, Bind, Malformed, Message, Pdu, Unframed
from tests.channels.sms import smsc

words = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=12)
octet = st.integers(0, 255)
addresses = st.builds(Address, octet, octet, words)
SAR = {"sar_msg_ref_num": 0x020C, "sar_total_segments": 0x020E, "sar_segment_seqnum": 0x020F}

messages = st.builds(
    Message,
    service_type=st.text("ABCM", max_size=5),
    source=addresses,
    destination=addresses,
    esm_class=octet,
    protocol_id=octet,
    priority_flag=octet,
    validity_period=st.sampled_from(["", "000003000000000R"]),
    registered_delivery=octet,
    replace_if_present=octet,
    data_coding=octet,
    sm_default_msg_id=octet,
    content=st.binary(max_size=254),
    tlvs=st.fixed_dictionaries(
        {},
        optional={
            0x020C: st.binary(min_size=2, max_size=2),
            0x020E: st.binary(min_size=1, max_size=1),
            0x020F: st.binary(min_size=1, max_size=1),
            0x1400: st.binary(max_size=30),
        },
    ),
)


@given(messages, st.sampled_from(["submit_sm", "deliver_sm"]), st.integers(1, 0x7FFFFFFF))
@settings(max_examples=150)
def test_smpplib_reads_what_we_write(message: Message, command: str, sequence: int) -> None:
    found = smsc.parse(Pdu(smsc.code(command), 0, sequence, message.encode()).encode())
    assert (found.command, found.status, found.sequence) == (command, 0, sequence)
    assert found.service_type == message.service_type.encode()
    assert (found.source_addr_ton, found.source_addr_npi, found.source_addr.decode()) == message.source
    assert (found.dest_addr_ton, found.dest_addr_npi, found.destination_addr.decode()) == message.destination
    assert (found.esm_class, found.protocol_id, found.priority_flag) == (
        message.esm_class, message.protocol_id, message.priority_flag
    )  # fmt: skip
    assert found.validity_period == message.validity_period.encode()
    assert (found.registered_delivery, found.replace_if_present_flag) == (
        message.registered_delivery, message.replace_if_present
    )  # fmt: skip
    assert (found.data_coding, found.sm_default_msg_id) == (message.data_coding, message.sm_default_msg_id)
    assert (found.short_message or b"") == message.content
    for name, tag in SAR.items():
        assert getattr(found, name) == (int.from_bytes(message.tlvs[tag], "big") if tag in message.tlvs else None)


@given(
    st.fixed_dictionaries(
        {
            "source_addr_ton": octet,
            "source_addr_npi": octet,
            "source_addr": words,
            "dest_addr_ton": octet,
            "dest_addr_npi": octet,
            "destination_addr": words,
            "esm_class": octet,
            "data_coding": octet,
            "short_message": st.binary(max_size=254),
        },
        optional={
            "message_state": octet,
            "sar_msg_ref_num": st.integers(0, 65_535),
            "user_message_reference": st.integers(0, 65_535),
            "receipted_message_id": st.text("0123456789ABCDEFabcdef", min_size=1, max_size=20),
        },
    )
)
@settings(max_examples=150)
def test_we_read_what_smpplib_writes(members: dict[str, Any]) -> None:
    (found,) = pdu.frames(bytearray(smsc.pdu("deliver_sm", 7, **members)))
    assert found[:3] == (pdu.DELIVER_SM, 0, 7)
    message = Message.decode(found.body)
    assert message.source == (members["source_addr_ton"], members["source_addr_npi"], members["source_addr"])
    assert message.destination == (members["dest_addr_ton"], members["dest_addr_npi"], members["destination_addr"])
    assert (message.esm_class, message.data_coding) == (members["esm_class"], members["data_coding"])
    assert message.user_data == members["short_message"]
    assert message.number(pdu.MESSAGE_STATE) == members.get("message_state")
    assert message.number(pdu.SAR_MSG_REF_NUM) == members.get("sar_msg_ref_num")
    assert message.number(pdu.USER_MESSAGE_REFERENCE) == members.get("user_message_reference")
    named = message.tlvs.get(pdu.RECEIPTED_MESSAGE_ID)
    assert (named and pdu.decode_message_id(named)) == members.get("receipted_message_id")


def test_binds_and_data_sm_with_smpplib() -> None:
    bind = Bind(system_id="acme", password="secret", system_type="OTA", addr_ton=1, addr_npi=2, address_range="49*")
    for command in (pdu.BIND_TRANSCEIVER, pdu.BIND_RECEIVER, pdu.BIND_TRANSMITTER):
        found = smsc.parse(Pdu(command, 0, 1, bind.encode()).encode())
        assert (found.system_id, found.password, found.system_type) == (b"acme", b"secret", b"OTA")
        assert (found.interface_version, found.addr_ton, found.addr_npi) == (0x34, 1, 2)
        assert found.address_range == b"49*"
    assert Bind.decode(bind.encode()) == bind
    assert "secret" not in repr(bind)
    data = smsc.pdu("data_sm", **smsc.address(), message_payload=b"x" * 1_000, data_coding=8)
    (framed,) = pdu.frames(bytearray(data))
    message = Message.decode_data(framed.body)
    assert (message.source, message.destination) == ((1, 1, "49301234567"), (1, 1, "4915155555"))
    assert (message.user_data, message.data_coding) == (b"x" * 1_000, 8)


def test_every_status_of_smpplib_is_in_the_table_by_the_same_name() -> None:
    known = {code: name for name, code in vars(consts).items() if name.startswith("SMPP_ESME_R") and code}
    assert {code: f"SMPP_{status.name}" for code, status in statuses.STATUSES.items()} == known


@given(st.lists(st.binary(max_size=60), max_size=6), st.integers(1, 50))
@settings(max_examples=100)
def test_pdus_are_found_however_they_arrive(bodies: list[bytes], size: int) -> None:
    sent = [Pdu(pdu.SUBMIT_SM, 0, number, body) for number, body in enumerate(bodies)]
    stream = b"".join(one.encode() for one in sent)
    buffer, found = bytearray(), []
    for at in range(0, len(stream), size):
        buffer += stream[at : at + size]
        found += pdu.frames(buffer)
    assert found == sent
    assert not buffer


@pytest.mark.parametrize("length", [0, 1, 15, 70_001, 0x7FFFFFFF, 0xFFFFFFFF])
def test_lengths_that_cannot_be_meant(length: int) -> None:
    good = Pdu(pdu.ENQUIRE_LINK, 0, 1)
    buffer = bytearray(good.encode() + length.to_bytes(4, "big"))
    reading = pdu.frames(buffer)
    assert next(reading) == good
    with pytest.raises(Unframed, match=f"{length} octets"):
        next(reading)


@given(st.binary(max_size=400))
@settings(max_examples=300)
def test_any_octets_are_a_body_or_malformed(octets: bytes) -> None:
    for read in (Message.decode, Message.decode_data, Bind.decode, pdu.decode_tlvs):
        try:
            read(octets)
        except Malformed:
            continue
    found = pdu.decode_message_id(octets)
    assert len(found) <= 64
    assert found.isascii()
    assert "," not in found


@given(messages, st.integers(0, 200))
@settings(max_examples=100)
def test_a_body_that_is_cut_off_is_malformed_or_lacks_tlvs(message: Message, less: int) -> None:
    whole = message.encode()
    cut = whole[: max(0, len(whole) - less)]
    try:
        found = Message.decode(cut)
    except Malformed:
        return
    assert found.content == message.content
    assert set(found.tlvs.items()) <= set(message.tlvs.items())


@pytest.mark.parametrize(
    ("body", "message_id"),
    [(b"", ""), (b"\0", ""), (b"abc", "abc"), (b"a,b c\0", "abc"), (b"\xff\x01x\0y", "x"), (b"7" * 90, "7" * 64)],
)
def test_message_ids(body: bytes, message_id: str) -> None:
    assert pdu.decode_message_id(body) == message_id


def test_a_text_cannot_end_a_field_early() -> None:
    message = Message(source=Address(5, 0, "Ac\0me\u20ac"), destination=Address(1, 1, "49"))
    assert Message.decode(message.encode()).source.address == "Acme?"
