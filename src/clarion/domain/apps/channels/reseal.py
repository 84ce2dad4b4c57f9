"""Seal anew what older keys have sealed, so that those can be thrown away."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.errors import Unavailable
from clarion.domain.apps.channels import store
from clarion.store.database import Database
from clarion.store.vault import Vault

_PAGE = 100


class Resealed(NamedTuple):
    """How many channels have credentials, how many of them were sealed anew, and why some could not be."""

    found: int
    anew: int
    closed: list[str]


def reseal(database: Database, vault: Vault) -> Resealed:
    """Have every channel's credentials sealed by the first key, beside whoever reads and writes them meanwhile."""
    found, anew, closed = 0, 0, list[str]()
    after: tuple[str, str] | None = ("", "")
    while after is not None:
        after, page = database.write(partial(_page, database, vault, after))
        found, anew, closed = found + page.found, anew + page.anew, closed + page.closed
    return Resealed(found, anew, closed)


def _page(
    database: Database, vault: Vault, after: tuple[str, str], connection: sa.Connection
) -> tuple[tuple[str, str] | None, Resealed]:
    rows = store.sealed_after(connection, after, _PAGE)
    anew, closed = 0, []
    for row in rows:
        assert row.sealed is not None
        if vault.is_current(row.sealed):
            continue
        try:
            plain = vault.open(row.sealed, row.owner)
        except Unavailable as error:
            closed.append(error.message)
            continue
        store.save(database, connection, row._replace(sealed=vault.seal(plain, row.owner)))
        anew += 1
    last = (rows[-1].app_id, rows[-1].kind) if len(rows) == _PAGE else None
    return last, Resealed(len(rows), anew, closed)
