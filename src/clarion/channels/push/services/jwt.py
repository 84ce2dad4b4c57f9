"""Signed tokens (RFC 7519) in the two forms that push services want, and the one that Apple is shown."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from clarion.channels.push.configs import private_key
from clarion.core.errors import Invalid

Sign = Callable[[bytes], bytes]

RENEWED_SECONDS = 2_400
"""Apple takes a token for an hour, and a new one every 20 minutes."""

_FLOOR_SECONDS = 1_200
_SLACK_SECONDS = 60


def encoded(header: Mapping[str, object], claims: Mapping[str, object], sign: Sign) -> str:
    """The token."""
    signed = b".".join(_base64(msgspec.json.encode(part)) for part in (header, claims))
    return b".".join((signed, _base64(sign(signed)))).decode()


def es256(member: str, pem: str) -> Sign:
    """Signatures by a P-256 key. Raises Invalid naming the member that the key is of."""
    key = private_key(member, pem)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise Invalid(f"{member}: must be an EC key on P-256")
    try:
        # The same token in every process and after every start: to Apple another one is an update.
        algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    except UnsupportedAlgorithm:  # an OpenSSL before 3.2
        algorithm = ec.ECDSA(hashes.SHA256())

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(data, algorithm))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return sign


def rs256(member: str, pem: str) -> Sign:
    """Signatures by an RSA key. Raises Invalid naming the member that the key is of."""
    key = private_key(member, pem)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Invalid(f"{member}: must be an RSA key")
    return lambda data: key.sign(data, padding.PKCS1v15(), hashes.SHA256())


class ProviderToken:
    """The token that Apple is shown: one for 40 minutes, begun at whole multiples of them, so that all processes agree.

    When Apple calls one expired (somebody's clock is wrong) a new one is made at once, but not twice in 20 minutes.
    """

    def __init__(self, *, team_id: str, key_id: str, pem: str) -> None:
        self._header = {"alg": "ES256", "kid": key_id}
        self._team_id = team_id
        self._sign = es256("TokenKey", pem)
        self._begun = -1
        self._token = ""
        self._renewed: int | None = None

    def current(self, now_ms: int) -> str:
        """The token of this moment."""
        now = now_ms // 1_000
        begin = now - _SLACK_SECONDS - (now - _SLACK_SECONDS) % RENEWED_SECONDS
        if self._begun < begin and not self._is_fresh(now):
            self._make(begin)
        return self._token

    def instead_of(self, refused: str, now_ms: int) -> str | None:
        """A token after one that Apple calls expired; None if there can be none yet."""
        current, now = self.current(now_ms), now_ms // 1_000
        if current != refused:
            return current
        if self._is_fresh(now):
            return None
        self._renewed = now
        self._make(now)
        return self._token

    def _is_fresh(self, now: int) -> bool:
        """Whether one was made out of turn a moment ago."""
        return self._renewed is not None and now - self._renewed < _FLOOR_SECONDS

    def _make(self, begin: int) -> None:
        self._begun = begin
        self._token = encoded(self._header, {"iss": self._team_id, "iat": begin}, self._sign)


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
