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

from clarion.channels.email.tracking import CLICK_PATH, OPEN_PATH, PREFERENCES_PATH, UNSUBSCRIBE_PATH, Token, Tokens
from clarion.core.clock import Clock
from clarion.core.errors import NotAllowed, NotFound
from clarion.domain.messaging.tracking.dress import endpoint_of, named_topic, referred
from clarion.domain.messaging.tracking.hits import Hit, Hits
from clarion.domain.messaging.tracking.leaving import Leaving
from clarion.domain.messaging.tracking.paper import NO_STORE, page
from clarion.store.database import Database
from clarion.wire.http.asgi import Response
from clarion.wire.http.plain import PlainRequest, PlainRoute

PIXEL = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")
"""A GIF of one transparent pixel."""

_KINDS = {OPEN_PATH: ("open",), CLICK_PATH: ("click", "unsubscribe"), UNSUBSCRIBE_PATH: ("one_click",)}
_MOST_AGENT = 500
_ASK = (
    "<h1>Unsubscribe?</h1><p>You will get no more messages like this one.</p>"
    '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
    "<button>Unsubscribe</button></form>"
)
_DONE = "<h1>You are unsubscribed</h1><p>You will get no more of these messages.</p>"


class TrackingPages:
    """Serves what tokens stand for."""

    def __init__(self, tokens: Tokens, hits: Hits, leaving: Leaving, database: Database, clock: Clock) -> None:
        self._tokens = tokens
        self._hits = hits
        self._leaving = leaving
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
            return Response(200, PIXEL, ((b"content-type", b"image/gif"), NO_STORE))
        return Response(302, b"", ((b"location", token.url.encode("ascii")), NO_STORE))

    def _unsubscribe(self, request: PlainRequest, token: Token) -> Response:
        if request.method != "POST":
            return page("Unsubscribe", _ASK + self._instead(token))
        app_id, message_id = referred(token)
        who = self._leaving.addressee(app_id, message_id, endpoint_of(token), named_topic(token))
        self._leaving.leave(who, self._of(request, token), request.request_id)
        return page("Unsubscribe", _DONE + self._instead(token))

    def _instead(self, token: Token) -> str:
        """The way to the recipient's preferences."""
        # Relative: a proxy may have put everything below a path of its own.
        path = f"../..{PREFERENCES_PATH}{self._tokens.sign(token._replace(kind='preferences'))}"
        return f'<p><a href="{path}">Choose what you want to get instead</a></p>'

    def _of(self, request: PlainRequest, token: Token) -> Hit:
        return hit_of(request, token, self._clock.now_ms())


def hit_of(request: PlainRequest, token: Token, at_ms: int) -> Hit:
    """What a visitor did."""
    app_id, message_id = referred(token)
    tags: dict[str, list[str]] = {}
    for name, value in token.tags:
        tags.setdefault(name, []).append(value)
    return Hit(
        kind=token.kind,
        id=request.request_id,
        app_id=app_id,
        message_id=message_id,
        at_ms=at_ms,
        url=token.url if token.kind != "one_click" else "",
        tags=tags,
        ip_address=_address(request),
        user_agent=request.headers.get(b"user-agent", b"").decode("utf-8", "replace")[:_MOST_AGENT],
    )


def _address(request: PlainRequest) -> str:
    """Where the visitor is: what a proxy says of it, else where the connection comes from."""
    forwarded = request.headers.get(b"x-forwarded-for", b"").decode("ascii", "replace").partition(",")[0].strip()
    return (forwarded or request.client)[:64]
