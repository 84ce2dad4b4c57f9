"""Time zones of endpoints: their own, and those estimated from phone numbers and postal codes."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from clarion.domain.audience.model import Demographic, Endpoint, Location
from clarion.domain.journeys.sending.postal_codes import FORMS, ZONES
from clarion.domain.journeys.sending.zones import Zones, country_zones, of_phone_number, of_postal_code, zones_of

PHONE, POST = "PHONE_NUMBER", "POSTAL_CODE"
BOTH = (PHONE, POST)


def endpoint(
    address: str = "", country: str = "", postal_code: str = "", *, zone: str = "", channel: str = "SMS"
) -> Endpoint:
    return Endpoint(
        id="e",
        channel_type=channel,
        address=address,
        demographic=Demographic(timezone=zone),
        location=Location(country=country, postal_code=postal_code),
    )


def test_the_zone_that_an_endpoint_names_is_its_zone() -> None:
    named = endpoint("+12025550123", "US", "90001", zone="Europe/Berlin")
    assert zones_of(named, BOTH) == Zones(("Europe/Berlin",))
    assert zones_of(Endpoint(id="e")) == zones_of(Endpoint(id="e"), BOTH) == Zones(())


def test_a_zone_that_does_not_exist_is_none() -> None:
    odd = endpoint("+12025550123", "US", zone="Mars/Olympus")
    assert zones_of(odd) == Zones(())
    assert zones_of(odd, [PHONE]) == Zones(("America/New_York",), True)


@pytest.mark.parametrize(
    ("country", "address", "zones"),
    [
        ("US", "+12025550123", ["America/New_York"]),
        ("us", "(202) 555-0123", ["America/New_York"]),
        ("US", "+14805550100", ["America/Phoenix"]),
        ("CA", "+16135550100", ["America/Toronto"]),
        ("GB", "+447911123456", ["Europe/London"]),
        ("ES", "+34928000000", ["Atlantic/Canary"]),
        ("DE", "0176 12345678", ["Europe/Berlin"]),
        # Outside the country, unknown, or no number at all.
        ("CA", "+12025550123", []),
        ("", "+12025550123", []),
        ("ZZ", "+12025550123", []),
        ("US", "+1", []),
        ("US", "", []),
        ("US", "lea@acme.test", []),
        ("US", "+99999999999", []),
    ],
)
def test_phone_numbers(country: str, address: str, zones: list[str]) -> None:
    found = zones_of(endpoint(address, country), BOTH)
    assert found == Zones(tuple(zones), bool(zones))
    assert zones_of(endpoint(address, country), [POST]) == Zones(())


def test_a_number_without_a_place_may_be_in_any_zone_of_its_country() -> None:
    zones = of_phone_number("US", "+18005550123")
    assert {"America/New_York", "Pacific/Honolulu"} <= set(zones) <= country_zones()["US"]


@pytest.mark.parametrize(("channel", "known"), [("SMS", True), ("VOICE", True), ("GCM", False)])
def test_digits_are_a_number_only_where_messages_go_to_numbers(channel: str, known: bool) -> None:
    assert bool(zones_of(endpoint("2025550123", "US", channel=channel), [PHONE]).zones) == known


@pytest.mark.parametrize(
    ("country", "code", "zones"),
    [
        ("US", "10001", ["America/New_York"]),
        ("US", "10001-0001", ["America/New_York"]),
        ("US", "60601", ["America/Chicago"]),
        ("US", "80202", ["America/Denver"]),
        ("US", "85001", ["America/Phoenix"]),
        ("US", "90001", ["America/Los_Angeles"]),
        ("US", "96801", ["Pacific/Honolulu"]),
        ("US", "99546", ["America/Adak"]),
        ("US", "32401", ["America/Chicago", "America/New_York"]),
        ("US", "32501", ["America/Chicago"]),
        ("US", "42101", ["America/Chicago"]),
        ("US", "00901", []),  # Puerto Rico is a country of its own here
        ("US", "09012", []),  # forces' post
        ("US", "1000", []),
        ("US", "", []),
        ("GB", "SW1A 1AA", ["Europe/London"]),
        ("gb", "m1 1ae", ["Europe/London"]),
        ("GB", "JE2 3AB", []),
        ("GB", "12345", []),
        ("AU", "2000", ["Australia/Sydney"]),
        ("AU", "2600", ["Australia/Sydney"]),
        ("AU", "2880", ["Australia/Broken_Hill"]),
        ("AU", "0800", ["Australia/Darwin"]),
        ("AU", "4000", ["Australia/Brisbane"]),
        ("AU", "6000", ["Australia/Perth"]),
        ("AU", "6798", []),
        ("NZ", "6011", ["Pacific/Auckland"]),
        ("NZ", "8942", ["Pacific/Chatham"]),
        ("CA", "K1A 0B1", ["America/Toronto"]),
        ("CA", "V6B 1A1", ["America/Vancouver"]),
        ("CA", "A1C 5M2", ["America/St_Johns"]),
        ("CA", "S4P 3Y2", ["America/Regina"]),
        ("CA", "P9N", ["America/Winnipeg"]),
        ("FR", "75001", ["Europe/Paris"]),
        ("FR", "97400", []),
        ("IT", "00118", ["Europe/Rome"]),
        ("IT", "47890", []),
        ("ES", "28001", ["Europe/Madrid"]),
        ("ES", "35001", ["Atlantic/Canary"]),
        ("ES", "51001", ["Africa/Ceuta"]),
        ("DE", "10115", ["Europe/Berlin"]),
        ("DE", "78266", ["Europe/Busingen"]),
        ("JP", "100-0001", []),
    ],
)
def test_postal_codes(country: str, code: str, zones: list[str]) -> None:
    found = zones_of(endpoint("lea@acme.test", country, code, channel="EMAIL"), BOTH)
    assert found == Zones(tuple(zones), bool(zones))
    assert zones_of(endpoint("lea@acme.test", country, code, channel="EMAIL"), [PHONE]) == Zones(())


def test_methods_that_disagree_leave_both_possible() -> None:
    moved = endpoint("+12025550123", "US", "90001")
    assert zones_of(moved, BOTH).zones == ("America/Los_Angeles", "America/New_York")
    assert zones_of(moved, [POST]).zones == ("America/Los_Angeles",)


def test_the_table_names_zones_of_its_countries_only() -> None:
    assert set(ZONES) == set(FORMS) == {"US", "GB", "AU", "NZ", "CA", "FR", "IT", "ES", "DE"}
    for country, prefixes in ZONES.items():
        for prefix, zones in prefixes.items():
            assert zones <= country_zones()[country], (country, prefix)
            assert prefix.isalnum() or not prefix


def test_every_zone_of_a_country_can_be_found_but_an_island_of_two_hotels() -> None:
    for country, prefixes in ZONES.items():
        missing = country_zones()[country] - frozenset().union(*prefixes.values())
        assert missing <= {"Australia/Lindeman"}


@pytest.mark.parametrize("state", ["New_York 070", "Chicago 750", "Denver 590", "Los_Angeles 980"])
def test_zip_prefixes_cover_their_states(state: str) -> None:
    zone, prefix = state.split()
    assert of_postal_code("US", f"{prefix}01") == (f"America/{zone}",)


def test_zones_of_countries_exist() -> None:
    assert all(ZoneInfo(zone) for zones in country_zones().values() for zone in zones)
    assert len(country_zones()) > 200
