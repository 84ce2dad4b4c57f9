"""APNs: how Apple lets us in and on which conditions, what it is asked, and what the check finds out."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from clarion.channels.catalog import provider
from clarion.channels.port import Gone
from clarion.channels.provider import Surroundings
from clarion.channels.push.configs import ApnsConfig
from clarion.channels.push.notification import Notification
from clarion.channels.push.services.jwt import RENEWED_SECONDS, ProviderToken
from clarion.core.clock import SystemClock, VirtualClock
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from tests import credentials
from tests.channels.push.authority import Authority, authority
from tests.channels.push.fake import Answer, Asked, Hang, PushService, Reply
from tests.channels.push.scenes import apns, certificate_config, message, running, token_config
from tests.channels.servers import run

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


def claims(bearer: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token whose signature is the key's, verified as Apple does it."""
    head, body, signature = bearer.removeprefix("bearer ").split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    assert len(raw) == 64
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    credentials.ec_key().public_key().verify(der, f"{head}.{body}".encode(), ec.ECDSA(hashes.SHA256()))
    return tuple(json.loads(base64.urlsafe_b64decode(part + "==")) for part in (head, body))  # type: ignore[return-value]


def test_a_request_is_what_apple_documents(tmp_path: Path) -> None:
    async def scenario() -> None:
        service = PushService()
        async with running(service, apns, tmp_path) as transport:
            said = Notification(title="T", body="B", collapse="sale", time_to_live=60)
            sent = message("APNS", 0xABC, said=said, message_id="0123456789abcdef0123456789abcdef")
            (outcome,) = await transport.send([sent])
            assert outcome.status == "sent"
            (asked,) = service.asked
            assert asked.path == f"/3/device/{0xABC:064x}"
            assert asked.body == sent.payload
            wanted = {
                ":method": "POST",
                "apns-topic": "com.acme.shop",
                "apns-push-type": "alert",
                "apns-priority": "10",
                "apns-expiration": "1800000060",
                "apns-collapse-id": "sale",
                "apns-id": "01234567-89ab-cdef-0123-456789abcdef",
            }
            assert {name: asked.headers.get(name) for name in wanted} == wanted
            header, body = claims(asked.headers["authorization"])
            assert header == {"alg": "ES256", "kid": "KEY1234567"}
            assert body["iss"] == "ABCDE12345"
            assert 0 <= SystemClock().now_ms() // 1_000 - body["iat"] < 3_600

    run(scenario())


def test_a_message_that_comes_again_has_the_same_id(tmp_path: Path) -> None:
    async def scenario() -> None:
        service = PushService()
        async with running(service, apns, tmp_path) as transport:
            await transport.send([message("APNS", 1)])
            await transport.send([message("APNS", 1), message("APNS", 2, message_id="not-ours")])
            ids = [asked.headers.get("apns-id") for asked in service.asked]
            assert ids[0] == ids[1] == "00000000-0000-0000-0000-000000000001"
            assert ids[2] is None

    run(scenario())


@pytest.mark.parametrize(
    ("service", "push_type", "bundle_id", "topic"),
    [
        ("APNS", "alert", "com.acme.shop", "com.acme.shop"),
        ("APNS_SANDBOX", "background", "com.acme.shop", "com.acme.shop"),
        ("APNS_VOIP", "voip", "com.acme.shop", "com.acme.shop.voip"),
        ("APNS_VOIP_SANDBOX", "voip", "com.acme.shop.voip", "com.acme.shop.voip"),
        ("APNS", "complication", "com.acme.shop", "com.acme.shop.complication"),
        ("APNS", "fileprovider", "com.acme.shop", "com.acme.shop.pushkit.fileprovider"),
        ("APNS", "mdm", "com.acme.shop", "com.acme.shop"),
    ],
)
def test_the_topic_is_the_bundle_with_what_the_type_wants(
    tmp_path: Path, service: str, push_type: str, bundle_id: str, topic: str
) -> None:
    async def scenario() -> None:
        fake = PushService()
        config = msgspec.structs.replace(token_config(), bundle_id=bundle_id)
        async with running(fake, apns, tmp_path, config=config, service=service) as transport:
            await transport.send([message(service, said=Notification(body="B", push_type=push_type))])
            assert (fake.asked[0].headers["apns-topic"], fake.asked[0].headers["apns-push-type"]) == (topic, push_type)

    run(scenario())


def test_a_token_is_the_same_in_every_process_and_never_an_hour_old() -> None:
    def made() -> ProviderToken:
        return ProviderToken(team_id="T", key_id="K", pem=credentials.pem(credentials.ec_key()))

    ours, theirs = made(), made()
    tokens = set()
    start = 1_800_000_000
    for second in range(start, start + 4 * RENEWED_SECONDS, 300):
        token = ours.current(second * 1_000)
        assert token == theirs.current(second * 1_000)
        assert 0 < second - claims(token)[1]["iat"] < 3_600
        tokens.add(token)
    assert 4 <= len(tokens) <= 5


def test_a_token_made_out_of_turn_is_kept_for_20_minutes() -> None:
    token = ProviderToken(team_id="T", key_id="K", pem=credentials.pem(credentials.ec_key()))
    turn = 1_800_000_000 - 1_800_000_000 % RENEWED_SECONDS + RENEWED_SECONDS
    late = turn + RENEWED_SECONDS
    refused = token.current((late - 60) * 1_000)
    fresh = token.instead_of(refused, (late - 60) * 1_000)
    assert fresh not in (None, refused)
    for second in range(late, late + 1_140, 60):
        assert token.current(second * 1_000) == fresh
    assert token.current((late + 1_200) * 1_000) not in (fresh, refused)


def test_a_connection_shows_that_it_is_let_in_before_it_goes_wide(tmp_path: Path) -> None:
    async def scenario() -> None:
        service = PushService(first_alone=True)
        async with running(service, apns, tmp_path) as transport:
            outcomes = await transport.send([message("APNS", number) for number in range(200)])
            assert {one.status for one in outcomes} == {"sent"}
            assert service.connections == 1
            assert service.widest > 1

    run(scenario())


def test_who_waits_for_the_first_is_not_lost_with_it(tmp_path: Path) -> None:
    async def scenario() -> None:
        answers: list[Answer] = [Reply(), Hang()]
        service = PushService(lambda asked: answers.pop() if answers else Reply())
        async with running(service, apns, tmp_path) as transport:
            first = asyncio.ensure_future(transport.send([message("APNS")]))
            await service.until(lambda: len(service.asked) == 1)
            others = asyncio.ensure_future(transport.send([message("APNS", number) for number in range(1, 20)]))
            await asyncio.sleep(0)
            first.cancel()
            assert {one.status for one in await others} == {"sent"}

    run(scenario())


def test_a_foreign_key_does_not_pass_our_check() -> None:
    other = ProviderToken(team_id="T", key_id="K", pem=credentials.pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(InvalidSignature):
        claims(other.current(1_800_000_000_000))


def test_an_expired_token_is_renewed_in_the_middle_of_a_batch_once(tmp_path: Path) -> None:
    clock = VirtualClock(NOON)
    refused: list[str] = []

    def answer(asked: Asked) -> Answer:
        if asked.headers["authorization"] in refused:
            return Reply(403, '{"reason":"ExpiredProviderToken"}')
        return Reply()

    async def scenario() -> None:
        service = PushService(answer)
        async with running(service, apns, tmp_path, clock=clock, in_flight=10) as transport:
            assert [one.status for one in await transport.send([message("APNS")])] == ["sent"]
            refused.append(service.asked[0].headers["authorization"])
            outcomes = await transport.send([message("APNS", number) for number in range(60)])
            assert {one.status for one in outcomes} == {"sent"}
            shown = {asked.headers["authorization"] for asked in service.asked}
            assert len(shown) == 2
            # Refused again at once: Apple would call a third one an update too many.
            refused.extend(shown)
            outcomes = await transport.send([message("APNS", number) for number in range(60)])
            assert {(one.status, one.blame) for one in outcomes} == {("temporary", "credentials")}
            assert {asked.headers["authorization"] for asked in service.asked} == shown
            # And 20 minutes later it may be tried.
            clock.move_to(NOON + timedelta(minutes=21))
            (outcome,) = await transport.send([message("APNS")])
            assert outcome.status == "sent"

    run(scenario())


def test_a_certificate_is_shown_and_names_the_topic(tmp_path: Path) -> None:
    async def scenario() -> None:
        context = authority().server(tmp_path)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=authority().pem)
        service = PushService()
        async with service.serve(context) as url:
            transport = apns(url, certificate_config(topic="com.acme.till"))
            await transport.open()
            (outcome,) = await transport.send([message("APNS")])
            await transport.close()
        assert outcome.status == "sent"
        (asked,) = service.asked
        assert asked.certificate is not None
        assert asked.headers["apns-topic"] == "com.acme.till"
        assert "authorization" not in asked.headers

    run(scenario())


@pytest.mark.parametrize("which", ["expired", "of others"])
def test_a_certificate_that_is_refused_costs_no_message(tmp_path: Path, which: str) -> None:
    certificate, key = authority().client(days=-1) if which == "expired" else Authority("Others").client()

    async def scenario() -> None:
        context = authority().server(tmp_path)
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=authority().pem)
        service = PushService()
        async with service.serve(context) as url:
            transport = apns(url, ApnsConfig(certificate=certificate, private_key=key))
            await transport.open()
            outcomes = await transport.send([message("APNS", number) for number in range(20)])
            await transport.close()
        assert {(one.status, one.blame, one.uncertain) for one in outcomes} == {("temporary", "credentials", False)}
        assert "client certificate" in outcomes[0].detail
        assert service.asked == []

    run(scenario())


def test_a_message_chooses_how_to_sign_in_and_nothing_stands_in(tmp_path: Path) -> None:
    both = msgspec.structs.replace(
        token_config(),
        default_authentication_method="CERTIFICATE",
        certificate=certificate_config().certificate,
        private_key=certificate_config().private_key,
    )
    certificate, key = authority().client()
    both = msgspec.structs.replace(both, certificate=certificate, private_key=key)

    async def scenario() -> None:
        service = PushService()
        async with running(service, apns, tmp_path, config=both) as transport:
            batch = [message("APNS", n, method=method) for n, method in enumerate(("", "TOKEN", "KEY", "CERTIFICATE"))]
            assert {one.status for one in await transport.send(batch)} == {"sent"}
            shown = {asked.path[-1]: "authorization" in asked.headers for asked in service.asked}
            assert shown == {"0": False, "1": True, "2": True, "3": False}
        async with running(service, apns, tmp_path) as transport:
            outcomes = await transport.send([message("APNS", 7, method="CERTIFICATE"), message("APNS", 8)])
            assert [(one.status, one.blame) for one in outcomes] == [("permanent", "message"), ("sent", "message")]

    run(scenario())


def test_credentials_refused_for_one_way_do_not_stop_the_other(tmp_path: Path) -> None:
    certificate, key = authority().client()
    both = msgspec.structs.replace(token_config(), certificate=certificate, private_key=key)

    def answer(asked: Asked) -> Answer:
        return Reply(403, '{"reason":"InvalidProviderToken"}') if "authorization" in asked.headers else Reply()

    async def scenario() -> None:
        async with running(PushService(answer), apns, tmp_path, config=both, in_flight=1) as transport:
            methods = ("TOKEN", "CERTIFICATE", "TOKEN", "CERTIFICATE")
            outcomes = await transport.send([message("APNS", n, method=one) for n, one in enumerate(methods)])
            assert [one.status for one in outcomes] == ["temporary", "sent", "temporary", "sent"]

    run(scenario())


MALFORMED = [
    "",
    "xyz",
    "ab" * 32 + "\r\nx-evil: 1",
    "../../3/device/" + "a" * 64,
    "a" * 63,
    "%0d%0a",
    "ab?x=1",
    "é" * 64,
    "a" * 5_000,
]


@pytest.mark.parametrize("token", MALFORMED)
def test_a_malformed_token_is_dead_and_never_asked_about(tmp_path: Path, token: str) -> None:
    async def scenario() -> None:
        service = PushService()
        async with running(service, apns, tmp_path) as transport:
            bad, good = await transport.send([message("APNS", to_address=token), message("APNS", 2)])
            assert bad.status == "permanent"
            assert isinstance(bad.events[0], Gone)
            assert "BadDeviceToken" in bad.detail
            assert good.status == "sent"
            assert len(service.asked) == 1

    run(scenario())


def test_no_header_can_be_smuggled_in(tmp_path: Path) -> None:
    async def scenario() -> None:
        service = PushService()
        async with running(service, apns, tmp_path) as transport:
            evil = message("APNS", 1, headers=[("apns-collapse-id", "a\r\nx-evil: 1")])
            worse = message("APNS", 2, headers=[("apns-collapse-id\r\nx-evil", "1")])
            outcomes = await transport.send([evil, worse, message("APNS", 3)])
            assert [one.status for one in outcomes] == ["permanent", "permanent", "sent"]
            assert "evil" not in outcomes[0].detail
            assert [asked.path[-1] for asked in service.asked] == ["3"]
            assert "x-evil" not in service.asked[0].headers

    run(scenario())


def findings(tmp_path: Path, answer: Any, config: ApnsConfig, service: str = "APNS") -> list[tuple[str, str]]:
    async def scenario() -> list[tuple[str, str]]:
        async with running(
            PushService(answer), apns, tmp_path, config=config, service=service, clock=VirtualClock(NOON)
        ) as transport:
            return [(found.level, found.text) for found in await transport.check()]

    return run(scenario())


def test_the_check_finds_a_good_key_by_a_notification_to_nobody(tmp_path: Path) -> None:
    asked: list[Asked] = []

    def answer(one: Asked) -> Answer:
        asked.append(one)
        return Reply(400, '{"reason":"BadDeviceToken"}')

    assert findings(tmp_path, answer, token_config()) == [
        ("ok", "Apple lets us in by key KEY1234567 of team ABCDE12345")
    ]
    assert asked[0].path == "/3/device/" + "0" * 64
    assert findings(tmp_path, answer, token_config(), "APNS_VOIP")[0][0] == "ok"
    assert (asked[1].headers["apns-topic"], asked[1].headers["apns-push-type"]) == ("com.acme.shop.voip", "voip")


def test_the_check_finds_a_key_that_is_refused(tmp_path: Path) -> None:
    found = findings(tmp_path, lambda asked: Reply(403, '{"reason":"InvalidProviderToken"}'), token_config())
    assert found == [("error", "by key KEY1234567 of team ABCDE12345: 403 InvalidProviderToken")]


@pytest.mark.parametrize(
    ("days", "environments", "service", "expected"),
    [
        (300, "both", "APNS", [("ok", "the certificate is good until 2027-09-27")]),
        (29, "both", "APNS", [("warning", "the certificate expires on 2026-12-30")]),
        (-1, "both", "APNS", [("error", "the certificate expired on 2026-11-30")]),
        (
            300,
            "sandbox",
            "APNS_VOIP",
            [
                ("ok", "the certificate is good until 2027-09-27"),
                ("error", "the certificate is not for Apple's production environment"),
            ],
        ),
        (300, "sandbox", "APNS_SANDBOX", [("ok", "the certificate is good until 2027-09-27")]),
    ],
)
def test_the_check_finds_when_a_certificate_ends_and_where_it_is_good(
    tmp_path: Path, days: int, environments: str, service: str, expected: list[tuple[str, str]]
) -> None:
    config = certificate_config(days=days, now=NOON, environments=environments)
    found = findings(tmp_path, lambda asked: Reply(400, '{"reason":"BadDeviceToken"}'), config, service)
    assert found[:-1] == expected
    assert found[-1] == ("ok", "Apple lets us in by certificate")


def test_the_check_finds_a_certificate_of_another_app(tmp_path: Path) -> None:
    config = msgspec.structs.replace(certificate_config(topic="com.other", now=NOON), bundle_id="com.acme.shop")
    found = findings(tmp_path, lambda asked: Reply(400, '{"reason":"DeviceTokenNotForTopic"}'), config)
    assert ("warning", "the certificate is for com.other, the channel's BundleId another one") in found


@pytest.mark.parametrize(
    ("kind", "host"),
    [
        ("APNS", "https://api.push.apple.com"),
        ("APNS_VOIP", "https://api.push.apple.com"),
        ("APNS_SANDBOX", "https://api.sandbox.push.apple.com"),
        ("APNS_VOIP_SANDBOX", "https://api.sandbox.push.apple.com"),
    ],
)
def test_each_kind_goes_to_its_environment_or_where_settings_say(kind: str, host: str) -> None:
    def built(settings: Settings) -> Any:
        given = Surroundings(name="x", settings=settings, clock=VirtualClock(), ids=SystemIds())
        return provider("push", kind).build(token_config(), given)

    transport = built(Settings())
    assert (transport.name, transport._url) == (kind, host)
    own = Settings(apns_endpoint_url="https://a.test/", apns_sandbox_endpoint_url="https://b.test:2197")
    assert built(own)._url == ("https://b.test:2197" if "SANDBOX" in kind else "https://a.test")
