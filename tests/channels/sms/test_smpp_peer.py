"""Our client and an SMSC that is nobody's of ours: smpp34, in Rust, over TCP."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import smpp34

from clarion.channels.port import Outcome
from clarion.channels.sms import gsm
from tests.channels.servers import run
from tests.channels.sms.smsc import Kept, receipt, sms, transport


class Peer:
    """What has bound, and what it submitted, in whatever order; `refuse` gives destinations their status."""

    def __init__(self) -> None:
        self.bound: list[Any] = []
        self.submitted: list[Any] = []
        self.unbound = 0
        self.refuse: dict[str, int] = {}

    async def run(self, server: Any) -> None:
        while True:
            match await server.next():
                case smpp34.SubmitSmEvent() as found:
                    self.submitted.append(found)
                    status = self.refuse.get(found.destination_addr)
                    if status is None:
                        found.accept(f"{len(self.submitted):08x}")
                    else:
                        found.reject(status)
                case smpp34.Unbound():
                    self.unbound += 1
                case esme:
                    self.bound.append(esme)


@asynccontextmanager
async def peer() -> AsyncIterator[tuple[Peer, int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made, server = Peer(), smpp34.Server("127.0.0.1", port, system_id="peer")
    await server.start()
    task = asyncio.create_task(made.run(server))
    try:
        yield made, port
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await server.stop()


def test_texts_receipts_and_answers_between_strangers() -> None:
    kept = Kept()
    long, emoji = "€" * 90, "ж" * 66 + "😀" + "ж" * 66

    async def scenario() -> tuple[Peer, list[Outcome]]:
        async with peer() as (smsc, port):
            smpp = transport(port, kept, receipt_ids="hex-decimal")
            await smpp.open()
            smsc.refuse = {"49301111111": smpp34.ESME_RINVDSTADR, "49302222222": smpp34.ESME_RTHROTTLED}
            refused = [sms(3, to_address="+49301111111"), sms(4, to_address="+49302222222")]
            outcomes = await smpp.send([sms(0), sms(1, body=long), sms(2, body=emoji), *refused])
            (esme,) = smsc.bound
            assert (esme.system_id, esme.can_receive) == ("clarion", True)
            for number in ",".join(outcome.provider_message_id for outcome in outcomes[:3]).split(","):
                members = receipt(number.zfill(10))
                told = await esme.deliver_sm("4915155555", members["short_message"], source_addr="4930", esm_class=4)
                assert told.command_status == smpp34.ESME_ROK
            head = bytes((5, 0, 3, 7, 2))
            answers = [
                esme.deliver_sm("4915155555", head + part, source_addr="49301234567", source_addr_ton=1, esm_class=0x40)
                for part in (b"\x01STOP ", b"\x02it")
            ]
            assert {answer.command_status for answer in await asyncio.gather(*answers)} == {smpp34.ESME_ROK}
            await smpp.close()
            return smsc, outcomes

    smsc, outcomes = run(scenario())
    assert [outcome.status for outcome in outcomes] == ["sent", "sent", "sent", "permanent", "throttled"]
    ids = [outcome.provider_message_id.split(",") for outcome in outcomes[:3]]
    assert [len(found) for found in ids] == [1, 2, 3]
    assert [report.provider_message_id for report in kept.told] == [name for found in ids for name in found]
    assert {report.record_status for report in kept.told} == {"DELIVERED"}
    assert [(text.from_number, text.body) for text in kept.heard] == [("+49301234567", "STOP it")]
    # Its ids count what it was given.
    (first,), halves, thirds = [[smsc.submitted[int(name) - 1] for name in found] for found in ids]
    assert (first.source_addr, first.source_addr_ton, first.source_addr_npi) == ("4915155555", 1, 1)
    assert (first.destination_addr, first.dest_addr_ton, first.registered_delivery) == ("4930123456", 1, 1)
    assert gsm.decode(first.short_message) == "Your table 0 is ready"
    assert {part.esm_class for part in halves + thirds} == {0x40}
    assert "".join(gsm.decode(part.short_message[6:]) for part in halves) == long
    assert "".join(part.short_message[6:].decode("utf-16-be") for part in thirds) == emoji


def test_pairs_of_binds_and_tlvs_between_strangers() -> None:
    async def scenario() -> tuple[Peer, list[Outcome]]:
        async with peer() as (smsc, port):
            smpp = transport(port, bind="pair", binds=2, concatenation="sar")
            await smpp.open()
            while smpp.bound < 4:
                await smpp._pool.changed()
            outcomes = await smpp.send([sms(0, body="x" * 200, entity_id="1101456324")])
            await smpp.close()
            return smsc, outcomes

    smsc, (outcome,) = run(scenario())
    ids = outcome.provider_message_id.split(",")
    assert sorted(ids) == ["00000001", "00000002"]
    assert sorted(esme.can_receive for esme in smsc.bound) == [False, False, True, True]
    found = [
        {tlv.tag: bytes(tlv.value) for tlv in part.tlvs} for part in (smsc.submitted[int(name) - 1] for name in ids)
    ]
    assert [tlvs[smpp34.TLV_SAR_SEGMENT_SEQNUM] for tlvs in found] == [b"\x01", b"\x02"]
    assert {tlvs[smpp34.TLV_SAR_TOTAL_SEGMENTS] for tlvs in found} == {b"\x02"}
    assert {tlvs[0x1400] for tlvs in found} == {b"1101456324"}
    assert len({tlvs[smpp34.TLV_SAR_MSG_REF_NUM] for tlvs in found}) == 1
