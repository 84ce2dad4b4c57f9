"""Page tokens: opaque to clients, unpadded base64url of versioned JSON, as the real service does it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from clarion.core.errors import Invalid

T = TypeVar("T")

DEFAULT_PAGE_SIZE = 500
MAX_PAGE_SIZE = 1000
_VERSION = 1
_BEYOND = 2**63
"""No database holds a number so large."""


def encode_token(kind: str, *key: str | int) -> str:
    """The token that continues a listing of `kind` after the item whose sort key is `key`."""
    body = msgspec.json.encode({"v": _VERSION, "k": kind, "a": list(key)})
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode()


def decode_token(kind: str, token: str | None, types: Sequence[type]) -> tuple[str | int, ...] | None:
    """The key inside `token`, or None for no token; raises Invalid when it is not one of this listing."""
    if not token:
        return None
    try:
        body = msgspec.json.decode(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        key = tuple(body["a"])
        fits = body["v"] == _VERSION and body["k"] == kind and [type(part) for part in key] == list(types)
        fits = fits and all(abs(part) < _BEYOND for part in key if isinstance(part, int))
    except (msgspec.DecodeError, binascii.Error, ValueError, KeyError, TypeError):
        fits = False
        key = ()
    if not fits:
        raise Invalid("token: not a token of this listing")
    return key


def page_size(text: str | None, default: int = DEFAULT_PAGE_SIZE, most: int = MAX_PAGE_SIZE) -> int:
    """The `page-size` parameter, 1 to `most`; raises Invalid for anything else."""
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise Invalid(f"page-size: must be a whole number from 1 to {most}")
    return int(text)


def cut(rows: list[T], size: int, kind: str, key: Callable[[T], tuple[str | int, ...]]) -> tuple[list[T], str | None]:
    """Of `size + 1` fetched rows, the page and the token of the next one (None on the last page)."""
    if len(rows) <= size:
        return rows, None
    return rows[:size], encode_token(kind, *key(rows[size - 1]))
