"""The SMTP transport against a relay that behaves, and its settings."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path
from typing import Any

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from clarion.channels.email.dkim import DkimKey, DkimSigner
from clarion.channels.email.relay import Relay
from clarion.channels.email.smtp import SmtpTransport
from clarion.channels.port import Bounce, Outcome
from clarion.core.errors import Invalid
from clarion.core.settings import Settings
from tests.channels.certificates import self_signed
from tests.channels.letters import letter
from tests.channels.servers import Answer, Mailbox, Script, check_password, mail_server, run


def deliver(server: dict[str, Any], relay: dict[str, Any], **changes: Any) -> tuple[Outcome, Mailbox]:
    """Send one letter to an aiosmtpd with these options."""

    async def scenario() -> tuple[Outcome, Mailbox]:
        mailbox = Mailbox()
        async with mail_server(mailbox, **server) as port:
            transport = SmtpTransport(Relay(host="localhost", port=port, timeout_seconds=5, **relay))
            await transport.open()
            (outcome,) = await transport.send([letter(**changes)])
            await transport.close()
        return outcome, mailbox

    return run(scenario())


def test_the_answer_is_kept() -> None:
    outcome, mailbox = deliver({}, {"tls": "none"})
    assert outcome == Outcome("sent", response="250 2.0.0 queued as 1")
    assert (mailbox.received[0].sender, mailbox.received[0].recipient) == ("shop@acme.test", "lea@example.com")


@pytest.mark.parametrize("mode", ["starttls", "tls"])
def test_a_certificate_nobody_vouches_for_is_refused(mode: str, tmp_path: Path) -> None:
    tls, _ = self_signed(tmp_path)
    outcome, mailbox = deliver({"tls": tls, "implicit": mode == "tls"}, {"tls": mode})
    assert outcome.status == "temporary"
    assert "certificate verify failed" in outcome.detail
    assert not outcome.events
    assert not mailbox.received


def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    tls, authorities = self_signed(tmp_path, "elsewhere.test")
    outcome, mailbox = deliver({"tls": tls}, {"tls": "starttls", "authorities": authorities})
    assert outcome.status == "temporary"
    assert "ostname mismatch" in outcome.detail
    assert not mailbox.received


def test_required_encryption_that_is_not_offered() -> None:
    outcome, mailbox = deliver({}, {"tls": "starttls"})
    assert outcome.status == "temporary"
    assert "STARTTLS" in outcome.detail
    assert not mailbox.received


def test_implicit_tls_to_a_server_that_speaks_plainly() -> None:
    outcome, _ = deliver({}, {"tls": "tls"})
    assert outcome.status == "temporary"


def test_a_wrong_password_bounces_nobody(tmp_path: Path) -> None:
    tls, authorities = self_signed(tmp_path)
    outcome, mailbox = deliver(
        {"tls": tls, "authenticator": check_password, "auth_required": True},
        {"tls": "starttls", "authorities": authorities, "username": "lea", "password": "wrong"},
    )
    assert outcome.status == "temporary"
    assert "535" in outcome.detail
    assert not outcome.events
    assert not mailbox.received


def test_a_missing_password_bounces_nobody(tmp_path: Path) -> None:
    tls, _ = self_signed(tmp_path)
    outcome, _ = deliver({"tls": tls, "authenticator": check_password, "auth_required": True}, {"tls": "opportunistic"})
    assert outcome.status == "temporary"
    assert outcome.response.startswith("530")
    assert not outcome.events


def test_a_password_in_the_clear_must_be_asked_for() -> None:
    server = {"authenticator": check_password, "auth_require_tls": False}
    account = {"username": "lea", "password": "secret"}
    outcome, mailbox = deliver(server, {"tls": "none", **account})
    assert outcome.status == "sent"
    outcome, mailbox = deliver(server, {"tls": "opportunistic", **account})
    assert outcome.status == "temporary"
    assert "password was not sent" in outcome.detail
    assert not mailbox.received


def test_a_login_where_none_is_offered() -> None:
    outcome, _ = deliver({}, {"tls": "none", "username": "lea", "password": "secret"})
    assert outcome.status == "temporary"
    assert "AUTH" in outcome.detail


def test_a_message_over_the_relays_limit() -> None:
    outcome, mailbox = deliver({"data_size_limit": 2000}, {"tls": "none"}, text="word\n" * 1000)
    assert outcome.status == "permanent"
    (bounce,) = outcome.events
    assert isinstance(bounce, Bounce)
    assert (bounce.bounce_type, bounce.bounce_sub_type) == ("Transient", "MessageTooLarge")
    assert not mailbox.received


def test_eight_bit_raw_messages_are_announced() -> None:
    raw = "Subject: hi\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n".encode()

    async def scenario() -> Script:
        script = Script(lambda *_: None, extensions=("8BITMIME", "SIZE 100000"))
        async with script.serve() as port:
            transport = SmtpTransport(Relay(host="127.0.0.1", port=port, tls="none"))
            await transport.open()
            await transport.send([letter(raw=raw), letter()])
            await transport.close()
        return script

    first, second = sorted(run(scenario()).received, key=lambda mail: len(mail.sender), reverse=True)
    assert first.sender.endswith("BODY=8BITMIME")
    assert "Grüße".encode() in first.content
    assert second.sender == f"FROM:<shop@acme.test> SIZE={len(second.content)}"


def test_a_server_without_ehlo() -> None:
    def answer(step: str, *_: Any) -> Answer:
        return "502 what?" if step == "EHLO" else None

    async def scenario() -> tuple[Outcome, Script]:
        script = Script(answer)
        async with script.serve() as port:
            transport = SmtpTransport(Relay(host="127.0.0.1", port=port, greeting="mail.acme.test"))
            await transport.open()
            (outcome,) = await transport.send([letter()])
            await transport.close()
        return outcome, script

    outcome, script = run(scenario())
    assert outcome.status == "sent"
    assert "1 HELO mail.acme.test" in script.log


def test_megabytes_go_through() -> None:
    outcome, mailbox = deliver({}, {"tls": "none"}, text="0123456789 " * 5_000 + "\n" + ("x" * 900 + "\n") * 5_000)
    assert outcome.status == "sent"
    assert len(mailbox.received[0].content) > 4_500_000


def test_the_feedback_address_is_the_envelope_sender() -> None:
    _, mailbox = deliver({}, {"tls": "none"}, return_path="feedback@acme.test")
    assert mailbox.received[0].sender == "feedback@acme.test"


def test_signed_mail_arrives_with_a_valid_signature() -> None:
    private = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key = DkimKey("acme.test", "s1", private)

    async def scenario() -> Mailbox:
        mailbox = Mailbox()
        async with mail_server(mailbox) as port:
            relay = Relay(host="127.0.0.1", port=port)
            transport = SmtpTransport(relay, signer=DkimSigner([key]))
            await transport.open()
            at_ms = 1_700_000_000_000
            own = letter(subject="Größe", text=".\n..\n", sent_at_ms=at_ms, return_path="bounces@elsewhere.test")
            other = letter(from_address="x@elsewhere.test", to_address="max@example.com", sent_at_ms=at_ms)
            await transport.send([own, other])
            await transport.close()
        return mailbox

    by_recipient = {mail.recipient: mail.content for mail in run(scenario()).received}
    signed = by_recipient["lea@example.com"]
    assert dkim.DKIM(signed).verify(dnsfunc=lambda name, timeout=5: key.record().encode())
    assert b"DKIM-Signature" not in by_recipient["max@example.com"]


def test_connections_are_kept_and_counted() -> None:
    async def scenario() -> Script:
        script = Script(lambda *_: None)
        async with script.serve() as port:
            transport = SmtpTransport(Relay(host="127.0.0.1", port=port), connections=4)
            await transport.open()
            for _ in range(5):
                await asyncio.gather(*(transport.send([letter()] * 10) for _ in range(3)))
            await transport.close()
        return script

    script = run(scenario())
    assert len(script.received) == 150
    assert script.most_open <= 4
    assert script.connections <= 4
    assert sum(" QUIT" in line for line in script.log) == script.connections


def test_cancelling_leaves_the_transport_fit_for_use() -> None:
    reached = asyncio.Event()

    def answer(step: str, argument: str, connection: int, message: int) -> Answer:
        if step == "RCPT" and connection == 1:
            reached.set()
            return "\r\n".join(["250-slow"] * 2)  # an answer that never ends
        return None

    async def scenario() -> tuple[list[Outcome], Script]:
        script = Script(answer)
        async with script.serve() as port:
            transport = SmtpTransport(Relay(host="127.0.0.1", port=port), connections=1)
            await transport.open()
            first = asyncio.create_task(transport.send([letter()]))
            await reached.wait()
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            outcomes = await transport.send([letter()])
            await transport.close()
        return outcomes, script

    outcomes, script = run(scenario())
    assert [outcome.status for outcome in outcomes] == ["sent"]
    assert script.connections == 2


def test_the_relay_is_built_from_settings() -> None:
    settings = Settings(
        smtp_host="mail.acme.test", smtp_port=465, smtp_tls="tls", smtp_username="lea", smtp_password="secret",
        smtp_timeout_seconds=7, public_url="https://clarion.acme.test:8443/x",
    )  # fmt: skip
    relay = Relay.from_settings(settings)
    assert relay == Relay(
        host="mail.acme.test", port=465, tls="tls", username="lea", password="secret", timeout_seconds=7,
        greeting="clarion.acme.test",
    )  # fmt: skip
    context = relay.context()
    assert context is not None
    assert context.verify_mode == ssl.CERT_REQUIRED


def test_an_unknown_tls_mode_is_refused() -> None:
    with pytest.raises(Invalid, match="smtp_tls must be one of none, opportunistic, starttls, tls"):
        Relay.from_settings(Settings(smtp_tls="ssl"))
