"""The way of a request through the wire, one function a step.

Each takes the server's parts and the exchange, and adds to the exchange; the first to set a response ends the
way, and so does any error. Authentication comes before decompression and parsing, so strangers cannot make
the server do either; without a known access key not even a body is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

from clarion.core.errors import Forbidden, Invalid, NotAllowed, NotFound, Unimplemented
from clarion.core.scope import Scope
from clarion.wire.actions import Action
from clarion.wire.codec import read_query
from clarion.wire.context import Context
from clarion.wire.http import chunked, cors
from clarion.wire.http.asgi import Receive, Response
from clarion.wire.http.body import Budget, announced, encodings, gunzip, read_body
from clarion.wire.http.plain import PlainRequest, PlainRoute
from clarion.wire.http.rates import Rates
from clarion.wire.registry import is_inline
from clarion.wire.router import Router, decode_segment
from clarion.wire.sigv4 import Identified, SignedRequest, Verified, Verifier

# Above these a body is hashed or inflated in the pool, so that the loop stays free for others.
_HASH_INLINE = 262_144
_INFLATE_INLINE = 16_384
_TOKEN = b"x-clarion-idempotency-token"


class Parts(NamedTuple):
    """What the steps work with."""

    plain: Mapping[bytes, PlainRoute]
    router: Router[Action]
    targets: Mapping[bytes, Action]
    verifier: Verifier
    rates: Rates | None
    pool: ThreadPoolExecutor
    budget: Budget


class Exchange:
    """One request and what has been found out about it."""

    __slots__ = (
        "action",
        "body",
        "client",
        "context",
        "headers",
        "identified",
        "labels",
        "limit",
        "method",
        "path",
        "plain",
        "query",
        "raw_path",
        "receive",
        "request_id",
        "reserved",
        "response",
        "unread",
        "verified",
    )

    action: Action
    context: Context
    identified: Identified
    limit: int
    verified: Verified

    def __init__(
        self,
        method: str,
        raw_path: bytes,
        path: bytes,
        query: bytes,
        headers: Mapping[bytes, bytes],
        receive: Receive,
        request_id: str,
        client: str = "",
    ) -> None:
        self.method = method
        self.raw_path = raw_path
        self.path = path
        self.query = query
        self.headers = headers
        self.receive = receive
        self.request_id = request_id
        self.client = client
        self.body = b""
        self.labels: Mapping[str, str] = {}
        self.plain: PlainRoute | None = None
        self.response: Response | None = None
        self.reserved = 0
        self.unread = True

    def reserve(self, budget: Budget, size: int) -> None:
        """Take room for the body, to be given back when the request is answered."""
        budget.take(size)
        self.reserved = size


Step = Callable[[Parts, Exchange], Awaitable[None] | None]


def preflight(parts: Parts, x: Exchange) -> None:
    """Answer a browser's question whether it may call."""
    if x.method == "OPTIONS":
        x.response = cors.preflight(x.headers)


def plain(parts: Parts, x: Exchange) -> Awaitable[None] | None:
    """Answer unsigned pages: health, metrics, inbox, tracking."""
    route = parts.plain.get(x.path) or parts.plain.get(b"/" + x.path[1:].partition(b"/")[0])
    if route is None or (x.path == b"/" and x.method == "POST"):
        return None
    x.plain = route
    return _plain_answer(parts, x, route)


async def _plain_answer(parts: Parts, x: Exchange, route: PlainRoute) -> None:
    if x.method not in route.methods:
        raise NotAllowed(f"{x.method} is not defined here")
    x.reserve(parts.budget, announced(x.headers, route.max_body_bytes))
    body = await read_body(x.receive, route.max_body_bytes)
    x.unread = False
    path = "/".join(map(decode_segment, x.path.split(b"/")))
    request = PlainRequest(x.method, path, read_query(x.query), x.headers, body, x.request_id, x.client)
    if is_inline(route.handler):
        x.response = route.handler(request)
    else:
        x.response = await asyncio.get_running_loop().run_in_executor(parts.pool, route.handler, request)


def route(parts: Parts, x: Exchange) -> None:
    """Find the action: by target header, or by method and raw path."""
    target = x.headers.get(b"x-amz-target")
    if target is not None and x.path == b"/":
        action = parts.targets.get(target)
        if action is None or x.method != "POST":
            raise NotAllowed(f"Unknown operation {target.decode(errors='replace')[:100]}")
        x.action = action
        return
    match = parts.router.find(x.method, x.path)
    if match is None:
        if methods := parts.router.methods(x.path):
            raise NotAllowed(f"{x.method} is not defined on this path; it has {', '.join(methods)}")
        raise NotFound
    x.action, x.labels = match


def size(parts: Parts, x: Exchange) -> None:
    """Refuse a body that is announced too large, or that there is no room for now."""
    x.limit = x.action.limit
    if x.headers.get(b"x-amz-content-sha256", b"").startswith(b"STREAMING-"):
        # Room for the framing around the data.
        x.limit += x.limit // 8 + 65_536
    x.reserve(parts.budget, announced(x.headers, x.limit))


def identify(parts: Parts, x: Exchange) -> None:
    """Find the access key, and check that the request is of now and for this service."""
    x.identified = parts.verifier.identify(x.headers, x.query, x.action.service.signing_name)


async def read(parts: Parts, x: Exchange) -> None:
    """Read the body."""
    x.body = await read_body(x.receive, x.limit)
    x.unread = False


def verify(parts: Parts, x: Exchange) -> Awaitable[None] | None:
    """Check the signature."""
    request = SignedRequest(x.method, x.raw_path, x.query, x.headers, x.body)
    if len(x.body) > _HASH_INLINE:
        return _verify_in_pool(parts, x, request)
    x.verified = parts.verifier.verify(request, x.identified)
    return None


async def _verify_in_pool(parts: Parts, x: Exchange, request: SignedRequest) -> None:
    loop = asyncio.get_running_loop()
    x.verified = await loop.run_in_executor(parts.pool, parts.verifier.verify, request, x.identified)


def authorise(parts: Parts, x: Exchange) -> None:
    """Check that the key's role and project allow the action."""
    key, region, _ = x.verified
    scope = Scope(key.account, region)
    token = x.headers.get(_TOKEN, b"").decode("latin-1")
    x.context = Context(scope, x.request_id, key.access_key_id, key.role, key.principal_arn, token)
    if not x.action.allows(key, x.labels, x.query):
        resource = x.action.resource(scope, x.path.decode(errors="replace"))
        what = f"is not authorized to perform: {x.action.permission} on resource: {resource}"
        raise Forbidden(f"User: {key.principal_arn} {what}")


def throttle(parts: Parts, x: Exchange) -> None:
    """Count the request against its rate."""
    if parts.rates is not None and x.action.quota:
        parts.rates.take(x.context.scope, x.action.service.name, x.action.quota)


def unwrap(parts: Parts, x: Exchange) -> Awaitable[None] | None:
    """Take the body out of its chunk framing and its compression."""
    kind = x.headers.get(b"x-amz-content-sha256", b"")
    if kind.startswith(b"STREAMING-"):
        declared = x.headers.get(b"x-amz-decoded-content-length")
        x.body = chunked.unframe(x.body, kind, x.verified.chunks, declared=declared, limit=x.action.limit)
    if b"content-encoding" not in x.headers or not x.body:
        return None
    codings = encodings(x.headers)
    if any(coding not in (b"gzip", b"x-gzip") for coding in codings) or len(codings) > 1:
        raise Invalid("Content-Encoding: only gzip is supported")
    if codings and len(x.body) > _INFLATE_INLINE:
        return _inflate_in_pool(parts, x)
    if codings:
        x.body = gunzip(x.body, x.action.limit)
    return None


async def _inflate_in_pool(parts: Parts, x: Exchange) -> None:
    loop = asyncio.get_running_loop()
    x.body = await loop.run_in_executor(parts.pool, gunzip, x.body, x.action.limit)


async def perform(parts: Parts, x: Exchange) -> None:
    """Read the input, call the operation, write its answer: on the loop if it is inline, else in the pool."""
    action = x.action
    if action.call is None:
        raise Unimplemented(f"{action.name} is not implemented in Clarion yet")
    if not action.inline:
        # What comes later is waited for here: a thread of the pool that waits would keep others from work.
        done = await asyncio.get_running_loop().run_in_executor(parts.pool, _perform, action, x)
        x.response = done if isinstance(done, Response) else action.respond(await asyncio.wrap_future(done))
        return
    answer = action.call(x.context, action.read(x.labels, x.query, x.body))
    if isinstance(answer, Future):
        answer = await asyncio.wrap_future(answer)
    x.response = action.respond(answer)


def _perform(action: Action, x: Exchange) -> Response | Future[object]:
    assert action.call is not None
    answer = action.call(x.context, action.read(x.labels, x.query, x.body))
    return answer if isinstance(answer, Future) else action.respond(answer)


STEPS: tuple[Step, ...] = (
    preflight,
    plain,
    route,
    size,
    identify,
    read,
    verify,
    authorise,
    throttle,
    unwrap,
    perform,
)
