"""Inputs from requests and bodies from answers, for the rest-json and json protocols.

An input is filled from the path's labels, the query and the JSON body, as the operation's table says. The
body is read as JSON whatever its content type; members that the model does not know are ignored; null is the
same as absent. Errors name the member in AWS's words (`wire.explain`).
"""

from __future__ import annotations

import re
import typing
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

import msgspec

from clarion.core.clock import parse_iso
from clarion.core.errors import Invalid
from clarion.wire.errors import FieldInvalid
from clarion.wire.explain import WHOLE, explain
from clarion.wire.model import Operation, QueryMember

T = TypeVar("T")
Read = Callable[[Mapping[str, str], bytes, bytes], Any]

_ENCODER = msgspec.json.Encoder()
_NO_BODY = b"{}"
# Escaped, and the backslash not itself escaped. PostgreSQL has no NUL in texts.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")


def read_json(body: bytes, decoder: msgspec.json.Decoder[T]) -> T:
    """`body` as the decoder's type; raises Invalid saying which member is not, or why it is not JSON."""
    try:
        if not body.isascii():
            body.decode()
        if b"\\u0000" in body and _NUL.search(body):
            raise Invalid(f"{WHOLE} holds a NUL character, which no member may")
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise explain(decoder.type, _plain(body), error) from None
    except RecursionError:
        raise Invalid(f"{WHOLE} is nested too deeply") from None
    except UnicodeDecodeError:
        raise Invalid(f"{WHOLE} is not UTF-8 text") from None
    except msgspec.DecodeError as error:
        raise _malformed(body, error) from None


def write_json(answer: object) -> bytes:
    """The body of an answer; bytes are JSON already, None is an object without members."""
    if isinstance(answer, bytes):
        return answer
    return _NO_BODY if answer is None else _ENCODER.encode(answer)


def read_query(query: bytes) -> dict[str, list[str]]:
    """The decoded query parameters, each with all its values; raises Invalid for what is not UTF-8."""
    found: dict[str, list[str]] = {}
    for part in query.split(b"&") if query else ():
        name, _, value = part.partition(b"=")
        found.setdefault(_text(name), []).append(_text(value))
    return found


def reader(operation: Operation) -> Read:
    """What makes the operation's input from (labels by their name in the path, raw query, body).

    It raises Invalid for an input that the model does not allow. What it takes is looked up with the first request:
    there are hundreds of operations, and a server uses some of them.
    """
    if operation.input is None:
        return lambda labels, query, body: None
    return _Reader(operation)


class _Reader:
    """The reader of an operation, made when it is first needed."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation
        self._made: Read | None = None

    def __call__(self, labels: Mapping[str, str], query: bytes, body: bytes) -> msgspec.Struct | None:
        if self._made is None:
            self._made = (_PayloadReader if self._operation.payload else _MembersReader)(self._operation)
        return self._made(labels, query, body)


class _PayloadReader:
    """For operations of which one member is the whole body."""

    def __init__(self, operation: Operation) -> None:
        assert operation.input is not None
        assert operation.payload_type is not None
        self._make = operation.input
        self._payload = operation.payload
        self._located = _Located(operation)
        self._decoder = msgspec.json.Decoder(operation.payload_type)

    def __call__(self, labels: Mapping[str, str], query: bytes, body: bytes) -> msgspec.Struct:
        members = self._located(labels, query)
        if not body:
            raise Invalid(f"{WHOLE} is empty; expected a JSON object")
        members[self._payload] = read_json(body, self._decoder)
        return self._make(**members)


class _MembersReader:
    """For operations whose body holds the members that travel neither in the path nor in the query."""

    def __init__(self, operation: Operation) -> None:
        assert operation.input is not None
        self._make = operation.input
        self._has_body = operation.has_body
        self._located = _Located(operation)
        self._decoder = msgspec.json.Decoder(operation.input)

    def __call__(self, labels: Mapping[str, str], query: bytes, body: bytes) -> msgspec.Struct:
        members = self._located(labels, query)
        if not self._has_body:
            return self._make(**members)
        found = read_json(body or _NO_BODY, self._decoder)
        for name, value in members.items():
            setattr(found, name, value)
        return found


class _Located:
    """The members of an input that travel in path and query, by attribute."""

    def __init__(self, operation: Operation) -> None:
        assert operation.input is not None
        hints = typing.get_type_hints(operation.input, include_extras=True)
        self._labels = [(wire, name, _checked(hints[name])) for wire, name in operation.labels.items()]
        self._query = [(wire, member, _checked(hints[member.attribute])) for wire, member in operation.query.items()]

    def __call__(self, labels: Mapping[str, str], query: bytes) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for wire, name, kind in self._labels:
            members[name] = _check(labels[wire], kind, wire)
        if self._query:
            given = read_query(query)
            for wire, member, kind in self._query:
                members[member.attribute] = _check(_query_value(wire, member, given), kind, wire)
        return members


def _checked(kind: Any) -> Any:
    """The type to check a decoded member against; None when its decoding leaves nothing to check."""
    return None if kind in (str, str | None, bool | None, datetime | None, list[str] | None) else kind


def _check(value: object, kind: Any, wire: str) -> object:
    if kind is None or value is None:
        return value
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise explain(kind, value, error, wire) from None


def _query_value(wire: str, member: QueryMember, given: Mapping[str, list[str]]) -> object:
    values = given.get(wire)
    if values is None:
        if member.required:
            raise FieldInvalid(wire, "required query parameter, but missing", missing=True)
        return None
    if member.kind == "list":
        return values
    try:
        return _QUERY_KINDS[member.kind](values[-1])
    except (ValueError, KeyError, OverflowError):
        raise FieldInvalid(wire, f"expected {_QUERY_NOUNS[member.kind]}") from None


def _whole(text: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(text):
        raise ValueError
    return int(text)


_QUERY_KINDS: Mapping[str, Callable[[str], object]] = {
    "string": str,
    "boolean": lambda text: {"true": True, "false": False}[text.lower()],
    "integer": _whole,
    "iso": parse_iso,
    "epoch": float,
}
_QUERY_NOUNS = {
    "string": "string",
    "boolean": "true or false",
    "integer": "whole number",
    "iso": "ISO 8601 timestamp",
    "epoch": "Unix time in seconds",
}


def _text(part: bytes) -> str:
    text = unquote_to_bytes(part.replace(b"+", b" "))
    if b"\0" in text:
        raise Invalid("The query string holds a NUL character")
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise Invalid("The query string is not UTF-8 text") from error


def _plain(body: bytes) -> object:
    """The body as untyped JSON; None when it is JSON but holds a number that no type has room for."""
    try:
        return msgspec.json.decode(body)
    except RecursionError:
        raise Invalid(f"{WHOLE} is nested too deeply") from None
    except msgspec.ValidationError:
        return None
    except msgspec.DecodeError as error:
        raise _malformed(body, error) from None


def _malformed(body: bytes, error: msgspec.DecodeError) -> Invalid:
    if not body:
        return Invalid(f"{WHOLE} is empty; expected a JSON object")
    detail = str(error).removeprefix("JSON is malformed: ")
    return Invalid(f"{WHOLE} is not valid JSON: {detail[:1].lower()}{detail[1:]}")
