"""What credentials and sender names may look like, and which of them belong together. Pure.

Nothing is asked of a provider: what has its form is accepted. Errors name the member, never what is in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NoReturn

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from clarion.channels.provider import Config
from clarion.channels.push.configs import private_key, service_account
from clarion.core.errors import Invalid
from clarion.domain.apps.channels.configs import ApnsConfig, EmailConfig, GcmConfig, SmsConfig
from clarion.domain.apps.model import is_sender

_MOST = 4096
_WORD = re.compile(rf"[!-~]{{1,{_MOST}}}")
_BUNDLE = re.compile(r"[A-Za-z0-9.-]{1,255}")
_ID = re.compile(r"[A-Za-z0-9]{1,64}")
_SENDER_ID = re.compile(r"[A-Za-z0-9_-]{1,11}")
_SHORT_CODE = re.compile(r"[0-9]{3,7}")
_IDENTITY = re.compile(r"arn:aws(?:-[a-z-]+)?:ses:[a-z0-9-]+:[A-Za-z0-9]+:identity/\S+")

_TOKEN = ("bundle_id", "team_id", "token_key_id", "token_key")
_CERTIFICATE = ("certificate", "private_key")


def check_apns_sent(sent: ApnsConfig) -> None:
    """Keys and certificate that can be read and fit each other; names fit for a header."""
    if sent.bundle_id and not _BUNDLE.fullmatch(sent.bundle_id):
        raise Invalid("BundleId: must be letters, digits, dots and hyphens, at most 255 characters")
    for name in ("team_id", "token_key_id"):
        if (value := getattr(sent, name)) and not _ID.fullmatch(value):
            raise Invalid(f"{_wire(name)}: must be letters and digits, at most 64 characters")
    if sent.default_authentication_method.upper() not in ("", "CERTIFICATE", "KEY", "TOKEN"):
        raise Invalid("DefaultAuthenticationMethod: must be CERTIFICATE or KEY")
    if sent.token_key:
        key = private_key("TokenKey", sent.token_key)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
            raise Invalid("TokenKey: must be an EC key on P-256, as in the .p8 file from Apple")
    if sent.certificate or sent.private_key:
        _require(sent, _CERTIFICATE, "certificate and key are sent together")
        _check_pair(sent)


def check_apns(config: ApnsConfig) -> None:
    """Credentials of one kind or both, each complete, and those that the default method asks for."""
    token = any(getattr(config, name) for name in _TOKEN[1:])
    certificate = any(getattr(config, name) for name in _CERTIFICATE)
    if not (token or certificate or config.default_authentication_method):
        raise Invalid("Certificate: missing, and so is TokenKey; the channel needs credentials of one kind")
    if token or config.method == "TOKEN":
        _require(config, _TOKEN, "token authentication needs BundleId, TeamId, TokenKeyId and TokenKey")
    if certificate or config.method == "CERTIFICATE":
        _require(config, _CERTIFICATE, "certificate authentication needs Certificate and PrivateKey")


def check_gcm_sent(sent: GcmConfig) -> None:
    """A key fit for a header, a service account that can sign."""
    if sent.default_authentication_method.upper() not in ("", "KEY", "TOKEN"):
        raise Invalid("DefaultAuthenticationMethod: must be KEY or TOKEN")
    if sent.api_key:
        _check_word("ApiKey", sent.api_key)
    if sent.service_json:
        service_account(sent.service_json)


def check_gcm(config: GcmConfig) -> None:
    """Key or service account, and the one that the default method asks for."""
    if not (config.api_key or config.service_json):
        raise Invalid("ApiKey: missing, and so is ServiceJson; the channel needs one of them")
    wanted = "api_key" if config.method == "KEY" else "service_json"
    _require(config, [wanted], f"DefaultAuthenticationMethod {config.method} needs it")


def check_words(sent: Config) -> None:
    """Every member there, and fit for a header or a form."""
    for name in sent.members():
        _check_word(_wire(name), getattr(sent, name))


def check_sms(sent: SmsConfig) -> None:
    """Sender id and short code of the form that networks take; neither is looked up anywhere."""
    if sent.sender_id and not _SENDER_ID.fullmatch(sent.sender_id):
        raise Invalid("SenderId: must be 1 to 11 letters, digits, hyphens and underscores")
    if sent.short_code and not _SHORT_CODE.fullmatch(sent.short_code):
        raise Invalid("ShortCode: must be 3 to 7 digits")


def check_email(sent: EmailConfig) -> None:
    """Sender address and identity of the right form; neither is looked up anywhere."""
    if not is_sender(sent.from_address):
        raise Invalid("FromAddress: must be an e-mail address, or a name and an address in angle brackets")
    if not _IDENTITY.fullmatch(sent.identity):
        raise Invalid("Identity: must be an ARN like arn:aws:ses:REGION:ACCOUNT:identity/NAME")


def _check_word(member: str, value: str) -> None:
    if not _WORD.fullmatch(value):
        raise Invalid(f"{member}: must be 1 to {_MOST} characters of printable ASCII without blanks")


def _check_pair(sent: ApnsConfig) -> None:
    key = private_key("PrivateKey", sent.private_key)
    try:
        certificate = x509.load_pem_x509_certificate(sent.certificate.encode())
        certified = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        raise Invalid("Certificate: must be a certificate in PEM") from None
    if key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) != certified:
        raise Invalid("PrivateKey: is not the key of Certificate")


def _require(config: Config, names: Sequence[str], why: str) -> None:
    for name in names:
        if not getattr(config, name):
            _missing(name, why)


def _missing(name: str, why: str) -> NoReturn:
    raise Invalid(f"{_wire(name)}: missing; {why}")


def _wire(name: str) -> str:
    """An attribute's name as the API spells it."""
    return name.title().replace("_", "")
