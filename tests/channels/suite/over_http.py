"""Stages of providers that are asked by plain HTTP requests: Twilio, and those of AWS by boto3."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from clarion.channels.port import EmailOutgoing, SmsOutgoing, VoiceOutgoing
from clarion.channels.sms.twilio import TwilioTransport
from clarion.channels.sms.voice_v2 import AwsTransport
from clarion.channels.voice.aws import AwsVoice
from clarion.channels.voice.twilio import TwilioVoice
from tests.channels.email import test_ses
from tests.channels.letters import letter
from tests.channels.sms import test_aws, test_twilio
from tests.channels.sms.rest import Asked, Misbehaviour, Reply, Rest
from tests.channels.suite.stage import Mood, Play, Scene, Stage
from tests.channels.voice import calling, test_aws_voice, test_twilio_voice

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
_SES: dict[Mood, Reply] = {
    "stranger": test_ses.wrong("AccessDeniedException", status=403),
    "busy": test_ses.wrong("TooManyRequestsException", status=429),
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


def _calls(count: int, start: int) -> Sequence[VoiceOutgoing]:
    return [calling.text(to=f"+4930{number:06}", number=number) for number in range(start, start + count)]


def _letters(count: int, start: int) -> Sequence[EmailOutgoing]:
    return [
        letter(message_id=f"{number:032x}", to_address=f"user{number}@example.com")
        for number in range(start, start + count)
    ]


def _twilio_sms(url: str, seconds: int) -> TwilioTransport:
    return TwilioTransport(test_twilio.config(url, timeout_seconds=seconds), test_twilio.around())


def _aws_sms(url: str, seconds: int) -> AwsTransport:
    around = test_twilio.around(sms_voice_endpoint_url=url, **_KEYS)
    return AwsTransport(test_aws.config(timeout_seconds=seconds), around)


def _ses(url: str, seconds: int) -> test_ses.SesTransport:
    return test_ses.build(url, timeout_seconds=seconds)


def _twilio_voice(url: str, seconds: int) -> TwilioVoice:
    return TwilioVoice(test_twilio_voice.config(url, timeout_seconds=seconds), test_twilio_voice.around())


def _aws_voice(url: str, seconds: int) -> AwsVoice:
    around = test_twilio_voice.around(sms_voice_endpoint_url=url, **_KEYS)
    return AwsVoice(test_aws_voice.config(timeout_seconds=seconds), around)


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
    Stage(
        "ses",
        _asked(test_ses.taken, _SES, _ses),
        _letters,
        lambda: letter(message_id="f" * 32, to_address="nobody"),
        MOODS,
        _KEY,
    ),
    Stage(
        "twilio voice",
        _asked(test_twilio_voice.taken, _TWILIO, _twilio_voice),
        _calls,
        lambda: calling.text(to="nobody", number=99),
        MOODS,
        _TOKEN,
    ),
    Stage(
        "aws voice",
        _asked(test_aws_voice.taken, _AWS, _aws_voice),
        _calls,
        lambda: calling.text(to="nobody", number=99),
        MOODS,
        _KEY,
    ),
]
