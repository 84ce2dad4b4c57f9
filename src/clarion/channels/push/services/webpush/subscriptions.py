"""The address of a browser: its PushSubscription as JSON, as `subscription.toJSON()` gives it. Written by strangers."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from binascii import Error as Base64Error
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec

from clarion.core.errors import Invalid

_LONGEST = 4_000
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)


class _Keys(msgspec.Struct):
    p256dh: str
    auth: str


class _Json(msgspec.Struct):
    endpoint: str
    keys: _Keys


class Subscription(msgspec.Struct, frozen=True):
    """Where to push (`url`, on the host that `origin` names) and for whom to encrypt."""

    url: str
    origin: str
    browser: bytes
    auth: bytes


def read(address: str) -> Subscription:
    """Raises Invalid, saying what is wrong with it."""
    if len(address) > _LONGEST:
        raise Invalid(f"the subscription is longer than {_LONGEST} characters")
    try:
        found = msgspec.json.decode(address, type=_Json)
        browser, auth = _base64(found.keys.p256dh), _base64(found.keys.auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browser)
    except (msgspec.DecodeError, Base64Error, ValueError):
        raise Invalid("the address is not the JSON of a PushSubscription with keys p256dh and auth") from None
    if len(browser) != 65 or len(auth) != 16:
        raise Invalid("the keys of the subscription are not of the right length")
    return Subscription(found.endpoint, _origin(found.endpoint), browser, auth)


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Invalid("the subscription's endpoint is not a URL") from None
    # Browsers' services have names. A number can be an address in disguise, and who resolves it may read it otherwise.
    if parts.scheme != "https" or not host or ":" in host or _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        raise Invalid("the subscription's endpoint must be an https:// URL with the name of a host")
    return f"https://{host}" if port in (None, 443) else f"https://{host}:{port}"


def _base64(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
