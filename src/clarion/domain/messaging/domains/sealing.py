"""Whether the private keys of sending domains open, and sealing them anew, as `apps.channels.sealing` does it."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.core.errors import Unavailable
from clarion.domain.apps.channels.sealing import Sealed
from clarion.domain.messaging.domains import store
from clarion.store.database import Database
from clarion.store.vault import Vault


def examine(database: Database, vault: Vault) -> Sealed:
    """Open every key, and change nothing."""
    return database.read(lambda connection: _walk(database, connection, vault, anew=False))


def reseal(database: Database, vault: Vault) -> Sealed:
    """Have every key sealed by the first key of the vault, beside whoever reads and writes them meanwhile."""
    return database.write(lambda connection: _walk(database, connection, vault, anew=True))


def _walk(database: Database, connection: sa.Connection, vault: Vault, *, anew: bool) -> Sealed:
    found, older, closed = 0, 0, list[str]()
    for row in store.all_keys(connection, lock=anew):
        found += 1
        try:
            plain = vault.open(row.sealed, row.owner)
        except Unavailable as error:
            closed.append(error.message)
            continue
        if vault.is_current(row.sealed):
            continue
        older += 1
        if anew:
            store.save_key(database, connection, row._replace(sealed=vault.seal(plain, row.owner)))
    return Sealed(found, older, closed)
