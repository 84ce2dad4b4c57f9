"""Columnar databases of this release for tests of whole processes: made once, emptied after each test.

Making the tables takes a quarter of a second, more than most tests do with them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from clarion.core.settings import Settings
from clarion.server import stores
from clarion.store.columnar import Columnar, open_columnar

_DAYS = Settings().events_days
_SCHEMA = """
SELECT sipHash64(arraySort(groupArray((name, create_table_query)))) FROM system.tables
WHERE database = currentDatabase()
"""

_numbers = itertools.count(1)
_made: dict[str, int] = {}
"""The databases there are, by URL, and what their tables hashed to when they were made."""
_free: list[str] = []


@pytest.fixture
def chdb_url(chdb_directory: Path) -> Iterator[str]:
    """A database in this process with all tables and no rows, which only this test sees."""
    url = _free.pop() if _free else _new(chdb_directory)
    yield url
    if _emptied(url):
        _free.append(url)


def create(columnar: Columnar, events_days: int, url: str) -> None:
    """What a process does when it starts, unless it has been done to this database."""
    if url not in _made or events_days != _DAYS:
        stores.create_tables(columnar, events_days)


def _new(directory: Path) -> str:
    url = f"chdb://{directory}?database=release_{next(_numbers)}"
    store = open_columnar(url)
    stores.create_tables(store, _DAYS)
    _made[url] = _schema(store)
    store.close()
    return url


def _emptied(url: str) -> bool:
    """Take the rows out; when a test changed the tables, the database as well, and answer False."""
    name = url.rpartition("=")[2]
    store = open_columnar(url)
    try:
        if _schema(store) == _made[url]:
            store.command(f"TRUNCATE ALL TABLES FROM {name}")
            return True
        del _made[url]
        store.command(f"DROP DATABASE {name} SYNC")
        return False
    finally:
        store.close()


def _schema(store: Columnar) -> int:
    return int(store.query(_SCHEMA)[0][0])
