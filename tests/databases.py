"""The state database for tests: one on each engine, without rows, with every table unless it is a bare one.

The migrations run once on each engine; every test gets a copy of what they made.
"""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from clarion.store.database import Database, open_database
from clarion.store.migrate import migrate
from tests.postgres import bare_postgres_url, postgres_url

__all__ = ["bare_postgres_url", "bare_url", "database", "postgres_url", "state_url"]

ENGINES = ["sqlite", "postgresql"]


@pytest.fixture(params=ENGINES)
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database of this release; a test that asks for it runs once per engine."""
    return _url(request, tmp_path)


@pytest.fixture(params=ENGINES)
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without tables, once per engine."""
    return _url(request, tmp_path, bare=True)


@pytest.fixture
def database(state_url: str) -> Iterator[Database]:
    """An open database of this release, once per engine."""
    opened = open_database(state_url)
    yield opened
    opened.close()


def _url(request: pytest.FixtureRequest, folder: Path, *, bare: bool = False) -> str:
    if request.param == "sqlite":
        if not bare:
            (folder / "state.db").write_bytes(_sqlite_template())
        return f"sqlite:///{folder}/state.db"
    name = "bare_postgres_url" if bare else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@functools.cache
def _sqlite_template() -> bytes:
    """The file of a migrated database."""
    with tempfile.TemporaryDirectory() as folder:
        opened = open_database(f"sqlite:///{folder}/state.db")
        migrate(opened)
        opened.close()
        return Path(folder, "state.db").read_bytes()
