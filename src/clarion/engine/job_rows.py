"""The job table and its statements, the same on both engines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from clarion.store.batches import among
from clarion.store.database import Database
from clarion.store.schema import BigId, metadata

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("key", sa.Text, unique=True),
    sa.Column("args", sa.LargeBinary, nullable=False),
    sa.Column("due_ms", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False, server_default="ready"),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("lease", sa.Text),
    sa.Column("leased_until_ms", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("error", sa.Text),
    # A number is never given out twice: a late worker must not find another job under its job's number.
    sqlite_autoincrement=True,
)
# Written into the statements, not bound: only then can an engine use the partial index.
_READY = jobs.c.state == sa.literal_column("'ready'")
_DEAD = jobs.c.state == sa.literal_column("'dead'")

sa.Index(
    "ix_jobs_ready",
    jobs.c.kind,
    jobs.c.due_ms,
    jobs.c.id,
    sqlite_where=sa.text("state = 'ready'"),
    postgresql_where=sa.text("state = 'ready'"),
)


class Leased(NamedTuple):
    """A row as a lease answers it."""

    id: int
    kind: str
    key: str | None
    args: bytes
    due_ms: int
    attempts: int


class Dead(NamedTuple):
    """A job that failed too often; `error` is what its last attempt raised."""

    id: int
    kind: str
    key: str | None
    args: bytes
    due_ms: int
    attempts: int
    error: str | None


class Listed(NamedTuple):
    """A job as an operator sees it; `state` is `ready` or `dead`, `lease` who has it in hand."""

    id: int
    kind: str
    key: str | None
    state: str
    due_ms: int
    attempts: int
    lease: str | None
    error: str | None


class Given(NamedTuple):
    """What a job was given to do."""

    id: int
    args: bytes


def insert(connection: sa.Connection, database: Database, rows: Sequence[dict[str, Any]]) -> None:
    """Add jobs; one that has a key takes the place of the job that had it."""
    if plain := [row for row in rows if row["key"] is None]:
        connection.execute(sa.insert(jobs), plain)
    if keyed := [row for row in rows if row["key"] is not None]:
        statement = database.insert(jobs)
        replaced = {name: statement.excluded[name] for name in ("kind", "args", "due_ms")}
        fresh: dict[str, Any] = {"state": "ready", "attempts": 0, "lease": None, "leased_until_ms": 0, "error": None}
        connection.execute(
            statement.on_conflict_do_update(index_elements=[jobs.c.key], set_={**replaced, **fresh}), keyed
        )


# Statements that run all the time are built once: building one costs more than running it.
def _free(kind: str) -> sa.ColumnElement[bool]:
    """Condition: ready, of the kind in the named parameter, and in nobody's hands."""
    return sa.and_(_READY, jobs.c.kind == sa.bindparam(kind), jobs.c.leased_until_ms <= sa.bindparam("real_ms"))


# The kinds that wait are few, the jobs many: each kind is found by one step in the index from the one before.
_kinds = sa.select(sa.func.min(jobs.c.kind).label("kind")).where(_READY).cte("kinds", recursive=True)
_next = sa.select(sa.func.min(jobs.c.kind)).where(_READY, jobs.c.kind > _kinds.c.kind).scalar_subquery()
_kinds = _kinds.union_all(sa.select(_next).where(_kinds.c.kind.is_not(None)))
_of_kind = sa.and_(_READY, jobs.c.kind == _kinds.c.kind, jobs.c.leased_until_ms <= sa.bindparam("real_ms"))
_first = sa.select(jobs.c.due_ms).where(_of_kind).order_by(jobs.c.due_ms, jobs.c.id).limit(1).scalar_subquery()
_EARLIEST = sa.select(_kinds.c.kind, _first).where(_kinds.c.kind.is_not(None))


def earliest(connection: sa.Connection, kinds: Collection[str], real_ms: int) -> list[tuple[str, int]]:
    """For each kind that has a job nobody holds: the kind and when its first is due, earliest first."""
    rows = connection.execute(_EARLIEST, {"real_ms": real_ms})
    found = [(kind, due) for kind, due in rows if due is not None and kind in kinds]
    return sorted(found, key=lambda row: row[1])


# One statement for both engines: rows that another worker is taking are skipped on PostgreSQL, where the common
# table expression also keeps the planner from running the choice twice; SQLite has one writer.
_CHOSEN = (
    sa.select(jobs.c.id)
    .where(_free("of_kind"), jobs.c.due_ms <= sa.bindparam("due_by_ms"))
    .order_by(jobs.c.due_ms, jobs.c.id)
    .limit(sa.bindparam("most", type_=sa.Integer))
    .with_for_update(skip_locked=True)
    .cte("chosen")
)
_LEASE = (
    sa.update(jobs)
    .where(jobs.c.id.in_(sa.select(_CHOSEN.c.id)))
    .values(lease=sa.bindparam("token"), leased_until_ms=sa.bindparam("until_ms"), attempts=jobs.c.attempts + 1)
    .returning(jobs.c.id, jobs.c.kind, jobs.c.key, jobs.c.args, jobs.c.due_ms, jobs.c.attempts)
)


def lease(
    connection: sa.Connection, kind: str, count: int, *, token: str, due_by_ms: int, real_ms: int, until_ms: int
) -> list[Leased]:
    """Take up to `count` due jobs of a kind that nobody holds, earliest first; they count as tried."""
    values = {
        "of_kind": kind,
        "most": count,
        "token": token,
        "due_by_ms": due_by_ms,
        "real_ms": real_ms,
        "until_ms": until_ms,
    }
    rows = [Leased(*row) for row in connection.execute(_LEASE, values)]
    return sorted(rows, key=lambda row: (row.due_ms, row.id))


def delete(connection: sa.Connection, ids: Sequence[int], token: str) -> int:
    """Remove jobs still held under this lease; answers how many were."""
    return connection.execute(sa.delete(jobs).where(_held(connection, ids, token))).rowcount


def renew(connection: sa.Connection, ids: Sequence[int], token: str, until_ms: int) -> int:
    """Hold on to jobs; answers how many are still held."""
    return connection.execute(
        sa.update(jobs).where(_held(connection, ids, token)).values(leased_until_ms=until_ms)
    ).rowcount


def put_back(connection: sa.Connection, ids: Sequence[int], token: str) -> None:
    """Return jobs that were leased and not begun."""
    connection.execute(
        sa.update(jobs)
        .where(_held(connection, ids, token))
        .values(lease=None, leased_until_ms=0, attempts=jobs.c.attempts - 1)
    )


def retry(connection: sa.Connection, job_id: int, token: str, *, due_ms: int, error: str) -> None:
    """Let a failed job be due again later."""
    connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id, jobs.c.lease == token)
        .values(lease=None, leased_until_ms=0, due_ms=due_ms, error=error)
    )


def bury(connection: sa.Connection, job_id: int, token: str, *, error: str) -> bool:
    """Keep a job that failed too often, with what it said; whether it was still held under this lease."""
    buried = connection.execute(
        sa.update(jobs)
        .where(jobs.c.id == job_id, jobs.c.lease == token)
        .values(state="dead", lease=None, leased_until_ms=0, error=error)
    )
    return buried.rowcount > 0


def revive(connection: sa.Connection, ids: Sequence[int] | None, due_ms: int) -> int:
    """Make dead jobs ready again, these or (None) all; answers how many."""
    changed = connection.execute(
        sa.update(jobs).where(_dead_ones(connection, ids)).values(state="ready", attempts=0, due_ms=due_ms)
    )
    return changed.rowcount


def drop(connection: sa.Connection, ids: Sequence[int]) -> int:
    """Remove dead jobs; answers how many."""
    return connection.execute(sa.delete(jobs).where(_dead_ones(connection, ids))).rowcount


def dead(connection: sa.Connection, after: int, limit: int) -> list[Dead]:
    """Dead jobs by ascending id."""
    columns = (getattr(jobs.c, name) for name in Dead._fields)
    statement = sa.select(*columns).where(_DEAD, jobs.c.id > after).order_by(jobs.c.id).limit(limit)
    return [Dead(*row) for row in connection.execute(statement)]


def count_dead(connection: sa.Connection, most: int) -> int:
    """How many jobs are dead, counted up to `most`."""
    some = sa.select(jobs.c.id).where(_DEAD).limit(most).subquery()
    return connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0


def listed(connection: sa.Connection, *, dead: bool, kind: str | None, after: int, limit: int) -> list[Listed]:
    """Jobs by ascending id from the one behind `after`: those of a kind, only dead ones if wanted."""
    columns = (getattr(jobs.c, name) for name in Listed._fields)
    statement = sa.select(*columns).where(jobs.c.id > after)
    if dead:
        statement = statement.where(_DEAD)
    if kind is not None:
        statement = statement.where(jobs.c.kind == kind)
    return [Listed(*row) for row in connection.execute(statement.order_by(jobs.c.id).limit(limit))]


def of_kind(connection: sa.Connection, kind: str, after: int, limit: int) -> list[Given]:
    """Jobs of a kind with their arguments, ready or dead, by ascending id from the one behind `after`."""
    statement = sa.select(jobs.c.id, jobs.c.args).where(jobs.c.kind == kind, jobs.c.id > after)
    return [Given(*row) for row in connection.execute(statement.order_by(jobs.c.id).limit(limit))]


def remove(connection: sa.Connection, ids: Sequence[int]) -> None:
    """Remove jobs, also from the hands of a worker: what it then finishes is undone."""
    connection.execute(sa.delete(jobs).where(among(connection, jobs.c.id, ids)))


def _dead_ones(connection: sa.Connection, ids: Sequence[int] | None) -> sa.ColumnElement[bool]:
    return _DEAD if ids is None else sa.and_(_DEAD, among(connection, jobs.c.id, ids))


_UNFINISHED = sa.select(sa.func.count()).select_from(
    sa.select(jobs.c.id)
    .where(
        _READY,
        jobs.c.kind.in_(sa.bindparam("kinds", expanding=True)),
        jobs.c.due_ms <= sa.bindparam("due_by_ms"),
    )
    .limit(sa.bindparam("most", type_=sa.Integer))
    .subquery()
)


def unfinished(connection: sa.Connection, kinds: Collection[str], due_by_ms: int, most: int) -> int:
    """How many jobs of these kinds are due or held, counted up to `most`."""
    return connection.scalar(_UNFINISHED, {"kinds": list(kinds), "due_by_ms": due_by_ms, "most": most}) or 0


def waiting_kinds(connection: sa.Connection) -> list[str]:
    """The kinds of all ready jobs: one look into the index for each, however many jobs there are."""
    kinds: list[str] = []
    while True:
        later = sa.select(sa.func.min(jobs.c.kind)).where(_READY, jobs.c.kind > (kinds[-1] if kinds else ""))
        kind = connection.scalar(later)
        if kind is None:
            return kinds
        kinds.append(kind)


def _held(connection: sa.Connection, ids: Sequence[int], token: str) -> sa.ColumnElement[bool]:
    return sa.and_(among(connection, jobs.c.id, ids), jobs.c.lease == token)
