"""The content of an object as lines, whatever it is packed in, from any place in it.

Places are bytes of the unpacked content. A gzip stream has to be unpacked from its beginning to get at one; a
plain object is read from there.
"""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator
from typing import NamedTuple

from clarion.store.objects import Found, Objects, Unreadable

MOST_LINE = 1 << 20
"""Bytes of a line; a longer one is passed over without being kept in memory."""

_GZIP = b"\x1f\x8b"
_UNPACK = 1 << 20


class Line(NamedTuple):
    """A line: its number from 1, the place behind it, and its bytes without the end; None when it is too long."""

    number: int
    end: int
    data: bytes | None


def lines(objects: Objects, found: Found, at_byte: int = 0, at_line: int = 0) -> Generator[Line, None, None]:
    """The lines from place `at_byte` on, of which `at_line` are before it. Raises Unreadable for broken gzip."""
    return _lines(_content(objects, found, at_byte), at_byte, at_line)


def _content(objects: Objects, found: Found, at_byte: int) -> Iterator[bytes]:
    chunks = objects.read(found)
    first = next(chunks, b"")
    while len(first) < len(_GZIP) and (more := next(chunks, b"")):
        first += more
    if first.startswith(_GZIP):
        yield from _behind(_unpacked(first, chunks, found.url), at_byte)
    elif at_byte == 0:
        yield first
        yield from chunks
    elif at_byte < found.size:
        yield from objects.read(found, at_byte)


def _unpacked(first: bytes, chunks: Iterator[bytes], url: str) -> Iterator[bytes]:
    """Gzip unpacked, one member after the other, never more than a megabyte at a time."""
    unpack = zlib.decompressobj(wbits=31)
    data = first
    try:
        while True:
            while data:
                if unpack.eof:
                    data = data.lstrip(b"\0")  # padding between members
                    if not data:
                        break
                    unpack = zlib.decompressobj(wbits=31)
                if piece := unpack.decompress(data, _UNPACK):
                    yield piece
                data = unpack.unconsumed_tail or unpack.unused_data
            if (following := next(chunks, None)) is None:
                break
            data = following
    except zlib.error as error:
        raise Unreadable(f"{url}: is not valid gzip: {error}") from error
    if not unpack.eof:
        raise Unreadable(f"{url}: the gzip data ends too early")


def _behind(content: Iterator[bytes], skip: int) -> Iterator[bytes]:
    for piece in content:
        if skip < len(piece):
            yield piece[skip:] if skip else piece
        skip = max(0, skip - len(piece))


def _lines(content: Iterator[bytes], at_byte: int, at_line: int) -> Generator[Line, None, None]:
    pending = b""
    too_long = 0
    for piece in content:
        *whole, rest = (pending + piece).split(b"\n")
        for data in whole:
            at_line += 1
            at_byte += too_long + len(data) + 1
            kept = None if too_long or len(data) > MOST_LINE else data.removesuffix(b"\r")
            too_long = 0
            yield Line(at_line, at_byte, kept)
        pending = rest
        if too_long or len(pending) > MOST_LINE:
            too_long += len(pending)
            pending = b""
    if pending or too_long:
        size = too_long + len(pending)
        kept = None if too_long or len(pending) > MOST_LINE else pending.removesuffix(b"\r")
        yield Line(at_line + 1, at_byte + size, kept)
