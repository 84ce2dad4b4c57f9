"""The stage of text messages over SMPP: an SMSC."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from clarion.channels.port import SmsOutgoing
from tests.channels.sms import smsc
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


STAGES = [
    Stage(
        "smpp",
        _smsc,
        _texts,
        lambda: smsc.sms(99, to_address="nobody"),
        frozenset(("well", "away", "stranger", "busy", "hangs", "cuts")),
        secrets=["s3cret"],
    ),
]
