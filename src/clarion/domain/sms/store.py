"""Rows of numbers and keywords, a project each."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.domain.sms.model import Keyword, Line
from clarion.store.database import Database
from clarion.store.schema import metadata

numbers = sa.Table(
    "sms_numbers",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("number", sa.String(20), primary_key=True),
    sa.Column("account", sa.String(12), nullable=False),
    sa.Column("region", sa.String(32), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("country", sa.String(2), nullable=False),
    sa.Column("message_type", sa.String(20), nullable=False),
    sa.Column("keyword", sa.String(30), nullable=False),
    sa.Column("opt_out_list", sa.String(64), nullable=False),
    sa.Column("self_managed", sa.Boolean, nullable=False),
    sa.Column("destination", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    # The destination whole, with its secret.
    sa.Column("sealed", sa.LargeBinary),
    sa.Index("ix_sms_numbers_number", "number"),
)

keywords = sa.Table(
    "sms_keywords",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("number", sa.String(20), primary_key=True),
    sa.Column("word", sa.String(30), primary_key=True),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("action", sa.String(20), nullable=False),
)

_LINE = [numbers.c[name] for name in Line.__struct_fields__]
_KEYWORD = [keywords.c[name] for name in Keyword.__struct_fields__]


class SealedRow(NamedTuple):
    """A sealed destination and whose it is."""

    app_id: str
    number: str
    sealed: bytes

    @property
    def owner(self) -> str:
        """The name it is sealed for."""
        return owner_of(self.app_id, self.number)


def owner_of(app_id: str, number: str) -> str:
    """The name that a number's destination is sealed for."""
    return f"sms/{app_id}/{number}"


def put(database: Database, connection: sa.Connection, line: Line, sealed: bytes | None) -> None:
    """Keep a number, in place of what it was."""
    row = {**msgspec.structs.asdict(line), "sealed": sealed}
    statement = database.insert(numbers).values(**row)
    connection.execute(statement.on_conflict_do_update(index_elements=["app_id", "number"], set_=row))


def remove(connection: sa.Connection, app_id: str, number: str) -> bool:
    """Drop a number and its keywords; whether there was one."""
    connection.execute(sa.delete(keywords).where(keywords.c.app_id == app_id, keywords.c.number == number))
    gone = sa.delete(numbers).where(numbers.c.app_id == app_id, numbers.c.number == number)
    return connection.execute(gone).rowcount > 0


def lines(connection: sa.Connection, app_id: str) -> list[Line]:
    """All of a project, what holds for all numbers first."""
    rows = connection.execute(sa.select(*_LINE).where(numbers.c.app_id == app_id).order_by(numbers.c.number))
    return [Line(**row._mapping) for row in rows]


def at(connection: sa.Connection, number: str) -> list[Line]:
    """Those of every project that have this number."""
    rows = connection.execute(sa.select(*_LINE).where(numbers.c.number == number).order_by(numbers.c.app_id))
    return [Line(**row._mapping) for row in rows]


def sealed(connection: sa.Connection, app_id: str, number: str) -> bytes | None:
    """The sealed destination of a number."""
    found = sa.select(numbers.c.sealed).where(numbers.c.app_id == app_id, numbers.c.number == number)
    return connection.scalar(found)


def all_sealed(connection: sa.Connection, *, lock: bool) -> list[SealedRow]:
    """Every sealed destination there is."""
    found = sa.select(numbers.c.app_id, numbers.c.number, numbers.c.sealed).where(numbers.c.sealed.is_not(None))
    return [SealedRow(*row) for row in connection.execute(found.with_for_update() if lock else found)]


def seal(connection: sa.Connection, row: SealedRow, sealed: bytes) -> None:
    """Keep a destination sealed anew."""
    mine = (numbers.c.app_id == row.app_id, numbers.c.number == row.number)
    connection.execute(sa.update(numbers).where(*mine).values(sealed=sealed))


def put_keyword(database: Database, connection: sa.Connection, keyword: Keyword) -> None:
    """Keep a keyword, in place of what it was."""
    row = msgspec.structs.asdict(keyword)
    statement = database.insert(keywords).values(**row)
    connection.execute(statement.on_conflict_do_update(index_elements=["app_id", "number", "word"], set_=row))


def remove_keyword(connection: sa.Connection, app_id: str, number: str, word: str) -> bool:
    """Drop a keyword; whether there was one."""
    mine = (keywords.c.app_id == app_id, keywords.c.number == number, keywords.c.word == word)
    return connection.execute(sa.delete(keywords).where(*mine)).rowcount > 0


def keywords_of(connection: sa.Connection, app_id: str) -> list[Keyword]:
    """All of a project."""
    wanted = sa.select(*_KEYWORD).where(keywords.c.app_id == app_id).order_by(keywords.c.number, keywords.c.word)
    return [Keyword(**row._mapping) for row in connection.execute(wanted)]


def forget(connection: sa.Connection, app_id: str) -> None:
    """Drop numbers and keywords of a project that is gone."""
    for table in (numbers, keywords):
        connection.execute(sa.delete(table).where(table.c.app_id == app_id))
