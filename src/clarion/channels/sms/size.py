"""How a text becomes text messages: its encoding, and the parts it is divided into. Source: spec of SMS, 3."""

from __future__ import annotations

from typing import Literal, NamedTuple

from clarion.core.errors import Invalid

Encoding = Literal["GSM", "UCS-2"]

_BASIC = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 \n\r\x1b"
    "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà"
)
_EXTENSION = frozenset("^{}\\[]~|€\f")
_GSM = _BASIC | _EXTENSION

_ONE: dict[Encoding, int] = {"GSM": 160, "UCS-2": 70}
_EACH: dict[Encoding, int] = {"GSM": 153, "UCS-2": 67}
_MOST: dict[Encoding, int] = {"GSM": 1_600, "UCS-2": 630}


class Size(NamedTuple):
    """How large a text is: units of its encoding (a character has one or two), and the parts they fill."""

    encoding: Encoding
    units: int
    parts: int


def size_of(text: str) -> Size:
    """The size of a text. No character is cut in two by the end of a part."""
    encoding: Encoding = "GSM" if _GSM.issuperset(text) else "UCS-2"
    widths = [2 if (char in _EXTENSION if encoding == "GSM" else char > "\uffff") else 1 for char in text]
    units = sum(widths)
    if units <= _ONE[encoding]:
        return Size(encoding, units, 1)
    parts, room = 1, _EACH[encoding]
    for width in widths:
        if width > room:
            parts, room = parts + 1, _EACH[encoding]
        room -= width
    return Size(encoding, units, parts)


def check_length(text: str) -> Size:
    """The size of a text; raises Invalid when it is longer than a message may be."""
    size = size_of(text)
    if size.units > _MOST[size.encoding]:
        most = _MOST[size.encoding]
        raise Invalid(f"The message has {size.units} {size.encoding} characters, at most {most} are allowed")
    return size
