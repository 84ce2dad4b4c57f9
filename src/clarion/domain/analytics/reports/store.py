"""The table of saved reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.store.database import Database
from clarion.store.schema import metadata

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("modified_ms", sa.BigInteger, nullable=False),
    # What is asked for, as JSON.
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("app_id", "name"),
)


class Saved(NamedTuple):
    """A report of a project: `asks` for a `Chart` or a `Dashboard`, with members as in a query."""

    app_id: str
    id: str
    name: str
    created_ms: int
    modified_ms: int
    asks: Mapping[str, Any]


def get(connection: sa.Connection, app_id: str, id: str) -> Saved | None:
    """One report."""
    found = connection.execute(sa.select(reports).where(reports.c.app_id == app_id, reports.c.id == id)).first()
    return _saved(found) if found else None


def named(connection: sa.Connection, app_id: str, name: str) -> Saved | None:
    """The report of this name."""
    found = connection.execute(sa.select(reports).where(reports.c.app_id == app_id, reports.c.name == name)).first()
    return _saved(found) if found else None


def of_app(connection: sa.Connection, app_id: str) -> Sequence[Saved]:
    """All of a project, by name."""
    rows = connection.execute(sa.select(reports).where(reports.c.app_id == app_id).order_by(reports.c.name))
    return [_saved(row) for row in rows]


def count(connection: sa.Connection, app_id: str) -> int:
    """How many a project has."""
    return connection.scalar(sa.select(sa.func.count()).where(reports.c.app_id == app_id)) or 0


def put(database: Database, connection: sa.Connection, saved: Saved) -> None:
    """Write one, new or changed."""
    statement = database.insert(reports)
    changed = {name: statement.excluded[name] for name in ("name", "modified_ms", "body")}
    statement = statement.on_conflict_do_update(index_elements=[reports.c.app_id, reports.c.id], set_=changed)
    row = saved._asdict()
    row["body"] = msgspec.json.encode(row.pop("asks"))
    connection.execute(statement, row)


def remove(connection: sa.Connection, app_id: str, id: str | None = None) -> int:
    """Remove one, or all of a project; how many there were."""
    which = [reports.c.app_id == app_id, *([] if id is None else [reports.c.id == id])]
    return connection.execute(sa.delete(reports).where(*which)).rowcount


def _saved(row: Any) -> Saved:
    return Saved(row.app_id, row.id, row.name, row.created_ms, row.modified_ms, msgspec.json.decode(row.body))
