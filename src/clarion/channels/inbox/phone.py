"""What arrives on a phone: notifications, text messages, calls.

Text messages to the failure numbers of Pinpoint's SMS simulator (`channels.phones`) end as they do there: the phone
is UNREACHABLE. To all other numbers, the simulator's success numbers among them, they are delivered.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from clarion.channels import phones
from clarion.channels.inbox.arrival import InboxMessage, InboxOf
from clarion.channels.port import Outcome, PushOutgoing, Receipt, SmsOutgoing, VoiceOutgoing
from clarion.channels.sms.size import size_of
from clarion.channels.voice import ssml

_ARRIVED = Outcome("delivered", response="200 Delivered to the local inbox")
_ANYBODY = "(any number)"


class PushInbox(InboxOf[PushOutgoing]):
    """Notifications, with exactly the payload that their service would have got."""

    channel = "push"

    def receive(self, message: PushOutgoing, now_ms: int, arrived: list[InboxMessage]) -> Outcome:
        """See `InboxOf.receive`."""
        arrived.append(
            InboxMessage(
                message_id=message.message_id,
                channel=message.service,
                account=message.account,
                app_id=message.app_id,
                from_address="",
                to_address=message.to_address,
                subject=message.title,
                text=message.body,
                html=None,
                raw=message.payload,
                context=message.context,
                received_at_ms=now_ms,
                facts=message.headers,
            )
        )
        return _ARRIVED


class SmsInbox(InboxOf[SmsOutgoing]):
    """Text messages."""

    channel = "sms"

    def receive(self, message: SmsOutgoing, now_ms: int, arrived: list[InboxMessage]) -> Outcome:
        """See `InboxOf.receive`."""
        number = phones.e164(message.to_address)
        if number is None:
            return Outcome("permanent", f"{message.to_address!r} is no phone number")
        if number in phones.SIMULATED_FAILURE:
            failed = Receipt(kind="FAILURE", record_status="UNREACHABLE", origination_number=message.origination_number)
            return Outcome("sent", "SMS simulator: unreachable", events=(failed,))
        size = size_of(message.body)
        told = {
            "MessageType": message.message_type,
            "SenderId": message.sender_id,
            "Keyword": message.keyword,
            "EntityId": message.entity_id,
            "TemplateId": message.template_id,
            "Encoding": size.encoding,
            "Characters": str(size.units),
            "Parts": str(size.parts),
        }
        sender = message.origination_number or message.sender_id or _ANYBODY
        arrived.append(_of_phone(message, "SMS", number, sender, told, now_ms))
        delivered = Receipt(kind="SUCCESS", record_status="DELIVERED", origination_number=message.origination_number)
        return Outcome("delivered", response=_ARRIVED.response, events=(delivered,))


class VoiceInbox(InboxOf[VoiceOutgoing]):
    """Calls, as what would have been said."""

    channel = "voice"

    def receive(self, message: VoiceOutgoing, now_ms: int, arrived: list[InboxMessage]) -> Outcome:
        """See `InboxOf.receive`."""
        number = phones.e164(message.to_address)
        if number is None:
            return Outcome("permanent", f"{message.to_address!r} is no phone number")
        told = {"LanguageCode": message.language_code, "VoiceId": message.voice_id}
        if message.body_type == "SSML":
            told["BodyType"] = "SSML"
        sender = message.origination_number or _ANYBODY
        said = message
        if message.body_type == "SSML":
            try:
                said = msgspec.structs.replace(message, body=ssml.to_plain(ssml.parse(message.body)))
            except ssml.BadSsml as error:
                return Outcome("permanent", str(error))
        entry = _of_phone(said, "VOICE", number, sender, told, now_ms)
        arrived.append(msgspec.structs.replace(entry, raw=message.body.encode()))
        return _ARRIVED


def _of_phone(
    message: SmsOutgoing | VoiceOutgoing, channel: str, number: str, sender: str, told: Mapping[str, str], now_ms: int
) -> InboxMessage:
    return InboxMessage(
        message_id=message.message_id,
        channel=channel,
        account=message.account,
        app_id=message.app_id,
        from_address=sender,
        to_address=number,
        subject="",
        text=message.body,
        html=None,
        raw=message.body.encode(),
        context=message.context,
        received_at_ms=now_ms,
        facts=[(name, value) for name, value in told.items() if value],
    )
