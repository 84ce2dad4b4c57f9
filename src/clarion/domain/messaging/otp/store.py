"""Codes that wait to be typed in, a row for each place (project, number, reference)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.store.batches import among
from clarion.store.database import Database
from clarion.store.schema import metadata

MOST_SWEPT = 100

codes = sa.Table(
    "otp_codes",
    metadata,
    sa.Column("place", sa.String(64), primary_key=True),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("number", sa.String(64), nullable=False),
    sa.Column("code", sa.String(64), nullable=False),
    # Wrong codes that may still be typed in; a row with none left is spent.
    sa.Column("attempts_left", sa.Integer, nullable=False),
    sa.Column("expires_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_otp_codes_number", "app_id", "number"),
    sa.Index("ix_otp_codes_age", "expires_ms"),
)


class Code(NamedTuple):
    """A row; digests as in `model.Digests`."""

    place: str
    app_id: str
    number: str
    code: str
    attempts_left: int
    expires_ms: int


def put(database: Database, connection: sa.Connection, code: Code) -> None:
    """Keep a code, in place of an earlier one."""
    new = code._asdict()
    statement = database.insert(codes).values(**new)
    connection.execute(statement.on_conflict_do_update(index_elements=["place"], set_=new))


def lock(connection: sa.Connection, place: str) -> Code | None:
    """The code of a place, nobody else's until the transaction ends."""
    wanted = sa.select(*(codes.c[name] for name in Code._fields)).where(codes.c.place == place).with_for_update()
    row = connection.execute(wanted).first()
    return None if row is None else Code(*row)


def count_failure(connection: sa.Connection, place: str) -> None:
    """One attempt fewer."""
    fewer = sa.update(codes).where(codes.c.place == place).values(attempts_left=codes.c.attempts_left - 1)
    connection.execute(fewer)


def remove(connection: sa.Connection, place: str) -> None:
    """The code has been used."""
    connection.execute(sa.delete(codes).where(codes.c.place == place))


def sweep(connection: sa.Connection, now_ms: int) -> None:
    """Drop some of the expired ones, more than one sending adds."""
    expired = sa.select(codes.c.place).where(codes.c.expires_ms <= now_ms).limit(MOST_SWEPT)
    places = list(connection.scalars(expired))
    if places:
        connection.execute(sa.delete(codes).where(among(connection, codes.c.place, places)))


def forget(connection: sa.Connection, app_id: str, numbers: Sequence[str]) -> None:
    """Drop all codes of numbers."""
    connection.execute(sa.delete(codes).where(codes.c.app_id == app_id, among(connection, codes.c.number, numbers)))


def count(connection: sa.Connection, app_id: str, numbers: Sequence[str]) -> int:
    """How many codes there are of numbers."""
    of_numbers = sa.select(sa.func.count()).where(codes.c.app_id == app_id, among(connection, codes.c.number, numbers))
    return connection.scalar(of_numbers) or 0


def erase(connection: sa.Connection, app_id: str, most: int) -> int:
    """Drop at most so many codes of a project that is gone; answers how many."""
    some = sa.select(codes.c.place).where(codes.c.app_id == app_id).limit(most)
    return connection.execute(sa.delete(codes).where(codes.c.place.in_(some))).rowcount
