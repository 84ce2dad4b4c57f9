"""Calls that sipp takes, the SIP community's load generator (Debian package sip-tester): a peer that is not ours."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from clarion.channels.voice import audio
from clarion.channels.voice.sip.rtp import Pacer
from tests.channels.servers import run
from tests.channels.voice.calling import WORDS, side, text
from tests.channels.voice.trunk import Ear

pytestmark = pytest.mark.skipif(
    shutil.which("sipp") is None, reason="sipp is not installed (Debian package sip-tester)"
)

HEADERS = """[last_Via:]
[last_From:]
[last_To:];tag=sipp[call_number]
[last_Call-ID:]
[last_CSeq:]"""
SDP = """Contact: <sip:sipp@[local_ip]:[local_port]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=sipp 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio {ear} RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""


def send(status: str, *more: str, retransmitted: bool = False) -> str:
    again = ' retrans="500"' if retransmitted else ""
    lines = "\n".join([f"SIP/2.0 {status}", HEADERS, *(more or ("Content-Length: 0",))])
    return f"<send{again}><![CDATA[\n{lines}\n\n]]></send>"


TALK = [send("180 Ringing"), send("200 OK", SDP, retransmitted=True), '<recv request="ACK"/>']
TALK += ['<recv request="BYE"/>', send("200 OK")]
CHALLENGE = 'WWW-Authenticate: Digest realm="sipp", nonce="abc123", algorithm=MD5, qop="auth"\nContent-Length: 0'
PROVED = '<recv request="INVITE"><action><verifyauth assign_to="ok" username="acme" password="s3cret"/></action></recv>'
SCENARIOS = {
    "talks": ['<recv request="INVITE"/>', *TALK],
    "asks who we are": [
        '<recv request="INVITE"/>',
        send("401 Unauthorized", CHALLENGE),
        '<recv request="ACK"/>',
        PROVED,
        '<nop next="let_in" test="ok"/>',
        send("403 Forbidden"),
        '<recv request="ACK" next="over"/>',
        '<label id="let_in"/>',
        *TALK,
        '<label id="over"/>',
    ],
    "is busy": ['<recv request="INVITE"/>', send("486 Busy Here"), '<recv request="ACK"/>'],
    "rings": [
        '<recv request="INVITE"/>',
        send("180 Ringing"),
        '<recv request="CANCEL"/>',
        send("200 OK"),
        "<send><![CDATA[\n"
        "SIP/2.0 487 Request Terminated\n[last_Via:]\n[last_From:]\n[last_To:];tag=sipp[call_number]\n"
        "[last_Call-ID:]\nCSeq: 1 INVITE\nContent-Length: 0\n\n]]></send>",
        '<recv request="ACK"/>',
    ],
}


@asynccontextmanager
async def sipp(name: str, folder: Path, *, calls: int = 1, ear: int = 9) -> AsyncIterator[int]:
    """A called party that plays a scenario so many times, and is content in the end; its port."""
    steps = "\n".join(SCENARIOS[name]).replace("{ear}", str(ear))
    path = folder / "scenario.xml"
    path.write_text(f'<?xml version="1.0" encoding="us-ascii" ?>\n<scenario name="x">\n{steps}\n</scenario>\n')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = ["-sf", str(path), "-i", "127.0.0.1", "-p", str(port), "-m", str(calls), "-nostdin", "-timeout", "20"]
    program = await asyncio.create_subprocess_exec(
        "sipp",
        *told,
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield port
        _, said = await asyncio.wait_for(program.communicate(), 20)
        assert program.returncode == 0, said.decode()
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()


async def listening() -> Ear:
    _, ear = await asyncio.get_running_loop().create_datagram_endpoint(Ear, local_addr=("127.0.0.1", 0))
    return ear


def test_sipp_is_told_the_text_in_real_time(tmp_path: Path) -> None:
    async def call() -> None:
        ear = await listening()
        async with (
            sipp("talks", tmp_path, ear=ear.port) as port,
            side(port, pacer=Pacer(), pcm=WORDS * 3) as us,
        ):
            (outcome,) = await us.call()
            (report,) = await us.notes.over()
        ear.transport.close()
        ear.check(0)
        assert ear.sound[: len(WORDS) * 3 // 2] == audio.encoded(WORDS * 3, audio.PCMU)
        assert (outcome.status, report.state) == ("sent", "COMPLETED")
        length = ear.times[-1] - ear.times[0]
        # Never faster than it is spoken; how much slower is the machine's affair.
        assert 0.02 * (len(ear.times) - 1) - 0.1 < length < 5

    run(call())


@pytest.mark.parametrize(("password", "status"), [("s3cret", "sent"), ("wrong", "temporary")])
def test_sipp_checks_who_we_are(tmp_path: Path, password: str, status: str) -> None:
    async def call() -> None:
        ear = await listening()
        async with (
            sipp("asks who we are", tmp_path, ear=ear.port) as port,
            side(port, username="acme", password=password) as us,
        ):
            (outcome,) = await us.call()
            await us.notes.over()
        ear.transport.close()
        assert (outcome.status, bool(ear.packets)) == (status, status == "sent")
        assert outcome.blame == ("message" if status == "sent" else "credentials")

    run(call())


@pytest.mark.parametrize(("name", "state"), [("is busy", "BUSY"), ("rings", "NO_ANSWER")])
def test_sipp_does_not_want_to_talk(tmp_path: Path, name: str, state: str) -> None:
    async def call() -> None:
        async with sipp(name, tmp_path) as port, side(port, ring_seconds=1.0) as us:
            (outcome,) = await us.call()
            (report,) = await us.notes.over()
        assert (outcome.status, report.state) == ("sent", state)

    run(call())


def test_sipp_takes_many_calls_at_once(tmp_path: Path) -> None:
    async def call() -> None:
        async with (
            sipp("talks", tmp_path, calls=20) as port,
            side(port, sessions=20, line_seconds=5) as us,
        ):
            found = await us.call(*(text(number=number) for number in range(20)))
            reports = await us.notes.over(20)
        assert [one.status for one in found] == ["sent"] * 20
        assert [one.state for one in reports] == ["COMPLETED"] * 20

    run(call())
