"""What is configured for a channel of each kind, as it is kept and as senders need it.

Members are named as in the kind's request. What is not configured is ''. Members in `SECRET` are sealed where they are
stored, and nothing shows them: a config prints the names of its members only.
"""

from __future__ import annotations

from typing import Literal

from clarion.channels.provider import Config


class ApnsConfig(Config, kw_only=True, frozen=True):
    """All four kinds of APNs. Keys and certificates are PEM as they were sent."""

    SECRET = ("certificate", "private_key", "token_key")

    bundle_id: str = ""
    team_id: str = ""
    token_key_id: str = ""
    token_key: str = ""
    certificate: str = ""
    private_key: str = ""
    default_authentication_method: str = ""

    @property
    def method(self) -> Literal["CERTIFICATE", "TOKEN"]:
        """How to authenticate unless a message says otherwise; without a default by what there is, token first."""
        wanted = self.default_authentication_method.upper()
        if wanted:
            return "CERTIFICATE" if wanted == "CERTIFICATE" else "TOKEN"
        return "TOKEN" if self.token_key else "CERTIFICATE"


class GcmConfig(Config, kw_only=True, frozen=True):
    """FCM: a legacy server key, the JSON of a service account, or both."""

    SECRET = ("api_key", "service_json")

    api_key: str = ""
    service_json: str = ""
    default_authentication_method: str = ""

    @property
    def method(self) -> Literal["KEY", "TOKEN"]:
        """How to authenticate unless a message says otherwise; without a default by what there is, key first."""
        wanted = self.default_authentication_method.upper()
        if wanted:
            return "TOKEN" if wanted == "TOKEN" else "KEY"
        return "KEY" if self.api_key else "TOKEN"


class AdmConfig(Config, kw_only=True, frozen=True):
    """Amazon Device Messaging: an OAuth client."""

    SECRET = ("client_secret",)

    client_id: str = ""
    client_secret: str = ""


class BaiduConfig(Config, kw_only=True, frozen=True):
    """Baidu Cloud Push."""

    SECRET = ("api_key", "secret_key")

    api_key: str = ""
    secret_key: str = ""


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
