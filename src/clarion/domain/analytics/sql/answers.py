"""What a query answered as JSON can carry it: times as ISO 8601, bytes as base64, the rest as it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import msgspec
import pyarrow as pa

from clarion.core.clock import from_ms, iso
from clarion.core.errors import Invalid


class Column(msgspec.Struct, kw_only=True, rename="pascal"):
    """A column of an answer, with the engine's word for its type."""

    name: str
    type: str


def values(table: pa.Table, columns: list[Column]) -> list[list[Any]]:
    """The rows. Raises Invalid for what is no text."""
    try:
        read = [
            [_shown(column.type)(value) for value in data.to_pylist(maps_as_pydicts="lossy")]
            for column, data in zip(columns, table.columns, strict=True)
        ]
    except UnicodeDecodeError:
        raise Invalid("Query: answers bytes that are no text; use hex() or base64Encode()") from None
    return [list(row) for row in zip(*read, strict=True)]


def _shown(type: str) -> Callable[[Any], Any]:
    inner = type
    for wrapper in ("LowCardinality(", "Nullable("):
        inner = inner.removeprefix(wrapper)
    return _moment if inner.startswith("DateTime") and not inner.startswith("DateTime64") else _plain


def _moment(value: Any) -> Any:
    """A DateTime, which arrives as seconds."""
    return iso(from_ms(value * 1000)) if isinstance(value, int) else _plain(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if value is None or isinstance(value, float | str | int):
        return value
    return msgspec.to_builtins(value)
