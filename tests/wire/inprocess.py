"""Unmodified botocore clients against the wire, inside this process: requests are serialised and signed by
botocore, answered by the ASGI application, and the answers parsed by botocore."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Iterable, Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.config import Config

from clarion.core.clock import Clock
from clarion.core.ids import SystemIds
from clarion.core.settings import Settings
from clarion.wire.app import App
from clarion.wire.control import ControlApi
from clarion.wire.http.plain import PlainRoute
from clarion.wire.keys import AccessKey
from clarion.wire.model import Service
from clarion.wire.registry import Registry

ACCOUNT = "123456789012"
REGION = "eu-central-1"
HOST = "clarion.test:8080"

ADMIN = AccessKey(access_key_id="AKIAADMIN", secret="admin/secret+key", account=ACCOUNT, role="admin")


class Keys:
    """A key store in memory."""

    def __init__(self, *keys: AccessKey) -> None:
        self._keys = {key.access_key_id: key for key in keys}

    def find(self, access_key_id: str) -> AccessKey | None:
        return self._keys.get(access_key_id)


@dataclasses.dataclass
class Answer:
    """What came back over ASGI."""

    status: int
    headers: dict[str, str]
    body: bytes
    taken: int
    """Bytes of the request body that the application took from the server."""


def build(
    registry: Registry | None = None,
    control: ControlApi | None = None,
    *,
    keys: Iterable[AccessKey] = (ADMIN,),
    settings: Settings | None = None,
    plain: Iterable[PlainRoute] = (),
    real_clock: Clock | None = None,
    ready: Callable[[], str] = str,
) -> App:
    """The wire with `registry` mounted."""
    return App(
        settings or Settings(),
        Keys(*keys),
        registry or Registry(),
        control or ControlApi(),
        SystemIds(),
        plain=tuple(plain),
        real_clock=real_clock,
        ready=ready,
    )


def ask(
    app: App,
    method: str,
    target: bytes | str,
    headers: Iterable[tuple[bytes, bytes]] = (),
    body: bytes | Iterable[bytes] = b"",
) -> Answer:
    """One request, its target (path and query) exactly as given; `body` may come in pieces."""
    raw = target.encode() if isinstance(target, str) else target
    path, _, query = raw.partition(b"?")
    pieces = iter((body,) if isinstance(body, bytes) else body)
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "raw_path": path,
        "path": path.decode(errors="replace"),
        "query_string": query,
        "headers": [(name.lower(), value) for name, value in headers],
    }
    sent: list[dict[str, Any]] = []
    taken = 0
    upcoming = next(pieces, None)

    async def receive() -> dict[str, Any]:
        nonlocal taken, upcoming
        piece = upcoming or b""
        upcoming = next(pieces, None)
        taken += len(piece)
        return {"type": "http.request", "body": piece, "more_body": upcoming is not None}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    found: dict[str, str] = {}
    for name, value in sent[0]["headers"]:
        assert name.decode() not in found, f"{name.decode()} is sent twice"
        found[name.decode()] = value.decode()
    return Answer(sent[0]["status"], found, b"".join(part.get("body", b"") for part in sent[1:]), taken)


def ask_prepared(app: App, request: AWSPreparedRequest) -> Answer:
    """A request as botocore prepared it."""
    url = urlsplit(request.url)
    headers = [(name.encode(), _encoded(value)) for name, value in request.headers.items()]
    if "host" not in {name.lower() for name in request.headers}:
        headers.append((b"host", url.netloc.encode()))
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    body = request.body or b""
    if not isinstance(body, bytes):
        body = body.read()
    return ask(app, request.method, target, headers, body)


class _Raw:
    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, *arguments: object, **options: object) -> Iterable[bytes]:
        yield self._body


def client(app: App, service: str, key: AccessKey = ADMIN, *, fresh: bool = False) -> Any:
    """A botocore client of `service` whose requests `app` answers. Clients are dear to make, so the same one is
    given out again, for the `app` of the moment; `fresh` makes a new one, for tests that change it."""
    known = _CLIENTS.get((service, key))
    if known is None or fresh:
        known = _answered(_client(service, key))
        if not fresh:
            _CLIENTS[service, key] = known
    made, behind = known
    behind[:] = [app]
    return made


_CLIENTS: dict[tuple[str, AccessKey], tuple[Any, list[App]]] = {}


def _answered(made: Any) -> tuple[Any, list[App]]:
    behind: list[App] = []

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        found = ask_prepared(behind[0], request)
        return AWSResponse(request.url, found.status, HeadersDict(found.headers), _Raw(found.body))

    made.meta.events.register("before-send", answer)
    return made, behind


def _client(service: str, key: AccessKey) -> Any:
    return botocore.session.get_session().create_client(
        service,
        region_name=REGION,
        endpoint_url=f"http://{HOST}",
        aws_access_key_id=key.access_key_id,
        aws_secret_access_key=key.secret,
        aws_session_token=key.session_token,
        config=Config(retries={"total_max_attempts": 1}),
    )


class Recorder:
    """Stands in for the domain: for every operation of a service a method that keeps the input it was given
    and answers `self.answer`, or raises it."""

    def __init__(self, service: Service, wrap: Callable[[Any], Any] = lambda function: function) -> None:
        self.given: Any = None
        self.context: Any = None
        self.answer: Any = None

        def method(ctx: object, request: object) -> object:
            self.context, self.given = ctx, request
            if isinstance(self.answer, Exception):
                raise self.answer
            return self.answer

        self.operations = SimpleNamespace(**{operation.python_name: wrap(method) for operation in service.operations})


def mounted(recorders: Mapping[str, Recorder]) -> Registry:
    """A registry with recorders behind every operation."""
    found = Registry()
    for name, recorder in recorders.items():
        found.mount(name, recorder.operations)
    return found


def _encoded(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
