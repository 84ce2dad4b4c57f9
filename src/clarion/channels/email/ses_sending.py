"""SendEmail of SES by boto3: see `clarion.channels.email.ses`. Each request is a thread of its own: boto3 blocks.

error                                              outcome
Throttling, TooManyRequests, LimitExceeded         throttled    (the provider's: no attempt counts)
access refused, expired, AccountSuspended,
SendingPaused, MailFromDomainNotVerified           temporary    (the credentials': it is about our account)
MessageRejected: address or sender not verified    temporary    (the credentials'; the sandbox, too)
MessageRejected otherwise, BadRequest              permanent    (this message)
NotFound: no such configuration set                temporary    (the provider's configuration)
not reached, 5xx                                   temporary    (the provider's)
no answer to what may have left                    temporary, uncertain
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
from clarion.channels.email import mime
from clarion.channels.email.notifications import APP_TAG, MESSAGE_TAG
from clarion.channels.email.ses import SesConfig
from clarion.channels.port import EmailOutgoing, Outcome, Rejection
from clarion.channels.provider import Finding
from clarion.core.errors import Invalid
from clarion.core.settings import Settings

SERVICE = "sesv2"

FAILURES = (BotoCoreError, ClientError, ResponseParserError)
"""What boto3 raises; the last is for answers that are none."""

_LENGTH = 300
_SLOW_DOWN = frozenset(
    ("Throttling", "ThrottlingException", "TooManyRequestsException", "LimitExceededException", "RequestLimitExceeded")
)
_NOT_LET_IN = frozenset(
    (
        "AccessDeniedException",
        "AccessDenied",
        "AccountSuspendedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MailFromDomainNotVerifiedException",
        "MissingAuthenticationToken",
        "NotAuthorized",
        "OptInRequired",
        "SendingPausedException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    )
)


class SesTransport:
    """See `clarion.channels.port.Transport`."""

    name = "ses"
    channel = "email"

    def __init__(self, config: SesConfig, settings: Settings) -> None:
        self._config = config
        self._settings = settings
        self._threads: ThreadPoolExecutor | None = None
        self._client: Any = None

    async def open(self) -> None:
        """The client is made when it is first wanted: it may ask for a role."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._config.connections, thread_name_prefix="email-ses")

    async def close(self) -> None:
        """End connections when their requests are through."""
        threads, self._threads = self._threads, None
        client, self._client = self._client, None
        if threads is not None:
            await asyncio.to_thread(threads.shutdown, wait=True, cancel_futures=True)
        if client is not None:
            client.close()

    async def send(self, messages: Sequence[EmailOutgoing]) -> list[Outcome]:
        """See `Transport.send`. Once we are not let in, or nobody is there, the rest is not tried."""
        if not messages:
            return []
        halted: list[Outcome] = []
        try:
            client = await self._asked(self._connected)
        except FAILURES as error:
            return [_outcome(error)] * len(messages)

        def one(message: EmailOutgoing) -> Outcome:
            if halted:
                return halted[0]
            outcome = self._one(client, message)
            if outcome.blame != "message" and not outcome.uncertain:
                halted.append(outcome)
            return outcome

        loop, threads = asyncio.get_running_loop(), self._threads
        return list(await asyncio.gather(*(loop.run_in_executor(threads, one, message) for message in messages)))

    async def check(self) -> Sequence[Finding]:
        """Whether SES lets us in, how the account stands, and whether it can tell us of bounces."""
        await self.open()
        try:
            client = await self._asked(self._connected)
            told = await self._asked(client.get_account)
        except FAILURES as error:
            return [Finding("error", _outcome(error).detail)]
        found = [Finding("ok", "SES lets us in")]
        if told.get("SendingEnabled") is False:
            found.append(Finding("error", "sending is switched off for the account"))
        if told.get("ProductionAccessEnabled") is False:
            found.append(Finding("warning", "the account is in the sandbox: only verified addresses get mail"))
        if not self._config.topic:
            found.append(Finding("warning", "without topic nobody tells us of bounces and complaints"))
        return found

    def _one(self, client: Any, message: EmailOutgoing) -> Outcome:
        try:
            request = self._request(message)
        except Invalid as error:
            return Outcome("permanent", error.message)
        try:
            answer = client.send_email(**request)
        except FAILURES as error:
            return _outcome(error)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # boto3 expects answers to have the form of its model.
            return Outcome("temporary", f"garbled answer: {type(error).__name__}", blame="provider", uncertain=True)
        id = answer.get("MessageId")
        if not isinstance(id, str) or not id:
            return Outcome("temporary", "the answer has no MessageId", blame="provider", uncertain=True)
        return Outcome("sent", response=f"250 {id}"[:_LENGTH], provider_message_id=id[:128])

    def _request(self, message: EmailOutgoing) -> dict[str, Any]:
        mail = mime.build(message)
        wanted = {
            "FromEmailAddressIdentityArn": self._config.identity,
            "Destination": {"ToAddresses": [mail.recipient]},
            "Content": {"Raw": {"Data": mail.content}},
            "ConfigurationSetName": self._config.configuration_set,
            "EmailTags": [
                {"Name": APP_TAG, "Value": message.app_id},
                {"Name": MESSAGE_TAG, "Value": message.message_id},
            ],
        }
        return {name: value for name, value in wanted.items() if value}

    async def _asked(self, call: Callable[[], Any]) -> Any:
        assert self._threads is not None, "not open"
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
                endpoint=self._settings.ses_endpoint_url,
                role=self._config.role,
                config=config,
            )
        return self._client


def _outcome(error: Exception) -> Outcome:
    """What an error means to the message."""
    if isinstance(error, ClientError):
        return _refusal(error)
    if isinstance(error, (NoCredentialsError, PartialCredentialsError)):
        return Outcome("temporary", "there are no credentials for AWS", blame="credentials")
    if isinstance(error, ParamValidationError):
        return Outcome("permanent", _line(str(error)))
    if isinstance(error, (ConnectTimeoutError, EndpointConnectionError, SSLError)):
        return Outcome("temporary", f"no connection: {type(error).__name__}", blame="provider")
    # The request may have left: a time-out, a reset, an answer that is none.
    uncertain = isinstance(error, (HTTPClientError, ResponseParserError))
    told = f"no answer: {type(error).__name__}; it may have been taken"
    return Outcome("temporary", told, blame="provider", uncertain=uncertain)


def _refusal(error: ClientError) -> Outcome:
    response: Mapping[str, Any] = error.response
    said = response.get("Error") or {}
    code = str(said.get("Code", "")).rpartition("#")[2]
    text = str(said.get("Message", ""))
    told = _line(" ".join(part for part in (code, text) if part))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _SLOW_DOWN or status == 429:
        return Outcome("throttled", told, told, blame="provider")
    if code == "MessageRejected":
        if "not verified" in text:
            return Outcome("temporary", told, told, blame="credentials")
        bad = "bad content" in text.lower() or "virus" in text.lower()
        return Outcome("permanent", told, told, events=(Rejection(),) if bad else ())
    if code in _NOT_LET_IN or status in (401, 403):
        return Outcome("temporary", told, told, blame="credentials")
    if code == "NotFoundException" or status >= 500 or not status >= 400:
        return Outcome("temporary", told, told, blame="provider", uncertain=200 <= status < 300)
    return Outcome("permanent", told, told)


def _line(text: str) -> str:
    return " ".join(text.split())[:_LENGTH]
