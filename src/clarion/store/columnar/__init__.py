"""The columnar store: events and the selectable mirror of endpoints, in ClickHouse's SQL.

Two engines answer the same interface: chDB inside this process (`chdb_store`) and a ClickHouse server
over HTTP (`clickhouse`). Both speak Arrow in and out, so a value has the same Python type from either.
Tables belong to the slices; this room knows none of them.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from clarion.core.errors import Invalid
from clarion.store.columnar.port import DURABLE, Columnar, Parameters, Refused

__all__ = ["DURABLE", "Columnar", "Parameters", "Refused", "open_columnar"]


def open_columnar(url: str) -> Columnar:
    """Open `chdb:///absolute/path[?database=name]` or `http[s]://user:password@host:port/database`.

    The database is created when it does not exist. More `name=value` after `?` are settings of ClickHouse.
    A process can have one chDB path open, but any number of databases in it, and no other process the same.
    Raises Invalid for another URL, Unavailable when the engine does not answer.
    """
    scheme = urlsplit(url).scheme
    if scheme == "chdb":
        from clarion.store.columnar.chdb_store import ChdbStore

        return ChdbStore(url)
    if scheme in ("http", "https"):
        from clarion.store.columnar.clickhouse import ClickHouseStore

        return ClickHouseStore(url)
    raise Invalid("events: must be chdb:///path or http://user:password@host:port/database")
