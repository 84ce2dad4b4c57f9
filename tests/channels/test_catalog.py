"""Every transport can be chosen by its setting."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from clarion.channels.catalog import TRANSPORTS, Surroundings, build
from clarion.channels.counting import CountingTransport
from clarion.channels.email import mime
from clarion.channels.email.smtp import SmtpTransport
from clarion.channels.inbox import InboxMessage, InboxTransport
from clarion.channels.port import Blame, Fact, Outcome, Status
from clarion.channels.provider import Surroundings as provider_surroundings
from clarion.core.clock import VirtualClock
from clarion.core.errors import Invalid
from clarion.core.ids import SeededIds
from clarion.core.settings import Settings
from tests.channels.letters import letter
from tests.channels.servers import run

RECIPE = Path(__file__).parents[2] / "docs/recipes/add-a-provider.md"


class NoSink:
    def store(self, messages: list[InboxMessage]) -> None:
        raise AssertionError("nothing was sent")


def given(**settings: object) -> Surroundings:
    changed = dataclasses.replace(Settings(), **settings)  # type: ignore[arg-type]
    return Surroundings(settings=changed, clock=VirtualClock(), inbox=NoSink())


def test_the_inbox_is_the_default() -> None:
    assert isinstance(build("email", given()), InboxTransport)


@pytest.mark.parametrize(("channel", "name"), TRANSPORTS)
def test_each_is_built_and_says_its_name(channel: str, name: str) -> None:
    transport = build(channel, given(**{f"{channel}_transport": name}))
    assert (transport.channel, transport.name) == (channel, name)


def test_smtp_settings_are_checked_when_it_is_built() -> None:
    assert isinstance(build("email", given(email_transport="smtp")), SmtpTransport)
    with pytest.raises(Invalid, match="smtp_tls"):
        build("email", given(email_transport="smtp", smtp_tls="maybe"))


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(Invalid, match="email_transport must be one of counting, inbox, smtp"):
        build("email", given(email_transport="pigeon"))
    with pytest.raises(Invalid, match="pigeon_transport"):
        build("pigeon", given())


def test_counting_fails_every_nth() -> None:
    transport = CountingTransport(fail_every=3)
    outcomes = run(transport.send([letter()] * 4)) + run(transport.send([letter()] * 3))
    assert [outcome.status == "sent" for outcome in outcomes] == [True, True, False, True, True, False, True]
    assert (transport.sent, transport.failed) == (5, 2)


def test_the_recipes_provider_works(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", RECIPE.read_text(encoding="utf-8"), re.DOTALL)
    recipe: dict[str, Any] = {"__name__": "recipe"}
    exec(code, recipe)
    provider = recipe["PROVIDER"]
    with pytest.raises(Invalid, match="folder"):
        provider.config(folder="here").check()
    config = provider.config(folder=str(tmp_path / "pickup"))
    config.check()
    around = provider_surroundings(name="pickup", settings=Settings(), clock=VirtualClock(), ids=SeededIds(1))
    transport = provider.build(config, around)

    async def scenario() -> list[Outcome]:
        await transport.open()
        outcomes: list[Outcome] = await transport.send([letter(), letter(message_id="second", to_address="nobody")])
        await transport.close()
        return outcomes

    assert [outcome.status for outcome in run(scenario())] == ["sent", "permanent"]
    (written,) = (tmp_path / "pickup").iterdir()
    assert written.read_bytes() == mime.build(letter()).content


def test_the_recipe_speaks_of_what_exists() -> None:
    text = RECIPE.read_text(encoding="utf-8")
    for path in re.findall(r"`((?:src|tests)/[\w/.]+)`", text):
        assert (RECIPE.parents[2] / path).exists(), path
    for name in (*get_args(Status), *get_args(Blame), "TRANSPORTS", "PROVIDERS", "Transport"):
        assert f"`{name}`" in text or f'`"{name}"`' in text
    for fact in get_args(Fact):
        assert fact.__name__ in text
