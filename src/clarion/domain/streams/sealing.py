"""Whether the sealed destinations of all streams open, and sealing them anew, as `store.sealing` does it."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.domain.streams import store
from clarion.store.database import Database
from clarion.store.sealing import Sealed, walk
from clarion.store.vault import Vault


def examine(database: Database, vault: Vault) -> Sealed:
    """Open every sealed destination, and change nothing."""
    return database.read(lambda connection: _walk(connection, vault, anew=False))


def reseal(database: Database, vault: Vault) -> Sealed:
    """Have every destination sealed by the first key, beside whoever reads and writes them meanwhile."""
    return database.write(lambda connection: _walk(connection, vault, anew=True))


def _walk(connection: sa.Connection, vault: Vault, *, anew: bool) -> Sealed:
    def save(row: store.StreamRow, sealed: bytes) -> None:
        store.seal(connection, row.app_id, sealed)

    return walk(vault, store.sealed(connection, lock=anew), save if anew else None)
