"""Shared partials in SQL: one row a version, and one for each template that calls a partial."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.scope import Scope
from clarion.store.schema import metadata

partials = sa.Table(
    "template_partials",
    metadata,
    sa.Column("account", sa.String(12), primary_key=True),
    sa.Column("region", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)

uses = sa.Table(
    "template_partial_uses",
    metadata,
    sa.Column("account", sa.String(12), primary_key=True),
    sa.Column("region", sa.String(32), primary_key=True),
    sa.Column("partial", sa.String(128), primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),
    sa.Column("name", sa.String(128), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
)


class PartialRow(NamedTuple):
    """One version of a partial."""

    name: str
    version: int
    document: bytes
    created_ms: int


class Use(NamedTuple):
    """A version of a template that calls a partial; kind PARTIAL, version 0 for another partial."""

    kind: str
    name: str
    version: int


_row = (partials.c.name, partials.c.version, partials.c.document, partials.c.created_ms)


def _of(table: sa.Table, scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.account == scope.account, table.c.region == scope.region)


def _latest(scope: Scope) -> sa.Subquery:
    newest = sa.func.max(partials.c.version).label("version")
    return sa.select(partials.c.name, newest).where(_of(partials, scope)).group_by(partials.c.name).subquery()


def latest(connection: sa.Connection, scope: Scope, names: Collection[str]) -> Mapping[str, PartialRow]:
    """The latest versions of those that are there."""
    newest = _latest(scope)
    statement = (
        sa.select(*_row)
        .join(newest, sa.and_(partials.c.name == newest.c.name, partials.c.version == newest.c.version))
        .where(_of(partials, scope), partials.c.name.in_(list(names)))
    )
    return {row.name: PartialRow(*row) for row in connection.execute(statement)}


def get(connection: sa.Connection, scope: Scope, name: str, version: int) -> PartialRow | None:
    """One version."""
    where = (_of(partials, scope), partials.c.name == name, partials.c.version == version)
    row = connection.execute(sa.select(*_row).where(*where)).first()
    return None if row is None else PartialRow(*row)


def listing(connection: sa.Connection, scope: Scope, prefix: str, after: str, most: int) -> Sequence[PartialRow]:
    """Latest versions by name, behind a name."""
    newest = _latest(scope)
    statement = (
        sa.select(*_row)
        .join(newest, sa.and_(partials.c.name == newest.c.name, partials.c.version == newest.c.version))
        .where(_of(partials, scope), partials.c.name > after)
        .where(sa.func.substr(partials.c.name, 1, len(prefix)) == prefix)
        .order_by(partials.c.name)
        .limit(most)
    )
    return [PartialRow(*row) for row in connection.execute(statement)]


def count(connection: sa.Connection, account: str) -> int:
    """How many versions of partials an account has."""
    return connection.scalar(sa.select(sa.func.count()).where(partials.c.account == account)) or 0


def add(connection: sa.Connection, scope: Scope, row: PartialRow) -> None:
    """A new version."""
    connection.execute(sa.insert(partials), {**scope._asdict(), **row._asdict()})


def remove(connection: sa.Connection, scope: Scope, name: str) -> None:
    """All versions."""
    connection.execute(sa.delete(partials).where(_of(partials, scope), partials.c.name == name))


def using(connection: sa.Connection, scope: Scope, name: str, most: int) -> Sequence[Use]:
    """Who calls a partial."""
    columns = (uses.c.kind, uses.c.name, uses.c.version)
    statement = sa.select(*columns).where(_of(uses, scope), uses.c.partial == name).order_by(*columns).limit(most)
    return [Use(*row) for row in connection.execute(statement)]


def record(connection: sa.Connection, scope: Scope, use: Use, names: Iterable[str]) -> None:
    """Say anew which partials somebody calls."""
    forget(connection, scope, use.kind, use.name, use.version)
    rows = [{**scope._asdict(), "partial": name, **use._asdict()} for name in sorted(names)]
    if rows:
        connection.execute(sa.insert(uses), rows)


def forget(connection: sa.Connection, scope: Scope, kind: str, name: str, version: int | None = None) -> None:
    """Somebody is gone: one version, or all."""
    statement = sa.delete(uses).where(_of(uses, scope), uses.c.kind == kind, uses.c.name == name)
    connection.execute(statement if version is None else statement.where(uses.c.version == version))
