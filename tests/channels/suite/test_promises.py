"""What every provider promises (`channels.port`), over all of them: whatever the other end does, each message gets its
outcome, in order, and the outcome says whether it may be sent again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from clarion.channels import catalog
from clarion.channels.port import Outcome
from tests.channels.servers import run
from tests.channels.suite import calls, customs, emails, over_http, pushes, texts
from tests.channels.suite.stage import Mood, Scene, Stage

STAGES = [
    *emails.STAGES,
    *texts.STAGES,
    *over_http.STAGES,
    *calls.STAGES,
    *pushes.STAGES,
    *customs.STAGES,
]
KINDS = {
    "smtp": ["email smtp"],
    "mx": ["email mx"],
    "ses": ["email ses"],
    "smpp": ["sms smpp"],
    "twilio sms": ["sms twilio"],
    "aws sms": ["sms aws"],
    "sip": ["voice sip"],
    "twilio voice": ["voice twilio"],
    "aws voice": ["voice aws"],
    "apns token": ["push APNS", "push APNS_VOIP"],
    "apns certificate": ["push APNS_SANDBOX", "push APNS_VOIP_SANDBOX"],
    "fcm": ["push GCM"],
    "adm": ["push ADM"],
    "baidu": ["push BAIDU"],
    "webpush": ["push WEB_PUSH"],
    "calls": [],
}
"""The kinds of the catalog that each stage plays."""
FAILURES: Sequence[Mood] = ("away", "ill", "stranger", "busy", "hangs", "cuts")
HANDED_OVER = ("sent", "delivered")


def test_no_provider_is_left_out() -> None:
    assert sorted(KINDS) == sorted(stage.name for stage in STAGES)
    played = sorted(kind for kinds in KINDS.values() for kind in kinds)
    assert played == sorted(f"{one.channel} {one.kind}" for one in catalog.PROVIDERS)


every = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
"""Every provider."""


def playing(*moods: Mood) -> pytest.MarkDecorator:
    """Every provider whose peers can be in these moods."""
    found = [(stage, mood) for stage in STAGES for mood in moods if mood in stage.moods]
    return pytest.mark.parametrize(
        ("stage", "mood"), [pytest.param(*one, id=f"{one[0].name} {one[1]}") for one in found]
    )


def played(stage: Stage, mood: Mood, folder: Path, work: Callable[[Scene], Awaitable[list[Outcome]]]) -> list[Outcome]:
    """What comes of some work with an open transport while the peer is in a mood."""

    async def scenario() -> list[Outcome]:
        async with stage.play(mood, folder) as scene:
            await scene.transport.open()
            try:
                return await work(scene)
            finally:
                await scene.transport.close()

    return run(scenario())


def failed(stage: Stage, mood: Mood, folder: Path, count: int = 3) -> list[Outcome]:
    """The outcomes of a few messages to a peer that behaves badly."""

    async def send(scene: Scene) -> list[Outcome]:
        return list(await scene.transport.send(stage.messages(count, 0)))

    outcomes = played(stage, mood, folder, send)
    assert len(outcomes) == count
    return outcomes


@every
def test_a_batch_is_taken_whole(stage: Stage, tmp_path: Path) -> None:
    async def send(scene: Scene) -> list[Outcome]:
        outcomes = list(await scene.transport.send(stage.messages(25, 0)))
        assert scene.arrived() == 25
        return outcomes

    outcomes = played(stage, "well", tmp_path, send)
    assert [outcome.status in HANDED_OVER for outcome in outcomes] == [True] * 25


@every
def test_nothing_to_send_is_no_trouble(stage: Stage, tmp_path: Path) -> None:
    async def send(scene: Scene) -> list[Outcome]:
        return list(await scene.transport.send([]))

    assert played(stage, "well", tmp_path, send) == []


@every
def test_batches_can_overlap(stage: Stage, tmp_path: Path) -> None:
    async def send(scene: Scene) -> list[Outcome]:
        batches = [stage.messages(6, start) for start in range(0, 30, 6)]
        found = await asyncio.gather(*(scene.transport.send(batch) for batch in batches))
        assert scene.arrived() == 30
        return [outcome for outcomes in found for outcome in outcomes]

    outcomes = played(stage, "well", tmp_path, send)
    assert [outcome.status in HANDED_OVER for outcome in outcomes] == [True] * 30


@every
def test_it_can_be_closed_and_opened_again(stage: Stage, tmp_path: Path) -> None:
    async def send(scene: Scene) -> list[Outcome]:
        first = await scene.transport.send(stage.messages(2, 0))
        await scene.transport.close()
        await scene.transport.open()
        return [*first, *await scene.transport.send(stage.messages(2, 2))]

    assert all(outcome.status in HANDED_OVER for outcome in played(stage, "well", tmp_path, send))


@pytest.mark.parametrize("stage", [one for one in STAGES if one.broken is not None], ids=lambda stage: stage.name)
def test_a_message_that_cannot_be_sent_harms_no_other(stage: Stage, tmp_path: Path) -> None:
    assert stage.broken is not None
    broken = stage.broken()

    async def send(scene: Scene) -> list[Outcome]:
        one, other = stage.messages(2, 0)
        return list(await scene.transport.send([one, broken, other]))

    first, bad, last = played(stage, "well", tmp_path, send)
    assert (first.status in HANDED_OVER, last.status in HANDED_OVER) == (True, True)
    assert (bad.status, bad.blame) == ("permanent", "message")


@playing("away")
def test_who_is_not_there_has_got_nothing(stage: Stage, mood: Mood, tmp_path: Path) -> None:
    for outcome in failed(stage, mood, tmp_path):
        assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", stage.blames, False)


@playing("ill")
def test_who_is_ill_costs_no_message(stage: Stage, mood: Mood, tmp_path: Path) -> None:
    for outcome in failed(stage, mood, tmp_path):
        assert (outcome.status, outcome.blame) == ("temporary", stage.blames)


@playing("stranger")
def test_who_does_not_let_us_in_costs_no_message(stage: Stage, mood: Mood, tmp_path: Path) -> None:
    for outcome in failed(stage, mood, tmp_path):
        assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", stage.strangers, False)


@playing("busy")
def test_who_wants_less_is_not_failing(stage: Stage, mood: Mood, tmp_path: Path) -> None:
    assert "throttled" in {outcome.status for outcome in failed(stage, mood, tmp_path)}


@playing("hangs", "cuts")
def test_an_answer_that_got_lost_leaves_it_open(stage: Stage, mood: Mood, tmp_path: Path) -> None:
    """A message that had left may have arrived: whoever sends it again knows."""
    outcomes = failed(stage, mood, tmp_path, count=1)
    assert [(outcome.status, outcome.uncertain) for outcome in outcomes] == [("temporary", True)]


@playing(*FAILURES)
def test_failures_say_why_in_a_line_and_tell_no_secret(stage: Stage, mood: Mood, tmp_path: Path) -> None:
    for outcome in failed(stage, mood, tmp_path):
        assert outcome.detail
        assert "\n" not in outcome.detail
        assert not [secret for secret in stage.secrets if secret in f"{outcome}"]


@every
def test_it_says_what_it_is(stage: Stage, tmp_path: Path) -> None:
    async def look(scene: Scene) -> list[Outcome]:
        assert scene.transport.channel in ("email", "sms", "push", "custom", "voice")
        assert scene.transport.name
        return []

    played(stage, "well", tmp_path, look)
