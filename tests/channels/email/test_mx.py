"""Sending straight to receivers: which server gets the mail, and what becomes of it when there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clarion.channels import catalog
from clarion.channels.email.mx.config import MxConfig, lane_of
from clarion.channels.email.mx.transport import PROVIDER
from clarion.core.errors import Invalid
from tests.channels.certificates import self_signed
from tests.channels.email.receivers import Records, bounce_of, internet, mail, mails, recipients
from tests.channels.letters import letter
from tests.channels.servers import Answer, Mailbox, mail_server, run


def zone(**domains: list[str]) -> Records:
    return {f"{name}.test": {"MX": values} for name, values in domains.items()}


def test_the_catalog_has_it() -> None:
    assert catalog.provider("email", "mx") is PROVIDER


def test_each_mail_goes_to_the_servers_of_its_domain() -> None:
    async def scenario() -> None:
        async with internet(zone(one=["10 mx.one.test."], two=["10 mx.two.test."])) as net:
            one, two = await net.host("mx.one.test"), await net.host("mx.two.test")
            net.address("bare.test")
            bare = await net.host("bare.test")
            transport = await net.transport()
            batch = mails("a@one.test", "b@two.test", "c@ONE.test", "d@bare.test", "nobody", "e@two.test")
            outcomes = await transport.send(batch)
        assert [outcome.status for outcome in outcomes] == ["sent"] * 4 + ["permanent", "sent"]
        assert sorted(recipients(one)) == ["a@one.test", "c@ONE.test"]
        assert sorted(recipients(two)) == ["b@two.test", "e@two.test"]
        assert recipients(bare) == ["d@bare.test"]
        assert "1 EHLO out.acme.test" in one.log

    run(scenario())


def test_domains_with_the_same_servers_share_connections_that_are_kept() -> None:
    async def scenario() -> None:
        hosts = ["10 mx.big.test."]
        async with internet(zone(one=hosts, two=hosts, three=hosts)) as net:
            big = await net.host("mx.big.test")
            transport = await net.transport(per_site=1)
            for _ in range(3):
                outcomes = await transport.send(mails("a@one.test", "b@two.test", "c@three.test"))
                assert [outcome.status for outcome in outcomes] == ["sent"] * 3
        assert len(big.received) == 9
        assert big.connections == 1

    run(scenario())


def test_better_hosts_come_first_and_the_next_one_when_they_fail() -> None:
    def away(step: str, argument: str, connection: int, message: int) -> Answer:
        return "421 4.3.2 not now" if step == "CONNECT" else None

    async def scenario() -> None:
        records = zone(one=["30 last.one.test.", "10 first.one.test.", "20 second.one.test."])
        async with internet(records) as net:
            net.address("first.one.test")  # nobody listens there
            second = await net.host("second.one.test", away)
            last = await net.host("last.one.test")
            outcomes = await (await net.transport(per_site=1)).send(mails("a@one.test"))
            assert [outcome.status for outcome in outcomes] == ["sent"]
        assert second.connections == 1
        assert recipients(last) == ["a@one.test"]

    run(scenario())


@pytest.mark.parametrize(
    ("records", "broken", "status", "kind", "code", "said"),
    [
        ({}, {}, "permanent", ("Transient", "General"), "5.1.2", "there is no such name"),
        (zone(one=["0 ."]), {}, "permanent", ("Permanent", "General"), "5.1.10", "takes no mail"),
        (zone(one=["5 gone.test."]), {}, "permanent", ("Transient", "General"), "5.4.4", "there is no such name"),
        ({"one.test": {}}, {}, "permanent", ("Transient", "General"), "5.4.4", "one.test has no address"),
        ({}, {"broken": ["one.test"]}, "temporary", ("Transient", "General"), "4.4.3", "have no answer"),
    ],
)
def test_mail_that_leads_nowhere(
    records: Records, broken: dict[str, Any], status: str, kind: tuple[str, str], code: str, said: str
) -> None:
    async def scenario() -> None:
        async with internet(records, **broken) as net:
            (outcome,) = await (await net.transport()).send(mails("a@one.test"))
        bounce = bounce_of(outcome)
        assert (outcome.status, outcome.blame) == (status, "message")
        assert (bounce.bounce_type, bounce.bounce_sub_type, bounce.status) == (*kind, code)
        assert said in outcome.detail

    run(scenario())


def test_a_name_server_that_is_away_is_nobodys_bounce(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.channels.email.names.LIFETIME_SECONDS", 0.3)

    async def scenario() -> None:
        async with internet(zone(one=["10 mx.one.test."]), silent=["one.test"]) as net:
            transport = await net.transport()
            assert transport._routes is not None
            transport._routes._names._resolver.lifetime = 0.3
            (outcome,) = await transport.send(mails("a@one.test"))
        assert (outcome.status, outcome.blame, outcome.events) == ("temporary", "provider", ())

    run(scenario())


@pytest.mark.parametrize("records", [zone(one=["10 OUT.acme.test."]), zone(one=["10 mx2.acme.test.", "20 x.test."])])
def test_mail_that_leads_back_to_us_is_refused(records: Records) -> None:
    async def scenario() -> None:
        async with internet(records) as net:
            transport = await net.transport(own_names="other.acme.test mx2.acme.test")
            (outcome,) = await transport.send(mails("a@one.test"))
        assert (outcome.status, outcome.events) == ("permanent", ())
        assert "loops back" in outcome.detail

    run(scenario())


def test_a_backup_of_somebody_else_sends_to_the_better_ones_only() -> None:
    async def scenario() -> None:
        async with internet(zone(one=["10 mx.one.test.", "20 out.acme.test.", "30 worse.test."])) as net:
            one, worse = await net.host("mx.one.test"), await net.host("worse.test")
            (outcome,) = await (await net.transport()).send(mails("a@one.test"))
            assert outcome.status == "sent"
        assert (len(one.received), worse.connections) == (1, 0)

    run(scenario())


def test_a_server_that_turns_out_to_be_us_is_a_loop() -> None:
    def ours(step: str, argument: str, connection: int, message: int) -> Answer:
        return "250 out.acme.test at your service" if step == "EHLO" else None

    async def scenario() -> None:
        async with internet(zone(one=["10 mx.one.test."])) as net:
            script = await net.host("mx.one.test", ours)
            (outcome,) = await (await net.transport()).send(mails("a@one.test"))
        assert (outcome.status, outcome.events) == ("permanent", ())
        assert "loops back" in outcome.detail
        assert script.received == []

    run(scenario())


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "0.0.0.0"])
def test_addresses_of_private_networks_are_not_connected_to(address: str) -> None:
    async def scenario() -> None:
        records = zone(one=["10 mx.one.test."])
        records["mx.one.test"] = {"A": [address]}
        async with internet(records) as net:
            (outcome,) = await (await net.transport(networks="")).send(mails("a@one.test"))
        assert outcome.status == "permanent"
        assert "not sent to" in outcome.detail
        assert bounce_of(outcome).bounce_type == "Undetermined"

    run(scenario())


@pytest.mark.parametrize(("tls", "encrypted"), [("opportunistic", True), ("require", True), ("verify", False)])
def test_what_is_encrypted_and_whose_certificate_counts(tmp_path: Path, tls: str, encrypted: bool) -> None:
    """The server's certificate is good for nothing but itself: only `verify` minds."""

    async def scenario() -> None:
        context, _ = self_signed(tmp_path, "elsewhere.test")
        mailbox = Mailbox()
        async with internet(zone(one=["10 mx.one.test."])) as net:
            address = net.address("mx.one.test")
            await net.enter(mail_server(mailbox, tls=context, host=address, port=net.port))
            (outcome,) = await (await net.transport(tls=tls)).send(mails("a@one.test"))
        assert outcome.status == ("sent" if encrypted else "temporary"), outcome
        assert [one.encrypted for one in mailbox.received] == ([True] if encrypted else [])

    run(scenario())


def test_a_certificate_for_the_host_is_believed(tmp_path: Path) -> None:
    async def scenario() -> None:
        context, authorities = self_signed(tmp_path, "mx.one.test")
        mailbox = Mailbox()
        async with internet(zone(one=["10 mx.one.test."])) as net:
            address = net.address("mx.one.test")
            await net.enter(mail_server(mailbox, tls=context, host=address, port=net.port))
            transport = await net.transport(sites="one.test tls=verify", authorities=authorities)
            (outcome,) = await transport.send(mails("a@one.test"))
        assert outcome.status == "sent"
        assert [one.encrypted for one in mailbox.received] == [True]

    run(scenario())


def test_a_server_whose_tls_is_broken_gets_its_mail_without(tmp_path: Path) -> None:
    def garbled(step: str, argument: str, connection: int, message: int) -> Answer:
        return "220 go ahead\r\nthis is no handshake" if step == "STARTTLS" else None

    async def scenario() -> None:
        async with internet(zone(one=["10 mx.one.test."])) as net:
            script = await net.host("mx.one.test", garbled, extensions=("STARTTLS",))
            transport = await net.transport(timeout_seconds=5)
            outcomes = await transport.send(mails("a@one.test"))
            assert [outcome.status for outcome in outcomes] == ["sent"]
            insisting = await net.transport(tls="require", timeout_seconds=5)
            (outcome,) = await insisting.send(mails("b@one.test"))
        assert outcome.status == "temporary"
        assert recipients(script) == ["a@one.test"]

    run(scenario())


def test_who_insists_on_encryption_sends_nothing_in_the_clear() -> None:
    async def scenario() -> None:
        async with internet(zone(one=["10 mx.one.test."])) as net:
            script = await net.host("mx.one.test")
            (outcome,) = await (await net.transport(tls="require")).send(mails("a@one.test"))
        assert (outcome.status, outcome.blame) == ("temporary", "message")
        assert "offers no TLS" in outcome.detail
        assert script.received == []

    run(scenario())


@pytest.mark.parametrize(
    ("member", "given"),
    [
        ("tls", {"tls": "always"}),
        ("per_site", {"per_site": 0}),
        ("port", {"port": 70_000}),
        ("networks", {"networks": "10.0.0.1/8"}),
        ("sites", {"sites": "google.com connections=0"}),
        ("sites", {"sites": "google.com rate=fast"}),
        ("sites", {"sites": "google.com tls=perhaps"}),
        ("rate_per_site", {"rate_per_site": -1}),
    ],
)
def test_what_cannot_be_meant_is_named(member: str, given: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=rf"^{member}: "):
        MxConfig(**given).check()


def test_limits_are_found_by_host_and_by_domain() -> None:
    config = MxConfig(sites="l.google.com connections=20 rate=2.5; bank.test tls=verify", per_site=3)
    assert config.limits("acme.test", ["aspmx.l.google.com"]) == (20, 2.5, "opportunistic")
    assert config.limits("eu.bank.test", ["mx.bank.example"]) == (3, 0, "verify")
    assert config.limits("other.test", ["mx.google.com"]) == (10, 0, "opportunistic")
    assert config.limits("other.test", ["mx.other.test"]) == (3, 0, "opportunistic")
    assert config.limits("gooogle.com", ["notgoogle.com"]) == (3, 0, "opportunistic")


def test_large_receivers_have_a_lane_of_their_own() -> None:
    config = MxConfig(sites="bank.test rate=1")
    assert lane_of(config, mail("a@gmail.com")) == lane_of(config, mail("A <a@GoogleMail.com>")) == "google"
    assert lane_of(config, mail("a@eu.bank.test")) == "bank.test"
    assert lane_of(config, letter(to_address="nobody")) == lane_of(config, mail("a@acme.test")) == ""


def test_asking_whether_it_can_work() -> None:
    async def scenario() -> None:
        async with internet({"out.acme.test": {"A": ["192.0.2.1"]}}) as net:
            known = await (await net.transport()).check()
            unknown = await (await net.transport(name="nobody.test")).check()
        assert [(one.level, "192.0.2.1" in one.text) for one in known] == [("ok", True)]
        assert [one.level for one in unknown] == ["warning"]

    run(scenario())
