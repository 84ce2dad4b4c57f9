"""The HTTP server's application: a bare ASGI callable over the operation tables, without a framework.

Serve it with uvicorn and `UVICORN`; it sends its own `Date` and no `Server` header.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from email.utils import format_datetime
from typing import Any

import structlog
from prometheus_client import CollectorRegistry

from clarion.core.clock import Clock, SystemClock, perf_seconds
from clarion.core.errors import ClarionError, Unavailable
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.wire import actions, errors
from clarion.wire.control import ControlApi
from clarion.wire.http import openapi
from clarion.wire.http.asgi import Receive, Response, Scope, Send, header_map
from clarion.wire.http.body import Budget, Disconnected, discard, lingers
from clarion.wire.http.cors import EXPOSED
from clarion.wire.http.plain import PlainRoute, health_pages, text
from clarion.wire.http.rates import Rates
from clarion.wire.http.refused import Refused, of_exchange
from clarion.wire.http.telemetry import Telemetry
from clarion.wire.keys import KeyStore
from clarion.wire.model import Service
from clarion.wire.registry import SERVICES, Registry
from clarion.wire.router import Router
from clarion.wire.sigv4 import Verifier, normal_path
from clarion.wire.steps import STEPS, Exchange, Parts

UVICORN: Mapping[str, Any] = {
    "http": "httptools",
    "loop": "uvloop",
    "ws": "none",
    "lifespan": "off",
    "date_header": False,
    "server_header": False,
    "access_log": False,
    "proxy_headers": False,
    "timeout_keep_alive": 75,
}
THREADS = 32
BODIES_BYTES = 512_000_000

# The beacon that old Amplify versions send when a page is left.
_ALIASES = {"PutEvents": ("POST", "/v1/apps/{application-id}/events/legacy")}
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


class App:
    """The wire of one server: give it what it serves, then use it as an ASGI application.

    `ready` answers why the server cannot work yet, empty when it can. `real_clock` is the machine's, whatever
    clock the rest runs on: signatures and `Date` are about real time. `refused` is told of requests that are not
    answered with 2xx; it must return at once.
    """

    def __init__(
        self,
        settings: Settings,
        keys: KeyStore,
        registry: Registry,
        control: ControlApi,
        ids: Ids,
        *,
        plain: Sequence[PlainRoute] = (),
        ready: Callable[[], str] = str,
        metrics: CollectorRegistry | None = None,
        real_clock: Clock | None = None,
        refused: Callable[[Refused], None] = lambda refused: None,
    ) -> None:
        self._ids = ids
        self._keys = keys
        self._refused = refused
        self._clock = real_clock or SystemClock()
        self._telemetry = Telemetry(metrics or CollectorRegistry())
        self._log = structlog.get_logger("clarion.wire")
        self._date: tuple[int, bytes] = (0, b"")
        pages = [*health_pages(ready, self._telemetry.render), openapi.page(control), *plain]
        self._parts = Parts(
            plain={page.prefix.encode(): page for page in pages},
            router=_router(registry, control, settings.max_body_bytes),
            targets=_targets(registry, settings.max_body_bytes),
            verifier=Verifier(keys, self._clock, settings.clock_skew_seconds),
            rates=Rates() if settings.rate_limits else None,
            pool=ThreadPoolExecutor(THREADS, thread_name_prefix="operation"),
            budget=Budget(BODIES_BYTES),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise ValueError(f"Clarion speaks HTTP only, not {scope['type']}")
        started = perf_seconds()
        raw_path = scope["raw_path"]
        x = Exchange(
            scope["method"],
            raw_path,
            normal_path(raw_path),
            scope["query_string"],
            header_map(scope["headers"]),
            receive,
            self._ids.uuid(),
            (scope.get("client") or ("",))[0],
        )
        try:
            for step in STEPS:
                pending = step(self._parts, x)
                if pending is not None:
                    await pending
                if x.response is not None:
                    break
        except Disconnected:
            return
        except Exception as error:
            x.response = self._failed(x, error)
        finally:
            self._parts.budget.give(x.reserved)
        assert x.response is not None
        await self._send(send, x, x.response, linger=x.unread and lingers(scope["http_version"], x.headers))
        self._record(x, x.response.status, perf_seconds() - started)

    def close(self) -> None:
        """Wait for the operations that are running."""
        self._parts.pool.shutdown()

    def _failed(self, x: Exchange, error: Exception) -> Response:
        if not isinstance(error, ClarionError):
            self._log.error("request_failed", request_id=x.request_id, operation=_name(x), exc_info=error)
        elif isinstance(error, Unavailable):
            self._log.warning("unavailable", request_id=x.request_id, operation=_name(x), reason=error.message)
        elif (refused := of_exchange(x, error, self._keys)) is not None:
            self._refused(refused)
        response = errors.render(_service(x), error, x.request_id)
        if x.plain is None:
            return response
        known = error.message if isinstance(error, ClarionError) else errors.INTERNAL
        return text(response.status, known)

    async def _send(self, send: Send, x: Exchange, response: Response, *, linger: bool) -> None:
        status, body, own = response
        headers = [
            (b"date", self._http_date()),
            (b"x-amzn-requestid", x.request_id.encode()),
            *own,
        ]
        if status != 204:
            headers.append((b"content-length", str(len(body)).encode()))
        if b"origin" in x.headers:
            headers += EXPOSED
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": linger})
        if linger:
            await discard(x.receive)
            await send({"type": "http.response.body", "body": b""})

    def _http_date(self) -> bytes:
        now = self._clock.now()
        second = int(now.timestamp())
        if second != self._date[0]:
            self._date = (second, format_datetime(now, usegmt=True).encode())
        return self._date[1]

    def _record(self, x: Exchange, status: int, seconds: float) -> None:
        if x.plain is not None and x.plain.prefix in _QUIET:
            return
        service = "plain" if x.plain is not None else _service(x).name
        account = x.context.scope.account if hasattr(x, "context") else ""
        self._telemetry.record(x.method, service, _name(x), status, seconds, x.request_id, account)


def _name(x: Exchange) -> str:
    if x.plain is not None:
        return x.plain.prefix
    return x.action.name if hasattr(x, "action") else "-"


def _service(x: Exchange) -> Service:
    """Whose form an answer takes; before a route is found, by the path."""
    if hasattr(x, "action"):
        return x.action.service
    if b"x-amz-target" in x.headers:
        return SERVICES["pinpoint-sms-voice-v2"]
    if x.path.startswith(b"/v1/email/"):
        return SERVICES["pinpoint-email"]
    return SERVICES["pinpoint-sms-voice" if x.path.startswith(b"/v1/sms-voice/") else "pinpoint"]


def _router(registry: Registry, control: ControlApi, max_body_bytes: int) -> Router[actions.Action]:
    router: Router[actions.Action] = Router()
    for service in SERVICES.values():
        for operation in service.operations if service.protocol == "rest-json" else ():
            mounted = registry.find(service, operation)
            action = actions.of_operation(service, operation, mounted, max_body_bytes)
            router.add(operation.method, operation.path, action)
            if operation.name in _ALIASES and service.name == "pinpoint":
                router.add(*_ALIASES[operation.name], action)
    for route in control.routes():
        router.add(route.method, route.path, actions.of_control(route, max_body_bytes))
    return router


def _targets(registry: Registry, max_body_bytes: int) -> dict[bytes, actions.Action]:
    return {
        f"{service.target_prefix}.{operation.name}".encode(): actions.of_operation(
            service, operation, registry.find(service, operation), max_body_bytes
        )
        for service in SERVICES.values()
        for operation in service.operations
        if service.protocol == "json"
    }
