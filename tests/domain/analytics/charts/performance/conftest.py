"""Charts of performance over histories that are made up. They run on the embedded engine; what they are made of is the
same on a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clarion.store.columnar import open_columnar
from tests.domain.analytics.charts.history import TABLES, History


@pytest.fixture
def history(chdb_url: str) -> Iterator[History]:
    store = open_columnar(chdb_url)
    made = History(store)
    for table in TABLES:
        store.command(f"ALTER TABLE {table} MODIFY SETTING fsync_after_insert = 0, fsync_part_directory = 0")
    yield made
    store.close()
