"""Event streams in SQL.

| Table           | Holds                                                                                            |
|-----------------|--------------------------------------------------------------------------------------------------|
| event_streams   | one row a project that streams: where to, and since which log row                                |
| stream_progress | one row a stream: who delivers it now, what waits, what became of the rest, what went wrong last |
| stream_backlog  | events that wait, in the order of the log, a packed piece of it in each row                      |
| stream_refused  | the last records that their destination will never take, with the reason                         |

`stream_id` is new whenever a stream is made where there was none: what a deleted stream left is never taken for
its successor's.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from clarion.core.scope import Scope
from clarion.store.batches import select_among
from clarion.store.schema import BigId, metadata

event_streams = sa.Table(
    "event_streams",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("stream_id", sa.String(32), nullable=False),
    sa.Column("account", sa.String(12), nullable=False),
    sa.Column("region", sa.String(32), nullable=False),
    # As everybody may see it. `sealed` is the whole of it when that has a secret.
    sa.Column("destination", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary),
    sa.Column("role", sa.Text, nullable=False),
    # Grows with every Put, so that whoever delivers sees the change.
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("behind", sa.BigInteger, nullable=False),
    sa.Column("modified_ms", sa.BigInteger, nullable=False),
    sa.Column("modified_by", sa.Text, nullable=False),
    sa.Index("ix_event_streams_scope", "account", "region", "app_id"),
)

stream_progress = sa.Table(
    "stream_progress",
    metadata,
    sa.Column("app_id", sa.String(32), primary_key=True),
    sa.Column("owner", sa.String(32), nullable=False),
    sa.Column("until_ms", sa.BigInteger, nullable=False),
    sa.Column("turn_ms", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("not_before_ms", sa.BigInteger, nullable=False),
    sa.Column("linger_ms", sa.BigInteger, nullable=False),
    sa.Column("batch", sa.Integer, nullable=False),
    sa.Column("waiting", sa.BigInteger, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("exported", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False),
    sa.Column("lost", sa.BigInteger, nullable=False),
    sa.Column("sent_ms", sa.BigInteger),
    sa.Column("failing_ms", sa.BigInteger),
    sa.Column("error_ms", sa.BigInteger),
    sa.Column("error_code", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
)

stream_backlog = sa.Table(
    "stream_backlog",
    metadata,
    sa.Column("seq", BigId, primary_key=True),
    sa.Column("stream_id", sa.String(32), nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("events", sa.Integer, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_stream_backlog_stream", "stream_id", "seq"),
    # A row that is delivered twice must be missed, not taken for a new one.
    sqlite_autoincrement=True,
)

stream_refused = sa.Table(
    "stream_refused",
    metadata,
    sa.Column("seq", BigId, primary_key=True),
    sa.Column("stream_id", sa.String(32), nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Index("ix_stream_refused_stream", "stream_id", "seq"),
    sqlite_autoincrement=True,
)


class StreamRow(NamedTuple):
    """A project's stream. `number` grows with every change; log rows up to `behind` are not its business."""

    app_id: str
    stream_id: str
    account: str
    region: str
    destination: str
    sealed: bytes | None
    role: str
    number: int
    behind: int
    modified_ms: int
    modified_by: str

    @property
    def owner(self) -> str:
        """Whose secret `sealed` is, for the vault."""
        return f"event stream of project {self.app_id}"


class Progress(NamedTuple):
    """How far a stream is. Times in Unix ms; `waiting` and the three after `bytes` count events.

    `failing_ms` is when the failures began that still go on, None when all is well; `not_before_ms` when to try
    again, `linger_ms` when to send even a batch that is not full.
    """

    attempts: int
    not_before_ms: int
    linger_ms: int
    waiting: int
    bytes: int
    exported: int
    refused: int
    lost: int
    sent_ms: int | None
    failing_ms: int | None
    error_ms: int | None
    error_code: str
    error: str


class Listed(NamedTuple):
    """A stream, how far it is, and when the oldest event that waits was taken in."""

    stream: StreamRow
    progress: Progress
    oldest_ms: int | None


_stream = [event_streams.c[name] for name in StreamRow._fields]
_progress = [stream_progress.c[name] for name in Progress._fields]
_BEGINNING = {
    "owner": "",
    "error_code": "",
    "error": "",
    **dict.fromkeys(
        (
            "until_ms",
            "turn_ms",
            "attempts",
            "not_before_ms",
            "linger_ms",
            "batch",
            "waiting",
            "bytes",
            "exported",
            "refused",
            "lost",
        ),
        0,
    ),
}
_CALM = {"attempts": 0, "not_before_ms": 0, "linger_ms": 0}


def get(connection: sa.Connection, app_id: str, *, lock: bool = False) -> StreamRow | None:
    """A project's stream; `lock` holds its row until the transaction ends."""
    statement = sa.select(*_stream).where(event_streams.c.app_id == app_id)
    found = connection.execute(statement.with_for_update() if lock else statement).first()
    return None if found is None else StreamRow(*found)


def put(connection: sa.Connection, row: StreamRow) -> None:
    """A stream that is new, or changed: then it is tried at once, whatever happened before."""
    if row.number == 1:
        connection.execute(sa.insert(event_streams), row._asdict())
        connection.execute(sa.insert(stream_progress), {"app_id": row.app_id, **_BEGINNING})
        return
    changed = sa.update(event_streams).where(event_streams.c.app_id == row.app_id)
    connection.execute(changed.values(**row._asdict()))
    hasten(connection, row.app_id)


def hasten(connection: sa.Connection, app_id: str) -> None:
    """Let a stream be tried at once."""
    mine = sa.update(stream_progress).where(stream_progress.c.app_id == app_id)
    connection.execute(mine.values(**_CALM))


def remove(connection: sa.Connection, app_id: str) -> None:
    """A stream goes. What waits for it stays in the backlog, where nobody looks for it any more."""
    for table in (event_streams, stream_progress):
        connection.execute(sa.delete(table).where(table.c.app_id == app_id))


def of_apps(connection: sa.Connection, app_ids: Collection[str], *, share: bool = False) -> dict[str, StreamRow]:
    """The streams among these projects; with `share` nobody can change or delete them in this transaction."""
    statement = sa.select(*_stream).order_by(event_streams.c.app_id)
    statement = statement.with_for_update(read=True) if share else statement
    rows = select_among(connection, statement, event_streams.c.app_id, sorted(app_ids))
    return {row.app_id: row for row in map(StreamRow._make, rows)}


def sealed(connection: sa.Connection, *, lock: bool = False) -> list[StreamRow]:
    """The streams whose destinations have secrets; `lock` holds their rows until the transaction ends."""
    statement = sa.select(*_stream).where(event_streams.c.sealed.is_not(None)).order_by(event_streams.c.app_id)
    rows = connection.execute(statement.with_for_update() if lock else statement)
    return [StreamRow(*row) for row in rows]


def seal(connection: sa.Connection, app_id: str, body: bytes) -> None:
    """The same destination, sealed by another key."""
    connection.execute(sa.update(event_streams).where(event_streams.c.app_id == app_id).values(sealed=body))


def listed(connection: sa.Connection, scope: Scope | None = None, app_id: str | None = None) -> list[Listed]:
    """Streams of a scope (None: of all), or of one project, with how far they are, in the order of their projects."""
    first = (
        sa.select(stream_backlog.c.at_ms)
        .where(stream_backlog.c.stream_id == event_streams.c.stream_id)
        .order_by(stream_backlog.c.seq)
        .limit(1)
        .scalar_subquery()
    )
    both = event_streams.join(stream_progress, event_streams.c.app_id == stream_progress.c.app_id)
    statement = sa.select(*_stream, *_progress, first).select_from(both).order_by(event_streams.c.app_id)
    if scope is not None:
        of_scope = sa.and_(event_streams.c.account == scope.account, event_streams.c.region == scope.region)
        statement = statement.where(of_scope)
    if app_id is not None:
        statement = statement.where(event_streams.c.app_id == app_id)
    return [_listed(row) for row in connection.execute(statement)]


def _listed(row: Sequence[Any]) -> Listed:
    split = len(_stream)
    return Listed(StreamRow(*row[:split]), Progress(*row[split:-1]), row[-1])
