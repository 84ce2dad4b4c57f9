"""Asking DNS about mail, against a name server on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from clarion.channels.email.names import Exchange, LookupFailed, Names, NoSuchName, asked
from clarion.core.errors import Invalid
from tests.channels.servers import run
from tests.channels.zones import Zone

T = TypeVar("T")

ZONE = {
    "acme.test": {"MX": ["20 mx2.acme.test.", "10 mx1.acme.test."], "TXT": ['"v=spf1 ~all"', '"one" "two"']},
    "bare.test": {"A": ["192.0.2.9"]},
    "none.test": {"MX": ["0 ."]},
    "other.test": {"CNAME": ["acme.test."]},
    "mx1.acme.test": {"A": ["192.0.2.1", "192.0.2.2"], "AAAA": ["2001:db8::1"]},
    "six.test": {"AAAA": ["2001:db8::6"]},
    "empty.test": {},
}


def ask(zone: Zone, question: Callable[[Names], Awaitable[T]], lifetime: float = 5.0) -> T:
    async def scenario() -> T:
        async with zone.serve() as servers:
            return await question(Names(servers, lifetime_seconds=lifetime))

    return run(scenario())


def test_hosts_come_by_preference() -> None:
    found = ask(Zone(ZONE), lambda names: names.exchanges("acme.test"))
    assert found == [Exchange(10, "mx1.acme.test"), Exchange(20, "mx2.acme.test")]
    assert ask(Zone(ZONE), lambda names: names.exchanges("OTHER.test.")) == found


def test_a_domain_without_mx_takes_its_mail_itself() -> None:
    assert ask(Zone(ZONE), lambda names: names.exchanges("Bare.test")) == [Exchange(0, "bare.test")]


def test_a_null_mx_is_a_host_without_name() -> None:
    assert ask(Zone(ZONE), lambda names: names.exchanges("none.test")) == [Exchange(0, "")]


def test_addresses_of_both_families() -> None:
    found = ask(Zone(ZONE), lambda names: names.addresses("mx1.acme.test"))
    assert sorted(found[:2]) == ["192.0.2.1", "192.0.2.2"]
    assert found[2:] == ["2001:db8::1"]
    assert ask(Zone(ZONE), lambda names: names.addresses("six.test")) == ["2001:db8::6"]
    assert ask(Zone(ZONE), lambda names: names.addresses("six.test", ("A",))) == []


def test_a_name_that_is_not_there_is_told_from_one_that_nobody_knows_about() -> None:
    with pytest.raises(NoSuchName):
        ask(Zone(ZONE), lambda names: names.exchanges("gmial.test"))
    with pytest.raises(NoSuchName):
        ask(Zone(ZONE), lambda names: names.addresses("gmial.test"))
    with pytest.raises(LookupFailed) as broken:
        ask(Zone(ZONE, broken=["acme.test"]), lambda names: names.exchanges("acme.test"))
    assert not broken.value.silent
    with pytest.raises(LookupFailed) as silent:
        ask(Zone(ZONE, silent=["acme.test"]), lambda names: names.exchanges("acme.test"), lifetime=0.2)
    assert silent.value.silent


def test_texts_and_aliases() -> None:
    assert sorted(ask(Zone(ZONE), lambda names: names.texts("acme.test"))) == ["onetwo", "v=spf1 ~all"]
    assert ask(Zone(ZONE), lambda names: names.texts("gmial.test")) == []
    assert ask(Zone(ZONE), lambda names: names.alias("other.test")) == "acme.test"
    assert ask(Zone(ZONE), lambda names: names.alias("acme.test")) == ""


def test_answers_are_kept_as_long_as_they_say() -> None:
    zone = Zone(ZONE)

    async def often(names: Names) -> None:
        for _ in range(5):
            await names.exchanges("acme.test")
            with pytest.raises(NoSuchName):
                await names.exchanges("gmial.test")

    ask(zone, often)
    assert zone.asked["acme.test", "MX"] == 1


@pytest.mark.parametrize("name", ["a" * 64 + ".test", "x" * 300, "a..test", "."])
def test_what_is_no_name_harms_nobody(name: str) -> None:
    with pytest.raises((NoSuchName, LookupFailed)):
        ask(Zone(ZONE), lambda names: names.exchanges(name))


@pytest.mark.parametrize("servers", ["ns.test", "127.0.0.1:x", "127.0.0.1:0", "1.2.3"])
def test_servers_are_addresses(servers: str) -> None:
    with pytest.raises(Invalid, match="dns_servers"):
        Names(servers)


def test_questions_can_be_asked_outside_an_event_loop() -> None:
    async def answer() -> int:
        await asyncio.sleep(0)
        return 7

    assert asked(answer) == 7
