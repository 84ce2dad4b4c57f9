"""SIP messages as they are on the wire. What cannot be one is refused as a whole. Source: RFC 3261, 7, 20 and 25."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

LARGEST = 65_535
_MOST_HEADERS = 200
_COMPACT = {
    "v": "via",
    "f": "from",
    "t": "to",
    "i": "call-id",
    "m": "contact",
    "l": "content-length",
    "c": "content-type",
    "e": "content-encoding",
    "s": "subject",
    "k": "supported",
}
_NEEDED = ("via", "from", "to", "call-id", "cseq")
_REQUEST = re.compile(r"([A-Z]{1,20}) (\S{1,2000}) SIP/2\.0")
_RESPONSE = re.compile(r"SIP/2\.0 ([1-6]\d\d) ?(.*)")
_NAME = re.compile(r"[!%'*+\-.0-9A-Z_`a-z~]{1,64}")
_CSEQ = re.compile(r"(\d{1,10})\s+([A-Z]{1,20})")


class Malformed(ValueError):
    """Bytes that are no SIP message."""


class Message(msgspec.Struct):
    """What requests and responses share. Names of headers are in lower case, never the short ones."""

    headers: list[tuple[str, str]]
    body: bytes

    def get(self, name: str) -> str:
        """The first header of a name; "" when there is none."""
        return next((value for found, value in self.headers if found == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of a header that is a list, by commas or by lines."""
        return [one for found, value in self.headers if found == name for one in listed(value)]

    def cseq(self) -> tuple[int, str]:
        """The number and the method of CSeq."""
        match = _CSEQ.fullmatch(self.get("cseq"))
        if match is None:
            raise Malformed("CSeq is no number and method")
        return int(match[1]), match[2]

    def branch(self) -> str:
        """What names the transaction: the branch of the uppermost Via."""
        via = next(iter(self.all("via")), "")
        return parameters(via.partition(";")[2]).get("branch", "")


class Request(Message):
    """Asks something: `INVITE sip:+4930…@trunk`."""

    method: str
    uri: str

    def start(self) -> str:
        return f"{self.method} {self.uri} SIP/2.0"


class Response(Message):
    """Answers: `180 Ringing`."""

    status: int
    reason: str

    def start(self) -> str:
        return f"SIP/2.0 {self.status} {self.reason}"


def parse(data: bytes) -> Request | Response:
    """A whole message. Raises Malformed."""
    if len(data) > LARGEST:
        raise Malformed("too large")
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        head, found, body = data.partition(b"\n\n")
    if not found:
        raise Malformed("no end of headers")
    text = head.decode("utf-8", "replace").replace("\r\n", "\n")
    if "\r" in text:
        raise Malformed("half a line break")
    lines = text.split("\n")
    headers = _headers(lines[1:])
    length = next((value for name, value in headers if name == "content-length"), "")
    if length:
        if not (length.isascii() and length.isdigit()) or len(length) > 5 or int(length) > len(body):
            raise Malformed("Content-Length is not that of the body")
        body = body[: int(length)]
    if (asked := _REQUEST.fullmatch(lines[0])) is not None:
        made: Request | Response = Request(headers=headers, body=body, method=asked[1], uri=asked[2])
    elif (said := _RESPONSE.fullmatch(lines[0])) is not None:
        made = Response(headers=headers, body=body, status=int(said[1]), reason=said[2])
    else:
        raise Malformed("first line")
    for name in _NEEDED:
        if not made.get(name):
            raise Malformed(f"no {name}")
    number, method = made.cseq()
    if number >= 2**31 or (isinstance(made, Request) and made.method != method):
        raise Malformed("CSeq does not fit")
    return made


def _headers(lines: Iterable[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and found:
            name, value = found[-1]
            found[-1] = (name, f"{value} {line.strip()}")
            continue
        name, colon, value = line.partition(":")
        name = name.rstrip().lower()
        if not colon or _NAME.fullmatch(name) is None or len(found) >= _MOST_HEADERS:
            raise Malformed("header")
        found.append((_COMPACT.get(name, name), value.strip()))
    return found


def written(message: Request | Response) -> bytes:
    """The message on the wire, with its Content-Length. Raises Malformed for a line break in a header."""
    lines = [message.start(), *(f"{_spelt(name)}: {value}" for name, value in message.headers)]
    if any("\r" in line or "\n" in line for line in lines):
        raise Malformed("line break in a header")
    lines.append(f"Content-Length: {len(message.body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + message.body


_SPELLING = {"call-id": "Call-ID", "cseq": "CSeq", "www-authenticate": "WWW-Authenticate"}


def _spelt(name: str) -> str:
    return _SPELLING.get(name) or "-".join(part.capitalize() for part in name.split("-"))


def answer(request: Request, status: int, reason: str, *, tag: str = "") -> Response:
    """A response without body; `tag` is ours, for a request that is not of a dialog yet."""
    headers = [(name, value) for name, value in request.headers if name in ("via", "from", "call-id", "cseq")]
    to = request.get("to")
    if tag and "tag" not in Address.read(to).parameters:
        to = f"{to};tag={tag}"
    headers += [("record-route", one) for one in request.all("record-route")]
    return Response(headers=[*headers, ("to", to)], body=b"", status=status, reason=reason)


def listed(value: str) -> list[str]:
    """The parts between commas that are in neither quotes nor angle brackets."""
    parts, start, quoted, inside = [], 0, False, False
    for place, one in enumerate(value):
        if one == '"' and (place == 0 or value[place - 1] != "\\"):
            quoted = not quoted
        elif not quoted and one in "<>":
            inside = one == "<"
        elif one == "," and not quoted and not inside:
            parts.append(value[start:place].strip())
            start = place + 1
    parts.append(value[start:].strip())
    return [part for part in parts if part]


def parameters(text: str) -> dict[str, str]:
    """`;lr;tag=abc` by names in lower case; "" for one without value."""
    found = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name.strip():
            found[name.strip().lower()] = value.strip().strip('"')
    return found


class Address(NamedTuple):
    """`"Name" <sip:user@host>;tag=abc` taken apart."""

    uri: str
    parameters: Mapping[str, str]

    @classmethod
    def read(cls, value: str) -> Address:
        """From, To, Contact, Route: with or without angle brackets."""
        before, bracket, rest = value.partition("<")
        if bracket:
            uri, _, after = rest.partition(">")
            return cls(uri.strip(), parameters(after))
        uri, _, after = before.partition(";")
        return cls(uri.strip(), parameters(after))


class Place(NamedTuple):
    """Host and port of a URI; port 0 when it names none."""

    host: str
    port: int

    @classmethod
    def of(cls, uri: str) -> Place:
        """Of `sip:user@host:port;…`. Raises Malformed."""
        match = _URI.fullmatch(uri)
        if match is None:
            raise Malformed("URI")
        port = int(match["port"] or 0)
        if port > 65_535:
            raise Malformed("port")
        return cls(match["host"].strip("[]"), port)


_URI = re.compile(
    r"sips?:(?:[^@\s<>]{0,500}@)?(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9.\-_]{1,255})(?::(?P<port>\d{1,5}))?(?:[;?]\S{0,1000})?",
    re.IGNORECASE,
)
