"""What an SMSC delivers: receipts in all their dialects, people's texts, and when each is acknowledged."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.feedback import ReceiptReport
from clarion.channels.sms import gsm
from clarion.channels.sms.smpp import arrivals, concatenation, pdu, receipts, texts
from clarion.channels.sms.smpp.pdu import Address, Message
from clarion.core.errors import Unavailable
from tests.channels.servers import run
from tests.channels.sms.smsc import Kept, Smsc, address, bound, receipt, sms
from tests.channels.sms.smsc import pdu as pdu_of

RX_T_APPN, RX_P_APPN = 0x64, 0x65


def read(text: str = "", *, esm_class: int = 4, form: Any = "same", **tlvs: bytes) -> ReceiptReport | None:
    """What a receipt with this text and these TLVs says."""
    tags = {"named": pdu.RECEIPTED_MESSAGE_ID, "state": pdu.MESSAGE_STATE, "network": pdu.NETWORK_ERROR_CODE}
    message = Message(
        source=Address(1, 1, "49301234567"),
        destination=Address(1, 1, "4915155555"),
        esm_class=esm_class,
        content=text.encode(),
        tlvs={tags[name]: value for name, value in tlvs.items()},
    )
    assert receipts.is_receipt(message)
    return receipts.read(message, form, 1_000)


@pytest.mark.parametrize(
    ("stat", "kind", "status", "final"),
    [
        ("DELIVRD", "SUCCESS", "DELIVERED", True),
        ("EXPIRED", "FAILURE", "TTL_EXPIRED", True),
        ("DELETED", "FAILURE", "UNKNOWN", True),
        ("UNDELIV", "FAILURE", "UNREACHABLE", True),
        ("ACCEPTD", "BUFFERED", "SUCCESSFUL", False),
        ("UNKNOWN", "FAILURE", "UNKNOWN", True),
        ("REJECTD", "FAILURE", "CARRIER_BLOCKED", True),
        ("ENROUTE", "BUFFERED", "PENDING", False),
        ("BUFFERED", "BUFFERED", "PENDING", False),
        ("delivered", "SUCCESS", "DELIVERED", True),
        ("LOST", "FAILURE", "UNKNOWN", True),
    ],
)
def test_each_word_of_appendix_b(stat: str, kind: str, status: str, final: bool) -> None:
    found = read(f"id:77 sub:001 dlvrd:001 submit date:2612011200 done date:2612011201 stat:{stat} err:042 text:Hi")
    assert found is not None
    assert (found.provider_message_id, found.kind, found.record_status, found.final) == ("77", kind, status, final)
    assert found.detail == f"stat:{stat.upper()} err:042 done date:2612011201"
    assert found.at_ms == 1_000


@pytest.mark.parametrize(
    "text",
    [
        "id:77 stat:DELIVRD",
        "ID:77 SUB:001 STAT:DELIVRD ERR:0 TEXT:stat:UNDELIV id:88",
        "id:77 sub:001 dlvrd:001 stat:DELIVRD err:000 Text:id:88 stat:UNDELIV",
        "stat:DELIVRD err:000 id:77",
    ],
)
def test_receipts_are_read_whatever_their_order_and_case(text: str) -> None:
    found = read(text)
    assert found is not None
    assert (found.provider_message_id, found.record_status) == ("77", "DELIVERED")


def test_tlvs_win_over_the_text() -> None:
    found = read("id:88 stat:UNDELIV", named=b"77\0", state=b"\x02")
    assert found is not None
    assert (found.provider_message_id, found.record_status) == ("77", "DELIVERED")
    found = read(esm_class=0, named=b"77\0", state=b"\x05", network=b"\x03\x00\x01")
    assert found is not None
    assert (found.record_status, found.detail) == ("INVALID", "stat:UNDELIV network error:3/1")
    assert read(named=b"77\0", state=b"\x63").record_status == "UNKNOWN"  # type: ignore[union-attr]


def test_an_intermediate_notification_is_never_final() -> None:
    found = read("id:77 stat:UNDELIV err:000", esm_class=0x20)
    assert found is not None
    assert (found.kind, found.record_status, found.final) == ("BUFFERED", "PENDING", False)


@pytest.mark.parametrize("text", ["", "stat:DELIVRD", "id: sub:001 stat:DELIVRD", "hello", "id:,,, stat:DELIVRD"])
def test_a_receipt_that_names_no_message(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("form", "answered", "receipted"),
    [
        ("same", "0A1b", "0A1b"),
        ("padded", "1234", "0000001234"),
        ("hex-decimal", "0x1F", "0000000031"),
        ("hex-decimal", "1f", "31"),
        ("decimal-hex", "31", "1F"),
        ("decimal-hex", "ab-cd", "ab-cd"),
    ],
)
def test_ids_that_receipts_write_in_another_way(form: Any, answered: str, receipted: str) -> None:
    found = read(f"id:{receipted} stat:DELIVRD", form=form)
    assert found is not None
    assert found.provider_message_id == receipts.answered_id(answered, form)


def test_a_person_cannot_write_a_receipt() -> None:
    kept, smsc = Kept(), Smsc()

    async def scenario() -> None:
        async with bound(smsc, kept):
            forged = receipt("id1") | {"esm_class": 0}
            assert await smsc.deliver(**forged) == 0
            assert await smsc.deliver(**forged | {"esm_class": 0x08}) == 0

    run(scenario())
    assert not kept.told
    assert [text.body[:8] for text in kept.heard] == ["id:id1 s"]


@given(st.binary(max_size=300), st.integers(0, 255))
@settings(max_examples=200)
def test_any_octets_are_a_receipt_or_none(octets: bytes, state: int) -> None:
    for tlvs in ({}, {pdu.MESSAGE_STATE: bytes((state,)), pdu.RECEIPTED_MESSAGE_ID: octets[:65]}):
        message = Message(source=Address(1, 1, "1"), destination=Address(1, 1, "2"), content=octets, tlvs=tlvs)
        found = receipts.read(message, "hex-decimal", 0)
        assert found is None or found.detail.isprintable()
        texts.part_of(Message(source=Address(1, 1, "1"), destination=Address(1, 1, "2"), content=octets, esm_class=64))
        assert "\0" not in texts.decoded(octets, state, "gsm")


def test_a_submitted_message_and_its_receipt_have_the_same_id() -> None:
    kept, smsc = Kept(), Smsc()

    async def scenario() -> None:
        async with bound(smsc, kept) as smpp:
            (outcome,) = await smpp.send([sms(body="a" * 200)])
            for name in outcome.provider_message_id.split(","):
                assert await smsc.deliver(**receipt(name)) == 0
            assert [report.provider_message_id for report in kept.told] == outcome.provider_message_id.split(",")

    run(scenario())


def test_receipts_come_without_traffic_and_many_go_in_one_call() -> None:
    kept, smsc = Kept(), Smsc()
    first, go_on = threading.Event(), threading.Event()

    def wait(found: Sequence[Any]) -> None:
        first.set()
        assert go_on.wait(20)

    async def scenario() -> None:
        async with bound(smsc, kept):
            kept.trouble = wait
            answers = [smsc.deliver_soon(**receipt("m0"))]
            await asyncio.to_thread(first.wait, 20)
            answers += [smsc.deliver_soon(**receipt(f"m{number}")) for number in range(1, 1_501)]
            await smsc.deliver("enquire_link")
            # All have arrived, and none is acknowledged before the feedback has it.
            assert not any(answer.done() for answer in answers)
            go_on.set()
            assert await asyncio.gather(*answers) == [0] * 1_501

    run(scenario())
    assert kept.calls_made == [1, 1_000, 500]
    assert [report.provider_message_id for report in kept.told] == [f"m{number}" for number in range(1_501)]


def test_what_comes_right_behind_the_bind_is_taken() -> None:
    kept = Kept()

    def answer(command: str, connection: int, number: int) -> bytes | None:
        if not command.startswith("bind"):
            return None
        return pdu_of("bind_transceiver_resp", system_id="smsc") + pdu_of("deliver_sm", 5, **receipt("id1"))

    smsc = Smsc(answer)

    async def scenario() -> None:
        async with bound(smsc, kept):
            await smsc.until(lambda: bool(smsc.got("deliver_sm_resp")))

    run(scenario())
    assert [found.status for found in smsc.got("deliver_sm_resp")] == [0]
    assert len(kept.told) == 1


def test_what_cannot_be_recorded_is_to_come_again() -> None:
    kept, smsc = Kept(), Smsc()

    def unavailable(found: Sequence[Any]) -> None:
        raise Unavailable("the database is away")

    async def scenario() -> None:
        async with bound(smsc, kept):
            kept.trouble = unavailable
            assert await smsc.deliver(**receipt("id1")) == RX_T_APPN
            assert await smsc.deliver(**address(), short_message=b"STOP") == RX_T_APPN
            kept.trouble = lambda found: None
            assert await smsc.deliver(**receipt("id1")) == 0
            assert await smsc.deliver(**address(), short_message=b"STOP") == 0

    run(scenario())
    assert (len(kept.told), len(kept.heard)) == (1, 1)


def test_one_that_breaks_the_feedback_does_not_hold_up_the_others() -> None:
    kept, smsc = Kept(), Smsc()

    def picky(found: Sequence[Any]) -> None:
        if any(report.provider_message_id == "m1" for report in found):
            raise RuntimeError("not this one")

    async def scenario() -> list[int]:
        async with bound(smsc, kept):
            kept.trouble = picky
            return await asyncio.gather(*(smsc.deliver_soon(**receipt(f"m{number}")) for number in range(4)))

    assert run(scenario()) == [0, RX_T_APPN, 0, 0]
    assert {report.provider_message_id for report in kept.told} == {"m0", "m2", "m3"}


def test_a_flood_is_answered_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "MOST_PENDING", 5)
    kept, smsc = Kept(), Smsc()
    go_on = threading.Event()
    kept.trouble = lambda found: None if go_on.wait(20) else pytest.fail("not told to go on")

    async def scenario() -> list[int]:
        async with bound(smsc, kept):
            answers = [smsc.deliver_soon(**receipt(f"m{number}")) for number in range(20)]
            await smsc.deliver("enquire_link")
            go_on.set()
            return await asyncio.gather(*answers)

    answers = run(scenario())
    assert set(answers) == {0, RX_T_APPN}
    assert answers.count(0) == len(kept.told) >= 5


def test_malformed_and_nameless_ones_are_answered_and_counted() -> None:
    smsc = Smsc()

    async def scenario() -> None:
        async with bound(smsc) as smpp:
            assert await smsc.deliver(**address(), esm_class=4, short_message=b"hello") == 0
            link = smsc.links[1]
            link.raw(bytes.fromhex("00000014000000050000000000000999ffffffff"))
            await smsc.until(lambda: any(found.sequence == 0x999 for found in smsc.got("deliver_sm_resp")))
            assert smpp._arrivals.dropped == 2

    run(scenario())
    assert [found.status for found in smsc.got("deliver_sm_resp")] == [0, RX_P_APPN]


@pytest.mark.parametrize(
    ("coding", "octets", "body"),
    [
        (0, gsm.encode("£5 [€]?"), "£5 [€]?"),
        (1, b"STOP", "STOP"),
        (3, "Größe".encode("latin-1"), "Größe"),
        (4, b"\xe9", "é"),
        (6, "Привет".encode("iso8859-5"), "Привет"),
        (8, "Привет 😀".encode("utf-16-be"), "Привет 😀"),
        (14, "안녕".encode("euc_kr"), "안녕"),
        (0xF0, gsm.encode("@"), "@"),
        (0xF5, b"@", "@"),
        (3, b"a\0b", "ab"),
    ],
)
def test_texts_in_every_alphabet(coding: int, octets: bytes, body: str) -> None:
    kept, smsc = Kept(), Smsc()

    async def scenario() -> None:
        async with bound(smsc, kept):
            assert await smsc.deliver(**address("49301234567", "72411"), data_coding=coding, short_message=octets) == 0
            assert await smsc.deliver("data_sm", **address(), data_coding=coding, message_payload=octets) == 0

    run(scenario())
    assert [text.body for text in kept.heard] == [body, body]
    assert [text.from_number for text in kept.heard] == ["+49301234567"] * 2
    assert [text.to_number for text in kept.heard] == ["72411", "+4915155555"]
    assert len({text.inbound_id for text in kept.heard}) == 2


def test_a_default_alphabet_that_is_latin1() -> None:
    assert texts.decoded(b"Gr\xf6\xdfe", 0, "latin1") == "Größe"
    assert texts.decoded(b"\x00", 0, "ascii") == ""


@pytest.mark.parametrize(
    ("given", "number"),
    [
        (Address(1, 1, "49301234567"), "+49301234567"),
        (Address(1, 1, "+49301234567"), "+49301234567"),
        (Address(0, 1, "49301234567"), "+49301234567"),
        (Address(0, 0, "72411"), "72411"),
        (Address(3, 0, "72411"), "72411"),
        (Address(2, 1, "0301234567"), "0301234567"),
        (Address(5, 0, "Acme"), "Acme"),
        (Address(1, 1, "nobody"), "nobody"),
    ],
)
def test_numbers_by_their_type(given: Address, number: str) -> None:
    assert texts.number_of(given) == number


def parts(text: str, reference: int = 9, way: str = "udh8") -> list[dict[str, Any]]:
    """Members of the deliver_sm of a long text, in order."""
    cut = [text[at : at + 10] for at in range(0, len(text), 10)]
    found = []
    for number, piece in enumerate(cut, 1):
        octets = piece.encode("utf-16-be")
        members = address() | {"data_coding": 8}
        if way == "sar":
            members |= {"sar_msg_ref_num": reference, "sar_total_segments": len(cut), "sar_segment_seqnum": number}
        elif way == "udh8":
            octets = bytes((5, 0, 3, reference, len(cut), number)) + octets
        else:
            # A port address before it, as some phones have.
            octets = bytes((11, 5, 2, 0, 1, 8, 4, 1, reference, len(cut), number, 0)) + octets
        found.append(members | {"short_message": octets} | ({} if way == "sar" else {"esm_class": 0x40}))
    return found


@pytest.mark.parametrize("way", ["udh8", "udh16", "sar"])
def test_parts_in_any_order_become_one_text(way: str) -> None:
    kept, smsc = Kept(), Smsc()
    text = "Привет, мы придём завтра 😀 и останемся"

    async def scenario() -> None:
        async with bound(smsc, kept):
            sent = parts(text, way=way)
            answers = [smsc.deliver_soon(**part) for part in (sent[2], sent[0], sent[3], sent[1])]
            assert await asyncio.gather(*answers) == [0] * 4
            # The same reference, from somebody else.
            other = [smsc.deliver_soon(**part | {"source_addr": "4940"}) for part in sent[:1]]
            assert not other[0].done()

    run(scenario())
    assert [found.body for found in kept.heard] == [text]


def test_parts_are_acknowledged_when_the_text_is_recorded_and_come_again_when_not() -> None:
    kept, smsc = Kept(), Smsc()
    broken = True

    def unavailable(found: Sequence[Any]) -> None:
        if broken:
            raise Unavailable("the database is away")

    async def scenario() -> None:
        nonlocal broken
        kept.trouble = unavailable
        async with bound(smsc, kept):
            sent = parts("a text of two")
            first = smsc.deliver_soon(**sent[0])
            await smsc.deliver("enquire_link")
            assert not first.done()
            assert await smsc.deliver(**sent[1]) == RX_T_APPN
            assert await first == RX_T_APPN
            broken = False
            answers = [smsc.deliver_soon(**part) for part in sent]
            assert await asyncio.gather(*answers) == [0, 0]
            # The SMSC did not hear that, and sends one of them once more.
            assert await smsc.deliver(**sent[1]) == 0

    run(scenario())
    assert [found.body for found in kept.heard] == ["a text of two"]


def test_an_smsc_that_sends_one_at_a_time_is_not_kept_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "HOLD_SECONDS", 0.02)
    monkeypatch.setattr(concatenation, "HOLD_SECONDS", 0.02)
    kept, smsc = Kept(), Smsc()

    def unavailable(found: Sequence[Any]) -> None:
        raise Unavailable("the database is away")

    async def scenario() -> None:
        async with bound(smsc, kept):
            sent = parts("a text of three, which is long")
            assert [await smsc.deliver(**part) for part in sent[:2]] == [0, 0]
            kept.trouble = unavailable
            # Those that were acknowledged are kept for the last one.
            assert await smsc.deliver(**sent[2]) == RX_T_APPN
            kept.trouble = lambda found: None
            assert await smsc.deliver(**sent[2]) == 0

    run(scenario())
    assert [found.body for found in kept.heard] == ["a text of three, which is long"]


def test_a_text_that_stays_incomplete_is_delivered_as_it_is() -> None:
    kept, smsc = Kept(), Smsc()

    async def scenario() -> None:
        async with bound(smsc, kept, reassembly_seconds=0.02):
            sent = parts("one part of this text is missing")
            assert await asyncio.gather(*(smsc.deliver_soon(**part) for part in (sent[0], sent[2]))) == [0, 0]

    run(scenario())
    assert [found.body for found in kept.heard] == ["one part ot is missi"]


def test_parts_that_come_again_while_their_text_is_recorded_are_no_other_text() -> None:
    kept, smsc = Kept(), Smsc()
    recording, go_on = threading.Event(), threading.Event()

    def slow(found: Sequence[Any]) -> None:
        recording.set()
        assert go_on.wait(20)

    async def scenario() -> None:
        async with bound(smsc, kept, reassembly_seconds=0.5):
            kept.trouble = slow
            sent = parts("a text of two")
            answers = [smsc.deliver_soon(**part) for part in sent]
            await asyncio.to_thread(recording.wait, 20)
            answers.append(smsc.deliver_soon(**sent[0]))
            await smsc.deliver("enquire_link")
            go_on.set()
            assert await asyncio.gather(*answers) == [0] * 3

    run(scenario())
    assert [found.body for found in kept.heard] == ["a text of two"]


def test_a_reference_that_is_used_again_mixes_no_texts() -> None:
    kept, smsc = Kept(), Smsc()

    async def scenario() -> None:
        async with bound(smsc, kept):
            lost, whole = parts("the first text"), parts("and the second")
            sent = (lost[0], whole[0], whole[0], whole[1])
            assert await asyncio.gather(*(smsc.deliver_soon(**part) for part in sent)) == [0] * 4

    run(scenario())
    assert [found.body for found in kept.heard] == ["the first ", "and the second"]


def test_parts_take_a_bounded_amount_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concatenation, "_MOST", 3)
    monkeypatch.setattr(concatenation, "_MOST_OCTETS", 60)
    kept, smsc = Kept(), Smsc()

    async def scenario() -> None:
        async with bound(smsc, kept) as smpp:
            for number in range(8):
                smsc.deliver_soon(**parts("a text of two", reference=number)[0])
            await smsc.until(lambda: len(smsc.got("deliver_sm_resp")) == 5)
            waiting = smpp._arrivals._waiting
            assert (len(waiting), waiting._octets) == (3, 60)
            smsc.deliver_soon(**address(), sar_msg_ref_num=1, sar_total_segments=2, sar_segment_seqnum=1,
                              message_payload=b"x" * 61)  # fmt: skip
            await smsc.until(lambda: len(smsc.got("deliver_sm_resp")) == 9)
            assert (len(waiting), waiting._octets) == (0, 0)

    run(scenario())
    assert len(kept.heard) == 9


@pytest.mark.parametrize(("total", "number"), [(0, 0), (2, 0), (2, 3), (1, 1)])
def test_parts_that_cannot_be_are_texts_of_their_own(total: int, number: int) -> None:
    kept, smsc = Kept(), Smsc()

    async def scenario() -> None:
        async with bound(smsc, kept):
            head = bytes((5, 0, 3, 1, total, number))
            assert await smsc.deliver(**address(), esm_class=0x40, short_message=head + b"hello") == 0

    run(scenario())
    assert [found.body for found in kept.heard] == ["hello"]


def test_closing_records_what_was_acknowledged_and_refuses_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "HOLD_SECONDS", 0.02)
    monkeypatch.setattr(concatenation, "HOLD_SECONDS", 0.02)
    kept, smsc = Kept(), Smsc()

    async def scenario() -> None:
        async with bound(smsc, kept) as smpp:
            assert await smsc.deliver(**parts("was acknowledged", reference=1)[0]) == 0
            monkeypatch.setattr(concatenation, "HOLD_SECONDS", 60)
            held = smsc.deliver_soon(**parts("was held back", reference=2)[0])
            await smsc.deliver("enquire_link")
            await smpp.close()
            assert await held == RX_T_APPN

    run(scenario())
    assert [found.body for found in kept.heard] == ["was acknow"]


def test_a_text_whose_acknowledgement_got_lost_is_recorded_once() -> None:
    kept, smsc = Kept(), Smsc()
    recording, go_on = threading.Event(), threading.Event()

    def slow(found: Sequence[Any]) -> None:
        recording.set()
        assert go_on.wait(20)

    async def scenario() -> None:
        async with bound(smsc, kept) as smpp:
            kept.trouble = slow
            smsc.deliver_soon(**address(), short_message=b"STOP")
            await asyncio.to_thread(recording.wait, 20)
            smsc.links[1].writer.transport.abort()
            while smpp.bound:
                await smpp._pool.changed()
            go_on.set()
            await smsc.until(lambda: 2 in smsc.links and smsc.links[2].bound)
            kept.trouble = lambda found: None
            assert await smsc.deliver(**address(), short_message=b"STOP") == 0
            assert len(kept.heard) == 1
            # Now it is somebody who says it again.
            assert await smsc.deliver(**address(), short_message=b"STOP") == 0

    run(scenario())
    assert len(kept.heard) == 2
