"""Phone numbers looked up offline: kind, country, carrier, place. Source: spec of OTP and phone numbers, 3.

The data is that of the library `phonenumbers`: numbering plans and the carriers and places they were given out to.
Whether a number is in use, has moved to another carrier, or is prepaid, nobody can tell offline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from clarion.channels.phones import country_of
from clarion.core.errors import Invalid
from clarion.shapes.pinpoint import NumberValidateRequest, NumberValidateResponse

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

PhoneType = Literal["MOBILE", "LANDLINE", "VOIP", "INVALID", "OTHER", "PREPAID"]

CODES: Mapping[PhoneType, int] = {"MOBILE": 0, "LANDLINE": 1, "VOIP": 2, "INVALID": 3, "OTHER": 4, "PREPAID": 5}
LONGEST = 100
COUNTRYWIDE = "Countrywide"

_COUNTRY = re.compile(r"[A-Za-z]{2}")
_NANP = 1
_NANP_DIGITS = 10
_FICTION = re.compile(r"\d{3}55501\d{2}")
_LOCATED = ("MOBILE", "LANDLINE", "VOIP")
_TIMED = ("MOBILE", "LANDLINE", "OTHER")


def validate(asked: NumberValidateRequest) -> NumberValidateResponse:
    """What is known about a number; one that is none is `INVALID`. Raises Invalid for a request that names none."""
    text, country = (asked.phone_number or "").strip(), asked.iso_country_code or None
    if not text:
        raise Invalid("PhoneNumber: is required")
    if len(text) > LONGEST:
        raise Invalid(f"PhoneNumber: must be at most {LONGEST} characters")
    if country is not None and not _COUNTRY.fullmatch(country):
        raise Invalid("IsoCountryCode: must be a country of two letters, as in ISO 3166-1")
    number = _parsed(text, country)
    found = _unreadable(text) if number is None else _about(number)
    found.original_phone_number = asked.phone_number
    found.original_country_code_iso2 = country
    return found


def _parsed(text: str, country: str | None) -> PhoneNumber | None:
    """The number; one without country is read as one of the country that is named, else as if it began with `+`."""
    import phonenumbers

    digits = re.sub(r"[^0-9]", "", text)
    spelled = text if text.startswith("+") or country else f"+{digits}"
    try:
        return phonenumbers.parse(spelled, country.upper() if country else None)
    except phonenumbers.NumberParseException:
        return None


def _unreadable(text: str) -> NumberValidateResponse:
    """What is no number, and yet may begin like one of a country."""
    import phonenumbers

    digits = re.sub(r"[^0-9]", "", text)
    region = (country_of(digits) or None) if text.startswith("+") else None
    return NumberValidateResponse(
        phone_type="INVALID",
        phone_type_code=CODES["INVALID"],
        cleansed_phone_number_e164=f"+{digits}" if digits else None,
        country=_name_of(region) if region else None,
        country_code_iso2=region,
        country_code_numeric=str(phonenumbers.country_code_for_region(region)) if region else None,
    )


def _about(number: PhoneNumber) -> NumberValidateResponse:
    import phonenumbers
    from phonenumbers import carrier, geocoder

    kind = _kind(number)
    region = phonenumbers.region_code_for_number(number)
    if region is None and number.country_code is not None:
        region = phonenumbers.region_code_for_country_code(number.country_code)
    # 001 is the world, ZZ nobody.
    known = region if region not in ("001", "ZZ") else None
    country = None if known is None else _name_of(known)
    place = geocoder.description_for_number(number, "en") if kind in _LOCATED else None
    return NumberValidateResponse(
        phone_type=kind,
        phone_type_code=CODES[kind],
        cleansed_phone_number_e164=phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
        cleansed_phone_number_national=phonenumbers.national_significant_number(number),
        country=country,
        country_code_iso2=known,
        country_code_numeric=str(number.country_code),
        carrier=(carrier.name_for_number(number, "en") or None) if kind != "INVALID" else None,
        city=None if place is None else COUNTRYWIDE if place in ("", country) else place,
        timezone=_zone(number) if kind in _TIMED else None,
    )


@lru_cache(maxsize=512)
def _name_of(region: str) -> str | None:
    """A country's name in English."""
    import phonenumbers
    from phonenumbers import geocoder

    # The library tells it of a number only.
    example = phonenumbers.example_number(region)
    return (geocoder.country_name_for_number(example, "en") or None) if example is not None else None


def _kind(number: PhoneNumber) -> PhoneType:
    import phonenumbers
    from phonenumbers import PhoneNumberType

    national = phonenumbers.national_significant_number(number)
    if number.country_code == _NANP and len(national) == _NANP_DIGITS and _is_set_aside(number, national):
        return "OTHER"
    if not phonenumbers.is_valid_number(number):
        return "INVALID"
    kinds: Mapping[int, PhoneType] = {
        PhoneNumberType.MOBILE: "MOBILE",
        # North America does not tell them apart; most of what people are asked for is a mobile phone.
        PhoneNumberType.FIXED_LINE_OR_MOBILE: "MOBILE",
        PhoneNumberType.FIXED_LINE: "LANDLINE",
        PhoneNumberType.VOIP: "VOIP",
    }
    return kinds.get(phonenumbers.number_type(number), "OTHER")


def _is_set_aside(number: PhoneNumber, national: str) -> bool:
    """Of North America: numbers for films, and area codes that nobody has."""
    import phonenumbers

    return bool(_FICTION.fullmatch(national)) or not phonenumbers.is_valid_number(number)


def _zone(number: PhoneNumber) -> str | None:
    """The time zone, when there is but one."""
    from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_number

    zones = time_zones_for_number(number)
    return zones[0] if len(zones) == 1 and zones[0] != UNKNOWN_TIMEZONE else None
