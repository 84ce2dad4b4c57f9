"""The stage of the custom channel: a webhook over HTTPS."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from clarion.channels import signatures
from clarion.channels.calls.port import Limits
from clarion.channels.calls.service import Callouts
from clarion.channels.custom import CustomTransport
from clarion.channels.port import CustomOutgoing
from clarion.core.clock import VirtualClock
from clarion.core.settings import Settings
from tests.channels.calls.peers import Asked, Said, script, site
from tests.channels.certificates import self_signed
from tests.channels.suite.stage import PATIENCE, Mood, Scene, Stage

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
_CLOCK = VirtualClock()
_STATUSES: dict[Mood, int] = {"ill": 503, "stranger": 401, "busy": 429}


class _Led(CustomTransport):
    """Knows where the webhook is, which of other channels the config says."""

    url = ""

    async def send(self, messages: Sequence[CustomOutgoing]) -> list[object]:  # type: ignore[override]
        led = [msgspec.structs.replace(message, destination=self.url) for message in messages]
        return [*await super().send(led)]


@asynccontextmanager
async def _webhook(mood: Mood, folder: Path) -> AsyncIterator[Scene]:
    tls, authority = self_signed(folder)
    settings = Settings(callout_networks="127.0.0.0/8", callout_authorities=authority, callout_http=True)
    limits = Limits(seconds=PATIENCE if mood == "hangs" else 10)
    callouts = Callouts(settings, limits, clock=_CLOCK, signing=lambda app_id: signatures.secrets_of(SECRET))
    made = _Led(callouts, _CLOCK)
    taken: list[int] = []
    lock = threading.Lock()

    def answer(asked: Asked) -> Said:
        with lock:
            taken.append(len(asked.json["Endpoints"]))
        return Said(_STATUSES.get(mood, 200))

    with site(answer, tls) as peer, script(then_hang=mood == "hangs") as silent:
        made.url = peer.url().replace("127.0.0.1", "localhost")
        if mood in ("hangs", "cuts"):
            made.url = silent
        if mood == "away":
            made.url = "https://localhost:1/"
        yield Scene(made, lambda: sum(taken))
        await asyncio.to_thread(callouts.close)


def _told(count: int, start: int) -> Sequence[CustomOutgoing]:
    return [
        CustomOutgoing(
            message_id=f"{number:032x}",
            account="000000000001",
            app_id="app",
            destination="",
            endpoint_id=f"ep-{number}",
            endpoint=b'{"ChannelType":"EMAIL"}',
            campaign_id="c",
            activity_id="a",
            sent_at_ms=_CLOCK.now_ms(),
        )
        for number in range(start, start + count)
    ]


STAGES = [
    Stage(
        "calls",
        _webhook,
        _told,
        None,
        frozenset(("well", "away", "ill", "stranger", "busy", "hangs", "cuts")),
        secrets=[SECRET, SECRET.removeprefix("whsec_")],
        # One call that failed says nothing of the destination yet: see `calls.circuit`.
        blames="message",
        strangers="message",
    )
]
