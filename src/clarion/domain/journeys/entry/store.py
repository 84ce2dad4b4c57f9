"""What events journeys wait for, in SQL: events that matched, and a number that tells that listeners have changed."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa

from clarion.domain.journeys.entry import parts
from clarion.store.batches import insert_rows, select_among
from clarion.store.database import Database
from clarion.store.schema import BigId, metadata

matches = sa.Table(
    "journey_matches",
    metadata,
    sa.Column("seq", BigId, primary_key=True),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("journey_id", sa.String(32), nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_journey_matches_journey", "app_id", "journey_id", "seq"),
    sqlite_autoincrement=True,
)

stamps = sa.Table(
    "journey_stamps",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)

answered = sa.Table(
    "journey_answered",
    metadata,
    sa.Column("journey_id", sa.String(32), primary_key=True),
    sa.Column("occasion", sa.String(32), primary_key=True),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_journey_answered_age", "journey_id", "at_ms"),
)


class MatchesRow(NamedTuple):
    """Events that matched something a journey waits for: `matches.Matches` encoded."""

    seq: int
    body: bytes


def stamp(database: Database, connection: sa.Connection, app_id: str) -> None:
    """Say that what journeys of a project wait for has changed."""
    statement = database.insert(stamps).values(app_id=app_id, number=1)
    grown = {"number": stamps.c.number + 1}
    connection.execute(statement.on_conflict_do_update(index_elements=["app_id"], set_=grown))


def stamps_of(connection: sa.Connection, app_ids: Collection[str]) -> dict[str, int]:
    """The numbers of these projects; those that never had a listener are left out."""
    return {row.app_id: row.number for row in select_among(connection, sa.select(stamps), stamps.c.app_id, app_ids)}


def add_matches(connection: sa.Connection, app_id: str, bodies: Collection[tuple[str, bytes]]) -> None:
    """Leave matches to the journeys' jobs: journey id and body."""
    rows = [(app_id, journey_id, body) for journey_id, body in bodies]
    if rows:
        insert_rows(connection, sa.insert(matches), ("app_id", "journey_id", "body"), rows)


def first_matches(connection: sa.Connection, app_id: str, journey_id: str, most: int) -> list[MatchesRow]:
    """The oldest matches of a journey."""
    statement = (
        sa.select(matches.c.seq, matches.c.body)
        .where(matches.c.app_id == app_id, matches.c.journey_id == journey_id)
        .order_by(matches.c.seq)
        .limit(most)
    )
    return [MatchesRow(*row) for row in connection.execute(statement)]


def matches_after(connection: sa.Connection, app_id: str, seq: int, most: int) -> list[MatchesRow]:
    """Matches of all journeys of a project behind one of them, for who looks through all."""
    statement = sa.select(matches.c.seq, matches.c.body).where(matches.c.app_id == app_id, matches.c.seq > seq)
    return [MatchesRow(*row) for row in connection.execute(statement.order_by(matches.c.seq).limit(most))]


def replace_matches(connection: sa.Connection, seq: int, body: bytes) -> None:
    """Put others in the place of matches, if they were not answered meanwhile."""
    connection.execute(sa.update(matches).where(matches.c.seq == seq).values(body=body))


def remove_matches(connection: sa.Connection, seqs: Collection[int]) -> int:
    """These are answered; says how many there still were."""
    return connection.execute(sa.delete(matches).where(matches.c.seq.in_(list(seqs)))).rowcount


def answered_of(connection: sa.Connection, journey_id: str, occasions: Collection[str]) -> dict[str, int]:
    """When these events were answered, of those that were."""
    statement = sa.select(answered.c.occasion, answered.c.at_ms).where(answered.c.journey_id == journey_id)
    return {row.occasion: row.at_ms for row in select_among(connection, statement, answered.c.occasion, occasions)}


def add_answered(
    database: Database, connection: sa.Connection, journey_id: str, occasions: Collection[str], at_ms: int
) -> None:
    """These events are answered."""
    columns = ("journey_id", "occasion", "at_ms")
    statement = database.insert(answered).values({name: sa.bindparam(name) for name in columns})
    statement = statement.on_conflict_do_update(
        index_elements=["journey_id", "occasion"], set_={"at_ms": statement.excluded.at_ms}
    )
    if occasions:
        insert_rows(connection, statement, columns, [(journey_id, one, at_ms) for one in occasions])


def forget_answered(connection: sa.Connection, journey_id: str, before_ms: int) -> None:
    """Events of before a time may come again as others."""
    old = sa.and_(answered.c.journey_id == journey_id, answered.c.at_ms < before_ms)
    connection.execute(sa.delete(answered).where(old))


def forget(connection: sa.Connection, app_id: str, journey_id: str) -> None:
    """Nothing is to be answered for a journey any more."""
    here = sa.and_(matches.c.app_id == app_id, matches.c.journey_id == journey_id)
    connection.execute(sa.delete(matches).where(here))
    connection.execute(sa.delete(answered).where(answered.c.journey_id == journey_id))
    parts.remove(connection, app_id, journey_id)


def unstamp(connection: sa.Connection, app_id: str) -> None:
    """A project is gone."""
    connection.execute(sa.delete(stamps).where(stamps.c.app_id == app_id))
