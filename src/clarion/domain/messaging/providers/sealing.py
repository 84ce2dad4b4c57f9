"""Whether the sealed configuration of providers opens, and sealing it anew, as `apps.channels.sealing` does it."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.core.errors import Unavailable
from clarion.domain.apps.channels.sealing import Sealed
from clarion.domain.messaging.providers import store
from clarion.store.database import Database
from clarion.store.vault import Vault


def examine(database: Database, vault: Vault) -> Sealed:
    """Open every provider's secrets, and change nothing."""
    return database.read(lambda connection: _walk(database, connection, vault, anew=False))


def reseal(database: Database, vault: Vault) -> Sealed:
    """Have every provider's secrets sealed by the first key. A change by somebody else meanwhile is waited for."""
    return database.write(lambda connection: _walk(database, connection, vault, anew=True))


def _walk(database: Database, connection: sa.Connection, vault: Vault, *, anew: bool) -> Sealed:
    found, older, closed = 0, 0, list[str]()
    for row in store.every(connection, lock=anew):
        if row.sealed is None:
            continue
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
            store.save(database, connection, row._replace(sealed=vault.seal(plain, row.owner)))
    return Sealed(found, older, closed)
