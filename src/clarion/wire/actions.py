"""Everything a request can be routed to, in one form: an AWS operation or a control route, with what reads
its input, answers it and writes the answer. Built once, when the server starts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from clarion.core.scope import Scope
from clarion.core.settings import Settings
from clarion.wire import control
from clarion.wire.codec import Read, read_query, reader, write_json
from clarion.wire.context import Context
from clarion.wire.errors import content_type
from clarion.wire.http.asgi import Response
from clarion.wire.keys import AccessKey, may
from clarion.wire.model import Operation, Service
from clarion.wire.registry import SERVICES, Mounted, RawRequest, is_inline

Labels = Mapping[str, str]

# Where the quota page gives an operation a limit of its own. E-mail: 10 MB of message, as base64 in JSON.
BODY_LIMITS: Mapping[tuple[str, str], int] = {
    ("pinpoint", "PutEvents"): 4_000_000,
    ("pinpoint-email", "SendEmail"): 14_000_000,
}
DEFAULT_BODY_LIMIT = Settings.max_body_bytes


@dataclasses.dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `call` is None while the operation has no behaviour; `allows` takes the key, the labels
    and the raw query; `quota` names the operation for the request rates, empty for none."""

    service: Service
    name: str
    permission: str
    limit: int
    inline: bool
    read: Read
    call: Callable[[Context, Any], object] | None
    status: int
    content_type: bytes
    allows: Callable[[AccessKey, Labels, bytes], bool]
    quota: str = ""

    def respond(self, answer: object) -> Response:
        """The successful response that carries `answer`."""
        if self.status == 204:
            return Response(204, b"")
        if isinstance(answer, control.Document):
            return _saved(self.status, answer)
        return Response(self.status, write_json(answer), ((b"content-type", self.content_type),))

    def resource(self, scope: Scope, path: str) -> str:
        """The ARN that a denial names."""
        rest = path.removeprefix("/v1/") if self.service.name == "pinpoint" else "*"
        return f"arn:aws:{self.service.signing_name}:{scope.region}:{scope.account}:{rest}"


def of_operation(service: Service, operation: Operation, mounted: Mounted | None, max_body_bytes: int) -> Action:
    """The action of an AWS operation; `max_body_bytes` is the setting, which a limit of the operation's own
    replaces unless the setting was lowered."""
    own = BODY_LIMITS.get((service.name, operation.name), max_body_bytes)
    limit = own if max_body_bytes >= DEFAULT_BODY_LIMIT else min(own, max_body_bytes)
    raw = mounted is not None and mounted.raw_body

    def allows(key: AccessKey, labels: Labels, query: bytes) -> bool:
        return may(key, service.name, operation.name, labels.get("application-id"))

    return Action(
        service=service,
        name=operation.name,
        permission=f"{service.signing_name}:{operation.name}",
        limit=limit,
        inline=mounted is not None and mounted.inline,
        read=_raw_reader(operation) if raw else reader(operation),
        call=None if mounted is None else mounted.call,
        status=operation.status,
        content_type=content_type(service),
        allows=allows,
        quota=operation.name,
    )


def of_control(route: control.ControlRoute, max_body_bytes: int) -> Action:
    """The action of a control route; its errors have Pinpoint's form."""

    def allows(key: AccessKey, labels: Labels, query: bytes) -> bool:
        if key.role not in route.roles:
            return False
        if key.app_id is None:
            return True
        asked = labels.get("ApplicationId") or read_query(query).get("ApplicationId", [""])[-1]
        return asked == key.app_id

    return Action(
        service=SERVICES["pinpoint"],
        name=route.name,
        permission=f"clarion:{route.name}",
        limit=max_body_bytes,
        inline=is_inline(route.handler),
        read=control.reader(route),
        call=route.handler,
        status=route.status,
        content_type=b"application/json",
        allows=allows,
    )


def _saved(status: int, document: control.Document) -> Response:
    headers = (
        (b"content-type", document.content_type.encode()),
        (b"content-disposition", f'attachment; filename="{document.name}"'.encode()),
    )
    return Response(status, document.body, headers)


def _raw_reader(operation: Operation) -> Read:
    def read(labels: Labels, query: bytes, body: bytes) -> RawRequest:
        return RawRequest({name: labels[wire] for wire, name in operation.labels.items()}, body)

    return read
