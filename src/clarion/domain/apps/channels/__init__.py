"""The channels of a project: what is configured, and whether it is switched on.

In-app and custom messages need no channel.
"""

from clarion.channels.provider import Config
from clarion.domain.apps.channels.configs import (
    AdmConfig,
    ApnsConfig,
    BaiduConfig,
    EmailConfig,
    GcmConfig,
    SmsConfig,
    VoiceConfig,
)
from clarion.domain.apps.channels.service import Channel, Channels, EmailChannel

__all__ = [
    "AdmConfig",
    "ApnsConfig",
    "BaiduConfig",
    "Channel",
    "Channels",
    "Config",
    "EmailChannel",
    "EmailConfig",
    "GcmConfig",
    "SmsConfig",
    "VoiceConfig",
]
