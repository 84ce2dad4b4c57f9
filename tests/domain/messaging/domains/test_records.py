"""What is to be published for a sending domain, and whether DNS has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from clarion.channels.email.names import Names
from clarion.domain.messaging.domains import checking, records
from clarion.domain.messaging.domains.checking import Looked
from clarion.domain.messaging.domains.records import Place, Record
from tests.channels.servers import run
from tests.channels.zones import Zone
from tests.domain.messaging.domains.conftest import Setup

PLACE = Place("clarion.test", "")
Zones = dict[str, dict[str, Sequence[str]]]


def wanted(setup: Setup, place: Place = PLACE, **given: str) -> list[Record]:
    setup.domains.add("acme.test", **given)
    row, keys = setup.domains.get("acme.test")
    return records.to_publish(row, keys, place)


def everything(setup: Setup) -> list[Record]:
    return wanted(setup, bounce_domain="b.acme.test", tracking_url="c.acme.test", spf="ip4:192.0.2.1")


def zone(found: Sequence[Record]) -> Zones:
    """The records published."""
    made: Zones = {"clarion.test": {"A": ["192.0.2.7"]}}
    for one in found:
        parts = [one.value[start : start + 255] for start in range(0, len(one.value), 255)]
        value = " ".join(f'"{part}"' for part in parts) if one.type == "TXT" else f"{one.value}."
        made.setdefault(one.name, {})[one.type] = [value]
    return made


def look(
    found: Sequence[Record], published: Mapping[str, Mapping[str, Sequence[str]]], **options: Sequence[str]
) -> list[Looked]:
    async def scenario() -> list[Looked]:
        async with Zone(published, **options).serve() as servers:
            return await checking.look(Names(servers, lifetime_seconds=0.5), found)

    return run(scenario())


def verdicts(looked: Sequence[Looked]) -> dict[str, str]:
    return {one.record.name + " " + one.record.type: one.verdict for one in looked if one.record.purpose != "DKIM"}


def test_all_that_mail_needs(setup: Setup) -> None:
    found = everything(setup)
    assert [(one.purpose, one.type) for one in found] == [
        ("DKIM", "TXT"),
        ("DKIM", "TXT"),
        ("SPF", "TXT"),
        ("DMARC", "TXT"),
        ("MX", "MX"),
        ("tracking", "CNAME"),
    ]
    assert all(one.name.endswith("._domainkey.acme.test") for one in found[:2])
    assert {one.value.partition("p=")[0] for one in found[:2]} == {"v=DKIM1; k=rsa; ", "v=DKIM1; k=ed25519; "}
    assert [(one.name, one.value) for one in found[2:]] == [
        ("b.acme.test", "v=spf1 ip4:192.0.2.1 ~all"),
        ("_dmarc.acme.test", "v=DMARC1; p=none; rua=mailto:postmaster@acme.test"),
        ("b.acme.test", "10 clarion.test"),
        ("c.acme.test", "clarion.test"),
    ]


def test_what_the_settings_have_counts_where_the_domain_has_nothing(setup: Setup) -> None:
    found = wanted(setup, Place("clarion.test", "bounces.test"))
    assert [(one.purpose, one.name) for one in found[2:]] == [
        ("SPF", "bounces.test"),
        ("DMARC", "_dmarc.acme.test"),
        ("MX", "bounces.test"),
    ]
    assert records.SPF_HINT in found[2].value


def test_all_is_well_when_all_is_published(setup: Setup) -> None:
    found = everything(setup)
    assert [one.verdict for one in look(found, zone(found))] == ["ok"] * 6


def test_what_is_not_there_is_missing(setup: Setup) -> None:
    found = everything(setup)
    assert [one.verdict for one in look(found, {"acme.test": {}})] == ["missing"] * 6


def test_what_is_there_instead_is_told(setup: Setup) -> None:
    found = everything(setup)
    there = zone(found)
    there[found[0].name]["TXT"] = ['"v=DKIM1; k=rsa; p=AAAA"']
    there[found[1].name]["TXT"] = [*there[found[1].name]["TXT"], '"v=DKIM1; p="']
    there["b.acme.test"] = {"TXT": ['"v=spf1 -all"'], "MX": ["10 elsewhere.test."]}
    there["_dmarc.acme.test"] = {"TXT": ['"v=DMARC1; p=perhaps"']}
    there["c.acme.test"] = {"CNAME": ["elsewhere.test."]}
    looked = look(found, there)
    assert [one.verdict for one in looked] == ["wrong"] * 6
    assert [one.found for one in looked] == [
        "v=DKIM1; k=rsa; p=AAAA",
        "2 records",
        "v=spf1 -all",
        "v=DMARC1; p=perhaps",
        "elsewhere.test",
        "elsewhere.test",
    ]


def test_two_spf_records_are_as_bad_as_none(setup: Setup) -> None:
    found = everything(setup)
    there = zone(found)
    there["b.acme.test"]["TXT"] = ['"v=spf1 ip4:192.0.2.1 ~all"', '"v=spf1 -all"']
    assert verdicts(look(found, there))["b.acme.test TXT"] == "wrong"


@pytest.mark.parametrize(("address", "verdict"), [("192.0.2.7", "ok"), ("192.0.2.8", "wrong")])
def test_a_tracking_host_may_have_the_address_itself(setup: Setup, address: str, verdict: str) -> None:
    found = everything(setup)
    there = zone(found)
    there["c.acme.test"] = {"A": [address]}
    assert verdicts(look(found, there))["c.acme.test CNAME"] == verdict


def test_what_nobody_could_say_is_unknown(setup: Setup) -> None:
    found = everything(setup)
    looked = look(found, zone(found), silent=["_dmarc.acme.test"], broken=["b.acme.test"])
    assert verdicts(looked) == {
        "b.acme.test TXT": "unknown",
        "_dmarc.acme.test TXT": "unknown",
        "b.acme.test MX": "unknown",
        "c.acme.test CNAME": "ok",
    }
    assert all(one.found for one in looked if one.verdict == "unknown")


def test_a_retiring_key_may_be_missing_and_a_next_one_not(setup: Setup) -> None:
    everything(setup)
    setup.domains.prepare_rotation("acme.test")
    row, keys = setup.domains.get("acme.test")
    assert all(one.needed for one in records.to_publish(row, keys, PLACE))
    setup.domains.rotate("acme.test")
    row, keys = setup.domains.get("acme.test")
    dkim = [one for one in records.to_publish(row, keys, PLACE) if one.purpose == "DKIM"]
    assert sorted(one.needed for one in dkim) == [False, False, True, True]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "https://[2001:db8::1]", "http://localhost:8080", ""])
def test_nothing_leads_to_a_server_without_a_name_in_dns(setup: Setup, url: str) -> None:
    found = wanted(setup, Place.at(url, ""), bounce_domain="b.acme.test", tracking_url="c.acme.test")
    assert {one.purpose for one in found} == {"DKIM", "SPF", "DMARC"}
    assert Place.at("https://Clarion.test:8443", " B.acme.test. ") == Place("clarion.test", "b.acme.test")
