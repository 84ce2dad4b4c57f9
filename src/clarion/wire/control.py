"""The control API, `/clarion/v1/…`: what Pinpoint has no operation for.

JSON with PascalCase members, signed like everything else (signing name `mobiletargeting`), typed from end to
end: a route is a request struct, a response struct and a function. The request struct is filled from the
path's `{Labels}`, the query and the JSON body. The OpenAPI document at `/clarion/v1/openapi.json` is made
from the same structs (`wire.http.openapi`).

In the query a list member takes its key once per item, and a dict member takes keys with its name as prefix:
`Attribute.Color=red` fills `Attribute: dict[str, str]`.
"""

from __future__ import annotations

import functools
import re
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, TypeVar

import msgspec

from clarion.core.errors import Invalid
from clarion.wire.codec import Read, read_json, read_query
from clarion.wire.context import Context
from clarion.wire.explain import container, explain
from clarion.wire.keys import ADMINS, Role

Method = Literal["GET", "PUT", "POST", "DELETE"]
Q = TypeVar("Q", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)

PREFIX = "/clarion/v1/"
SIGNING_NAME = "mobiletargeting"


class Nothing(msgspec.Struct):
    """For a request without members, or an answer without body (204)."""


class Document(NamedTuple):
    """An answer that is not JSON: a file of this type, which browsers save under `name`."""

    body: bytes
    content_type: str
    name: str


class ControlRoute(NamedTuple):
    """One operation of the control API."""

    method: Method
    path: str
    request: type[msgspec.Struct]
    response: type[msgspec.Struct]
    handler: Callable[[Context, Any], object]
    roles: frozenset[Role]
    summary: str
    status: int

    @property
    def name(self) -> str:
        """The operation's name in logs and in the OpenAPI document: that of its function."""
        return getattr(self.handler, "__name__", self.path)

    @property
    def labels(self) -> list[str]:
        """Names of the members that travel in the path."""
        return re.findall(r"\{(\w+)\}", self.path)


class ControlApi:
    """The routes that slices add. Filled while the server is built, only read afterwards."""

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str], ControlRoute] = {}

    def add(
        self,
        method: Method,
        path: str,
        request: type[Q],
        response: type[R],
        handler: Callable[[Context, Q], R | Document],
        *,
        roles: frozenset[Role] = ADMINS,
        summary: str = "",
        status: int | None = None,
    ) -> None:
        """Add `handler` under `path` (whole path, labels in braces named as the request's members).

        `Nothing` stands for no members or no answer; instead of a `response`, `handler` may answer a `Document`.
        Status: 200, 204 for `Nothing`, or as given. The handler runs in the thread pool, or on the event loop when
        marked `@inline`. Raises ValueError for a path outside `PREFIX`, a label that is no member of `request`, or a
        route that is there already.
        """
        if not path.startswith(PREFIX):
            raise ValueError(f"{path} is not under {PREFIX}")
        answer = status or (204 if response is Nothing else 200)
        route = ControlRoute(method, path, request, response, handler, roles, summary, answer)
        if strange := set(route.labels) - set(request.__struct_encode_fields__):
            raise ValueError(f"{path}: {request.__name__} has no member {sorted(strange)[0]}")
        if (method, path) in self._routes:
            raise ValueError(f"{method} {path} is added twice")
        self._routes[method, path] = route

    def routes(self) -> Iterator[ControlRoute]:
        """Every route, in the order of adding."""
        yield from self._routes.values()


def reader(route: ControlRoute) -> Read:
    """What makes the route's request from (labels, raw query, body); it raises Invalid.

    Where a member comes more than once the path wins, then the query. Of the query what the request does not have is
    ignored, unless its struct forbids unknown fields.
    """
    containers = _containers(route.request)
    strict = route.request.__struct_config__.forbid_unknown_fields
    has_body = route.method in ("POST", "PUT")

    def read(labels: Mapping[str, str], query: bytes, body: bytes) -> msgspec.Struct:
        members = read_json(body, _OBJECT) if has_body and body else {}
        for name, values in read_query(query).items():
            if not _place(members, containers, name, values) and strict and not name.startswith(_SIGNATURE):
                raise Invalid(f"{name}: there is no such parameter")
        members.update(labels)
        try:
            return msgspec.convert(members, route.request, strict=False)
        except msgspec.ValidationError as error:
            raise explain(route.request, members, error) from None

    return read


@functools.cache
def _containers(request: type[msgspec.Struct]) -> Mapping[str, type | None]:
    """The kind of container, if any, that each member of a request is. Hints take long to get, so only once."""
    hints = typing.get_type_hints(request, include_extras=True)
    names = zip(request.__struct_encode_fields__, request.__struct_fields__, strict=True)
    return {wire: container(hints[attribute]) for wire, attribute in names}


def _place(members: dict[str, Any], containers: Mapping[str, type | None], name: str, values: list[str]) -> bool:
    """Put a query parameter where the request struct has it; false where it has not."""
    if name in containers:
        if containers[name] is dict:
            raise Invalid(f"{name}: is given as {name}.name=value")
        members[name] = values if containers[name] is list else values[-1]
        return True
    head, dot, key = name.partition(".")
    if not dot or containers.get(head) is not dict:
        return False
    found = members.setdefault(head, {})
    if isinstance(found, dict):
        found[key] = values[-1]
    return True


_SIGNATURE = "X-Amz-"
"""How parameters of a presigned URL begin."""
_OBJECT = msgspec.json.Decoder(dict[str, Any])
