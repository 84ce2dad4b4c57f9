"""What the generated operation tables are made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

QueryKind = Literal["string", "boolean", "integer", "list", "iso", "epoch"]


class QueryMember(NamedTuple):
    """A member of an operation's input that travels in the query string."""

    attribute: str
    kind: QueryKind
    required: bool = False


class ErrorShape(NamedTuple):
    """A modelled exception: its HTTP status and the members of its body."""

    status: int
    members: tuple[str, ...]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One AWS operation: where it is mounted and which shapes go in and out.

    `payload` is the input attribute that *is* the body; without one, `has_body` tells that the members that
    travel neither in path nor query are the body's members.
    """

    name: str
    python_name: str
    method: str
    path: str
    status: int
    input: type[msgspec.Struct] | None = None
    payload: str = ""
    payload_type: type[msgspec.Struct] | None = None
    labels: Mapping[str, str] = {}
    query: Mapping[str, QueryMember] = {}
    has_body: bool = False
    output: type[msgspec.Struct] | None = None
    output_payload: str = ""
    errors: tuple[str, ...] = ()


class Service(msgspec.Struct, frozen=True, kw_only=True):
    """One AWS service: protocol, signing name, exceptions and operations."""

    name: str
    protocol: Literal["rest-json", "json"]
    signing_name: str
    json_version: str
    target_prefix: str
    errors: Mapping[str, ErrorShape]
    operations: tuple[Operation, ...]
