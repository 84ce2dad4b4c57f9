"""Trunks that ask who we are, that are reached by TCP and TLS, and that send what is no SIP."""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.channels.voice.sip import digest, message
from clarion.channels.voice.sip.message import Malformed
from clarion.channels.voice.sip.provider import SipConfig
from clarion.channels.voice.sip.registration import Registration
from clarion.core.errors import Invalid
from clarion.core.settings import Settings
from tests.channels.certificates import self_signed
from tests.channels.servers import run
from tests.channels.voice.calling import FAST, side, text
from tests.channels.voice.trunk import Leg, header, hears, stream_trunk, trunk

HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}
US = {"username": "acme", "password": "s3cret"}


def proves(text: str, name: str, *, password: str = "s3cret", algorithm: str, qop: bool) -> bool:
    """Whether a request proves the password, by RFC 7616's own words."""
    value = header(text, name)
    told = dict(re.findall(r'(\w+)="?([^",]+)"?', value))
    hashed = HASHES[algorithm]

    def h(*parts: str) -> str:
        return hashed(":".join(parts).encode()).hexdigest()

    a1, a2 = h("acme", told["realm"], password), h(text.split(" ")[0], told["uri"])
    middle = (told["nc"], told["cnonce"], "auth") if qop else ()
    return value.startswith("Digest ") and told["response"] == h(a1, told["nonce"], *middle, a2)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
@pytest.mark.parametrize(
    ("status", "asks", "says"), [(401, "WWW", "Authorization"), (407, "Proxy", "Proxy-Authorization")]
)
@pytest.mark.parametrize("qop", [True, False])
def test_a_challenge_is_answered(algorithm: str, status: int, asks: str, says: str, qop: bool) -> None:
    async def call() -> None:
        async def asks_first(leg: Leg) -> None:
            more = 'qop="auth-int,auth", opaque="o p"' if qop else 'opaque="o p"'
            challenge = f'{asks}-Authenticate: Digest realm="a realm", nonce="n1", algorithm={algorithm}, {more}'
            leg.respond(
                status, "Who are you", f"{asks}-Authenticate: Digest realm=x, algorithm=MD6, nonce=y", challenge
            )
            await leg.next("ACK")
            again = await leg.next("INVITE")
            assert header(again, "CSeq") == "2 INVITE"
            assert 'opaque="o p"' in header(again, says)
            assert proves(again, says, algorithm=algorithm, qop=qop)
            assert not proves(again, says, password="other", algorithm=algorithm, qop=qop)
            await hears(leg)

        async with trunk(asks_first) as peer, side(peer.port, **US) as us:
            (outcome,) = await us.call()
            (report,) = await us.notes.over()
            await peer.idle()
        assert (outcome.status, report.state) == ("sent", "COMPLETED")

    run(call())


def test_the_proof_is_that_of_the_rfc() -> None:
    """RFC 7616, 3.9.1, whose client nonce and count are known."""
    for algorithm, proof in {
        "MD5": "8ca523f5e9506fed4657c9700eebdbec",
        "SHA-256": "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    }.items():
        challenge = digest.Challenge(
            "http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", algorithm, "auth", "opaque"
        )
        value = digest.credentials(
            challenge,
            username="Mufasa",
            password="Circle of Life",
            method="GET",
            uri="/dir/index.html",
            count=1,
            cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        )
        assert f'response="{proof}"' in value
        assert f"algorithm={algorithm}" in value


@pytest.mark.parametrize("stale", [True, False])
def test_a_nonce_that_is_stale_is_replaced_once(stale: bool) -> None:
    async def call() -> None:
        async def never(leg: Leg) -> None:
            for number in range(5):
                more = ", stale=TRUE" if stale else ""
                leg.respond(
                    401, "Unauthorized", f'WWW-Authenticate: Digest realm="r", nonce="n{number}", qop="auth"{more}'
                )
                await leg.next("ACK")
                await leg.next("INVITE")

        async with trunk(never) as peer, side(peer.port, **US) as us:
            (outcome,) = await us.call()
        assert (outcome.status, outcome.blame) == ("temporary", "credentials")
        assert peer.log.count("INVITE") == (3 if stale else 2)
        assert "s3cret" not in outcome.detail

    run(call())


def test_hanging_up_is_proved_too() -> None:
    async def call() -> None:
        async def asks_at_the_end(leg: Leg) -> None:
            leg.pick_up()
            await leg.next("ACK")
            bye = await leg.next("BYE")
            leg.respond(407, "Proxy Authentication Required", 'Proxy-Authenticate: Digest realm="r", nonce="n"', to=bye)
            again = await leg.next("BYE")
            assert proves(again, "Proxy-Authorization", algorithm="MD5", qop=False)
            leg.respond(200, "OK", to=again)

        async with trunk(asks_at_the_end) as peer, side(peer.port, **US) as us:
            await us.call()
            await us.notes.over()
            await peer.idle()

    run(call())


def test_registering_and_asking_whether_we_are_let_in() -> None:
    async def call() -> None:
        def registrar(asked: str) -> tuple[int, str, tuple[str, ...]]:
            if asked.startswith("REGISTER") and not header(asked, "Authorization"):
                return 401, "Unauthorized", ('WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"',)
            if asked.startswith("REGISTER") and not proves(asked, "Authorization", algorithm="MD5", qop=True):
                return 403, "Forbidden", ()
            return 200, "OK", ()

        async with trunk() as peer:
            peer.outside = registrar
            async with side(peer.port, register=True, **US) as us:
                assert [one.level for one in await us.transport.check()] == ["ok"]
            assert header(peer.requests[-1], "Expires") == "0"
            async with side(peer.port, register=True, username="acme", password="wrong") as us:
                (found,) = await us.transport.check()
                assert (found.level, found.text) == ("error", "the trunk does not let us in: 403 Forbidden")
            async with side(peer.port) as us:
                assert [one.level for one in await us.transport.check()] == ["ok"]
            peer.outside = lambda asked: (503, "Service Unavailable", ())
            async with side(peer.port) as us:
                assert [one.text for one in await us.transport.check()] == ["the trunk is ill: 503 Service Unavailable"]
            peer.deaf = {"OPTIONS"}
            async with side(peer.port, timers=FAST) as us:
                assert [one.text for one in await us.transport.check()] == ["the trunk does not answer: no answer"]
        async with side(5060, host="nowhere.invalid") as us:
            assert [one.level for one in await us.transport.check()] == ["error"]

    run(call())


def test_a_registration_is_kept_up_whatever_the_trunk_says_first() -> None:
    async def call() -> None:
        answers = iter(
            [
                (503, "Service Unavailable", ()),
                (423, "Interval Too Brief", ("Min-Expires: 600",)),
                (200, "OK", ("Contact: <sip:us@127.0.0.1>;expires=1200",)),
            ]
        )
        registered = asyncio.Event()

        def registrar(asked: str) -> tuple[int, str, tuple[str, ...]]:
            told = next(answers, (200, "OK", ()))
            if told[0] == 200:
                registered.set()
            return told

        async with trunk() as peer, side(peer.port) as us:
            peer.outside = registrar
            keeping = Registration(us.transport.agent, again=0.01)
            keeping.open()
            await asyncio.wait_for(registered.wait(), 10)
            await keeping.close()
        asked = [text for text in peer.requests if text.startswith("REGISTER")]
        assert [header(text, "Expires") for text in asked] == ["300", "300", "600", "0"]

    run(call())


def test_over_tcp_nothing_is_sent_twice() -> None:
    async def call() -> None:
        async with stream_trunk() as peer, side(peer.port, transport="tcp") as us:
            await us.call(text(number=1), text(number=2))
            reports = await us.notes.over(2)
            await peer.idle()
        assert [one.state for one in reports] == ["COMPLETED"] * 2
        assert peer.repeats == []
        assert "SIP/2.0/TCP" in peer.legs[0].invite
        assert ";transport=tcp>" in header(peer.legs[0].invite, "Contact")

    run(call())


def test_over_tls_the_trunk_proves_who_it_is(tmp_path: Path) -> None:
    context, authority = self_signed(tmp_path)

    async def call(trusted: bool, host: str) -> tuple[str, str]:
        given = Settings(callout_authorities=authority if trusted else "")
        async with (
            stream_trunk(tls=context) as peer,
            side(peer.port, host=host, transport="tls", settings=given) as us,
        ):
            (outcome,) = await us.call()
            if outcome.status == "sent":
                await us.notes.over()
            return outcome.status, outcome.blame

    assert run(call(True, "localhost")) == ("sent", "message")
    assert run(call(False, "localhost")) == ("temporary", "provider")


def test_a_connection_that_breaks_leaves_it_open_and_the_next_call_connects_anew() -> None:
    async def call() -> None:
        async def breaks(leg: Leg) -> None:
            peer.drop()

        async with stream_trunk(breaks) as peer, side(peer.port, transport="tcp") as us:
            (outcome,) = await us.call()
            assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", True)
            peer.behave = hears
            (again,) = await us.call(text(number=2))
            assert again.status == "sent"
            await us.notes.over(2)

    run(call())


def test_a_connection_that_nobody_takes() -> None:
    async def call() -> None:
        async with stream_trunk() as gone:
            pass
        async with side(gone.port, transport="tcp") as us:
            (outcome,) = await us.call()
        assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", False)

    run(call())


GARBAGE = [
    b"",
    b"\r\n\r\n",
    b"\0\0\0\0",
    b"hello",
    b"SIP/2.0 200 OK\r\n\r\n",
    b"SIP/2.0 999 Odd\r\nVia: x\r\nFrom: x\r\nTo: x\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\n\r\n",
    b"INVITE sip:x SIP/2.0\r\nVia: x\r\nFrom: x\r\nTo: x\r\nCall-ID: x\r\nCSeq: 99999999999 INVITE\r\n\r\n",
    b"INVITE sip:x SIP/2.0\r\nVia: x\r\nFrom: x\r\nTo: x\r\nCall-ID: x\r\nCSeq: 1 BYE\r\n\r\n",
    b"BYE sip:x SIP/2.0\r\nVia: x\r\nFrom: x\r\nTo: x\r\nCall-ID: x\r\nCSeq: 1 BYE\r\nContent-Length: 9\r\n\r\nx",
    b"BYE sip:x SIP/2.0\r\nVia: x\r\nFrom: x\r\nTo: x\r\nCall-ID: x\r\nCSeq: 1 BYE\r\nContent-Length: -1\r\n\r\n",
    b"BYE sip:x SIP/2.0\r\n" + b"X: y\r\n" * 300 + b"\r\n",
    b"BYE sip:x SIP/2.0\r\nno colon\r\n\r\n",
    b"\xff" * 2_000,
]


@pytest.mark.parametrize("data", GARBAGE)
def test_what_is_no_message_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(Malformed):
        message.parse(data)


def test_garbage_in_the_middle_of_a_call_disturbs_nobody() -> None:
    async def call() -> None:
        async def noisy(leg: Leg) -> None:
            for data in GARBAGE:
                leg.say(data)
            via = header(leg.invite, "Via")
            for start in ("SIP/2.0 200 OK", "SIP/2.0 180 Ringing", "SIP/2.0 401 No"):
                leg.say(f"{start}\r\nVia: {via}\r\nFrom: x\r\nTo: <\r\nCall-ID: y\r\nCSeq: 7 OPTIONS\r\n\r\n".encode())
            leg.say(b"BYE sip:x SIP/2.0\r\nv: x\r\nf: x\r\nt: x\r\ni: unknown\r\nCSeq: 1 BYE\r\n\r\n")
            leg.respond(180, "Ringing")
            leg.pick_up("Record-Route: <sip:[::bad>, <", "Contact: junk<>")
            port = int(leg.offer.split("m=audio ")[1].split()[0])
            for data in (b"", b"x", b"\x80" * 11, b"\x80" * 3_000):
                leg.ear.transport.sendto(data, ("127.0.0.1", port))
            await hears_rest(leg)

        async def hears_rest(leg: Leg) -> None:
            await leg.next("ACK")
            await leg.bye()

        async with trunk(noisy) as peer, side(peer.port) as us:
            await us.call()
            (report,) = await us.notes.over()
            await peer.idle()
        assert report.state == "COMPLETED"
        assert us.transport.agent.dropped >= len(GARBAGE) - 3

    run(call())


def test_garbage_on_a_connection_ends_it() -> None:
    async def call() -> None:
        async def noisy(leg: Leg) -> None:
            leg.say(b"SIP/2.0 200 OK\r\nContent-Length: 99999999\r\n\r\n")

        async with stream_trunk(noisy) as peer, side(peer.port, transport="tcp") as us:
            (outcome,) = await us.call()
        assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", True)

    run(call())


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 255))
def test_no_bytes_do_more_than_be_refused(noise: bytes, place: int, byte: int) -> None:
    good = bytearray(
        b'INVITE sip:+49@h SIP/2.0\r\nVia: SIP/2.0/UDP 1.2.3.4;branch=z9\r\nFrom: "A, b" <sip:a@h>;tag=1\r\n'
        b"To: <sip:b@h>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\nRecord-Route: <sip:p;lr>, <sip:q;lr>\r\n\r\nv=0\r\n"
    )
    if place < len(good):
        good[place] = byte
    for data in (noise, bytes(good), bytes(good[:place]), bytes(good) + noise):
        try:
            found = message.parse(data)
        except Malformed:
            continue
        found.branch()
        found.all("record-route")
        message.written(found)


def test_a_line_break_never_gets_into_a_header() -> None:
    with pytest.raises(Malformed):
        message.written(message.Request(headers=[("from", "a\r\nX: y")], body=b"", method="INVITE", uri="sip:a"))

    async def call() -> None:
        async with trunk() as peer, side(peer.port) as us:
            (outcome,) = await us.call(text(origination_number="+1202555\r\nX-Evil: 1"))
            assert outcome.status == "sent"
            await us.notes.over()
        assert "X-Evil" not in peer.legs[0].invite

    run(call())


@pytest.mark.parametrize(
    ("config", "member"),
    [
        ({}, "host"),
        ({"host": "a b"}, "host"),
        ({"host": "t", "transport": "sctp"}, "transport"),
        ({"host": "t", "codec": "opus"}, "codec"),
        ({"host": "t", "caller": "me"}, "caller"),
        ({"host": "t", "sessions": 0}, "sessions"),
        ({"host": "t", "port": 70_000}, "port"),
        ({"host": "t", "ring_seconds": 1}, "ring_seconds"),
        ({"host": "t", "password": "p"}, "username"),
        ({"host": "t", "username": "a\r\nb"}, "username"),
        ({"host": "t", "domain": "x>y"}, "domain"),
        ({"host": "t", "rtp_ports": "9-5"}, "rtp_ports"),
        ({"host": "t", "rtp_ports": "20000-10000"}, "rtp_ports"),
    ],
)
def test_what_cannot_be_meant_is_said_by_its_name(config: dict[str, str], member: str) -> None:
    with pytest.raises(Invalid, match=f"^{member}:"):
        SipConfig(**config).check()  # type: ignore[arg-type]


def test_a_config_shows_no_secret() -> None:
    config = SipConfig(host="t", username="u", password="s3cret", rtp_ports="10000-10100")
    config.check()
    assert "s3cret" not in repr(config)


def test_ports_for_sound_are_those_that_were_given() -> None:
    async def call() -> None:
        async with trunk() as peer, side(peer.port, rtp_ports="41000-41099") as us:
            await us.call(text(number=1), text(number=2))
            await us.notes.over(2)
        ports = {int(leg.offer.split("m=audio ")[1].split()[0]) for leg in peer.legs}
        assert len(ports) == 2
        assert all(41_000 <= port <= 41_099 and port % 2 == 0 for port in ports)

    run(call())


def test_calls_at_once_do_not_disturb_each_other() -> None:
    async def call() -> None:
        async with trunk() as peer, side(peer.port, sessions=30, line_seconds=5) as us:
            found = await us.call(*(text(number=number) for number in range(30)))
            reports = await us.notes.over(30)
            await peer.idle()
        assert {one.status for one in found} == {"sent"}
        assert {one.state for one in reports} == {"COMPLETED"}
        for leg in peer.legs:
            leg.ear.check(0)
        assert len({leg.ear.sound for leg in peer.legs}) == 1

    run(call())
