"""Asking the record in SQL: one project, reading only, within limits of time, memory and rows.

Three walls, each of which would do: `reading` writes the query anew from what it understood, `wall` checks what the
engine understands of that, and the engine is told to let through nothing but the project's rows, to change nothing
and to stop at the limits.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from clarion.core.clock import perf_seconds
from clarion.core.errors import Invalid, TooMany, Unavailable
from clarion.core.scope import Scope
from clarion.domain.analytics.sql import wall
from clarion.domain.analytics.sql.answers import Column, values
from clarion.domain.analytics.sql.tables import TABLES, query_of
from clarion.domain.apps.service import Apps
from clarion.store.columnar import Columnar, Refused

T = TypeVar("T")

MOST_AT_ONCE = 2
"""Queries that one process runs side by side: the engine has other things to do."""

PATIENCE_SECONDS = 5
"""How long a query waits for its turn."""

ANSWER_BYTES = 32_000_000

_CODE = re.compile(r"Code: (\d+)\.")
_SAID = re.compile(r"Code: \d+\. DB::Exception: (.*)", re.DOTALL)
_CONTEXT = re.compile(
    r"(: |\. )?(In scope|While (executing|processing)|while (executing|processing)|\(in query).*", re.DOTALL
)
_TIME, _MEMORY, _ROOM = (159, 160), (241,), (396,)


class Limits(NamedTuple):
    """Of one query."""

    seconds: int
    memory_mb: int


class Result(NamedTuple):
    """What a query answered; `truncated`: there are more rows than were asked for."""

    columns: list[Column]
    rows: list[list[Any]]
    truncated: bool
    milliseconds: int


class Sql:
    """Runs queries. `catch_up` brings the record up to the log's end, so that they see what was acknowledged."""

    def __init__(self, columnar: Columnar, apps: Apps, limits: Limits, catch_up: Callable[[], None]) -> None:
        self._columnar = columnar
        self._apps = apps
        self._limits = limits
        self._catch_up = catch_up
        self._turns = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._database = ""

    def run(self, scope: Scope, app_id: str, query: str, most: int) -> Result:
        """At most `most` rows. Raises Invalid for a query that may not be run, fails, or reaches a limit; NotFound for
        the project; TooMany when others are being run."""
        # Imported here so that only a process that reads queries loads what it takes.
        from clarion.domain.analytics.sql.reading import read

        app = self._apps.require(scope, app_id)
        database = self._database_name()
        queries = {name: query_of(name, database) for name in TABLES}
        found = read(query, queries)
        given: Mapping[str, object] = {**found.texts, **({"app": app.id} if found.tables else {})}
        self._catch_up()
        if not self._turns.acquire(timeout=PATIENCE_SECONDS):
            raise TooMany("other queries are being run, try again")
        try:
            with_limits = f" SETTINGS {self._settings(app.id, database, most)}"
            began = perf_seconds()
            wall.check(self._lines(found.sql, given), [f"{database}.{name}" for name in TABLES])
            columns = self._describe(found.sql, given, with_limits)
            table = self._asked(lambda: self._columnar.query_arrow(found.sql + with_limits, given))
            if table.nbytes > ANSWER_BYTES:
                raise self._refusal("", _ROOM[0])
            rows = values(table, columns)
            return Result(columns, rows[:most], len(rows) > most, round((perf_seconds() - began) * 1000))
        finally:
            self._turns.release()

    def _lines(self, sql: str, given: Mapping[str, object]) -> list[str]:
        explained = f"SELECT explain FROM (EXPLAIN AST {sql})"  # noqa: S608 - as `reading` wrote it
        return [str(line) for (line,) in self._asked(lambda: self._columnar.query(explained, given))]

    def _describe(self, sql: str, given: Mapping[str, object], with_limits: str) -> list[Column]:
        rows = self._asked(lambda: self._columnar.query(f"DESCRIBE ({sql}){with_limits}", given))
        return [Column(name=str(row[0]), type=str(row[1])) for row in rows]

    def _settings(self, app_id: str, database: str, most: int) -> str:
        # Ids of projects are hexadecimal digits.
        filters = ", ".join(f"'{database}.{name}': 'app_id = ''{app_id}'''" for name in TABLES)
        settings: Mapping[str, object] = {
            "additional_table_filters": f"{{{filters}}}",
            "max_execution_time": self._limits.seconds,
            "timeout_overflow_mode": "'throw'",
            "max_memory_usage": self._limits.memory_mb * 1_000_000,
            "limit": most + 1,
            "allow_introspection_functions": 0,
            "allow_ddl": 0,
            # The last: from here on nothing can be set.
            "readonly": 1,
        }
        return ", ".join(f"{name} = {value}" for name, value in settings.items())

    def _asked(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except Refused as error:
            raise self._refusal(str(error), error.code) from error
        except Unavailable as error:
            code = _CODE.search(error.message)
            if code is None or int(code[1]) not in (*_TIME, *_MEMORY):
                raise
            raise self._refusal(error.message, int(code[1])) from error
        except UnicodeDecodeError:
            raise Invalid("Query: answers bytes that are no text; use hex() or base64Encode()") from None

    def _refusal(self, message: str, code: int) -> Invalid:
        if code in _TIME:
            return Invalid(f"Query: takes longer than {self._limits.seconds} s")
        if code in _MEMORY:
            return Invalid(f"Query: needs more than {self._limits.memory_mb} MB of memory")
        if code in _ROOM:
            return Invalid(f"Query: answers more than {ANSWER_BYTES // 1_000_000} MB")
        said = _SAID.search(message)
        text = _CONTEXT.sub("", said[1] if said else message).strip()
        return Invalid(f"Query: {text[:500]}")

    def _database_name(self) -> str:
        if not self._database:
            ((name,),) = self._columnar.query("SELECT currentDatabase()")
            self._database = str(name)
        return self._database
