"""Rows of rejections. They are read in the order of their numbers, by many processes: see `insert`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core.scope import Scope
from clarion.domain.events.rejections.model import MOST, Detail, Kept, Rejection
from clarion.store.batches import among, insert_rows
from clarion.store.schema import BigId, metadata

rejections = sa.Table(
    "event_rejections",
    metadata,
    sa.Column("seq", BigId, primary_key=True),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("region", sa.Text, nullable=False),
    sa.Column("app_id", sa.String(32), nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.String(32), nullable=False),
    sa.Column("endpoint_key", sa.Text, nullable=False),
    sa.Column("event_type", sa.Text, nullable=False),
    sa.Column("detail", sa.LargeBinary, nullable=False),
    sa.Index("ix_event_rejections_page", "account", "region", "app_id", "seq"),
    sa.Index("ix_event_rejections_endpoint", "app_id", "endpoint_key"),
    sa.Index("ix_event_rejections_age", "at_ms"),
    # A cursor is a number: those of deleted rows must not come again.
    sqlite_autoincrement=True,
)

_COLUMNS = ("account", "region", "app_id", "at_ms", "reason", "endpoint_key", "event_type", "detail")
_KEPT = [rejections.c[name] for name in Kept._fields]
_detail = msgspec.json.Decoder(Detail).decode


class Wanted(NamedTuple):
    """Which rejections: of one project or, without one, of the whole account, also of projects it does not have."""

    scope: Scope
    app_id: str | None
    since_ms: int
    """None that is older than that (Unix ms)."""
    after: int = 0
    """Only those behind this number."""
    endpoint_key: str | None = None
    event_types: Sequence[str] = ()


def insert(connection: sa.Connection, new: Sequence[Rejection]) -> None:
    """Add rejections, so that their numbers become visible in their order: whoever has read one has missed none."""
    if connection.dialect.name == "postgresql":
        # SQLite has one writer at a time anyway. Readers do not wait for this lock.
        connection.execute(sa.text("LOCK TABLE event_rejections IN SHARE ROW EXCLUSIVE MODE"))
    rows = [
        (
            one.scope.account,
            one.scope.region,
            one.app_id,
            one.at_ms,
            one.reason,
            one.endpoint_key,
            one.event_type,
            msgspec.json.encode(one.detail),
        )
        for one in new
    ]
    insert_rows(connection, sa.insert(rejections), _COLUMNS, rows)


def newest(connection: sa.Connection, wanted: Wanted, most: int) -> list[Kept]:
    """The last `most` of them, newest first."""
    statement = sa.select(*_KEPT).where(*_conditions(wanted)).order_by(rejections.c.seq.desc()).limit(most)
    return _kept(connection, statement)


def summary(connection: sa.Connection, wanted: Wanted) -> tuple[int, int]:
    """How many there are, and the greatest number of any of the whole account (`wanted.after` when there is none)."""
    count = connection.scalar(sa.select(sa.func.count()).select_from(rejections).where(*_conditions(wanted))) or 0
    return count, max(wanted.after, last(connection))


def last(connection: sa.Connection) -> int:
    """The greatest number there is, 0 without any."""
    return connection.scalar(sa.select(sa.func.max(rejections.c.seq))) or 0


def of_endpoints(
    connection: sa.Connection, app_id: str, keys: Sequence[str], after: int, most: int, before_ms: int | None = None
) -> list[Kept]:
    """Those of these endpoints behind number `after`, oldest first; with `before_ms` only older ones."""
    conditions = [
        rejections.c.app_id == app_id,
        among(connection, rejections.c.endpoint_key, keys),
        rejections.c.seq > after,
    ]
    if before_ms is not None:
        conditions.append(rejections.c.at_ms < before_ms)
    return _kept(connection, sa.select(*_KEPT).where(*conditions).order_by(rejections.c.seq).limit(most))


def remove(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """Delete these."""
    connection.execute(sa.delete(rejections).where(among(connection, rejections.c.seq, seqs)))


def trim(connection: sa.Connection, scope: Scope, app_id: str) -> None:
    """Delete what a project has beyond `MOST`, oldest first."""
    mine = (
        rejections.c.account == scope.account,
        rejections.c.region == scope.region,
        rejections.c.app_id == app_id,
    )
    newest_gone = sa.select(rejections.c.seq).where(*mine).order_by(rejections.c.seq.desc()).offset(MOST).limit(1)
    bound = connection.scalar(newest_gone)
    if bound is not None:
        connection.execute(sa.delete(rejections).where(*mine, rejections.c.seq <= bound))


def expire(connection: sa.Connection, before_ms: int, most: int) -> int:
    """Delete at most so many that are older than that; answers how many."""
    some = sa.select(rejections.c.seq).where(rejections.c.at_ms < before_ms).order_by(rejections.c.at_ms).limit(most)
    return connection.execute(sa.delete(rejections).where(rejections.c.seq.in_(some))).rowcount


def erase(connection: sa.Connection, app_id: str, most: int) -> int:
    """Delete at most so many of a project that is gone; answers how many."""
    some = sa.select(rejections.c.seq).where(rejections.c.app_id == app_id).limit(most)
    return connection.execute(sa.delete(rejections).where(rejections.c.seq.in_(some))).rowcount


def any_left(connection: sa.Connection) -> bool:
    """Whether there are any."""
    return connection.scalar(sa.select(rejections.c.seq).limit(1)) is not None


def _conditions(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found = [
        rejections.c.account == wanted.scope.account,
        rejections.c.region == wanted.scope.region,
        rejections.c.seq > wanted.after,
        rejections.c.at_ms >= wanted.since_ms,
    ]
    if wanted.app_id is not None:
        found.append(rejections.c.app_id == wanted.app_id)
    if wanted.endpoint_key is not None:
        found.append(rejections.c.endpoint_key == wanted.endpoint_key)
    if wanted.event_types:
        found.append(rejections.c.event_type.in_(wanted.event_types))
    return found


def _kept(connection: sa.Connection, statement: sa.Select[Any]) -> list[Kept]:
    return [Kept(**{**row._mapping, "detail": _detail(row.detail)}) for row in connection.execute(statement)]
