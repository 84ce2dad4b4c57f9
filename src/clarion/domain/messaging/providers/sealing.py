"""Whether the sealed configuration of providers opens, and sealing it anew, as `store.sealing` does it."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.domain.messaging.providers import store
from clarion.store.database import Database
from clarion.store.sealing import Sealed, walk
from clarion.store.vault import Vault


def examine(database: Database, vault: Vault) -> Sealed:
    """Open every provider's secrets, and change nothing."""
    return database.read(lambda connection: _walk(database, connection, vault, anew=False))


def reseal(database: Database, vault: Vault) -> Sealed:
    """Have every provider's secrets sealed by the first key. A change by somebody else meanwhile is waited for."""
    return database.write(lambda connection: _walk(database, connection, vault, anew=True))


def _walk(database: Database, connection: sa.Connection, vault: Vault, *, anew: bool) -> Sealed:
    def save(row: store.ProviderRow, sealed: bytes) -> None:
        store.save(database, connection, row._replace(sealed=sealed))

    return walk(vault, store.every(connection, lock=anew), save if anew else None)
