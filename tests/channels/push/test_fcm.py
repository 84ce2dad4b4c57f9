"""FCM: access tokens of service accounts, the legacy key, and what the check finds out."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from clarion.channels.port import Gone, Moved, Outcome
from clarion.channels.push.configs import GcmConfig
from clarion.channels.push.notification import Notification
from clarion.core.clock import VirtualClock
from tests import credentials
from tests.channels.push.fake import Answer, Asked, Drop, Hang, PushService, Reply
from tests.channels.push.scenes import ACCESS, GRANTED, fcm, message, running, sent
from tests.channels.servers import run

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
TAKEN = '{"name":"projects/acme-shop/messages/m-1"}'


class Google:
    """Gives access tokens by number, takes those it does not call expired."""

    def __init__(self) -> None:
        self.given = 0
        self.expired: set[str] = set()
        self.service = PushService(self.answer)

    def answer(self, asked: Asked) -> Answer:
        if asked.path == ACCESS:
            self.given += 1
            return Reply(body=json.dumps({"access_token": f"t-{self.given}", "expires_in": 3600}))
        if asked.headers["authorization"].removeprefix("Bearer ") in self.expired:
            return Reply(401, '{"error":{"code":401,"status":"UNAUTHENTICATED","message":"expired"}}')
        return Reply(body=TAKEN)


def batch(count: int, start: int = 0) -> list[Any]:
    return [message("GCM", number) for number in range(start, start + count)]


def test_a_request_is_what_google_documents(tmp_path: Path) -> None:
    async def scenario() -> None:
        google = Google()
        async with running(google.service, fcm, tmp_path, clock=VirtualClock(NOON)) as transport:
            said = Notification(title="T", body="B", priority="high", time_to_live=30)
            one = message("GCM", said=said)
            (outcome,) = await transport.send([one])
            assert (outcome.status, outcome.provider_message_id) == ("sent", "m-1")
        grant, asked = google.service.asked
        assert asked.path == "/v1/projects/acme-shop/messages:send"
        assert asked.headers["authorization"] == "Bearer t-1"
        assert asked.headers["content-type"] == "application/json"
        assert asked.body == one.payload
        assert json.loads(asked.body)["message"]["android"] == {"priority": "HIGH", "ttl": "30s"}
        form = {name: values[0] for name, values in parse_qs(grant.body.decode(), strict_parsing=True).items()}
        assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        head, body, signature = form["assertion"].split(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        credentials.rsa_key().public_key().verify(raw, f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
        header = json.loads(base64.urlsafe_b64decode(head + "=="))
        assert header == {"alg": "RS256", "typ": "JWT", "kid": "0123456789abcdef"}
        now = int(NOON.timestamp())
        assert json.loads(base64.urlsafe_b64decode(body + "==")) == {
            "iss": "push@acme-shop.iam.gserviceaccount.com",
            "scope": "https://www.googleapis.com/auth/firebase.messaging",
            "aud": "https://oauth2.googleapis.com/token",
            "iat": now,
            "exp": now + 3_600,
        }

    run(scenario())


def test_one_access_token_serves_everybody_until_it_is_old(tmp_path: Path) -> None:
    async def scenario() -> None:
        google, clock = Google(), VirtualClock(NOON)
        async with running(google.service, fcm, tmp_path, clock=clock) as transport:
            sends = (transport.send(batch(40, start)) for start in range(0, 160, 40))
            assert {one.status for found in await asyncio.gather(*sends) for one in found} == {"sent"}
            clock.move_to(NOON + timedelta(minutes=54))
            await transport.send(batch(1))
            assert google.given == 1
            clock.move_to(NOON + timedelta(minutes=56))
            await transport.send(batch(5))
            assert google.given == 2
            assert google.service.asked[-1].headers["authorization"] == "Bearer t-2"

    run(scenario())


def test_a_token_that_expires_in_the_middle_of_a_batch_costs_no_message(tmp_path: Path) -> None:
    async def scenario() -> None:
        google = Google()
        async with running(google.service, fcm, tmp_path, in_flight=8) as transport:
            await transport.send(batch(1))
            google.expired.add("t-1")
            outcomes = await transport.send(batch(50))
            assert {one.status for one in outcomes} == {"sent"}
            assert google.given == 2

    run(scenario())


def test_an_account_that_may_not_send_is_asked_once_more_and_no_more(tmp_path: Path) -> None:
    async def scenario() -> None:
        google = Google()
        google.expired.update(f"t-{number}" for number in range(1, 100))
        async with running(google.service, fcm, tmp_path, in_flight=1) as transport:
            outcomes = await transport.send(batch(50))
            assert {(one.status, one.blame) for one in outcomes} == {("temporary", "credentials")}
            assert (google.given, len(sent(google.service))) == (2, 2)

    run(scenario())


@pytest.mark.parametrize(
    ("answer", "status", "blame"),
    [
        (Reply(400, '{"error":"invalid_grant","error_description":"Invalid JWT"}'), "temporary", "credentials"),
        (Reply(401, '{"error":"invalid_client"}'), "temporary", "credentials"),
        (Reply(429, "{}", {"retry-after": "9"}), "throttled", "provider"),
        (Reply(503, "try later"), "temporary", "provider"),
        (Reply(404, "<html>"), "temporary", "provider"),
        (Reply(200, "<html>"), "temporary", "provider"),
        (Reply(200, '{"access_token":"a\\r\\nx: y"}'), "temporary", "provider"),
        (Reply(200, '{"access_token":17}'), "temporary", "provider"),
        (Drop(), "temporary", "provider"),
        (Hang(), "temporary", "provider"),
    ],
)
def test_without_an_access_token_no_message_leaves(tmp_path: Path, answer: Answer, status: str, blame: str) -> None:
    async def scenario() -> None:
        service = PushService(lambda asked: answer)
        async with running(service, fcm, tmp_path, timeout_seconds=0.5) as transport:
            outcomes = await transport.send(batch(100))
            assert {(one.status, one.blame, one.uncertain) for one in outcomes} == {(status, blame, False)}
            assert [asked.path for asked in service.asked] == [ACCESS]
            again = await transport.send(batch(3))
            assert again == outcomes[:3]
            assert len(service.asked) == 1  # not asked again at once

    run(scenario())


def test_access_comes_back_when_the_token_server_does(tmp_path: Path) -> None:
    async def scenario() -> None:
        clock, ill = VirtualClock(NOON), [True]

        def answer(asked: Asked) -> Answer:
            if asked.path == ACCESS:
                return Reply(500) if ill else Reply(body=GRANTED)
            return Reply(body=TAKEN)

        async with running(PushService(answer), fcm, tmp_path, clock=clock) as transport:
            assert [one.status for one in await transport.send(batch(1))] == ["temporary"]
            ill.clear()
            clock.move_to(NOON + timedelta(seconds=6))
            assert [one.status for one in await transport.send(batch(1))] == ["sent"]

    run(scenario())


ELSEWHERE = [
    "https://169.254.169.254/token",
    "https://evil.test/googleapis.com",
    "https://oauth2.googleapis.com.evil.test/token",
    "https://oauth2.googleapis.com@evil.test/token",
    "https://evilgoogleapis.com/token",
]


@pytest.mark.parametrize("uri", ELSEWHERE)
def test_a_service_account_cannot_send_us_anywhere_for_its_token(tmp_path: Path, uri: str) -> None:
    config = GcmConfig(service_json=credentials.service_account(token_uri=uri))

    async def scenario() -> None:
        service = PushService()
        async with running(service, fcm, tmp_path, config=config, token_url="") as transport:
            (outcome,) = await transport.send(batch(1))
            assert (outcome.status, outcome.blame) == ("temporary", "credentials")
            assert "fcm_token_url" in outcome.detail
            assert service.asked == []

    run(scenario())


LEGACY = GcmConfig(api_key="key-of-legacy")


def test_a_legacy_key_is_told_that_google_switched_it_off(tmp_path: Path) -> None:
    async def scenario() -> None:
        service = PushService()
        async with running(service, fcm, tmp_path, config=LEGACY) as transport:
            outcomes = await transport.send(batch(20))
            assert {(one.status, one.blame) for one in outcomes} == {("permanent", "credentials")}
            assert "switched off by Google" in outcomes[0].detail
            assert "ServiceJson" in outcomes[0].detail
            assert service.asked == []
            (found,) = await transport.check()
            assert (found.level, "switched off" in found.text) == ("error", True)

    run(scenario())


def test_with_nothing_said_a_service_account_goes_before_a_key_that_is_good_for_nothing(tmp_path: Path) -> None:
    both = GcmConfig(api_key="k", service_json=credentials.service_account())

    async def scenario() -> None:
        google = Google()
        async with running(google.service, fcm, tmp_path, config=both) as transport:
            assert [one.status for one in await transport.send(batch(1))] == ["sent"]
            assert [found.level for found in await transport.check()] == ["ok", "warning"]
        said = msgspec.structs.replace(both, default_authentication_method="KEY")
        async with running(google.service, fcm, tmp_path, config=said) as transport:
            assert [one.status for one in await transport.send(batch(1))] == ["permanent"]

    run(scenario())


def of_legacy(tmp_path: Path, answer: Answer, one: Any) -> tuple[Outcome, list[Asked]]:
    async def scenario() -> tuple[Outcome, list[Asked]]:
        service = PushService(lambda asked: answer)

        def make(url: str, **options: Any) -> Any:
            return fcm(url, LEGACY, legacy_url=f"{url}/fcm/send", **options)

        async with running(service, make, tmp_path) as transport:
            (outcome,) = await transport.send([one])
            return outcome, service.asked

    return run(scenario())


def test_a_server_that_still_speaks_the_legacy_api_gets_its_form(tmp_path: Path) -> None:
    said = Notification(title="T", body="B", priority="high", time_to_live=30, collapse="sale", package="test.app")
    answer = Reply(body='{"results":[{"message_id":"m-1","registration_id":"new"}]}')
    outcome, (asked,) = of_legacy(tmp_path, answer, message("GCM", said=said))
    assert (outcome.status, outcome.provider_message_id, outcome.events) == ("sent", "m-1", (Moved("new"),))
    assert asked.path == "/fcm/send"
    assert asked.headers["authorization"] == "key=key-of-legacy"
    body = json.loads(asked.body)
    data = body.pop("data")
    assert data["pinpoint.notification.title"] == "T"
    assert body == {
        "to": "token-0",
        "priority": "high",
        "time_to_live": 30,
        "collapse_key": "sale",
        "restricted_package_name": "test.app",
    }
    raw = {"notification": {"title": "T", "icon": "bell"}, "data": {"a": "b"}}
    _, (asked,) = of_legacy(tmp_path, answer, message("GCM", said=Notification(raw=json.dumps(raw))))
    assert json.loads(asked.body) == {"to": "token-0", **raw}


def test_a_server_of_the_legacy_api_knows_dead_tokens(tmp_path: Path) -> None:
    answer = Reply(body='{"failure":1,"results":[{"error":"NotRegistered"}]}')
    outcome, _ = of_legacy(tmp_path, answer, message("GCM"))
    assert (outcome.status, outcome.events) == ("permanent", (Gone(reason="NotRegistered"),))


def test_what_the_legacy_form_cannot_say_is_refused(tmp_path: Path) -> None:
    raw = {"fcmV1Message": {"message": {"notification": {"title": "T"}, "apns": {"payload": {}}}}}
    outcome, asked = of_legacy(tmp_path, Reply(), message("GCM", said=Notification(raw=json.dumps(raw))))
    assert (outcome.status, asked) == ("permanent", [])


def test_a_message_chooses_how_to_sign_in_and_nothing_stands_in(tmp_path: Path) -> None:
    async def scenario() -> None:
        google = Google()
        async with running(google.service, fcm, tmp_path) as transport:
            outcomes = await transport.send([message("GCM", 0, method="KEY"), message("GCM", 1, method="TOKEN")])
            assert [(one.status, one.blame) for one in outcomes] == [("permanent", "message"), ("sent", "message")]
        both = GcmConfig(api_key="k", service_json=credentials.service_account(), default_authentication_method="TOKEN")
        async with running(google.service, fcm, tmp_path, config=both) as transport:
            outcomes = await transport.send([message("GCM", 0, method="KEY"), message("GCM", 1)])
            assert [(one.status, one.blame) for one in outcomes] == [("permanent", "credentials"), ("sent", "message")]
            assert [found.level for found in await transport.check()] == ["ok", "warning"]

    run(scenario())


@pytest.mark.parametrize(
    ("answer", "level", "words"),
    [
        (
            Reply(400, '{"error":{"status":"INVALID_ARGUMENT","message":"The registration token is not valid"}}'),
            "ok",
            "",
        ),
        (Reply(body=TAKEN), "ok", "push@acme-shop"),
        (Reply(403, '{"error":{"status":"PERMISSION_DENIED","message":"no"}}'), "error", "403 PERMISSION_DENIED: no"),
        (Reply(503), "error", "503"),
        (Reply(404, '{"error":{"status":"NOT_FOUND","message":"no project"}}'), "error", "no project"),
    ],
)
def test_the_check_sends_nothing_to_anybody(tmp_path: Path, answer: Reply, level: str, words: str) -> None:
    async def scenario() -> None:
        service = PushService(lambda asked: Reply(body=GRANTED) if asked.path == ACCESS else answer)
        async with running(service, fcm, tmp_path) as transport:
            (found,) = await transport.check()
            assert found.level == level
            assert words in found.text
            assert json.loads(sent(service)[0].body)["validate_only"] is True

    run(scenario())
