"""The engine as a server: ClickHouse, or a cluster of it, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import BinaryIO, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.exceptions import Error
from urllib3.exceptions import HTTPError

from clarion.core.errors import Invalid, Unavailable
from clarion.store.columnar import arrow, statements
from clarion.store.columnar.arrow_columnar import ArrowColumnar
from clarion.store.columnar.port import Parameters, failure

_SETTINGS = {**statements.SETTINGS, "output_format_arrow_compression_method": "lz4_frame"}


class ClickHouseStore(ArrowColumnar):
    """`Columnar` over `http[s]://user:password@host:port/database[?setting=value]`."""

    def __init__(self, url: str) -> None:
        super().__init__()
        parts = urlsplit(url)
        database = parts.path.strip("/") or "default"
        if not parts.hostname or "/" in database:
            raise Invalid("events: ClickHouse needs http://user:password@host:port/database")
        with _failures():
            self._client = clickhouse_connect.get_client(
                host=parts.hostname,
                port=parts.port or (8443 if parts.scheme == "https" else 8123),
                secure=parts.scheme == "https",
                username=unquote(parts.username or "default"),
                password=unquote(parts.password or ""),
                settings={**_SETTINGS, **dict(parse_qsl(parts.query))},
                autogenerate_session_id=False,  # a session refuses a second thread
            )
            name = statements.identifier(database)
            if not self._client.command(f"EXISTS DATABASE {name}"):
                self._client.command(f"CREATE DATABASE IF NOT EXISTS {name}")
            self._client.database = database

    def command(self, sql: str, parameters: Parameters = None) -> None:
        with _failures():
            self._client.raw_query(sql, statements.bound(sql, parameters))

    def query_arrow(self, sql: str, parameters: Parameters = None) -> pa.Table:
        with _failures():
            return arrow.decode(self._client.raw_query(sql, statements.bound(sql, parameters), fmt=arrow.FORMAT))

    def stream(self, sql: str, parameters: Parameters = None) -> Iterator[pa.RecordBatch]:
        return self._stream(sql, statements.bound(sql, parameters))

    def _stream(self, sql: str, bound: dict[str, object]) -> Iterator[pa.RecordBatch]:
        with _failures():
            response = cast(BinaryIO, self._client.raw_stream(sql, bound, fmt=arrow.FORMAT))
        with _failures(), closing(response):
            try:
                with pa.ipc.open_stream(response) as batches:
                    yield from batches
            except (pa.ArrowException, OSError) as error:
                raise Unavailable(f"columnar store: the answer broke off: {error}") from error

    def _insert(self, statement: str, format: str, data: bytes | memoryview) -> None:
        head = f"{statement} FORMAT {format}\n".encode()
        with _failures():
            self._client.raw_insert("", insert_block=head + data)

    def _insert_select(self, statement: str, select: str, structure: str, data: memoryview) -> None:
        reading = statements.reading_from(select, f"input({statements.text(structure)})")
        self._insert(f"{statement} {reading}", arrow.FORMAT, data)

    def close(self) -> None:
        self._client.close()


@contextmanager
def _failures() -> Iterator[None]:
    try:
        yield
    except Error as error:
        if error.code is None:
            raise Unavailable(f"columnar store: {error}") from error
        raise failure(str(error), error.code) from error
    except HTTPError as error:
        raise Unavailable(f"columnar store: {error}") from error
