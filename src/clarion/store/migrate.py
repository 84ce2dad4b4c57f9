"""Bring a state database to the schema of this release. There is no alembic.ini: this is the way in."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from clarion.store.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"

_LOCK = 0x434C4152
"""Key of the PostgreSQL advisory lock that lets one process at a time migrate."""


def migrate(database: Database) -> None:
    """Upgrade to the newest revision, in one transaction; does nothing when it is there already.

    Processes that start together wait for each other. Raises Unavailable when the database does not answer.
    """
    database.write(upgrade)


def upgrade(connection: sa.Connection) -> None:
    """`migrate` on a connection that is inside a transaction, which this leaves open."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    command.upgrade(config(connection), "head")


def config(connection: sa.Connection) -> Config:
    """Alembic's configuration for our migrations on `connection`."""
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings


def pending(database: Database) -> bool:
    """Whether the database's schema is older than this release."""

    def work(connection: sa.Connection) -> bool:
        head = ScriptDirectory.from_config(config(connection)).get_current_head()
        return MigrationContext.configure(connection).get_current_revision() != head

    return database.read(work)
