from __future__ import annotations

import pytest

from tests.domain.journeys.entry.shop import Shop
from tests.server.conftest import chdb_directory, chdb_url, house, postgres_url, state_url
from tests.server.house import House

__all__ = ["chdb_directory", "chdb_url", "house", "postgres_url", "state_url"]


@pytest.fixture
def shop(house: House) -> Shop:
    """A project in which journeys can be made."""
    return Shop(house)
