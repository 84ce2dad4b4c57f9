from __future__ import annotations

from collections.abc import Iterator

import pytest

from clarion.store.database import Database
from tests.databases import database, postgres_url, state_url
from tests.domain.streams.house import House

__all__ = ["database", "postgres_url", "state_url"]


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    made = House(database)
    yield made
    made.stop()
