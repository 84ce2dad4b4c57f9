"""Secrets that others entrust to an installation, sealed before they are stored.

Unlike `store.secrets`, whose values an installation makes for itself, these come from users: signing keys, API keys.
They are sealed with AES-256-GCM by keys of the operator (setting `secrets_key`), or by one made into the state database
when there is none. The first key seals, every key opens, so that keys can be changed without a pause.

    format 1 | key's fingerprint, 8 bytes | nonce, 12 bytes | ciphertext and tag

A sealed value is bound to its owner's name: moved to another row it does not open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clarion.core.errors import Invalid, Unavailable
from clarion.core.ids import Ids
from clarion.store import secrets
from clarion.store.database import Database

KEY_BYTES = 32

_OWN = "vault"
_FORMAT = b"\x01"
_NONCE_BYTES = 12
_MARK_BYTES = 8
_HEAD_BYTES = len(_FORMAT) + _MARK_BYTES


class Vault:
    """Seals and opens with `keys`, 32 bytes each; at least one."""

    def __init__(self, keys: Sequence[bytes], ids: Ids) -> None:
        self._ids = ids
        self._first = _mark(keys[0])
        self._ciphers = {_mark(key): AESGCM(key) for key in keys}

    def seal(self, plain: bytes, owner: str) -> bytes:
        """`plain`, unreadable without the first key. `owner` names whose it is, and must be given to open it."""
        head = _FORMAT + self._first
        nonce = self._ids.secret(_NONCE_BYTES)
        return head + nonce + self._ciphers[self._first].encrypt(nonce, plain, head + owner.encode())

    def open(self, sealed: bytes, owner: str) -> bytes:
        """What was sealed for `owner`. Raises Unavailable, saying so, when no key fits or the value was changed."""
        head, body = sealed[:_HEAD_BYTES], sealed[_HEAD_BYTES:]
        if head[:1] != _FORMAT:
            raise Unavailable(f"the stored secrets of {owner} have a form that this version does not know")
        mark = head[1:]
        if mark not in self._ciphers:
            raise Unavailable(f"secrets_key: key {mark.hex()}, which has sealed the secrets of {owner}, is not given")
        try:
            return self._ciphers[mark].decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], head + owner.encode())
        except (InvalidTag, ValueError) as error:
            raise Unavailable(f"the stored secrets of {owner} are damaged: they do not open") from error

    def is_current(self, sealed: bytes) -> bool:
        """Whether the first key has sealed this."""
        return sealed[:_HEAD_BYTES] == _FORMAT + self._first


def open_vault(database: Database, ids: Ids, setting: str) -> Vault:
    """The vault of an installation, whose keys are in `setting`; '' makes one in the database. Not in a transaction.

    A key in the database opens also when there are others. Raises Invalid for a setting that is no list of keys.
    """
    keys = parse_keys(setting)
    if not keys:
        return Vault([secrets.get(database, ids, _OWN)], ids)
    own = database.read(lambda connection: secrets.find(connection, _OWN))
    return Vault([*keys, *([] if own is None else [own])], ids)


def parse_keys(setting: str) -> list[bytes]:
    """Keys in base64, separated by commas. Raises Invalid telling which is none, never what it is."""
    return [_key(number, text.strip()) for number, text in enumerate(setting.split(","), 1)] if setting.strip() else []


def _key(number: int, text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise Invalid(f"secrets_key: key {number} must be {KEY_BYTES} bytes in base64")
    return key


def _mark(key: bytes) -> bytes:
    """What tells keys apart without telling anything of them."""
    return hashlib.blake2b(key, digest_size=_MARK_BYTES, person=b"clarion-vault").digest()
