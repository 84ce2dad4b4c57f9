"""Plain HTTP pages beside the API, unsigned: health, metrics, and what other rooms mount by prefix (the
inbox page, the tracking pixel, the console)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from clarion.wire.http.asgi import Response
from clarion.wire.registry import inline


class PlainRequest(NamedTuple):
    """What a plain handler gets: `path` is decoded, `query` has every value of each parameter, header names
    are lower-case. `client` is the address the connection comes from, "" when it is not known."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[bytes, bytes]
    body: bytes
    request_id: str
    client: str = ""


class PlainRoute(NamedTuple):
    """`handler` answers `prefix`: one segment (`/t`) and everything below it, or one whole path; `/` is the root
    page alone.

    It runs in the thread pool, or on the event loop when marked `@inline`. `ClarionError`s it raises become
    plain-text answers.
    """

    prefix: str
    handler: Callable[[PlainRequest], Response]
    methods: tuple[str, ...] = ("GET", "HEAD")
    max_body_bytes: int = 1_000_000


def text(status: int, body: str) -> Response:
    """A plain-text answer."""
    return Response(status, body.encode(), ((b"content-type", b"text/plain; charset=utf-8"),))


def health_pages(ready: Callable[[], str], metrics: Callable[[], bytes]) -> list[PlainRoute]:
    """`/healthz` (the process answers), `/readyz` (503 with the reason while `ready` gives one), `/metrics`
    (Prometheus text)."""

    @inline
    def healthz(request: PlainRequest) -> Response:
        return text(200, "ok\n")

    def readyz(request: PlainRequest) -> Response:
        reason = ready()
        return text(503, f"{reason}\n") if reason else text(200, "ready\n")

    def prometheus(request: PlainRequest) -> Response:
        return Response(200, metrics(), ((b"content-type", b"text/plain; version=0.0.4; charset=utf-8"),))

    return [PlainRoute("/healthz", healthz), PlainRoute("/readyz", readyz), PlainRoute("/metrics", prometheus)]
