"""The embedded engine: chDB, ClickHouse as a library in this process.

The directory belongs to one process at a time. Each call borrows a connection of its own, because chDB answers
nothing to a second query on a connection that is still streaming; the engine itself runs them side by side.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import chdb
import pyarrow as pa
from clickhouse_connect.driver.binding import bind_query

from clarion.core.errors import ClarionError, Invalid, Unavailable
from clarion.store.columnar import arrow, statements
from clarion.store.columnar.arrow_columnar import ArrowColumnar
from clarion.store.columnar.chdb_recovery import forget_unfinished_inserts
from clarion.store.columnar.port import Parameters, failure

_MIB = 1024 * 1024

_ENGINE: dict[str, str | int] = {
    # Half of the machine or container at most: the rest of the product lives in the same process.
    "max_server_memory_usage_to_ram_ratio": "0.5",
    "mark_cache_size": 256 * _MIB,
    "primary_index_cache_size": 256 * _MIB,
    "index_mark_cache_size": 64 * _MIB,
    "query_condition_cache_size": 32 * _MIB,
    "compiled_expression_cache_size": 32 * _MIB,
    "output_format_arrow_compression_method": "none",
    "implicit_select": 0,
}

_opening = threading.Lock()


class ChdbStore(ArrowColumnar):
    """`Columnar` over `chdb:///absolute/path[?database=name&setting=value]`."""

    def __init__(self, url: str) -> None:
        super().__init__()
        path, database, settings = _parse(url)
        self._connection_string = f"{path}?{urlencode({**_ENGINE, **statements.SETTINGS, **settings})}"
        self._use = f"USE {statements.identifier(database)}"
        self._idle: list[Any] = []
        self._lock = threading.Lock()
        self._closed = False
        with _opening:
            Path(path).mkdir(parents=True, exist_ok=True)
            forget_unfinished_inserts(Path(path))
            self._idle.append(self._open(f"CREATE DATABASE IF NOT EXISTS {statements.identifier(database)}", self._use))

    def _open(self, *commands: str) -> Any:
        connection = _connect(self._connection_string)
        try:
            with _failures():
                for command in commands:
                    connection.query(command)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        with self._lock:
            if self._closed:
                raise Unavailable("columnar store: closed")
            connection = self._idle.pop() if self._idle else None
        if connection is None:
            connection = self._open(self._use)
        try:
            with _failures():
                yield connection
        except BaseException:
            # chDB 4.4 puts what a failed query had written so far in front of the connection's next answer.
            connection.close()
            raise
        with self._lock:
            closed = self._closed
            if not closed:
                self._idle.append(connection)
        if closed:
            connection.close()

    def command(self, sql: str, parameters: Parameters = None) -> None:
        sql, bound = _bind(sql, parameters)
        with self._connection() as connection:
            connection.query(sql, "TabSeparated", params=bound)

    def query_arrow(self, sql: str, parameters: Parameters = None) -> pa.Table:
        sql, bound = _bind(sql, parameters)
        with self._connection() as connection:
            return arrow.decode(connection.query(sql, arrow.FORMAT, params=bound).bytes())

    def stream(self, sql: str, parameters: Parameters = None) -> Iterator[pa.RecordBatch]:
        sql, bound = _bind(sql, parameters)
        return self._stream(sql, bound)

    def _stream(self, sql: str, bound: dict[str, str]) -> Iterator[pa.RecordBatch]:
        with self._connection() as connection, connection.send_query(sql, arrow.FORMAT, params=bound) as chunks:
            for chunk in chunks:  # each is an IPC stream of its own
                yield from arrow.decode(chunk.bytes()).to_batches()

    def _insert(self, statement: str, format: str, data: bytes | memoryview) -> None:
        # Not through `send_insert`: in chDB 4.4 its `finish` answers as if all were well when the disk was full.
        into, settings = statement.split(" SETTINGS ", 1)
        with _as_file(data) as path, self._connection() as connection:
            source = f"FROM INFILE {statements.text(path)} COMPRESSION 'none'"
            connection.query(f"{into} {source} SETTINGS {settings} FORMAT {format}")

    def _insert_select(self, statement: str, select: str, structure: str, data: memoryview) -> None:
        with _as_file(data) as path, self._connection() as connection:
            source = f"file({statements.text(path)}, {arrow.FORMAT}, {statements.text(structure)})"
            connection.query(f"{statement} {statements.reading_from(select, source)}")

    def close(self) -> None:
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()


def _parse(url: str) -> tuple[str, str, dict[str, str]]:
    parts = urlsplit(url)
    path = unquote(parts.path)
    if parts.netloc or not path.strip("/") or "?" in path:
        raise Invalid("events: chdb needs an absolute path, as in chdb:///var/lib/clarion/events")
    settings = dict(parse_qsl(parts.query))
    return os.path.realpath(path), settings.pop("database", "default"), settings


def _connect(connection_string: str) -> Any:
    try:
        return chdb.connect(connection_string)
    except RuntimeError as error:
        path = connection_string.partition("?")[0]
        if "already initialized with path" in str(error):
            raise Invalid(f"events: {path}: this process has another chDB path open already") from error
        raise Unavailable(f"columnar store: {path} does not open; does another process use it? {error}") from error


def _bind(sql: str, parameters: Parameters) -> tuple[str, dict[str, str]]:
    bound = statements.bound(sql, parameters)
    if not bound:
        return sql, {}
    text, rendered = bind_query(sql, bound)
    return str(text), {name.removeprefix("param_"): value for name, value in rendered.items()}


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except ClarionError:
        raise
    except (RuntimeError, chdb.ChdbError) as error:
        found = re.search(r"Code: (\d+)\..*", str(error), re.DOTALL)
        if found is None:
            raise
        raise failure(found[0], int(found[1])) from error


@contextmanager
def _as_file(data: bytes | memoryview) -> Iterator[str]:
    """A path under which the engine can read `data`; in memory where the system can."""
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("clarion-insert"), "wb") as file:
            file.write(data)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            yield file.name
