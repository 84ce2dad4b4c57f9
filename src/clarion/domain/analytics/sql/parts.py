"""The parts that a query may have, as sqlglot names them, and what may be in each. What is not named is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from sqlglot import exp

from clarion.core.errors import Invalid
from clarion.domain.analytics.sql.dialect import OneProject
from clarion.domain.analytics.sql.tables import PREFIX

_PARTS: tuple[type[exp.Expr], ...] = (
    exp.Select, exp.SetOperation, exp.Subquery, exp.With, exp.CTE, exp.From, exp.Join, exp.Table, exp.TableAlias,
    exp.Where, exp.Group, exp.GroupingSets, exp.Cube, exp.Rollup, exp.Having, exp.Qualify, exp.Order, exp.Ordered,
    exp.WithFill, exp.Limit, exp.LimitOptions, exp.Offset, exp.Distinct, exp.Alias, exp.Column, exp.Columns,
    exp.Identifier, exp.Star, exp.Literal, exp.RawString, exp.Boolean, exp.Null, exp.Tuple, exp.Paren, exp.Dot,
    exp.Bracket, exp.Slice, exp.Lambda, exp.Interval, exp.IntervalSpan, exp.Var, exp.DataType, exp.DataTypeParam,
    exp.Window, exp.WindowSpec, exp.Filter, exp.Binary, exp.Unary, exp.Between, exp.In, exp.Func, exp.If,
    exp.ParameterizedAgg, exp.IgnoreNulls, exp.RespectNulls, exp.Collate,
)  # fmt: skip
_OF_SELECT = frozenset(
    "with_ kind expressions distinct from_ joins where group having qualify windows order limit offset".split()
)
_CALLED: Mapping[type[exp.Expr], str] = {
    exp.Placeholder: "a parameter",
    exp.TableSample: "SAMPLE",
    exp.Final: "FINAL",
    exp.PreWhere: "PREWHERE",
}
_CALLS = frozenset(
    "user current_user session_user system_user authuser database schema current_database current_schema"
    " current_schemas current_catalog current_role current_roles hostname version".split()
)
"""Names that the engine takes for a function when no column is called so."""

_NAME = re.compile(r"[^\W\d][\w %().:/-]{0,99}")
_TYPES = re.compile(
    r"(Nullable|LowCardinality|Array|Tuple|Map|String|FixedString|Bool|U?Int(8|16|32|64|128|256)|Float(32|64)|"
    r"Decimal(32|64|128|256)?|Date(32)?|DateTime(64)?|UUID|IPv4|IPv6|Timestamp|\d+|'[A-Za-z/_+-]*')",
    re.IGNORECASE,
)


def check(node: exp.Expr) -> None:
    """Raise Invalid for a part that is not known to be harmless."""
    if not isinstance(node, _PARTS):
        raise Invalid(f"Query: {_CALLED.get(type(node), type(node).__name__.upper())} is not allowed")
    for kind, wrong in _CHECKS:
        if isinstance(node, kind) and (text := wrong(node)):
            raise Invalid(f"Query: {text}")


def _select(node: Any) -> str:
    odd = [name for name, value in node.args.items() if value and name not in _OF_SELECT]
    return f"{odd[0].strip('_').upper()} is not allowed" if odd else ""


def _with(node: Any) -> str:
    return "WITH RECURSIVE is not allowed" if node.args.get("recursive") else ""


def _name(node: Any) -> str:
    fits = _NAME.fullmatch(node.name) and not node.name.startswith(PREFIX) and node.name.lower() not in _CALLS
    return "" if fits else f"{node.name[:50]!r} is not allowed as a name"


def _rows(node: Any) -> str:
    """FROM or JOIN; what ARRAY JOIN takes is no table."""
    if node.args.get("kind") == "ARRAY" or isinstance(node.this, exp.Table | exp.Subquery):
        return ""
    return "FROM and JOIN take a table, or a subquery in brackets"


def _in(node: Any) -> str:
    # A name behind IN is that of a table.
    named = isinstance(node.args.get("field"), exp.Column | exp.Identifier | exp.Dot)
    return "IN takes a list or a subquery; for an array use has(array, value)" if named else ""


def _type(node: Any) -> str:
    written = str(node.sql(dialect=OneProject))
    return f"the type {written[:50]} is not allowed" if re.search(r"[^\s(),=-]", _TYPES.sub("", written)) else ""


def _function(node: Any) -> str:
    return "" if isinstance(node.this, str) else "the name of a function must not be quoted"


_CHECKS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (exp.Select, _select),
    (exp.With, _with),
    (exp.Identifier, _name),
    (exp.From | exp.Join, _rows),
    (exp.In, _in),
    (exp.DataType, _type),
    (exp.Anonymous, _function),
)
