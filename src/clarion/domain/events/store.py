"""Which event types, attributes and metrics a project has used: the names that its quotas count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from clarion.domain.events.model import NameKind
from clarion.store.database import Database
from clarion.store.schema import metadata

event_names = sa.Table(
    "event_names",
    metadata,
    sa.Column("app_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
)


def names(connection: sa.Connection, app_id: str) -> dict[NameKind, set[str]]:
    """All names of a project, by kind."""
    found: dict[NameKind, set[str]] = {kind: set() for kind in NameKind}
    statement = sa.select(event_names.c.kind, event_names.c.name).where(event_names.c.app_id == app_id)
    for kind, name in connection.execute(statement):
        found[NameKind(kind)].add(name)
    return found


def add_names(
    connection: sa.Connection, database: Database, app_id: str, added: Mapping[NameKind, Iterable[str]]
) -> None:
    """Add names; those that are there already stay."""
    # In one order, so that two transactions adding the same names cannot wait for each other.
    rows = [{"app_id": app_id, "kind": kind.value, "name": name} for kind in NameKind for name in sorted(added[kind])]
    if rows:
        connection.execute(database.insert(event_names).on_conflict_do_nothing(), rows)


def delete_names(connection: sa.Connection, app_id: str) -> None:
    """Forget the names of a deleted project."""
    connection.execute(sa.delete(event_names).where(event_names.c.app_id == app_id))
