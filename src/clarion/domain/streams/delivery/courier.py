"""One stream's turns in this process.

    take the lease ─→ read a portion of the backlog ─→ send batches ─→ write down what is through ─→ rest
                            ↑            │                  │                   │
                            └── the next ┼──────────────────┼───────────────────┘ until the turn is over
                                         │                  └→ failed: when to try again; what is too old is dropped
                                         └→ too little for a batch, and not yet old enough: rest until it is

Between turns the lease is given back, unless part of a batch was taken behind a record that was not: who has been sent
what is then known here only, and another process would send all of it again. When this one dies that is what happens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from threading import Event

import msgspec
import sqlalchemy as sa
import structlog

from clarion.channels.streaming.port import Destination, Limits, Record, StreamFailed
from clarion.core.clock import HOUR_MS, Clock, perf_seconds
from clarion.core.errors import ClarionError, Invalid, Unavailable
from clarion.domain.streams import backlog, turns
from clarion.domain.streams.backlog import Chunk, Gone, Settled
from clarion.domain.streams.delivery.portion import Portion
from clarion.domain.streams.metrics import StreamMetrics
from clarion.domain.streams.model import Lost
from clarion.domain.streams.packing import unpack, unpacked_size
from clarion.domain.streams.records import records_of
from clarion.domain.streams.store import StreamRow
from clarion.domain.streams.turns import Failure
from clarion.engine.backoff import Backoff
from clarion.engine.leases import LeaseLost
from clarion.store.database import Database

LEASE_MS = 6_000
TURN_SECONDS = 2.0
"""How long a stream may go on while others may be waiting for a thread; twice as long to finish what it has read."""
SAVE_SECONDS = 0.5
PORTION_EVENTS = 10_000
PORTION_BYTES = 4_000_000
"""How much of a backlog is read at once, packed; more when the destination takes larger batches."""
PORTION_MEMORY = 20_000_000
"""The same, unpacked: events that are all alike pack a hundredfold."""
MOST_DROPS = 20

MISCONFIGURED = "InvalidDestination"
INTERNAL = "InternalFailure"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What couriers of a process share. `owner` names the process; `hours` is how long failing is put up with."""

    database: Database
    open: Callable[[StreamRow], Destination]
    clock: Clock
    real: Clock
    backoff: Backoff
    metrics: StreamMetrics
    owner: str
    hours: int
    stopping: Event


class Courier:
    """Carries a project's events out. One thread at a time; `close` may come from any."""

    def __init__(self, app_id: str, tools: Tools) -> None:
        self.app_id = app_id
        self.rested = perf_seconds()
        """When the last turn ended."""
        self._tools = tools
        self._stream: StreamRow | None = None
        self._destination: Destination | None = None
        self._portion: Portion | None = None
        self._attempts = 0
        self._saved = 0.0

    @property
    def torn(self) -> bool:
        """Whether this courier alone knows what has been sent: it should not be forgotten."""
        return self._portion is not None and self._portion.torn

    def turn(self) -> None:
        """Deliver what waits, for a while. Raises nothing: what fails is tried again when it is due."""
        try:
            self._turn()
        except LeaseLost:
            _log.warning("streams.lease_lost", app=self.app_id)
            self.forget()
        except Unavailable as error:
            # The state database; of a destination it is a failure that was written down.
            _log.warning("streams.turn_broken_off", app=self.app_id, error=error.message)
            self._portion = None
        except Exception:
            _log.exception("streams.turn_failed", app=self.app_id)
            self._portion = None
            self._put_off()
        finally:
            self.rested = perf_seconds()

    def forget(self) -> None:
        """Let go of the destination and of what is in hand."""
        self._portion = None
        self._stream = None
        self.close()

    def close(self) -> None:
        """Let go of the destination; a send under way fails soon."""
        destination, self._destination = self._destination, None
        if destination is not None:
            try:
                destination.close()
            except Exception:
                _log.exception("streams.close_failed", app=self.app_id)

    def _turn(self) -> None:
        stream = self._take()
        if stream is None:
            self.forget()
            return
        if self._stream is None or (self._stream.stream_id, self._stream.number) != (stream.stream_id, stream.number):
            self.forget()
        self._stream = stream
        try:
            self._deliver(stream, self._way_out(stream))
        except StreamFailed as error:
            self._fail(stream, error)

    def _deliver(self, stream: StreamRow, destination: Destination) -> None:
        limits = destination.limits
        ends = perf_seconds() + TURN_SECONDS
        self._saved = perf_seconds()
        while True:
            portion = self._portion = self._portion or self._read(stream, limits)
            if portion is None:
                self._rest(stream, limits)
                return
            until_ms = self._lingers(portion, limits)
            if until_ms:
                self._rest(stream, limits, until_ms)
                return
            self._send(portion, destination)
            late = perf_seconds() - ends
            over = self._tools.stopping.is_set() or late > (TURN_SECONDS if portion.left else 0)
            if over or (portion.last and not portion.left):
                self._rest(stream, limits)
                return
            if not portion.left:
                self._save(stream, portion)
                self._portion = None
            elif perf_seconds() - self._saved > SAVE_SECONDS:
                self._save(stream, portion)

    def _send(self, portion: Portion, destination: Destination) -> None:
        """Send a batch. Raises StreamFailed also when only some of it failed and can be sent again."""
        batch = portion.batch()
        if not batch:
            return
        try:
            failed = destination.send(portion.records(batch))
        except StreamFailed as error:
            self._tools.metrics.failed(error.code, len(batch))
            raise
        except Exception as error:
            _log.exception("streams.destination_failed", app=self.app_id)
            self._tools.metrics.failed(INTERNAL, len(batch))
            raise StreamFailed(INTERNAL, f"{type(error).__name__} while sending") from error
        taken = portion.took(batch, failed)
        self._tools.metrics.exported.inc(taken.records)
        for one in taken.failures:
            self._tools.metrics.failed(one.code, 1)
        if taken.records:
            self._attempts = 0
        again = [one for one in taken.failures if not one.final]
        if again:
            raise StreamFailed(again[0].code, f"{len(again)} of {len(batch)} records: {again[0].message}")

    # --- the backlog

    def _take(self) -> StreamRow | None:
        tools = self._tools
        real = tools.real.now_ms()

        def work(connection: sa.Connection) -> StreamRow | None:
            stream = turns.take(connection, self.app_id, tools.owner, real, real + LEASE_MS)
            self._attempts = turns.attempts(connection, self.app_id)
            portion = self._portion
            # Rows may have been dropped for room, or people erased from them.
            if stream and portion and not backlog.still(connection, stream.stream_id, portion.chunks_left):
                self._portion = None
            return stream

        return tools.database.write(work)

    def _read(self, stream: StreamRow, limits: Limits) -> Portion | None:
        events, size = max(PORTION_EVENTS, limits.records), PORTION_BYTES
        chunks, more = self._tools.database.read(
            lambda connection: backlog.oldest(connection, stream.stream_id, events, size)
        )
        if not chunks:
            return None
        few = _within(chunks, max(PORTION_MEMORY, limits.bytes))
        more = more or len(few) < len(chunks)
        return Portion(few, [self._records(chunk) for chunk in few], limits, last=not more)

    def _records(self, chunk: Chunk) -> list[Record]:
        try:
            return [record for piece in unpack(chunk.body) for record in records_of(piece)]
        except (msgspec.DecodeError, OSError, ValueError):
            _log.exception("streams.row_not_readable", app=self.app_id, row=chunk.seq, events=chunk.events)
            return []

    def _save(self, stream: StreamRow, portion: Portion) -> None:
        settled = portion.settle()
        self._tools.database.write(lambda connection: self._settle(connection, stream, settled))
        self._saved = perf_seconds()

    def _settle(self, connection: sa.Connection, stream: StreamRow, settled: Settled) -> None:
        backlog.settle(connection, stream, self._tools.owner, settled, self._tools.clock.now_ms())

    # --- how a turn ends

    def _rest(self, stream: StreamRow, limits: Limits, linger_ms: int = 0) -> None:
        """All is well: write down what is through, and let go unless what was sent is known here only."""
        portion = self._portion
        settled = portion.settle() if portion is not None else Settled(())
        torn = portion is not None and portion.torn

        def work(connection: sa.Connection) -> None:
            self._settle(connection, stream, settled)
            turns.calm(connection, self.app_id, linger_ms, limits.records if limits.linger_seconds else 0)
            if not torn:
                turns.let_go(connection, self._tools.owner, self.app_id)

        self._tools.database.write(work)
        if not torn:
            self._portion = None

    def _fail(self, stream: StreamRow, error: StreamFailed) -> None:
        """Write down what is through, what went wrong and when to try again; drop what is too old by now."""
        tools, portion = self._tools, self._portion
        now = tools.clock.now_ms()
        self._attempts += 1
        delay_ms = tools.backoff.delay_ms(self._attempts)
        if error.retry_after_seconds is not None:
            delay_ms = max(delay_ms, min(round(error.retry_after_seconds * 1000), HOUR_MS))
        failure = Failure(error.code, error.message, self._attempts, now + max(1, delay_ms))
        settled = portion.settle() if portion is not None else Settled(())
        torn = portion is not None and portion.torn
        lost: list[Gone] = []

        def work(connection: sa.Connection) -> None:
            lost.clear()
            self._settle(connection, stream, settled)
            turns.fail(connection, self.app_id, failure, now)
            for _ in range(MOST_DROPS):
                gone = backlog.drop_older(connection, stream, now - tools.hours * HOUR_MS)
                if not gone.events:
                    break
                lost.append(gone)
            if not torn:
                turns.let_go(connection, tools.owner, self.app_id)

        tools.database.write(work)
        if not torn:
            self._portion = None
        if self._attempts == 1:
            _log.warning("streams.failing", app=self.app_id, code=error.code, error=error.message)
        if lost:
            total = Gone(sum(gone.events for gone in lost), sum(gone.bytes for gone in lost))
            tools.metrics.lost(self.app_id, Lost.TOO_OLD, total)

    def _put_off(self) -> None:
        """After what should not happen: not again at once."""
        stream = self._stream
        if stream is None:
            return
        try:
            self._fail(stream, StreamFailed(INTERNAL, "an internal error; the log has it"))
        except ClarionError as error:
            _log.warning("streams.not_put_off", app=self.app_id, error=error.message)

    def _way_out(self, stream: StreamRow) -> Destination:
        if self._destination is None:
            try:
                self._destination = self._tools.open(stream)
            except (Invalid, Unavailable) as error:
                raise StreamFailed(MISCONFIGURED, error.message, final=True) from error
        return self._destination

    def _lingers(self, portion: Portion, limits: Limits) -> int:
        """Until when (Unix ms) what is left waits for more to come, 0 when it goes at once."""
        if not limits.linger_seconds or not portion.last or portion.left >= limits.records or portion.torn:
            return 0
        until_ms = portion.oldest_ms + round(limits.linger_seconds * 1000)
        if until_ms <= self._tools.clock.now_ms() or portion.bytes_left >= limits.bytes:
            return 0
        return until_ms


def _within(chunks: Sequence[Chunk], most: int) -> list[Chunk]:
    """The first of them, one at least, while they have no more bytes than that unpacked."""
    sizes = accumulate(unpacked_size(chunk.body) for chunk in chunks)
    return [chunk for number, (chunk, size) in enumerate(zip(chunks, sizes, strict=True)) if not number or size <= most]
