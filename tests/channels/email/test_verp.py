"""Addresses that bounces come back to: what they carry, and that nobody else can make one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.channels.email import headers
from clarion.channels.email.verp import HOUR_MS, Bounced, Verp

MESSAGE = "0123456789abcdef0123456789abcdef"
AT_MS = 1_804_151_402_000
VERP = Verp("bounces.acme.test", b"k" * 32)


def test_an_address_says_which_message_it_is_about() -> None:
    address = VERP.address(MESSAGE, AT_MS)
    assert address.endswith("@bounces.acme.test")
    assert len(address.partition("@")[0]) == 50
    assert headers.parse(address).spec == address
    assert VERP.read(address) == Bounced(MESSAGE, AT_MS - AT_MS % HOUR_MS)


@given(st.binary(min_size=16, max_size=16), st.integers(0, 2**24 * HOUR_MS - 1))
def test_every_message_of_every_hour_comes_back(message: bytes, at_ms: int) -> None:
    found = VERP.read(VERP.address(message.hex(), at_ms))
    assert found is not None
    assert found.message_id == message.hex()
    assert found.hour_ms <= at_ms < found.hour_ms + HOUR_MS


def test_case_does_not_matter() -> None:
    address = VERP.address(MESSAGE, AT_MS)
    assert VERP.read(address.upper()) == VERP.read(address.swapcase()) == VERP.read(address) is not None


def test_one_letter_changed_is_no_address_of_ours() -> None:
    local, _, domain = VERP.address(MESSAGE, AT_MS).partition("@")
    for place in range(2, len(local)):
        changed = local[:place] + ("a" if local[place] != "a" else "b") + local[place + 1 :]
        assert VERP.read(f"{changed}@{domain}") is None, place


@pytest.mark.parametrize(
    "address",
    ["", "@", "b+@bounces.acme.test", "b+aaaa@bounces.acme.test", "lea@bounces.acme.test", "b+" + "a" * 48, "b+ü@x"],
)
def test_what_is_no_address_of_ours_is_none(address: str) -> None:
    assert VERP.read(address) is None
    assert VERP.read("b+" + "1" * 48 + "@bounces.acme.test") is None
    assert VERP.read("b+" + "ü" * 48 + "@bounces.acme.test") is None


def test_another_domain_or_another_key_reads_nothing() -> None:
    address = VERP.address(MESSAGE, AT_MS)
    assert Verp("bounces.other.test", b"k" * 32).read(address) is None
    assert Verp("bounces.acme.test", b"x" * 32).read(address) is None


def test_addresses_of_an_old_key_go_on_being_read() -> None:
    rotated = Verp("Bounces.Acme.test.", b"n" * 32, [b"k" * 32])
    assert rotated.read(VERP.address(MESSAGE, AT_MS)) == VERP.read(VERP.address(MESSAGE, AT_MS))
    assert VERP.read(rotated.address(MESSAGE, AT_MS)) is None


@pytest.mark.parametrize("message_id", ["", "m", MESSAGE + "00", MESSAGE[:-1] + "x", " " + MESSAGE[:-2] + " "])
def test_an_id_of_another_form_has_no_address(message_id: str) -> None:
    assert VERP.address(message_id, AT_MS) == ""


def test_a_time_that_does_not_fit_has_no_address() -> None:
    assert VERP.address(MESSAGE, -1) == ""
    assert VERP.address(MESSAGE, 2**24 * HOUR_MS) == ""


def test_a_sending_domain_may_have_its_own() -> None:
    both = Verp("bounces.acme.test", b"k" * 32, also={"mail.other.test"}.__contains__)
    address = both.address(MESSAGE, AT_MS, "mail.other.test")
    assert address.endswith("@mail.other.test")
    assert both.read(address.upper()) == both.read(both.address(MESSAGE, AT_MS)) is not None
    assert VERP.read(address) is None


def test_without_any_domain_there_is_no_address() -> None:
    none = Verp("", b"k" * 32)
    assert none.address(MESSAGE, AT_MS) == ""
    assert none.read(VERP.address(MESSAGE, AT_MS)) is None
    assert none.read(VERP.address(MESSAGE, AT_MS).partition("@")[0] + "@") is None
