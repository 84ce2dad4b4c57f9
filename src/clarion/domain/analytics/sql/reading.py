"""Reading a query: what may be in it, and the same query again as it will be run.

    text ─→ tree (sqlglot) ─→ only what is on the list ─→ tables replaced, names of parts renamed
         ─→ texts that are not plain become parameters ─→ written anew ─→ only plain words, numbers and signs

What the caller wrote never reaches the engine: it gets what is written from the tree, in which nothing can be read in
two ways (no comments, no escapes, no quotes in names). `wall` then looks at it with the engine's own eyes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from clarion.core.errors import Invalid
from clarion.domain.analytics.sql.dialect import OneProject
from clarion.domain.analytics.sql.parts import check
from clarion.domain.analytics.sql.tables import PREFIX, TABLES

LONGEST = 20_000
DEEPEST = 40

_SIGNS = r"""\s+|[A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+|'[^'\\]*'|"[^"\\`]+"|\{text\d+: String\}"""
_PLAIN = re.compile(rf"(?:{_SIGNS}|<=|>=|<>|!=|->|::|\|\||[-+*/%=<>(),.\[\]?:])*")
_SAFE_TEXT = re.compile(r"(?:(?!--|/\*)[^'\\{\x00-\x1f])*")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Read(NamedTuple):
    """A query as it will be run, with the texts it is given, and the tables it reads."""

    sql: str
    texts: dict[str, str]
    tables: frozenset[str]


def read(text: str, queries: dict[str, str]) -> Read:
    """The query of a text; `queries` are what stands for its tables. Raises Invalid, saying what may not be."""
    try:
        return _read(_parsed(text), queries)
    except RecursionError:
        raise Invalid("Query: is nested too deeply") from None


def _read(tree: exp.Expr, queries: dict[str, str]) -> Read:
    names = _names(tree)
    used: set[str] = set()
    for node in list(tree.walk()):
        check(node)
        if isinstance(node, exp.Identifier):
            node.set("quoted", not _WORD.fullmatch(node.name))
    for table in list(tree.find_all(exp.Table)):
        used.add(_replace(table, names, queries))
    for part in tree.find_all(exp.CTE):
        if not part.args.get("scalar"):
            part.args["alias"].set("this", exp.to_identifier(PREFIX + part.alias))
    texts = _bind(tree)
    sql = _plain(tree.sql(dialect=OneProject, comments=False))
    if not isinstance(tree, exp.Select):
        # Settings behind it shall be those of the whole.
        sql = f"SELECT * FROM ({sql})"  # noqa: S608 - checked above
    for name, query in queries.items():
        sql = sql.replace(_mark(name), f"({query})")
    return Read(sql, texts, frozenset(used - {""}))


def _parsed(text: str) -> exp.Expr:
    if not text.strip():
        raise Invalid("Query: must not be empty")
    if len(text) > LONGEST:
        raise Invalid(f"Query: must not be longer than {LONGEST} characters")
    depth = most = 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        most = max(most, depth)
    if most > DEEPEST:
        raise Invalid(f"Query: must not be nested deeper than {DEEPEST} brackets")
    try:
        found = [one for one in sqlglot.parse(text, dialect=OneProject) if one is not None]
    except (SqlglotError, ValueError) as error:
        raise Invalid(f"Query: cannot be read: {_short(error)}") from None
    if len(found) != 1:
        raise Invalid("Query: must be one statement")
    if not isinstance(found[0], exp.Select | exp.SetOperation | exp.Subquery):
        raise Invalid("Query: only SELECT is allowed")
    return found[0]


def _short(error: Exception) -> str:
    """What sqlglot says, without the colours it marks the place with."""
    first = str(error).partition("\n")[0]
    return re.sub(r"\x1b\[[0-9;]*m", "", first)[:200]


def _names(tree: exp.Expr) -> set[str]:
    """The names that the query gives to parts of its own. Raises Invalid for one of a table's name."""
    names = set()
    for part in tree.find_all(exp.CTE):
        if part.args.get("scalar"):
            continue
        if part.alias in TABLES:
            raise Invalid(f"Query: WITH must not name its part {part.alias}, as a table is called")
        names.add(part.alias)
    return names


def _replace(table: exp.Table, names: set[str], queries: dict[str, str]) -> str:
    """Put a table's query, or a part's own name, where it is named; answers which table that was, "" for a part."""
    if not isinstance(table.this, exp.Identifier):
        raise Invalid("Query: functions that make tables are not allowed")
    odd = [name for name, value in table.args.items() if value and name not in ("this", "alias", "joins")]
    if odd or table.args.get("db") or table.args.get("catalog"):
        raise Invalid(f"Query: {table.sql(dialect=OneProject)[:100]}: a table is named by its name alone")
    name = table.name
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(name, quoted=True))
    if name in names:
        table.set("this", exp.to_identifier(PREFIX + name))
    elif name in queries:
        table.set("this", exp.to_identifier(_mark(name)))
    else:
        raise Invalid(f"Query: there is no table {name[:100]}; there are {' and '.join(TABLES)}")
    table.set("alias", alias)
    return name if name in queries else ""


def _mark(name: str) -> str:
    """What stands for a table's query while the rest of the query is looked at."""
    return f"{PREFIX}table_{name}_"


def _bind(tree: exp.Expr) -> dict[str, str]:
    """Turn every text into a plain one or a parameter; answers the parameters."""
    texts: dict[str, str] = {}
    for node in list(_texts(tree)):
        if _SAFE_TEXT.fullmatch(node.name):
            plain: exp.Expr = exp.Literal.string(node.name)
        else:
            name = f"text{len(texts)}"
            texts[name] = node.name
            plain = exp.Placeholder(this=exp.Var(this=name), kind=exp.DataType.build("String", dialect=OneProject))
        node.replace(plain)
    return texts


def _texts(tree: exp.Expr) -> Iterator[exp.Expr]:
    for node in tree.find_all(exp.Literal, exp.RawString):
        if isinstance(node, exp.RawString) or node.is_string:
            yield node


def _plain(sql: str) -> str:
    if "--" in sql or "/*" in sql or not _PLAIN.fullmatch(sql):
        raise Invalid("Query: has signs in it that are not allowed")
    return sql
