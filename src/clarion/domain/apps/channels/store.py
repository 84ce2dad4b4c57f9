"""Rows of channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.scope import Scope
from clarion.domain.apps.store import apps
from clarion.store.database import Database
from clarion.store.schema import metadata

channels = sa.Table(
    "channels",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(32), primary_key=True),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("modified_ms", sa.BigInteger, nullable=False),
    sa.Column("modified_by", sa.Text, nullable=False),
    # The kind's own configuration without what is secret, as JSON of its config.
    sa.Column("config", sa.LargeBinary, nullable=False),
    # What is secret, as JSON, sealed by `store.vault`; NULL when there is nothing.
    sa.Column("sealed", sa.LargeBinary),
)


class ChannelRow(NamedTuple):
    """A configured channel; times are Unix milliseconds."""

    app_id: str
    kind: str
    enabled: bool
    version: int
    created_ms: int
    modified_ms: int
    modified_by: str
    config: bytes
    sealed: bytes | None

    @property
    def owner(self) -> str:
        """Whose the sealed part is."""
        return f"channel {self.kind} of project {self.app_id}"


def get(connection: sa.Connection, app_id: str, kind: str) -> ChannelRow | None:
    """One channel of a project, None when it was never configured."""
    which = sa.select(channels).where(channels.c.app_id == app_id, channels.c.kind == kind)
    row = connection.execute(which).first()
    return None if row is None else ChannelRow(*row)


def every(connection: sa.Connection, app_id: str) -> Sequence[ChannelRow]:
    """Every configured channel of a project."""
    which = sa.select(channels).where(channels.c.app_id == app_id).order_by(channels.c.kind)
    return [ChannelRow(*row) for row in connection.execute(which)]


def enabled(connection: sa.Connection, app_id: str) -> frozenset[str]:
    """The kinds of a project that are switched on."""
    which = sa.select(channels.c.kind).where(channels.c.app_id == app_id, channels.c.enabled)
    return frozenset(connection.scalars(which))


def places(connection: sa.Connection, scope: Scope | None, app_id: str | None) -> list[tuple[str, str, bool]]:
    """Projects, kinds and switches of channels: of one project, of all of a scope, or of all."""
    which = sa.select(channels.c.app_id, channels.c.kind, channels.c.enabled)
    if app_id is not None:
        which = which.where(channels.c.app_id == app_id)
    elif scope is not None:
        which = which.join(apps, apps.c.id == channels.c.app_id)
        which = which.where(apps.c.account == scope.account, apps.c.region == scope.region)
    found = connection.execute(which.order_by(channels.c.app_id, channels.c.kind))
    return [(row.app_id, row.kind, row.enabled) for row in found]


def sealed_after(connection: sa.Connection, after: tuple[str, str], limit: int, *, lock: bool) -> Sequence[ChannelRow]:
    """Channels of all projects that have something sealed, in the order of project and kind. `lock` keeps others
    from changing them until the transaction ends."""
    which = sa.select(channels).where(channels.c.sealed.is_not(None))
    which = which.where(sa.tuple_(channels.c.app_id, channels.c.kind) > sa.tuple_(*after))
    which = which.order_by(channels.c.app_id, channels.c.kind).limit(limit)
    return [ChannelRow(*row) for row in connection.execute(which.with_for_update() if lock else which)]


def save(database: Database, connection: sa.Connection, row: ChannelRow) -> None:
    """Add a channel, or replace what it was."""
    statement = database.insert(channels)
    changed = {name: statement.excluded[name] for name in row._fields if name not in ("app_id", "kind")}
    statement = statement.on_conflict_do_update(index_elements=[channels.c.app_id, channels.c.kind], set_=changed)
    connection.execute(statement, row._asdict())


def delete(connection: sa.Connection, app_id: str, kind: str) -> None:
    """Remove a channel."""
    connection.execute(sa.delete(channels).where(channels.c.app_id == app_id, channels.c.kind == kind))


def delete_all(connection: sa.Connection, app_id: str) -> None:
    """Remove a project's channels."""
    connection.execute(sa.delete(channels).where(channels.c.app_id == app_id))
