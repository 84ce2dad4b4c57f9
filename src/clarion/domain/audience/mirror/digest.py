"""One number for what an endpoint is in the mirror, the same whether ClickHouse or Python makes it.

    columns of a row ─→ one text ─→ the first 64 bits of its MD5 ─→ summed up over a range of keys, modulo 2^64

The sum does not depend on the order of rows. Floats enter as their bits, times as milliseconds, so that two values
are one text only when they are equal to the last bit. Python's side starts from `row_of`: what the mirror would be
given today.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from hashlib import md5
from typing import Any

from clarion.domain.audience.columnar import COLUMNS, row_of
from clarion.domain.audience.store import Versioned

_FIELD, _ITEM = "\x1d", "\x1e"
_LEFT_OUT = frozenset({"deleted"})
_BEYOND = 2**64


def _bits(value: float) -> str:
    return str(int.from_bytes(struct.pack("<d", value), "little"))


def _words(values: list[str]) -> str:
    return f"{len(values)}{_ITEM}{_ITEM.join(values)}"


def _form(type_: str) -> tuple[str, Callable[[Any], str]]:
    """How a column of this type becomes text: in ClickHouse (`%s` is the column), and from what `row_of` has."""
    if type_.startswith("DateTime64(3"):
        return "toString(toUnixTimestamp64Milli(%s))", lambda seconds: str(round(seconds * 1000))
    if type_ == "Nullable(Float64)":
        sql = "if(isNull(%s), '', toString(reinterpretAsUInt64(assumeNotNull(%s))))"
        return sql, lambda value: "" if value is None else _bits(value)
    if type_ == "Array(Float64)":
        bits = "arrayMap(value -> toString(reinterpretAsUInt64(value)), %s)"
        return _listed(bits), lambda values: _words([_bits(value) for value in values])
    if type_.startswith("Array("):
        return _listed("%s"), _words
    return "toString(%s)", str


def _listed(words: str) -> str:
    return f"concat(toString(length(%s)), '{_ITEM}', arrayStringConcat({words}, '{_ITEM}'))"


_FORMS = {name: _form(type_) for name, type_ in COLUMNS.items() if name not in _LEFT_OUT}
_TEXTS = ", ".join(sql.replace("%s", name) for name, (sql, _) in _FORMS.items())

HASH = f"halfMD5(arrayStringConcat([{_TEXTS}], '{_FIELD}'))"
"""A row's number, as an expression over the table `endpoints`."""


def hash_of(app_id: str, stored: Versioned) -> int:
    """The number of the row that the mirror would be given for this endpoint."""
    row = row_of(app_id, stored)
    text = _FIELD.join([form(row[name]) for name, (_, form) in _FORMS.items()])
    return int.from_bytes(md5(text.encode(), usedforsecurity=False).digest()[:8], "big")


def total(hashes: Iterable[int]) -> int:
    """ClickHouse's `sum` of UInt64, which starts again at 2^64."""
    return sum(hashes) % _BEYOND
