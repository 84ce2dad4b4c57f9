from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from clarion.store.columnar import Columnar, open_columnar
from tests.columnar import chdb_directory, chdb_url, clickhouse_front, clickhouse_url, columnar, columnar_url
from tests.databases import database, postgres_url, state_url
from tests.domain.messaging.house import House

__all__ = [
    "chdb_directory",
    "chdb_url",
    "clickhouse_front",
    "clickhouse_url",
    "columnar",
    "columnar_url",
    "database",
    "postgres_url",
    "state_url",
]

Processes = Callable[..., House]


@pytest.fixture
def chdb(chdb_url: str) -> Iterator[Columnar]:
    """The columnar store, embedded."""
    store = open_columnar(chdb_url)
    yield store
    store.close()


@pytest.fixture
def processes(state_url: str, chdb: Columnar) -> Iterator[Processes]:
    """Builds processes on one empty state database, once per engine."""
    with ExitStack() as stack:

        def start(**options: Any) -> House:
            house = House(state_url, chdb, **options)
            stack.callback(house.close)
            return house

        yield start


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, chdb_directory: Path) -> Iterator[House]:
    """One process on SQLite with the local inbox, for all tests of a module: each makes its own project."""
    folder = tmp_path_factory.mktemp("house")
    store = open_columnar(f"chdb://{chdb_directory}?database={folder.name}")
    built = House(f"sqlite:///{folder}/state.db", store)
    yield built
    built.close()
    store.command(f"DROP DATABASE {folder.name} SYNC")
    store.close()
