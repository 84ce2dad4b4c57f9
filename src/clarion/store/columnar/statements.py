"""What both engines are told in the same words: bound parameters, INSERT statements, settings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

SETTINGS: Mapping[str, str | int] = {
    # One meaning of time, whatever zone the machine is in.
    "session_timezone": "UTC",
    "date_time_input_format": "best_effort",
    "output_format_arrow_string_as_string": 1,
    "output_format_arrow_low_cardinality_as_dictionary": 0,
    # A member that no column takes is a mistake of ours, not something to drop in silence.
    "input_format_skip_unknown_fields": 0,
    "async_insert": 0,
}

_ONE_BLOCK = (
    "max_insert_threads = 1, max_insert_block_size = 1000000000000, min_insert_block_size_rows = 1000000000000,"
    " min_insert_block_size_bytes = 0, input_format_parallel_parsing = 0"
)
"""An insert under a token is one block in each partition: only then does the token name all of it, and only then
does repeating it after a crash complete it exactly."""

# As the driver escapes them.
_SPECIAL = re.compile(r"[\\'`\t\n]")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_INPUT = re.compile(r"\bFROM\s+input\b(?!\s*\()", re.IGNORECASE)


def identifier(name: str) -> str:
    """The name of a database, table or column, quoted; raises ValueError for anything but letters, digits, _."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a name: {name!r}")
    return f"`{name}`"


def bound(sql: str, parameters: Mapping[str, object] | None) -> dict[str, object]:
    """Parameters ready for `{name:Type}` placeholders, times as UTC text.

    Raises ValueError when one has no placeholder: it would otherwise be spliced into the SQL.
    """
    if not parameters:
        return {}
    for name in parameters:
        if not _NAME.fullmatch(name) or f"{{{name}:" not in sql:
            raise ValueError(f"no {{{name}:Type}} in the statement")
    return {name: _value(value) for name, value in parameters.items()}


class _Ready:
    """A value as the statement wants it. The driver takes whatever it does not know as it prints itself; it escapes
    character by character, which for two thousand keys took longer than most queries that ask for them."""

    def __init__(self, literal: str) -> None:
        self._literal = literal

    def __str__(self) -> str:
        return self._literal


def _value(value: object) -> object:
    if isinstance(value, list | tuple):
        if value and all(isinstance(item, str) for item in value):
            plain = _SPECIAL.search("".join(value)) is None
            return _Ready("['" + "','".join(value if plain else map(_escaped, value)) + "']")
        return [_value(item) for item in value]
    if isinstance(value, str):
        return _Ready(_escaped(value))
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a bound time needs a zone")
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def insert(table: str, columns: list[str], token: str) -> str:
    """`INSERT INTO …` up to where the data or the SELECT begins."""
    names = f" ({', '.join(map(identifier, columns))})" if columns else ""
    quoted = token.replace("\\", "\\\\").replace("'", "\\'")
    return f"INSERT INTO {identifier(table)}{names} SETTINGS insert_deduplication_token = '{quoted}', {_ONE_BLOCK}"


def reading_from(select: str, source: str) -> str:
    """`select` with its one `FROM input` reading from `source` instead; ValueError when it has not exactly one."""
    replaced, count = _INPUT.subn(lambda _: f"FROM {source}", select)
    if count != 1:
        raise ValueError(f"`FROM input` must be there once, not {count} times")
    return replaced


def text(structure: str) -> str:
    """A structure as a string literal."""
    return "'" + structure.replace("\\", "\\\\").replace("'", "\\'") + "'"
