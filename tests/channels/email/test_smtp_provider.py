"""A relay as a provider: what can be configured, whose fault a failure is, and asking it whether it lets us in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clarion.channels import catalog
from clarion.channels.email.dkim import Signer
from clarion.channels.email.smtp import PROVIDER, SmtpConfig, SmtpTransport
from clarion.channels.port import Outcome
from clarion.channels.provider import Finding, Surroundings
from clarion.core.clock import VirtualClock
from clarion.core.errors import Invalid
from clarion.core.ids import SeededIds
from clarion.core.settings import Settings
from tests.channels.certificates import self_signed
from tests.channels.letters import letter
from tests.channels.servers import Answer, Mailbox, Script, check_password, mail_server, run


class Stamp:
    """A signer whose signature is easy to see."""

    def sign(self, domain: str, content: bytes, at_ms: int) -> bytes:
        return f"X-Signed-For: {domain}\r\n".encode()


def build(config: SmtpConfig, signer: Signer | None = None) -> SmtpTransport:
    config.check()
    given = Surroundings(name="main", settings=Settings(), clock=VirtualClock(), ids=SeededIds(), signer=signer)
    transport = PROVIDER.build(config, given)
    assert isinstance(transport, SmtpTransport)
    return transport


def test_the_catalog_has_it() -> None:
    assert catalog.provider("email", "smtp") is PROVIDER


@pytest.mark.parametrize(
    ("member", "given"),
    [
        ("host", {"host": ""}),
        ("host", {"host": "mail.test\r\nRSET"}),
        ("port", {"port": 0}),
        ("tls", {"tls": "ssl"}),
        ("password", {"username": "lea"}),
        ("connections", {"connections": 0}),
        ("timeout_seconds", {"timeout_seconds": 0}),
    ],
)
def test_what_cannot_be_meant_is_named(member: str, given: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=rf"^{member}: "):
        SmtpConfig(**{"host": "mail.test", **given}).check()


def test_the_password_is_not_shown() -> None:
    config = SmtpConfig(host="mail.test", username="lea", password="hush")
    assert "hush" not in repr(config)
    assert SmtpConfig.SECRET == ("password",)


def test_mail_goes_out_encrypted_logged_in_and_signed(tmp_path: Path) -> None:
    async def scenario() -> None:
        tls, authorities = self_signed(tmp_path)
        mailbox = Mailbox()
        async with mail_server(mailbox, tls=tls, authenticator=check_password, auth_required=True) as port:
            config = SmtpConfig(
                host="localhost", port=port, tls="starttls", username="lea", password="secret", authorities=authorities
            )
            transport = build(config, Stamp())
            await transport.open()
            assert await transport.check() == [Finding("ok", f"localhost:{port} answers and lets us in")]
            outcomes = await transport.send([letter()])
            await transport.close()
        assert [outcome.status for outcome in outcomes] == ["sent"]
        (mail,) = mailbox.received
        assert mail.encrypted
        assert mail.content.startswith(b"X-Signed-For: acme.test\r\n")

    run(scenario())


def told(config: SmtpConfig) -> tuple[Outcome, list[Finding]]:
    async def scenario() -> tuple[Outcome, list[Finding]]:
        transport = build(config)
        await transport.open()
        (outcome,) = await transport.send([letter()])
        found = await transport.check()
        await transport.close()
        return outcome, list(found)

    return run(scenario())


def test_a_wrong_password_is_the_credentials_fault(tmp_path: Path) -> None:
    async def scenario() -> None:
        tls, authorities = self_signed(tmp_path)
        async with mail_server(Mailbox(), tls=tls, authenticator=check_password, auth_required=True) as port:
            config = SmtpConfig(
                host="localhost", port=port, tls="starttls", username="lea", password="stolen", authorities=authorities
            )
            transport = build(config)
            await transport.open()
            (outcome,) = await transport.send([letter()])
            (finding,) = await transport.check()
            await transport.close()
        assert (outcome.status, outcome.blame, outcome.events) == ("temporary", "credentials", ())
        assert finding.level == "error"
        assert "stolen" not in outcome.detail + finding.text

    run(scenario())


def test_a_relay_that_is_not_there_is_the_providers_fault() -> None:
    outcome, (finding,) = told(SmtpConfig(host="127.0.0.1", port=1))
    assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", False)
    assert finding.level == "error"
    assert "127.0.0.1:1" in finding.text


def test_a_certificate_of_somebody_else_is_the_providers_fault(tmp_path: Path) -> None:
    async def scenario() -> None:
        tls, _ = self_signed(tmp_path)
        async with mail_server(Mailbox(), tls=tls) as port:
            transport = build(SmtpConfig(host="localhost", port=port, tls="starttls"))
            await transport.open()
            (outcome,) = await transport.send([letter()])
            await transport.close()
        assert (outcome.status, outcome.blame) == ("temporary", "provider")
        assert "certificate" in outcome.detail

    run(scenario())


@pytest.mark.parametrize(
    ("step", "line", "status", "blame"),
    [
        ("CONNECT", "421 4.3.2 busy", "throttled", "provider"),
        ("CONNECT", "554 5.7.1 go away", "temporary", "provider"),
        ("MAIL", "530 5.7.0 authentication required", "temporary", "credentials"),
        ("MAIL", "451 4.7.1 sending rate exceeded", "throttled", "provider"),
        ("RCPT", "450 4.2.1 receives mail too fast", "throttled", "message"),
        ("RCPT", "450 4.2.0 greylisted", "temporary", "message"),
        ("CONTENT", "452 4.3.1 too many messages", "throttled", "provider"),
    ],
)
def test_whose_fault_an_answer_is(step: str, line: str, status: str, blame: str) -> None:
    def answer(at: str, argument: str, connection: int, message: int) -> Answer:
        return line if at == step else None

    async def scenario() -> Outcome:
        async with Script(answer).serve() as port:
            transport = build(SmtpConfig(host="127.0.0.1", port=port))
            await transport.open()
            (outcome,) = await transport.send([letter()])
            await transport.close()
        return outcome

    outcome = run(scenario())
    assert (outcome.status, outcome.blame) == (status, blame)


def test_a_relay_without_encryption_is_a_warning() -> None:
    async def scenario() -> None:
        async with mail_server(Mailbox()) as port:
            transport = build(SmtpConfig(host="127.0.0.1", port=port))
            assert [finding.level for finding in await transport.check()] == ["warning"]
            plain = build(SmtpConfig(host="127.0.0.1", port=port, tls="none"))
            assert [finding.level for finding in await plain.check()] == ["ok"]

    run(scenario())


@pytest.mark.parametrize(
    ("sender", "identity"),
    [("shop@Acme.Test", "acme.test"), ('"Acme @ home" <shop@acme.test>', "acme.test"), ("nobody", "nobody")],
)
def test_each_sending_domain_has_a_lane_of_its_own(sender: str, identity: str) -> None:
    message = letter(from_address=sender)
    assert PROVIDER.identity(SmtpConfig(host="x"), message) == identity
