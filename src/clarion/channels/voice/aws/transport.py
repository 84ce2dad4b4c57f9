"""SendVoiceMessage of pinpoint-sms-voice-v2 through boto3; AWS speaks. Source: its service model; spec of voice, 4.

Of a call that leaves without a topic to tell us of it nothing more is known than that AWS took it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
)
from urllib3.exceptions import HTTPError

from clarion.channels import amazon
from clarion.channels.phones import e164
from clarion.channels.port import Outcome, VoiceOutgoing
from clarion.channels.provider import Finding, Surroundings
from clarion.channels.voice import ssml
from clarion.channels.voice.aws.provider import AwsVoiceConfig
from clarion.channels.voice.voices import plain, voice_for

_NOT_LET_IN = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


class AwsVoice:
    """See `clarion.channels.port.Transport`."""

    name = "aws"
    channel = "voice"

    def __init__(self, config: AwsVoiceConfig, given: Surroundings) -> None:
        self._config = config
        self._given = given
        self._lock = threading.Lock()
        self._made: Any = None

    async def open(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        """Let go of connections."""
        with self._lock:
            if self._made is not None:
                self._made.close()
                self._made = None

    async def send(self, messages: Sequence[VoiceOutgoing]) -> list[Outcome]:
        """See `Transport.send`: one after the other, as AWS takes twenty calls a minute."""
        return await asyncio.to_thread(self._send, messages)

    async def check(self) -> Sequence[Finding]:
        """Whether AWS lets us in, and how much may be spent."""
        return await asyncio.to_thread(self._check)

    def _send(self, messages: Sequence[VoiceOutgoing]) -> list[Outcome]:
        found: list[Outcome] = []
        for message in messages:
            last = found[-1] if found else None
            halted = last is not None and (last.blame != "message" or last.status == "throttled") and not last.uncertain
            found.append(last if halted and last is not None else self._one(message))
        return found

    def _one(self, message: VoiceOutgoing) -> Outcome:
        number = e164(message.to_address)
        if number is None:
            return Outcome("permanent", f"{message.to_address!r} is no phone number")
        if not (message.origination_number or self._config.caller):
            return Outcome("permanent", "there is no number to call from")
        if message.body_type == "SSML":
            try:
                ssml.parse(message.body)
            except ssml.BadSsml as error:
                return Outcome("permanent", str(error))
        try:
            answer = self._client().send_voice_message(**self._members(message, number))
        except ClientError as error:
            return _refused(error)
        except NoCredentialsError:
            return Outcome("temporary", "there are no credentials for AWS", blame="credentials")
        except (EndpointConnectionError, ConnectTimeoutError) as error:
            return Outcome("temporary", f"AWS cannot be reached: {type(error).__name__}", blame="provider")
        except (BotoCoreError, HTTPError, OSError) as error:
            why = f"no answer from AWS: {type(error).__name__}; it may have been taken"
            return Outcome("temporary", why, blame="provider", uncertain=True)
        id = answer.get("MessageId")
        if not isinstance(id, str) or not 0 < len(id) <= 128:
            return Outcome("temporary", "the answer has no id", blame="provider", uncertain=True)
        known = id if self._config.topic else ""
        return Outcome("sent", response=f"200 {id}", provider_message_id=known, provider=self._given.name)

    def _members(self, message: VoiceOutgoing, number: str) -> dict[str, Any]:
        voice = voice_for(message.voice_id, message.language_code)
        members: dict[str, Any] = {
            "DestinationPhoneNumber": number,
            "OriginationIdentity": message.origination_number or self._config.caller,
            "MessageBody": message.body,
            "MessageBodyTextType": message.body_type,
            "Context": {"clarion_message_id": message.message_id},
        }
        if voice is not None or message.voice_id:
            members["VoiceId"] = plain(voice.name if voice is not None else message.voice_id).upper()
        if self._config.configuration_set:
            members["ConfigurationSetName"] = self._config.configuration_set
        return members

    def _check(self) -> Sequence[Finding]:
        try:
            limits = self._client().describe_spend_limits().get("SpendLimits", [])
        except ClientError as error:
            return [Finding("error", f"AWS refuses us: {_code(error)}")]
        except (BotoCoreError, HTTPError, OSError) as error:
            return [Finding("error", f"AWS cannot be asked: {type(error).__name__}")]
        name = "VOICE_MESSAGE_MONTHLY_SPEND_LIMIT"
        dollars = next((one.get("EnforcedLimit") for one in limits if one.get("Name") == name), None)
        found = [Finding("ok", "AWS lets us in")]
        if dollars is not None and dollars <= 1:
            found.append(
                Finding("warning", f"calls may cost {dollars} US dollars a month: AWS's limit for new accounts")
            )
        if not self._config.topic:
            found.append(Finding("warning", "without a topic nobody tells what became of calls: set topic"))
        if not self._config.caller:
            found.append(Finding("warning", "messages that name no number cannot call: set caller"))
        return found

    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                settings = self._given.settings
                seconds = self._config.timeout_seconds
                config = Config(connect_timeout=5, read_timeout=seconds, retries={"total_max_attempts": 1})
                endpoint = settings.sms_voice_endpoint_url
                region = self._config.region
                self._made = amazon.connect(
                    settings, "pinpoint-sms-voice-v2", region=region, endpoint=endpoint, role="", config=config
                )
            return self._made


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "")) or "an error without a code"


def _refused(error: ClientError) -> Outcome:
    code = _code(error)
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    reason = str(error.response.get("Reason", "") or "")
    told = " ".join(f"{code} {reason} {error.response.get('Error', {}).get('Message', '')}".split())[:300]
    if code in _NOT_LET_IN:
        return Outcome("temporary", told, blame="credentials")
    if code == "ThrottlingException" or status == 429:
        return Outcome("throttled", told, blame="provider")
    if code == "ServiceQuotaExceededException" and reason != "DAILY_DESTINATION_CALL_LIMIT":
        return Outcome("temporary", told, blame="provider")
    if status >= 500 or code == "InternalServerException":
        return Outcome("temporary", told, blame="provider")
    return Outcome("permanent", told)
