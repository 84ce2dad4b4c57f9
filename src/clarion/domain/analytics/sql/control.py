"""The control API's call that asks the record in SQL."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from clarion.domain.analytics.sql.answers import Column
from clarion.domain.analytics.sql.service import Sql
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import DEVELOPERS

Text = Annotated[str, msgspec.Meta(min_length=1)]


class SqlRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """A query about one project, and how many rows to answer at most."""

    application_id: Text
    query: str
    max_rows: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1_000


class SqlAnswer(msgspec.Struct, kw_only=True, rename="pascal"):
    """The rows, each a list in the order of the columns; `truncated`: there are more."""

    columns: list[Column]
    rows: list[list[Any]]
    truncated: bool
    milliseconds: int


class SqlControl:
    """Handler of `sql`."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql

    def add_to(self, control: ControlApi) -> None:
        """Add the route."""
        control.add(
            "POST",
            "/clarion/v1/sql",
            SqlRequest,
            SqlAnswer,
            self.run_sql,
            roles=DEVELOPERS,
            summary="Ask the record of a project in SQL: reading only, within limits of time, memory and rows.",
        )

    def run_sql(self, ctx: Context, request: SqlRequest) -> SqlAnswer:
        result = self._sql.run(ctx.scope, request.application_id, request.query, request.max_rows)
        return SqlAnswer(
            columns=result.columns, rows=result.rows, truncated=result.truncated, milliseconds=result.milliseconds
        )
