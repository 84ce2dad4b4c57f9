"""Message encryption for Web Push: aes128gcm (RFC 8188) with keys agreed on as RFC 8291 says.

subscription: p256dh, auth ─┐
our key pair of the message ┴─ ECDH ─→ HKDF(auth) ─→ HKDF(salt) ─→ key and nonce of one AES-128-GCM record
"""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RECORD = 4_096
"""Bytes of the one record; a push service need not take more than that as a body."""
SALT = 16
LONGEST = RECORD - SALT - 4 - 1 - 65 - 1 - 16
"""Bytes of a message: what is left of a body beside salt, sizes, our public key, delimiter and tag."""


def encrypt(plain: bytes, browser: bytes, auth: bytes, key: ec.EllipticCurvePrivateKey, salt: bytes) -> bytes:
    """The body for a push service. `browser` is its public key (65 bytes) and `auth` its secret (16); `key` and `salt`
    are of this message alone. Raises ValueError for a public key that is none."""
    shared = key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), browser))
    ours = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    agreed = _expand(_hmac(auth, shared), b"WebPush: info\0" + browser + ours, 32)
    secret = _hmac(salt, agreed)
    content_key = _expand(secret, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _expand(secret, b"Content-Encoding: nonce\0", 12)
    # 2 is the delimiter of the last record, which the first one is.
    sealed = AESGCM(content_key).encrypt(nonce, plain + b"\x02", None)
    return salt + RECORD.to_bytes(4, "big") + len(ours).to_bytes(1, "big") + ours + sealed


def _hmac(key: bytes, data: bytes) -> bytes:
    mac = HMAC(key, hashes.SHA256())
    mac.update(data)
    return mac.finalize()


def _expand(secret: bytes, info: bytes, length: int) -> bytes:
    return HKDFExpand(hashes.SHA256(), length, info).derive(secret)
