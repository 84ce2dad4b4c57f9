"""Stages of text messages by plain HTTP requests: Twilio, and AWS by boto3."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from clarion.channels.port import SmsOutgoing
from clarion.channels.sms.twilio import TwilioTransport
from clarion.channels.sms.voice_v2 import AwsTransport
from tests.channels.sms import test_aws, test_twilio
from tests.channels.sms.rest import Asked, Misbehaviour, Reply, Rest
from tests.channels.suite.stage import Mood, Play, Scene, Stage

MOODS: frozenset[Mood] = frozenset(("well", "away", "ill", "stranger", "busy", "hangs", "cuts"))
_KEYS = {"callout_access_key_id": "AKID", "callout_secret_access_key": "not-shown"}
_TWILIO: dict[Mood, Reply] = {
    "stranger": Reply(401, {"code": 20003, "message": "Authenticate"}),
    "busy": Reply(429, {"code": 20429, "message": "Too Many Requests"}),
}
_AWS: dict[Mood, Reply] = {
    "stranger": test_aws.wrong("AccessDeniedException"),
    "busy": test_aws.wrong("ThrottlingException"),
}


def _asked(taken: Callable[[Asked], Reply], told: dict[Mood, Reply], build: Callable[[str, int], Any]) -> Play:
    """`told` is what the service says of strangers and when it is busy; `build` a transport by URL and patience."""

    @asynccontextmanager
    async def play(mood: Mood, folder: Path) -> AsyncIterator[Scene]:
        known: dict[Mood, Reply | Misbehaviour] = {"ill": Reply(503), "hangs": "hang", "cuts": "reset", **told}
        peer = Rest(lambda asked: known.get(mood) or taken(asked))
        async with peer.serve() as url:
            there = "http://127.0.0.1:1" if mood == "away" else url
            yield Scene(build(there, 1 if mood == "hangs" else 20), lambda: len(peer.asked))

    return play


def _texts(count: int, start: int) -> Sequence[SmsOutgoing]:
    return [test_twilio.message(f"+491555{number:04}") for number in range(start, start + count)]


def _twilio_sms(url: str, seconds: int) -> TwilioTransport:
    return TwilioTransport(test_twilio.config(url, timeout_seconds=seconds), test_twilio.around())


def _aws_sms(url: str, seconds: int) -> AwsTransport:
    around = test_twilio.around(sms_voice_endpoint_url=url, **_KEYS)
    return AwsTransport(test_aws.config(timeout_seconds=seconds), around)


_TOKEN, _KEY = [test_twilio.TOKEN], [_KEYS["callout_secret_access_key"]]
STAGES = [
    Stage(
        "twilio sms",
        _asked(test_twilio.taken, _TWILIO, _twilio_sms),
        _texts,
        lambda: test_twilio.message("nobody"),
        MOODS,
        _TOKEN,
    ),
    Stage(
        "aws sms",
        _asked(test_aws.taken, _AWS, _aws_sms),
        _texts,
        lambda: test_twilio.message("nobody"),
        MOODS,
        _KEY,
    ),
]
