"""Charts of performance over histories that are made up. They run on the embedded engine; what they are made of is the
same on a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clarion.store.columnar import open_columnar
from tests.domain.analytics.charts.history import History


@pytest.fixture
def history(chdb_url: str) -> Iterator[History]:
    store = open_columnar(chdb_url)
    yield History(store)
    store.close()
