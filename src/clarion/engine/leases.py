"""Leases: the right to do something alone, which ends by itself when its holder dies.

`Leadership` is a named lease row, for what one process at a time shall do. Expiry is judged in real time,
also on a virtual clock: it is about processes, not about the product's calendar. A lease saves double work;
it is not what correctness rests on, since a process may be halted and wake up later than its lease. Whoever
completes something must therefore find its own token still in place (`LeaseLost` when not). Machines that share
a database need clocks that agree to within a second or two, as any time service keeps them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock
from clarion.core.errors import Conflict
from clarion.core.ids import Ids
from clarion.store.database import Database
from clarion.store.schema import metadata

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("expires_ms", sa.BigInteger, nullable=False),
)

_log = structlog.get_logger(__name__)


class LeaseLost(Conflict):
    """The lease has passed to somebody else, or what was leased is gone: undo, do not complete."""


class Leadership:
    """The named right, as one process sees it. `real` is real time; `seconds` how long a lease lasts."""

    def __init__(self, database: Database, name: str, *, real: Clock, ids: Ids, seconds: float = 5.0) -> None:
        self.name = name
        self.seconds = seconds
        self._database = database
        self._owner = ids.hex32()
        self._real = real
        self._until_ms = 0

    def hold(self) -> bool:
        """Whether this process holds the lease now; takes it when it is free, renews it in good time."""
        left_ms = self._until_ms - self._real.now_ms()
        if left_ms > self.seconds * 1000 * 2 / 3:
            return True
        return self.renew()

    def renew(self) -> bool:
        """Take or extend the lease; False when another process holds it."""
        now = self._real.now_ms()
        until = now + round(self.seconds * 1000)

        def take(connection: sa.Connection) -> bool:
            statement = self._database.insert(leases).values(name=self.name, owner=self._owner, expires_ms=until)
            statement = statement.on_conflict_do_update(
                index_elements=[leases.c.name],
                set_={"owner": self._owner, "expires_ms": until},
                where=sa.or_(leases.c.owner == self._owner, leases.c.expires_ms <= now),
            )
            return connection.execute(statement.returning(leases.c.name)).first() is not None

        held = self._database.write(take)
        self._until_ms = until if held else 0
        return held

    def release(self) -> None:
        """Let another process take over at once."""
        self._until_ms = 0
        mine = sa.delete(leases).where(leases.c.name == self.name, leases.c.owner == self._owner)
        self._database.write(lambda connection: connection.execute(mine).rowcount)


class Heartbeat:
    """Calls `beat` every `seconds` on a thread of its own, from `start` to `stop`. Errors are logged."""

    def __init__(self, name: str, seconds: float, beat: Callable[[], object]) -> None:
        self._beat = beat
        self._seconds = seconds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{name}-heartbeat", daemon=True)

    def start(self) -> None:
        """Begin; does nothing when it has begun already."""
        if not self._thread.is_alive() and not self._stopping.is_set():
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(self._seconds):
            try:
                self._beat()
            except Exception as error:
                _log.warning("leases.heartbeat_failed", thread=self._thread.name, error=str(error))


def alive(connection: sa.Connection, names: Collection[str], real_ms: int) -> set[str]:
    """Which of these named leases somebody holds at `real_ms` (real time)."""
    held = sa.select(leases.c.name).where(leases.c.name.in_(names), leases.c.expires_ms > real_ms)
    return set(connection.scalars(held))


def forget(connection: sa.Connection, prefix: str, before_ms: int) -> None:
    """Delete leases that expired before `before_ms` (real time) and whose names begin so: their holders died."""
    begins = leases.c.name.startswith(prefix, autoescape=True)
    connection.execute(sa.delete(leases).where(begins, leases.c.expires_ms < before_ms))
