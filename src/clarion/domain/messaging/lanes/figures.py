"""What lanes do, process by process, for people who look: rows that are written now and then, with what is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.store.database import Database
from clarion.store.schema import metadata

KEEP_MS = 60 * 60_000
"""Rows of lanes that did nothing for so long go."""

lane_figures = sa.Table(
    "lane_figures",
    metadata,
    sa.Column("lane", sa.String(160), primary_key=True),
    sa.Column("owner", sa.String(64), primary_key=True),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
    sa.Column("rate", sa.Float, nullable=False),
    sa.Column("handed", sa.BigInteger, nullable=False),
    sa.Column("failed", sa.BigInteger, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("error_ms", sa.BigInteger, nullable=False),
    sa.Column("rests_until_ms", sa.BigInteger, nullable=False),
)


class Figures(NamedTuple):
    """Of one lane in one process: messages per second lately, how many were handed over and failed since it began, the
    last failure and when, and until when the lane rests because its provider is ill. `updated_ms` is real time, the
    others the product's; Unix ms, 0: never."""

    lane: str
    owner: str
    updated_ms: int
    rate: float = 0
    handed: int = 0
    failed: int = 0
    error: str = ""
    error_ms: int = 0
    rests_until_ms: int = 0


def save(database: Database, connection: sa.Connection, rows: Sequence[Figures], real_ms: int) -> None:
    """Put rows in, in place of what the same processes said before."""
    connection.execute(sa.delete(lane_figures).where(lane_figures.c.updated_ms < real_ms - KEEP_MS))
    statement = database.insert(lane_figures)
    keys = [lane_figures.c.lane, lane_figures.c.owner]
    changed = {name: statement.excluded[name] for name in Figures._fields[2:]}
    statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    connection.execute(statement, [row._asdict() for row in rows])


def load(connection: sa.Connection) -> list[Figures]:
    """All rows."""
    return [Figures(*row) for row in connection.execute(sa.select(lane_figures))]
