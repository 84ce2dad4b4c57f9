"""Stages of push notifications: the four services, APNs with a token and with a certificate, and browsers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from clarion.channels.calls.guard import Guard, networks
from clarion.channels.port import PushOutgoing
from clarion.channels.push.services.webpush import WebPushTransport
from clarion.channels.push.services.webpush.hosts import Hosts
from clarion.core.clock import SystemClock
from clarion.core.ids import SeededIds
from tests.channels.email.receivers import free_port
from tests.channels.push import fake, scenes
from tests.channels.push.authority import authority
from tests.channels.push.test_webpush import CONFIG, OWN, address, message
from tests.channels.suite.stage import PATIENCE, Mood, Scene, Stage

_PORT = free_port()
"""Subscriptions name it before the service is there."""


def _stage(name: str) -> Stage:
    scene = scenes.SCENES[name]
    answers: dict[Mood, fake.Answer] = {
        "ill": fake.Reply(503),
        "stranger": scene.stranger,
        "busy": scene.busy,
        "hangs": fake.Hang(),
        "cuts": fake.Drop(),
    }

    @asynccontextmanager
    async def play(mood: Mood, folder: Path) -> AsyncIterator[Scene]:
        trusted = folder / "trusted.pem"
        trusted.write_text(authority().pem)
        scenes._files["trusted"] = str(trusted)
        peer = scenes.answering(scene, None if mood == "well" else lambda asked: answers[mood])
        async with peer.serve(authority().server(folder)) as url:
            seconds = PATIENCE if mood == "hangs" else 10
            there = "https://localhost:1" if mood == "away" else url
            made = scene.make(there, timeout_seconds=seconds)
            yield Scene(made, lambda: len(scenes.sent(peer)))

    def messages(count: int, start: int) -> Sequence[PushOutgoing]:
        return scenes.messages(scene, count, start)

    moods: frozenset[Mood] = frozenset(("well", "away", "ill", "stranger", "busy", "hangs", "cuts"))
    return Stage(name, play, messages, None, moods, secrets=["secret-of-adm", "secret-of-baidu", "PRIVATE KEY"])


@asynccontextmanager
async def _browsers(mood: Mood, folder: Path) -> AsyncIterator[Scene]:
    trusted = folder / "trusted.pem"
    trusted.write_text(authority().pem)
    answers: dict[Mood, fake.Answer] = {
        "ill": fake.Reply(503),
        "hangs": fake.Hang(),
        "cuts": fake.Drop(),
    }
    peer = fake.PushService(lambda asked: answers.get(mood, fake.Reply(201)))
    async with peer.serve(authority().server(folder, OWN), _PORT) as url:
        assert url.endswith(str(_PORT))
        ways = Hosts(
            Guard(networks("callout_networks", "127.0.0.0/8")),
            authorities=str(trusted),
            timeout_seconds=PATIENCE if mood == "hangs" else 10,
            resolve=lambda host, port: ["127.0.0.1"] if mood != "away" else ["127.0.0.9"],
        )
        yield Scene(WebPushTransport(CONFIG, ways, clock=SystemClock(), ids=SeededIds()), lambda: len(peer.asked))


def _to_browsers(count: int, start: int) -> Sequence[PushOutgoing]:
    numbers = range(start, start + count)
    found = [message(address(f"https://{OWN}:{_PORT}/push/{number}")) for number in numbers]
    for number, one in zip(numbers, found, strict=True):
        one.message_id = f"{number:032x}"
    return found


STAGES = [
    *(_stage(name) for name in scenes.SCENES),
    Stage(
        "webpush",
        _browsers,
        _to_browsers,
        lambda: message("not a subscription"),
        # Each browser has a service of its own: that one is away, or wants less, is nothing that others suffer from.
        frozenset(("well", "away", "ill", "hangs", "cuts")),
        blames="message",
    ),
]
