"""Stages of calls: a SIP trunk over TCP, and services that speak as Twilio and AWS do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from clarion.channels.port import VoiceOutgoing
from clarion.channels.provider import Surroundings
from clarion.channels.voice.aws.transport import AwsVoice
from clarion.channels.voice.sip.provider import SipConfig, SipTransport
from clarion.channels.voice.sip.rtp import Pacer
from clarion.channels.voice.twilio import TwilioVoice
from clarion.core.clock import SystemClock
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from tests.channels.sms import rest
from tests.channels.suite.stage import PATIENCE, Mood, Scene, Stage
from tests.channels.voice import test_aws_voice, test_twilio_voice
from tests.channels.voice.calling import FAST, Says, text
from tests.channels.voice.trunk import Leg, hears, stream_trunk


@asynccontextmanager
async def _sip(mood: Mood, folder: Path) -> AsyncIterator[Scene]:
    async def plays(leg: Leg) -> None:
        match mood:
            case "ill":
                leg.respond(503, "Service Unavailable")
            case "stranger":
                leg.respond(403, "Forbidden")
            case "cuts":
                peer.drop()
            case "hangs":
                return
            case _:
                await hears(leg)

    async with stream_trunk(plays) as peer:
        port = 1 if mood == "away" else peer.port
        config = SipConfig(
            host="127.0.0.1",
            port=port,
            transport="tcp",
            username="acme",
            password="s3cret",
            sessions=50,
            pause_ms=0,
        )
        given = Surroundings(name="main", settings=Settings(), clock=SystemClock(), ids=SystemIds())
        made = SipTransport(
            config, given, speech=Says(), timers=FAST if mood == "hangs" else None, pacer=Pacer(0.001), line_seconds=1
        )
        yield Scene(made, lambda: len(peer.legs))


def _rest(mood: Mood, ok: rest.Reply, stranger: rest.Reply) -> rest.Rest:
    told: dict[Mood, rest.Reply | rest.Misbehaviour] = {
        "ill": rest.Reply(503),
        "stranger": stranger,
        "busy": rest.Reply(429, {"code": 20429, "__type": "ThrottlingException"}),
        "hangs": "hang",
        "cuts": "reset",
    }
    return rest.Rest(lambda asked: told.get(mood) or ok)


@asynccontextmanager
async def _twilio(mood: Mood, folder: Path) -> AsyncIterator[Scene]:
    peer = _rest(mood, rest.Reply(201, {"sid": "CA1"}), rest.Reply(401, {"code": 20003}))
    async with peer.serve() as url:
        where = "http://127.0.0.1:1" if mood == "away" else url
        seconds = PATIENCE if mood == "hangs" else 10
        config = test_twilio_voice.config(where, timeout_seconds=seconds)
        yield Scene(TwilioVoice(config, test_twilio_voice.around()), lambda: len(peer.asked))


@asynccontextmanager
async def _aws(mood: Mood, folder: Path) -> AsyncIterator[Scene]:
    peer = _rest(mood, rest.Reply(200, {"MessageId": "m1"}), rest.Reply(400, {"__type": "AccessDeniedException"}))
    async with peer.serve() as url:
        given = test_twilio_voice.around(
            sms_voice_endpoint_url="http://127.0.0.1:1" if mood == "away" else url,
            callout_access_key_id="AKID",
            callout_secret_access_key="not-shown",
        )
        seconds = PATIENCE if mood == "hangs" else 10
        yield Scene(AwsVoice(test_aws_voice.config(timeout_seconds=seconds), given), lambda: len(peer.asked))


def _calls(count: int, start: int) -> Sequence[VoiceOutgoing]:
    return [text(to=f"+491555{number:04}", number=number) for number in range(start, start + count)]


def _broken() -> VoiceOutgoing:
    return text(to="nobody", number=99)


_ALL: frozenset[Mood] = frozenset(("well", "away", "ill", "stranger", "busy", "hangs", "cuts"))

STAGES = [
    Stage("sip", _sip, _calls, _broken, _ALL - {"busy"}, secrets=["s3cret"]),
    Stage("twilio voice", _twilio, _calls, _broken, _ALL, secrets=[test_twilio_voice.TOKEN]),
    Stage("aws voice", _aws, _calls, _broken, _ALL, secrets=["not-shown"]),
]
