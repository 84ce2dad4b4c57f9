"""What people decided about lanes; most have no row.

    open ──pause──> paused ──resume──> open      paused: nothing leaves, messages wait
      └──drain──> draining ──resume──> open      draining: what waits leaves, new messages go to another provider

A row may be about a lane, about all lanes of a provider ("SMS/carrier"), or about a whole channel ("SMS").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

import sqlalchemy as sa

from clarion.domain.messaging.lanes.names import scopes
from clarion.store.database import Database
from clarion.store.schema import metadata

State = Literal["open", "paused", "draining"]

lanes = sa.Table(
    "lanes",
    metadata,
    sa.Column("name", sa.String(160), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reroute_to", sa.String(32), nullable=False),
    sa.Column("rate", sa.Float, nullable=False),
    sa.Column("concurrency", sa.Integer, nullable=False),
)


class LaneRow(NamedTuple):
    """`reroute_to` is a provider ("": none), `rate` messages per second and `concurrency` batches at a time, of each
    process; 0: no limit."""

    name: str
    state: State = "open"
    reroute_to: str = ""
    rate: float = 0
    concurrency: int = 0


class States:
    """All rows, as they were at one moment."""

    def __init__(self, rows: Mapping[str, LaneRow]) -> None:
        self._rows = rows

    def names(self) -> Iterable[str]:
        """What there is a row of."""
        return self._rows.keys()

    def of(self, lane: str) -> LaneRow:
        """What holds for a lane: what is said of the narrowest scope, but for pauses and drains, which all hold."""
        if not self._rows:
            return LaneRow(lane)
        found = LaneRow(lane)
        for scope in scopes(lane):
            if (row := self._rows.get(scope)) is not None:
                found = LaneRow(
                    lane,
                    row.state if row.state != "open" and found.state != "paused" else found.state,
                    row.reroute_to or found.reroute_to,
                    row.rate or found.rate,
                    row.concurrency or found.concurrency,
                )
        return found


_ALL = sa.select(lanes)


def load(connection: sa.Connection) -> States:
    """Every row."""
    return States({row.name: LaneRow(*row) for row in connection.execute(_ALL)})


def get(connection: sa.Connection, name: str) -> LaneRow:
    """One row, that of an open lane when there is none."""
    row = connection.execute(sa.select(lanes).where(lanes.c.name == name)).first()
    return LaneRow(name) if row is None else LaneRow(*row)


def save(database: Database, connection: sa.Connection, row: LaneRow) -> None:
    """Put a row in; one that says nothing is removed."""
    if row == LaneRow(row.name):
        connection.execute(sa.delete(lanes).where(lanes.c.name == row.name))
        return
    statement = database.insert(lanes)
    changed = {name: statement.excluded[name] for name in row._fields if name != "name"}
    connection.execute(statement.on_conflict_do_update(index_elements=[lanes.c.name], set_=changed), row._asdict())
