"""What is still to be looked at of a run's members, in SQL: chains of pages that go side by side, each with its place.

A part is a snapshot of members (all of a run, or those of a time zone) or a stretch of one. It is deleted when its
last page is done; where it stands changes in the transaction that lets the people of a page in.
"""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from clarion.store.schema import metadata

parts = sa.Table(
    "journey_parts",
    metadata,
    sa.Column("run_id", sa.String(32), primary_key=True),
    sa.Column("part", sa.Integer, primary_key=True),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("journey_id", sa.String(32), nullable=False),
    sa.Column("snapshot_id", sa.Text, nullable=False),
    sa.Column("zone", sa.Text, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("after", sa.BigInteger, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
    sa.Column("due_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_journey_parts_journey", "app_id", "journey_id"),
)


class PartRow(NamedTuple):
    """Members at positions `after + 1` to `until` of a snapshot, in a run of this `turn`. `zone` is the time zone of
    all of them ("": none, or theirs is not asked for), `due_ms` when they may enter. Unix ms."""

    run_id: str
    part: int
    app_id: str
    journey_id: str
    snapshot_id: str
    zone: str
    turn: int
    after: int
    until: int
    due_ms: int


def _is(run_id: str, part: int) -> sa.ColumnElement[bool]:
    return sa.and_(parts.c.run_id == run_id, parts.c.part == part)


def add(connection: sa.Connection, rows: list[PartRow]) -> None:
    """Write down the parts of a run."""
    if rows:
        connection.execute(sa.insert(parts), [row._asdict() for row in rows])


def get(connection: sa.Connection, run_id: str, part: int) -> PartRow | None:
    """A part that is not done yet."""
    row = connection.execute(sa.select(parts).where(_is(run_id, part))).first()
    return None if row is None else PartRow(*row)


def of_journey(connection: sa.Connection, app_id: str, journey_id: str) -> list[PartRow]:
    """All that is still to be looked at for a journey."""
    here = sa.and_(parts.c.app_id == app_id, parts.c.journey_id == journey_id)
    statement = sa.select(parts).where(here).order_by(parts.c.run_id, parts.c.part)
    return [PartRow(*row) for row in connection.execute(statement)]


def move(connection: sa.Connection, part: PartRow, after: int) -> bool:
    """A page is done: the part stands at `after`, or is gone with its last page. Says whether pages are left."""
    if after < part.until:
        connection.execute(sa.update(parts).where(_is(part.run_id, part.part)).values(after=after))
        return True
    connection.execute(sa.delete(parts).where(_is(part.run_id, part.part)))
    return False


def any_of_run(connection: sa.Connection, run_id: str) -> bool:
    """Whether a run has members that were not looked at."""
    return connection.scalar(sa.select(parts.c.part).where(parts.c.run_id == run_id).limit(1)) is not None


def remove(connection: sa.Connection, app_id: str, journey_id: str) -> None:
    """Nobody else is looked at for a journey."""
    connection.execute(sa.delete(parts).where(parts.c.app_id == app_id, parts.c.journey_id == journey_id))
