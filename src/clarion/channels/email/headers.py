"""Header fields of an e-mail as bytes: folding, RFC 2047 encoded words, addresses and their domains.

Whatever text comes in, no line break of its making gets out: control characters become a space before
anything else happens, and the only CR LF in a result are the ones put there to fold or to end the field.
"""

from __future__ import annotations

import binascii
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from clarion.channels.port import EmailOutgoing, Outgoing
from clarion.core.errors import Invalid

LINE = 78  # RFC 5322 2.1.1: a line should not be longer, without its CR LF
HARD_LINE = 998  # and must not be longer than this
NAME_LIMIT = 126
VALUE_LIMIT = 870

SINGLE = frozenset(
    re.findall(
        r"\S+",
        """accept-language acceptlanguage archived-at auto-submitted bounces-to comments content-alternative
    content-base content-class content-description content-disposition content-duration content-id
    content-language content-length content-location content-md5 content-transfer-encoding content-type date
    delivered-to disposition-notification-options disposition-notification-to dkim-signature
    domainkey-signature errors-to from importance in-reply-to keywords list-archive list-help list-id
    list-owner list-post list-subscribe list-unsubscribe list-unsubscribe-post message-context message-id
    mime-version organization original-from original-message-id original-recipient original-subject
    precedence priority references reply-to return-path return-receipt-to sender solicitation sensitivity
    subject thread-index thread-topic user-agent vbr-info""",
    )
)
"""Fields that may appear once in a message, lower case."""

_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_NAME = re.compile(r"[!-9;-~]+")
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}|\"(?:[ !#-\[\]-~]|\\[ -~]){0,62}\""
_ADDRESS = re.compile(rf"({_LOCAL})@([^@\s<>\"]+)")
_ESCAPED = re.compile(r"\\(.)")
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_ENCODED_WORDS = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=(?: =\?[^?\s]+\?[bBqQ]\?[^?\s]*\?=)*")
_ADDRESS_FIELDS = frozenset(("reply-to", "sender", "errors-to", "return-receipt-to", "disposition-notification-to"))
_URL_SAFE = "".join(map(chr, range(0x20, 0x7F)))


def clean(text: str) -> str:
    """`text` without control characters: each run of them, line breaks included, becomes one space."""
    return _CONTROLS.sub(" ", text)


def field(name: str, value: str) -> bytes:
    """An unstructured field (Subject, Comments, X-…) as a folded line with its CR LF."""
    value = clean(value)
    if value.isascii():
        if len(name) + 2 + len(value) <= LINE and value[:1] != " " and value[-1:] != " ":
            return f"{name}: {value}\r\n".encode("ascii")
        folded = _fold(f"{name}: ", value)
        if folded is not None:
            return folded.encode("ascii")
    return _encoded_field(name, value)


def custom(name: str, value: str) -> bytes:
    """A field the caller chose; Invalid if its name is over 126 or its value over 870 characters."""
    if len(name) > NAME_LIMIT or not _NAME.fullmatch(name):
        raise Invalid(f"Header name {name[:NAME_LIMIT]!r} is not 1 to {NAME_LIMIT} printable ASCII characters")
    if len(value) > VALUE_LIMIT:
        raise Invalid(f"Header {name} is longer than {VALUE_LIMIT} characters")
    value = value.strip()
    if not value.isascii():
        lower = name.lower()
        if lower in _ADDRESS_FIELDS:
            return addresses(name, [value])
        if lower.startswith("list-"):
            value = quote(value, safe=_URL_SAFE)
    return field(name, value)


def _fold(start: str, value: str) -> str | None:
    """ASCII folded at single spaces; None when that would bend the value or leave an overlong line."""
    if value.strip(" ") != value:
        return None
    if "  " in value:
        return f"{start}{value}\r\n" if len(start) + len(value) <= HARD_LINE else None
    lines = []
    line = start
    for word in value.split(" "):
        if len(line) + len(word) > LINE and line is not start and line.strip():
            lines.append(line.rstrip(" "))
            line = " "
        line += word + " "
    lines.append(line.rstrip(" "))
    if max(map(len, lines)) > HARD_LINE:
        return None
    return "\r\n".join(lines) + "\r\n"


def _encoded_field(name: str, value: str) -> bytes:
    room = LINE - 2 - len(name) - 2
    start = f"{name}: ".encode("ascii")
    if room < 30:
        start, room = start.rstrip() + b"\r\n ", LINE - 2
    return start + _encoded_words(value, room) + b"\r\n"


def _encoded_words(text: str, room: int) -> bytes:
    """RFC 2047 words of at most 75 characters, cut between characters, one a line; the first fits `room`."""
    data = text.encode("utf-8", "replace")
    words = []
    position = 0
    size = min((room - 12) // 4 * 3, 45)
    while position < len(data):
        end = position + size
        while end < len(data) and data[end] & 0xC0 == 0x80:
            end -= 1
        words.append(b"=?utf-8?b?" + binascii.b2a_base64(data[position:end], newline=False) + b"?=")
        position, size = end, 45
    return b"\r\n ".join(words)


class Address(NamedTuple):
    """A mailbox: display name as people read it, local part as given, domain in ASCII (punycode)."""

    name: str
    local: str
    domain: str

    @property
    def spec(self) -> str:
        """The bare address, as it goes into the envelope."""
        return f"{self.local}@{self.domain}"


def parse(text: str) -> Address:
    """`local@domain` or `Name <local@domain>`.

    Raises Invalid for anything else, non-ASCII local parts included.
    """
    name = ""
    bare = text.strip()
    if bare[-1:] == ">":
        name, bracket, bare = bare[:-1].rpartition("<")
        if not bracket:
            raise Invalid(f"{clean(text)[:320]!r} is not an e-mail address")
        name = clean(name).strip()
        if len(name) > 1 and name[0] == name[-1] == '"':
            name = _ESCAPED.sub(r"\1", name[1:-1])
    match = _ADDRESS.fullmatch(bare.strip())
    if match is None:
        raise Invalid(f"{clean(text)[:320]!r} is not an e-mail address")
    local, domain = match.groups()
    return Address(name, local, ascii_domain(domain))


def sending_domain(message: Outgoing) -> str:
    """The domain that an e-mail comes from, in lower case; "" for whatever has none."""
    sender = message.from_address if isinstance(message, EmailOutgoing) else ""
    return sender.rpartition("@")[2].rstrip("> ").lower()


def ascii_domain(domain: str) -> str:
    """The domain as DNS knows it, internationalised labels in punycode (IDNA 2008). Raises Invalid."""
    if not domain.isascii():
        domain = _punycode(domain)
    if len(domain) > 255 or not _DOMAIN.fullmatch(domain):
        raise Invalid(f"{clean(domain)[:255]!r} is not a domain name")
    return domain


@lru_cache(maxsize=4096)
def _punycode(domain: str) -> str:
    # The standard library's "idna" codec is IDNA 2003, which sends straße.de to strasse.de: another domain.
    plain = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", domain).lower())
    labels = []
    for label in re.split(r"[.。]", plain):
        if any(unicodedata.category(char)[0] not in "LMN" and char not in "-·" for char in label):
            raise Invalid(f"{domain[:255]!r} is not a domain name")
        labels.append(label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii"))
    return ".".join(labels)


def addresses(name: str, mailboxes: Iterable[str]) -> bytes:
    """An address field (From, To, Cc, Reply-To), one mailbox a line, with its CR LF. Raises Invalid."""
    start = f"{name}: ".encode("ascii")
    return start + b",\r\n ".join([_mailbox(parse(mailbox), len(start)) for mailbox in mailboxes]) + b"\r\n"


def _mailbox(address: Address, used: int) -> bytes:
    name = address.name
    spec = address.spec.encode("ascii")
    if not name:
        return spec
    if not name.isascii() or len(name) > 60:
        shown = name.encode("ascii") if _is_encoded(name) else _encoded_words(name, LINE - 2 - used)
    elif _PHRASE.fullmatch(name):
        shown = name.encode("ascii")
    else:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')
        shown = f'"{escaped}"'.encode("ascii")
    last = len(shown) - shown.rfind(b"\n") - 1
    separator = b" " if used + last + len(spec) + 3 <= LINE else b"\r\n "
    return shown + separator + b"<" + spec + b">"


def _is_encoded(name: str) -> bool:
    return name.isascii() and len(name) <= HARD_LINE // 2 and _ENCODED_WORDS.fullmatch(name) is not None
