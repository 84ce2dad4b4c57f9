"""In place of transports: lanes that note what leaves."""

from __future__ import annotations

from typing import NamedTuple

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.domain.messaging import outbox
from clarion.domain.messaging.service import Messaging
from clarion.store.database import Database

MOST = 40
"""Messages that leave a lane in one step."""


class Handed(NamedTuple):
    """A message that has left. Unix ms."""

    message_id: str
    channel: str
    group_id: str
    at_ms: int
    body: bytes


_LANES = sa.text("SELECT channel FROM outbox WHERE due_ms <= :now UNION SELECT channel FROM outbox_parked")
_HANDED = sa.table("handed", *(sa.column(name) for name in Handed._fields))


class Lanes:
    """All lanes of a process. A message leaves, and is noted, in the transaction in which the outbox forgets it; that
    the two are one is a matter of the real lanes' own tests."""

    def __init__(self, database: Database, messaging: Messaging, clock: Clock, room: int) -> None:
        self._database = database
        self._messaging = messaging
        self._clock = clock
        self._room = room

    def step(self) -> None:
        """Hand over what is due, and let planners that wait go on."""
        now_ms = self._clock.now_ms()
        for (lane,) in self._database.read(lambda connection: connection.execute(_LANES, {"now": now_ms}).all()):
            self._lane(lane, now_ms)

    def _lane(self, lane: str, now_ms: int) -> None:
        table = outbox.outbox.c
        statement = sa.select(table.seq, table.message_id, table.channel, table.group_id, table.body)
        statement = statement.where(table.channel == lane, table.due_ms <= now_ms).order_by(table.due_ms, table.seq)

        def work(connection: sa.Connection) -> None:
            rows = connection.execute(statement.limit(MOST)).all()
            if rows:
                outbox.delete(connection, [row.seq for row in rows])
                gone = [Handed(row.message_id, lane, row.group_id, now_ms, row.body)._asdict() for row in rows]
                connection.execute(sa.insert(_HANDED), gone)
            for key, kind, args in outbox.unpark(connection, lane, self._room // 2):
                self._messaging.enqueue(connection, kind, args, key)

        self._database.write(work)
