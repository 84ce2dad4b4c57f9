"""What each service's documented answers mean. Source: spec of push, 3.2, and the services' own error tables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clarion.channels.port import Gone, Moved, Outcome
from clarion.channels.push.services import adm, answers, apns, baidu, fcm, legacy

OK = ("sent", "message")
BAD = ("permanent", "message")
SLOW = ("throttled", "message")
KEYS = ("temporary", "credentials")
ILL = ("temporary", "provider")


def pair(outcome: Outcome) -> tuple[str, str]:
    return outcome.status, outcome.blame


def gone(outcome: Outcome) -> Gone | None:
    return next((fact for fact in outcome.events if isinstance(fact, Gone)), None)


@pytest.mark.parametrize(
    ("status", "reason", "meaning", "is_gone"),
    [
        (400, "BadCollapseId", BAD, False),
        (400, "BadDeviceToken", BAD, False),
        (400, "BadExpirationDate", BAD, False),
        (400, "BadMessageId", BAD, False),
        (400, "BadPriority", BAD, False),
        (400, "BadTopic", KEYS, False),
        (400, "DeviceTokenNotForTopic", BAD, False),
        (400, "DuplicateHeaders", BAD, False),
        (400, "IdleTimeout", ILL, False),
        (400, "InvalidPushType", BAD, False),
        (400, "MissingDeviceToken", BAD, False),
        (400, "MissingTopic", KEYS, False),
        (400, "PayloadEmpty", BAD, False),
        (400, "TopicDisallowed", KEYS, False),
        (403, "BadCertificate", KEYS, False),
        (403, "BadCertificateEnvironment", KEYS, False),
        (403, "BadEnvironmentKeyIdInToken", KEYS, False),
        (403, "ExpiredProviderToken", KEYS, False),
        (403, "Forbidden", KEYS, False),
        (403, "InvalidProviderToken", KEYS, False),
        (403, "MissingProviderToken", KEYS, False),
        (403, "UnrelatedKeyIdInToken", KEYS, False),
        (403, "SomethingNew", KEYS, False),
        (404, "BadPath", BAD, False),
        (405, "MethodNotAllowed", BAD, False),
        (410, "ExpiredToken", BAD, True),
        (410, "Unregistered", BAD, True),
        (413, "PayloadTooLarge", BAD, False),
        (429, "TooManyProviderTokenUpdates", ("throttled", "credentials"), False),
        (429, "TooManyRequests", SLOW, False),
        (500, "InternalServerError", ILL, False),
        (503, "ServiceUnavailable", ILL, False),
        (503, "Shutdown", ILL, False),
    ],
)
def test_apples_reasons(status: int, reason: str, meaning: Any, is_gone: bool) -> None:
    body = json.dumps({"reason": reason}).encode()
    outcome = apns.verdict(status, body, {})
    assert pair(outcome) == meaning
    assert not outcome.uncertain
    assert (gone(outcome) is not None) == is_gone
    assert answers.told(outcome) == (str(status), reason, body.decode())


def test_apple_says_since_when_a_device_is_gone() -> None:
    outcome = apns.verdict(410, b'{"reason":"Unregistered","timestamp":1800000000123}', {})
    assert outcome.events == (Gone(reason="Unregistered", since_ms=1_800_000_000_123),)
    for odd in (b'{"timestamp":true}', b'{"timestamp":"x"}', b'{"timestamp":-5}', b""):
        found = gone(apns.verdict(410, odd, {}))
        assert found is not None
        assert found.since_ms == 0


def test_apples_success_has_its_id() -> None:
    outcome = apns.verdict(200, b"", {"apns-id": "EC1BF194-B3B2-424A-89A9-5A918A6E6B5D"})
    assert (outcome.status, outcome.provider_message_id) == ("sent", "EC1BF194-B3B2-424A-89A9-5A918A6E6B5D")


def google(code: int, status: str, error_code: str = "", message: str = "why", **details: Any) -> bytes:
    found: list[Any] = []
    if error_code:
        found.append({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": error_code})
    if details:
        found.append({"@type": "type.googleapis.com/google.rpc.BadRequest", **details})
    return json.dumps({"error": {"code": code, "message": message, "status": status, "details": found}}).encode()


@pytest.mark.parametrize(
    ("status", "body", "meaning", "is_gone"),
    [
        (400, google(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"), BAD, False),
        (
            400,
            google(
                400,
                "INVALID_ARGUMENT",
                "INVALID_ARGUMENT",
                "The registration token is not a valid FCM registration token",
            ),
            BAD,
            True,
        ),
        (
            400,
            google(400, "INVALID_ARGUMENT", fieldViolations=[{"field": "message.token", "description": "x"}]),
            BAD,
            True,
        ),
        (
            400,
            google(400, "INVALID_ARGUMENT", fieldViolations=[{"field": "message.android.ttl", "description": "x"}]),
            BAD,
            False,
        ),
        (401, google(401, "UNAUTHENTICATED"), KEYS, False),
        (401, google(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), BAD, False),
        (403, google(403, "PERMISSION_DENIED"), KEYS, False),
        (403, google(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"), BAD, False),
        (404, google(404, "NOT_FOUND", "UNREGISTERED"), BAD, True),
        (404, google(404, "NOT_FOUND"), BAD, False),
        (404, b"<html>no such page</html>", ILL, False),
        (413, b"", BAD, False),
        (429, google(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), SLOW, False),
        (500, google(500, "INTERNAL", "INTERNAL"), ILL, False),
        (503, google(503, "UNAVAILABLE", "UNAVAILABLE"), ILL, False),
    ],
)
def test_googles_errors(status: int, body: bytes, meaning: Any, is_gone: bool) -> None:
    outcome = fcm.verdict(status, body, {})
    assert pair(outcome) == meaning
    assert (gone(outcome) is not None) == is_gone
    assert answers.told(outcome).code == str(status)
    assert outcome.response == body.decode()


def test_googles_success_has_its_id() -> None:
    outcome = fcm.verdict(200, b'{"name":"projects/acme/messages/0:1500415314455276%31bd1c96"}', {})
    assert (outcome.status, outcome.provider_message_id) == ("sent", "0:1500415314455276%31bd1c96")


@pytest.mark.parametrize(
    ("result", "meaning", "fact"),
    [
        ({"message_id": "m"}, OK, None),
        ({"message_id": "m", "registration_id": "new"}, OK, Moved("new")),
        ({"error": "NotRegistered"}, BAD, Gone(reason="NotRegistered")),
        ({"error": "InvalidRegistration"}, BAD, Gone(reason="InvalidRegistration")),
        ({"error": "MismatchSenderId"}, BAD, None),
        ({"error": "MessageTooBig"}, BAD, None),
        ({"error": "Unavailable"}, ILL, None),
        ({"error": "InternalServerError"}, ILL, None),
        ({"error": "DeviceMessageRateExceeded"}, SLOW, None),
    ],
)
def test_answers_of_googles_legacy_api(result: dict[str, str], meaning: Any, fact: Any) -> None:
    outcome = legacy.verdict(200, json.dumps({"multicast_id": 1, "results": [result]}).encode(), {})
    assert pair(outcome) == meaning
    assert outcome.events == ((fact,) if fact else ())
    if "error" in result:
        assert answers.told(outcome).error == result["error"]


def test_googles_legacy_api_does_not_let_everybody_in() -> None:
    assert pair(legacy.verdict(401, b"<TITLE>Unauthorized</TITLE>", {})) == KEYS
    assert legacy.verdict(200, b'{"results":[]}', {}).uncertain


@pytest.mark.parametrize(
    ("status", "reason", "meaning", "is_gone"),
    [
        (400, "InvalidRegistrationId", BAD, True),
        (400, "Unregistered", BAD, True),
        (400, "InvalidData", BAD, False),
        (400, "InvalidConsolidationKey", BAD, False),
        (400, "InvalidExpiration", BAD, False),
        (400, "InvalidChecksum", BAD, False),
        (400, "InvalidType", BAD, False),
        (401, "AccessTokenExpired", KEYS, False),
        (413, "MessageTooLarge", BAD, False),
        (429, "MaxRateExceeded", SLOW, False),
        (500, "InternalServerError", ILL, False),
        (503, "ServiceUnavailable", ILL, False),
    ],
)
def test_amazons_reasons(status: int, reason: str, meaning: Any, is_gone: bool) -> None:
    body = json.dumps({"reason": reason}).encode()
    outcome = adm.verdict(status, body, {"x-amzn-requestid": "r-1"}, address="a")
    assert pair(outcome) == meaning
    assert (gone(outcome) is not None) == is_gone
    assert answers.told(outcome) == (str(status), reason, body.decode())


def test_amazon_tells_a_new_registration() -> None:
    headers = {"x-amzn-requestid": "r-1"}
    outcome = adm.verdict(200, b'{"registrationID":"new"}', headers, address="old")
    assert (outcome.status, outcome.events, outcome.provider_message_id) == ("sent", (Moved("new"),), "r-1")
    assert adm.verdict(200, b'{"registrationID":"old"}', headers, address="old").events == ()


@pytest.mark.parametrize(
    ("status", "code", "meaning", "is_gone"),
    [
        (500, 30600, ILL, False),
        (400, 30602, KEYS, False),
        (403, 30603, KEYS, False),
        (400, 30605, BAD, False),
        (400, 30608, BAD, True),
        (403, 30699, SLOW, False),
        (400, 12345, BAD, False),
        (502, 12345, ILL, False),
        (200, 30602, KEYS, False),
    ],
)
def test_baidus_codes(status: int, code: int, meaning: Any, is_gone: bool) -> None:
    body = json.dumps({"request_id": 1, "error_code": code, "error_msg": "why"}).encode()
    outcome = baidu.verdict(status, body, {})
    assert pair(outcome) == meaning
    assert (gone(outcome) is not None) == is_gone
    assert answers.told(outcome) == (str(status), f"{code} why", body.decode())


def test_baidus_success_has_its_id() -> None:
    body = b'{"request_id":1,"response_params":{"msg_id":"7","send_time":1}}'
    outcome = baidu.verdict(200, body, {})
    assert (outcome.status, outcome.provider_message_id) == ("sent", "7")


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"retry-after": "7"}, 7_000),
        ({"retry-after": " 0 "}, 0),
        ({"retry-after": "99999999"}, 86_400_000),
        ({"retry-after": "9" * 400}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
        (
            {"retry-after": "Wed, 02 Dec 2026 10:00:30 GMT", "date": "Wed, 02 Dec 2026 10:00:00 GMT"},
            30_000,
        ),
        ({"retry-after": "Wed, 02 Dec 2026 10:00:30 GMT"}, None),
        ({"retry-after": "Wed, 02 Dec 2026 10:00:00 GMT", "date": "Wed, 02 Dec 2026 10:09:00 GMT"}, 0),
    ],
)
def test_how_long_a_service_wants_to_be_left_alone(headers: dict[str, str], wait: int | None) -> None:
    assert answers.retry_after_ms(headers) == wait


def test_an_answer_is_shown_in_one_line_and_not_without_end() -> None:
    outcome = fcm.verdict(400, google(400, "INVALID_ARGUMENT", message="line\r\nanother\n" + "x" * 9_000), {})
    assert "\n" not in outcome.detail
    assert len(outcome.detail) < 320
    assert len(outcome.response) == 2_000
