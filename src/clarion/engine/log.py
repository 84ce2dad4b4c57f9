"""The ingest log: append in the request's transaction, deliver in batches, at least once, to idempotent sinks.

    append ─→ ingest_log ─→ plan (rows + token written down) ─→ sinks ─→ finish (rows + batch deleted)
                                  ↑                               │
                                  ├── after a crash, or while ────┤
                                  │   what a sink stands on is    │
                                  │   away: same rows, same token │ refused, for a while (`patience`)
                                  │                               ↓
                                  └───── two halves, each ←── more than one row?
                                         a batch of its own       │ no
                                         with a new token         ↓
                                                               ingest_dead, with the reason

One process consumes at a time (`Leadership`); should two ever do, the token decides who may finish.
A sink that is away (Unavailable) is called again for ever, and later rows wait. Of a batch that it refuses, the rows
at fault are found by halving and set aside; the rest goes on. Every arrow is one transaction, so a crash between any
two finds one batch open, its rows and its token. A sink that raised a refusal must have stored nothing of those rows,
since they come again under another token. Rows of a kind without a sink are set aside too and come back by
themselves when a process that knows the kind takes over.

Who wants to do something of its own once for every row that was taken follows the log (`Follower`): what it writes
is part of the transaction that deletes the rows, so neither a crash nor a repeat loses or doubles it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock, perf_seconds
from clarion.core.errors import Unavailable
from clarion.core.ids import Ids
from clarion.engine import log_batches, log_dead
from clarion.engine.leases import Heartbeat, Leadership, LeaseLost
from clarion.engine.log_batches import Batch, LogRow, ingest_log
from clarion.engine.patience import Patience, is_refusal
from clarion.store.database import Database

__all__ = ["BATCH_BYTES", "BATCH_ROWS", "Follower", "LogConsumer", "LogRow", "Sink", "append", "newest"]

BATCH_ROWS = 2_000
BATCH_BYTES = 16_000_000

_IDLE_SECONDS, _AWAITED_SECONDS = 0.5, 0.15
"""The longest pause between batches, and the shortest while a follower waits for them: each batch has a price, so
that a pause is never less than half of what the batch before it took."""

_APPEND = sa.insert(ingest_log)
_OLDEST = sa.select(sa.func.min(ingest_log.c.id))
_NEWEST = sa.select(sa.func.max(ingest_log.c.id))
_PAUSE_SECONDS = 0.02
_COUNT = sa.select(sa.func.count()).select_from(sa.select(ingest_log.c.id).limit(10_000).subquery())

_log = structlog.get_logger(__name__)


class Sink(Protocol):
    """Takes delivered rows of one kind. The same token always comes with the same rows: do them once."""

    def consume(self, rows: Sequence[LogRow], token: str) -> None: ...


class Follower(Protocol):
    """Looks at rows that their sinks have taken, before they are deleted, and answers what to write then, if anything.

    `follow` may be called again with the same rows; of what it answered, exactly one is carried out. Rows that were
    set aside are shown when they have come back and were taken. What it raises, unless the database is away, is
    logged and holds up nobody: the rows go without it.
    """

    def follow(self, rows: Sequence[LogRow]) -> Follow | None: ...


Follow = Callable[[sa.Connection], None]


class _Refusal(NamedTuple):
    """Rows of one kind that their sink refused."""

    kind: str
    rows: list[LogRow]
    error: Exception


class _Delivery(NamedTuple):
    """What came of one batch: the rows it had, and those that were refused."""

    rows: list[LogRow]
    refusals: list[_Refusal]

    @property
    def refused(self) -> list[int]:
        return sorted(row.id for refusal in self.refusals for row in refusal.rows)

    @property
    def taken(self) -> list[LogRow]:
        refused = {row.id for refusal in self.refusals for row in refusal.rows}
        return [row for row in self.rows if row.id not in refused] if refused else self.rows


def append(connection: sa.Connection, kind: str, body: bytes, *, note: bytes = b"") -> int:
    """Append a row in the caller's transaction; answers its number."""
    key = connection.execute(_APPEND, {"kind": kind, "body": body, "note": note}).inserted_primary_key
    assert key is not None
    return int(key[0])


def newest(connection: sa.Connection) -> int:
    """The number of the newest row that is still in the log, 0 for none: whatever is appended from now on is later.

    On PostgreSQL that holds for what is appended by transactions that begin later.
    """
    found: int | None = connection.scalar(_NEWEST)
    return found or 0


class LogConsumer:
    """The pump that empties the log into `sinks`, a sink for each kind. `real` is real time."""

    name = "ingest"

    def __init__(
        self,
        database: Database,
        sinks: Mapping[str, Sink],
        *,
        real: Clock,
        ids: Ids,
        followers: Sequence[Follower] = (),
        batch_rows: int = BATCH_ROWS,
        batch_bytes: int = BATCH_BYTES,
        lease_seconds: float = 5.0,
        patience: Patience | None = None,
    ) -> None:
        self._database = database
        self._sinks = dict(sinks)
        self.followers = list(followers)
        """Who follows the log; may be added here until the first step."""
        self._real = real
        self._ids = ids
        self._batch_rows = batch_rows
        self._batch_bytes = batch_bytes
        self._turn = threading.Lock()
        self._batch: Batch | None = None
        self._delivered: set[str] = set()
        self._patience = patience or Patience()
        self._leads = False
        self._awaited = False
        self._pause_seconds = _IDLE_SECONDS
        self._leadership = Leadership(database, self.name, real=real, ids=ids, seconds=lease_seconds)
        self._heartbeat = Heartbeat(self.name, lease_seconds / 3, self._beat)

    def step(self) -> int:
        """Deliver one batch; answers its number of rows when a full one is ready behind it, otherwise 0.

        So under steady traffic a pump that pauses on 0 hands over large batches, not many small ones.
        What a sink raises comes out of here, and the batch is delivered again by the next step: for ever when the
        sink is away, for a while when it refuses; then the batch is split or its one row set aside.
        """
        with self._turn:
            if not self._lead():
                return 0
            if self._batch is None and self._oldest() is not None:
                self._batch = self._database.write(self._next_batch)
            if self._batch is None:
                self._pause_seconds = _IDLE_SECONDS
                return 0
            began, self._awaited = perf_seconds(), False
            try:
                delivery = self._deliver(self._batch)
                self._batch = self._after(self._batch, delivery)
            except LeaseLost:
                _log.warning("ingest.lease_lost")
                self._forget()
                return 0
            self._delivered.clear()
            half = (perf_seconds() - began) / 2
            self._pause_seconds = max(_AWAITED_SECONDS, half) if self._awaited else _IDLE_SECONDS
            return len(delivery.rows) if self._batch is not None else 0

    def pause_seconds(self) -> float:
        """How long to wait for rows: shorter when a follower had something to do with the last ones."""
        return self._pause_seconds

    def next_due_ms(self) -> int | None:
        return None

    def outstanding(self) -> int:
        """Rows not yet delivered, counted up to ten thousand."""
        return self._database.read(lambda c: c.scalar(_COUNT) or 0)

    def catch_up(self, timeout_seconds: float = 30.0) -> None:
        """Return when everything appended before the call is in the sinks, whoever consumes the log.

        Steps itself rather than wait for the pump's turn. Raises Unavailable after `timeout_seconds`.
        """
        last = self._database.read(lambda c: c.scalar(_NEWEST))
        deadline = perf_seconds() + timeout_seconds
        pause = threading.Event()
        while last is not None and self._behind(last):
            if perf_seconds() > deadline:
                raise Unavailable("recent events and endpoints have not been processed yet")
            try:
                moved = self.step()
            except Exception as error:
                _log.warning("ingest.catch_up_failed", error=str(error))
                moved = 0
            if not moved and self._behind(last):
                pause.wait(_PAUSE_SECONDS)

    def stop(self, timeout_seconds: float = 5.0) -> None:
        """Give up the lead, so that another process takes over at once."""
        self._heartbeat.stop()
        if not self._turn.acquire(timeout=timeout_seconds):
            return  # a sink does not come back; the lease will expire
        try:
            self._forget()
            if self._leads:
                self._leads = False
                self._leadership.release()
        finally:
            self._turn.release()

    def _lead(self) -> bool:
        """Whether this process consumes the log; on taking over, bring back rows that were set aside."""
        if not self._leadership.hold():
            self._leads = False
            self._forget()
            return False
        if not self._leads:
            back = self._database.write(lambda c: log_dead.bring_back(c, self._sinks.keys()))
            if back:
                _log.info("ingest.brought_back", rows=back)
            self._heartbeat.start()
            self._leads = True
        return True

    def _beat(self) -> None:
        # Only while a batch is in hand: a consumer that no longer steps shall lose the lead.
        if self._batch is not None:
            self._leadership.renew()

    def _forget(self) -> None:
        self._batch = None
        self._delivered.clear()
        self._patience.next(searching=False)

    def _next_batch(self, connection: sa.Connection) -> Batch | None:
        """The open batch, or a new one of whatever waits."""
        return log_batches.open_batch(connection) or self._plan(connection, only_full=False)

    def _after(self, batch: Batch, delivery: _Delivery) -> Batch | None:
        """Finish the batch, or do about it what refusals ask for; answers the next part or full batch if any."""
        refused = delivery.refused
        alone = len(refused) == 1
        if refused and not self._patience.is_up({refusal.kind for refusal in delivery.refusals}, alone=alone):
            raise delivery.refusals[0].error
        if refused:
            refusal = delivery.refusals[0]
            happens = "ingest.set_aside" if alone else "ingest.split"
            say = _log.error if alone else _log.warning
            say(happens, kind=refusal.kind, rows=len(refused), row=refused[0], error=_text(refusal.error))
        followed = self._follow([row for row in delivery.taken if row.kind in self._sinks])
        self._awaited = followed is not None

        def work(connection: sa.Connection) -> tuple[Batch | None, bool]:
            if followed is not None:
                followed(connection)
            if alone:
                error = _text(delivery.refusals[0].error)
                log_dead.set_aside(connection, refused, now_ms=self._real.now_ms(), error=error)
            if len(refused) > 1:
                log_batches.split(connection, batch, refused, (self._ids.hex32(), self._ids.hex32()))
            else:
                log_batches.finish(connection, batch)
            part = log_batches.open_batch(connection)
            return part or self._plan(connection, only_full=True), part is not None

        following, searching = self._database.write(work)
        self._patience.next(searching=searching)
        return following

    def _follow(self, rows: Sequence[LogRow]) -> Follow | None:
        """What the followers want written with the end of these rows."""
        wanted = [follow for one in self.followers if rows and (follow := self._look(one, rows)) is not None]

        def write(connection: sa.Connection) -> None:
            for follow in wanted:
                follow(connection)

        return write if wanted else None

    def _look(self, follower: Follower, rows: Sequence[LogRow]) -> Follow | None:
        try:
            return follower.follow(rows)
        except Exception as error:
            if not is_refusal(error):
                raise
            _log.exception("ingest.not_followed", rows=len(rows), row=rows[0].id)
            return None

    def _plan(self, connection: sa.Connection, *, only_full: bool) -> Batch | None:
        found = log_batches.waiting(connection, self._sinks.keys(), self._batch_rows, self._batch_bytes)
        if found.unknown:
            kinds = sorted({kind for _, kind in found.unknown})
            _log.error("ingest.no_sink", rows=len(found.unknown), kinds=kinds)
            log_dead.set_aside(connection, [row_id for row_id, _ in found.unknown], now_ms=self._real.now_ms())
        if not found.ids or (only_full and not found.full):
            return None
        return log_batches.plan(connection, self._database, self._ids.hex32(), found.ids)

    def _deliver(self, batch: Batch) -> _Delivery:
        """Hand the batch to the sinks, kind by kind, leaving out those that have taken it already.

        Every kind gets its turn, whatever another one refuses. A sink that is away ends it at once.
        """
        rows = self._database.read(lambda connection: log_batches.read(connection, batch))
        kinds: dict[str, list[LogRow]] = {}
        for row in rows:
            kinds.setdefault(row.kind, []).append(row)
        refusals: list[_Refusal] = []
        for kind, of_kind in kinds.items():
            if kind in self._delivered:
                continue
            sink = self._sinks.get(kind)
            if sink is None:
                self._no_sink(kind, [row.id for row in of_kind])
            else:
                try:
                    sink.consume(of_kind, f"{batch.token}-{kind}")
                except Exception as error:
                    if not is_refusal(error):
                        raise
                    _log.warning("ingest.refused", kind=kind, rows=len(of_kind), error=_text(error))
                    refusals.append(_Refusal(kind, of_kind, error))
                    continue
                self._patience.took(kind)
            self._delivered.add(kind)
        return _Delivery(rows, refusals)

    def _no_sink(self, kind: str, ids: list[int]) -> None:
        """Set aside rows in a batch that was planned by a release that knew the kind."""
        _log.error("ingest.no_sink", rows=len(ids), kinds=[kind])
        now_ms = self._real.now_ms()
        self._database.write(lambda connection: log_dead.set_aside(connection, ids, now_ms=now_ms))

    def _oldest(self) -> int | None:
        oldest: int | None = self._database.read(lambda c: c.scalar(_OLDEST))
        return oldest

    def _behind(self, last: int) -> bool:
        oldest = self._oldest()
        return oldest is not None and oldest <= last


def _text(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
