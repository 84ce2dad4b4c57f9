"""The doctor asks the installation's providers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from clarion.core.clock import SystemClock
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from clarion.domain.messaging.providers.service import Providers
from clarion.server.doctor.findings import Finding, examine
from clarion.server.stores import open_state
from clarion.store.migrate import migrate
from clarion.store.vault import open_vault
from tests.channels.email.receivers import free_port
from tests.channels.servers import run
from tests.channels.sms.rest import Reply, Rest

NOBODY = "http://127.0.0.1:1"
TEXTS = {"account_sid": "AC1", "auth_token": "tok", "sender": "+15005550006"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    outside = {"public_url": "https://clarion.test", "callout_networks": "127.0.0.0/8"}
    return Settings(data=str(tmp_path), events=f"{NOBODY}/clarion", callout_http=True, **outside)


@pytest.fixture
def providers(settings: Settings) -> Iterator[Providers]:
    database = open_state(settings)
    migrate(database)
    yield Providers(database, open_vault(database, SystemIds(), ""), SystemClock())
    database.close()


def found(settings: Settings) -> dict[str, list[Finding]]:
    told: dict[str, list[Finding]] = {}
    for one in examine(settings, NOBODY):
        told.setdefault(one.check, []).append(one)
    return told


def test_a_relay_that_is_away_is_ill_and_named(settings: Settings, providers: Providers) -> None:
    assert [one.detail for one in found(settings)["email"]] == ["e-mail goes to the inbox"]
    port = free_port()
    providers.add(
        "relay", "email", "smtp", {"host": "127.0.0.1", "port": port, "username": "shop", "password": "not to be told"}
    )
    told = found(settings)
    [one] = told["providers"]
    assert (one.state, "email" not in told) == ("ill", True)
    assert f"relay carries email: 127.0.0.1:{port}" in one.detail
    assert "clarion provider check relay" in one.advice
    assert "not to be told" not in repr(told)
    providers.update("relay", {}, enabled=False)
    assert {"providers", "email"} & set(found(settings)) == {"email"}


def test_a_provider_that_lets_us_in_is_well(settings: Settings, providers: Providers) -> None:
    async def scene() -> list[Finding]:
        rest = Rest(lambda asked: Reply(200, {"status": "active"}))
        async with rest.serve() as url:
            providers.add("texts", "sms", "twilio", TEXTS | {"url": url})
            return (await asyncio.to_thread(found, settings))["providers"]

    [one] = run(scene())
    assert (one.state, one.advice) == ("well", "")
    assert "texts carries sms" in one.detail
