"""What a push service needs to let us in, as it is kept and as its transport needs it.

Members are named as in the kind's request. What is not configured is ''.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from clarion.channels.provider import Config
from clarion.core.errors import Invalid

_WORD = re.compile(r"[!-~]{1,4096}")


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


class WebPushConfig(Config, kw_only=True, frozen=True):
    """Web Push: the project's own key pair (VAPID), and whom push services may write to.

    `public_key` is what browsers subscribe with, base64url without padding, `private_key` PEM, `subject` a mailto: or
    https: URL.
    """

    SECRET = ("private_key",)

    public_key: str = ""
    private_key: str = ""
    subject: str = ""


class ServiceAccount(msgspec.Struct):
    """The JSON that Google gives for a service account: what sending needs of it."""

    project_id: str
    client_email: str
    private_key: str
    private_key_id: str = ""
    token_uri: str = "https://oauth2.googleapis.com/token"  # noqa: S105, an address
    type: str = "service_account"


def service_account(text: str) -> ServiceAccount:
    """`ServiceJson` read. Raises Invalid saying what is wrong with it."""
    try:
        account = msgspec.json.decode(text, type=ServiceAccount)
    except msgspec.DecodeError as error:
        raise Invalid(f"ServiceJson: is not the JSON of a service account: {error}") from None
    if account.type != "service_account":
        raise Invalid("ServiceJson: type must be service_account")
    if not account.token_uri.startswith("https://"):
        raise Invalid("ServiceJson: token_uri must be an https:// URL")
    for name in ("project_id", "client_email", "token_uri"):
        if not _WORD.fullmatch(getattr(account, name)):
            raise Invalid(f"ServiceJson: {name} must be printable ASCII without blanks")
    if not isinstance(private_key("ServiceJson: private_key", account.private_key), rsa.RSAPrivateKey):
        raise Invalid("ServiceJson: private_key must be an RSA key")
    return account


def private_key(member: str, pem: str) -> PrivateKeyTypes:
    """A private key out of its PEM. Raises Invalid naming the member."""
    try:
        return load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise Invalid(f"{member}: is protected by a password; send it without") from None
    except (ValueError, UnsupportedAlgorithm):
        raise Invalid(f"{member}: must be a private key in PEM") from None
