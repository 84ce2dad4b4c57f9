"""SendTextMessage of pinpoint-sms-voice-v2 by boto3: see `clarion.channels.sms.aws`.

Each request is a thread's, as boto3 is not asynchronous. Source: spec of SMS voice v2, 0.4 and 13.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError

from clarion.channels import amazon
from clarion.channels.phones import e164
from clarion.channels.port import Outcome, Receipt, SmsOutgoing
from clarion.channels.provider import Finding, Surroundings
from clarion.channels.sms.aws import SERVICE, AwsConfig

_CONFLICTS: Mapping[str, str] = {
    "DESTINATION_PHONE_NUMBER_OPTED_OUT": "OPTED_OUT",
    "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION": "BLOCKED",
    "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE": "BLOCKED",
    "DESTINATION_PHONE_NUMBER_NOT_VERIFIED": "ACCOUNT_IN_SANDBOX",
    "NO_ORIGINATION_IDENTITIES_FOUND": "NO_ORIGINATION_IDENTITY_AVAILABLE_TO_SEND",
    "ORIGINATION_IDENTITY_NOT_FOUND": "ORIGINATION_IDENTITY_DOES_NOT_EXIST",
    "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY": "INVALID_ORIGINATION_IDENTITY",
    "SENDER_ID_NOT_SUPPORTED": "SENDER_ID_NOT_SUPPORTED_FOR_DESTINATION",
    "KEYWORD_MISMATCH": "INVALID_KEYWORD",
    "PHONE_NUMBER_NOT_REGISTERED": "INVALID_ORIGINATION_IDENTITY",
    "MESSAGE_TYPE_MISMATCH": "INVALID_ORIGINATION_IDENTITY",
    "NUMBER_CAPABILITIES_MISMATCH": "INVALID_ORIGINATION_IDENTITY",
}
_FIELDS: Mapping[str, str] = {
    "DestinationPhoneNumber": "INVALID",
    "MessageBody": "INVALID_MESSAGE",
    "OriginationIdentity": "INVALID_ORIGINATION_IDENTITY",
    "Keyword": "INVALID_KEYWORD",
    "DestinationCountryParameters": "INVALID_DLT_PARAMETERS",
}
_REASONS: Mapping[str, str] = {
    "DESTINATION_COUNTRY_NOT_SUPPORTED": "DESTINATION_COUNTRY_NOT_SUPPORTED",
    "COUNTRY_CODE_MISMATCH": "DESTINATION_COUNTRY_NOT_SUPPORTED",
    "PRICE_OVER_THRESHOLD": "MAX_PRICE_EXCEEDED",
    "SENDER_ID_NOT_SUPPORTED": "SENDER_ID_NOT_SUPPORTED_FOR_DESTINATION",
    "INVALID_PARAMETER": "INVALID_PARAMETERS",
}


class AwsTransport:
    """See `clarion.channels.port.Transport`. Text that leaves without a topic to tell us of it gets no receipt."""

    name = "aws"
    channel = "sms"

    def __init__(self, config: AwsConfig, given: Surroundings) -> None:
        self._config = config
        self._provider = given.name
        self._asking = amazon.Asking[SmsOutgoing](
            given.settings,
            SERVICE,
            threads="sms-aws",
            region=config.region,
            endpoint=given.settings.sms_voice_endpoint_url,
            role=config.role,
            seconds=config.timeout_seconds,
            connections=config.connections,
        )

    async def open(self) -> None:
        """See `Transport.open`."""
        await self._asking.open()

    async def close(self) -> None:
        """See `Transport.close`."""
        await self._asking.close()

    async def send(self, messages: Sequence[SmsOutgoing]) -> list[Outcome]:
        """See `Transport.send`. Once we are not let in, or nobody is there, nobody else is tried."""
        return await self._asking.each(messages, self._one, _outcome)

    def _one(self, client: Any, message: SmsOutgoing) -> Outcome:
        number = e164(message.to_address)
        if number is None:
            return _failed("INVALID", "the address is no phone number")
        answer = client.send_text_message(**self._request(number, message))
        id = answer.get("MessageId")
        if not isinstance(id, str) or not id or len(id) > 128:
            return Outcome("temporary", "the answer has no id", blame="provider", uncertain=True)
        known = id if self._config.topic else ""
        return Outcome("sent", "200", provider_message_id=known, provider=self._provider)

    def _request(self, number: str, message: SmsOutgoing) -> dict[str, Any]:
        india = {"IN_ENTITY_ID": message.entity_id, "IN_TEMPLATE_ID": message.template_id}
        wanted = {
            "DestinationPhoneNumber": number,
            "MessageBody": message.body,
            "OriginationIdentity": message.origination_number or message.sender_id or self._config.origination,
            "MessageType": message.message_type,
            "Keyword": message.keyword,
            "ConfigurationSetName": self._config.configuration_set,
            "DestinationCountryParameters": {name: value for name, value in india.items() if value},
            "Context": {"clarion_message_id": message.message_id},
        }
        return {name: value for name, value in wanted.items() if value}

    async def check(self) -> Sequence[Finding]:
        """Whether AWS lets us in, how the account stands, and whether it can tell us anything."""
        await self.open()
        try:
            told = await self._asking.ask(lambda client: client.describe_account_attributes())
        except amazon.FAILURES as error:
            return [Finding("error", _outcome(error).detail)]
        attributes = {one.get("Name"): one.get("Value") for one in told.get("AccountAttributes", ())}
        found = [Finding("ok", f"AWS lets us in ({self._config.region})")]
        if attributes.get("ACCOUNT_TIER") == "SANDBOX":
            found.append(Finding("warning", "the account is in the sandbox: only verified numbers get texts"))
        if not self._config.topic or not self._config.configuration_set:
            found.append(Finding("warning", "without configuration_set and topic there are no receipts"))
        return found


def _outcome(error: Exception) -> Outcome:
    """What an error means to the message."""
    if isinstance(error, ParamValidationError):
        return _failed("INVALID_PARAMETERS", amazon.line(str(error)))
    if not isinstance(error, ClientError):
        return amazon.unanswered(error)
    said = amazon.refused(error)
    if said.is_too_fast:
        return Outcome("throttled", said.told)
    if said.is_locked_out or (said.code == "ConflictException" and said.reason.startswith("ACCOUNT_")):
        return Outcome("temporary", said.told, blame="credentials")
    if said.code == "ServiceQuotaExceededException" or said.is_ill:
        return Outcome("temporary", said.told, blame="provider", uncertain=200 <= said.status < 300)
    fields = said.response.get("Fields")
    names = [str(one.get("Name", "")) for one in fields if isinstance(one, dict)] if isinstance(fields, list) else []
    word = _CONFLICTS.get(said.reason) or _REASONS.get(said.reason)
    word = next((_FIELDS[name] for name in names if name in _FIELDS), word or "INVALID_PARAMETERS")
    if said.code == "ResourceNotFoundException":
        word = "ORIGINATION_IDENTITY_DOES_NOT_EXIST"
    return _failed(word, said.told)


def _failed(word: str, detail: str) -> Outcome:
    return Outcome("permanent", detail, events=(Receipt(kind="FAILURE", record_status=word),))
