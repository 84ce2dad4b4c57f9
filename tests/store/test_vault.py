"""Sealing: what opens, what does not, and what is said then."""

from __future__ import annotations

import base64

import pytest

from clarion.core.errors import Invalid, Unavailable
from clarion.core.ids import SystemIds
from clarion.store.database import Database
from clarion.store.schema import metadata
from clarion.store.vault import Vault, open_vault, parse_keys

IDS = SystemIds()
OLD, NEW = b"o" * 32, b"n" * 32
PLAIN = b"do not tell"


def test_what_is_sealed_opens_again_and_shows_nothing() -> None:
    vault = Vault([OLD], IDS)
    sealed = vault.seal(PLAIN, "mine")
    assert PLAIN not in sealed
    assert vault.open(sealed, "mine") == PLAIN
    assert vault.seal(PLAIN, "mine") != sealed


def test_keys_are_changed_step_by_step() -> None:
    before, both, after = Vault([OLD], IDS), Vault([NEW, OLD], IDS), Vault([NEW], IDS)
    sealed = before.seal(PLAIN, "mine")
    assert both.open(sealed, "mine") == PLAIN
    assert not both.is_current(sealed)
    again = both.seal(PLAIN, "mine")
    assert both.is_current(again)
    assert after.open(again, "mine") == PLAIN
    with pytest.raises(Unavailable, match=r"secrets_key: key [0-9a-f]{16}, which has sealed the secrets of mine"):
        after.open(sealed, "mine")


@pytest.mark.parametrize("place", [0, 1, 8, 9, 20, 21, -1])
def test_whatever_is_changed_does_not_open(place: int) -> None:
    vault = Vault([OLD], IDS)
    sealed = bytearray(vault.seal(PLAIN, "mine"))
    sealed[place] ^= 1
    with pytest.raises(Unavailable, match="mine"):
        vault.open(bytes(sealed), "mine")


@pytest.mark.parametrize("length", [0, 1, 9, 15, 21, 30])
def test_what_is_cut_off_does_not_open(length: int) -> None:
    vault = Vault([OLD], IDS)
    with pytest.raises(Unavailable):
        vault.open(vault.seal(PLAIN, "mine")[:length], "mine")


def test_what_is_somebody_else_s_does_not_open() -> None:
    vault = Vault([OLD], IDS)
    with pytest.raises(Unavailable, match="damaged"):
        vault.open(vault.seal(PLAIN, "mine"), "yours")


def test_keys_of_the_setting() -> None:
    one, two = (base64.b64encode(key).decode() for key in (OLD, NEW))
    assert parse_keys("") == parse_keys(" ") == []
    assert parse_keys(one) == [OLD]
    assert parse_keys(f"{one}, {two}") == [OLD, NEW]


@pytest.mark.parametrize("text", ["c2VjcmV0", "not base64!", base64.b64encode(OLD).decode() + ",", ","])
def test_what_is_no_key_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(Invalid, match=r"^secrets_key: key [12] must be 32 bytes in base64$"):
        parse_keys(text)


def test_an_installation_without_a_key_makes_one_and_keeps_it(database: Database) -> None:
    database.write(metadata.create_all)
    sealed = open_vault(database, IDS, "").seal(PLAIN, "mine")
    assert open_vault(database, IDS, "").open(sealed, "mine") == PLAIN
    given = open_vault(database, IDS, base64.b64encode(NEW).decode())
    assert given.open(sealed, "mine") == PLAIN
    assert given.is_current(given.seal(PLAIN, "mine"))


def test_an_installation_with_a_key_makes_none(database: Database) -> None:
    database.write(metadata.create_all)
    sealed = open_vault(database, IDS, base64.b64encode(NEW).decode()).seal(PLAIN, "mine")
    with pytest.raises(Unavailable, match="secrets_key"):
        open_vault(database, IDS, "").open(sealed, "mine")
