from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.columnar import chdb_directory
from tests.databases import postgres_url, state_url
from tests.server.house import House
from tests.server.tables import chdb_url

__all__ = ["chdb_directory", "chdb_url", "postgres_url", "state_url"]


@pytest.fixture
def house(state_url: str, chdb_url: str) -> Iterator[House]:
    """One process, once per state database."""
    built = House(state_url, chdb_url)
    yield built
    built.close()
