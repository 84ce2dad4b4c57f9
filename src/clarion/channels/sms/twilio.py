"""Text messages by Twilio, or by a service that speaks as it does: a request each, signed calls back.

    POST {url}/2010-04-01/Accounts/{sid}/Messages.json  ─→ 201 and the message's id
    {public_url}/providers/{name}/status                ←─ what became of it
    {public_url}/providers/{name}/inbound               ←─ a text from a person (the number's "A message comes in")

Without `public_url` nobody can tell us what became of a message, and then it is not asked. Source: Twilio, "Messages
resource", "Outbound message status in status callbacks", "Error and warning dictionary".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from clarion.channels import twilio
from clarion.channels.feedback import InboundText, ReceiptReport
from clarion.channels.phones import e164
from clarion.channels.port import Outcome, Outgoing, Receipt, SmsOutgoing
from clarion.channels.provider import Finding, Provider, Surroundings, Webhook
from clarion.core.errors import Invalid, NotFound
from clarion.wire.http.asgi import Response
from clarion.wire.http.plain import PlainRequest

_MESSAGE_ID = re.compile(r"[!-+\--~]{1,128}")
_TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'

_REFUSED: Mapping[int, str] = {
    21211: "INVALID",
    21214: "INVALID",
    21217: "INVALID",
    21219: "INVALID",
    21265: "INVALID",
    21614: "INVALID",
    21635: "INVALID",
    21408: "DESTINATION_COUNTRY_NOT_SUPPORTED",
    21610: "OPTED_OUT",
    21612: "UNREACHABLE",
    21602: "INVALID_MESSAGE",
    21605: "INVALID_MESSAGE",
    21617: "INVALID_MESSAGE",
    21619: "INVALID_MESSAGE",
    30019: "INVALID_MESSAGE",
    21212: "INVALID_ORIGINATION_IDENTITY",
    21603: "NO_ORIGINATION_IDENTITY_AVAILABLE_TO_SEND",
    21606: "INVALID_ORIGINATION_IDENTITY",
    21659: "INVALID_ORIGINATION_IDENTITY",
    21660: "ORIGINATION_IDENTITY_DOES_NOT_EXIST",
    21661: "INVALID_ORIGINATION_IDENTITY",
    21704: "NO_ORIGINATION_IDENTITY_AVAILABLE_TO_SEND",
    21703: "NO_ORIGINATION_IDENTITY_AVAILABLE_TO_SEND",
    30010: "MAX_PRICE_EXCEEDED",
}
"""Pinpoint's words for codes that a request is refused with."""
_SLOW_DOWN = frozenset({14107, 20429, 21611, 30001, 63038})
_NOT_LET_IN = frozenset({20003, 20005, 20008, 20403, 21701, 21705, 30002})

_FAILED: Mapping[int, str] = {
    21610: "OPTED_OUT",
    30003: "UNREACHABLE",
    30004: "BLOCKED",
    30005: "INVALID",
    30006: "CARRIER_UNREACHABLE",
    30007: "SPAM",
    30010: "MAX_PRICE_EXCEEDED",
    30019: "INVALID_MESSAGE",
    30022: "RATE_EXCEEDED",
    30023: "RATE_EXCEEDED",
    30032: "CARRIER_BLOCKED",
    30034: "CARRIER_BLOCKED",
    30036: "TTL_EXPIRED",
    30038: "SPAM",
    30410: "CARRIER_UNREACHABLE",
    30450: "CARRIER_BLOCKED",
    30454: "RATE_EXCEEDED",
}
"""Pinpoint's words for codes that a message fails with later on; others are UNKNOWN."""


class TwilioConfig(twilio.AccountConfig, kw_only=True, frozen=True):
    """See `twilio.AccountConfig`. Texts that name no sender come from `sender` (a number, short code or sender ID), or
    are left to `messaging_service`."""

    sender: str = ""
    messaging_service: str = ""

    def check(self) -> None:
        """See `ProviderConfig`."""
        super().check()
        twilio.check_sid("messaging_service", self.messaging_service)


class TwilioTransport:
    """See `clarion.channels.port.Transport`."""

    name = "twilio"
    channel = "sms"

    def __init__(self, config: TwilioConfig, given: Surroundings) -> None:
        self._config = config
        self._provider = given.name
        base = twilio.public_base(given)
        self._callback = f"{base}/status" if base else ""
        self._account = twilio.Account(config, given)

    async def open(self) -> None:
        """See `Transport.open`."""
        await self._account.open()

    async def close(self) -> None:
        """See `Transport.close`."""
        await self._account.close()

    async def send(self, messages: Sequence[SmsOutgoing]) -> list[Outcome]:
        """See `Transport.send`. Once we are not let in, or nobody is there, nobody else is tried."""
        return await self._account.each(messages, self._one)

    async def _one(self, message: SmsOutgoing) -> Outcome:
        number = e164(message.to_address)
        if number is None:
            return _failed("INVALID", "the address is no phone number")
        form = {"To": number, "Body": message.body, **self._from(message)}
        if self._callback:
            form["StatusCallback"] = self._callback
        return self._verdict(await self._account.post("/Messages.json", form))

    def _from(self, message: SmsOutgoing) -> dict[str, str]:
        named = message.origination_number or message.sender_id
        if not named and self._config.messaging_service:
            return {"MessagingServiceSid": self._config.messaging_service}
        sender = named or self._config.sender
        return {"From": sender} if sender else {}

    def _verdict(self, answer: twilio.Answer) -> Outcome:
        followed = bool(self._callback)
        if (outcome := twilio.taken(answer, _MESSAGE_ID, provider=self._provider, followed=followed)) is not None:
            return outcome
        told = f"{answer.code or answer.status} {answer.message}".strip()
        if answer.code in _SLOW_DOWN:
            return Outcome("throttled", told, answer.text, retry_after_ms=answer.retry_after_ms)
        if answer.code in _NOT_LET_IN:
            return Outcome("temporary", told, answer.text, blame="credentials")
        if (word := _REFUSED.get(answer.code)) is not None:
            return _failed(word, told, answer.text)
        return twilio.refusal(answer) or _failed("UNKNOWN", told, answer.text)

    async def check(self) -> Sequence[Finding]:
        """Whether the account lets us in and is active, and whether it can call us."""
        found = []
        if not self._callback:
            found.append(Finding("warning", "without setting public_url neither receipts nor texts come"))
        if not self._config.sender and not self._config.messaging_service:
            found.append(Finding("warning", "texts that name no sender have none: set sender or messaging_service"))
        return await self._account.standing(found)


def webhook(config: TwilioConfig, given: Surroundings) -> Webhook:
    """See `Provider.webhook`. What is not signed by the account is nobody's."""
    base = twilio.public_base(given)

    def answer(request: PlainRequest) -> Response:
        kind = request.path.rpartition("/")[2]
        if request.method != "POST" or kind not in ("status", "inbound"):
            raise NotFound("There is nothing here")
        members = twilio.signed_form(request, config.auth_token, f"{base}/{kind}" if base else "")
        if kind == "status":
            if (report := receipt_of(members, given.clock.now_ms())) is not None:
                given.feedback.receipts(given.name, [report])
            return Response(204, b"")
        given.feedback.texts(given.name, [text_of(members, given.clock.now_ms())])
        return Response(200, _TWIML, ((b"content-type", b"text/xml; charset=utf-8"),))

    return answer


def receipt_of(members: Mapping[str, str], now_ms: int) -> ReceiptReport | None:
    """What a status callback says, None when it is no news. Raises Invalid for one without an id."""
    id = members.get("MessageSid") or members.get("SmsSid") or ""
    if not _MESSAGE_ID.fullmatch(id):
        raise Invalid("MessageSid: is required")
    given: dict[str, Any] = {"provider_message_id": id, "at_ms": now_ms}
    status = (members.get("MessageStatus") or members.get("SmsStatus") or "").lower()
    code = members.get("ErrorCode") or ""
    sender = members.get("From") or ""
    given["origination_number"] = sender[:20]
    given["detail"] = " ".join(part for part in (status, code) if part)[:100]
    match status:
        case "delivered" | "read":
            return ReceiptReport(kind="SUCCESS", record_status="DELIVERED", **given)
        case "sent":
            return ReceiptReport(kind="BUFFERED", record_status="SUCCESSFUL", final=False, **given)
        case "undelivered" | "failed" | "canceled":
            word = _FAILED.get(int(code) if code.isascii() and code.isdigit() else 0, "UNKNOWN")
            return ReceiptReport(kind="FAILURE", record_status=word, **given)
    return None


def text_of(members: Mapping[str, str], now_ms: int) -> InboundText:
    """A text from a person. Raises Invalid for one without id or sender."""
    id, sender = members.get("MessageSid") or members.get("SmsSid") or "", members.get("From", "").strip()
    if not _MESSAGE_ID.fullmatch(id) or not sender:
        raise Invalid("MessageSid, From: are required")
    return InboundText(
        inbound_id=id,
        from_number=sender,
        to_number=members.get("To", "").strip(),
        body=members.get("Body", ""),
        at_ms=now_ms,
    )


def _failed(word: str, detail: str, response: str = "") -> Outcome:
    failed = Receipt(kind="FAILURE", record_status=word)
    return Outcome("permanent", detail, response, events=(failed,))


def _identity(config: TwilioConfig, message: Outgoing) -> str:
    if not isinstance(message, SmsOutgoing):
        return ""
    return message.origination_number or message.sender_id or config.messaging_service or config.sender


PROVIDER = Provider(
    kind="twilio",
    channel="sms",
    title="Twilio and services that speak as it does",
    config=TwilioConfig,
    build=TwilioTransport,
    features=frozenset(("receipts", "inbound", "tls", "several connections", "check")),
    identity=_identity,
    webhook=webhook,
)
