"""The content of one object, over as many ranged requests as it takes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Any

from botocore.exceptions import IncompleteReadError, ReadTimeoutError

from clarion.store.objects.port import Changed, Found, Unreadable
from clarion.store.objects.s3.client import Address, Client
from clarion.store.objects.s3.errors import DROPPED, explained

_BIT = 64 << 10
"""Bytes taken from the connection at once: what is lost of a read that breaks."""


def read(client: Client, found: Found, start: int) -> Generator[bytes, None, None]:
    """Chunks from byte `start` on; see `port.Objects.read`."""
    if start >= found.size:
        address = Address(found.url)
        client.ask(found.url, lambda: client.s3.head_object(**address.object, IfMatch=found.tag))
        return
    fruitless = 0
    while start < found.size:
        began = start
        try:
            for chunk in _piece(client, found, start):
                start += len(chunk)
                yield chunk
        except DROPPED as error:
            fruitless = fruitless + 1 if start == began else 0
            if fruitless == client.limits.tries or (fruitless and isinstance(error, ReadTimeoutError)):
                raise explained(found.url, error) from error
            client.pause(fruitless)
        else:
            fruitless = 0


def _piece(client: Client, found: Found, start: int) -> Generator[bytes, None, None]:
    end = min(found.size, start + client.limits.piece_bytes)
    address = Address(found.url)
    answer: dict[str, Any] = client.ask(
        found.url,
        lambda: client.s3.get_object(**address.object, IfMatch=found.tag, Range=f"bytes={start}-{end - 1}"),
    )
    with closing(answer["Body"]) as body:
        if answer.get("ETag") != found.tag:
            raise Changed(f"{found.url}: changed since it was found")
        if answer.get("ContentRange") != f"bytes {start}-{end - 1}/{found.size}":
            raise Unreadable(f"{found.url}: the store does not answer ranges of objects as S3 does")
        yield from _chunks(body, end - start, client.limits.chunk_bytes)


def _chunks(body: Any, size: int, most: int) -> Generator[bytes, None, None]:
    """The body in chunks; what came before a broken connection is handed out before that is raised."""
    chunk = bytearray()
    try:
        while size:
            bit = body.read(min(_BIT, size, most))
            if not bit:
                raise IncompleteReadError(actual_bytes=0, expected_bytes=size)
            size -= len(bit)
            chunk += bit
            if len(chunk) >= most or not size:
                yield bytes(chunk)
                chunk.clear()
    except DROPPED:
        if chunk:
            yield bytes(chunk)
        raise
