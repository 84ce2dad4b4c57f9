"""The ASGI names that the wire uses, and the answer it sends through them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, NamedTuple

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Mapping[bytes, bytes]


class Response(NamedTuple):
    """One HTTP answer, but for the headers that every answer carries."""

    status: int
    body: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()


def header_map(pairs: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Headers by lower-case name, repeated ones joined by commas."""
    found: dict[bytes, bytes] = {}
    for name, value in pairs:
        found[name] = found[name] + b"," + value if name in found else value
    return found
