"""Migrated databases have the schema that the code declares."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from clarion.store.database import Database, open_database
from clarion.store.migrate import MIGRATIONS, migrate
from clarion.store.schema import metadata
from tools.revision import import_tables

REVISIONS = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))


@pytest.fixture
def bare(bare_url: str) -> Iterator[Database]:
    """An open database without tables."""
    opened = open_database(bare_url)
    yield opened
    opened.close()


def differences(connection: sa.Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata))


def test_migrating_twice_is_migrating_once(bare: Database) -> None:
    migrate(bare)
    migrate(bare)
    assert bare.read(lambda c: "alembic_version" in sa.inspect(c).get_table_names())


@pytest.mark.skipif(not REVISIONS, reason="no revision has been written yet")
def test_migrated_schema_is_the_declared_one(bare: Database) -> None:
    import_tables()
    migrate(bare)
    assert bare.read(differences) == []


@pytest.mark.skipif(not REVISIONS, reason="no revision has been written yet")
def test_numbers_of_deleted_rows_are_not_given_out_again(tmp_path: Path) -> None:
    """What comparing schemas does not show: SQLite's AUTOINCREMENT."""
    import_tables()
    declared = {table.name for table in metadata.tables.values() if table.kwargs.get("sqlite_autoincrement")}
    assert declared >= {"ingest_log", "jobs"}
    database = open_database(f"sqlite:///{tmp_path}/state.db")
    migrate(database)
    made = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
    assert set(database.read(lambda c: list(c.scalars(sa.text(made))))) == declared
    database.close()


def test_processes_that_migrate_together_wait_for_each_other(bare_url: str) -> None:
    program = (
        "import sys; from clarion.store.database import open_database; from clarion.store.migrate import migrate;"
        "database = open_database(sys.argv[1]); migrate(database); database.close()"
    )
    running = [subprocess.Popen([sys.executable, "-c", program, bare_url]) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    database = open_database(bare_url)
    assert database.read(lambda c: "alembic_version" in sa.inspect(c).get_table_names())
    database.close()
