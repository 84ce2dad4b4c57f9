"""The pages that e-mails lead to, unsigned: open pixel, click redirects, unsubscribing.

| Path             | GET                                  | POST                                        |
|------------------|--------------------------------------|---------------------------------------------|
| `/track/o/…gif`  | a transparent pixel; an open         |                                             |
| `/track/c/…`     | 302 to where the link led; a click   |                                             |
| `/track/u/…`     | asks whether to unsubscribe          | unsubscribes: RFC 8058, or the page's form  |

A token that was not signed here is 404. HEAD records nothing, and following the unsubscribe link does not
unsubscribe: mail scanners do both.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import sqlalchemy as sa

from clarion.channels.email.tracking import CLICK_PATH, OPEN_PATH, UNSUBSCRIBE_PATH, Token, Tokens
from clarion.core.clock import Clock
from clarion.core.errors import NotAllowed, NotFound
from clarion.domain.audience.model import Endpoint, endpoint_key
from clarion.domain.audience.service import Audience
from clarion.domain.messaging.tracking.dress import endpoint_of, referred
from clarion.domain.messaging.tracking.hits import Hit, Hits
from clarion.shapes.pinpoint import PublicEndpoint
from clarion.store.database import Database
from clarion.wire.http.asgi import Response
from clarion.wire.http.plain import PlainRequest, PlainRoute

PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
"""A GIF of one transparent pixel."""

_KINDS = {OPEN_PATH: ("open",), CLICK_PATH: ("click", "unsubscribe"), UNSUBSCRIBE_PATH: ("one_click",)}
_MOST_AGENT = 500
_NO_STORE = (b"cache-control", b"no-store, no-cache, must-revalidate, private, max-age=0")

_STYLE = (
    ":root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;min-height:100vh;display:grid;"
    "place-items:center;background:#f4f5f7;color:#1c2430}main{background:#fff;border-radius:12px;padding:2rem;"
    "max-width:26rem;margin:1rem;box-shadow:0 1px 4px #0002}h1{font-size:1.3rem;margin:0 0 .5rem}"
    "button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:8px;background:#1d5fd1;color:#fff;cursor:pointer}"
    "@media(prefers-color-scheme:dark){body{background:#14181f;color:#e6e9ee}main{background:#1f2530}}"
)
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ASK = (
    "<h1>Unsubscribe?</h1><p>You will get no more messages like this one.</p>"
    '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
    "<button>Unsubscribe</button></form>"
)
_DONE = "<h1>You are unsubscribed</h1><p>You will get no more of these messages.</p>"


class TrackingPages:
    """Serves what tokens stand for."""

    def __init__(self, tokens: Tokens, hits: Hits, audience: Audience, database: Database, clock: Clock) -> None:
        self._tokens = tokens
        self._hits = hits
        self._audience = audience
        self._database = database
        self._clock = clock

    def routes(self) -> list[PlainRoute]:
        """For the wire."""
        return [PlainRoute("/track", self.answer, methods=("GET", "HEAD", "POST"), max_body_bytes=100_000)]

    def answer(self, request: PlainRequest) -> Response:
        """Answer any of the pages. Raises NotFound for what is no token, Unavailable when nothing can be kept."""
        for path, kinds in _KINDS.items():
            if request.path.startswith(path):
                token = self._tokens.verify(request.path.removeprefix(path))
                if token is not None and token.kind in kinds:
                    return self._unsubscribe(request, token) if path == UNSUBSCRIBE_PATH else self._hit(request, token)
        raise NotFound

    def _hit(self, request: PlainRequest, token: Token) -> Response:
        if request.method == "POST":
            raise NotAllowed("POST is not defined on this path")
        if request.method == "GET":
            hit = self._of(request, token)
            self._database.write(lambda connection: self._hits.add(connection, hit))
        if token.kind == "open":
            return Response(200, PIXEL, ((b"content-type", b"image/gif"), _NO_STORE))
        return Response(302, b"", ((b"location", token.url.encode("ascii")), _NO_STORE))

    def _unsubscribe(self, request: PlainRequest, token: Token) -> Response:
        if request.method != "POST":
            return _page(_ASK)
        app_id, message_id = referred(token)
        endpoint_id = endpoint_of(token) or self._addressee(app_id, message_id)
        hit = self._of(request, token)
        found = self._audience.load(app_id, [endpoint_key(endpoint_id)]) if endpoint_id else {}
        # Of an endpoint that was deleted or erased nothing is recorded any more.
        hit.endpoint_id = endpoint_id if found else ""

        def work(connection: sa.Connection) -> None:
            for endpoint in found.values():
                self._opt_out(connection, app_id, endpoint, request.request_id)
            self._hits.add(connection, hit)

        self._database.write(work)
        return _page(_DONE)

    def _opt_out(self, connection: sa.Connection, app_id: str, endpoint: Endpoint, request_id: str) -> None:
        if endpoint.opt_out != "ALL":
            # With its status, or an inactive endpoint would be made active.
            change = PublicEndpoint(opt_out="ALL", endpoint_status=endpoint.status)
            self._audience.merge(connection, app_id, [(endpoint.id, change)], request_id=request_id)

    def _addressee(self, app_id: str, message_id: str) -> str:
        message = self._hits.recall([(app_id, message_id)]).get((app_id, message_id))
        return "" if message is None else message[0].endpoint_id

    def _of(self, request: PlainRequest, token: Token) -> Hit:
        app_id, message_id = referred(token)
        tags: dict[str, list[str]] = {}
        for name, value in token.tags:
            tags.setdefault(name, []).append(value)
        return Hit(
            kind=token.kind,
            id=request.request_id,
            app_id=app_id,
            message_id=message_id,
            at_ms=self._clock.now_ms(),
            url=token.url if token.kind != "one_click" else "",
            tags=tags,
            ip_address=_address(request),
            user_agent=request.headers.get(b"user-agent", b"").decode("utf-8", "replace")[:_MOST_AGENT],
        )


def _address(request: PlainRequest) -> str:
    """Where the visitor is: what a proxy says of it, else where the connection comes from."""
    forwarded = request.headers.get(b"x-forwarded-for", b"").decode("ascii", "replace").partition(",")[0].strip()
    return (forwarded or request.client)[:64]


def _page(content: str) -> Response:
    html = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Unsubscribe</title>'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<style>{_STYLE}</style><main>{content}</main></html>"
    )
    headers = (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-security-policy", _POLICY.encode()),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
        _NO_STORE,
    )
    return Response(200, html.encode(), headers)
