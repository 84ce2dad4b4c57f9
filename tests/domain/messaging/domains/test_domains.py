"""Sending domains: whose mail is signed with what, and how keys come and go."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import dkim
import pytest

from clarion.channels.email import mime
from clarion.core.clock import from_ms
from clarion.core.errors import Conflict, Invalid, NotFound, Unavailable
from clarion.core.ids import SeededIds
from clarion.domain.messaging.domains import model, sealing, store
from clarion.domain.messaging.domains.model import Key
from clarion.domain.messaging.domains.service import Domains
from clarion.store import secrets
from clarion.store.vault import Vault
from tests.channels.letters import letter
from tests.domain.messaging.domains.conftest import Setup

AT_MS = 1_700_000_000_000


def signed(domains: Domains, sender: str = "shop@acme.test") -> bytes:
    mail = mime.build(letter(from_address=sender, unsubscribe_url="https://c.test/track/u/x"))
    return domains.sign(mail.domain, mail.content, AT_MS) + mail.content


def selectors(content: bytes) -> set[str]:
    return set(re.findall(r"\bs=([\w-]+);", content.decode().partition("\r\nMessage-ID")[0]))


def published(keys: Sequence[Key]) -> Callable[..., bytes | None]:
    there = {f"{key.selector}._domainkey.{key.domain}.".encode(): key.record.encode() for key in keys}
    return lambda name, timeout=5: there.get(name)


def states(setup: Setup) -> list[str]:
    return sorted(f"{key.algorithm} {key.state}" for key in setup.domains.get("acme.test")[1])


def test_mail_of_a_domain_is_signed_so_that_others_believe_it(setup: Setup) -> None:
    setup.domains.add("Acme.test.")
    row, keys = setup.domains.get("acme.test")
    assert row.name == "acme.test"
    assert [key.algorithm for key in keys] == ["ed25519", "rsa"]
    content = signed(setup.domains)
    assert selectors(content) == {key.selector for key in keys}
    rsa = [key for key in keys if key.algorithm == "rsa"]
    place = [algorithm.decode() for algorithm in re.findall(rb"a=(\w+)-sha256;", content)].index("rsa")
    assert dkim.DKIM(content).verify(idx=place, dnsfunc=published(rsa))
    assert not dkim.DKIM(content.replace(b"One-Click", b"Two-Click")).verify(idx=place, dnsfunc=published(rsa))
    fields = re.search(r"h=(.*?);", content.decode(), re.DOTALL)
    assert fields is not None
    assert {"list-unsubscribe", "list-unsubscribe-post", "from"} <= set(re.split(r"[:\s]+", fields[1]))


def test_subdomains_are_signed_by_the_nearest_domain_and_strangers_not_at_all(setup: Setup) -> None:
    setup.domains.add("acme.test")
    setup.domains.add("mail.acme.test")
    assert b"d=acme.test;" in signed(setup.domains, "a@news.acme.test")
    assert b"d=mail.acme.test;" in signed(setup.domains, "a@eu.mail.acme.test")
    assert b"DKIM-Signature" not in signed(setup.domains, "a@other.test")
    assert b"DKIM-Signature" not in signed(setup.domains, "a@notacme.test")


def test_keys_rotate_in_mid_campaign(setup: Setup) -> None:
    setup.domains.add("acme.test")
    before = selectors(signed(setup.domains))
    with pytest.raises(Conflict):
        setup.domains.rotate("acme.test")
    coming = setup.domains.prepare_rotation("acme.test")
    assert setup.domains.prepare_rotation("acme.test") == coming
    assert selectors(signed(setup.domains)) == before
    setup.domains.rotate("acme.test")
    after = selectors(signed(setup.domains))
    assert after == {key.selector for key in coming}
    assert not after & before
    assert states(setup) == ["ed25519 active", "ed25519 retiring", "rsa active", "rsa retiring"]
    setup.clock.move_to(from_ms(setup.clock.now_ms() + model.RETIRING_MS + 1))
    setup.domains.prepare_rotation("acme.test")
    assert states(setup) == ["ed25519 active", "ed25519 next", "rsa active", "rsa next"]


def test_another_process_sees_a_rotation_soon(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = {"seconds": 0.0}
    monkeypatch.setattr("clarion.domain.messaging.domains.service.perf_seconds", lambda: passed["seconds"])
    setup.domains.add("acme.test")
    other = setup.other_process()
    before = selectors(signed(other))
    setup.domains.prepare_rotation("acme.test")
    setup.domains.rotate("acme.test")
    other.now()
    assert selectors(signed(other)) == before
    passed["seconds"] = 3.0
    assert selectors(signed(other)) == before  # whoever signs does not ask the database
    other.now()
    assert selectors(signed(other)) == selectors(signed(setup.domains)) != before


def test_a_key_that_does_not_open_keeps_mail_back(setup: Setup) -> None:
    setup.domains.add("acme.test")
    strange = Domains(setup.database, Vault([b"x" * 32], SeededIds(3)), setup.clock, SeededIds(4))
    with pytest.raises(Unavailable, match="secrets_key"):
        signed(strange)
    with pytest.raises(Unavailable):
        signed(strange, "a@news.acme.test")
    assert b"DKIM-Signature" not in signed(strange, "a@other.test")
    assert set(strange.now().closed) == {"acme.test"}


def test_private_keys_are_sealed_and_can_be_sealed_anew(setup: Setup) -> None:
    setup.domains.add("acme.test")
    before = selectors(signed(setup.domains))
    for key in setup.database.read(store.all_keys):
        assert b"PRIVATE" not in key.sealed
        assert b"PRIVATE" in setup.vault.open(key.sealed, key.owner)
    own = setup.database.read(lambda connection: secrets.find(connection, "vault"))
    assert own is not None
    both = Vault([b"n" * 32, own], SeededIds(5))
    assert sealing.examine(setup.database, both)[:2] == (2, 2)
    assert sealing.reseal(setup.database, both)[:2] == (2, 2)
    assert sealing.examine(setup.database, both)[:2] == (2, 0)
    only = Domains(setup.database, Vault([b"n" * 32], SeededIds(6)), setup.clock, SeededIds(7))
    assert selectors(signed(only)) == before
    assert len(sealing.examine(setup.database, Vault([own], SeededIds(8))).closed) == 2


def test_a_domain_is_added_once_changed_and_removed(setup: Setup) -> None:
    setup.domains.add(
        "acme.test", bounce_domain="b.acme.test", tracking_url="c.acme.test", spf="v=spf1 ip4:192.0.2.1 -all"
    )
    with pytest.raises(Conflict):
        setup.domains.add("acme.test")
    row = setup.domains.update("acme.test", bounce_domain="")
    assert (row.bounce_domain, row.tracking_url, row.spf) == ("", "https://c.acme.test", "ip4:192.0.2.1")
    row = setup.domains.update("acme.test", tracking_url="http://127.0.0.1:8080/", bounce_domain="B2.acme.test")
    assert (row.bounce_domain, row.tracking_url) == ("b2.acme.test", "http://127.0.0.1:8080")
    assert setup.domains.is_bounce_domain("b2.acme.test")
    setup.domains.remove("acme.test")
    assert not setup.domains.is_bounce_domain("b2.acme.test")
    assert setup.database.read(store.every) == ([], [])
    for verb in (setup.domains.remove, setup.domains.get, setup.domains.rotate, setup.domains.prepare_rotation):
        with pytest.raises(NotFound):
            verb("acme.test")
    assert b"DKIM-Signature" not in signed(setup.domains)


@pytest.mark.parametrize(
    "name", ["", "acme", "a b.test", "-a.test", "acme..test", "x" * 64 + ".test", "a.test\r\nX: y"]
)
def test_what_is_no_domain_is_refused(setup: Setup, name: str) -> None:
    with pytest.raises(Invalid, match="Name: is not a domain name"):
        setup.domains.add(name)


@pytest.mark.parametrize(
    "given", ["ftp://c.test", "https://", "https://c.test/path", "https://c.test?x", "https://a@c.test", "https://c:x"]
)
def test_what_is_no_tracking_host_is_refused(setup: Setup, given: str) -> None:
    with pytest.raises(Invalid, match="TrackingUrl"):
        setup.domains.add("acme.test", tracking_url=given)


def test_an_international_domain_takes_its_other_form(setup: Setup) -> None:
    assert setup.domains.add("größe.test").name == "xn--gre-6ka8i.test"
