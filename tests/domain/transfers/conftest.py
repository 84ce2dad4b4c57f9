from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.columnar import chdb_directory
from tests.databases import database, postgres_url, state_url
from tests.domain.transfers.desk import Desk
from tests.server.tables import chdb_url

__all__ = ["chdb_directory", "chdb_url", "database", "postgres_url", "state_url"]


@pytest.fixture
def desk(state_url: str, chdb_url: str, tmp_path: Path) -> Iterator[Desk]:
    """One process with a project and a folder of files, once per state database."""
    built = Desk(state_url, chdb_url, tmp_path)
    yield built
    built.house.close()
