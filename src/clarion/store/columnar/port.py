"""The port: what a columnar store does, and how it fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import pyarrow as pa

from clarion.core.errors import ClarionError, Unavailable

DURABLE = "non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1"
"""For `SETTINGS` in a CREATE TABLE of a MergeTree: the table remembers the tokens of its last 1,000 parts, and
an insert that has returned survives a power cut."""

Parameters = Mapping[str, object] | None


class Columnar(Protocol):
    """One database of a columnar store; safe for any number of threads.

    `parameters` fill `{name:Type}` placeholders and are never spliced into the SQL: str, bool, int, float,
    aware datetime, date, None, and lists of these. Times are UTC both ways: a DateTime64 comes back as an
    aware datetime (a plain DateTime as a number, so use DateTime64), a Map as a dict, an Enum as a number.
    An engine that does not answer, or asks to be left alone, raises Unavailable; a refused statement `Refused`.
    """

    def command(self, sql: str, parameters: Parameters = None) -> None:
        """Run one statement that answers no rows."""
        ...

    def query(self, sql: str, parameters: Parameters = None) -> list[tuple[object, ...]]:
        """All rows of a SELECT as tuples of Python values."""
        ...

    def query_arrow(self, sql: str, parameters: Parameters = None) -> pa.Table:
        """All rows of a SELECT as an Arrow table: for answers too large for Python objects."""
        ...

    def stream(self, sql: str, parameters: Parameters = None) -> Iterator[pa.RecordBatch]:
        """The rows of a SELECT batch by batch, in constant memory; exhaust it or close it."""
        ...

    def insert_json(self, table: str, rows: bytes, *, token: str) -> None:
        """Insert JSONEachRow lines, all or (raising Refused) none.

        Once the insert has returned, the same `token` again stores nothing (needs `DURABLE`). When it did not
        return, it must be repeated with the same rows, and completes what is missing.
        """
        ...

    def insert_arrow(self, table: str, data: pa.Table, *, token: str, select: str | None = None) -> None:
        """Insert Arrow columns by name, or what `select` makes of them; `token` as in `insert_json`.

        `select` is "SELECT … FROM input …", with `FROM input` in it once; its output columns go to the table's
        columns of the same names. Arrow times must be in milliseconds.
        """
        ...

    def close(self) -> None:
        """Let go of the engine; other openings of the same URL stay usable."""
        ...


class Refused(Exception):
    """The engine understood and refused: a mistake in a statement, or bad data. `code` is ClickHouse's own."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


_TEMPORARY = frozenset(
    {
        159,  # TIMEOUT_EXCEEDED
        202,  # TOO_MANY_SIMULTANEOUS_QUERIES
        203,  # NO_FREE_CONNECTION
        209,  # SOCKET_TIMEOUT
        210,  # NETWORK_ERROR
        241,  # MEMORY_LIMIT_EXCEEDED
        242,  # TABLE_IS_READ_ONLY
        243,  # NOT_ENOUGH_SPACE
        252,  # TOO_MANY_PARTS
        279,  # ALL_CONNECTION_TRIES_FAILED
        285,  # TOO_FEW_LIVE_REPLICAS
        319,  # UNKNOWN_STATUS_OF_INSERT
        394,  # QUERY_WAS_CANCELLED
        425,  # SYSTEM_ERROR
        439,  # CANNOT_SCHEDULE_TASK
        516,  # AUTHENTICATION_FAILED
        999,  # KEEPER_EXCEPTION
    }
)


_SYSTEM = "DB::ErrnoException"
"""The operating system refused something: no space, no descriptors, a disk that went read-only."""


def failure(message: str, code: int) -> ClarionError | Refused:
    """The exception for one of ClickHouse's error codes: Unavailable when trying again may help."""
    if code in _TEMPORARY or _SYSTEM in message:
        return Unavailable(f"columnar store: {message}")
    return Refused(message, code)
