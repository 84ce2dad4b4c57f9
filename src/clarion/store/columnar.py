"""The columnar store: events and the selectable mirror of endpoints, in ClickHouse's SQL.

Two engines answer the same interface: chDB inside this process (`store.chdb_store`) and a ClickHouse server
over HTTP (`store.clickhouse`). Both speak Arrow in and out, so a value has the same Python type from either.
Tables belong to the slices; this room knows none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol
from urllib.parse import urlsplit

import pyarrow as pa

from clarion.core.errors import Invalid

DEDUPLICATED = "non_replicated_deduplication_window = 10000"
"""For `SETTINGS` in a CREATE TABLE: the table remembers the tokens of its last 10,000 parts."""

Parameters = Mapping[str, object] | None


class Columnar(Protocol):
    """One database of a columnar store; safe for any number of threads.

    `parameters` fill `{name:Type}` placeholders and are never spliced into the SQL: str, bool, int, float,
    aware datetime, date, None, and lists of these. DateTime columns come back as aware UTC datetimes.
    An engine that cannot be reached raises Unavailable, a refused statement `QueryFailed`.
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
        """The rows of a SELECT batch by batch, in constant memory. Exhaust it or close it."""
        ...

    def insert_json(self, table: str, rows: bytes, *, token: str) -> None:
        """Insert JSONEachRow lines. The same `token` again stores nothing more (see `DEDUPLICATED`)."""
        ...

    def insert_arrow(self, table: str, data: pa.Table, *, token: str, select: str | None = None) -> None:
        """Insert Arrow columns by name, or what `select` ("SELECT … FROM input") makes of them.

        With `select` its output columns go to the table's columns of the same names.
        """
        ...

    def close(self) -> None:
        """Let go of the engine; other openings of the same URL stay usable."""
        ...


class QueryFailed(Exception):
    """The engine understood the request and refused it: a programming error, or bad data. `code` is its own."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


def open_columnar(url: str) -> Columnar:
    """Open `chdb:///absolute/path[?database=name]` or `http[s]://user:password@host:port/database`.

    The database is created when it does not exist. A process can have one chDB path open, but any number of
    databases in it. Raises Invalid for another URL, Unavailable when the engine does not answer.
    """
    scheme = urlsplit(url).scheme
    if scheme == "chdb":
        from clarion.store.chdb_store import ChdbStore

        return ChdbStore(url)
    if scheme in ("http", "https"):
        from clarion.store.clickhouse import ClickHouseStore

        return ClickHouseStore(url)
    raise Invalid("events: must be chdb:///path or http://user:password@host:port/database")
