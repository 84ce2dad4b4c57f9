"""Calls by AWS End User Messaging: requests by boto3 against a service on loopback, and what SNS posts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clarion.channels.port import Outcome, VoiceOutgoing
from clarion.channels.voice.aws.provider import AwsVoiceConfig, report_of, webhook
from clarion.channels.voice.aws.transport import AwsVoice
from clarion.core.errors import ClarionError, Invalid, NotFound
from clarion.wire.http.plain import PlainRequest
from tests.channels.servers import run
from tests.channels.sms.rest import Asked, Reply, Rest
from tests.channels.voice.calling import text
from tests.channels.voice.test_twilio_voice import Heard, around

TOPIC = "arn:aws:sns:eu-central-1:000000000001:calls"


def config(**members: Any) -> AwsVoiceConfig:
    return AwsVoiceConfig(**{"region": "eu-central-1", "caller": "pool-1", "topic": TOPIC, **members})


def taken(asked: Asked) -> Reply:
    return Reply(200, {"MessageId": f"id-{json.loads(asked.body)['DestinationPhoneNumber'][1:]}"})


def wrong(code: str, status: int = 400, **more: Any) -> Reply:
    return Reply(status, {"__type": code, "Message": "No.", **more}, {"content-type": "application/x-amz-json-1.0"})


def asked_of(rest: Rest, work: Any, **options: Any) -> Any:
    async def run_it() -> Any:
        async with rest.serve() as url:
            settings = {"callout_access_key_id": "AKID", "callout_secret_access_key": "not-shown"}
            settings |= options.pop("settings", {"sms_voice_endpoint_url": url})
            transport = AwsVoice(config(**options), around(**settings))
            await transport.open()
            try:
                return await work(transport)
            finally:
                await transport.close()

    return run(run_it())


def send(rest: Rest, *messages: VoiceOutgoing, **options: Any) -> list[Outcome]:
    found: list[Outcome] = asked_of(rest, lambda transport: transport.send(messages or [text()]), **options)
    return found


def test_a_call_is_asked_for_with_all_that_is_known_of_it() -> None:
    rest = Rest(taken)
    message = text("<speak>x</speak>", body_type="SSML", language_code="fr-FR", origination_number="+4930999999")
    (outcome,) = send(rest, message, configuration_set="events")
    assert outcome == Outcome(
        "sent", response="200 id-4930123456", provider_message_id="id-4930123456", provider="main"
    )
    (asked,) = rest.asked
    assert asked.headers["x-amz-target"] == "PinpointSMSVoiceV2.SendVoiceMessage"
    assert "/eu-central-1/sms-voice/" in asked.headers["authorization"]
    assert json.loads(asked.body) == {
        "DestinationPhoneNumber": "+4930123456",
        "OriginationIdentity": "+4930999999",
        "MessageBody": "<speak>x</speak>",
        "MessageBodyTextType": "SSML",
        "VoiceId": "CELINE",
        "ConfigurationSetName": "events",
        "Context": {"clarion_message_id": message.message_id},
    }


def test_the_providers_own_number_and_no_topic() -> None:
    rest = Rest(taken)
    (outcome,) = send(rest, topic="")
    assert (outcome.status, outcome.provider_message_id) == ("sent", "")
    told = json.loads(rest.asked[0].body)
    assert (told["OriginationIdentity"], told["VoiceId"], told["MessageBodyTextType"]) == ("pool-1", "MATTHEW", "TEXT")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (wrong("ValidationException", Reason="INVALID_PARAMETER"), ("permanent", "message")),
        (wrong("ConflictException", Reason="DESTINATION_PHONE_NUMBER_OPTED_OUT"), ("permanent", "message")),
        (wrong("ServiceQuotaExceededException", Reason="DAILY_DESTINATION_CALL_LIMIT"), ("permanent", "message")),
        (
            wrong("ServiceQuotaExceededException", Reason="MONTHLY_SPEND_LIMIT_REACHED_FOR_VOICE"),
            ("temporary", "provider"),
        ),
        (wrong("AccessDeniedException"), ("temporary", "credentials")),
        (wrong("ExpiredTokenException"), ("temporary", "credentials")),
        (wrong("ThrottlingException"), ("throttled", "provider")),
        (wrong("InternalServerException", 500), ("temporary", "provider")),
        (Reply(503, b"<html>"), ("temporary", "provider")),
    ],
)
def test_what_its_refusals_mean(reply: Reply, expected: tuple[str, str]) -> None:
    rest = Rest(lambda asked: reply)
    found = send(rest, text(), text(number=2))
    assert [(one.status, one.blame, one.uncertain) for one in found] == [(*expected, False)] * 2
    assert len(rest.asked) == (2 if expected[0] == "permanent" else 1)
    assert "not-shown" not in repr(found)


@pytest.mark.parametrize("misbehaviour", ["hang", "reset", "half", "garbage"])
def test_an_answer_that_never_comes_leaves_it_open(misbehaviour: Any) -> None:
    (outcome,) = send(Rest(lambda asked: misbehaviour), timeout_seconds=1)
    assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", True)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"MessageId": ""}', b"{}"])
def test_an_answer_without_an_id_leaves_it_open(body: bytes) -> None:
    (outcome,) = send(Rest(lambda asked: Reply(200, body)))
    assert (outcome.status, outcome.uncertain) == ("temporary", True)


def test_a_message_that_aws_would_never_take_is_its_own_fault() -> None:
    rest = Rest(taken)
    bad, good = send(rest, text(""), text(number=2))
    assert (bad.status, bad.blame, good.status) == ("permanent", "message", "sent")
    assert len(rest.asked) == 1


def test_nobody_there_no_number_and_ssml_that_nobody_speaks() -> None:
    rest = Rest(taken)
    (outcome,) = send(rest, settings={"sms_voice_endpoint_url": "http://127.0.0.1:1"})
    assert (outcome.status, outcome.blame, outcome.uncertain) == ("temporary", "provider", False)
    (outcome,) = send(rest, caller="")
    assert outcome.status == "permanent"
    found = send(rest, text("<speak><audio/></speak>", body_type="SSML"), text(to="nobody"))
    assert [one.status for one in found] == ["permanent"] * 2
    assert rest.asked == []


def test_a_check_tells_how_the_account_stands() -> None:
    limits = [{"Name": "VOICE_MESSAGE_MONTHLY_SPEND_LIMIT", "EnforcedLimit": 1, "MaxLimit": 1, "Overridden": False}]
    rest = Rest(lambda asked: Reply(200, {"SpendLimits": limits}))
    found = asked_of(rest, lambda transport: transport.check(), topic="", caller="")
    assert [one.level for one in found] == ["ok", "warning", "warning", "warning"]
    refused = asked_of(Rest(lambda asked: wrong("AccessDeniedException")), lambda transport: transport.check())
    assert [one.text for one in refused] == ["AWS refuses us: AccessDeniedException"]


def test_what_events_say_of_calls() -> None:
    event = {"eventType": "VOICE_COMPLETED", "messageId": "m1", "eventTimestamp": 5, "callDurationInSeconds": 7.4}
    report = report_of(json.dumps({**event, "totalDurationPrice": 0.013}), 9)
    assert report is not None
    assert (report.provider_message_id, report.state, report.at_ms, report.seconds) == ("m1", "COMPLETED", 5, 7)
    assert report.price_millicents == 1_300.0
    expired = report_of(json.dumps({"eventType": "VOICE_TTL_EXPIRED", "messageId": "m1"}), 9)
    assert expired is not None
    assert (expired.state, expired.at_ms) == ("FAILED", 9)
    for told in ("{", "[]", '{"eventType": "TEXT_DELIVERED", "messageId": "m"}', '{"eventType": "VOICE_BUSY"}'):
        assert report_of(told, 9) is None


def test_what_is_not_signed_by_amazon_is_nobodys() -> None:
    heard = Heard()
    note = {"Type": "Notification", "TopicArn": TOPIC, "MessageId": "1", "Message": "{}", "Timestamp": "x"}
    with pytest.raises(ClarionError):
        webhook(config(), around(heard))(
            PlainRequest("POST", "/providers/main", {}, {}, json.dumps(note).encode(), "r")
        )
    with pytest.raises(NotFound):
        webhook(config(topic=""), around(heard))(PlainRequest("POST", "/providers/main", {}, {}, b"{}", "r"))
    assert heard.reports == []


@pytest.mark.parametrize(
    ("members", "named"),
    [
        ({"region": "x y"}, "region"),
        ({"topic": "calls"}, "topic"),
        ({"caller": "a b"}, "caller"),
        ({"configuration_set": "a b"}, "configuration_set"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
    ],
)
def test_what_cannot_be_meant_is_said_by_its_name(members: dict[str, Any], named: str) -> None:
    with pytest.raises(Invalid, match=f"^{named}:"):
        config(**members).check()
