"""ClickHouse's SQL as sqlglot knows it, but with every call of a function left as it is written.

sqlglot knows some seven hundred functions of many engines and writes them as it sees fit: `rand()` would become
`randCanonical()`, a third argument would go missing. Here only what is not written as a call is taken apart.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.parsers.clickhouse import ClickHouseParser

_WORDED = ("CAST", "EXTRACT", "SUBSTRING", "TRIM", "POSITION")
"""Functions that may have words between their arguments."""


class _Parser(ClickHouseParser):
    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}
    NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CASE": ClickHouseParser.NO_PAREN_FUNCTION_PARSERS["CASE"]}
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {name: ClickHouseParser.FUNCTION_PARSERS[name] for name in _WORDED}


class OneProject(ClickHouse):
    """The dialect of `clarion sql`."""

    Parser = _Parser
