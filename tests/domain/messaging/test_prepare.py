"""A page of recipients of several channels: contents by channel type, enrichers, what cannot be rendered."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from clarion.channels.port import CustomOutgoing, Outcome, SmsOutgoing
from clarion.channels.push.notification import Notification
from clarion.domain.audience.model import Endpoint, Location
from clarion.domain.messaging import outbox, outcomes
from clarion.domain.messaging.content import (
    Content,
    CustomContent,
    EmailContent,
    EmailParts,
    PushContent,
    SmsContent,
    SmsParts,
    VoiceContent,
    VoiceParts,
)
from clarion.domain.messaging.model import Envelope, Facts, Refusal, Send, Turn, decode_envelope
from clarion.domain.messaging.service import Prepared
from tests.domain.messaging.house import ACCOUNT, REGION, House

FUNCTION = "arn:aws:lambda:eu-central-1:000000000001:function:tell"


def sending(app: str, **members: Any) -> Send:
    return Send(
        account=ACCOUNT,
        region=REGION,
        app_id=app,
        origin="campaign",
        activity_id="run",
        campaign_id="spring",
        **members,
    )


def people() -> list[Endpoint]:
    places = {
        "EMAIL": "lea@example.com",
        "GCM": "token",
        "SMS": "+4930123456",
        "VOICE": "+4930123457",
        "CUSTOM": "somewhere",
        "ADM": "other",
    }
    return [
        Endpoint(id=channel.lower(), channel_type=channel, address=address, attributes={"Name": ["Lea"]})
        for channel, address in places.items()
    ]


def contents(house: House) -> dict[str, Content]:
    """Something for all of `people` but ADM."""
    text = "Hi {{Attributes.Name}}"
    return {
        "EMAIL": EmailContent(house.templates, EmailParts(subject="s", text=text), from_address="shop@acme.test"),
        "GCM": PushContent(house.templates, Notification(title="T", body=text)),
        "SMS": SmsContent(house.templates, SmsParts(body=text, sender_id="SHOP")),
        "VOICE": VoiceContent(house.templates, VoiceParts(body=text)),
        "CUSTOM": CustomContent(FUNCTION, '{"offer":1}', scheduled_ms=7),
    }


def envelopes(prepared: Prepared) -> dict[str, Envelope]:
    return {row.channel: decode_envelope(row.body) for row in prepared.rows}


def test_each_channel_gets_its_content_and_leaves_by_its_lane(house: House) -> None:
    send = sending("a" * 32, treatment_id="1")
    prepared = house.messaging.prepare(send, contents(house), people(), Facts(), 0)
    found = envelopes(prepared)
    assert {lane: one.channel for lane, one in found.items()} == {
        "EMAIL": "EMAIL",
        "PUSH": "GCM",
        "SMS": "SMS",
        "VOICE": "VOICE",
        "CUSTOM": "CUSTOM",
    }
    assert found["EMAIL"].message.context["CampaignId"] == "spring"
    push, sms, voice, custom = (found[lane].message for lane in ("PUSH", "SMS", "VOICE", "CUSTOM"))
    data = json.loads(push.payload)["message"]["data"]  # type: ignore[union-attr]
    assert data["pinpoint.notification.body"] == "Hi Lea"
    assert data["pinpoint.campaign.campaign_id"] == "spring"
    assert data["pinpoint.campaign.campaign_activity_id"] == "run"
    assert data["pinpoint.campaign.treatment_id"] == "1"
    assert (sms.body, sms.sender_id, voice.body) == ("Hi Lea", "SHOP", "Hi Lea")  # type: ignore[union-attr]
    assert isinstance(custom, CustomOutgoing)
    assert (custom.destination, custom.data, custom.scheduled_ms) == (FUNCTION, '{"offer":1}', 7)
    assert (custom.campaign_id, custom.treatment_id, custom.activity_id) == ("spring", "1", "run")
    (skipped,) = prepared.events
    assert (skipped.endpoint_id, skipped.gate) == ("adm", "content")
    assert prepared.turns == 5


def test_a_custom_channel_may_serve_endpoints_of_any_type(house: House) -> None:
    custom = CustomContent(FUNCTION, "{}")
    both: dict[str, Content] = {"EMAIL": custom, "CUSTOM": custom}
    lea = Endpoint(
        id="Lea", channel_type="EMAIL", address="lea@example.com", cohort=42, location=Location(country="DE")
    )
    out = Endpoint(id="out", channel_type="EMAIL", address="out@example.com", cohort=1)
    prepared = house.messaging.prepare(sending("a" * 32, holdout=frozenset({1})), both, [lea, out], Facts(), 0)
    (row,) = prepared.rows
    envelope = decode_envelope(row.body)
    assert (row.channel, envelope.channel) == ("CUSTOM", "CUSTOM")
    assert isinstance(envelope.message, CustomOutgoing)
    document = json.loads(envelope.message.endpoint)
    assert (document["ChannelType"], document["Address"]) == ("EMAIL", "lea@example.com")
    assert document["Attributes"] == {"CohortId": ["42"]}
    assert document["Location"] == {"Country": "DE"}
    assert not {"Id", "ApplicationId", "CohortId", "RequestId", "Demographic"} & set(document)
    (held,) = prepared.events
    assert (held.status, held.attributes["delivery_type"]) == ("HOLDOUT", "CUSTOM")


def test_enrichers_add_change_and_refuse(house: House) -> None:
    seen: list[list[str]] = []

    def enrich(send: Send, turns: Sequence[Turn]) -> None:
        seen.append([turn.endpoint.id for turn in turns])
        for turn in turns:
            turn.variables["Attributes"] = {"Name": ["hook"]}
            if turn.endpoint.channel_type == "SMS":
                turn.refusal = Refusal("hook", "the function failed", "HOOK_FAILURE")
            if turn.endpoint.channel_type in ("EMAIL", "GCM"):
                turn.title, turn.body = "T {{Attributes.Name}}", "B {{Attributes.Name}}"

    prepared = house.messaging.prepare(sending("a" * 32), contents(house), people(), Facts(), 0, [enrich])
    assert seen == [["email", "gcm", "sms", "voice", "custom"]]
    found = envelopes(prepared)
    email = found["EMAIL"].email
    assert email is not None
    assert (email.subject, email.text, email.html) == ("T hook", "B hook", None)
    push = found["PUSH"].push
    assert push is not None
    assert (push.title, push.body) == ("T hook", "B hook")
    assert found["VOICE"].message.body == "Hi hook"  # type: ignore[union-attr]
    assert "SMS" not in found
    (refused,) = [event for event in prepared.events if event.endpoint_id == "sms"]
    assert (refused.event_type, refused.status, refused.gate) == ("_campaign.send", "HOOK_FAILURE", "hook")
    assert refused.attributes["delivery_type"] == "SMS"


def test_no_enricher_is_asked_about_nobody(house: House) -> None:
    def enrich(send: Send, turns: Sequence[Turn]) -> None:
        raise AssertionError("there is nobody")

    out = Endpoint(id="out", channel_type="SMS", address="+4930123456", opt_out="ALL")
    prepared = house.messaging.prepare(sending("a" * 32), contents(house), [out], Facts(), 0, [enrich])
    assert (prepared.rows, prepared.turns, prepared.events[0].gate) == ([], 0, "opt_out")


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        (Notification(body="{{Attributes.Name}}" * 2_000), "The GCM message is larger than 4096 bytes"),
        (Notification(raw="{}"), "RawContent: a GCM message has notification or data, or is an fcmV1Message"),
    ],
)
def test_who_cannot_be_composed_for_fails_alone(house: House, parts: Notification, problem: str) -> None:
    both = {**contents(house), "GCM": PushContent(house.templates, parts)}
    send = sending("a" * 32, rate=1)
    prepared = house.messaging.prepare(send, both, people()[:3], Facts(), 0)
    assert set(envelopes(prepared)) == {"EMAIL", "SMS"}
    assert (prepared.turns, [row.due_ms for row in prepared.rows][-1]) == (3, house.clock.now_ms())
    (failed,) = prepared.events
    assert (failed.status, failed.gate, failed.reason) == ("FAILURE_PERMANENT", "render", problem)


def envelope(**members: Any) -> Envelope:
    about: dict[str, Any] = {"account": "1", "region": "r", "app_id": "a", "origin": "campaign", "campaign_id": "c"}
    return Envelope(**(about | {"activity_id": "run", "endpoint_id": "lea"} | members))


def test_a_custom_call_that_failed_has_a_status_of_its_own() -> None:
    custom = CustomOutgoing(
        message_id="m", account="1", app_id="a", destination=FUNCTION, endpoint_id="lea", endpoint=b"{}"
    )
    for status, expected in (("sent", "SUCCESS"), ("permanent", "CUSTOM_DELIVERY_FAILURE")):
        outcome = Outcome(status, "the function raised")  # type: ignore[arg-type]
        (event,) = outcomes.final(envelope(channel="CUSTOM", custom=custom), outcome, at_ms=1)
        assert (event.status, event.attributes["delivery_type"]) == (expected, "CUSTOM")
    assert (event.gate, event.reason) == ("channel", "the function raised")


def test_a_campaign_s_text_message_that_left_without_an_answer_yet() -> None:
    sms = SmsOutgoing(message_id="m", account="1", app_id="a", to_address="+4930123456", body="x")
    found = list(outcomes.final(envelope(channel="SMS", sms=sms), Outcome("sent"), at_ms=1))
    assert [event.event_type for event in found] == ["_campaign.send", "_SMS.BUFFERED"]
    assert found[1].attributes["campaign_id"] == "c"
    assert found[1].attributes["message_type"] == "Promotional"
    (failed,) = outcomes.final(envelope(channel="SMS", sms=sms), Outcome("permanent", "no"), at_ms=1)
    assert (failed.status, failed.reason) == ("FAILURE_PERMANENT", "no")


def test_planners_are_parked_at_the_lane_that_is_full(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def waiting(connection: Any, channel: str, most: int) -> bool:
        asked.append(channel)
        return channel == "SMS"

    monkeypatch.setattr(outbox, "waiting", waiting)
    assert house.messaging.crowded(["EMAIL", "SMS", "VOICE"]) == "SMS"
    assert asked == ["EMAIL", "SMS"]
    assert house.messaging.crowded() is None

    class Job(msgspec.Struct):
        run: str

    house.database.write(lambda connection: house.messaging.park(connection, "k", "job", Job("r"), "SMS"))
    assert house.database.read(lambda connection: outbox.glance(connection, "SMS")).parked
    assert not house.database.read(lambda connection: outbox.glance(connection, "EMAIL")).parked
    house.database.write(lambda connection: connection.execute(outbox.outbox_parked.delete()))
