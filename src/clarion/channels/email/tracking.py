"""Opens and clicks: a pixel and rewritten links in, signed tokens out, and back.

A token says by itself what it stands for (message, link, where the link led), so following a link needs no
look-up, and the signature makes sure that nobody uses this server to redirect to a place of their own.

    <a href="https://acme.test/sale">      becomes   <a href="{base}/track/c/{token}">
    (end of the HTML)                      gets      <img src="{base}/track/o/{token}.gif" …>

Tokens live as long as the mail in somebody's mailbox: they carry a version, and old keys go on verifying.
"""

from __future__ import annotations

import hmac
import re
import struct
from base64 import urlsafe_b64decode
from binascii import b2a_base64
from collections.abc import Sequence
from hashlib import blake2b
from html import unescape
from typing import Literal, NamedTuple

OPEN_PATH = "/track/o/"
CLICK_PATH = "/track/c/"
UNSUBSCRIBE_PATH = "/track/u/"
PREFERENCES_PATH = "/preferences/"
LINK_LIMIT = 250
OPEN_TRACKER = "{{ses:openTracker}}"
PREFERENCES_MARK = "{{PreferencesUrl}}"
UNSUBSCRIBE_MARKS = ("{{UnsubscribeUrl}}", "{{amazonSESUnsubscribeUrl}}")
"""Where the addresses of the recipient's own pages go; the last is SES's name."""

UNSUBSCRIBE_TAG = "unsubscribeLinkTag"

Kind = Literal["open", "click", "unsubscribe", "one_click", "preferences"]
"""`unsubscribe` is a click on a link tagged as such, `one_click` the URL of the List-Unsubscribe header, `preferences`
the page where its recipient chooses topics."""

_CODES: dict[Kind, bytes] = {"open": b"o", "click": b"c", "unsubscribe": b"u", "one_click": b"1", "preferences": b"p"}
_KINDS: dict[bytes, Kind] = {code: kind for kind, code in _CODES.items()}
_VERSION = b"\x01"
_MAC = 13  # bytes of signature: 104 bits

# What stands before an id of so many hex digits; before any other id it is the id's length.
_PACKED = {32: b"\0", 64: b"\xff"}
_PLACE = struct.Struct(">HH").pack
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")

# The start tag of an anchor with an href: (1) what is before, (2, 3, 4) the URL, double-, single- or not
# quoted, (5) what is after. Nothing is tried twice, nor across a "<": linear however hostile the template.
# Groups are atomic rather than possessive, which Python before 3.11.4 gets wrong around a lookahead.
_ANCHOR = re.compile(
    r"""<a((?>(?:\s++(?!href[\s=])[^\s"'<>=/]++(?>\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>=]++)|))*)\s++)"""
    r"""href\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s"'<>]++))((?>(?:[^"'<>]|"[^"]*+"|'[^']*+')*))>""",
    re.IGNORECASE,
)
# Quoted values are matched first so that nothing is found inside them.
_SES_ATTRIBUTE = re.compile(
    r"""\s+ses:(no-track|tags)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"'>]+))?(?=[\s/>]|$)|"[^"]*"|'[^']*'""",
    re.IGNORECASE,
)
_TRACKABLE = re.compile(r"https?://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", re.IGNORECASE)
_TAG_PAIR = re.compile(r"\s*([A-Za-z0-9_-]+)\s*:\s*([A-Za-z0-9_-]*)\s*")


class Token(NamedTuple):
    """What a recipient's click or open refers to.

    `link` counts the message's tracked links from 0, `url` is where a click leads, `tags` are the link's own,
    in order of appearance.
    """

    kind: Kind
    message_id: str
    link: int = 0
    url: str = ""
    tags: tuple[tuple[str, str], ...] = ()


class Tokens:
    """Signs and verifies. `key` is at most 64 secret bytes; `old_keys` verify only."""

    def __init__(self, key: bytes, old_keys: Sequence[bytes] = ()) -> None:
        self._base = blake2b(key=key, digest_size=_MAC, person=b"clarion-track")
        self._all = (self._base, *(blake2b(key=old, digest_size=_MAC, person=b"clarion-track") for old in old_keys))

    def sign(self, token: Token) -> str:
        """The token as URL-safe text."""
        tags = _tag_text(token.tags)
        return self.seal(_CODES[token.kind], identity(token.message_id), token.link, token.url, tags)

    def seal(self, code: bytes, message: bytes, link: int, url: str, tags: str) -> str:
        """`sign` of the parts: the inner loop of rewriting."""
        payload = _VERSION + code + message + _PLACE(link, len(tags)) + (tags + url).encode("ascii")
        mac = self._base.copy()
        mac.update(payload)
        text = b2a_base64(mac.digest() + payload, newline=False)
        return text.translate(_TO_URL_SAFE, b"=").decode("ascii")

    def verify(self, text: str) -> Token | None:
        """The token that `text` is (an open's may end in `.gif`), or None if it is not one of ours."""
        text = text.removesuffix(".gif")
        try:
            data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return None
        given, payload = data[:_MAC], data[_MAC:]
        for base in self._all:
            mac = base.copy()
            mac.update(payload)
            if hmac.compare_digest(mac.digest(), given):
                return _read(payload)
        return None


def identity(message_id: str) -> bytes:
    """A message id inside a token: 32 or 64 hex digits in half as many bytes, anything else (up to 254 bytes)
    as it is."""
    if mark := _PACKED.get(len(message_id)):
        try:
            packed = bytes.fromhex(message_id)
        except ValueError:
            packed = b""
        if packed.hex() == message_id:
            return mark + packed
    raw = message_id.encode("utf-8")
    if len(raw) > 254:
        raise ValueError("a message id of more than 254 bytes")
    return bytes((len(raw),)) + raw


def _read(payload: bytes) -> Token | None:
    if payload[:1] != _VERSION or payload[1:2] not in _KINDS:
        return None
    size = payload[2]
    packed = {0: 16, 255: 32}.get(size)
    end = 3 + (packed or size)
    message_id = payload[3:end].hex() if packed else payload[3:end].decode("utf-8")
    url_start = end + 4 + int.from_bytes(payload[end + 2 : end + 4], "big")
    tags = parse_tags(payload[end + 4 : url_start].decode("ascii"))
    return Token(
        _KINDS[payload[1:2]],
        message_id,
        int.from_bytes(payload[end : end + 2], "big"),
        payload[url_start:].decode("ascii"),
        tags,
    )


def parse_tags(text: str) -> tuple[tuple[str, str], ...]:
    """The pairs of `k:v;k2:v2;`; what is not a pair of `[A-Za-z0-9_-]` words is left out."""
    found = (_TAG_PAIR.fullmatch(pair) for pair in text.split(";"))
    return tuple((match[1], match[2]) for match in found if match is not None)


def _tag_text(tags: tuple[tuple[str, str], ...]) -> str:
    return ";".join([f"{name}:{value}" for name, value in tags])


class Tracker:
    """Puts tracking into HTML. `base_url` is where recipients reach this server, without a slash at the end."""

    def __init__(self, tokens: Tokens, base_url: str) -> None:
        self._tokens = tokens
        base = base_url.rstrip("/")
        self._open, self._click = base + OPEN_PATH, base + CLICK_PATH
        self._unsubscribe = base + UNSUBSCRIBE_PATH

    def unsubscribe_url(self, message_id: str) -> str:
        """The URL for the List-Unsubscribe header of a message."""
        return self._unsubscribe + self._tokens.sign(Token("one_click", message_id))

    def rewrite(self, html: str, message_id: str, *, opens: bool = True, clicks: bool = True) -> str:
        """`html` with the pixel (`opens`) and tracked links (`clicks`); `ses:` attributes are gone either way.

        The first 250 links are tracked; not those marked `ses:no-track`, with a scheme other than http(s),
        or whose URL is not made of RFC 3986 characters.
        """
        message = identity(message_id)
        html = self._links(html, message, clicks)
        pixel = ""
        if opens:
            url = f"{self._open}{self._tokens.seal(b'o', message, 0, '', '')}.gif"
            pixel = f'<img src="{url}" alt="" width="1" height="1" border="0">'
        return _place(html, pixel)

    def _links(self, html: str, message: bytes, clicks: bool) -> str:
        parts: list[str] = []
        done = tracked = 0
        for match in _ANCHOR.finditer(html):
            before, double, single, bare, after = match.groups()
            href = double or single or bare or ""
            refused, tags = not clicks or tracked >= LINK_LIMIT, ""
            if "ses:" in before or "ses:" in after:
                before, no_track, tags = _take(before, tags)
                after, also_no_track, tags = _take(after, tags)
                refused = refused or no_track or also_no_track
            url = (unescape(href) if "&" in href else href).strip()
            if not refused and _TRACKABLE.fullmatch(url):
                code = b"u" if tags and f";{UNSUBSCRIBE_TAG}:" in f";{tags}" else b"c"
                href = self._click + self._tokens.seal(code, message, tracked, url, tags)
                tracked += 1
            quote = "'" if '"' in href else '"'
            parts.append(f"{html[done : match.start()]}<a{before}href={quote}{href}{quote}{after}>")
            done = match.end()
        return "".join(parts) + html[done:] if parts else html


def _take(attributes: str, tags: str) -> tuple[str, bool, str]:
    """Attributes without those of `ses:`, whether `ses:no-track` was among them, and its tags after `tags`."""
    no_track = False

    def keep(match: re.Match[str]) -> str:
        nonlocal no_track, tags
        name, value = match.groups()
        if name is None:
            return match[0]
        if name.lower() == "no-track":
            no_track = True
        elif value is not None:
            pairs = parse_tags(unescape(value.strip("\"'")))
            tags = ";".join(filter(None, (tags, _tag_text(pairs))))
        return ""

    return _SES_ATTRIBUTE.sub(keep, attributes), no_track, tags


def _place(html: str, pixel: str) -> str:
    """The pixel at the first `{{ses:openTracker}}`, or else at the end of the body; the others vanish."""
    if OPEN_TRACKER in html:
        head, _, rest = html.partition(OPEN_TRACKER)
        return head + pixel + rest.replace(OPEN_TRACKER, "")
    if not pixel:
        return html
    end = max(html.rfind("</body>"), html.rfind("</BODY>"))
    return html[:end] + pixel + html[end:] if end >= 0 else html + pixel
