"""What is configured for a channel of each kind, as it is kept and as senders need it.

Members are named as in the kind's request. What is not configured is ''. Members in `SECRET` are sealed where they are
stored, and nothing shows them: a config prints the names of its members only.
"""

from __future__ import annotations

from clarion.channels.provider import Config
from clarion.channels.push.configs import AdmConfig, ApnsConfig, BaiduConfig, GcmConfig

__all__ = ["AdmConfig", "ApnsConfig", "BaiduConfig", "EmailConfig", "GcmConfig", "SmsConfig", "VoiceConfig"]


class SmsConfig(Config, kw_only=True, frozen=True):
    """Text messages: what they come from unless a message says otherwise."""

    sender_id: str = ""
    short_code: str = ""


class VoiceConfig(Config, kw_only=True, frozen=True):
    """Calls; there is nothing to configure but the switch."""


class EmailConfig(Config, kw_only=True, frozen=True):
    """E-mail: `from_address` unless a message says otherwise; identity and roles are ARNs."""

    from_address: str = ""
    identity: str = ""
    configuration_set: str = ""
    role_arn: str = ""
    orchestration_sending_role_arn: str = ""
