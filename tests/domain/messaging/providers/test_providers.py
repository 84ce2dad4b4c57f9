"""Configuring providers, and a channel's providers at work."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from clarion.channels import catalog
from clarion.channels.port import Outcome, Outgoing
from clarion.channels.provider import Surroundings
from clarion.core.clock import VirtualClock, parse_iso
from clarion.core.errors import Conflict, Invalid, NotFound
from clarion.core.ids import SeededIds
from clarion.core.settings import Settings
from clarion.domain.messaging.lanes import states
from clarion.domain.messaging.lanes.states import LaneRow
from clarion.domain.messaging.providers import store
from clarion.domain.messaging.providers.carriers import Carriers
from clarion.domain.messaging.providers.mounts import Mounts
from clarion.domain.messaging.providers.service import Providers
from clarion.domain.messaging.providers.webhooks import Webhooks
from clarion.store.database import Database
from clarion.store.schema import metadata
from clarion.store.vault import open_vault
from clarion.wire.http.plain import PlainRequest
from tests.domain.messaging.providers.peers import PIGEON, SENT, SNAIL, Pigeon, message

SETTLED = Outcome("sent", "by what the settings choose")


class Settled:
    """The way that the settings choose."""

    def lanes(self, message: Outgoing) -> Sequence[str]:
        return ["SMS"]

    def send(self, lane: str, messages: Sequence[Outgoing]) -> list[Outcome]:
        return [SETTLED] * len(messages)

    def rate(self, lane: str) -> float:
        return 0

    def watch(self) -> None: ...

    def close(self) -> None: ...


@dataclasses.dataclass
class Setup:
    database: Database
    providers: Providers
    carriers: Carriers
    clock: VirtualClock

    def around(self, name: str) -> Surroundings:
        return Surroundings(name=name, settings=Settings(), clock=self.clock, ids=SeededIds(1))


@pytest.fixture
def setup(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setup]:
    monkeypatch.setattr(catalog, "PROVIDERS", (PIGEON, SNAIL))
    Pigeon.all.clear()
    database.write(metadata.create_all)
    clock = VirtualClock(parse_iso("2027-03-04T09:15:00Z"))
    providers = Providers(database, open_vault(database, SeededIds(1), ""), clock)
    made = Setup(database, providers, None, clock)  # type: ignore[arg-type]
    made.carriers = Carriers("SMS", providers, Settled(), made.around)
    yield made
    made.carriers.close()


def eventually(probe: Callable[[], bool]) -> None:
    """Until it is so: what another thread does at once."""
    for _ in range(2_000):
        if probe():
            return
        threading.Event().wait(0.005)
    raise AssertionError("did not happen in time")


def add(setup: Setup, name: str = "coop", kind: str = "pigeon", **config: Any) -> None:
    setup.providers.add(name, "sms", kind, {"host": "loft", **config})


def test_a_config_is_checked_sealed_and_read_again(setup: Setup) -> None:
    add(setup, port="2525", tls="true", password="pssst")
    row = setup.providers.get("coop")
    assert b"pssst" not in row.config + (row.sealed or b"")
    config = setup.providers.opened(row).config
    assert (config.host, config.port, config.tls, config.speed, config.password) == ("loft", 2525, True, 1.5, "pssst")  # type: ignore[attr-defined]
    assert "pssst" not in repr(config)

    setup.providers.update("coop", {"port": 26, "tls": None}, enabled=False, rate=5)
    row = setup.providers.get("coop")
    config = setup.providers.opened(row).config
    assert (config.port, config.tls, config.password) == (26, False, "pssst")  # type: ignore[attr-defined]
    assert (row.enabled, row.rate, row.version) == (False, 5, 2)
    assert setup.providers.now().by_channel == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "host"),
        ({"host": "nowhere"}, "host: must be somewhere"),
        ({"host": "x", "port": "many"}, "port: must be a whole number"),
        ({"host": "x", "tls": "perhaps"}, "tls: must be true or false"),
        ({"host": "x", "wings": 2}, "wings: is none of host, password, port, speed, tls"),
    ],
)
def test_a_config_that_cannot_be_meant_is_refused_by_its_member(setup: Setup, given: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid) as caught:
        setup.providers.add("coop", "sms", "pigeon", given)
    assert said in caught.value.message
    assert setup.providers.every() == []


def test_names_kinds_and_what_is_not_there(setup: Setup) -> None:
    with pytest.raises(Invalid, match="Name"):
        setup.providers.add("Bad Name", "sms", "pigeon", {"host": "x"})
    with pytest.raises(Invalid, match="kind: must be one of pigeon, snail"):
        setup.providers.add("coop", "sms", "owl", {"host": "x"})
    add(setup)
    with pytest.raises(Conflict):
        add(setup)
    with pytest.raises(NotFound):
        setup.providers.update("other", {})
    with pytest.raises(NotFound):
        setup.providers.remove("other")


def test_a_channel_without_providers_goes_the_way_of_the_settings(setup: Setup) -> None:
    assert setup.carriers.lanes(message()) == ["SMS"]
    assert setup.carriers.send("SMS", [message()]) == [SETTLED]
    add(setup)
    assert setup.carriers.lanes(message(origin="+4930")) == ["SMS/coop/+4930"]
    assert setup.carriers.send("SMS/coop/+4930", [message()]) == [SENT]
    setup.providers.remove("coop")
    assert setup.carriers.lanes(message()) == ["SMS"]
    (outcome,) = setup.carriers.send("SMS/coop", [message()])
    assert (outcome.status, outcome.blame) == ("temporary", "provider")


def test_providers_are_asked_in_order_if_they_serve_and_a_draining_one_last(setup: Setup) -> None:
    add(setup)
    add(setup, "garden", "snail")
    assert setup.carriers.lanes(message()) == ["SMS/coop", "SMS/garden"]
    assert setup.carriers.lanes(message("+12025550123")) == ["SMS/garden"]
    setup.providers.update("coop", {}, position=9)
    assert setup.carriers.lanes(message()) == ["SMS/garden", "SMS/coop"]
    row = LaneRow("SMS/garden", "draining")
    setup.database.write(lambda c: states.save(setup.database, c, row))
    setup.providers.forget()
    assert setup.carriers.lanes(message()) == ["SMS/coop", "SMS/garden"]


def test_a_provider_that_listens_is_open_before_anything_is_sent_and_closed_when_it_is_gone(setup: Setup) -> None:
    add(setup)
    add(setup, "garden", "snail")
    setup.carriers.watch()
    assert [(one.given.name, one.log) for one in Pigeon.all] == [("coop", ["open"])]
    setup.carriers.watch()
    assert len(Pigeon.all) == 1
    setup.providers.remove("coop")
    setup.carriers.watch()
    eventually(lambda: Pigeon.all[0].log == ["open", "close"])


def test_a_credential_that_rotates_closes_the_old_connection_once_its_batch_is_through(setup: Setup) -> None:
    add(setup, password="old")
    setup.carriers.send("SMS/coop", [message()])
    (old,) = Pigeon.all
    old.held = asyncio.Event()
    answers: list[list[Outcome]] = []
    sending = threading.Thread(target=lambda: answers.append(setup.carriers.send("SMS/coop", [message()])))
    sending.start()
    eventually(lambda: old.log.count("send 1") == 2)
    setup.providers.update("coop", {"password": "new"})
    assert setup.carriers.send("SMS/coop", [message()]) == [SENT]
    new = Pigeon.all[1]
    assert (new.config.password, new.log) == ("new", ["open", "send 1"])
    assert "close" not in old.log
    loop = setup.carriers._mounts._loop
    assert loop is not None
    loop.call_soon_threadsafe(old.held.set)
    sending.join(10)
    assert answers == [[SENT]]
    eventually(lambda: old.log[-1] == "close")


def test_a_provider_removed_and_added_again_in_a_moment_is_another_one(setup: Setup) -> None:
    webhooks = Webhooks(setup.providers, setup.around)
    called = PlainRequest("POST", "/providers/coop/status", {}, {}, b"", "1")
    add(setup, password="old")
    setup.carriers.send("SMS/coop", [message()])
    assert webhooks.answer(called).body == b"coop loft /providers/coop/status"
    setup.providers.remove("coop")
    add(setup, password="new", host="attic")
    setup.carriers.send("SMS/coop", [message()])
    assert webhooks.answer(called).body == b"coop attic /providers/coop/status"
    assert [one.config.password for one in Pigeon.all] == ["old", "new"]
    eventually(lambda: Pigeon.all[0].log[-1] == "close")


@pytest.mark.parametrize(("config", "said"), [({"password": "broken"}, "does not open"), ({"host": "away"}, "nobody")])
def test_a_provider_that_does_not_start_costs_no_message(setup: Setup, config: dict[str, str], said: str) -> None:
    add(setup, **config)
    setup.carriers.watch()
    (outcome,) = setup.carriers.send("SMS/coop", [message()])
    assert (outcome.status, outcome.blame) == ("temporary", "credentials")
    assert said in outcome.detail


def test_a_change_that_does_not_start_leaves_nothing_open(setup: Setup) -> None:
    add(setup)
    setup.carriers.send("SMS/coop", [message()])
    setup.providers.update("coop", {"password": "broken"})
    (outcome,) = setup.carriers.send("SMS/coop", [message()])
    assert outcome.blame == "credentials"
    setup.providers.update("coop", {"password": "mended"})
    assert setup.carriers.send("SMS/coop", [message()]) == [SENT]
    setup.carriers.close()
    assert [one.log[-1] for one in Pigeon.all] == ["close", "close"]


def test_secrets_that_do_not_open_are_told_and_the_others_go_on(setup: Setup) -> None:
    add(setup, password="one")
    add(setup, "garden", "snail")
    broken = sa.update(store.providers).where(store.providers.c.name == "coop").values(sealed=b"\x01nonsense" * 9)
    setup.database.write(lambda c: c.execute(broken).rowcount)
    setup.providers.forget()
    assert setup.carriers.lanes(message()) == ["SMS/garden"]
    (outcome,) = setup.carriers.send("SMS/coop", [message()])
    assert outcome.blame == "credentials"
    assert "coop" in setup.providers.now().closed


def test_checking_asks_by_a_connection_of_its_own(setup: Setup) -> None:
    add(setup, password="good")
    add(setup, "garden", "snail", password="bad")
    levels = [
        setup.carriers.check(setup.providers.opened(setup.providers.get(name)))[0].level for name in ("coop", "garden")
    ]
    assert levels == ["ok", "error"]
    assert [one.log for one in Pigeon.all] == [["open", "check", "close"]] * 2
    setup.providers.update("coop", {"host": "away"})
    (finding,) = setup.carriers.check(setup.providers.opened(setup.providers.get("coop")))
    assert (finding.level, "nobody" in finding.text) == ("error", True)


def test_only_so_many_transports_stay_open(setup: Setup) -> None:
    mounts = Mounts("few", most=3)
    made: dict[str, Pigeon] = {}

    def build(key: str) -> Pigeon:
        made[key] = Pigeon(PIGEON.config(host=key), setup.around(key))
        return made[key]

    for number in range(5):
        key = f"p{number}"
        mounts.send(key, 1, lambda key=key: build(key), [message()])  # type: ignore[misc]
    eventually(lambda: [one.log[-1] for one in made.values()] == ["close", "close", "send 1", "send 1", "send 1"])
    mounts.close()
    assert {one.log[-1] for one in made.values()} == {"close"}


def test_webhooks_find_their_provider_by_name_even_a_disabled_one(setup: Setup) -> None:
    add(setup)
    add(setup, "garden", "snail")
    setup.providers.update("coop", {}, enabled=False)
    webhooks = Webhooks(setup.providers, setup.around)

    def get(path: str) -> bytes:
        return webhooks.answer(PlainRequest("POST", path, {}, {}, b"", "1")).body  # type: ignore[return-value]

    assert get("/providers/coop/status") == b"coop loft /providers/coop/status"
    setup.providers.update("coop", {"host": "attic"})
    assert get("/providers/coop/status") == b"coop attic /providers/coop/status"
    for path in ("/providers/garden", "/providers/nobody/x", "/providers"):
        with pytest.raises(NotFound):
            get(path)
