"""Answers of push services as Pinpoint's results. Source: spec of direct messages, 3.1 and 3.2."""

from __future__ import annotations

import json

import pytest

from clarion.channels.port import Gone, Moved, Outcome
from clarion.domain.messaging.direct.results import result_of
from clarion.domain.messaging.direct.round import Result

ACCEPTED = Result("SUCCESSFUL", 200, "{}", "m1", "token")
BAD = (Gone(reason="BadDeviceToken"),)
FCM_BAD = (
    '{"error": {"code": 400, "message": "The registration token is not a valid FCM registration token",'
    ' "status": "INVALID_ARGUMENT", "details": [{"@type": "x", "errorCode": "INVALID_ARGUMENT"}]}}'
)
FCM_GONE = (
    '{"error": {"code": 404, "message": "Requested entity was not found.", "status": "NOT_FOUND",'
    ' "details": [{"errorCode": "UNREGISTERED"}]}}'
)


@pytest.mark.parametrize(
    ("channel", "outcome", "expected"),
    [
        ("GCM", Outcome("sent"), ("SUCCESSFUL", 200)),
        (
            "APNS",
            Outcome("permanent", "400 BadDeviceToken", '{"reason":"BadDeviceToken"}', events=BAD),
            ("PERMANENT_FAILURE", 410),
        ),
        (
            "APNS",
            Outcome("permanent", "400 DeviceTokenNotForTopic", '{"reason":"DeviceTokenNotForTopic"}'),
            ("PERMANENT_FAILURE", 410),
        ),
        (
            "APNS",
            Outcome("permanent", "410 Unregistered", '{"reason":"Unregistered"}', events=BAD),
            ("PERMANENT_FAILURE", 410),
        ),
        ("APNS", Outcome("permanent", "400 BadCollapseId", '{"reason":"BadCollapseId"}'), ("PERMANENT_FAILURE", 400)),
        (
            "APNS",
            Outcome("permanent", "413 PayloadTooLarge", '{"reason":"PayloadTooLarge"}'),
            ("PERMANENT_FAILURE", 400),
        ),
        ("APNS", Outcome("throttled", "429 TooManyRequests", '{"reason":"TooManyRequests"}'), ("THROTTLED", 429)),
        ("APNS", Outcome("temporary", "503 ServiceUnavailable", blame="provider"), ("TEMPORARY_FAILURE", 500)),
        ("APNS", Outcome("temporary", "403 InvalidProviderToken", blame="credentials"), ("PERMANENT_FAILURE", 400)),
        ("GCM", Outcome("permanent", "400 INVALID_ARGUMENT", FCM_BAD, events=BAD), ("PERMANENT_FAILURE", 400)),
        ("GCM", Outcome("permanent", "404 UNREGISTERED", FCM_GONE), ("PERMANENT_FAILURE", 410)),
        ("GCM", Outcome("temporary", "401 UNAUTHENTICATED", blame="credentials"), ("PERMANENT_FAILURE", 400)),
        ("GCM", Outcome("temporary", "no answer", uncertain=True), ("UNKNOWN_FAILURE", 500)),
        (
            "ADM",
            Outcome("permanent", "400 Unregistered", '{"reason":"Unregistered"}', events=BAD),
            ("PERMANENT_FAILURE", 410),
        ),
    ],
)
def test_pairs(channel: str, outcome: Outcome, expected: tuple[str, int]) -> None:
    found = result_of(channel, ACCEPTED, outcome)
    assert (found.status, found.code) == expected
    assert (found.message_id, found.address) == ("m1", "token")


def test_what_is_told_of_apple_is_what_programs_look_for() -> None:
    outcome = Outcome("permanent", "400 BadDeviceToken", '{"reason":"BadDeviceToken"}', events=BAD)
    assert json.loads(result_of("APNS_SANDBOX", ACCEPTED, outcome).text) == {
        "errorMessage": "Unregistered or expired token",
        "channelType": "APNS_SANDBOX",
        "pushProviderStatusCode": "400",
        "pushProviderError": "BadDeviceToken",
        "pushProviderResponse": '{"reason":"BadDeviceToken"}',
    }


def test_what_is_told_of_google_has_its_sentence() -> None:
    outcome = Outcome("permanent", "400 INVALID_ARGUMENT", FCM_BAD, events=BAD)
    told = json.loads(result_of("GCM", ACCEPTED, outcome).text)
    assert told["errorMessage"] == "Invalid notification"
    assert told["pushProviderError"] == "The registration token is not a valid FCM registration token"
    assert (told["pushProviderStatusCode"], told["pushProviderResponse"]) == ("400", FCM_BAD)


def test_a_success_tells_the_services_own_id_and_a_new_token() -> None:
    outcome = Outcome("sent", "200", provider_message_id="projects/p/messages/1", events=(Moved("new"),))
    found = result_of("GCM", ACCEPTED, outcome)
    assert found.updated_token == "new"
    told = json.loads(found.text)
    assert (told["pushProviderStatusCode"], told["pushProviderMessageId"]) == ("200", "projects/p/messages/1")


def test_an_answer_that_is_no_json_is_told_as_it_is() -> None:
    told = json.loads(result_of("APNS", ACCEPTED, Outcome("permanent", "400 what", "<html>")).text)
    assert (told["pushProviderError"], told["pushProviderResponse"]) == ("what", "<html>")


def test_who_never_answered_has_no_code() -> None:
    told = json.loads(result_of("APNS", ACCEPTED, Outcome("temporary", "no connection: reset", blame="provider")).text)
    assert told == {
        "errorMessage": "The notification was not delivered",
        "channelType": "APNS",
        "pushProviderError": "no connection: reset",
    }
