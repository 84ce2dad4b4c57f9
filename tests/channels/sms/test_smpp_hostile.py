"""SMSCs that are away, ill, slow or hostile: whose fault it is, what is uncertain, and that nothing hangs."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.port import Outcome
from clarion.channels.sms.smpp import pdu
from tests.channels.certificates import self_signed
from tests.channels.servers import run
from tests.channels.sms.smsc import HalfClose, Hang, Kept, Reply, Reset, Smsc, bound, code, receipt, sms, transport
from tests.channels.sms.smsc import pdu as pdu_of

RESPONSE = 0x80000000


def header(length: int, command: int = pdu.ENQUIRE_LINK, sequence: int = 1) -> bytes:
    return struct.pack(">LLLL", length, command, 0, sequence)


def send(answer: Callable[[str, int, int], Reply], count: int = 1, **changes: Any) -> list[Outcome]:
    """Send messages, as far as there is a bind; answers what came of them within seconds."""

    async def scenario() -> list[Outcome]:
        async with Smsc(answer, tls=changes.pop("server_tls", None)).serve() as port:
            smpp = transport(port, **{"response_seconds": 0.05} | changes)
            await smpp.open()
            outcomes = await smpp.send([sms(number) for number in range(count)])
            await smpp.close()
            return outcomes

    return run(scenario())


def at_submit(reply: Reply) -> Callable[[str, int, int], Reply]:
    return lambda command, *_: reply if command == "submit_sm" else None


def test_nobody_there() -> None:
    async def scenario() -> list[Outcome]:
        async with Smsc().serve() as port:
            pass
        smpp = transport(port)
        await smpp.open()
        outcomes = await smpp.send([sms(number) for number in range(1_000)])
        await smpp.close()
        return outcomes

    for outcome in run(scenario()):
        assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", False)
        assert "localhost" in outcome.detail


def test_a_name_nobody_knows() -> None:
    async def scenario() -> list[Outcome]:
        smpp = transport(2775, host="smsc.invalid")
        await smpp.open()
        outcomes = await smpp.send([sms()])
        await smpp.close()
        return outcomes

    (outcome,) = run(scenario())
    assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", False)


@pytest.mark.parametrize(
    ("reply", "blame"),
    [
        (0x0D, "credentials"),
        (0x0E, "credentials"),
        (0x0F, "credentials"),
        (0x53, "provider"),
        (0x05, "provider"),
        (0x08, "provider"),
        (0x58, "provider"),
        (Hang(), "provider"),
        (Reset(), "provider"),
        (HalfClose(), "provider"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "provider"),
        (pdu_of("generic_nack", 1, 3), "provider"),
        (pdu_of("submit_sm_resp", 1, message_id="x"), "provider"),
        (pdu_of("bind_transceiver_resp", 2, system_id="x"), "provider"),
    ],
)
def test_a_bind_that_does_not_come_about(reply: Reply, blame: str) -> None:
    outcomes = send(lambda command, *_: reply if command.startswith("bind") else None, 3)
    for outcome in outcomes:
        assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", blame, False)
        assert "s3cret" not in outcome.detail


@pytest.mark.parametrize(
    "reply",
    [
        Hang(),
        Reset(),
        Reset(pdu_of("submit_sm_resp", 2, message_id="x")[:9]),
        HalfClose(),
        header(0),
        header(15),
        header(0xFFFFFFFF),
        b"\0\0\0\x10garbage, and more of it",
        pdu_of("submit_sm_resp", 99, message_id="x"),
        pdu_of("enquire_link_resp", 2),
        pdu_of("unbind", 9),
    ],
)
def test_a_submission_that_is_not_answered_is_uncertain(reply: Reply) -> None:
    (outcome,) = send(at_submit(reply))
    assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "message", True)
    assert "uncertain" in outcome.detail


def test_an_answer_comes_late_twice_and_in_pieces() -> None:
    async def scenario() -> None:
        held: list[Any] = []
        smsc = Smsc(at_submit(Hang()))
        async with bound(smsc) as smpp:
            sending = asyncio.create_task(smpp.send([sms(1), sms(2)]))
            await smsc.until(lambda: len(smsc.got("submit_sm")) == 2)
            link = smsc.links[1]
            held = smsc.got("submit_sm")
            answers = [pdu_of("submit_sm_resp", found.sequence, message_id=f"m{found.sequence}") for found in held]
            # In the other order, one twice, and octet by octet.
            for octet in answers[1] + answers[1] + answers[0]:
                link.raw(bytes((octet,)))
                await link.writer.drain()
                await asyncio.sleep(0)
            outcomes = await sending
            assert [outcome.provider_message_id for outcome in outcomes] == [f"m{found.sequence}" for found in held]
            assert await smsc.deliver("enquire_link") == 0

    run(scenario())


def test_what_waits_when_the_connection_is_lost_is_uncertain_and_the_rest_is_not() -> None:
    outcomes = send(lambda command, _, number: Reset() if (command, number) == ("submit_sm", 1) else None, 10, window=4)
    assert [outcome.uncertain for outcome in outcomes] == [True] * 4 + [False] * 6
    assert {outcome.blame for outcome in outcomes[4:]} == {"provider"}


def test_an_smsc_that_falls_silent_does_not_hold_a_batch_for_long() -> None:
    # A window of 2 and 50 messages: not 25 times the time to wait.
    outcomes = send(at_submit(Hang()), 50, window=2, response_seconds=0.2)
    assert sum(outcome.uncertain for outcome in outcomes) == 2
    assert all(outcome.status == "temporary" for outcome in outcomes)


def test_an_smsc_that_answers_all_but_one_stays_bound() -> None:
    lost = {"submit_sm": 2}

    async def scenario() -> list[Outcome]:
        smsc = Smsc(lambda command, _, number: Hang() if lost.get(command) == number else None)
        async with bound(smsc, response_seconds=0.2, window=1_000) as smpp:
            sending = asyncio.create_task(smpp.send([sms(1), sms(2)]))
            while not sending.done():
                await smpp.send([sms(3)])
                await asyncio.wait([sending], timeout=0.02)
            assert [connection for connection, _, _ in smsc.received] == [1] * len(smsc.received)
            return await sending

    assert sorted(outcome.status for outcome in run(scenario())) == ["sent", "temporary"]


def test_a_link_that_is_dead_is_noticed_and_made_anew() -> None:
    smsc = Smsc(lambda command, connection, _: Hang() if (command, connection) == ("enquire_link", 1) else None)

    async def scenario() -> Outcome:
        async with bound(smsc, enquire_link_seconds=0.02, response_seconds=0.05) as smpp:
            await smsc.until(lambda: 2 in smsc.links and smsc.links[2].bound)
            while not smpp.bound:
                await smpp._pool.changed()
            return (await smpp.send([sms()]))[0]

    assert run(scenario()).status == "sent"


@pytest.mark.parametrize("first", [0x08, Reset(), b"\0\0\0\0", Hang()])
def test_it_goes_on_trying_to_bind(first: Reply) -> None:
    smsc = Smsc(lambda command, connection, _: first if command.startswith("bind") and connection < 3 else None)

    async def scenario() -> Outcome:
        patience = 0.05 if isinstance(first, Hang) else 10.0
        async with bound(smsc, response_seconds=patience) as smpp:
            return (await smpp.send([sms()]))[0]

    assert run(scenario()).status == "sent"
    assert len(smsc.got("bind_transceiver")) >= 3


def test_attempts_to_bind_become_rare() -> None:
    from clarion.channels.sms.smpp.session import Session
    from clarion.core.ids import SeededIds
    from tests.channels.sms.smsc import config

    async def scenario() -> list[float]:
        session = Session(
            config(1, reconnect_seconds=60),
            "transceiver",
            ids=SeededIds(),
            on_request=lambda link, found: None,
            on_change=lambda: None,
        )
        return [session._wait_seconds(failures) for failures in range(1, 12)]

    waits = run(scenario())
    assert all(2 ** min(n, 6) / 2 <= wait <= 60 or wait >= 30 for n, wait in enumerate(waits))
    assert 0.5 <= waits[0] <= 1
    assert all(30 <= wait <= 60 for wait in waits[6:])


def test_an_smsc_that_unbinds_us_is_obeyed_and_bound_to_again() -> None:
    smsc = Smsc()

    async def scenario() -> None:
        async with bound(smsc):
            assert await smsc.deliver("unbind") == 0
            await smsc.until(lambda: 2 in smsc.links and smsc.links[2].bound)

    run(scenario())


def test_requests_that_we_do_not_know_are_refused_and_some_are_ignored() -> None:
    smsc = Smsc()

    async def scenario() -> None:
        async with bound(smsc) as smpp:
            link = smsc.links[1]
            link.raw(pdu_of("alert_notification", 41, source_addr="1", esme_addr="2"))
            link.raw(struct.pack(">LLLL", 16, pdu.OUTBIND, 0, 42))
            link.raw(struct.pack(">LLLL", 20, 0x0000FFFF, 0, 43) + b"abcd")
            link.raw(pdu_of("query_sm", 44, message_id="x", source_addr="1"))
            link.raw(struct.pack(">LLLL", 16, pdu.BIND_TRANSCEIVER, 0, 45))
            link.raw(pdu_of("generic_nack", 0, 3))
            link.raw(struct.pack(">LLLL", 16, 0x8000FFFF, 0, 46))
            assert await smsc.deliver("enquire_link") == 0
            assert (await smpp.send([sms()]))[0].status == "sent"

    run(scenario())
    refused = [(found.sequence, found.status) for found in smsc.got("generic_nack")]
    assert refused == [(42, 3), (43, 3), (44, 3), (45, 3)]


def test_a_submission_that_is_refused_as_a_whole() -> None:
    (outcome,) = send(at_submit(pdu_of("generic_nack", 2, 0x02)))
    assert (outcome.status, outcome.uncertain) == ("permanent", False)


def test_a_transmitter_takes_no_deliveries_before_it_is_bound() -> None:
    smsc = Smsc(
        lambda command, *_: (
            pdu_of("deliver_sm", 7, **receipt("x")) + pdu_of("bind_transceiver_resp", 1, system_id="s")
            if command.startswith("bind")
            else None
        )
    )
    kept = Kept()

    async def scenario() -> None:
        async with bound(smsc, kept):
            await smsc.until(lambda: bool(smsc.got("deliver_sm_resp")))

    run(scenario())
    assert [found.status for found in smsc.got("deliver_sm_resp")] == [0x04]
    assert not kept.told


def test_an_smsc_that_does_not_read_fills_no_memory() -> None:
    asked = struct.pack(">LLLL", 16, pdu.ENQUIRE_LINK, 0, 1)

    async def scenario() -> None:
        async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            head = await reader.readexactly(16)
            await reader.readexactly(int.from_bytes(head[:4], "big") - 16)
            writer.write(pdu_of("bind_transceiver_resp", 1, system_id="x"))
            reader._transport.pause_reading()  # type: ignore[attr-defined]
            try:
                while not paused.done():
                    writer.write(asked * 4_096)
                    await asyncio.wait_for(writer.drain(), 0.3)
            except TimeoutError:
                # It has stopped taking our questions.
                paused.set_result(True)
            writer.transport.abort()

        paused: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        server = await asyncio.start_server(flood, "127.0.0.1", 0)
        smpp = transport(server.sockets[0].getsockname()[1])
        await smpp.open()
        assert await asyncio.wait_for(paused, 20)
        await smpp.close()
        server.close()

    run(scenario())


@pytest.mark.parametrize("name", ["localhost", "elsewhere.test"])
def test_a_certificate_that_is_not_the_smscs(name: str, tmp_path: Path) -> None:
    server, authorities = self_signed(tmp_path, name)
    trusted = {"ca_file": authorities} if name != "localhost" else {}
    (outcome,) = send(at_submit(None), tls="verify", server_tls=server, **trusted)
    assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", False)
    assert "certificate" in outcome.detail.lower()


def test_tls_to_one_that_speaks_plainly_and_the_other_way_round(tmp_path: Path) -> None:
    server, _ = self_signed(tmp_path)
    for changes in ({"tls": "unverified"}, {"server_tls": server}):
        (outcome,) = send(at_submit(None), connect_seconds=0.3, **changes)
        assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", False)


def test_a_file_of_authorities_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    for path in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        (outcome,) = send(at_submit(None), tls="verify", ca_file=str(path))
        assert (outcome.status, outcome.blame) == ("temporary", "provider")
        assert outcome.detail.startswith("ca_file:")


def test_closed_and_opened_again() -> None:
    async def scenario() -> list[Outcome]:
        smsc = Smsc()
        async with smsc.serve() as port:
            smpp = transport(port)
            outcomes = await smpp.send([sms(1)])
            await smpp.open()
            outcomes += await smpp.send([sms(2)])
            await smpp.close()
            await smpp.close()
            outcomes += await smpp.send([sms(3)])
            await smpp.open()
            outcomes += await smpp.send([sms(4)])
            await smpp.close()
            assert await smpp.send([]) == []
            return outcomes

    outcomes = run(scenario())
    assert [outcome.status for outcome in outcomes] == ["temporary", "sent", "temporary", "sent"]
    assert {outcome.blame for outcome in (outcomes[0], outcomes[2])} == {"provider"}


def test_closing_takes_leave_of_one_that_does_not() -> None:
    async def scenario() -> None:
        smsc = Smsc(lambda command, *_: Hang() if command == "unbind" else None)
        async with smsc.serve() as port:
            smpp = transport(port)
            await smpp.open()
            await smsc.bound()
            while not smpp.bound:
                await smpp._pool.changed()
            closing = asyncio.create_task(smpp.close())
            await smsc.until(lambda: bool(smsc.got("unbind")))
            smsc.links[1].raw(pdu_of("deliver_sm", 3, **receipt("x")))
            await smsc.until(lambda: bool(smsc.got("deliver_sm_resp")))
            smsc.links[1].writer.transport.abort()
            await closing

    run(scenario())


def test_a_batch_that_is_cancelled_leaves_room_for_the_next() -> None:
    async def scenario() -> list[Outcome]:
        held = True
        smsc = Smsc(lambda command, *_: Hang() if held and command == "submit_sm" else None)
        async with bound(smsc, window=2, response_seconds=0.3) as smpp:
            sending = asyncio.create_task(smpp.send([sms(number) for number in range(5)]))
            await smsc.until(lambda: len(smsc.got("submit_sm")) == 2)
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            held = False
            for found in smsc.got("submit_sm"):
                smsc.links[1].usual("submit_sm", found, 0)
            return await smpp.send([sms(9), sms(10), sms(11)])

    assert [outcome.status for outcome in run(scenario())] == ["sent"] * 3


@given(st.lists(st.binary(max_size=200), max_size=4), st.booleans())
@settings(max_examples=60, deadline=None)
def test_random_octets_never_hang_or_break_the_reader(chunks: list[bytes], framed: bool) -> None:
    """Alone, or as bodies of PDUs that are framed well."""
    commands = [code("deliver_sm"), code("submit_sm_resp"), code("data_sm"), code("bind_transceiver_resp")]

    def octets() -> bytes:
        if not framed:
            return b"".join(chunks)
        return b"".join(
            struct.pack(">LLLL", 16 + len(chunk), command, 0, 2) + chunk
            for command, chunk in zip(commands, chunks, strict=False)
        )

    (outcome,) = send(at_submit(Reset(octets())))
    assert outcome.status in ("sent", "temporary", "permanent", "throttled")
    assert outcome.response.isprintable()
