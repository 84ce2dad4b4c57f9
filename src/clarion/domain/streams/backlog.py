"""The backlog in SQL: what waits for streams, and what became of it.

Sums in `stream_progress` change in the transaction that adds or removes rows, so they are exact and cheap to ask for.
Every transaction takes hold of the progress row first, then of backlog rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.domain.streams import turns
from clarion.domain.streams.store import StreamRow, event_streams, stream_backlog, stream_progress, stream_refused
from clarion.store.batches import among, insert_rows

MOST_REFUSED = 100
"""Refused records that are kept of a stream."""

_DROP_ROWS = 200
_MOST_ROWS = 2_000

_both = event_streams.join(stream_progress, event_streams.c.app_id == stream_progress.c.app_id)


class Chunk(NamedTuple):
    """A row of the backlog: `events` in it, of which the first `done` are delivered; packed into `size` bytes.
    `at_ms` is when it was taken in (product's clock)."""

    seq: int
    at_ms: int
    events: int
    done: int
    size: int
    body: bytes


class New(NamedTuple):
    """A row to be added."""

    stream_id: str
    at_ms: int
    events: int
    size: int
    body: bytes


class Gone(NamedTuple):
    """What was dropped undelivered."""

    events: int
    bytes: int


class Refusal(NamedTuple):
    """A record that its destination will never take."""

    code: str
    message: str
    client_id: str
    data: bytes


class Refused(NamedTuple):
    """A refused record that is kept."""

    seq: int
    at_ms: int
    code: str
    message: str
    client_id: str
    data: bytes


class Settled(NamedTuple):
    """What came of a delivery: rows that are through, the next as it was read and how far it is, what was refused."""

    through: Sequence[int]
    partly: tuple[Chunk, int] | None = None
    refusals: Sequence[Refusal] = ()


_chunk = [stream_backlog.c[name] for name in Chunk._fields]
_refused = [stream_refused.c[name] for name in Refused._fields]


def add(connection: sa.Connection, rows: dict[str, list[New]]) -> None:
    """Add rows by project, of streams that are there: their rows must be held (`store.of_apps`)."""
    for app_id in sorted(rows):
        new = rows[app_id]
        grow(connection, app_id, sum(row.events for row in new), sum(row.size for row in new))
    columns = (*New._fields, "done")
    given = [(*row, 0) for app_id in sorted(rows) for row in rows[app_id]]
    insert_rows(connection, sa.insert(stream_backlog), columns, given)


def grow(connection: sa.Connection, app_id: str, events: int, size: int) -> None:
    """So many events and bytes more wait, or less."""
    mine = sa.update(stream_progress).where(stream_progress.c.app_id == app_id)
    changed = {"waiting": stream_progress.c.waiting + events, "bytes": stream_progress.c.bytes + size}
    connection.execute(mine.values(changed))


def total_bytes(connection: sa.Connection) -> int:
    """What all streams have waiting, in bytes."""
    return int(connection.scalar(sa.select(sa.func.sum(stream_progress.c.bytes))) or 0)


# --- what is in hand


def oldest(connection: sa.Connection, stream_id: str, events: int, size: int) -> tuple[list[Chunk], bool]:
    """The oldest rows, until there are so many events or packed bytes, one at least; and whether there are more."""
    lean = sa.select(stream_backlog.c.seq, stream_backlog.c.events, stream_backlog.c.done, stream_backlog.c.size)
    mine = stream_backlog.c.stream_id == stream_id
    found = connection.execute(lean.where(mine).order_by(stream_backlog.c.seq).limit(_MOST_ROWS)).all()
    last = more = None
    for row in found:
        if events <= 0 or (size <= 0 and last is not None):
            more = row.seq
            break
        last = row.seq
        events -= row.events - row.done
        size -= row.size
    if last is None:
        return [], False
    rows = sa.select(*_chunk).where(mine, stream_backlog.c.seq <= last).order_by(stream_backlog.c.seq)
    return [Chunk(*row) for row in connection.execute(rows)], more is not None or len(found) == _MOST_ROWS


def still(connection: sa.Connection, stream_id: str, chunks: Sequence[Chunk]) -> bool:
    """Whether these rows are all there as they were read: none dropped, and nobody's events taken out."""
    between = stream_backlog.c.seq.between(chunks[0].seq, chunks[-1].seq)
    statement = sa.select(stream_backlog.c.seq, stream_backlog.c.events, stream_backlog.c.size)
    found = connection.execute(statement.where(stream_backlog.c.stream_id == stream_id, between)).all()
    read = {chunk.seq: (chunk.events, chunk.size) for chunk in chunks}
    return {row.seq: (row.events, row.size) for row in found} == read


def settle(connection: sa.Connection, stream: StreamRow, owner: str, settled: Settled, now_ms: int) -> int:
    """Write down what was delivered; answers how many events are off the backlog. Raises LeaseLost."""
    turns.hold(connection, stream.app_id, owner)
    left = _remove(connection, stream.stream_id, settled.through)
    events = left.events
    if settled.partly is not None:
        events += _advance(connection, stream.stream_id, *settled.partly)
    refused = len(settled.refusals)
    mine = sa.update(stream_progress).where(stream_progress.c.app_id == stream.app_id)
    counted = {
        "waiting": stream_progress.c.waiting - events,
        "bytes": stream_progress.c.bytes - left.bytes,
        "exported": stream_progress.c.exported + max(0, events - refused),
        "refused": stream_progress.c.refused + refused,
    }
    connection.execute(mine.values({**counted, "sent_ms": now_ms} if events else counted))
    _set_aside(connection, stream.stream_id, settled.refusals, now_ms)
    return events


# --- what nobody gets any more


def drop_older(connection: sa.Connection, stream: StreamRow, before_ms: int) -> Gone:
    """Drop what was taken in before, as lost."""
    old = sa.select(stream_backlog.c.seq).where(
        stream_backlog.c.stream_id == stream.stream_id, stream_backlog.c.at_ms < before_ms
    )
    seqs = list(connection.scalars(old.order_by(stream_backlog.c.seq).limit(_DROP_ROWS)))
    return _lose(connection, stream.app_id, stream.stream_id, seqs)


def make_room(connection: sa.Connection, bound: int) -> dict[str, Gone]:
    """Drop the oldest of whoever has most until all is within `bound` bytes; answers what is lost, by project."""
    lost: dict[str, Gone] = {}
    over = total_bytes(connection) - bound
    while over > 0:
        largest = sa.select(event_streams.c.app_id, event_streams.c.stream_id).select_from(_both)
        found = connection.execute(largest.order_by(stream_progress.c.bytes.desc()).limit(1)).first()
        if found is None:
            break
        gone = _lose(connection, *found, _enough(connection, found.stream_id, over))
        if not gone.bytes:
            break
        before = lost.get(found.app_id, Gone(0, 0))
        lost[found.app_id] = Gone(before.events + gone.events, before.bytes + gone.bytes)
        over -= gone.bytes
    return lost


def erase(connection: sa.Connection, stream_id: str, most: int) -> int:
    """Delete so many rows that a deleted stream has left; answers how many there were."""
    found = 0
    for table in (stream_backlog, stream_refused):
        some = sa.select(table.c.seq).where(table.c.stream_id == stream_id).limit(most)
        found += connection.execute(sa.delete(table).where(table.c.seq.in_(some))).rowcount
    return found


# --- reading it for people and operators


def after(connection: sa.Connection, stream_id: str, seq: int, most: int) -> list[Chunk]:
    """Rows behind a number, in order."""
    mine = sa.and_(stream_backlog.c.stream_id == stream_id, stream_backlog.c.seq > seq)
    statement = sa.select(*_chunk).where(mine).order_by(stream_backlog.c.seq).limit(most)
    return [Chunk(*row) for row in connection.execute(statement)]


def replace(connection: sa.Connection, stream: StreamRow, chunk: Chunk, events: int, body: bytes) -> None:
    """Other contents for a row, with fewer events. Who is delivering it sees that there are fewer."""
    mine = sa.and_(stream_backlog.c.seq == chunk.seq, stream_backlog.c.events == chunk.events)
    size = len(body)
    _lock(connection, stream.app_id)
    before = connection.execute(sa.select(stream_backlog.c.done).where(mine)).first()
    if before is None:
        return  # delivered, or replaced by somebody else
    if not events:
        connection.execute(sa.delete(stream_backlog).where(mine))
        grow(connection, stream.app_id, before.done - chunk.events, -chunk.size)
        return
    connection.execute(sa.update(stream_backlog).where(mine).values(events=events, done=0, size=size, body=body))
    grow(connection, stream.app_id, events - (chunk.events - before.done), size - chunk.size)


def refused(connection: sa.Connection, stream_id: str) -> list[Refused]:
    """The refused records that are kept, newest first."""
    statement = sa.select(*_refused).where(stream_refused.c.stream_id == stream_id)
    return [Refused(*row) for row in connection.execute(statement.order_by(stream_refused.c.seq.desc()))]


def forget_refused(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """Delete refused records."""
    if seqs:
        connection.execute(sa.delete(stream_refused).where(among(connection, stream_refused.c.seq, seqs)))


def _remove(connection: sa.Connection, stream_id: str, seqs: Sequence[int]) -> Gone:
    if not seqs:
        return Gone(0, 0)
    table = stream_backlog.c
    mine = sa.and_(table.stream_id == stream_id, among(connection, table.seq, seqs))
    left = connection.execute(sa.select(table.events - table.done, table.size).where(mine)).all()
    connection.execute(sa.delete(stream_backlog).where(mine))
    return Gone(sum(events for events, _ in left), sum(size for _, size in left))


def _advance(connection: sa.Connection, stream_id: str, chunk: Chunk, done: int) -> int:
    table = stream_backlog.c
    # One that was replaced meanwhile counts its events anew: what is left of it comes once more.
    unchanged = sa.and_(table.events == chunk.events, table.size == chunk.size)
    mine = sa.and_(table.stream_id == stream_id, table.seq == chunk.seq, unchanged)
    before: int | None = connection.scalar(sa.select(table.done).where(mine))
    if before is None or done <= before:
        return 0
    connection.execute(sa.update(stream_backlog).where(mine).values(done=done))
    return done - before


def _lose(connection: sa.Connection, app_id: str, stream_id: str, seqs: Sequence[int]) -> Gone:
    if not seqs:
        return Gone(0, 0)
    _lock(connection, app_id)
    gone = _remove(connection, stream_id, seqs)
    mine = sa.update(stream_progress).where(stream_progress.c.app_id == app_id)
    changed = {
        "waiting": stream_progress.c.waiting - gone.events,
        "bytes": stream_progress.c.bytes - gone.bytes,
        "lost": stream_progress.c.lost + gone.events,
    }
    connection.execute(mine.values(changed))
    return gone


def _lock(connection: sa.Connection, app_id: str) -> None:
    connection.execute(sa.select(stream_progress.c.app_id).where(stream_progress.c.app_id == app_id).with_for_update())


def _enough(connection: sa.Connection, stream_id: str, size: int) -> list[int]:
    """The oldest rows of a stream that have so many bytes together."""
    mine = sa.select(stream_backlog.c.seq, stream_backlog.c.size).where(stream_backlog.c.stream_id == stream_id)
    seqs = []
    for row in connection.execute(mine.order_by(stream_backlog.c.seq).limit(_DROP_ROWS)):
        if size <= 0:
            break
        seqs.append(row.seq)
        size -= row.size
    return seqs


def _set_aside(connection: sa.Connection, stream_id: str, refusals: Sequence[Refusal], now_ms: int) -> None:
    if not refusals:
        return
    rows = [{"stream_id": stream_id, "at_ms": now_ms, **one._asdict()} for one in refusals[-MOST_REFUSED:]]
    connection.execute(sa.insert(stream_refused), rows)
    mine = sa.select(stream_refused.c.seq).where(stream_refused.c.stream_id == stream_id)
    gone = list(connection.scalars(mine.order_by(stream_refused.c.seq.desc()).offset(MOST_REFUSED)))
    forget_refused(connection, gone)
