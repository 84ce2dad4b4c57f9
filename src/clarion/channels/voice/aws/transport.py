"""SendVoiceMessage of pinpoint-sms-voice-v2 through boto3; AWS speaks. Source: its service model; spec of voice, 4.

Of a call that leaves without a topic to tell us of it nothing more is known than that AWS took it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

from clarion.channels import amazon
from clarion.channels.phones import e164
from clarion.channels.port import Outcome, VoiceOutgoing
from clarion.channels.provider import Finding, Surroundings
from clarion.channels.voice import ssml
from clarion.channels.voice.aws.provider import AwsVoiceConfig
from clarion.channels.voice.voices import plain, voice_for

SERVICE = "pinpoint-sms-voice-v2"


class AwsVoice:
    """See `clarion.channels.port.Transport`."""

    name = "aws"
    channel = "voice"

    def __init__(self, config: AwsVoiceConfig, given: Surroundings) -> None:
        self._config = config
        self._provider = given.name
        self._asking = amazon.Asking[VoiceOutgoing](
            given.settings,
            SERVICE,
            threads="voice-aws",
            region=config.region,
            endpoint=given.settings.sms_voice_endpoint_url,
            seconds=config.timeout_seconds,
            connections=1,
        )

    async def open(self) -> None:
        """See `Transport.open`."""
        await self._asking.open()

    async def close(self) -> None:
        """See `Transport.close`."""
        await self._asking.close()

    async def send(self, messages: Sequence[VoiceOutgoing]) -> list[Outcome]:
        """See `Transport.send`: one after the other, as AWS takes twenty calls a minute. Once we are not let in, are
        too fast, or nobody is there, nobody else is tried."""
        return await self._asking.each(messages, self._one, _outcome)

    async def check(self) -> Sequence[Finding]:
        """Whether AWS lets us in, and how much may be spent."""
        await self.open()
        try:
            told = await self._asking.ask(lambda client: client.describe_spend_limits())
        except ClientError as error:
            return [Finding("error", f"AWS refuses us: {amazon.refused(error).code or 'an error without a code'}")]
        except amazon.FAILURES as error:
            return [Finding("error", f"AWS cannot be asked: {type(error).__name__}")]
        name = "VOICE_MESSAGE_MONTHLY_SPEND_LIMIT"
        limits = told.get("SpendLimits", [])
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

    def _one(self, client: Any, message: VoiceOutgoing) -> Outcome:
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
        answer = client.send_voice_message(**self._members(message, number))
        id = answer.get("MessageId")
        if not isinstance(id, str) or not 0 < len(id) <= 128:
            return Outcome("temporary", "the answer has no id", blame="provider", uncertain=True)
        known = id if self._config.topic else ""
        return Outcome("sent", response=f"200 {id}", provider_message_id=known, provider=self._provider)

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


def _outcome(error: Exception) -> Outcome:
    """What an error means to the message."""
    if not isinstance(error, ClientError):
        return amazon.unanswered(error)
    said = amazon.refused(error)
    if said.is_too_fast:
        return Outcome("throttled", said.told, blame="provider")
    if said.is_locked_out:
        return Outcome("temporary", said.told, blame="credentials")
    spent = said.code == "ServiceQuotaExceededException" and said.reason != "DAILY_DESTINATION_CALL_LIMIT"
    if spent or said.is_ill:
        return Outcome("temporary", said.told, blame="provider", uncertain=200 <= said.status < 300)
    return Outcome("permanent", said.told)
