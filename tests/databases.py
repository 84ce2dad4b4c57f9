"""The state database for tests: an empty one on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from clarion.store.database import Database, open_database
from tests.postgres import postgres_url

__all__ = ["database", "postgres_url", "state_url"]


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty state database; a test that asks for it runs once per engine."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state.db"
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def database(state_url: str) -> Iterator[Database]:
    """An open, empty state database, once per engine."""
    opened = open_database(state_url)
    yield opened
    opened.close()
