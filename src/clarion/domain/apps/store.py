"""Rows of projects, their settings and their channels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from clarion.core.scope import Scope
from clarion.domain.apps.model import App
from clarion.store.database import Database
from clarion.store.schema import metadata

apps = sa.Table(
    "apps",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    # What UpdateApplicationSettings wrote, as JSON of its request; NULL until it is first called.
    sa.Column("settings", sa.LargeBinary),
    sa.Column("settings_ms", sa.BigInteger),
    sa.Index("ix_apps_scope", "account", "region", "created_ms", "id"),
)

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
    # The kind's own configuration, as JSON of its request.
    sa.Column("config", sa.LargeBinary, nullable=False),
)

_APP = sa.select(apps.c.account, apps.c.region, apps.c.id, apps.c.name, apps.c.created_ms)


class Settings(NamedTuple):
    """An app's stored settings: the request's document (None: never set) and when it was written."""

    document: bytes | None
    modified_ms: int | None


class ChannelRow(NamedTuple):
    """A configured channel; `config` is JSON of the kind's own request shape."""

    app_id: str
    kind: str
    enabled: bool
    version: int
    created_ms: int
    modified_ms: int
    modified_by: str
    config: bytes


def insert(connection: sa.Connection, app: App) -> None:
    """Add a project."""
    account, region = app.scope
    connection.execute(
        sa.insert(apps).values(id=app.id, account=account, region=region, name=app.name, created_ms=app.created_ms)
    )


def get(connection: sa.Connection, scope: Scope, app_id: str) -> App | None:
    """The project, if it is of this scope."""
    row = connection.execute(_APP.where(apps.c.id == app_id)).first()
    app = None if row is None else _app(row)
    return app if app is not None and app.scope == scope else None


def page(connection: sa.Connection, scope: Scope, after: tuple[int, str] | None, limit: int) -> list[App]:
    """Projects of a scope by creation date, those after (created_ms, id)."""
    statement = _APP.where(apps.c.account == scope.account, apps.c.region == scope.region)
    if after is not None:
        statement = statement.where(sa.tuple_(apps.c.created_ms, apps.c.id) > sa.tuple_(*after))
    rows = connection.execute(statement.order_by(apps.c.created_ms, apps.c.id).limit(limit))
    return [_app(row) for row in rows]


def count(connection: sa.Connection, scope: Scope) -> int:
    """How many projects a scope has."""
    which = sa.select(sa.func.count()).select_from(apps)
    return connection.scalar(which.where(apps.c.account == scope.account, apps.c.region == scope.region)) or 0


def delete(connection: sa.Connection, app_id: str) -> bool:
    """Remove a project and its channels; whether it was there."""
    connection.execute(sa.delete(channels).where(channels.c.app_id == app_id))
    return connection.execute(sa.delete(apps).where(apps.c.id == app_id)).rowcount == 1


def settings(connection: sa.Connection, app_id: str) -> Settings:
    """The settings as last written. In a write transaction the row stays locked until its end."""
    statement = sa.select(apps.c.settings, apps.c.settings_ms).where(apps.c.id == app_id)
    row = connection.execute(statement).first()
    return Settings(None, None) if row is None else Settings(*row)


def lock(connection: sa.Connection, app_id: str) -> None:
    """Let nobody else change this project until the transaction ends."""
    connection.execute(sa.select(apps.c.id).where(apps.c.id == app_id).with_for_update())


def save_settings(connection: sa.Connection, app_id: str, document: bytes, modified_ms: int) -> None:
    """Write the settings."""
    which = sa.update(apps).where(apps.c.id == app_id)
    connection.execute(which.values(settings=document, settings_ms=modified_ms))


def channel(connection: sa.Connection, app_id: str, kind: str) -> ChannelRow | None:
    """One channel of a project, None when it was never configured."""
    which = sa.select(channels).where(channels.c.app_id == app_id, channels.c.kind == kind)
    row = connection.execute(which).first()
    return None if row is None else ChannelRow(*row)


def all_channels(connection: sa.Connection, app_id: str) -> Sequence[ChannelRow]:
    """Every configured channel of a project."""
    which = sa.select(channels).where(channels.c.app_id == app_id).order_by(channels.c.kind)
    return [ChannelRow(*row) for row in connection.execute(which)]


def save_channel(database: Database, connection: sa.Connection, row: ChannelRow) -> None:
    """Add a channel, or replace what it was."""
    statement = database.insert(channels)
    changed = {name: statement.excluded[name] for name in row._fields if name not in ("app_id", "kind")}
    statement = statement.on_conflict_do_update(index_elements=[channels.c.app_id, channels.c.kind], set_=changed)
    connection.execute(statement, row._asdict())


def delete_channel(connection: sa.Connection, app_id: str, kind: str) -> None:
    """Remove a channel."""
    connection.execute(sa.delete(channels).where(channels.c.app_id == app_id, channels.c.kind == kind))


def _app(row: sa.Row[*tuple[Any, ...]]) -> App:
    return App(Scope(row.account, row.region), row.id, row.name, row.created_ms)
