"""The envelope sender that brings a bounce home: which message it is about is written in the address, and signed.

    b+kz7q…3a@bounces.acme.test
      └─ version, 1 byte | hour of sending, 3 bytes | message id, 16 bytes | signature, 10 bytes  (base32, 48 letters)

Mail servers answer to the envelope sender, and many do not repeat the message they could not deliver, so the address is
the one thing a bounce is sure to have. Only who knows the key can make one: nobody puts others on a suppression
list by inventing bounces. Letters may arrive in upper or lower case. Which project the message belongs to is not in
it (64 characters are all a local part may have): the record of that hour tells.
"""

from __future__ import annotations

import hmac
from base64 import b32decode, b32encode
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import NamedTuple

HOUR_MS = 3_600_000

_PREFIX = "b+"
_VERSION = b"\x01"
_MAC = 10
_SIZE = len(_VERSION) + 3 + 16 + _MAC
_LETTERS = _SIZE * 8 // 5


class Bounced(NamedTuple):
    """What an address stands for: 32 hex digits, and the hour the message was sent in, as Unix ms of its beginning.

    The message's own time (`sent_at_ms`) is in [hour_ms, hour_ms + HOUR_MS).
    """

    message_id: str
    hour_ms: int


class Verp:
    """Makes and reads the addresses of `domain`, "" for none. `key` is at most 64 secret bytes; `old_keys` only read.

    `also` says of another domain (small letters) whether it is one of ours: sending domains may have their own.
    """

    def __init__(
        self,
        domain: str,
        key: bytes,
        old_keys: Sequence[bytes] = (),
        *,
        also: Callable[[str], bool] = lambda domain: False,
    ) -> None:
        self.domain = domain.strip().rstrip(".").lower()
        self._keys = (key, *old_keys)
        self._also = also

    def address(self, message_id: str, sent_at_ms: int, domain: str = "") -> str:
        """Where bounces of a message go, at `domain` or else the usual one.

        "" without any domain, for an id that is not 32 hex digits, or for a time outside 3 bytes of hours.
        """
        domain = domain or self.domain
        if not domain:
            return ""
        hour = sent_at_ms // HOUR_MS
        try:
            about = _VERSION + hour.to_bytes(3, "big") + bytes.fromhex(message_id)
        except (ValueError, OverflowError):
            return ""
        if len(about) != _SIZE - _MAC or len(message_id) != 32:
            return ""
        token = b32encode(about + _mac(self._keys[0], about)).decode("ascii").lower()
        return f"{_PREFIX}{token}@{domain}"

    def read(self, address: str) -> Bounced | None:
        """What a bounce's recipient stands for, None when it is no address of our domains made with one of the keys."""
        local, _, domain = address.strip().rpartition("@")
        if local[: len(_PREFIX)].lower() != _PREFIX or not self._is_ours(domain.rstrip(".").lower()):
            return None
        token = local[len(_PREFIX) :]
        if len(token) != _LETTERS or not token.isascii():
            return None
        try:
            data = b32decode(token, casefold=True)
        except ValueError:
            return None
        about, given = data[:-_MAC], data[-_MAC:]
        if about[:1] != _VERSION or not any(hmac.compare_digest(_mac(key, about), given) for key in self._keys):
            return None
        return Bounced(about[4:].hex(), int.from_bytes(about[1:4], "big") * HOUR_MS)

    def _is_ours(self, domain: str) -> bool:
        return bool(domain) and (domain == self.domain or self._also(domain))


def _mac(key: bytes, about: bytes) -> bytes:
    return blake2b(about, key=key, digest_size=_MAC, person=b"clarion-verp").digest()
