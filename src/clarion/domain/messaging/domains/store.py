"""Rows of sending domains and their keys."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from clarion.domain.messaging.domains.model import Key, SendingDomain
from clarion.store.database import Database
from clarion.store.schema import metadata

domains = sa.Table(
    "sending_domains",
    metadata,
    sa.Column("name", sa.String(253), primary_key=True),
    sa.Column("bounce_domain", sa.String(253), nullable=False),
    sa.Column("tracking_url", sa.String(300), nullable=False),
    sa.Column("spf", sa.String(400), nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("modified_ms", sa.BigInteger, nullable=False),
)

keys = sa.Table(
    "dkim_keys",
    metadata,
    sa.Column("domain", sa.String(253), primary_key=True),
    sa.Column("selector", sa.String(63), primary_key=True),
    sa.Column("algorithm", sa.String(20), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    # The TXT record that publishes the public half.
    sa.Column("record", sa.Text, nullable=False),
    # The private half as PEM, sealed by `store.vault`.
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    # When it was relieved; 0: not yet.
    sa.Column("retired_ms", sa.BigInteger, nullable=False),
)


def every(connection: sa.Connection) -> tuple[Sequence[SendingDomain], Sequence[Key]]:
    """All domains, and all their keys, oldest first."""
    found = [SendingDomain(*row) for row in connection.execute(sa.select(domains).order_by(domains.c.name))]
    return found, all_keys(connection)


def all_keys(connection: sa.Connection, *, lock: bool = False) -> Sequence[Key]:
    """All keys, oldest first; with `lock` nobody else changes them meanwhile."""
    which = sa.select(keys).order_by(keys.c.domain, keys.c.created_ms, keys.c.selector)
    return [Key(*row) for row in connection.execute(which.with_for_update() if lock else which)]


def get(connection: sa.Connection, name: str) -> SendingDomain | None:
    """One domain, None when it was never added."""
    row = connection.execute(sa.select(domains).where(domains.c.name == name)).first()
    return None if row is None else SendingDomain(*row)


def keys_of(connection: sa.Connection, name: str) -> Sequence[Key]:
    """A domain's keys, oldest first."""
    which = sa.select(keys).where(keys.c.domain == name).order_by(keys.c.created_ms, keys.c.selector)
    return [Key(*row) for row in connection.execute(which)]


def save(database: Database, connection: sa.Connection, row: SendingDomain) -> None:
    """Add a domain, or replace what it was."""
    statement = database.insert(domains)
    changed = {name: statement.excluded[name] for name in row._fields if name != "name"}
    connection.execute(statement.on_conflict_do_update(index_elements=[domains.c.name], set_=changed), row._asdict())


def save_key(database: Database, connection: sa.Connection, row: Key) -> None:
    """Add a key, or replace what it was."""
    statement = database.insert(keys)
    where = [keys.c.domain, keys.c.selector]
    changed = {name: statement.excluded[name] for name in row._fields if name not in ("domain", "selector")}
    connection.execute(statement.on_conflict_do_update(index_elements=where, set_=changed), row._asdict())


def drop_retired(connection: sa.Connection, name: str, before_ms: int) -> int:
    """Delete a domain's keys that were relieved before; answers how many."""
    which = sa.delete(keys).where(keys.c.domain == name, keys.c.state == "retiring", keys.c.retired_ms < before_ms)
    return connection.execute(which).rowcount


def delete(connection: sa.Connection, name: str) -> None:
    """Delete a domain with its keys."""
    connection.execute(sa.delete(keys).where(keys.c.domain == name))
    connection.execute(sa.delete(domains).where(domains.c.name == name))
