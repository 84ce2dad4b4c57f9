from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from clarion.core.clock import VirtualClock, parse_iso
from clarion.core.ids import SeededIds
from clarion.domain.messaging.domains import store
from clarion.domain.messaging.domains.service import Domains
from clarion.store import secrets
from clarion.store.database import Database, open_database
from clarion.store.schema import metadata
from clarion.store.vault import Vault, open_vault


@dataclasses.dataclass
class Setup:
    """Sending domains on a database of their own."""

    database: Database
    vault: Vault
    clock: VirtualClock
    domains: Domains

    def other_process(self) -> Domains:
        """The same domains, seen by somebody else."""
        return Domains(self.database, self.vault, self.clock, SeededIds(9))


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[Setup]:
    database = open_database(f"sqlite:///{tmp_path}/state.db")
    tables = [store.domains, store.keys, secrets.secrets]
    database.write(lambda connection: metadata.create_all(connection, tables=tables))
    vault = open_vault(database, SeededIds(1), "")
    clock = VirtualClock(parse_iso("2027-03-04T09:00:00Z"))
    yield Setup(database, vault, clock, Domains(database, vault, clock, SeededIds(2)))
    database.close()
