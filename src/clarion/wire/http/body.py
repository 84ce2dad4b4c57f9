"""Request bodies: read up to a limit, and decompress up to a limit.

A body over its limit is refused when its length is announced or as soon as the limit is passed, so no more
than the limit is ever held; the server discards what still arrives.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Mapping

from clarion.core.errors import Invalid, TooLarge, Unavailable
from clarion.wire.http.asgi import Receive

READ_SECONDS = 120
LINGER_SECONDS = 10
LINGER_BYTES = 64_000_000
_GZIP = 31
_MEMBERS = 100


class Disconnected(Exception):
    """The client went away; there is nobody to answer."""


class Budget:
    """Bytes of bodies held at a time, over all requests; used on the event loop only."""

    def __init__(self, size: int) -> None:
        self._left = size

    def take(self, size: int) -> None:
        """Raises Unavailable when so much is not left."""
        if size > self._left:
            raise Unavailable("Too many large requests at a time; try again")
        self._left -= size

    def give(self, size: int) -> None:
        """Put back what was taken."""
        self._left += size


def announced(headers: Mapping[bytes, bytes], limit: int) -> int:
    """The announced length of the body, `limit` when there is none; raises TooLarge beyond `limit`."""
    length = headers.get(b"content-length")
    if length is None:
        return limit if b"transfer-encoding" in headers else 0
    if len(length) > 15 or not length.isdigit() or int(length) > limit:
        raise too_large(limit)
    return int(length)


async def read_body(receive: Receive, limit: int) -> bytes:
    """The whole body as sent. Raises TooLarge beyond `limit` bytes, Invalid when it does not arrive in
    `READ_SECONDS`, Disconnected."""
    message = await receive()
    if message["type"] != "http.request":
        raise Disconnected
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        try:
            async with asyncio.timeout(READ_SECONDS):
                return await _rest(receive, body, limit)
        except TimeoutError as error:
            raise Invalid(f"The request body did not arrive within {READ_SECONDS} seconds") from error
    if len(body) > limit:
        raise too_large(limit)
    return body


async def _rest(receive: Receive, first: bytes, limit: int) -> bytes:
    pieces, total, more = [first], len(first), True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise Disconnected
        piece = message.get("body", b"")
        pieces.append(piece)
        total += len(piece)
        if total > limit:
            raise too_large(limit)
        more = message.get("more_body", False)
    return b"".join(pieces)


def lingers(http_version: str, headers: Mapping[bytes, bytes]) -> bool:
    """Whether the connection ends with the answer to a request that has a body: proxies often ask for it so."""
    closes = http_version == "1.0" or b"close" in headers.get(b"connection", b"").lower()
    has_body = headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers
    return closes and has_body and b"expect" not in headers


async def discard(receive: Receive) -> None:
    """Read on what nobody wants, within limits: whoever still sends when the connection ends sees no answer."""
    total = 0
    try:
        async with asyncio.timeout(LINGER_SECONDS):
            while total < LINGER_BYTES:
                message = await receive()
                if message["type"] != "http.request" or not message.get("more_body"):
                    return
                total += len(message.get("body", b""))
    except TimeoutError:
        return


def encodings(headers: Mapping[bytes, bytes]) -> list[bytes]:
    """The content codings of the body, in the order they were applied; `aws-chunked` and `identity` left out."""
    names = [name.strip().lower() for name in headers.get(b"content-encoding", b"").split(b",")]
    return [name for name in names if name not in (b"", b"identity", b"aws-chunked")]


def gunzip(body: bytes, limit: int) -> bytes:
    """The decompressed body (one or more gzip members). Never inflates past `limit` bytes: TooLarge; Invalid
    for what is not gzip or is cut off."""
    pieces: list[bytes] = []
    total = 0
    while body:
        if len(pieces) == _MEMBERS:
            raise Invalid(f"Content-Encoding: more than {_MEMBERS} gzip members")
        inflater = zlib.decompressobj(wbits=_GZIP)
        try:
            piece = inflater.decompress(body, limit - total + 1)
        except zlib.error as error:
            raise Invalid("Content-Encoding: the request body is not valid gzip") from error
        total += len(piece)
        if total > limit:
            raise too_large(limit)
        if not inflater.eof:
            raise Invalid("Content-Encoding: the gzip request body is cut off")
        pieces.append(piece)
        body = inflater.unused_data
    return b"".join(pieces)


def too_large(limit: int) -> TooLarge:
    return TooLarge(f"The request body is larger than {limit} bytes")
