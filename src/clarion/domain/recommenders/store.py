"""Recommender configurations in SQL, one row each."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from clarion.core.scope import Scope
from clarion.store.schema import metadata

recommenders = sa.Table(
    "recommenders",
    metadata,
    sa.Column("account", sa.String(12), primary_key=True),
    sa.Column("region", sa.String(32), primary_key=True),
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("document", sa.LargeBinary, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("modified_ms", sa.BigInteger, nullable=False),
)


class RecommenderRow(NamedTuple):
    """A configuration; `document` is a `model.Recommender`."""

    id: str
    document: bytes
    created_ms: int
    modified_ms: int


_row = [recommenders.c[name] for name in RecommenderRow._fields]


def _of(scope: Scope) -> sa.ColumnElement[bool]:
    return sa.and_(recommenders.c.account == scope.account, recommenders.c.region == scope.region)


def _one(scope: Scope, recommender_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(_of(scope), recommenders.c.id == recommender_id)


def add(connection: sa.Connection, scope: Scope, row: RecommenderRow) -> None:
    """A new configuration."""
    connection.execute(sa.insert(recommenders), {**scope._asdict(), **row._asdict()})


def get(connection: sa.Connection, scope: Scope, recommender_id: str) -> RecommenderRow | None:
    """The configuration of this id."""
    found = connection.execute(sa.select(*_row).where(_one(scope, recommender_id))).first()
    return None if found is None else RecommenderRow(*found)


def count(connection: sa.Connection, scope: Scope) -> int:
    """How many there are."""
    return connection.scalar(sa.select(sa.func.count()).select_from(recommenders).where(_of(scope))) or 0


def change(connection: sa.Connection, scope: Scope, recommender_id: str, **values: Any) -> None:
    """New values of columns."""
    connection.execute(sa.update(recommenders).where(_one(scope, recommender_id)).values(**values))


def remove(connection: sa.Connection, scope: Scope, recommender_id: str) -> None:
    """The configuration goes."""
    connection.execute(sa.delete(recommenders).where(_one(scope, recommender_id)))


def page(connection: sa.Connection, scope: Scope, after: tuple[int, str] | None, most: int) -> list[RecommenderRow]:
    """Configurations in the order of their creation, after a (created_ms, id)."""
    statement = sa.select(*_row).where(_of(scope)).order_by(recommenders.c.created_ms, recommenders.c.id).limit(most)
    if after is not None:
        place = sa.tuple_(recommenders.c.created_ms, recommenders.c.id)
        statement = statement.where(place > sa.tuple_(*map(sa.literal, after)))
    return [RecommenderRow(*found) for found in connection.execute(statement)]
