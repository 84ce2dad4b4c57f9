"""The engine's own reading of a query, and what must be in it: the second look, by the one who will run it.

What is checked is the tree that the engine's parser makes (`EXPLAIN AST`, which runs nothing): which tables it reads,
that nothing else makes rows, and every function that it calls, operators included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from clarion.core.errors import Invalid
from clarion.domain.analytics.sql.functions import is_allowed
from clarion.domain.analytics.sql.tables import PREFIX

_LINE = re.compile(r"( *)([\w:]+)(?: (\S+))?.*", re.DOTALL)
_IN = re.compile(r"(global)?(not)?(null)?in(ignoreset)?", re.IGNORECASE)
_ROOT = "SelectWithUnionQuery"
_NOTHING = "system.one"
"""What the engine itself writes where a query names no table: one row, with nothing in it."""

_ROWS = {"TableIdentifier", "Subquery"}
_KINDS = frozenset(
    """
    SelectWithUnionQuery SelectIntersectExceptQuery SelectQuery ExpressionList WithElement Subquery
    TablesInSelectQuery TablesInSelectQueryElement TableExpression TableIdentifier TableJoin ArrayJoin
    Identifier Literal Function Asterisk QualifiedAsterisk OrderByElement
    ColumnsTransformerList ColumnsExceptTransformer ColumnsReplaceTransformer ColumnsRegexpMatcher
    WindowDefinition WindowListElement
    """.split()
)
"""The parts that a query may have, in the engine's words."""


class _Node(NamedTuple):
    depth: int
    kind: str
    word: str


def check(lines: Iterable[str], tables: Iterable[str]) -> None:
    """Raise Invalid unless the query of these lines only reads `tables` and parts of its own, by allowed functions."""
    nodes = [_node(line) for line in lines]
    if not nodes or nodes[0].kind != _ROOT or [node.kind for node in nodes if node.depth == 1] != ["ExpressionList"]:
        raise Invalid("Query: only SELECT is allowed")
    known = {*tables, _NOTHING}
    for place, node in enumerate(nodes):
        following = nodes[place + 1] if place + 1 < len(nodes) else _Node(0, "", "")
        if node.kind.partition("::")[0] not in _KINDS:
            raise Invalid(f"Query: {node.kind} is not allowed")
        if node.kind == "TableIdentifier" and node.word not in known and not node.word.startswith(PREFIX):
            raise Invalid(f"Query: there is no table {node.word}")
        if node.kind == "TableExpression" and (following.kind not in _ROWS or following.depth <= node.depth):
            raise Invalid("Query: functions that make tables are not allowed")
        if node.kind == "Function" and not is_allowed(node.word):
            raise Invalid(f"Query: the function {node.word} is not allowed")
        if node.kind == "Function" and _IN.fullmatch(node.word):
            _check_in(nodes[place + 1 :], node.depth)


def _check_in(following: Sequence[_Node], depth: int) -> None:
    """What stands behind IN must not be a name: the engine would take it for that of a table."""
    arguments = []
    for node in following:
        if node.depth <= depth:
            break
        if node.depth == depth + 2:
            arguments.append(node)
    if len(arguments) != 2 or arguments[1].kind not in ("Function", "Literal", "Subquery"):
        raise Invalid("Query: IN takes a list or a subquery; for an array use has(array, value)")


def _node(line: str) -> _Node:
    found = _LINE.fullmatch(line)
    if found is None:
        raise Invalid("Query: cannot be read")
    return _Node(len(found[1]), found[2], found[3] or "")
