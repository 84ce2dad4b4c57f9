"""SendTextMessage of pinpoint-sms-voice-v2 by boto3: see `clarion.channels.sms.aws`.

Each request is a thread's, as boto3 is not asynchronous. Source: spec of SMS voice v2, 0.4 and 13.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
    SSLError,
)
from botocore.parsers import ResponseParserError

from clarion.channels import amazon
from clarion.channels.phones import e164
from clarion.channels.port import Outcome, Receipt, SmsOutgoing
from clarion.channels.provider import Finding, Surroundings
from clarion.channels.sms.aws import SERVICE, AwsConfig

FAILURES = (BotoCoreError, ClientError, ResponseParserError)
"""What boto3 raises; the last is for answers that are none."""

_LENGTH = 300

_NOT_LET_IN = frozenset(
    (
        "AccessDeniedException",
        "AccessDenied",
        "UnrecognizedClientException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "SignatureDoesNotMatch",
        "ExpiredTokenException",
        "ExpiredToken",
        "IncompleteSignature",
        "MissingAuthenticationToken",
        "OptInRequired",
        "NotAuthorized",
    )
)
_SLOW_DOWN = frozenset(("ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"))
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
        self._settings = given.settings
        self._threads: ThreadPoolExecutor | None = None
        self._client: Any = None

    async def open(self) -> None:
        """See `Transport.open`. The client is made when it is first wanted: it may ask for a role."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._config.connections, thread_name_prefix="sms-aws")

    async def close(self) -> None:
        """See `Transport.close`."""
        threads, self._threads = self._threads, None
        client, self._client = self._client, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown, wait=True, cancel_futures=True)
        if client is not None:
            client.close()

    async def send(self, messages: Sequence[SmsOutgoing]) -> list[Outcome]:
        """See `Transport.send`. Once we are not let in, or nobody is there, nobody else is tried."""
        if self._threads is None:
            return [Outcome("temporary", "not open", blame="provider")] * len(messages)
        halted: list[Outcome] = []
        try:
            client = await self._asked(self._connected)
        except FAILURES as error:
            return [_outcome(error, self._config.timeout_seconds)] * len(messages)

        def one(message: SmsOutgoing) -> Outcome:
            if halted:
                return halted[0]
            outcome = self._one(client, message)
            if outcome.blame != "message" and not outcome.uncertain:
                halted.append(outcome)
            return outcome

        loop, threads = asyncio.get_running_loop(), self._threads
        return list(await asyncio.gather(*(loop.run_in_executor(threads, one, message) for message in messages)))

    def _one(self, client: Any, message: SmsOutgoing) -> Outcome:
        number = e164(message.to_address)
        if number is None:
            return _failed("INVALID", "the address is no phone number")
        try:
            answer = client.send_text_message(**self._request(number, message))
        except FAILURES as error:
            return _outcome(error, self._config.timeout_seconds)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # boto3 expects answers to have the form of its model.
            return Outcome("temporary", f"garbled answer: {type(error).__name__}", blame="provider", uncertain=True)
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
            client = await self._asked(self._connected)
            told = await self._asked(client.describe_account_attributes)
        except FAILURES as error:
            return [Finding("error", _outcome(error, self._config.timeout_seconds).detail)]
        attributes = {one.get("Name"): one.get("Value") for one in told.get("AccountAttributes", ())}
        found = [Finding("ok", f"AWS lets us in ({self._config.region})")]
        if attributes.get("ACCOUNT_TIER") == "SANDBOX":
            found.append(Finding("warning", "the account is in the sandbox: only verified numbers get texts"))
        if not self._config.topic or not self._config.configuration_set:
            found.append(Finding("warning", "without configuration_set and topic there are no receipts"))
        return found

    async def _asked(self, call: Callable[[], Any]) -> Any:
        assert self._threads is not None
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _connected(self) -> Any:
        if self._client is None:
            seconds = self._config.timeout_seconds
            config = Config(
                connect_timeout=seconds / 2,
                read_timeout=seconds,
                retries={"total_max_attempts": 1, "mode": "standard"},
                max_pool_connections=self._config.connections,
            )
            self._client = amazon.connect(
                self._settings,
                SERVICE,
                region=self._config.region,
                endpoint=self._settings.sms_voice_endpoint_url,
                role=self._config.role,
                config=config,
            )
        return self._client


def _outcome(error: Exception, seconds: float) -> Outcome:
    """What an error means to the message."""
    if isinstance(error, ClientError):
        return _refusal(error)
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return Outcome("temporary", "there are no credentials for AWS", blame="credentials")
    if isinstance(error, ParamValidationError):
        return _failed("INVALID_PARAMETERS", _line(str(error)))
    if isinstance(error, (ConnectTimeoutError, EndpointConnectionError, SSLError)):
        return Outcome("temporary", f"no connection: {type(error).__name__}", blame="provider")
    # The request may have left: a time-out, a reset, an answer that is none.
    uncertain = isinstance(error, (HTTPClientError, ResponseParserError))
    told = f"no answer: {type(error).__name__} within {seconds:g} s; it may have been taken"
    return Outcome("temporary", told, blame="provider", uncertain=uncertain)


def _refusal(error: ClientError) -> Outcome:
    response: Mapping[str, Any] = error.response
    said = response.get("Error") or {}
    code = str(said.get("Code", "")).rpartition("#")[2]
    reason = str(response.get("Reason") or "")
    told = _line(" ".join(part for part in (code, reason, str(said.get("Message", ""))) if part))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _SLOW_DOWN or status == 429:
        return Outcome("throttled", told)
    if code in _NOT_LET_IN or status in (401, 403):
        return Outcome("temporary", told, blame="credentials")
    if code == "ConflictException" and reason.startswith("ACCOUNT_"):
        return Outcome("temporary", told, blame="credentials")
    if code == "ServiceQuotaExceededException" or status >= 500 or not status >= 400:
        return Outcome("temporary", told, blame="provider", uncertain=200 <= status < 300)
    fields = response.get("Fields")
    names = [str(one.get("Name", "")) for one in fields if isinstance(one, dict)] if isinstance(fields, list) else []
    word = _CONFLICTS.get(reason) or _REASONS.get(reason)
    word = next((_FIELDS[name] for name in names if name in _FIELDS), word or "INVALID_PARAMETERS")
    if code == "ResourceNotFoundException":
        word = "ORIGINATION_IDENTITY_DOES_NOT_EXIST"
    return _failed(word, told)


def _failed(word: str, detail: str) -> Outcome:
    return Outcome("permanent", detail, events=(Receipt(kind="FAILURE", record_status=word),))


def _line(text: str) -> str:
    return " ".join(text.split())[:_LENGTH]
