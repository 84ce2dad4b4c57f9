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

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from clarion.channels import amazon
from clarion.channels.email import mime
from clarion.channels.email.notifications import APP_TAG, MESSAGE_TAG
from clarion.channels.email.ses import SesConfig
from clarion.channels.port import EmailOutgoing, Outcome, Rejection
from clarion.channels.provider import Finding
from clarion.core.errors import Invalid
from clarion.core.settings import Settings

SERVICE = "sesv2"

_OUR_ACCOUNT = frozenset(("AccountSuspendedException", "MailFromDomainNotVerifiedException", "SendingPausedException"))


class SesTransport:
    """See `clarion.channels.port.Transport`."""

    name = "ses"
    channel = "email"

    def __init__(self, config: SesConfig, settings: Settings) -> None:
        self._config = config
        self._asking = amazon.Asking[EmailOutgoing](
            settings,
            SERVICE,
            threads="email-ses",
            region=config.region,
            endpoint=settings.ses_endpoint_url,
            role=config.role,
            seconds=config.timeout_seconds,
            connections=config.connections,
        )

    async def open(self) -> None:
        """See `Transport.open`."""
        await self._asking.open()

    async def close(self) -> None:
        """End connections when their requests are through."""
        await self._asking.close()

    async def send(self, messages: Sequence[EmailOutgoing]) -> list[Outcome]:
        """See `Transport.send`. Once we are not let in, or nobody is there, the rest is not tried."""
        return await self._asking.each(messages, self._one, _outcome)

    async def check(self) -> Sequence[Finding]:
        """Whether SES lets us in, how the account stands, and whether it can tell us of bounces."""
        await self.open()
        try:
            told = await self._asking.ask(lambda client: client.get_account())
        except amazon.FAILURES as error:
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
        answer = client.send_email(**request)
        id = answer.get("MessageId")
        if not isinstance(id, str) or not id:
            return Outcome("temporary", "the answer has no MessageId", blame="provider", uncertain=True)
        return Outcome("sent", response=amazon.line(f"250 {id}"), provider_message_id=id[:128])

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


def _outcome(error: Exception) -> Outcome:
    """What an error means to the message."""
    if not isinstance(error, ClientError):
        return amazon.unanswered(error)
    said = amazon.refused(error)
    if said.is_too_fast:
        return Outcome("throttled", said.told, said.told, blame="provider")
    if said.code == "MessageRejected":
        if "not verified" in said.text:
            return Outcome("temporary", said.told, said.told, blame="credentials")
        bad = "bad content" in said.text.lower() or "virus" in said.text.lower()
        return Outcome("permanent", said.told, said.told, events=(Rejection(),) if bad else ())
    if said.is_locked_out or said.code in _OUR_ACCOUNT:
        return Outcome("temporary", said.told, said.told, blame="credentials")
    if said.code == "NotFoundException" or said.is_ill:
        return Outcome("temporary", said.told, said.told, blame="provider", uncertain=200 <= said.status < 300)
    return Outcome("permanent", said.told, said.told)
