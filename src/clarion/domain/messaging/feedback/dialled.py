"""Rows of the last day's calls: what their events say, and what the provider has told of each so far.

A call that is over stays until the day is: what is told again, or late, is known then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.channels.phones import e164
from clarion.core.clock import DAY_MS, iso_ms
from clarion.domain.audience.people.holder import Holder, Page, Person, Section
from clarion.domain.events.produced import Subject
from clarion.store.batches import among, insert_rows
from clarion.store.database import Database
from clarion.store.schema import metadata

SILENCE_MS = DAY_MS
"""How long a call may be under way without anybody saying how it ended. None lasts longer than five minutes (spec of
voice, 2), but a provider may have it wait before."""

OVER = "E"

calls = sa.Table(
    "calls",
    metadata,
    sa.Column("provider", sa.String(32), primary_key=True),
    sa.Column("provider_id", sa.String(128), primary_key=True),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("endpoint_key", sa.Text, nullable=False),
    sa.Column("number", sa.String(20), nullable=False),
    sa.Column("told", sa.String(8), nullable=False),
    sa.Column("expires_ms", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_calls_age", "expires_ms"),
    sa.Index("ix_calls_number", "app_id", "number"),
)


class Told(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What events of a call say, whatever comes of it."""

    version: int = 1
    subject: Subject
    attributes: dict[str, str]
    ts_ms: int


class Row(NamedTuple):
    """A call; `told` has a letter for each state that was told, `OVER` once it is over."""

    provider: str
    provider_id: str
    app_id: str
    endpoint_key: str
    number: str
    told: str
    expires_ms: int
    body: bytes


encode_told = msgspec.msgpack.Encoder().encode
decode_told = msgspec.msgpack.Decoder(Told).decode

_COLUMNS = [calls.c[name] for name in Row._fields]
_KEY = ("provider", "provider_id")


def add(database: Database, connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Let calls be under way."""
    if rows:
        statement = database.insert(calls).on_conflict_do_nothing(index_elements=list(_KEY))
        insert_rows(connection, statement, Row._fields, rows)


def find(connection: sa.Connection, provider: str, ids: Sequence[str]) -> dict[str, Row]:
    """Calls of a provider by its ids, nobody else's until the transaction ends."""
    mine = sa.and_(calls.c.provider == provider, among(connection, calls.c.provider_id, ids))
    rows = connection.execute(sa.select(*_COLUMNS).where(mine).order_by(calls.c.provider_id).with_for_update())
    return {row.provider_id: Row._make(row) for row in rows}


def save(connection: sa.Connection, row: Row) -> None:
    """Keep what was told."""
    mine = (calls.c.provider == row.provider, calls.c.provider_id == row.provider_id)
    connection.execute(sa.update(calls).where(*mine).values(told=row.told))


def drop(connection: sa.Connection, rows: Sequence[Row]) -> None:
    """Nothing more is expected of these calls."""
    for row in rows:
        mine = (calls.c.provider == row.provider, calls.c.provider_id == row.provider_id)
        connection.execute(sa.delete(calls).where(*mine))


def expired(connection: sa.Connection, now_ms: int, most: int) -> list[Row]:
    """At most so many calls of more than a day ago."""
    old = sa.select(*_COLUMNS).where(calls.c.expires_ms <= now_ms).order_by(calls.c.expires_ms).limit(most)
    return [Row._make(row) for row in connection.execute(old.with_for_update())]


def any_left(connection: sa.Connection) -> bool:
    """Whether there was a call in the last day."""
    return connection.scalar(sa.select(sa.literal(1)).select_from(calls).limit(1)) is not None


def erase(connection: sa.Connection, app_id: str, most: int) -> int:
    """Drop at most so many calls of a project that is gone; answers how many."""
    some = sa.select(calls.c.provider, calls.c.provider_id).where(calls.c.app_id == app_id).limit(most)
    mine = sa.tuple_(calls.c.provider, calls.c.provider_id).in_(some)
    return connection.execute(sa.delete(calls).where(mine)).rowcount


class CallsHolder(Holder):
    """The last day's calls to one person. What is told of one that was erased is of nobody."""

    tables = ("calls",)

    def __init__(self, database: Database) -> None:
        self._database = database

    def sections(self) -> Mapping[str, Section]:
        return {"Calls": self._page}

    def count(self, person: Person) -> Mapping[str, int]:
        def work(connection: sa.Connection) -> int:
            mine = sa.select(sa.func.count()).select_from(calls).where(_of(connection, person))
            return connection.scalar(mine) or 0

        return {"Calls": self._database.read(work)}

    def erase(self, people: Sequence[Person]) -> bool:
        def work(connection: sa.Connection) -> None:
            for person in people:
                connection.execute(sa.delete(calls).where(_of(connection, person)))

        self._database.write(work)
        return False

    def _page(self, person: Person, after: str, limit: int) -> Page:
        start = int(after or 0)

        def work(connection: sa.Connection) -> Sequence[Any]:
            mine = sa.select(*_COLUMNS).where(_of(connection, person)).order_by(calls.c.expires_ms, calls.c.provider_id)
            return connection.execute(mine.offset(start).limit(limit + 1)).all()

        rows = self._database.read(work)
        told = [
            {"Number": row.number, "Over": OVER in row.told, "DialledAt": iso_ms(row.expires_ms - SILENCE_MS)}
            for row in rows[:limit]
        ]
        return Page(told, str(start + limit) if len(rows) > limit else "")


def _of(connection: sa.Connection, person: Person) -> sa.ColumnElement[bool]:
    numbers = sorted({number for address in person.addresses if (number := e164(address)) is not None})
    mine = sa.or_(among(connection, calls.c.number, numbers), among(connection, calls.c.endpoint_key, person.keys))
    old = [calls.c.expires_ms < person.bound_ms + SILENCE_MS] if person.before_ms else []
    return sa.and_(calls.c.app_id == person.app_id, mine, *old)
