"""Phone numbers looked up. Source: spec of OTP and phone numbers, 3."""

from __future__ import annotations

import pytest

from clarion.core.errors import Invalid
from clarion.domain.sms.numbers import CODES, validate
from clarion.shapes.pinpoint import NumberValidateRequest, NumberValidateResponse


def about(number: str, country: str | None = None) -> NumberValidateResponse:
    return validate(NumberValidateRequest(phone_number=number, iso_country_code=country))


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+4915112345678", "MOBILE"),
        ("+12125551234", "MOBILE"),  # North America does not tell
        ("+4930123456", "LANDLINE"),
        ("+445601234567", "VOIP"),
        ("+18005550199", "OTHER"),  # free of charge
        ("+14255550142", "OTHER"),  # for films
        ("+19995550100", "OTHER"),  # no such area
        ("+4403069990042", "OTHER"),
        ("+491", "INVALID"),
        ("+1206", "INVALID"),
        ("hello", "INVALID"),
        ("+", "INVALID"),
    ],
)
def test_kinds(number: str, kind: str) -> None:
    found = about(number)
    assert (found.phone_type, found.phone_type_code) == (kind, CODES[kind])  # type: ignore[index]
    assert found.original_phone_number == number


def test_the_specs_example() -> None:
    found = about("+4403069990042")
    assert found == NumberValidateResponse(
        phone_type="OTHER",
        phone_type_code=4,
        original_phone_number="+4403069990042",
        cleansed_phone_number_e164="+443069990042",
        cleansed_phone_number_national="3069990042",
        country="United Kingdom",
        country_code_iso2="GB",
        country_code_numeric="44",
    )


def test_a_mobile_phone() -> None:
    found = about("0151 1234-5678", "de")
    assert (found.cleansed_phone_number_e164, found.cleansed_phone_number_national) == (
        "+4915112345678",
        "15112345678",
    )
    assert (found.country, found.country_code_iso2, found.country_code_numeric) == ("Germany", "DE", "49")
    assert (found.city, found.timezone, found.original_country_code_iso2) == ("Countrywide", "Europe/Berlin", "de")
    assert found.carrier
    assert found.county is None
    assert found.zip_code is None


def test_a_place() -> None:
    found = about("4930123456")
    assert (found.city, found.cleansed_phone_number_e164) == ("Berlin", "+4930123456")


def test_of_an_invalid_number_the_country_is_told() -> None:
    found = about("+491")
    assert (found.phone_type, found.country_code_iso2, found.country) == ("INVALID", "DE", "Germany")
    assert found.carrier is None
    assert found.city is None
    assert found.timezone is None


@pytest.mark.parametrize(
    ("number", "country", "member"),
    [(None, None, "PhoneNumber"), (" ", None, "PhoneNumber"), ("1" * 101, None, "PhoneNumber"), ("1", "DEU", "Iso")],
)
def test_what_names_no_number(number: str | None, country: str | None, member: str) -> None:
    with pytest.raises(Invalid, match=member):
        validate(NumberValidateRequest(phone_number=number, iso_country_code=country))
