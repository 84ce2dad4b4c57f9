"""A project's own key pair (VAPID, RFC 8292): browsers subscribe with the public key, messages are signed by the other.

Who subscribed with one public key takes no messages signed by another: a new pair needs new subscriptions.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from clarion.channels.push.configs import WebPushConfig, private_key
from clarion.core.errors import Invalid


def new_pair(subject: str) -> WebPushConfig:
    """A key pair made now."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return WebPushConfig(public_key=_text(key), private_key=pem, subject=subject)


def public_of(pem: str) -> str:
    """The public key of a private one, as browsers want it (`applicationServerKey`). Raises Invalid."""
    key = private_key("PrivateKey", pem)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Invalid("PrivateKey: must be an EC key on P-256")
    return _text(key)


def _text(key: ec.EllipticCurvePrivateKey) -> str:
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return urlsafe_b64encode(point).rstrip(b"=").decode()
