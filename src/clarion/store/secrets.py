"""Secrets of an installation: made once, kept in the state database, the same for all its processes."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.core.ids import Ids
from clarion.store.database import Database
from clarion.store.schema import metadata

BYTES = 32

secrets = sa.Table(
    "secrets",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", sa.LargeBinary, nullable=False),
)


def find(connection: sa.Connection, name: str) -> bytes | None:
    """The secret of this name, None when nobody has asked for it yet."""
    found = connection.scalar(sa.select(secrets.c.value).where(secrets.c.name == name))
    return None if found is None else bytes(found)


def get(database: Database, ids: Ids, name: str) -> bytes:
    """The secret of this name; makes it the first time. Not inside a transaction."""

    def work(connection: sa.Connection) -> bytes:
        row = {"name": name, "value": ids.secret(BYTES)}
        connection.execute(database.insert(secrets).on_conflict_do_nothing(index_elements=["name"]), row)
        made = find(connection, name)
        assert made is not None
        return made

    found = database.read(lambda connection: find(connection, name))
    return found if found is not None else database.write(work)
