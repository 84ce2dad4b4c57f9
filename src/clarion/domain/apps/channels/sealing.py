"""Whether the stored credentials of all channels open, and sealing them anew, so that older keys can be thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.errors import Unavailable
from clarion.domain.apps.channels import store
from clarion.domain.apps.channels.store import ChannelRow
from clarion.store.database import Database
from clarion.store.vault import Vault

_PAGE = 100


class Sealed(NamedTuple):
    """What has credentials: all, those that another than the first key had sealed, why some do not open."""

    found: int
    older: int
    closed: list[str]

    def beside(self, other: Sealed) -> Sealed:
        """Both together."""
        return Sealed(self.found + other.found, self.older + other.older, self.closed + other.closed)


def examine(database: Database, vault: Vault) -> Sealed:
    """Open every channel's credentials, and change nothing."""
    return _walk(database, vault, anew=False)


def reseal(database: Database, vault: Vault) -> Sealed:
    """Have every channel's credentials sealed by the first key, beside whoever reads and writes them meanwhile."""
    return _walk(database, vault, anew=True)


def _walk(database: Database, vault: Vault, *, anew: bool) -> Sealed:
    found, older, closed = 0, 0, list[str]()
    after = ("", "")
    while True:
        if anew:
            rows, page = database.write(partial(_page, database, vault, after, True))
        else:
            rows, page = database.read(partial(_page, database, vault, after, False))
        found, older, closed = found + page.found, older + page.older, closed + page.closed
        if len(rows) < _PAGE:
            return Sealed(found, older, closed)
        after = (rows[-1].app_id, rows[-1].kind)


def _page(
    database: Database, vault: Vault, after: tuple[str, str], anew: bool, connection: sa.Connection
) -> tuple[Sequence[ChannelRow], Sealed]:
    rows = store.sealed_after(connection, after, _PAGE, lock=anew)
    older, closed = 0, []
    for row in rows:
        assert row.sealed is not None
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
    return rows, Sealed(len(rows), older, closed)
