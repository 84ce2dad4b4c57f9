from collections.abc import Iterator
from pathlib import Path

import pytest

from clarion.store.columnar import Columnar, open_columnar
from tests.columnar import chdb_directory, chdb_url, clickhouse_front, clickhouse_url, columnar, columnar_url
from tests.databases import database, postgres_url, state_url
from tests.domain.segments import tables
from tests.domain.segments.house import house

__all__ = [
    "chdb_directory",
    "chdb_url",
    "clickhouse_front",
    "clickhouse_url",
    "columnar",
    "columnar_url",
    "database",
    "house",
    "postgres_url",
    "state_url",
]


@pytest.fixture(scope="module")
def audience(chdb_directory: Path, request: pytest.FixtureRequest) -> Iterator[Columnar]:
    """A columnar database with the tables of a selection, one per test module; tests keep apart by app id."""
    name = "segments_" + request.module.__name__.rpartition(".")[2]
    store = open_columnar(f"chdb://{chdb_directory}?database={name}")
    tables.create(store)
    yield store
    store.command(f"DROP DATABASE {name} SYNC")
    store.close()
