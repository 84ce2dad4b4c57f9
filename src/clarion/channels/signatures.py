"""Signatures of webhooks in the form of Standard Webhooks: HMAC-SHA256 over id, time and body. Pure.

Source: the specification at standardwebhooks.com. Several secrets make several signatures, so that a receiver can
change its secret without missing anything.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

PREFIX = "whsec_"
_LEAST, _MOST = 24, 64
"""Bytes of a secret."""
_SECRETS = 4


def secrets_of(text: str) -> list[bytes]:
    """The secrets in `whsec_…,whsec_…`. Raises ValueError, without their text, when it is not one to four of them."""
    found = [_secret(part) for part in text.split(",")]
    if len(found) > _SECRETS:
        raise ValueError(f"at most {_SECRETS} secrets")
    return found


def headers(secrets: Sequence[bytes], message_id: str, seconds: int, body: bytes) -> Mapping[str, str]:
    """The headers of a message that is sent at a time (Unix seconds)."""
    signed = f"{message_id}.{seconds}.".encode() + body
    made = [base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode() for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in made),
    }


def is_signed(
    secrets: Sequence[bytes], given: Mapping[bytes, bytes], body: bytes, seconds: int, tolerance: int
) -> bool:
    """Whether a message with these headers (lower case) is signed with one of the secrets, at a time that is not
    further from now (Unix seconds) than `tolerance`."""
    sent, identity = given.get(b"webhook-timestamp", b""), given.get(b"webhook-id", b"")
    if not sent.isdigit() or len(sent) > 12 or not identity or abs(seconds - int(sent)) > tolerance:
        return False
    signed = identity + b"." + sent + b"." + body
    wanted = [b"v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)) for secret in secrets]
    found = given.get(b"webhook-signature", b"").split()
    return any(hmac.compare_digest(one, other) for one in wanted for other in found[: 2 * _SECRETS])


def _secret(text: str) -> bytes:
    try:
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        secret = b""
    if not text.startswith(PREFIX) or not _LEAST <= len(secret) <= _MOST:
        raise ValueError(f"{PREFIX} and {_LEAST} to {_MOST} bytes in base64")
    return secret
