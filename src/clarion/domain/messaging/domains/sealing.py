"""Whether the private keys of sending domains open, and sealing them anew, as `store.sealing` does it."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.domain.messaging.domains import store
from clarion.domain.messaging.domains.model import Key
from clarion.store.database import Database
from clarion.store.sealing import Sealed, walk
from clarion.store.vault import Vault


def examine(database: Database, vault: Vault) -> Sealed:
    """Open every key, and change nothing."""
    return database.read(lambda connection: _walk(database, connection, vault, anew=False))


def reseal(database: Database, vault: Vault) -> Sealed:
    """Have every key sealed by the first key of the vault, beside whoever reads and writes them meanwhile."""
    return database.write(lambda connection: _walk(database, connection, vault, anew=True))


def _walk(database: Database, connection: sa.Connection, vault: Vault, *, anew: bool) -> Sealed:
    def save(row: Key, sealed: bytes) -> None:
        store.save_key(database, connection, row._replace(sealed=sealed))

    return walk(vault, store.all_keys(connection, lock=anew), save if anew else None)
