"""Messages that are ready to leave: one row each, from the planner's transaction to the recorded outcome.

    ready --lease--> handing --record--> (row and lease deleted, outcome event written)
      ^                 |
      +---- retry ------+   temporary failure: due later, attempts counted, lease deleted

A message is leased before it is handed over, so that after a crash it is known which messages may have left
without being recorded (settings.unrecorded_handover says what becomes of them). A lease is a row of its own:
the message with its body, some kilobytes, is written once and deleted once.

Within its channel a message waits in a queue: that of its lane and its priority (`lanes.names`). Messages belong to a
group (a campaign run's activity); when a group is closed and its last message is gone, its job is enqueued. The direct
messages of a project are a group as well, and those of a journey, by which they are found, but one that nobody waits
for. Planners that run ahead are parked, and their jobs enqueued again once the lanes have caught up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from clarion.domain.messaging.lanes.names import queue_of
from clarion.engine.leases import LeaseLost
from clarion.store.batches import among as _among
from clarion.store.batches import insert_rows
from clarion.store.database import Database
from clarion.store.schema import BigId, metadata

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("seq", BigId, primary_key=True),
    sa.Column("message_id", sa.String(32), nullable=False, unique=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("queue", sa.String(160), nullable=False, server_default=""),
    sa.Column("group_id", sa.String(64), nullable=False),
    sa.Column("due_ms", sa.BigInteger, nullable=False),
    sa.Column("expires_ms", sa.BigInteger),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_outbox_turn", "channel", "queue", "due_ms", "seq"),
    sa.Index("ix_outbox_group", "group_id"),
)

outbox_leases = sa.Table(
    "outbox_leases",
    metadata,
    sa.Column("seq", BigId, primary_key=True, autoincrement=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("owner", sa.String(64), nullable=False),
)

outbox_groups = sa.Table(
    "outbox_groups",
    metadata,
    sa.Column("group_id", sa.String(64), primary_key=True),
    sa.Column("job_kind", sa.String(64), nullable=False),
    sa.Column("job_args", sa.LargeBinary, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
    sa.Column("held", sa.Boolean, nullable=False),
)

outbox_parked = sa.Table(
    "outbox_parked",
    metadata,
    sa.Column("key", sa.String(128), primary_key=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("job_kind", sa.String(64), nullable=False),
    sa.Column("job_args", sa.LargeBinary, nullable=False),
)


_DIRECT = "direct."
_UNWAITED = (_DIRECT, "journey:")
"""How groups begin that no job follows."""

ASIDE = 10
"""How many times as many messages may wait as planners are used to, while lanes that hold them are ill."""

HELD = 2**52
"""Added to the due time (Unix ms) of messages whose group is held back: a time that never comes."""


class NewRow(NamedTuple):
    """A message to put into the outbox; `body` is `model.Envelope` encoded, `queue` as `lanes.names` makes it."""

    message_id: str
    channel: str
    group_id: str
    due_ms: int
    expires_ms: int | None
    body: bytes
    queue: str = ""


class Waiting(NamedTuple):
    """A message in the outbox, whoever holds it."""

    seq: int
    message_id: str
    group_id: str
    due_ms: int
    body: bytes


class Leased(NamedTuple):
    """A row whose message this lane is handing over; `attempts` counts this one."""

    seq: int
    message_id: str
    group_id: str
    attempts: int
    expires_ms: int | None
    body: bytes
    queue: str


def add(database: Database, connection: sa.Connection, rows: Sequence[NewRow]) -> None:
    """Put messages in. A message id that is in already is left alone: planning twice sends once."""
    if rows:
        statement = database.insert(outbox).on_conflict_do_nothing(index_elements=["message_id"])
        placed = (row if row.queue else row._replace(queue=queue_of(row.channel)) for row in rows)
        insert_rows(connection, statement, _ADDED, [(*row, 0) for row in placed])


_ADDED = (*NewRow._fields, "attempts")
_MESSAGE = (
    outbox.c.seq,
    outbox.c.message_id,
    outbox.c.group_id,
    (outbox.c.attempts + 1).label("attempts"),
    outbox.c.expires_ms,
    outbox.c.body,
    outbox.c.queue,
)
_free = ~sa.exists().where(outbox_leases.c.seq == outbox.c.seq)

# Chosen in a common table expression: PostgreSQL may run a subquery with LIMIT more than once, and lock too much.
_turn = (
    sa.select(outbox.c.seq)
    .where(
        outbox.c.channel == sa.bindparam("lane"),
        outbox.c.queue == sa.bindparam("of_queue"),
        outbox.c.due_ms <= sa.bindparam("now"),
        _free,
    )
    .order_by(outbox.c.due_ms, outbox.c.seq)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("turn")
)
# Without a WHERE, SQLite would take the ON of ON CONFLICT for that of a join.
_chosen = sa.select(_turn.c.seq, sa.bindparam("lane"), sa.bindparam("lease_owner")).where(_turn.c.seq > 0)

_held = sa.select(*_MESSAGE).join(outbox_leases, outbox_leases.c.seq == outbox.c.seq)
_held = _held.where(outbox_leases.c.owner == sa.bindparam("lease_owner")).order_by(outbox.c.seq)
_count = sa.select(sa.func.count(outbox_leases.c.seq)).where(outbox_leases.c.owner == sa.bindparam("lease_owner"))


def lease(
    database: Database, connection: sa.Connection, channel: str, queue: str, owner: str, now_ms: int, most: int
) -> int:
    """Take up to `most` due messages of a channel's queue for `owner`, in order of their due time.

    Answers how many it holds now. `held` reads them: the writer of SQLite, for which all wait, shall not do that.
    """
    statement = (
        database.insert(outbox_leases)
        .from_select(["seq", "channel", "owner"], _chosen)
        .on_conflict_do_nothing(index_elements=["seq"])
    )
    given = {"lane": channel, "of_queue": queue, "now": now_ms, "most": most, "lease_owner": owner}
    connection.execute(statement, given)
    return connection.scalar(_count, {"lease_owner": owner}) or 0


def take_over(connection: sa.Connection, channel: str, dead: str, owner: str, most: int) -> int:
    """Make a dead owner's unrecorded messages `owner`'s; answers how many it holds now."""
    theirs = (
        sa.select(outbox_leases.c.seq)
        .where(outbox_leases.c.channel == channel, outbox_leases.c.owner == dead)
        .order_by(outbox_leases.c.seq)
        .limit(most)
        .with_for_update(skip_locked=True)
        .cte("theirs")
    )
    taken = sa.update(outbox_leases).where(outbox_leases.c.seq.in_(sa.select(theirs.c.seq))).values(owner=owner)
    connection.execute(taken)
    return connection.scalar(_count, {"lease_owner": owner}) or 0


def held(connection: sa.Connection, owner: str) -> list[Leased]:
    """The messages that `owner` has leased; the attempt they are leased for counts."""
    return list(map(Leased._make, connection.execute(_held, {"lease_owner": owner})))


def release(connection: sa.Connection, owner: str, seqs: Sequence[int]) -> set[int]:
    """Give up all of `owner`'s leases; answers those of `seqs` that were its (another lane may have taken over).

    Raises LeaseLost when another takes over at this very moment.
    """
    mine = outbox_leases.c.owner == owner
    count = connection.scalar(_count, {"lease_owner": owner}) or 0
    ours = set(seqs)
    if count != len(ours):
        ours.intersection_update(connection.scalars(sa.select(outbox_leases.c.seq).where(mine)))
    if connection.execute(sa.delete(outbox_leases).where(mine)).rowcount != count:
        raise LeaseLost(f"messages of {owner} are being taken over")
    return ours


def delete(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """Remove recorded messages."""
    connection.execute(sa.delete(outbox).where(_among(connection, outbox.c.seq, seqs)))


class Again(NamedTuple):
    """A message that goes back: when it is due (Unix ms), whether the attempt counts, and its queue if it changes."""

    seq: int
    due_ms: int
    counts: bool = True
    queue: str | None = None


def retry(connection: sa.Connection, back: Iterable[Again]) -> None:
    """Put messages back with a new due time each."""
    wanted = list(back)
    if not wanted:
        return
    again = [
        {"row_seq": one.seq, "row_due": one.due_ms, "row_more": int(one.counts), "row_queue": one.queue}
        for one in wanted
    ]
    connection.execute(
        sa.update(outbox)
        .where(outbox.c.seq == sa.bindparam("row_seq"))
        .values(
            due_ms=sa.bindparam("row_due"),
            attempts=outbox.c.attempts + sa.bindparam("row_more"),
            queue=sa.func.coalesce(sa.bindparam("row_queue", type_=sa.String), outbox.c.queue),
        ),
        again,
    )
    held = sa.select(outbox_groups.c.group_id).where(outbox_groups.c.held)
    these = _among(connection, outbox.c.seq, [one.seq for one in wanted])
    connection.execute(
        sa.update(outbox).where(these, outbox.c.group_id.in_(held)).values(due_ms=outbox.c.due_ms + HELD)
    )


def move(connection: sa.Connection, channel: str, queue: str, to: str, most: int) -> int:
    """Let at most so many messages that nobody holds wait in another queue; answers how many."""
    some = sa.select(outbox.c.seq).where(outbox.c.channel == channel, outbox.c.queue == queue, _free).limit(most)
    return connection.execute(sa.update(outbox).where(outbox.c.seq.in_(some)).values(queue=to)).rowcount


def owners(connection: sa.Connection, channel: str) -> set[str]:
    """Who is handing over messages of this channel, dead or alive."""
    return set(
        connection.scalars(sa.select(outbox_leases.c.owner).where(outbox_leases.c.channel == channel).distinct())
    )


# Asked by every lane at every turn, so they are put together once. The queues of a channel are few, its messages
# many: each queue is found by one step in the index from the one before.
_of_lane = outbox.c.channel == sa.bindparam("lane")
_queues = sa.select(sa.func.min(outbox.c.queue).label("name")).where(_of_lane).cte("queues", recursive=True)
_next = sa.select(sa.func.min(outbox.c.queue)).where(_of_lane, outbox.c.queue > _queues.c.name).scalar_subquery()
_queues = _queues.union_all(sa.select(_next).where(_queues.c.name.is_not(None)))
_first = sa.select(outbox.c.due_ms).where(_of_lane, outbox.c.queue == _queues.c.name, outbox.c.due_ms < HELD, _free)
_first_due = _first.order_by(outbox.c.due_ms).limit(1).scalar_subquery()
_ready = sa.select(_queues.c.name, _first_due).where(_queues.c.name.is_not(None))
_parked = sa.select(sa.exists().where(outbox_parked.c.channel == sa.bindparam("lane")))
_due_now = sa.select(sa.func.count()).select_from(outbox)
_due_now = _due_now.where(
    _of_lane,
    outbox.c.due_ms <= sa.bindparam("now"),
    outbox.c.queue.in_(sa.bindparam("among", expanding=True)),
    _free,
)
_handing = sa.select(sa.func.count()).select_from(outbox_leases).where(outbox_leases.c.channel == sa.bindparam("lane"))
_unfinished = sa.select(_due_now.scalar_subquery() + _handing.scalar_subquery())
_empty = sa.select(~sa.exists().where(_of_lane))
_glimpse = sa.select(sa.exists().where(_of_lane), _parked.scalar_subquery())


class Ready(NamedTuple):
    """A queue, and when the earliest of its messages that nobody holds is due (Unix ms)."""

    queue: str
    due_ms: int


class Glance(NamedTuple):
    """What a channel has to do: its queues in the order of their names, and whether planners wait for it."""

    ready: list[Ready]
    parked: bool


def glance(connection: sa.Connection, channel: str) -> Glance:
    """A look at a channel."""
    some, parked = connection.execute(_glimpse, {"lane": channel}).one()
    return Glance(ready(connection, channel) if some else [], bool(parked))


def ready(connection: sa.Connection, channel: str) -> list[Ready]:
    """The queues of a channel in which messages wait that nobody holds, most urgent first."""
    rows = connection.execute(_ready, {"lane": channel})
    return [Ready(queue, due_ms) for queue, due_ms in rows if due_ms is not None]


def is_empty(connection: sa.Connection, channel: str) -> bool:
    """Whether a channel has no message, ready or held: the least that can be asked."""
    return bool(connection.scalar(_empty, {"lane": channel}))


def among(connection: sa.Connection, message_ids: Sequence[str]) -> set[str]:
    """Those of these messages that are in the outbox: not recorded yet."""
    return set(
        connection.scalars(sa.select(outbox.c.message_id).where(_among(connection, outbox.c.message_id, message_ids)))
    )


def unfinished(connection: sa.Connection, channel: str, queues: Sequence[str], now_ms: int) -> int:
    """How many messages are due in some queues of a channel, or are being handed over in any."""
    return connection.scalar(_unfinished, {"lane": channel, "among": list(queues), "now": now_ms}) or 0


class Queued(NamedTuple):
    """How many messages a queue has, ready or held by lanes, and when the earliest was or is due (Unix ms)."""

    channel: str
    queue: str
    ready: int
    handing: int
    oldest_ms: int | None


def queued(connection: sa.Connection) -> list[Queued]:
    """All queues. Walks through the whole index: for people who look."""
    due = sa.case((outbox.c.due_ms < HELD, outbox.c.due_ms))
    leased = sa.func.count(outbox_leases.c.seq)
    rows = connection.execute(
        sa.select(outbox.c.channel, outbox.c.queue, sa.func.count() - leased, leased, sa.func.min(due))
        .outerjoin(outbox_leases, outbox_leases.c.seq == outbox.c.seq)
        .group_by(outbox.c.channel, outbox.c.queue)
        .order_by(outbox.c.channel, outbox.c.queue)
    )
    return [Queued(*row) for row in rows]


def waiting(connection: sa.Connection, channel: str, most: int, aside: Sequence[str] = ()) -> bool:
    """Whether at least `most` messages of a channel wait: planners hold back then.

    Those in queues `aside` hold nobody back, unless there are `ASIDE` times as many in all.
    """

    def are_there(count: int, *but: sa.ColumnElement[bool]) -> bool:
        rows = sa.select(outbox.c.seq).where(outbox.c.channel == channel, outbox.c.due_ms < HELD, _free, *but)
        counted = sa.select(sa.func.count()).select_from(rows.limit(count).subquery())
        return (connection.scalar(counted) or 0) >= count

    if not aside:
        return are_there(most)
    return are_there(most, outbox.c.queue.not_in(aside)) or are_there(most * ASIDE)


def open_group(database: Database, connection: sa.Connection, group_id: str, job_kind: str, job_args: bytes) -> None:
    """Announce a group and the job that follows its last message."""
    connection.execute(
        database.insert(outbox_groups).on_conflict_do_nothing(index_elements=["group_id"]),
        {"group_id": group_id, "job_kind": job_kind, "job_args": job_args, "closed": False, "held": False},
    )


def close_group(connection: sa.Connection, group_id: str) -> None:
    """Nothing more will be added to the group."""
    connection.execute(sa.update(outbox_groups).where(outbox_groups.c.group_id == group_id).values(closed=True))


def drained(connection: sa.Connection, group_ids: Iterable[str]) -> list[tuple[str, str, bytes]]:
    """Of these groups, the closed ones without messages: removed, and answered as (group, job kind, job args).

    The group rows are locked first, open ones too: of two lanes that delete a group's last messages at once,
    or a lane and whoever closes the group, the second waits here and then sees what the first has done.
    """
    named = sorted({group_id for group_id in group_ids if group_id and not group_id.startswith(_UNWAITED)})
    if not named:
        return []
    found = connection.execute(
        sa.select(outbox_groups)
        .where(outbox_groups.c.group_id.in_(named))
        .order_by(outbox_groups.c.group_id)
        .with_for_update()
    ).all()
    done = []
    for group in found:
        rows = sa.select(outbox.c.seq).where(outbox.c.group_id == group.group_id).limit(1)
        if group.closed and connection.scalar(rows) is None:
            connection.execute(sa.delete(outbox_groups).where(outbox_groups.c.group_id == group.group_id))
            done.append((group.group_id, group.job_kind, group.job_args))
    return done


def park(database: Database, connection: sa.Connection, key: str, channel: str, job_kind: str, job_args: bytes) -> None:
    """Keep a planner's job until the channel's messages have become fewer."""
    row = {"key": key, "channel": channel, "job_kind": job_kind, "job_args": job_args}
    connection.execute(database.insert(outbox_parked).on_conflict_do_nothing(index_elements=["key"]), row)


def unpark(
    connection: sa.Connection, channel: str, most: int, aside: Callable[[], Sequence[str]] = tuple
) -> list[tuple[str, str, bytes]]:
    """Once fewer than `most` messages wait, the parked jobs: removed, and answered as (key, job kind, job args).

    `aside` names the queues that hold nobody back, if that is asked.
    """
    parked = sa.select(outbox_parked.c.key).where(outbox_parked.c.channel == channel).limit(1)
    if connection.scalar(parked) is None or waiting(connection, channel, most, aside()):
        return []
    rows = connection.execute(
        sa.delete(outbox_parked)
        .where(outbox_parked.c.channel == channel)
        .returning(outbox_parked.c.key, outbox_parked.c.job_kind, outbox_parked.c.job_args)
    )
    return [(key, kind, args) for key, kind, args in rows]


def hold_group(connection: sa.Connection, group_id: str) -> int:
    """Keep the group's messages where they are; answers how many. One that is being handed over stays when it fails."""
    connection.execute(sa.update(outbox_groups).where(outbox_groups.c.group_id == group_id).values(held=True))
    ready = sa.and_(outbox.c.group_id == group_id, outbox.c.due_ms < HELD)
    return connection.execute(sa.update(outbox).where(ready).values(due_ms=outbox.c.due_ms + HELD)).rowcount


def free_group(connection: sa.Connection, group_id: str, later_ms: int) -> int:
    """Let the messages of a held group go, each so much later than it was due; answers how many."""
    connection.execute(sa.update(outbox_groups).where(outbox_groups.c.group_id == group_id).values(held=False))
    held = sa.and_(outbox.c.group_id == group_id, outbox.c.due_ms >= HELD)
    later = outbox.c.due_ms - HELD + later_ms
    return connection.execute(sa.update(outbox).where(held).values(due_ms=later)).rowcount


def delete_group(connection: sa.Connection, group_id: str) -> int:
    """Drop what has not been handed over yet (its campaign was deleted); answers how many."""
    return connection.execute(sa.delete(outbox).where(outbox.c.group_id == group_id, _free)).rowcount


def direct_group(app_id: str) -> str:
    """The group of a project's direct messages."""
    return _DIRECT + app_id


def erase_direct(connection: sa.Connection, app_id: str, most: int) -> int:
    """Drop at most so many direct messages of a project that is gone, but those being handed over; answers how many."""
    some = sa.select(outbox.c.seq).where(outbox.c.group_id == direct_group(app_id), _free).limit(most)
    return connection.execute(sa.delete(outbox).where(outbox.c.seq.in_(some))).rowcount


def after(connection: sa.Connection, seq: int, most: int) -> list[Waiting]:
    """The next messages behind number `seq`, of every project and channel."""
    columns = [outbox.c[name] for name in Waiting._fields]
    rows = connection.execute(sa.select(*columns).where(outbox.c.seq > seq).order_by(outbox.c.seq).limit(most))
    return [Waiting(*row) for row in rows]


def drop(connection: sa.Connection, seqs: Sequence[int]) -> None:
    """Remove messages with their leases: whoever is handing one over will neither record nor repeat it."""
    connection.execute(sa.delete(outbox_leases).where(_among(connection, outbox_leases.c.seq, seqs)))
    delete(connection, seqs)
