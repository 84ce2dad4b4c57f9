"""The time zone of an endpoint: the one it names, or those that its phone number or postal code leave possible. Pure.

Estimated is only where the endpoint names no zone that exists, by the methods that the journey allows, and only from
zones of the endpoint's `Location.Country`. Methods that find several zones, or different ones, leave all of them.
Source: spec of journeys, 7.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from clarion.domain.audience.model import Endpoint
from clarion.domain.journeys.sending.postal_codes import FORMS, ZONES
from clarion.domain.messaging.quiet import zone_of

PHONE_NUMBER, POSTAL_CODE = "PHONE_NUMBER", "POSTAL_CODE"

_PHONE_CHANNELS = frozenset({"SMS", "VOICE"})
_PHONE = re.compile(r"\+?[\d\s().-]{6,24}", re.ASCII)


class Zones(NamedTuple):
    """The names of an endpoint's possible time zones, sorted; () when none can be told."""

    zones: tuple[str, ...]
    estimated: bool = False


NOWHERE = Zones(())


def zones_of(endpoint: Endpoint, methods: Collection[str] = ()) -> Zones:
    """The zones of an endpoint; `methods` are the journey's TimezoneEstimationMethods."""
    named = endpoint.demographic.timezone if endpoint.demographic else ""
    if zone_of(named) is not None:
        return Zones((named,))
    country = (endpoint.location.country if endpoint.location else "").strip().upper()
    if not methods or not country:
        return NOWHERE
    found: set[str] = set()
    if PHONE_NUMBER in methods and (endpoint.channel_type in _PHONE_CHANNELS or endpoint.address.startswith("+")):
        found.update(of_phone_number(country, endpoint.address))
    if POSTAL_CODE in methods and endpoint.location is not None:
        found.update(of_postal_code(country, endpoint.location.postal_code))
    return Zones(tuple(sorted(found)), estimated=True) if found else NOWHERE


@lru_cache(maxsize=16_384)
def of_phone_number(country: str, address: str) -> tuple[str, ...]:
    """The zones of a country in which a phone number may be, by its area code; () for what is no number of it."""
    if not _PHONE.fullmatch(address.strip()):
        return ()
    # Loaded when first needed: its tables are large, and few journeys estimate.
    import phonenumbers
    from phonenumbers.timezone import time_zones_for_number

    try:
        number = phonenumbers.parse(address, country)
    except phonenumbers.NumberParseException:
        return ()
    return _within(country, time_zones_for_number(number))


@lru_cache(maxsize=16_384)
def of_postal_code(country: str, code: str) -> tuple[str, ...]:
    """The zones of a country that a postal code leaves possible; () for a code, or a country, that we do not know."""
    form = FORMS.get(country)
    plain = re.sub(r"[\s-]", "", code).upper()
    if form is None or not form.fullmatch(plain):
        return ()
    prefixes = ZONES[country]
    return _within(country, next(prefixes[plain[:n]] for n in range(len(plain), -1, -1) if plain[:n] in prefixes))


@cache
def country_zones() -> Mapping[str, frozenset[str]]:
    """The zones of each country, by its code in ISO 3166-1; out of the time zone database."""
    found: dict[str, set[str]] = {}
    for line in (files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found.setdefault(country, set()).add(zone)
    return {country: frozenset(zones) for country, zones in found.items()}


def _within(country: str, zones: Collection[str]) -> tuple[str, ...]:
    return tuple(sorted(country_zones().get(country, frozenset()) & set(zones)))
