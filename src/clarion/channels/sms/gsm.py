"""The alphabets of text messages, GSM 03.38 and UCS-2, and where a long text is cut.

A septet of GSM 03.38 is a byte here, as SMPP carries it; packing them is the SMSC's business. A text is cut so that no
character loses its second half (the escape of `€`, the second surrogate of an emoji), and no cluster of characters
(a flag, a letter with its accents, a family) either, unless that took a part more than `size_of` counts.

Source: 3GPP TS 23.038, 6.2.1; spec of SMS, 3.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import Literal

from clarion.channels.sms.size import Encoding

_TABLE = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
_ESCAPE = 0x1B
# An escape that somebody wrote would make another character of the next one; phones show a space for it.
_ENCODED: dict[int, bytes | int | None] = {
    **{ord(char): code for code, char in enumerate(_TABLE)},
    **{ord(char): bytes((_ESCAPE, code)) for code, char in _EXTENDED.items()},
    _ESCAPE: 0x20,
}
_DECODED = dict(enumerate(_TABLE))

_WIDE = frozenset(_EXTENDED.values())

_OCTETS = 140
"""Of a part, its header among them."""

Alphabet = Literal["gsm", "latin1", "ascii"]
"""What an SMSC takes its default alphabet (data_coding 0) to be."""

_JOINERS = "\u200d"
_FLAG = re.compile("[\U0001f1e6-\U0001f1ff]")


def encode(text: str) -> bytes:
    """A text in GSM 03.38, a septet a byte. Raises UnicodeError for a character that it has not.

    An escape (U+001B), which `size_of` counts as a character, becomes the space that phones show for it.
    """
    return codecs.charmap_encode(text, "strict", _ENCODED)[0]


def decode(octets: bytes) -> str:
    """What was written in GSM 03.38, a septet a byte. Never fails.

    A pair that the extension table has not is the second character alone, as 23.038 asks of phones; an escape at the
    end is a space, a byte that is no septet a replacement character.
    """
    if _ESCAPE not in octets:
        return codecs.charmap_decode(octets, "replace", _DECODED)[0]
    found: list[str] = []
    escaped = False
    for octet in octets:
        if escaped:
            found.append(_EXTENDED.get(octet) or (" " if octet == _ESCAPE else _DECODED.get(octet, "\ufffd")))
            escaped = False
        elif octet == _ESCAPE:
            escaped = True
        else:
            found.append(_DECODED.get(octet, "\ufffd"))
    if escaped:
        found.append(" ")
    return "".join(found)


def to_ucs2(text: str) -> bytes:
    """A text in UTF-16BE, which is what phones take UCS-2 to be; a surrogate without its other half becomes U+FFFD."""
    return _whole(text).encode("utf-16-be")


def from_ucs2(octets: bytes) -> str:
    """What was written in UTF-16BE; halves of characters become U+FFFD. Never fails."""
    return octets.decode("utf-16-be", "replace")


def in_default(text: str, alphabet: Alphabet) -> bytes | None:
    """A GSM text as an SMSC with this default alphabet takes it; None when that lacks one of its characters."""
    if alphabet == "gsm":
        return encode(text)
    try:
        return text.replace("\x1b", " ").encode("latin-1" if alphabet == "latin1" else "ascii")
    except UnicodeEncodeError:
        return None


def split(text: str, encoding: Encoding, header: int = 6) -> list[str]:
    """The texts of a message's parts, one if it need not be divided. `header`: bytes that each part loses.

    With the usual header of six bytes there are as many as `size_of` counts in the text's own encoding.
    """
    chars = list(_whole(text) if encoding == "UCS-2" else text)
    widths = [2 if (char in _WIDE if encoding == "GSM" else char > "\uffff") else 1 for char in chars]
    if sum(widths) <= _room(encoding, 0):
        return ["".join(chars)]
    each = _room(encoding, header)
    fewest = _cut(widths, each, [True] * len(chars))
    gentle = _cut(widths, each, _starts(chars)) if encoding == "UCS-2" else fewest
    bounds = gentle if len(gentle) == len(fewest) else fewest
    return ["".join(chars[start:end]) for start, end in zip([0, *bounds[:-1]], bounds, strict=True)]


def _room(encoding: Encoding, header: int) -> int:
    return (_OCTETS - header) * 8 // 7 if encoding == "GSM" else (_OCTETS - header) // 2


def _whole(text: str) -> str:
    """Surrogates, which `str` may hold alone, are put together or replaced."""
    return text.encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace")


def _cut(widths: list[int], each: int, starts: list[bool]) -> list[int]:
    """Where parts end, exclusive: as late as possible, before a character that `starts` something if there is one."""
    ends: list[int] = []
    begun = last = room = 0
    for index, width in enumerate(widths):
        if starts[index]:
            last = index
        while room + width > each:
            begun = last if last > begun else index
            ends.append(begun)
            room = sum(widths[begun:index])
        room += width
    return [*ends, len(widths)]


def _starts(chars: list[str]) -> list[bool]:
    """For each character: may a cluster begin with it? The rules of UAX 29 that people notice, not all of them."""
    found: list[bool] = []
    flags = 0
    for index, char in enumerate(chars):
        before = chars[index - 1] if index else ""
        extends = char in _JOINERS or _extends(char) or (before == "\u200d") or (before == "\r" and char == "\n")
        flag = bool(_FLAG.match(char))
        flags = flags + 1 if flag else 0
        found.append(not extends and not (flag and flags % 2 == 0))
    return found


def _extends(char: str) -> bool:
    return (
        unicodedata.category(char) in ("Mn", "Me", "Mc")
        or "\U0001f3fb" <= char <= "\U0001f3ff"
        or "\U000e0020" <= char <= "\U000e007f"
    )
