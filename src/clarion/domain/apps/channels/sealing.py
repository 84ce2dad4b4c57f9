"""Whether the stored credentials of all channels open, and sealing them anew, so that older keys can be thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import sqlalchemy as sa

from clarion.domain.apps.channels import store
from clarion.domain.apps.channels.store import ChannelRow
from clarion.store.database import Database
from clarion.store.sealing import Sealed, walk
from clarion.store.vault import Vault

_PAGE = 100


def examine(database: Database, vault: Vault) -> Sealed:
    """Open every channel's credentials, and change nothing."""
    return _walk(database, vault, anew=False)


def reseal(database: Database, vault: Vault) -> Sealed:
    """Have every channel's credentials sealed by the first key, beside whoever reads and writes them meanwhile."""
    return _walk(database, vault, anew=True)


def _walk(database: Database, vault: Vault, *, anew: bool) -> Sealed:
    found = Sealed(0, 0, [])
    after = ("", "")
    while True:
        if anew:
            rows, page = database.write(partial(_page, database, vault, after, True))
        else:
            rows, page = database.read(partial(_page, database, vault, after, False))
        found = found.beside(page)
        if len(rows) < _PAGE:
            return found
        after = (rows[-1].app_id, rows[-1].kind)


def _page(
    database: Database, vault: Vault, after: tuple[str, str], anew: bool, connection: sa.Connection
) -> tuple[Sequence[ChannelRow], Sealed]:
    rows = store.sealed_after(connection, after, _PAGE, lock=anew)

    def save(row: ChannelRow, sealed: bytes) -> None:
        store.save(database, connection, row._replace(sealed=sealed))

    return rows, walk(vault, rows, save if anew else None)
