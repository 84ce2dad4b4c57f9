"""A mail taken apart, carefully: anybody may send anything here.

Only the beginning of a mail is looked at (`MOST`): the parts of a report that say what happened come first, and the
headers of the mail that it is about soon after. Nesting, parts and headers are counted, every loop is linear in what
is left, and nothing raises, however broken the mail is. So the standard parser is not used: it recurses as deep as
the mail does.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import NamedTuple

MOST = 512_000
"""Bytes of a mail that are looked at."""

MOST_TEXT = 64_000
"""Bytes of one text that are looked at."""

_MOST_HEADERS = 500
_MOST_VALUE = 4_000
_MOST_PARTS = 50
_DEEPEST = 8

_FIELD = re.compile(rb"([!-9;-~]{1,100})[ \t]*:(.*)")
_PARAMETER = re.compile(r';\s*([\w-]{1,40})\*?\s*=\s*("[^"]{0,300}"|[^;\s"]{1,300})')
_FOLD = re.compile(rb"\n[ \t]+")


class Part(NamedTuple):
    """A mail, or one part of it: header fields in order, and the content, not decoded, its lines ending in LF."""

    headers: tuple[tuple[str, str], ...]
    body: bytes

    def get(self, name: str) -> str:
        """The first field of this name (lower case), "" when there is none."""
        return next((value for field, value in self.headers if field.lower() == name), "")

    @property
    def type(self) -> str:
        """The content type without parameters, lower case."""
        return (self.get("content-type") or "text/plain").partition(";")[0].strip().lower()

    def parameter(self, name: str) -> str:
        """A parameter of the content type, "" when there is none."""
        for match in _PARAMETER.finditer(self.get("content-type")):
            if match[1].lower() == name:
                return match[2].strip('"')
        return ""

    @property
    def content(self) -> bytes:
        """The content, decoded as its transfer encoding says, as much of it as can be; at most `MOST_TEXT`."""
        encoding = self.get("content-transfer-encoding").strip().lower()
        body = self.body[: MOST_TEXT * 2]
        try:
            if encoding == "base64":
                data = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
                body = binascii.a2b_base64(data[: len(data) // 4 * 4])
            elif encoding == "quoted-printable":
                body = binascii.a2b_qp(body)
        except binascii.Error:
            pass
        return body[:MOST_TEXT].replace(b"\r\n", b"\n")

    @property
    def text(self) -> str:
        """The content as text. What it is not written in becomes U+FFFD."""
        try:
            return self.content.decode(self.parameter("charset") or "utf-8", "replace")
        except (LookupError, ValueError):
            return self.content.decode("utf-8", "replace")

    def children(self) -> list[Part]:
        """The parts of a multipart, in order; none of anything else."""
        boundary = self.parameter("boundary")
        if not self.type.startswith("multipart/") or not boundary:
            return []
        # What stands before the first boundary and behind the last is for nobody.
        pieces = (b"\n" + self.body).split(b"\n--" + boundary.encode("utf-8", "replace"), _MOST_PARTS + 1)[1:]
        found: list[Part] = []
        for piece in pieces[:_MOST_PARTS]:
            if piece.startswith(b"--"):
                break
            found.append(_read(piece.partition(b"\n")[2]))
        return found

    def walk(self) -> Iterator[Part]:
        """This part and all below it, but not what is inside a mail that is attached; `_MOST_PARTS` at most."""
        waiting, seen = [(self, 0)], 0
        while waiting and seen < _MOST_PARTS:
            part, depth = waiting.pop(0)
            seen += 1
            yield part
            if depth < _DEEPEST:
                waiting[:0] = [(child, depth + 1) for child in part.children()]


def read(mail: bytes) -> Part:
    """The mail; of a large one its beginning."""
    return _read(mail[:MOST].replace(b"\r\n", b"\n"))


def fields(text: bytes) -> tuple[tuple[str, str], ...]:
    """The header fields of a block of lines; lines that are none are left out. Values are unfolded."""
    found: list[tuple[str, str]] = []
    for line in _FOLD.sub(b" ", text).split(b"\n", _MOST_HEADERS * 2):
        match = _FIELD.match(line)
        if match is not None:
            value = match[2][:_MOST_VALUE].strip().decode("utf-8", "replace")
            found.append((match[1].decode("ascii"), value))
            if len(found) == _MOST_HEADERS:
                break
    return tuple(found)


def spoken(value: str) -> str:
    """A header's value for people: encoded words (RFC 2047) decoded, if they can be."""
    try:
        return str(make_header(decode_header(value[:1_000])))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _read(data: bytes) -> Part:
    if data.startswith(b"\n"):
        return Part((), data[1:])
    head, _, body = data.partition(b"\n\n")
    return Part(fields(head), body)
