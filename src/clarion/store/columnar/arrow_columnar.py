"""The part of `Columnar` that is the same over every engine: rows from Arrow, statements for inserts."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod

import pyarrow as pa

from clarion.store.columnar import arrow, statements
from clarion.store.columnar.port import Parameters


class ArrowColumnar(ABC):
    """What an engine adds: how to answer a query in Arrow, and how to take an INSERT's data."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, str], list[str]] = {}
        self._columns_lock = threading.Lock()

    @abstractmethod
    def query_arrow(self, sql: str, parameters: Parameters = None) -> pa.Table: ...

    @abstractmethod
    def _insert(self, statement: str, format: str, data: bytes | memoryview) -> None:
        """Run `INSERT INTO t (…) SETTINGS …` with `data` in `format`."""

    @abstractmethod
    def _insert_select(self, statement: str, select: str, structure: str, data: memoryview) -> None:
        """Run `INSERT INTO t (…) SETTINGS …` with what `select` makes of `data`, an Arrow stream."""

    def query(self, sql: str, parameters: Parameters = None) -> list[tuple[object, ...]]:
        return arrow.rows(self.query_arrow(sql, parameters))

    def insert_json(self, table: str, rows: bytes, *, token: str) -> None:
        if rows.strip():
            self._insert(statements.insert(table, [], token), "JSONEachRow", rows)

    def insert_arrow(self, table: str, data: pa.Table, *, token: str, select: str | None = None) -> None:
        if data.num_rows == 0:
            return
        if select is None:
            self._insert(statements.insert(table, data.column_names, token), arrow.FORMAT, arrow.encode(data))
            return
        structure = arrow.structure(data.schema)
        statement = statements.insert(table, self._output_columns(select, structure), token)
        self._insert_select(statement, select, structure, arrow.encode_parts(data))

    def _output_columns(self, select: str, structure: str) -> list[str]:
        """The column names that `select` answers, asked of the engine once."""
        with self._columns_lock:
            known = self._columns.get((select, structure))
        if known is None:
            empty = statements.reading_from(select, f"null({statements.text(structure)})")
            known = [str(row[0]) for row in self.query(f"DESCRIBE ({empty})")]
            with self._columns_lock:
                self._columns[select, structure] = known
        return known
