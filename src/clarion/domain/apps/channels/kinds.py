"""The kinds of channels: what is declared of each, from which `service` and `operations` make its three operations.

Sources: spec of push, section 1; spec of text messages, 1.1; spec of voice, section 1; spec of e-mail, 1.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from clarion.channels.provider import Config
from clarion.channels.push.configs import WebPushConfig
from clarion.domain.apps.channels import credentials, webpush
from clarion.domain.apps.channels.configs import (
    AdmConfig,
    ApnsConfig,
    BaiduConfig,
    EmailConfig,
    GcmConfig,
    SmsConfig,
    VoiceConfig,
)
from clarion.shapes import pinpoint as shapes


class Kind(NamedTuple):
    """One kind of channel.

    `response` is its answer's shape, `config` what is kept. `check_sent` looks at what one request sends, `check_whole`
    at what is then configured; both raise Invalid. `show` gives the answer's members that not all kinds have, `rates`
    names those that tell the lane's limit. `keeps`: what a request does not send stays, '' clears it; otherwise only a
    request that sends nothing but `Enabled` leaves the rest as it is. `ours`: Pinpoint has no operations for it.
    """

    name: str
    response: Callable[..., msgspec.Struct]
    config: type[Config]
    check_sent: Callable[[Any], None]
    check_whole: Callable[[Any], None]
    show: Callable[[Any], Mapping[str, object]]
    rates: tuple[str, ...] = ()
    keeps: bool = False
    ours: bool = False

    @property
    def id(self) -> str:
        """The kind in lower case: `Id` in answers, last part of the path, middle of the operations' names."""
        return self.name.lower()

    def read(self, sent: msgspec.Struct) -> Config:
        """What a request sends; members that are absent are ''."""
        members: dict[str, Any] = {name: getattr(sent, name) or "" for name in self.config.members()}
        return self.config(**members)

    def merge(self, old: Config | None, sent: msgspec.Struct) -> Config:
        """What is configured after a request, `old` being what was before."""
        absent = [name for name in self.config.members() if getattr(sent, name) is None]
        if old is not None and (self.keeps or len(absent) == len(self.config.members())):
            return msgspec.structs.replace(self.read(sent), **{name: getattr(old, name) for name in absent})
        return self.read(sent)


def _apns(name: str, response: Callable[..., msgspec.Struct]) -> Kind:
    return Kind(
        name,
        response,
        ApnsConfig,
        credentials.check_apns_sent,
        credentials.check_apns,
        lambda config: {
            "default_authentication_method": config.default_authentication_method or None,
            "has_token_key": bool(config.token_key),
        },
        keeps=True,
    )


def _nothing(config: Config) -> None:
    """There is nothing to check."""


def _as_configured(config: Config) -> Mapping[str, object]:
    """Every member, absent where it is not configured."""
    return {name: getattr(config, name) or None for name in config.members()}


_ALL = (
    _apns("APNS", shapes.APNSChannelResponse),
    _apns("APNS_SANDBOX", shapes.APNSSandboxChannelResponse),
    _apns("APNS_VOIP", shapes.APNSVoipChannelResponse),
    _apns("APNS_VOIP_SANDBOX", shapes.APNSVoipSandboxChannelResponse),
    Kind(
        "GCM",
        shapes.GCMChannelResponse,
        GcmConfig,
        credentials.check_gcm_sent,
        credentials.check_gcm,
        lambda config: {
            "credential": config.api_key or None,
            "default_authentication_method": config.default_authentication_method or None,
            "has_fcm_service_credentials": bool(config.service_json),
        },
        keeps=True,
    ),
    Kind("ADM", shapes.ADMChannelResponse, AdmConfig, credentials.check_words, _nothing, lambda config: {}),
    Kind(
        "BAIDU",
        shapes.BaiduChannelResponse,
        BaiduConfig,
        credentials.check_words,
        _nothing,
        lambda config: {"credential": config.api_key},
    ),
    Kind(
        webpush.KIND,
        webpush.WebPushChannel,
        WebPushConfig,
        webpush.check_sent,
        webpush.check_whole,
        webpush.show,
        keeps=True,
        ours=True,
    ),
    Kind(
        "SMS",
        shapes.SMSChannelResponse,
        SmsConfig,
        credentials.check_sms,
        _nothing,
        _as_configured,
        rates=("promotional_messages_per_second", "transactional_messages_per_second"),
    ),
    Kind("VOICE", shapes.VoiceChannelResponse, VoiceConfig, _nothing, _nothing, lambda config: {}),
    Kind(
        "EMAIL",
        shapes.EmailChannelResponse,
        EmailConfig,
        credentials.check_email,
        _nothing,
        _as_configured,
        rates=("messages_per_second",),
    ),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
"""All kinds by name."""
