"""Lanes: what moves messages from the outbox through a transport into the record.

One step of a lane is lease, hand over, record. Several lanes of a channel overlap those steps; they share the
transport and the channel's rate. A lane that died while handing over leaves rows behind that another takes
over, and `unrecorded_handover` decides whether their messages are handed over again or given up as unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Literal, NamedTuple

import sqlalchemy as sa
import structlog

from clarion.channels.port import Outcome, Outgoing
from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.events.model import EventRow
from clarion.domain.messaging import outbox, outcomes
from clarion.domain.messaging.loop import TransportLoop
from clarion.domain.messaging.model import Envelope, LaneName, decode_envelope
from clarion.domain.messaging.outbox import Leased
from clarion.engine.backoff import Backoff
from clarion.engine.leases import Heartbeat, Leadership, alive, forget
from clarion.engine.rates import TokenBucket
from clarion.store.database import Database

BATCH = 1_000
LEASE_SECONDS = 5.0
LANE_PREFIX = "lane."
FORGET_MS = 60 * 60_000
HOLD_BACK = 20_000
"""Messages that wait in a channel before planners are parked; they go on at half of it."""

Holds = Literal["leased", "resend", "skip"]
"""What a lane has leased: its own messages, or those of a dead lane and what becomes of them."""

Encode = Callable[[Sequence[EventRow]], Callable[[sa.Connection], None]]
Enqueue = Callable[[sa.Connection, str, bytes, str | None], None]
Dress = Callable[[Outgoing], Outgoing]

_log = structlog.get_logger(__name__)


class Handed(NamedTuple):
    """A batch that was handed over and has to be recorded; no outcome for those whose time was over."""

    batch: Sequence[Leased]
    envelopes: Sequence[Envelope]
    results: Sequence[Outcome | None]
    retry: bool = True


class Lane:
    """One pump of a lane of the outbox (`channel`).

    `record` encodes events and answers what appends them, `enqueue` takes the job of a group that has run dry,
    `dress` puts the last touches on a message at hand-over (tracking). Several lanes may share a `loop` and a
    `bucket`; each has its own name and lease, by which others see that it is alive.
    """

    def __init__(
        self,
        channel: LaneName,
        number: int,
        *,
        database: Database,
        loop: TransportLoop,
        bucket: TokenBucket,
        record: Encode,
        enqueue: Enqueue,
        dress: Dress,
        settings: Settings,
        clock: Clock,
        real: Clock,
        ids: Ids,
    ) -> None:
        self.name = f"{LANE_PREFIX}{channel}.{number}"
        self.channel = channel
        self._database = database
        self._loop = loop
        self._bucket = bucket
        self._record = record
        self._enqueue = enqueue
        self._dress = dress
        self._settings = settings
        self._clock = clock
        self._real = real
        self._ids = ids
        self._owner = f"{self.name}.{ids.hex32()[:12]}"
        self._backoff = Backoff(ids)
        self._leadership = Leadership(database, self._owner, real=real, ids=ids, seconds=LEASE_SECONDS)
        self._heartbeat = Heartbeat(self._owner, LEASE_SECONDS / 3, self._leadership.renew)
        self._wake: Callable[[], None] = lambda: None
        self._looked_ms = 0
        self._alive = False
        self._holds: Holds | None = None
        self._handed: Handed | None = None

    def attach(self, wake: Callable[[], None]) -> None:
        """Take the function that calls this lane's thread."""
        self._wake = wake

    def wake(self) -> None:
        """There is something in the outbox."""
        self._wake()

    def step(self) -> int:
        """Hand over one batch; answers how many messages were dealt with."""
        if self._handed is not None:
            return self._settle(self._handed)
        if self._holds is None:
            seen = self._database.read(lambda connection: outbox.glance(connection, self.channel))
            self._take(seen.due_ms)
            if self._holds is None:
                return self._database.write(self._unpark) if seen.parked else 0
        return self._go_on(self._holds)

    def next_due_ms(self) -> int | None:
        due = self._database.read(lambda connection: outbox.next_due(connection, self.channel))
        if due is None:
            return None
        wait = self._bucket.wait_ms()
        return max(due, self._clock.now_ms() + wait) if wait else due

    def outstanding(self) -> int:
        if self._bucket.wait_ms():
            return 0
        return self._database.read(lambda c: outbox.unfinished(c, self.channel, self._clock.now_ms()))

    def stop(self, timeout_seconds: float) -> None:
        """Let other lanes see at once that this one is gone."""
        self._heartbeat.stop()
        if self._alive:
            self._leadership.release()

    def _show_life(self) -> None:
        """Let other lanes see that this one lives, before it holds a message. A lane without work writes nothing."""
        if not self._alive:
            before_ms = self._real.now_ms() - FORGET_MS
            self._database.write(lambda connection: forget(connection, LANE_PREFIX, before_ms))
            self._heartbeat.start()
            self._alive = True
        self._leadership.hold()

    def _take(self, due_ms: int | None) -> None:
        """Get hold of messages, if there are any: first those of a lane that died. `due_ms`: the earliest other's."""
        if dead := self._dead():
            self._show_life()
            self._holds = "resend" if self._settings.unrecorded_handover == "resend" else "skip"
            taken = self._database.write(lambda c: outbox.take_over(c, self.channel, dead, self._owner, BATCH))
            if taken:
                _log.warning("lane.taken_over", lane=self.name, messages=taken)
                return
            self._holds = None  # others were faster
        if due_ms is None or due_ms > self._clock.now_ms():
            return
        granted = self._bucket.take(BATCH)
        if granted:
            self._show_life()
            # From now on: if the answer is lost, they may be ours all the same.
            self._holds = "leased"
            now = self._clock.now_ms()
            leased = self._database.write(
                lambda c: outbox.lease(self._database, c, self.channel, self._owner, now, granted)
            )
            self._bucket.put_back(granted - leased)
            self._holds = "leased" if leased else None

    def _go_on(self, holds: Holds) -> int:
        """Hand over what this lane holds, or give it up when a dead lane may have handed it over already."""
        batch = self._database.read(lambda connection: outbox.held(connection, self._owner))
        if holds == "skip":
            return self._give_up(batch)
        if holds == "resend":
            return self._hand_over(batch)
        now = self._clock.now_ms()
        return self._hand_over(batch, {row.seq for row in batch if row.expires_ms is not None and row.expires_ms < now})

    def _dead(self) -> str | None:
        """A dead lane that was handing over messages; looked for every few seconds of real time."""
        now = self._real.now_ms()
        if now - self._looked_ms < LEASE_SECONDS * 1000 / 2:
            return None
        self._looked_ms = now

        def look(connection: sa.Connection) -> str | None:
            owners = outbox.owners(connection, self.channel) - {self._owner}
            return min(owners - alive(connection, owners, now), default=None) if owners else None

        dead = self._database.read(look)
        if dead is not None:
            self._looked_ms = 0  # it may have left more
        return dead

    def _hand_over(self, batch: Sequence[Leased], late: Collection[int] = ()) -> int:
        """Hand a batch over but for those rows that are too `late`, by number."""
        envelopes = [decode_envelope(row.body) for row in batch]
        going = [envelope for row, envelope in zip(batch, envelopes, strict=True) if row.seq not in late]
        sent = iter(self._sent(going) if going else ())
        results = [None if row.seq in late else next(sent) for row in batch]
        self._handed = Handed(batch, envelopes, results)
        return self._settle(self._handed)

    def _sent(self, envelopes: Sequence[Envelope]) -> list[Outcome]:
        """What came of handing the messages over; a transport that breaks its word leaves that open for all."""
        try:
            messages = [self._dress(envelope.message) for envelope in envelopes]
            results = self._loop.send(messages)
            if len(results) == len(envelopes):
                return results
            problem = f"{len(results)} outcomes for {len(envelopes)} messages"
        except Exception as error:
            _log.exception("lane.transport_failed", lane=self.name)
            problem = f"{type(error).__name__}: {error}"
        return [Outcome("temporary", f"the transport failed: {problem}", uncertain=True)] * len(envelopes)

    def _give_up(self, batch: Sequence[Leased]) -> int:
        """Record messages whose hand-over was interrupted as unknown, without handing them over again."""
        unknown = Outcome("temporary", "interrupted while being handed over; not sent again", uncertain=True)
        envelopes = [decode_envelope(row.body) for row in batch]
        self._handed = Handed(batch, envelopes, [unknown] * len(batch), retry=False)
        return self._settle(self._handed)

    def _settle(self, handed: Handed) -> int:
        """Record what came of a batch. If that fails, `handed` stays, and the next step tries again."""
        now = self._clock.now_ms()
        done: list[tuple[Leased, list[EventRow]]] = []
        again: list[tuple[int, int]] = []
        for row, envelope, outcome in zip(handed.batch, handed.envelopes, handed.results, strict=True):
            if outcome is None:
                done.append((row, [outcomes.expired(envelope, at_ms=now)]))
                continue
            due = now + self._backoff.delay_ms(row.attempts)
            if handed.retry and self._retries(row, outcome, due):
                again.append((row.seq, due))
            else:
                done.append((row, list(outcomes.final(envelope, outcome, at_ms=now))))

        record = self._record([event for _, found in done for event in found])

        def finish(connection: sa.Connection) -> None:
            ours = outbox.release(connection, self._owner, [row.seq for row in handed.batch])
            outbox.retry(connection, [(seq, due) for seq, due in again if seq in ours])
            mine = [(row, found) for row, found in done if row.seq in ours]
            outbox.delete(connection, [row.seq for row, _ in mine])
            if len(mine) == len(done):
                record(connection)
            else:
                self._record([event for _, found in mine for event in found])(connection)
            for _, kind, args in outbox.drained(connection, {row.group_id for row, _ in mine}):
                self._enqueue(connection, kind, args, None)
            self._unpark(connection)

        self._database.write(finish)
        self._handed = self._holds = None
        return len(handed.batch)

    def _unpark(self, connection: sa.Connection) -> int:
        parked = outbox.unpark(connection, self.channel, HOLD_BACK // 2)
        for key, kind, args in parked:
            self._enqueue(connection, kind, args, key)
        return len(parked)

    def _retries(self, row: Leased, outcome: Outcome, due_ms: int) -> bool:
        if outcome.status not in ("temporary", "throttled") or row.attempts >= self._settings.delivery_attempts:
            return False
        return row.expires_ms is None or due_ms <= row.expires_ms
