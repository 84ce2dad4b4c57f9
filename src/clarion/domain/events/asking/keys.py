"""Many keys in a query: in a form that is read fast, and in as many queries as they need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

MOST_BYTES = 90_000
"""Of keys, or of user ids, in one query: ClickHouse takes 128 KiB in a field of a form."""

_encode = msgspec.json.Encoder().encode


def encode(texts: Sequence[str]) -> str:
    """A list as JSON: the engine reads thousands of texts several times faster than an array's literal."""
    return _encode(texts).decode()


def among(column: str, name: str) -> str:
    """The condition that a column is one of the texts in the parameter of that name, which is `encode`d."""
    return f"{column} IN (SELECT arrayJoin(JSONExtract({{{name}:String}}, 'Array(String)')))"


def parts(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in order, so many together as a query can take."""
    part: list[str] = []
    size = 0
    for text in texts:
        # As JSON in UTF-8, with quotes and comma; escapes are rare.
        own = len(text.encode()) + 3
        if part and size + own > MOST_BYTES:
            yield part
            part, size = [], 0
        part.append(text)
        size += own
    if part:
        yield part
