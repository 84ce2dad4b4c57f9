"""Domains that insist on encryption by MTA-STS (RFC 8461): their policies, and what mail to them needs then."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from clarion.channels.email.mx import sts
from clarion.channels.email.mx.sts import Policy, parse
from clarion.channels.email.mx.transport import MxTransport
from clarion.channels.port import Outcome
from tests.channels.certificates import self_signed
from tests.channels.email.receivers import Internet, Records, bounce_of, internet, mails
from tests.channels.servers import Mailbox, mail_server, run, turns

ENFORCED = "version: STSv1\r\nmode: enforce\r\nmx: mx.one.test\r\nmax_age: 86400\r\n"


class Web:
    """Serves a policy, or what it is told to."""

    def __init__(self, policy: str) -> None:
        self.policy = policy
        self.status = "200 OK"
        self.asked = 0
        self.port = 0

    @asynccontextmanager
    async def serve(self, tls: ssl.SSLContext, host: str) -> AsyncIterator[None]:
        writers: list[asyncio.StreamWriter] = []

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writers.append(writer)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"GET /.well-known/mta-sts.txt HTTP/1.0\r\nHost: mta-sts.one.test\r\n")
            self.asked += 1
            writer.write(f"HTTP/1.1 {self.status}\r\nContent-Type: text/plain\r\n\r\n{self.policy}".encode())
            writer.close()

        server = await asyncio.start_server(connected, host, 0, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield
        finally:
            server.close()
            for writer in writers:
                writer.transport.abort()  # whoever does not say goodbye
            await turns()


class Setup:
    """one.test with a mail server, encrypted under a name of its own choice, and a web server with its policy."""

    def __init__(self, net: Internet, transport: MxTransport, web: Web, mailbox: Mailbox) -> None:
        self.net, self.transport, self.web, self.mailbox = net, transport, web, mailbox

    async def send(self) -> Outcome:
        (outcome,) = await self.transport.send(mails("a@one.test"))
        # Whether somebody is left alone is not what these tests are about.
        for site in self.transport._sites.values():
            site._rests_until = 0.0
        return outcome

    def say(self, id: str) -> None:
        self.net.records["_mta-sts.one.test"] = {"TXT": [f'"v=STSv1; id={id};"']}
        assert self.transport._routes is not None
        self.transport._routes._names._resolver.cache.flush()  # type: ignore[union-attr]


@asynccontextmanager
async def setup(
    folder: Path, *, policy: str = ENFORCED, mx: str = "mx.one.test", web: str = "mta-sts.one.test"
) -> AsyncIterator[Setup]:
    records: Records = {"one.test": {"MX": ["10 mx.one.test."]}}
    mail_tls, mail_authority = self_signed(folder, mx)
    web_tls, web_authority = self_signed(folder, web)
    both = folder / "both.pem"
    both.write_text(Path(mail_authority).read_text() + Path(web_authority).read_text())
    async with internet(records) as net:
        mailbox, site = Mailbox(), Web(policy)
        await net.enter(mail_server(mailbox, tls=mail_tls, host=net.address("mx.one.test"), port=net.port))
        await net.enter(site.serve(web_tls, net.address("mta-sts.one.test")))
        transport = await net.transport(authorities=str(both))
        assert transport._policies is not None
        transport._policies._port = site.port
        made = Setup(net, transport, site, mailbox)
        made.say("1")
        yield made


def test_a_domain_that_insists_gets_its_mail_with_a_good_certificate(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with setup(tmp_path) as made:
            assert [(await made.send()).status for _ in range(3)] == ["sent"] * 3
            assert made.web.asked == 1
            assert all(mail.encrypted for mail in made.mailbox.received)
            made.say("2")
            assert (await made.send()).status == "sent"
            assert made.web.asked == 2

    run(scenario())


def test_only_so_many_policies_are_kept_however_long_they_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sts, "_MOST_KEPT", 4)

    async def scenario() -> None:
        async with setup(tmp_path) as made:
            policies = made.transport._policies
            assert policies is not None

            async def get(host: str) -> str:
                return ENFORCED

            monkeypatch.setattr(policies, "_get", get)
            for number in range(9):
                made.net.records[f"_mta-sts.d{number}.test"] = {"TXT": ['"v=STSv1; id=1;"']}
                found = await policies.of(f"d{number}.test")
                assert found is not None
                assert found.enforced
                assert len(policies._kept) <= 4
            assert "d8.test" in policies._kept

    run(scenario())


def test_and_gets_none_with_a_bad_one(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with setup(tmp_path, mx="elsewhere.test") as made:
            outcome = await made.send()
            assert (outcome.status, outcome.blame) == ("temporary", "message")
            assert made.mailbox.received == []

    run(scenario())


def test_nor_at_hosts_that_it_does_not_name(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with setup(tmp_path, policy=ENFORCED.replace("mx.one.test", "*.other.test")) as made:
            outcome = await made.send()
            assert (outcome.status, bounce_of(outcome).status) == ("temporary", "4.7.0")
            assert "MTA-STS" in outcome.detail
            assert made.mailbox.received == []

    run(scenario())


@pytest.mark.parametrize("mode", ["testing", "none"])
def test_who_does_not_insist_yet_gets_it_as_ever(tmp_path: Path, mode: str) -> None:
    async def scenario() -> None:
        async with setup(tmp_path, policy=ENFORCED.replace("enforce", mode), mx="elsewhere.test") as made:
            assert (await made.send()).status == "sent"

    run(scenario())


@pytest.mark.parametrize("wrong", ["certificate", "status", "content", "length"])
def test_a_policy_that_cannot_be_had_is_none(tmp_path: Path, wrong: str) -> None:
    async def scenario() -> None:
        web = "elsewhere-too.test" if wrong == "certificate" else "mta-sts.one.test"
        async with setup(tmp_path, mx="elsewhere.test", web=web) as made:
            if wrong == "status":
                made.web.status = "301 Moved\r\nLocation: https://mta-sts.one.test/"
            if wrong == "content":
                made.web.policy = "<html>"
            if wrong == "length":
                made.web.policy = ENFORCED + "x" * 70_000
            assert (await made.send()).status == "sent"

    run(scenario())


def test_a_policy_that_was_seen_holds_although_it_is_hidden(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with setup(tmp_path, mx="elsewhere.test") as made:
            assert (await made.send()).status == "temporary"
            made.web.status = "404 Not Found"
            made.say("2")
            assert [(await made.send()).status for _ in range(3)] == ["temporary"] * 3
            assert made.web.asked == 2  # and it is not asked for over and over
            made.net.records["_mta-sts.one.test"] = {}
            assert (await made.send()).status == "temporary"

    run(scenario())


def test_what_a_policy_says() -> None:
    found = parse("version: STSv1\nmode: enforce\nmx: MX.one.test.\nmx: *.two.test\nmax_age: 99999999999"[:-1])
    assert found == Policy(True, ("mx.one.test", "*.two.test"), 31_557_600.0)
    assert [found.allows(host) for host in ("mx.one.test", "a.two.test", "two.test", "a.b.two.test", "x")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "version: STSv2\nmode: none\nmax_age: 1",
        "version: STSv1\nmode: perhaps\nmx: a\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmax_age: 1",
        "version: STSv1\nmode: enforce\nmx: a\nmax_age: soon",
    ],
)
def test_what_is_no_policy(text: str) -> None:
    with pytest.raises(ValueError, match=r"it|mode"):
        parse(text)
