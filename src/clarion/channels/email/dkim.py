"""DKIM signatures (RFC 6376, RFC 8463): relaxed/relaxed, rsa-sha256 and ed25519-sha256, on `cryptography`.

A domain may have several keys; each adds a signature, so that Ed25519 can stand beside RSA for receivers
that do not know it yet. The signing time is the message's own: a retry is signed to the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from clarion.core.errors import Invalid

_SIGNED = (
    b"from", b"to", b"cc", b"reply-to", b"sender", b"subject", b"date", b"message-id", b"mime-version",
    b"content-type", b"content-transfer-encoding", b"in-reply-to", b"references", b"list-id",
    b"list-unsubscribe", b"list-unsubscribe-post",
)  # fmt: skip
_BLANKS = re.compile(rb"[ \t]+")
_FIELD_BREAK = re.compile(rb"\r\n(?![ \t])")


class Signer(Protocol):
    """Whoever can sign for a domain."""

    def sign(self, domain: str, content: bytes, at_ms: int) -> bytes:
        """Header fields to put in front of `content` (lines end in CR LF); empty without a key for `domain`."""
        ...


class DkimKey:
    """A private key, published under `selector`._domainkey.`domain`. Raises Invalid for a key it cannot use."""

    def __init__(self, domain: str, selector: str, private_key_pem: bytes) -> None:
        self.domain = domain.lower()
        self.selector = selector
        try:
            key = serialization.load_pem_private_key(private_key_pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise Invalid(f"DKIM key {selector} of {domain}: {error}") from error
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 1024:
            self.algorithm = "rsa-sha256"
        elif isinstance(key, ed25519.Ed25519PrivateKey):
            self.algorithm = "ed25519-sha256"
        else:
            raise Invalid(f"DKIM key {selector} of {domain}: RSA of at least 1024 bits or Ed25519 is needed")
        self._key = key

    def record(self) -> str:
        """The TXT record that publishes the public half."""
        public = self._key.public_key()
        if isinstance(public, ed25519.Ed25519PublicKey):
            return f"v=DKIM1; k=ed25519; p={b64encode(public.public_bytes_raw()).decode('ascii')}"
        encoded = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={b64encode(encoded).decode('ascii')}"

    def signature(self, data: bytes) -> bytes:
        """The raw signature of canonical header data."""
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())
        # RFC 8463 3: what Ed25519 signs is the SHA-256 of the data.
        return self._key.sign(hashlib.sha256(data).digest())


def new_rsa() -> bytes:
    """A new RSA-2048 key, as PEM. Its chance is OpenSSL's."""
    return _pem(rsa.generate_private_key(public_exponent=65_537, key_size=2_048))


def new_ed25519(secret: bytes) -> bytes:
    """The Ed25519 key of 32 secret bytes, as PEM."""
    return _pem(ed25519.Ed25519PrivateKey.from_private_bytes(secret))


def _pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


class DkimSigner:
    """Signs with the keys of the From domain or, where it has none, of the nearest parent that has."""

    def __init__(self, keys: Iterable[DkimKey]) -> None:
        self._keys: dict[str, list[DkimKey]] = {}
        for key in keys:
            self._keys.setdefault(key.domain, []).append(key)

    def sign(self, domain: str, content: bytes, at_ms: int) -> bytes:
        """See `Signer`. `at_ms` is Unix milliseconds."""
        keys = self._find(domain.lower())
        if not keys:
            return b""
        head, _, body = content.partition(b"\r\n\r\n")
        names, data = _canonical_headers(head + b"\r\n")
        body_hash = b64encode(hashlib.sha256(canonical_body(body)).digest())
        return b"".join([_sign(key, names, data, body_hash, at_ms // 1000) for key in keys])

    def _find(self, domain: str) -> list[DkimKey]:
        while domain:
            if keys := self._keys.get(domain):
                return keys
            domain = domain.partition(".")[2]
        return []


def canonical_body(body: bytes) -> bytes:
    """RFC 6376 3.4.4: runs of blanks are one space, none at a line's end, no empty lines at the end."""
    if b"  " in body or b"\t" in body or b" \r\n" in body or body.endswith(b" "):
        body = body.replace(b"\t", b" ")
        while b"  " in body:  # each time half of every run is gone: faster than an expression, however long they are
            body = body.replace(b"  ", b" ")
        body = body.replace(b" \r\n", b"\r\n").removesuffix(b" ")
    body = body.rstrip(b"\r\n")
    return body + b"\r\n" if body else b""


def _canonical_headers(head: bytes) -> tuple[bytes, bytes]:
    """Names for `h=` and the fields' canonical form, in that order."""
    fields: dict[bytes, list[bytes]] = {}
    for line in _FIELD_BREAK.split(head):
        name, _, value = line.partition(b":")
        fields.setdefault(name.strip().lower(), []).append(value)
    names: list[bytes] = []
    data: list[bytes] = []
    for name in _SIGNED:
        for value in reversed(fields.get(name, ())):
            names.append(name)
            data.append(_canonical(name, value))
    # Named once more than it occurs, From cannot be added to on the way (RFC 6376 8.15).
    names.append(b"from")
    return b":".join(names), b"".join(data)


def _canonical(name: bytes, value: bytes) -> bytes:
    return name + b":" + _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" \t") + b"\r\n"


def _sign(key: DkimKey, names: bytes, data: bytes, body_hash: bytes, seconds: int) -> bytes:
    value = (
        f" v=1; a={key.algorithm}; c=relaxed/relaxed; d={key.domain};\r\n\ts={key.selector}; t={seconds};\r\n\th="
    ).encode("ascii")
    value += names.replace(b":content-type", b":\r\n\t content-type") + b";\r\n\tbh=" + body_hash + b";\r\n\tb="
    unsigned = _canonical(b"dkim-signature", value)[:-2]
    signature = b64encode(key.signature(data + unsigned))
    folded = b"\r\n\t ".join([signature[start : start + 72] for start in range(0, len(signature), 72)])
    return b"DKIM-Signature:" + value + folded + b"\r\n"
