"""Reading and changing rows by lists of keys: the one place that knows how each dialect likes it.

Either takes the list as one parameter, so that a list of any length is the same statement: PostgreSQL as an
array (`= ANY`), 17 times as fast as single reads, SQLite as JSON (`IN (SELECT value FROM json_each(?))`);
bytes, which JSON cannot hold, go to SQLite in one piece when all are equally long, which digests are, else as
`IN (?, ?, …)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import Any, TypeVar, cast

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

T = TypeVar("T")

BATCH = 1000

_TOGETHER = 250
"""Rows in one statement."""


def among(connection: sa.Connection, column: sa.Column[T], keys: Sequence[T]) -> sa.ColumnElement[bool]:
    """The condition that `column` is one of `keys`, for a WHERE on `connection`; at most a few thousand."""
    if connection.dialect.name == "postgresql":
        return column == sa.any_(sa.literal(list(keys), ARRAY(column.type)))
    if isinstance(column.type, sa.LargeBinary):
        pieces = cast("Sequence[bytes]", keys)
        return column.in_(_cut(pieces) if len(set(map(len, pieces))) == 1 else pieces)
    listed = sa.func.json_each(msgspec.json.encode(list(keys)).decode()).table_valued("value")
    return column.in_(sa.select(listed.c.value))


def _cut(keys: Sequence[bytes]) -> sa.Select[Any]:
    """Keys of one length, for SQLite: cut by it from one piece."""
    size = len(keys[0])
    places = msgspec.json.encode(list(range(1, size * len(keys) + 1, size))).decode()
    places_of = sa.func.json_each(places).table_valued("value")
    return sa.select(sa.func.substr(sa.literal(b"".join(keys), sa.LargeBinary), places_of.c.value, size))


def select_among(
    connection: sa.Connection, statement: sa.Select[Any], column: sa.Column[T], keys: Iterable[T]
) -> Iterator[sa.Row[Any]]:
    """The rows of `statement` whose `column` is one of `keys`, read a thousand keys at a time, in no order.

    Keys without a row are passed over, repeated keys within one batch give one row.
    """
    remaining = iter(keys)
    while batch := list(islice(remaining, BATCH)):
        yield from connection.execute(statement.where(among(connection, column, batch)))


def insert_rows(
    connection: sa.Connection, statement: sa.Insert, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Many rows, values in the order of `columns`; `statement` is an INSERT of exactly those columns.

    SQLite gets many rows in one `VALUES`. Its driver lets go of the interpreter for every step of a statement, and
    beside busy threads waits to get it back: rows one by one then take ten times as long and more (`bench/store`).
    """
    if connection.dialect.name != "sqlite" or len(rows) == 1:
        connection.execute(statement, [dict(zip(columns, row, strict=True)) for row in rows])
        return
    compiled = statement.compile(connection, column_keys=list(columns))
    order = [columns.index(name) for name in compiled.positiontup or ()]
    in_order = order == list(range(len(columns)))
    pick = itemgetter(*order) if len(order) > 1 else tuple
    one = f"({', '.join('?' * len(order))})"
    before, after = str(compiled).split(f"VALUES {one}")
    for start in range(0, len(rows), _TOGETHER):
        several = rows[start : start + _TOGETHER]
        values = ", ".join([one] * len(several))
        given = tuple(chain.from_iterable(several if in_order else map(pick, several)))
        connection.exec_driver_sql(f"{before}VALUES {values}{after}", given)
