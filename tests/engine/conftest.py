from __future__ import annotations

import pytest

from clarion.core.clock import VirtualClock
from clarion.core.ids import SeededIds
from clarion.engine import job_rows, leases, log_batches, log_dead
from clarion.store.database import Database
from clarion.store.schema import metadata
from tests.databases import database, postgres_url, state_url

__all__ = ["database", "postgres_url", "state_url"]

TABLES = [
    job_rows.jobs,
    leases.leases,
    log_batches.ingest_log,
    log_batches.ingest_batches,
    log_dead.ingest_dead,
]


@pytest.fixture
def db(database: Database) -> Database:
    """A state database with the engine's tables."""
    database.write(lambda connection: metadata.create_all(connection, tables=TABLES))
    return database


@pytest.fixture
def clock() -> VirtualClock:
    """The product's clock."""
    return VirtualClock()


@pytest.fixture
def real() -> VirtualClock:
    """Stands for real time, so that leases expire when a test says so."""
    return VirtualClock()


@pytest.fixture
def ids() -> SeededIds:
    return SeededIds(1)
