"""Rows of providers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.store.database import Database
from clarion.store.schema import metadata

providers = sa.Table(
    "providers",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("rate", sa.Float, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("modified_ms", sa.BigInteger, nullable=False),
    # The kind's own configuration without what is secret, as JSON of its config.
    sa.Column("config", sa.LargeBinary, nullable=False),
    # What is secret, as JSON, sealed by `store.vault`; NULL when there is nothing.
    sa.Column("sealed", sa.LargeBinary),
)


class ProviderRow(NamedTuple):
    """A configured provider; `position` orders those of a channel, `rate` is messages per second of each of its lanes
    (0: no limit); Unix ms."""

    name: str
    channel: str
    kind: str
    position: int
    enabled: bool
    rate: float
    version: int
    created_ms: int
    modified_ms: int
    config: bytes
    sealed: bytes | None

    @property
    def owner(self) -> str:
        """Whose the sealed part is."""
        return f"provider {self.name}"


def get(connection: sa.Connection, name: str) -> ProviderRow | None:
    """One provider, None when there is none of the name."""
    row = connection.execute(sa.select(providers).where(providers.c.name == name)).first()
    return None if row is None else ProviderRow(*row)


def every(connection: sa.Connection, *, lock: bool = False) -> Sequence[ProviderRow]:
    """All of them, those of a channel in their order; with `lock` nobody else changes them meanwhile."""
    order = (providers.c.channel, providers.c.position, providers.c.name)
    which = sa.select(providers).order_by(*order)
    return [ProviderRow(*row) for row in connection.execute(which.with_for_update() if lock else which)]


def save(database: Database, connection: sa.Connection, row: ProviderRow) -> None:
    """Add a provider, or replace what it was."""
    statement = database.insert(providers)
    changed = {name: statement.excluded[name] for name in row._fields if name != "name"}
    connection.execute(statement.on_conflict_do_update(index_elements=[providers.c.name], set_=changed), row._asdict())


def delete(connection: sa.Connection, name: str) -> None:
    """Remove a provider."""
    connection.execute(sa.delete(providers).where(providers.c.name == name))
