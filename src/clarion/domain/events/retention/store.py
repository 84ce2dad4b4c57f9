"""The table of what projects say about how long their events are kept."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.store.database import Database
from clarion.store.schema import metadata

event_retention = sa.Table(
    "event_retention",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("days", sa.Integer, nullable=False),
)


def get(connection: sa.Connection, app_id: str) -> int | None:
    """The days of a project, None when it says nothing."""
    return connection.scalar(sa.select(event_retention.c.days).where(event_retention.c.app_id == app_id))


def all(connection: sa.Connection) -> dict[str, int]:
    """The days of every project that says something."""
    return {row.app_id: row.days for row in connection.execute(sa.select(event_retention))}


def longest(database: Database, days: int) -> int:
    """For how many days anybody's events are kept; `days` are those of projects that say nothing."""
    return max([days, *database.read(all).values()])


def put(database: Database, connection: sa.Connection, app_id: str, days: int) -> None:
    """Write down what a project says."""
    statement = database.insert(event_retention)
    statement = statement.on_conflict_do_update(
        index_elements=[event_retention.c.app_id], set_={"days": statement.excluded["days"]}
    )
    connection.execute(statement, {"app_id": app_id, "days": days})


def remove(connection: sa.Connection, app_id: str) -> None:
    """Forget what a project said."""
    connection.execute(sa.delete(event_retention).where(event_retention.c.app_id == app_id))
