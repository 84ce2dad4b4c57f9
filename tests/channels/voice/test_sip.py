"""Calls over a SIP trunk: what the called person hears, and what becomes of calls that nobody hears."""

from __future__ import annotations

import asyncio
from array import array

import pytest

from clarion.channels.voice import audio
from clarion.channels.voice.sip.rtp import Pacer
from clarion.channels.voice.sip.transactions import Timers
from tests.channels.servers import run
from tests.channels.voice.calling import FAST, WORDS, side, text
from tests.channels.voice.trunk import Leg, header, hears, trunk


@pytest.mark.parametrize(("codec", "configured"), [(0, ""), (8, ""), (8, "pcma")])
def test_who_answers_hears_the_text_sample_by_sample(codec: int, configured: str) -> None:
    async def call() -> None:
        async def listens(leg: Leg) -> None:
            leg.codec = codec
            await hears(leg)

        async with trunk(listens) as peer, side(peer.port, codec=configured, pause_ms=40) as us:
            (outcome,) = await us.call()
            (report,) = await us.notes.over()
            await peer.idle()
        (leg,) = peer.legs
        leg.ear.check(codec)
        silence, spoken = leg.ear.sound[:320], leg.ear.sound[320 : 320 + len(WORDS) // 2]
        assert silence == audio.SILENCE[codec] * 320
        assert spoken == audio.encoded(WORDS, codec)
        assert leg.ear.sound[320 + len(spoken) :].strip(audio.SILENCE[codec]) == b""
        assert (outcome.status, outcome.response, outcome.provider) == ("sent", "180 Ringing", "trunk")
        assert outcome.provider_message_id == header(leg.invite, "Call-ID")
        assert us.notes.states == ["RINGING", "ANSWERED", "COMPLETED"]
        assert {one.provider_message_id for _, one in us.notes.told} == {outcome.provider_message_id}
        assert report.detail == "200 OK"
        assert [one for one in peer.log if not one.startswith("1")] == ["INVITE", "200", "ACK", "BYE", "200"]
        assert peer.repeats == []

    run(call())


def test_who_calls_whom() -> None:
    async def call() -> None:
        shape = {"domain": "sip.example.com", "plus": False, "prefix": "00", "from_user": "acme", "username": "acme"}
        async with trunk() as peer, side(peer.port, **shape) as us:
            await us.call(text(origination_number="+4930999999"))
            await us.notes.over()
        invite = peer.legs[0].invite
        assert invite.startswith("INVITE sip:004930123456@sip.example.com SIP/2.0\r\n")
        assert header(invite, "From").startswith("<sip:acme@sip.example.com>;tag=")
        assert header(invite, "P-Asserted-Identity") == "<sip:004930999999@sip.example.com>"
        assert header(invite, "To") == "<sip:004930123456@sip.example.com>"
        async with trunk() as peer, side(peer.port) as us:
            await us.call()
            await us.notes.over()
        assert header(peer.legs[0].invite, "From").startswith("<sip:+12025550123@127.0.0.1>;tag=")

    run(call())


@pytest.mark.parametrize(
    ("status", "reason", "state"),
    [
        (486, "Busy Here", "BUSY"),
        (600, "Busy Everywhere", "BUSY"),
        (480, "Temporarily Unavailable", "NO_ANSWER"),
        (408, "Request Timeout", "NO_ANSWER"),
        (603, "Decline", "FAILED"),
        (607, "Unwanted", "FAILED"),
    ],
)
@pytest.mark.parametrize("ringing", [True, False])
def test_who_does_not_want_to_talk_is_not_called_again(status: int, reason: str, state: str, ringing: bool) -> None:
    async def call() -> None:
        async def refuses(leg: Leg) -> None:
            if ringing:
                leg.respond(180, "Ringing")
            leg.respond(status, reason)
            await leg.next("ACK")

        async with trunk(refuses) as peer, side(peer.port) as us:
            (outcome,) = await us.call()
            (report,) = await us.notes.over()
            await peer.idle()
        assert (outcome.status, outcome.provider_message_id) == ("sent", report.provider_message_id)
        assert (report.state, report.detail) == (state, f"{status} {reason}")
        assert us.notes.states == (["RINGING"] if ringing else []) + [state]

    run(call())


@pytest.mark.parametrize(
    ("answer", "status", "blame", "wait"),
    [
        ((404, "Not Found"), "permanent", "message", None),
        ((484, "Address Incomplete"), "permanent", "message", None),
        ((604, "Does Not Exist Anywhere"), "permanent", "message", None),
        ((488, "Not Acceptable Here"), "permanent", "message", None),
        ((403, "Forbidden"), "temporary", "credentials", None),
        ((401, "Unauthorized"), "temporary", "credentials", None),
        ((500, "Server Internal Error"), "temporary", "provider", None),
        ((503, "Service Unavailable", "Retry-After: 7"), "temporary", "provider", 7_000),
        ((503, "Service Unavailable", "Retry-After: 120 (maintenance)"), "temporary", "provider", 120_000),
        ((503, "Service Unavailable", "Retry-After: soon"), "temporary", "provider", None),
        ((302, "Moved Temporarily"), "permanent", "message", None),
    ],
)
def test_refusals_are_the_messages_the_providers_or_the_credentials_fault(
    answer: tuple[int, str], status: str, blame: str, wait: int | None
) -> None:
    async def call() -> None:
        async def refuses(leg: Leg) -> None:
            leg.respond(*answer)
            await leg.next("ACK")

        async with trunk(refuses) as peer, side(peer.port) as us:
            (outcome,) = await us.call()
            await peer.idle()
        assert (outcome.status, outcome.blame, outcome.retry_after_ms) == (status, blame, wait)
        assert not outcome.uncertain
        assert outcome.response == f"{answer[0]} {answer[1]}"

    run(call())


def test_nobody_answers_in_time() -> None:
    async def call() -> None:
        async def rings(leg: Leg) -> None:
            leg.respond(180, "Ringing")
            text = await leg.next("CANCEL")
            leg.respond(200, "OK", to=text)
            leg.respond(487, "Request Terminated")
            await leg.next("ACK")

        async with trunk(rings) as peer, side(peer.port, ring_seconds=0.1) as us:
            (outcome,) = await us.call()
            (report,) = await us.notes.over()
            await peer.idle()
        assert outcome.status == "sent"
        assert (report.state, report.detail) == ("NO_ANSWER", "nobody answered in 0.1 s")

    run(call())


def test_who_answers_as_we_stop_ringing_is_hung_up() -> None:
    async def call() -> None:
        async def late(leg: Leg) -> None:
            leg.respond(180, "Ringing")
            text = await leg.next("CANCEL")
            leg.respond(481, "Call/Transaction Does Not Exist", to=text)
            leg.pick_up()
            await leg.next("ACK")
            await leg.bye()

        async with trunk(late) as peer, side(peer.port, ring_seconds=0.1) as us:
            await us.call()
            (report,) = await us.notes.over()
            await peer.idle()
        assert report.state == "NO_ANSWER"
        assert peer.legs[0].ear.packets == []

    run(call())


def test_who_hangs_up_in_the_middle_has_not_heard_all() -> None:
    async def call() -> None:
        async def impatient(leg: Leg) -> None:
            leg.pick_up()
            await leg.next("ACK")
            await leg.ear.hears(3)
            await leg.hang_up()

        async with trunk(impatient) as peer, side(peer.port, pcm=WORDS * 20) as us:
            (outcome,) = await us.call()
            (report,) = await us.notes.over()
            await peer.idle()
        assert outcome.response == "200 OK"
        assert report.state == "FAILED"
        assert "hung up after" in report.detail
        assert len(peer.legs[0].ear.packets) < 125
        assert "BYE" in peer.log[-1] or peer.log[-1] == "<200"

    run(call())


def test_a_trunk_that_says_nothing() -> None:
    async def call() -> None:
        async def silent(leg: Leg) -> None:
            return None

        async with trunk(silent) as peer, side(peer.port, timers=FAST) as us:
            (outcome,) = await us.call()
            (report,) = await us.notes.over()
        assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", True)
        assert outcome.detail == "no answer"
        assert report.state == "FAILED"
        # After 1, 3, 7, 15, 31 and 63 T1; the last is due just before we give up.
        assert peer.repeats in (["INVITE"] * 5, ["INVITE"] * 6)
        assert peer.log == ["INVITE"]

    run(call())


def test_a_trunk_that_nobody_finds() -> None:
    async def call() -> None:
        async with side(5060, host="nowhere.invalid") as us:
            (outcome,) = await us.call()
        assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", False)

    run(call())


def test_what_gets_lost_is_sent_again() -> None:
    async def call() -> None:
        async def lossy(leg: Leg) -> None:
            leg.respond(180, "Ringing")
            leg.pick_up()
            leg.pick_up()
            await leg.next("ACK")
            await leg.next("ACK")
            peer.lose = 1
            await leg.bye()

        async with trunk(lossy) as peer, side(peer.port, timers=Timers(t1=0.15)) as us:
            peer.lose = 2
            await us.call()
            (report,) = await us.notes.over()
            await peer.idle()
        assert report.state == "COMPLETED"
        usual = ["INVITE", "180", "200", "200", "ACK", "ACK", "(lost BYE)", "BYE", "200"]
        assert peer.log == ["(lost INVITE)"] * 2 + usual

    run(call())


def test_a_second_phone_that_answers_is_hung_up() -> None:
    async def call() -> None:
        async def forked(leg: Leg) -> None:
            leg.respond(180, "Ringing")
            leg.pick_up()
            await leg.next("ACK")
            leg.tag = "other"
            leg.pick_up()
            acked, ended = await leg.next("ACK"), await leg.next("BYE")
            assert header(acked, "To").endswith("tag=other")
            assert header(ended, "To").endswith("tag=other")
            await leg.bye()

        async with trunk(forked) as peer, side(peer.port) as us:
            await us.call()
            (report,) = await us.notes.over()
            await peer.idle()
        assert report.state == "COMPLETED"

    run(call())


def test_proxies_on_the_way_stay_on_the_way() -> None:
    async def call() -> None:
        async def behind_proxies(leg: Leg) -> None:
            here = f"<sip:127.0.0.1:{peer.port};lr>"
            leg.pick_up(f'Record-Route: <sip:edge.invalid;lr>, "In, between" {here}')
            acked = await leg.next("ACK")
            ended = await leg.next("BYE")
            for asked in (acked, ended):
                assert asked.split()[1] == f"sip:peer@127.0.0.1:{peer.port}"
                routes = [line for line in asked.split("\r\n") if line.startswith("Route:")]
                assert routes == [f'Route: "In, between" {here}', "Route: <sip:edge.invalid;lr>"]
            assert header(acked, "CSeq") == "1 ACK"
            assert header(ended, "CSeq") == "2 BYE"
            leg.respond(200, "OK", to=ended)

        async with trunk(behind_proxies) as peer, side(peer.port) as us:
            await us.call()
            (report,) = await us.notes.over()
            await peer.idle()
        assert report.state == "COMPLETED"

    run(call())


def test_a_call_that_moved_is_made_there() -> None:
    async def call() -> None:
        async def moved(leg: Leg) -> None:
            leg.respond(302, "Moved Temporarily", 'Contact: "Lea, at home" <sip:+4940111@127.0.0.1;x=y>;q=1')
            await leg.next("ACK")
            again = await leg.next("INVITE")
            assert again.startswith("INVITE sip:+4940111@127.0.0.1;x=y SIP/2.0")
            await hears(leg)

        async with trunk(moved) as peer, side(peer.port) as us:
            await us.call()
            (report,) = await us.notes.over()
            await peer.idle()
        assert report.state == "COMPLETED"

    run(call())


def test_redirections_do_not_go_on_for_ever() -> None:
    async def call() -> None:
        async def round_and_round(leg: Leg) -> None:
            while True:
                leg.respond(301, "Moved", "Contact: <sip:+4940111@127.0.0.1>")
                await leg.next("ACK")
                await leg.next("INVITE")

        async with trunk(round_and_round) as peer, side(peer.port) as us:
            (outcome,) = await us.call()
        assert outcome.status == "permanent"
        assert peer.log.count("INVITE") <= 7

    run(call())


def test_the_other_side_holds_moves_and_asks() -> None:
    async def call() -> None:
        async def busy_body(leg: Leg) -> None:
            leg.pick_up()
            await leg.next("ACK")
            await leg.ear.hears(5)
            leg.ask("INVITE", "Content-Type: application/sdp", body=leg.sdp("a=sendonly"))
            assert "m=audio" in await leg.answers.get()
            leg.ask("ACK")
            leg.ask("OPTIONS")
            assert (await leg.answers.get()).startswith("SIP/2.0 200")
            leg.ask("UPDATE")
            assert "m=audio" not in await leg.answers.get()
            leg.ask("REFER", "Refer-To: <sip:else@127.0.0.1>")
            assert (await leg.answers.get()).startswith("SIP/2.0 405")
            leg.ask("INVITE", body=leg.sdp(port=0))
            assert (await leg.answers.get()).startswith("SIP/2.0 488")
            held = len(leg.ear.packets)
            leg.ask("BYE", tag="stranger")
            assert (await leg.answers.get()).startswith("SIP/2.0 481")
            assert len(leg.ear.packets) - held <= 1
            leg.ask("INVITE", "Content-Type: application/sdp", body=leg.sdp())
            await leg.answers.get()
            await leg.bye()

        async with trunk(busy_body) as peer, side(peer.port, pcm=WORDS * 4) as us:
            await us.call()
            (report,) = await us.notes.over()
            await peer.idle()
        assert report.state == "COMPLETED"
        heard = peer.legs[0].ear.sound
        assert heard[: len(WORDS) * 2] == audio.encoded(WORDS * 4, 0)

    run(call())


@pytest.mark.parametrize(
    "sdp", ["", "v=0", "m=audio 0 RTP/AVP 0\r\n", "c=IN IP4 127.0.0.1\r\nm=audio 4000 RTP/SAVP 0\r\n"]
)
def test_who_answers_in_a_way_that_we_cannot_talk_is_hung_up(sdp: str) -> None:
    async def call() -> None:
        async def mute(leg: Leg) -> None:
            leg.pick_up(sdp=sdp)
            await leg.next("ACK")
            await leg.bye()

        async with trunk(mute) as peer, side(peer.port) as us:
            (outcome,) = await us.call()
            (report,) = await us.notes.over()
            await peer.idle()
        assert outcome.status == "sent"
        assert report.state == "FAILED"
        assert report.detail.startswith("200 answered, but")

    run(call())


def test_there_are_only_so_many_lines() -> None:
    async def call() -> None:
        held = asyncio.Event()

        async def slow(leg: Leg) -> None:
            leg.respond(180, "Ringing")
            await held.wait()
            await hears(leg)

        async with trunk(slow) as peer, side(peer.port, sessions=2, line_seconds=0.2) as us:
            found = await us.call(*(text(number=number) for number in range(4)))
            assert sorted(one.status for one in found) == ["sent", "sent", "throttled", "throttled"]
            late = next(one for one in found if one.status == "throttled")
            assert (late.blame, late.retry_after_ms, late.detail) == ("provider", 1_000, "all 2 lines are busy")
            assert us.transport.agent.calling == 2
            held.set()
            await us.notes.over(2)
            (again,) = await us.call(text(number=9))
            assert again.status == "sent"
            await us.notes.over(3)
            await peer.idle()

    run(call())


def test_a_line_is_free_again_whatever_became_of_the_message() -> None:
    async def call() -> None:
        async with trunk() as peer, side(peer.port, sessions=1) as us:
            number = "+4930123456"
            found = [await us.call(text(*one)) for one in (("unspeakable", number), ("later", number), ("x", "nobody"))]
            assert [one.status for (one,) in found] == ["permanent", "temporary", "permanent"]
            assert [one.blame for (one,) in found] == ["message", "provider", "message"]
            (outcome,) = await us.call()
            assert outcome.status == "sent"
            (bad,) = await us.call(text("<speak><audio/></speak>", body_type="SSML"))
            assert (bad.status, bad.detail) == ("permanent", "<audio> is not supported")
            (good,) = await us.call(text("<speak>x</speak>", body_type="SSML", voice_id="Amy", language_code="en-GB"))
            assert good.status == "sent"
            await us.notes.over(2)
        assert us.speech.said[-1] == ("<speak>x</speak>", True, "en-GB", "Amy")

    run(call())


def test_a_server_that_stops_hangs_up_and_tells() -> None:
    async def call() -> None:
        async def long(leg: Leg) -> None:
            leg.pick_up()
            await leg.next("ACK")
            await leg.bye()

        async with trunk(long) as peer:
            async with side(peer.port, pcm=WORDS * 200, line_seconds=0.05) as us:
                await us.call()
            await peer.idle()
            assert us.notes.states[-1] == "FAILED"
            assert us.notes.told[-1][1].detail == "hung up: the server stopped"

    run(call())


def test_a_server_that_stops_while_it_rings_stops_ringing() -> None:
    async def call() -> None:
        async def rings(leg: Leg) -> None:
            leg.respond(180, "Ringing")
            text = await leg.next("CANCEL")
            leg.respond(200, "OK", to=text)
            leg.respond(487, "Request Terminated")
            await leg.next("ACK")

        async with trunk(rings) as peer:
            async with side(peer.port, line_seconds=0.05) as us:
                await us.call()
            await peer.idle()
        assert us.notes.states == ["RINGING", "FAILED"]

    run(call())


def test_a_call_that_breaks_costs_no_other_call(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        async with trunk() as peer, side(peer.port, sessions=2) as us:
            breaks = iter([True])

            def contact() -> str:
                if next(breaks, False):
                    raise RuntimeError("nobody foresaw this")
                return "<sip:us@127.0.0.1>"

            monkeypatch.setattr(us.transport.agent, "contact", contact)
            found = await us.call(text(number=1), text(number=2))
            await us.notes.over(2)
            assert sorted(one.status for one in found) == ["sent", "temporary"]
            more = await us.call(text(number=3), text(number=4))
            assert [one.status for one in more] == ["sent", "sent"]
            await us.notes.over(4)

    run(call())


def test_feedback_that_cannot_be_kept_is_told_again_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    async def call() -> None:
        async with trunk() as peer, side(peer.port) as us:
            us.transport._telling._pauses = (0.01,)
            us.notes.fail = 3
            await us.call()
            await us.notes.over()
        assert us.notes.states == ["RINGING", "ANSWERED", "COMPLETED"]

    run(call())


def test_frames_leave_in_time_and_late_ones_do_not_add_up() -> None:
    now = 100.0
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds + 0.003  # timers are late

    async def beat() -> list[float]:
        nonlocal now
        pacer = Pacer(0.020, now=lambda: now, sleep=sleep)
        times = []
        async for number in pacer.beats(100):
            times.append(now)
            if number == 50:
                now += 1.0  # the machine stood still
        return times

    times = run(beat())
    assert times[0] == 100.0
    assert times[50] == pytest.approx(101.003, abs=0.004)
    assert times[51] - times[50] == pytest.approx(1.0)
    assert times[52] - times[51] == pytest.approx(0.02, abs=0.004)
    assert times[99] == pytest.approx(times[51] + 48 * 0.02, abs=0.004)


def test_sound_is_followed_to_where_it_comes_from() -> None:
    async def call() -> None:
        async def translated(leg: Leg) -> None:
            leg.pick_up(sdp=leg.sdp(port=9))
            await leg.next("ACK")
            port = int(leg.offer.split("m=audio ")[1].split()[0])
            leg.ear.transport.sendto(b"noise", ("127.0.0.1", port))
            leg.ear.transport.sendto(bytes([0x80]) + bytes(171), ("127.0.0.1", port))
            await leg.bye()

        async with trunk(translated) as peer, side(peer.port, pcm=WORDS * 4) as us:
            await us.call()
            await us.notes.over()
        assert array("B", peer.legs[0].ear.sound)

    run(call())
