"""Encoding and parts of text messages (spec of SMS, section 3), and phone numbers."""

from __future__ import annotations

import pytest

from clarion.channels import phones
from clarion.channels.sms.size import check_length, size_of
from clarion.core.errors import Invalid


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "GSM", 0, 1),
        ("a" * 180, "GSM", 180, 2),
        ("文" * 71, "UCS-2", 71, 2),
        ("a" * 129 + "\u2019", "UCS-2", 130, 2),
        ("a" * 129 + "'", "GSM", 130, 1),
        ("a" * 160, "GSM", 160, 1),
        ("a" * 161, "GSM", 161, 2),
        ("a" * 306, "GSM", 306, 2),
        ("a" * 307, "GSM", 307, 3),
        ("ж" * 70, "UCS-2", 70, 1),
        ("ж" * 71, "UCS-2", 71, 2),
        ("ж" * 134, "UCS-2", 134, 2),
        ("ж" * 135, "UCS-2", 135, 3),
        ("a" * 159 + "€", "GSM", 161, 2),
        # A character of two units is not cut in two: 152 + € does not fit into the first part.
        ("a" * 152 + "€" + "a" * 152, "GSM", 306, 3),
        ("ж" * 66 + "😀" + "ж" * 66, "UCS-2", 134, 3),
        ("{}[]~^|\\\f", "GSM", 18, 1),
        ("`", "UCS-2", 1, 1),
        ("ç", "UCS-2", 1, 1),
        ("\t", "UCS-2", 1, 1),
        ("ÄÖÑÜ§¿äöñüà Δ_ΦΓΛΩΠΨΣΘΞ", "GSM", 23, 1),
    ],
)
def test_sizes(text: str, encoding: str, units: int, parts: int) -> None:
    assert size_of(text) == (encoding, units, parts)


@pytest.mark.parametrize(("char", "most"), [("a", 1_600), ("€", 800), ("ж", 630)])
def test_the_longest_message(char: str, most: int) -> None:
    check_length(char * most)
    with pytest.raises(Invalid, match="characters, at most"):
        check_length(char * (most + 1))


def test_the_longest_messages_fill_the_parts_that_the_service_names() -> None:
    assert size_of("a" * 1_600).parts == 11
    assert size_of("ж" * 630).parts == 10


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+4930123456", "+4930123456"),
        ("+49 (30) 12-34.56", "+4930123456"),
        ("004930123456", "+4930123456"),
        ("4930123456", "+4930123456"),
        ("030123456", None),
        ("+0301234567", None),
        ("+49", None),
        ("+49123456789012345", None),
        ("call me", None),
        ("+49x0123456", None),
        ("", None),
    ],
)
def test_phone_numbers(written: str, number: str | None) -> None:
    assert phones.e164(written) == number


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+4930123456", "DE"),
        ("+14254147755", "US"),
        ("+12425550100", "BS"),
        ("+441534123456", "JE"),
        ("+447860019066", "GB"),
        ("+35312345678", "IE"),
        ("+79161234567", "RU"),
        ("+999123456", ""),
    ],
)
def test_the_country_of_a_number(number: str, country: str) -> None:
    assert phones.country_of(number) == country


def test_the_simulators_failure_numbers_are_numbers() -> None:
    assert len(phones.SIMULATED_FAILURE) == 25
    assert all(phones.e164(number) == number and phones.country_of(number) for number in phones.SIMULATED_FAILURE)
