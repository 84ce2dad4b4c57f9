"""Templates in SQL: one row a template, one a version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.scope import Scope
from clarion.store.schema import metadata

templates = sa.Table(
    "templates",
    metadata,
    sa.Column("account", sa.String(12), primary_key=True),
    sa.Column("region", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("active", sa.Integer, nullable=False),
    sa.Column("latest", sa.Integer, nullable=False),
    sa.Column("highest", sa.Integer, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)

template_versions = sa.Table(
    "template_versions",
    metadata,
    sa.Column("account", sa.String(12), primary_key=True),
    sa.Column("region", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("modified_ms", sa.BigInteger, nullable=False),
)


class TemplateRow(NamedTuple):
    """A template without content. `highest` is the highest version number ever given."""

    name: str
    kind: str
    active: int
    latest: int
    highest: int
    created_ms: int


class VersionRow(NamedTuple):
    """One version."""

    name: str
    kind: str
    version: int
    document: bytes
    created_ms: int
    modified_ms: int


_template = (
    templates.c.name,
    templates.c.kind,
    templates.c.active,
    templates.c.latest,
    templates.c.highest,
    templates.c.created_ms,
)
_version = (
    template_versions.c.name,
    template_versions.c.kind,
    template_versions.c.version,
    template_versions.c.document,
    template_versions.c.created_ms,
    template_versions.c.modified_ms,
)


def _of(table: sa.Table, scope: Scope, kind: str, name: str) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.account == scope.account, table.c.region == scope.region, table.c.name == name, table.c.kind == kind
    )


def get(connection: sa.Connection, scope: Scope, kind: str, name: str, *, lock: bool = False) -> TemplateRow | None:
    """One template; `lock` holds its row until the transaction ends."""
    statement = sa.select(*_template).where(_of(templates, scope, kind, name))
    row = connection.execute(statement.with_for_update() if lock else statement).first()
    return None if row is None else TemplateRow(*row)


def count(connection: sa.Connection, account: str) -> int:
    """How many templates an account has, of all kinds and regions."""
    return connection.scalar(sa.select(sa.func.count()).where(templates.c.account == account)) or 0


def get_version(connection: sa.Connection, scope: Scope, kind: str, name: str, version: int) -> VersionRow | None:
    """One version."""
    where = sa.and_(_of(template_versions, scope, kind, name), template_versions.c.version == version)
    row = connection.execute(sa.select(*_version).where(where)).first()
    return None if row is None else VersionRow(*row)


def add(connection: sa.Connection, scope: Scope, row: TemplateRow) -> None:
    """A new template."""
    connection.execute(sa.insert(templates), {**scope._asdict(), **row._asdict()})


def change(connection: sa.Connection, scope: Scope, kind: str, name: str, **values: int) -> None:
    """Set columns of a template: `active`, `latest`, `highest`."""
    connection.execute(sa.update(templates).where(_of(templates, scope, kind, name)).values(**values))


def add_version(connection: sa.Connection, scope: Scope, row: VersionRow) -> None:
    """A new version."""
    connection.execute(sa.insert(template_versions), {**scope._asdict(), **row._asdict()})


def overwrite(
    connection: sa.Connection, scope: Scope, kind: str, name: str, version: int, document: bytes, now_ms: int
) -> None:
    """New content for a version."""
    where = sa.and_(_of(template_versions, scope, kind, name), template_versions.c.version == version)
    connection.execute(sa.update(template_versions).where(where).values(document=document, modified_ms=now_ms))


def remove(connection: sa.Connection, scope: Scope, kind: str, name: str) -> None:
    """The template and all its versions."""
    connection.execute(sa.delete(templates).where(_of(templates, scope, kind, name)))
    connection.execute(sa.delete(template_versions).where(_of(template_versions, scope, kind, name)))


def remove_version(connection: sa.Connection, scope: Scope, kind: str, name: str, version: int) -> None:
    """One version."""
    where = sa.and_(_of(template_versions, scope, kind, name), template_versions.c.version == version)
    connection.execute(sa.delete(template_versions).where(where))


def newest(connection: sa.Connection, scope: Scope, kind: str, name: str) -> int:
    """The number of the newest version that is left, 0 when none is."""
    found = sa.select(sa.func.max(template_versions.c.version)).where(_of(template_versions, scope, kind, name))
    return connection.scalar(found) or 0


def listing(
    connection: sa.Connection,
    scope: Scope,
    kind: str | None,
    prefix: str | None,
    after: tuple[str, str] | None,
    most: int,
) -> Sequence[tuple[TemplateRow, VersionRow]]:
    """Templates with their active version, by name and kind, after a (name, kind)."""
    joined = sa.join(
        templates,
        template_versions,
        sa.and_(
            templates.c.account == template_versions.c.account,
            templates.c.region == template_versions.c.region,
            templates.c.name == template_versions.c.name,
            templates.c.kind == template_versions.c.kind,
            templates.c.active == template_versions.c.version,
        ),
    )
    statement = (
        sa.select(*_template, *_version)
        .select_from(joined)
        .where(templates.c.account == scope.account, templates.c.region == scope.region)
        .order_by(templates.c.name, templates.c.kind)
        .limit(most)
    )
    if kind:
        statement = statement.where(templates.c.kind == kind)
    if prefix:
        statement = statement.where(sa.func.substr(templates.c.name, 1, len(prefix)) == prefix)
    if after:
        statement = statement.where(sa.tuple_(templates.c.name, templates.c.kind) > sa.tuple_(*map(sa.literal, after)))
    size = len(_template)
    return [(TemplateRow(*row[:size]), VersionRow(*row[size:])) for row in connection.execute(statement)]


def versions(
    connection: sa.Connection, scope: Scope, kind: str, name: str, before: int | None, most: int
) -> Sequence[VersionRow]:
    """A template's versions, newest first, before a number."""
    statement = sa.select(*_version).where(_of(template_versions, scope, kind, name))
    if before is not None:
        statement = statement.where(template_versions.c.version < before)
    rows = connection.execute(statement.order_by(template_versions.c.version.desc()).limit(most))
    return [VersionRow(*row) for row in rows]
