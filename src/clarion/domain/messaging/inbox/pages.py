"""The inbox as web pages, for people who try Clarion: no signing in, everybody's messages, no JavaScript.

    /inbox                 the list, newest first; ?address= and ?app= narrow it down
    /inbox/{id}            one message
    /inbox/{id}/html       its HTML, for the frame
    /inbox/{id}/source     the bytes a relay, or another provider, would have got

Only whoever sits at the machine shall see them. So they exist only where something goes to the inbox and, unless
switched on, only while the server listens on a loopback address; then the request must also name such a host and
come from the page itself, or any web site the user visits could read along through the browser.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

from clarion.channels.inbox import InboxMessage
from clarion.core.errors import Forbidden, Invalid, NotFound
from clarion.core.settings import Settings
from clarion.domain.messaging.inbox import view
from clarion.domain.messaging.inbox.letters import read
from clarion.domain.messaging.inbox.service import Inbox
from clarion.domain.messaging.inbox.store import Filter
from clarion.wire.http.asgi import Response
from clarion.wire.http.plain import PlainRequest, PlainRoute

PAGE = 50

_STYLE_HASH = b64encode(sha256(view.STYLE.encode()).digest()).decode()
_PAGE_POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# A notification may have a picture, which is the only thing of it that is not escaped text.
_PHONE_POLICY = f"{_PAGE_POLICY}; img-src http: https: data:"
# A mail may show pictures and its own styles, nothing else: no scripts, no forms, no frames, an origin of its own.
_MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src http: https: data:; "
    "style-src 'unsafe-inline' http: https:; font-src http: https: data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
_SOURCE_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
_HEAD = re.compile(r"<head(?:\s[^>]*)?>", re.IGNORECASE)
_DOCTYPE = re.compile(r"\s*<!doctype[^>]*>", re.IGNORECASE)
_HTML, _TEXT = b"text/html; charset=utf-8", b"text/plain; charset=utf-8"


class InboxPages:
    """Serves the inbox to browsers."""

    def __init__(self, inbox: Inbox, settings: Settings) -> None:
        self._inbox = inbox
        self._guarded = settings.inbox_page == "auto"
        transports = (
            settings.email_transport,
            settings.push_transport,
            settings.sms_transport,
            settings.voice_transport,
        )
        self._shown = "inbox" in transports and _wanted(settings)

    def routes(self) -> list[PlainRoute]:
        """For the wire; none when the inbox is not to be shown."""
        return [PlainRoute("/inbox", self.answer)] if self._shown else []

    def answer(self, request: PlainRequest) -> Response:
        """Answer any of the pages."""
        _check_origin(request)
        if self._guarded:
            _check_host(request)
        _, _, message_id, *rest = [*request.path.split("/"), ""]
        if not message_id:
            return self._list(request)
        message = self._inbox.get(message_id)
        what = rest[0] if rest else ""
        if message is None or what not in ("", "html", "source"):
            raise NotFound("There is no such message, or no longer.")
        return _part(message, what)

    def _list(self, request: PlainRequest) -> Response:
        app_id, address, token = (_first(request, name) for name in ("app", "address", "token"))
        wanted = Filter(app_id=app_id, address=address)
        found, following = self._inbox.page(wanted, PAGE, token)
        return _answer(view.listing(found, wanted, following, first=token is None), _HTML, _PAGE_POLICY)


def _part(message: InboxMessage, what: str) -> Response:
    if what == "html":
        html = read(message).html
        if html is None:
            raise NotFound("The message has no HTML.")
        return _answer(_opening_tabs(html), _HTML, _MAIL_POLICY)
    if what == "source":
        return _answer(message.raw.decode("utf-8", "replace"), _TEXT, _SOURCE_POLICY)
    policy = _PAGE_POLICY if message.channel == "email" else _PHONE_POLICY
    return _answer(view.message_page(message), _HTML, policy)


def _opening_tabs(html: str) -> str:
    """A mail whose links open new tabs: its frame may show nothing else."""
    place = _HEAD.search(html) or _DOCTYPE.match(html)
    at = place.end() if place else 0
    return f'{html[:at]}<base target="_blank">{html[at:]}'


def _answer(content: str, content_type: bytes, policy: str) -> Response:
    headers = (
        (b"content-type", content_type),
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"cache-control", b"no-store"),
    )
    return Response(200, content.encode("utf-8", "replace"), headers)


def has_inbox(settings: Settings) -> bool:
    """Whether anything goes to the local inbox."""
    chosen = (settings.email_transport, settings.push_transport, settings.sms_transport, settings.voice_transport)
    return "inbox" in chosen


def _wanted(settings: Settings) -> bool:
    match settings.inbox_page:
        case "on":
            return True
        case "off":
            return False
        case "auto":
            return is_loopback(settings.host)
    raise Invalid("settings: inbox_page must be one of on, off, auto")


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only be this machine."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _check_host(request: PlainRequest) -> None:
    """A foreign name that resolves to this machine is how web sites get around the same-origin policy."""
    if not is_loopback(_host_of(b"//" + request.headers.get(b"host", b""))):
        raise Forbidden("The inbox is shown under localhost only; the setting inbox_page=on lifts that.")


def _check_origin(request: PlainRequest) -> None:
    """The server lets any page call its API; these pages are for people, not for other sites' scripts."""
    origin = request.headers.get(b"origin")
    site = request.headers.get(b"sec-fetch-site", b"same-origin")
    mode = request.headers.get(b"sec-fetch-mode", b"navigate")
    if origin is not None or (site not in (b"same-origin", b"none") and mode != b"navigate"):
        raise Forbidden("The inbox is not open to other web sites.")


def _host_of(url: bytes) -> str:
    try:
        return urlsplit(url.decode("ascii")).hostname or ""
    except ValueError:
        return ""


def _first(request: PlainRequest, name: str) -> str | None:
    values = request.query.get(name)
    return values[0].strip() or None if values else None
