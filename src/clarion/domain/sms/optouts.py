"""Opt-out lists: numbers that get no text messages any more.

A project has a list of its own, unless its numbers name one of the account's, which several projects may share. Rows
are found by a keyed digest of the number, so that somebody who is erased stays opted out: only the number goes.
Source: spec of SMS, 7.1, and of SMS voice v2, 4.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

import sqlalchemy as sa

from clarion.store.batches import among
from clarion.store.database import Database
from clarion.store.schema import metadata

opt_outs = sa.Table(
    "sms_opt_outs",
    metadata,
    sa.Column("list", sa.String(128), primary_key=True),
    sa.Column("place", sa.String(64), primary_key=True),
    sa.Column("number", sa.String(20), nullable=False),
    # 0: not opted out now.
    sa.Column("since_ms", sa.BigInteger, nullable=False),
    sa.Column("by_person", sa.Boolean, nullable=False),
    sa.Column("word", sa.String(30), nullable=False),
    # When somebody else than the person took it from the list; 0: never.
    sa.Column("removed_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_sms_opt_outs_number", "number"),
)


class OptOut(NamedTuple):
    """A number on a list since a time (Unix ms): by a word of the person's own, or put there. `number` "": erased."""

    number: str
    since_ms: int
    by_person: bool
    word: str


class Places:
    """Digests that stand for numbers, 64 hexadecimal digits each: no number can be guessed from one without the key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, number: str) -> str:
        """The digest of a number in E.164."""
        return hmac.new(self._key, number.encode(), sha256).hexdigest()


def list_of(account: str, region: str, app_id: str, name: str) -> str:
    """The list of a project, or the account's of a name."""
    return f"{account}/{region}/{name}" if name else app_id


def put(
    database: Database,
    connection: sa.Connection,
    lists: Iterable[str],
    place: str,
    number: str,
    *,
    at_ms: int,
    by_person: bool,
    word: str,
) -> bool:
    """Put a number on lists; whether one of them did not have it yet. Who is on it keeps their time."""
    new = False
    for name in sorted(set(lists)):
        mine = (opt_outs.c.list == name, opt_outs.c.place == place)
        since = connection.scalar(sa.select(opt_outs.c.since_ms).where(*mine).with_for_update())
        if since:
            connection.execute(sa.update(opt_outs).where(*mine).values(number=number))
            continue
        new = True
        values = {"number": number, "since_ms": at_ms, "by_person": by_person, "word": word[:30]}
        row = {"list": name, "place": place, "removed_ms": 0, **values}
        statement = database.insert(opt_outs).values(**row)
        connection.execute(statement.on_conflict_do_update(index_elements=["list", "place"], set_=values))
    return new


def take_back(connection: sa.Connection, lists: Iterable[str], place: str) -> bool:
    """A person wants messages again; whether one of the lists had them."""
    mine = (opt_outs.c.list.in_(sorted(set(lists))), opt_outs.c.place == place, opt_outs.c.since_ms > 0)
    return connection.execute(sa.update(opt_outs).where(*mine).values(since_ms=0)).rowcount > 0


def remove(connection: sa.Connection, name: str, place: str, now_ms: int) -> None:
    """Somebody takes a number from a list."""
    mine = (opt_outs.c.list == name, opt_outs.c.place == place)
    connection.execute(sa.update(opt_outs).where(*mine).values(since_ms=0, removed_ms=now_ms))


def standing(connection: sa.Connection, name: str, place: str) -> tuple[int, int] | None:
    """Since when a number is on a list (0: not now) and when it was last taken from it; None for one it never had."""
    mine = (opt_outs.c.list == name, opt_outs.c.place == place)
    row = connection.execute(sa.select(opt_outs.c.since_ms, opt_outs.c.removed_ms).where(*mine)).first()
    return None if row is None else (row.since_ms, row.removed_ms)


def among_them(connection: sa.Connection, lists: Sequence[str], places: Sequence[str]) -> set[str]:
    """Those of these places that are on one of the lists."""
    found = sa.select(opt_outs.c.place).where(
        opt_outs.c.list.in_(sorted(set(lists))), opt_outs.c.since_ms > 0, among(connection, opt_outs.c.place, places)
    )
    return set(connection.scalars(found))


def listed(connection: sa.Connection, name: str, after: str, most: int) -> list[tuple[str, OptOut]]:
    """Who is on a list behind a place, in an order of no meaning: pairs of place and entry."""
    wanted = (
        sa.select(opt_outs.c.place, *(opt_outs.c[column] for column in OptOut._fields))
        .where(opt_outs.c.list == name, opt_outs.c.since_ms > 0, opt_outs.c.place > after)
        .order_by(opt_outs.c.place)
        .limit(most)
    )
    return [(place, OptOut(*rest)) for place, *rest in connection.execute(wanted)]


def of_numbers(connection: sa.Connection, lists: Sequence[str], numbers: Sequence[str]) -> list[OptOut]:
    """The entries of these numbers."""
    wanted = sa.select(*(opt_outs.c[column] for column in OptOut._fields)).where(
        opt_outs.c.list.in_(sorted(set(lists))), among(connection, opt_outs.c.number, numbers)
    )
    return [OptOut(*row) for row in connection.execute(wanted)]


def blank(connection: sa.Connection, lists: Sequence[str], numbers: Sequence[str]) -> None:
    """Take numbers out and leave their digests, so that they stay opted out."""
    mine = (opt_outs.c.list.in_(sorted(set(lists))), among(connection, opt_outs.c.number, numbers))
    connection.execute(sa.update(opt_outs).where(*mine).values(number=""))


def erase(connection: sa.Connection, app_id: str, most: int) -> int:
    """Drop at most so many of the own list of a project that is gone; answers how many."""
    some = sa.select(opt_outs.c.place).where(opt_outs.c.list == app_id).limit(most)
    gone = sa.delete(opt_outs).where(opt_outs.c.list == app_id, opt_outs.c.place.in_(some))
    return connection.execute(gone).rowcount
