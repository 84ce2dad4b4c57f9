"""E-mail by SES: requests by boto3 against moto's server, and against a service on loopback that answers as told."""

from __future__ import annotations

import base64
import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from clarion.channels import catalog
from clarion.channels.email import mime
from clarion.channels.email.ses import PROVIDER, SesConfig
from clarion.channels.email.ses_sending import SesTransport
from clarion.channels.port import EmailOutgoing, Outcome, Rejection
from clarion.channels.provider import Finding, Surroundings
from clarion.core.clock import VirtualClock
from clarion.core.errors import Invalid
from clarion.core.ids import SeededIds
from clarion.core.settings import Settings
from tests.channels.letters import letter
from tests.channels.servers import run
from tests.channels.sms.rest import Asked, Misbehaviour, Reply, Rest

TOPIC = "arn:aws:sns:eu-central-1:000000000001:mails"


def build(url: str, **config: Any) -> SesTransport:
    made = SesConfig(**{"region": "eu-central-1", **config})
    made.check()
    settings = dataclasses.replace(
        Settings(), ses_endpoint_url=url, callout_access_key_id="AKID", callout_secret_access_key="not-shown"
    )
    given = Surroundings(name="ses", settings=settings, clock=VirtualClock(), ids=SeededIds())
    transport = PROVIDER.build(made, given)
    assert isinstance(transport, SesTransport)
    return transport


async def through(transport: SesTransport, *messages: EmailOutgoing) -> list[Outcome]:
    await transport.open()
    try:
        return await transport.send(messages)
    finally:
        await transport.close()


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def test_the_catalog_has_it() -> None:
    assert catalog.provider("email", "ses") is PROVIDER


def test_mail_is_taken_as_it_is_once_its_sender_is_verified(moto: str) -> None:
    """By moto's SES, driven by boto3."""
    mail = letter(to_address="lea@example.com", text="Grüße")
    (refused,) = run(through(build(moto), mail))
    assert refused.status == "permanent"
    assert refused.detail.startswith("MessageRejected ")
    client = boto3.client(
        "sesv2",
        endpoint_url=moto,
        region_name="eu-central-1",
        aws_access_key_id="AKID",
        aws_secret_access_key="not-shown",
    )
    client.create_email_identity(EmailIdentity="acme.test")
    outcomes = run(through(build(moto), mail, letter(message_id="m2", to_address="nobody")))
    assert [outcome.status for outcome in outcomes] == ["sent", "permanent"]
    assert outcomes[0].provider_message_id
    assert outcomes[0].response == f"250 {outcomes[0].provider_message_id}"


def taken(asked: Asked) -> Reply:
    return Reply(200, {"MessageId": "ses-1"})


def wrong(code: str, message: str = "No.", status: int = 400) -> Reply:
    return Reply(status, {"message": message}, {"x-amzn-errortype": code})


def told(answer: Reply | Misbehaviour, **config: Any) -> tuple[Outcome, Rest]:
    async def scenario() -> tuple[Outcome, Rest]:
        rest = Rest(lambda asked: answer)
        async with rest.serve() as url:
            (outcome,) = await through(build(url, **config), letter())
        return outcome, rest

    return run(scenario())


def test_what_is_asked_for() -> None:
    async def scenario() -> None:
        rest = Rest(taken)
        mail = letter(return_path="b+x@b.test")
        async with rest.serve() as url:
            arn = "arn:aws:ses:eu-central-1:000000000001:identity/acme.test"
            (outcome,) = await through(build(url, configuration_set="main", identity=arn), mail)
        assert outcome == Outcome("sent", response="250 ses-1", provider_message_id="ses-1")
        (asked,) = rest.asked
        assert (asked.method, asked.path) == ("POST", "/v2/email/outbound-emails")
        assert "Credential=AKID/" in asked.headers["authorization"]
        body = json.loads(asked.body)
        assert base64.b64decode(body.pop("Content")["Raw"]["Data"]) == mime.build(mail).content
        assert body == {
            "FromEmailAddressIdentityArn": arn,
            "Destination": {"ToAddresses": ["lea@example.com"]},
            "ConfigurationSetName": "main",
            "EmailTags": [
                {"Name": "clarion-app", "Value": mail.app_id},
                {"Name": "clarion-message", "Value": mail.message_id},
            ],
        }

    run(scenario())


@pytest.mark.parametrize(
    ("reply", "status", "blame", "uncertain"),
    [
        (wrong("TooManyRequestsException", status=429), "throttled", "provider", False),
        (wrong("LimitExceededException"), "throttled", "provider", False),
        (wrong("ThrottlingException"), "throttled", "provider", False),
        (wrong("AccountSuspendedException"), "temporary", "credentials", False),
        (wrong("SendingPausedException"), "temporary", "credentials", False),
        (wrong("MailFromDomainNotVerifiedException"), "temporary", "credentials", False),
        (wrong("AccessDeniedException", status=403), "temporary", "credentials", False),
        (wrong("ExpiredTokenException", status=403), "temporary", "credentials", False),
        (wrong("MessageRejected", "Email address is not verified."), "temporary", "credentials", False),
        (wrong("MessageRejected", "Too many recipients"), "permanent", "message", False),
        (wrong("BadRequestException", "Missing final '@domain'"), "permanent", "message", False),
        (wrong("NotFoundException", "no configuration set", 404), "temporary", "provider", False),
        (wrong("InternalFailure", status=500), "temporary", "provider", False),
        (wrong("ServiceUnavailable", status=503), "temporary", "provider", False),
        (Reply(200, {}), "temporary", "provider", True),
        (Reply(200, b"<html>"), "temporary", "provider", True),
        ("reset", "temporary", "provider", True),
        ("half", "temporary", "provider", True),
        ("garbage", "temporary", "provider", True),
    ],
)
def test_what_an_answer_means(reply: Reply | Misbehaviour, status: str, blame: str, uncertain: bool) -> None:
    outcome, rest = told(reply)
    assert (outcome.status, outcome.blame, outcome.uncertain) == (status, blame, uncertain), outcome
    assert len(rest.asked) == 1  # boto3 does not try again by itself
    assert "not-shown" not in outcome.detail


def test_bad_content_is_a_rejection() -> None:
    outcome, _ = told(wrong("MessageRejected", "Bad content"))
    assert (outcome.status, outcome.events) == ("permanent", (Rejection(),))


def test_silence_is_uncertain() -> None:
    outcome, _ = told("hang", timeout_seconds=1)
    assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", True)


def test_nobody_there_is_certain() -> None:
    (outcome,) = run(through(build("http://127.0.0.1:1"), letter()))
    assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", False)


def test_once_not_let_in_the_rest_is_not_tried() -> None:
    async def scenario() -> None:
        rest = Rest(lambda asked: wrong("AccountSuspendedException"))
        async with rest.serve() as url:
            batch = [letter(message_id=f"m{number}") for number in range(50)]
            outcomes = await through(build(url, connections=2), *batch)
        assert {(outcome.status, outcome.blame) for outcome in outcomes} == {("temporary", "credentials")}
        assert len(rest.asked) <= 4
        assert rest.most_open <= 2

    run(scenario())


@pytest.mark.parametrize(
    ("answer", "levels"),
    [
        (Reply(200, {"SendingEnabled": True, "ProductionAccessEnabled": True}), ["ok"]),
        (Reply(200, {"SendingEnabled": False, "ProductionAccessEnabled": False}), ["ok", "error", "warning"]),
        (wrong("AccessDeniedException", status=403), ["error"]),
    ],
)
def test_asking_whether_it_lets_us_in(answer: Reply, levels: list[str]) -> None:
    async def scenario() -> list[Finding]:
        async with Rest(lambda asked: answer).serve() as url:
            transport = build(url, topic=TOPIC)
            found = list(await transport.check())
            await transport.close()
        return found

    assert [finding.level for finding in run(scenario())] == levels


@pytest.mark.parametrize(
    "given",
    [
        {"region": "Frankfurt"},
        {"configuration_set": "a b"},
        {"topic": "mails"},
        {"connections": 0},
        {"timeout_seconds": 0},
    ],
)
def test_what_cannot_be_meant_is_named(given: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=rf"^{next(iter(given))}: "):
        SesConfig(**given).check()
