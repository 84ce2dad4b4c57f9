"""Text messages over SMPP to an SMSC that behaves: what it gets, read by smpplib, and what its answers mean."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from clarion.channels.port import Outcome, SmsOutgoing
from clarion.channels.sms import gsm
from clarion.channels.sms.smpp import statuses
from clarion.channels.sms.smpp.transport import PROVIDER
from clarion.core.errors import Invalid
from tests.channels.certificates import self_signed
from tests.channels.servers import run
from tests.channels.sms.smsc import Hang, Smsc, bound, config, sms, transport


def send(smsc: Smsc, *messages: SmsOutgoing, **changes: Any) -> list[Outcome]:
    async def scenario() -> list[Outcome]:
        async with bound(smsc, **changes) as smpp:
            return await smpp.send(messages)

    return run(scenario())


def test_a_message_is_submitted_and_its_id_kept() -> None:
    smsc = Smsc()
    (outcome,) = send(smsc, sms(), validity_minutes=3 * 24 * 60 + 90)
    assert outcome == Outcome("sent", response="0x00000000 ESME_ROK id1", provider_message_id="id1")
    (bind,) = smsc.got("bind_transceiver")
    assert (bind.system_id, bind.password, bind.interface_version) == (b"clarion", b"s3cret", 0x34)
    (found,) = smsc.got("submit_sm")
    assert (found.source_addr_ton, found.source_addr_npi, found.source_addr) == (1, 1, b"4915155555")
    assert (found.dest_addr_ton, found.dest_addr_npi, found.destination_addr) == (1, 1, b"4930123456")
    assert (found.esm_class, found.data_coding, found.registered_delivery) == (0, 0, 1)
    assert found.validity_period == b"000003013000000R"
    assert gsm.decode(found.short_message) == "Your table 0 is ready"
    assert len(smsc.got("unbind")) == 1


@pytest.mark.parametrize(
    ("members", "ton", "npi", "written"),
    [
        ({"origination_number": "", "sender_id": "Acme"}, 5, 0, b"Acme"),
        ({"origination_number": "72411", "sender_id": "Acme"}, 3, 0, b"72411"),
        ({"origination_number": "", "sender_id": ""}, 1, 1, b"4977777777"),
    ],
)
def test_the_senders_kind_decides_on_ton_and_npi(members: dict[str, str], ton: int, npi: int, written: bytes) -> None:
    smsc = Smsc()
    send(smsc, sms(**members), origination="+4977777777")
    (found,) = smsc.got("submit_sm")
    assert (found.source_addr_ton, found.source_addr_npi, found.source_addr) == (ton, npi, written)
    assert PROVIDER.identity(config(1, origination="+4977777777"), sms(**members)).removeprefix("+") == written.decode()


@pytest.mark.parametrize(
    "members",
    [{"to_address": "call me"}, {"origination_number": "", "sender_id": "TwelveLetters"}, {"sender_id": "Zoë"}],
)
def test_what_can_never_be_sent_is_not_tried(members: dict[str, str]) -> None:
    smsc = Smsc()
    outcomes = send(smsc, sms(1, **{"origination_number": ""} | members), sms(2))
    assert [outcome.status for outcome in outcomes] == ["permanent", "sent"]
    assert len(smsc.got("submit_sm")) == 1


def test_a_long_text_goes_in_parts_with_a_header() -> None:
    smsc = Smsc()
    text = "ж" * 66 + "😀" + "ж" * 66
    first, second = send(smsc, sms(1, body=text), sms(2, body="a" * 161))
    assert (first.provider_message_id, second.provider_message_id) == ("id1,id2,id3", "id4,id5")
    parts = smsc.got("submit_sm")
    assert [(part.esm_class, part.data_coding) for part in parts] == [(0x40, 8)] * 3 + [(0x40, 0)] * 2
    heads = [part.short_message[:6] for part in parts]
    assert [head[:3] + head[4:] for head in heads] == [
        *(bytes((5, 0, 3, 3, number)) for number in (1, 2, 3)), *(bytes((5, 0, 3, 2, number)) for number in (1, 2))
    ]  # fmt: skip
    assert len({head[3] for head in heads[:3]}) == 1
    assert heads[0][3] != heads[3][3]
    assert "".join(part.short_message[6:].decode("utf-16-be") for part in parts[:3]) == text
    assert [len(part.short_message) for part in parts[3:]] == [159, 14]


@pytest.mark.parametrize("way", ["udh16", "sar", "payload"])
def test_other_ways_to_concatenate(way: str) -> None:
    smsc = Smsc()
    (outcome,) = send(smsc, sms(body="a" * 170), concatenation=way)
    parts = smsc.got("submit_sm")
    if way == "payload":
        assert outcome.provider_message_id == "id1"
        assert (parts[0].message_payload, parts[0].short_message) == (b"a" * 170, b"")
        return
    assert outcome.provider_message_id == "id1,id2"
    if way == "udh16":
        assert [part.short_message[:3] + part.short_message[5:7] for part in parts] == [
            b"\x06\x08\x04\x02\x01", b"\x06\x08\x04\x02\x02"
        ]  # fmt: skip
        assert [len(part.short_message) for part in parts] == [152 + 7, 18 + 7]
    else:
        assert [(part.sar_total_segments, part.sar_segment_seqnum) for part in parts] == [(2, 1), (2, 2)]
        assert parts[0].sar_msg_ref_num == parts[1].sar_msg_ref_num
        assert [(part.esm_class, len(part.short_message)) for part in parts] == [(0, 153), (0, 17)]


@pytest.mark.parametrize(
    ("alphabet", "coding", "text", "sent"),
    [
        ("latin1", 3, "£5 [Größe]", (3, "£5 [Größe]".encode("latin-1"))),
        ("latin1", 0, "5 €", (8, "5 €".encode("utf-16-be"))),
        ("ascii", 1, "$5", (1, b"$5")),
        ("ascii", 1, "Größe", (8, "Größe".encode("utf-16-be"))),
        ("gsm", 0, "5 € @", (0, b"5 \x1b\x65 \x00")),
    ],
)
def test_smscs_with_another_default_alphabet(alphabet: str, coding: int, text: str, sent: tuple[int, bytes]) -> None:
    smsc = Smsc()
    send(smsc, sms(body=text), alphabet=alphabet, data_coding=coding)
    (found,) = smsc.got("submit_sm")
    assert (found.data_coding, found.short_message) == sent


def test_indias_registrations_travel_as_tlvs() -> None:
    octets = bytearray()

    async def scenario() -> None:
        async def read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            octets.extend(await reader.readexactly(16))
            await reader.readexactly(int.from_bytes(octets[:4], "big") - 16)
            writer.write(bytes.fromhex("0000001180000009000000000000000100"))
            octets.clear()
            octets.extend(await reader.read(65_536))
            writer.transport.abort()

        server = await asyncio.start_server(read, "127.0.0.1", 0)
        smpp = transport(server.sockets[0].getsockname()[1])
        await smpp.open()
        await smpp.send([sms(entity_id="1101456324", template_id="1107161")])
        await smpp.close()
        server.close()

    run(scenario())
    assert octets.endswith(b"\x14\x00\x00\x0a1101456324\x14\x01\x00\x071107161")


def test_all_binds_carry_and_no_window_is_exceeded() -> None:
    held = True
    smsc = Smsc(lambda command, *_: Hang() if held and command == "submit_sm" else None)

    async def scenario() -> list[Outcome]:
        nonlocal held
        async with bound(smsc, binds=3, window=4) as smpp:
            assert smpp.bound == 3
            sending = [asyncio.create_task(smpp.send([sms(n) for n in range(s, s + 50)])) for s in (0, 100)]
            await smsc.until(lambda: len(smsc.got("submit_sm")) == 12)
            # Whatever was written before these answers has arrived by then.
            await asyncio.gather(*(smsc.deliver("enquire_link", link=link) for link in smsc.links))
            carried = [connection for connection, command, _ in smsc.received if command == "submit_sm"]
            assert sorted(carried) == [1] * 4 + [2] * 4 + [3] * 4
            held = False
            for connection, command, found in list(smsc.received):
                if command == "submit_sm":
                    smsc.links[connection].usual(command, found, 0)
            return [outcome for batch in await asyncio.gather(*sending) for outcome in batch]

    outcomes = run(scenario())
    assert [outcome.status for outcome in outcomes] == ["sent"] * 100
    assert len({outcome.provider_message_id for outcome in outcomes}) == 100


def test_a_pair_of_binds_sends_on_one_and_listens_on_both() -> None:
    smsc = Smsc()
    (outcome,) = send(smsc, sms(), bind="pair")
    assert outcome.status == "sent"
    by = {command: connection for connection, command, _ in smsc.received}
    assert by["submit_sm"] == by["bind_transmitter"] != by["bind_receiver"]
    assert len(smsc.got("unbind")) == 2


@pytest.mark.parametrize("code", [*sorted(statuses.STATUSES), 0x0410, 0x2000])
def test_each_status_is_an_outcome(code: int) -> None:
    (outcome,) = send(Smsc(lambda command, *_: code if command == "submit_sm" else None), sms())
    known = statuses.status_of(code)
    status, blame = {
        "message": ("permanent", "message"),
        "here": ("permanent", "provider"),
        "again": ("temporary", "message"),
        "slow": ("throttled", "message"),
        "smsc": ("temporary", "provider"),
        "account": ("temporary", "credentials"),
    }[known.fault]
    assert (outcome.status, outcome.blame, outcome.uncertain) == (status, blame, False)
    assert known.name in outcome.detail
    assert f"{code:#010x}" in outcome.response
    assert outcome.retry_after_ms == (1000 if status == "throttled" else None)


@pytest.mark.parametrize(
    ("code", "status", "blame"),
    [
        (0x0A, "permanent", "provider"),  # RINVSRCADR: another provider may have that sender
        (0x0B, "permanent", "message"),  # RINVDSTADR: nobody has that number
        (0x08, "temporary", "provider"),
        (0x0E, "temporary", "credentials"),
        (0x14, "throttled", "message"),
        (0x58, "throttled", "message"),
        (0x45, "temporary", "message"),
        (0x66, "permanent", "message"),
    ],
)
def test_statuses_that_decide_who_suffers(code: int, status: str, blame: str) -> None:
    outcome = statuses.submitted(code)
    assert (outcome.status, outcome.blame) == (status, blame)


def test_an_smscs_own_codes_can_be_explained() -> None:
    def answer(command: str, connection: int, number: int) -> int | None:
        return {1: 0x401, 2: 1030}[number] if command == "submit_sm" else None

    own = {"permanent_statuses": "0x401", "throttled_statuses": " 0x402, 1030 "}
    assert [outcome.status for outcome in send(Smsc(answer), sms(1), sms(2), window=1, **own)] == [
        "permanent",
        "throttled",
    ]


@pytest.mark.parametrize("code", [0x58, 0x14])
def test_who_is_throttled_submits_nothing_for_a_while(code: int) -> None:
    smsc = Smsc(lambda command, _, number: code if command == "submit_sm" and number == 3 else None)
    outcomes = send(smsc, *map(sms, range(20)), window=1)
    assert [outcome.status for outcome in outcomes] == ["sent"] * 2 + ["throttled"] * 18
    assert len(smsc.got("submit_sm")) == 3
    assert all(outcome.retry_after_ms and outcome.retry_after_ms <= 1000 for outcome in outcomes[2:])


def test_of_a_message_taken_in_part_only_the_rest_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.channels.sms.smpp.transport.PAUSE_SECONDS", 0.0)
    smsc = Smsc(lambda command, _, number: 0x58 if command == "submit_sm" and number == 2 else None)

    async def scenario() -> None:
        async with bound(smsc) as smpp:
            message = sms(body="a" * 400)
            (first,) = await smpp.send([message])
            assert (first.status, first.provider_message_id) == ("throttled", "")
            (second,) = await smpp.send([message])
            assert (second.status, second.provider_message_id) == ("sent", "id1,id3,id2")

    run(scenario())
    heads = [part.short_message[:6] for part in smsc.got("submit_sm")]
    assert [head[5] for head in heads] == [1, 2, 3, 2]
    assert len({head[3] for head in heads}) == 1


def test_of_a_message_that_is_refused_no_more_parts_are_sent() -> None:
    smsc = Smsc(lambda command, *_: 0x0B if command == "submit_sm" else None)
    (outcome,) = send(smsc, sms(body="a" * 1_600), window=1)
    assert (outcome.status, len(smsc.got("submit_sm"))) == ("permanent", 1)


def test_the_link_is_tried_when_nothing_comes() -> None:
    smsc = Smsc()

    async def scenario() -> None:
        async with bound(smsc, enquire_link_seconds=0.01):
            await smsc.until(lambda: len(smsc.got("enquire_link")) >= 3)

    run(scenario())
    assert {connection for connection, _, _ in smsc.received} == {1}


@pytest.mark.parametrize("mode", ["verify", "unverified"])
def test_tls(mode: str, tmp_path: Path) -> None:
    tls, authorities = self_signed(tmp_path)
    given = {"ca_file": authorities} if mode == "verify" else {}
    (outcome,) = send(Smsc(tls=tls), sms(), tls=mode, **given)
    assert outcome.status == "sent"


def test_a_check_binds_and_says_what_it_found(tmp_path: Path) -> None:
    tls, authorities = self_signed(tmp_path)
    smsc = Smsc(tls=tls)

    async def scenario() -> list[tuple[str, str]]:
        async with smsc.serve() as port:
            smpp = transport(port, tls="verify", ca_file=authorities)
            return [(finding.level, finding.text) for finding in await smpp.check()]

    (level, text), (soon, certificate) = run(scenario())
    assert (level, soon) == ("ok", "warning")
    assert "bind_transceiver as clarion" in text
    assert "certificate ends on" in certificate
    assert [name for _, name, _ in smsc.received] == ["bind_transceiver", "enquire_link", "unbind"]


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (lambda command, *_: 0x0E if command.startswith("bind") else None, "ESME_RINVPASWD"),
        (lambda command, *_: Hang() if command == "enquire_link" else None, "no answer"),
        (lambda command, *_: Hang() if command.startswith("bind") else None, "no answer"),
    ],
)
def test_a_check_tells_what_is_wrong(answer: Any, problem: str) -> None:
    async def scenario() -> list[tuple[str, str]]:
        async with Smsc(answer).serve() as port:
            smpp = transport(port, response_seconds=0.05)
            return [(finding.level, finding.text) for finding in await smpp.check()]

    (tls, _), (level, text) = run(scenario())
    assert (tls, level) == ("warning", "error")
    assert problem in text
    assert "s3cret" not in text


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"host": ""}, "host"),
        ({"system_id": ""}, "system_id"),
        ({"system_id": "x" * 16}, "system_id"),
        ({"password": "s3cret\n"}, "password"),
        ({"port": 0}, "port"),
        ({"window": 0}, "window"),
        ({"interface_version": "4"}, "interface_version"),
        ({"ca_file": "/ca.pem"}, "ca_file"),
        ({"throttled_statuses": "0x40,x"}, "throttled_statuses"),
        ({"long_ton": 256}, "long_ton"),
    ],
)
def test_a_config_is_checked_by_member(changes: dict[str, Any], member: str) -> None:
    config(2775, reconnect_seconds=60).check()
    with pytest.raises(Invalid, match=f"^{member}:") as refused:
        config(**{"port": 2775, "reconnect_seconds": 60} | changes).check()
    assert "s3cret" not in refused.value.message


def test_a_config_shows_no_secret() -> None:
    assert "s3cret" not in f"{config(1)!r} {config(1)}"
    assert PROVIDER.config.SECRET == ("password",)
