"""Stages of text messages: an SMSC, and a service that speaks as Twilio does."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from clarion.channels.port import SmsOutgoing
from clarion.channels.sms.twilio import TwilioTransport
from tests.channels.sms import rest, smsc, test_twilio
from tests.channels.sms.smsc import Hang, Reply, Reset, Smsc
from tests.channels.suite.stage import PATIENCE, Mood, Scene, Stage

_THROTTLED, _INVALID_PASSWORD, _SYSTEM_ERROR = 0x58, 0x0E, 0x08


@asynccontextmanager
async def _smsc(mood: Mood, folder: Path) -> AsyncIterator[Scene]:
    told: dict[tuple[str, str], Reply] = {
        ("busy", "submit_sm"): _THROTTLED,
        ("hangs", "submit_sm"): Hang(),
        ("cuts", "submit_sm"): Reset(),
        ("stranger", "bind_transceiver"): _INVALID_PASSWORD,
    }
    peer = Smsc(lambda command, *_: told.get((mood, command)))
    async with peer.serve() as port:
        away = 1 if mood == "away" else port
        seconds = PATIENCE if mood in ("hangs", "away", "stranger") else 10.0
        made = smsc.transport(away, response_seconds=seconds, connect_seconds=PATIENCE if away == 1 else 10.0)
        yield Scene(made, lambda: len(peer.got("submit_sm")))


def _texts(count: int, start: int) -> Sequence[SmsOutgoing]:
    return [smsc.sms(number) for number in range(start, start + count)]


@asynccontextmanager
async def _twilio(mood: Mood, folder: Path) -> AsyncIterator[Scene]:
    told: dict[Mood, rest.Reply | rest.Misbehaviour] = {
        "ill": rest.Reply(503),
        "stranger": rest.Reply(401, {"code": 20003, "message": "Authenticate"}),
        "busy": rest.Reply(429, {"code": 20429, "message": "Too Many Requests"}),
        "hangs": "hang",
        "cuts": "reset",
    }
    peer = rest.Rest(lambda asked: told.get(mood) or test_twilio.taken(asked))
    async with peer.serve() as url:
        seconds = PATIENCE if mood == "hangs" else 10
        given = test_twilio.config("http://127.0.0.1:1" if mood == "away" else url, timeout_seconds=seconds)
        yield Scene(TwilioTransport(given, test_twilio.around()), lambda: len(peer.asked))


def _numbered(count: int, start: int) -> Sequence[SmsOutgoing]:
    return [test_twilio.message(f"+491555{number:04}") for number in range(start, start + count)]


STAGES = [
    Stage(
        "twilio",
        _twilio,
        _numbered,
        lambda: test_twilio.message("nobody"),
        frozenset(("well", "away", "ill", "stranger", "busy", "hangs", "cuts")),
        secrets=[test_twilio.TOKEN],
    ),
    Stage(
        "smpp",
        _smsc,
        _texts,
        lambda: smsc.sms(99, to_address="nobody"),
        frozenset(("well", "away", "stranger", "busy", "hangs", "cuts")),
        secrets=["s3cret"],
    ),
]
