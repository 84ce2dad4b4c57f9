"""Notifications, text messages and calls in the local inbox, with the SMS simulator."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.channels.inbox import InboxMessage, PushInbox, SmsInbox, VoiceInbox
from clarion.channels.port import Outcome, PushOutgoing, Receipt, SmsOutgoing, VoiceOutgoing
from clarion.core.clock import VirtualClock, parse_iso, to_ms
from clarion.core.errors import Unavailable
from tests.channels.servers import run

NOW = parse_iso("2027-01-01T00:00:00Z")
ABOUT: dict[str, Any] = {"message_id": "m1", "account": "1", "app_id": "a", "context": {"EndpointId": "lea"}}


class Sink:
    """Keeps what arrives, or is broken."""

    def __init__(self, broken: bool = False) -> None:
        self.kept: list[InboxMessage] = []
        self._broken = broken

    def store(self, messages: list[InboxMessage]) -> None:
        if self._broken:
            raise Unavailable("the database is away")
        self.kept += messages


def sms(number: str = "+4930123456", **members: Any) -> SmsOutgoing:
    return SmsOutgoing(**ABOUT, to_address=number, body="Grüße", **members)


def sent(transport: Any, *messages: Any, broken: bool = False) -> tuple[list[Outcome], list[InboxMessage]]:
    sink = Sink(broken)
    return run(transport(sink, VirtualClock(NOW)).send(messages)), sink.kept


def test_a_notification_is_kept_with_its_payload_to_the_byte() -> None:
    push = PushOutgoing(
        **ABOUT, service="APNS", to_address="token", payload=b'{"aps":{}}', headers=[("apns-topic", "x")], title="T"
    )
    outcomes, [kept] = sent(PushInbox, push)
    assert [outcome.status for outcome in outcomes] == ["delivered"]
    assert (kept.channel, kept.to_address, kept.subject, kept.raw) == ("APNS", "token", "T", b'{"aps":{}}')
    assert (kept.facts, kept.received_at_ms) == ([("apns-topic", "x")], to_ms(NOW))


def test_a_text_message_with_its_parts() -> None:
    outcomes, [kept] = sent(SmsInbox, sms("+49 30 123456", message_type="PROMOTIONAL", sender_id="SHOP"))
    assert outcomes[0].events == (Receipt(kind="SUCCESS", record_status="DELIVERED"),)
    assert (kept.channel, kept.from_address, kept.to_address, kept.text) == ("SMS", "SHOP", "+4930123456", "Grüße")
    told = {"MessageType": "PROMOTIONAL", "SenderId": "SHOP", "Encoding": "GSM", "Characters": "5", "Parts": "1"}
    assert dict(kept.facts) == told


def test_the_simulators_numbers() -> None:
    for success, failure in (("+14254147755", "+14254147167"), ("+447860019066", "+447860019067")):
        outcomes, kept = sent(SmsInbox, sms(success), sms(failure))
        assert [outcome.status for outcome in outcomes] == ["delivered", "sent"]
        assert outcomes[1].events == (Receipt(kind="FAILURE", record_status="UNREACHABLE"),)
        assert [message.to_address for message in kept] == [success]


def test_a_call_is_kept_as_what_is_said() -> None:
    call = VoiceOutgoing(**ABOUT, to_address="+4930123456", body="Hello", voice_id="Amy", language_code="en-GB")
    _, [kept] = sent(VoiceInbox, call)
    assert (kept.channel, kept.text, kept.from_address) == ("VOICE", "Hello", "(any number)")
    assert kept.facts == [("LanguageCode", "en-GB"), ("VoiceId", "Amy")]


def test_ssml_is_kept_as_what_is_heard() -> None:
    body = "<speak>Hello<break time='1s'/><sub alias='world'>w</sub></speak>"
    call = VoiceOutgoing(**ABOUT, to_address="+4930123456", body=body, body_type="SSML")
    _, [kept] = sent(VoiceInbox, call)
    assert (kept.text, kept.raw, kept.facts) == ("Hello. world", body.encode(), [("BodyType", "SSML")])
    bad = VoiceOutgoing(**ABOUT, to_address="+4930123456", body="<speak><audio/></speak>", body_type="SSML")
    [outcome], kept_none = sent(VoiceInbox, bad)
    assert (outcome.status, kept_none) == ("permanent", [])


@pytest.mark.parametrize(
    ("transport", "message"),
    [(SmsInbox, sms("nobody")), (VoiceInbox, VoiceOutgoing(**ABOUT, to_address="nobody", body="x"))],
)
def test_what_is_no_number_is_not_tried_again(transport: Any, message: Any) -> None:
    outcomes, kept = sent(transport, message)
    assert (outcomes, kept) == ([Outcome("permanent", "'nobody' is no phone number")], [])


def test_a_sink_that_is_away_is_tried_again() -> None:
    outcomes, _ = sent(SmsInbox, sms(), sms("+14254147167"), broken=True)
    assert [outcome.status for outcome in outcomes] == ["temporary", "sent"]
