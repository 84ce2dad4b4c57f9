"""Rows of projects and their settings."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from clarion.core.scope import Scope
from clarion.domain.apps.model import App
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

_APP = sa.select(apps.c.account, apps.c.region, apps.c.id, apps.c.name, apps.c.created_ms)


class Settings(NamedTuple):
    """An app's stored settings: the request's document (None: never set) and when it was written."""

    document: bytes | None
    modified_ms: int | None


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
    """Remove a project; whether it was there."""
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


def _app(row: sa.Row[*tuple[Any, ...]]) -> App:
    return App(Scope(row.account, row.region), row.id, row.name, row.created_ms)
