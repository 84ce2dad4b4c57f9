"""Stages of push notifications: the four services, APNs with a token and with a certificate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from clarion.channels.port import PushOutgoing
from tests.channels.push import fake, scenes
from tests.channels.push.authority import authority
from tests.channels.suite.stage import PATIENCE, Mood, Scene, Stage


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


STAGES = [_stage(name) for name in scenes.SCENES]
