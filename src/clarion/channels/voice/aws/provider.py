"""AWS End User Messaging as a provider of calls: what is configured. boto3 is loaded by the first call."""

from __future__ import annotations

import re

from clarion.channels.phones import e164
from clarion.channels.port import Outgoing, Transport, VoiceOutgoing
from clarion.channels.provider import Provider, ProviderConfig, Surroundings
from clarion.core.errors import Invalid

_NAME = re.compile(r"[A-Za-z0-9_:/\-]{0,256}")
_REGION = re.compile(r"[a-z0-9-]{0,32}")


class AwsVoiceConfig(ProviderConfig, kw_only=True, frozen=True):
    """Which of AWS's numbers call: `caller` (a number, its id or ARN, a pool) where a message names none. `region` ""
    is that of the settings, as is the access key. `configuration_set` names who is told of calls."""

    region: str = ""
    caller: str = ""
    configuration_set: str = ""
    timeout_seconds: float = 30

    def check(self) -> None:
        """See `ProviderConfig`."""
        if _REGION.fullmatch(self.region) is None:
            raise Invalid("region: must be like eu-central-1")
        if e164(self.caller) is None and _NAME.fullmatch(self.caller) is None:
            raise Invalid("caller: must be a number, or an id or ARN of a number or pool")
        if _NAME.fullmatch(self.configuration_set) is None:
            raise Invalid("configuration_set: must be a name or ARN")
        if not 1 <= self.timeout_seconds <= 600:
            raise Invalid("timeout_seconds: must be from 1 to 600")


def build(config: AwsVoiceConfig, given: Surroundings) -> Transport[VoiceOutgoing]:
    """The transport; importing it loads boto3."""
    from clarion.channels.voice.aws.transport import AwsVoice

    return AwsVoice(config, given)


def identity(config: AwsVoiceConfig, message: Outgoing) -> str:
    """Each number that calls has a lane of its own: AWS lets one make a call a second."""
    return (message.origination_number if isinstance(message, VoiceOutgoing) else "") or config.caller


PROVIDER = Provider(
    kind="aws",
    channel="voice",
    title="AWS End User Messaging",
    config=AwsVoiceConfig,
    build=build,
    features=frozenset(("tls", "check")),
    identity=identity,
)
