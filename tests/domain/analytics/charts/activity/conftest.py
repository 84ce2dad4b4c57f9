from __future__ import annotations

from collections.abc import Iterator

import pytest

from clarion.store.columnar import open_columnar
from tests.domain.analytics.charts.history import TABLES, History


@pytest.fixture
def embedded(chdb_url: str) -> Iterator[History]:
    """A history for tests with many examples: in this process, and nothing waits for the disk."""
    store = open_columnar(chdb_url)
    history = History(store)
    for table in TABLES:
        store.command(f"ALTER TABLE {table} MODIFY SETTING fsync_after_insert = 0, fsync_part_directory = 0")
    yield history
    store.close()
