"""One thread of a channel: what moves messages from the outbox through a provider into the record.

One step is lease, hand over, record; a batch is of one lane. Several pumps of a channel overlap those steps; they
share the way out and the turns. A pump that died while handing over leaves rows behind that another takes
over, and `unrecorded_handover` decides whether their messages are handed over again or given up as unknown.

    handed over     recorded, and gone from the outbox
    temporary       back, with back-off, so many times; not if somebody waits to be told of it (`awaited`)
    by the provider's fault   at once to the next provider that is well; without one back to its lane, which rests: the
                    attempt does not count
    refused meanwhile   not handed over; its events say why (`lanes.looking`)
    older than `outage_hours`   attempts that do not count come to an end
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, NamedTuple

import sqlalchemy as sa
import structlog

from clarion.channels.port import Outcome, Outgoing
from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.core.settings import Settings
from clarion.domain.events.model import EventRow
from clarion.domain.messaging import outbox, outcomes
from clarion.domain.messaging.lanes import figures, states
from clarion.domain.messaging.lanes.looking import Look, kept_back
from clarion.domain.messaging.lanes.names import lane_of, moved, priority_of, queue_of
from clarion.domain.messaging.lanes.states import States
from clarion.domain.messaging.lanes.turns import Turn, Turns
from clarion.domain.messaging.model import Envelope, LaneName, decode_envelope
from clarion.domain.messaging.outbox import Again, Leased
from clarion.engine.backoff import Backoff
from clarion.engine.leases import Heartbeat, Leadership, alive, forget
from clarion.store.database import Database

BATCH = 1_000
LEASE_SECONDS = 5.0
LANE_PREFIX = "lane."
FORGET_MS = 60 * 60_000
HOLD_BACK = 20_000
"""Messages that wait in a channel's lanes that are well before planners are parked; they go on at half of it."""

Holds = Literal["leased", "resend", "skip"]
"""What a lane has leased: its own messages, or those of a dead lane and what becomes of them."""

Encode = Callable[[Sequence[EventRow]], Callable[[sa.Connection], None]]
Enqueue = Callable[[sa.Connection, str, bytes, str | None], None]
Dress = Callable[[Outgoing], Outgoing]
Awaited = Callable[[str], bool]
"""Whether somebody takes what became of a message, by its id, as final."""
Settled = Callable[[sa.Connection, Sequence[tuple[Envelope, Outcome]]], None]
"""Told what came of messages, in the transaction that records it."""

HOUR_MS = 3_600_000

_log = structlog.get_logger(__name__)


class Handed(NamedTuple):
    """A batch that was handed over and has to be recorded; no outcome for those that were not: whose time was over,
    or who get it no more (`refused`: their events, by number)."""

    batch: Sequence[Leased]
    envelopes: Sequence[Envelope]
    results: Sequence[Outcome | None]
    retry: bool = True
    refused: Mapping[int, Sequence[EventRow]] = MappingProxyType({})


class LanePump:
    """One pump of a channel.

    `record` encodes events and answers what appends them, `enqueue` takes the job of a group that has run dry,
    `dress` puts the last touches on a message at hand-over (tracking), `settled` are told what came of messages,
    `looks` are asked about those that waited.
    Pumps of a channel share `turns`; each has its own name and lease, by which others see that it is alive.
    """

    def __init__(
        self,
        channel: LaneName,
        number: int,
        *,
        database: Database,
        turns: Turns,
        record: Encode,
        enqueue: Enqueue,
        dress: Dress,
        settings: Settings,
        clock: Clock,
        real: Clock,
        ids: Ids,
        settled: Sequence[Settled] = (),
        looks: Sequence[Look] = (),
        awaited: Awaited = lambda message_id: False,
    ) -> None:
        self.name = f"{LANE_PREFIX}{channel}.{number}"
        self.channel = channel
        self._database = database
        self._turns = turns
        self._record = record
        self._enqueue = enqueue
        self._dress = dress
        self._settled = settled
        self._looks = looks
        self._awaited = awaited
        self._settings = settings
        self._clock = clock
        self._real = real
        self._ids = ids
        self._owner = f"{self.name}.{ids.hex32()[:12]}"
        turns.owners.add(self._owner)
        self._backoff = Backoff(ids)
        self._leadership = Leadership(database, self._owner, real=real, ids=ids, seconds=LEASE_SECONDS)
        self._heartbeat = Heartbeat(self._owner, LEASE_SECONDS / 3, self._leadership.renew)
        self._wake: Callable[[], None] = lambda: None
        self._looked_ms = 0
        self._alive = False
        self._states = States({})
        self._holds: Holds | None = None
        self._turn: Turn | None = None
        self._handed: Handed | None = None

    def attach(self, wake: Callable[[], None]) -> None:
        """Take the function that calls this lane's thread."""
        self._wake = wake

    def wake(self) -> None:
        """There is something in the outbox."""
        self._wake()

    def rests(self, queue: str) -> bool:
        """Whether nothing of a queue leaves now: its lane rests, or is paused."""
        lane = lane_of(queue)
        return self._turns.rests_until(lane) > self._clock.now_ms() or self._states.of(lane).state == "paused"

    def aside(self, connection: sa.Connection) -> list[str]:
        """The queues whose messages shall hold back no planner: those of lanes that are unwell or paused."""
        found = []
        for one in outbox.ready(connection, self.channel):
            lane = lane_of(one.queue)
            if self._turns.is_unwell(lane) or self._states.of(lane).state == "paused":
                found.append(one.queue)
        return found

    def step(self) -> int:
        """Hand over one batch; answers how many messages were dealt with."""
        if self._handed is not None:
            return self._settle(self._handed)
        if self._holds is None:
            self._turns.way.watch()
            seen, self._states = self._database.read(self._look)
            if elsewhere := self._elsewhere(seen.ready):
                return self._database.write(lambda connection: self._move(connection, *elsewhere))
            self._take(seen.ready)
            if self._holds is None:
                return self._rest(seen.parked)
        return self._go_on(self._holds)

    def next_due_ms(self) -> int | None:
        def first(connection: sa.Connection) -> int | None:
            if outbox.is_empty(connection, self.channel):
                return None
            ready, found = outbox.ready(connection, self.channel), states.load(connection)
            return min((one.due_ms for one in self._turns.open(ready, found)), default=None)

        due = self._database.read(first)
        if due is None:
            return None
        wait = self._turns.wait_ms()
        return max(due, self._clock.now_ms() + wait) if wait else due

    def outstanding(self) -> int:
        if self._turns.wait_ms():
            return 0
        now = self._clock.now_ms()

        def count(connection: sa.Connection) -> int:
            if outbox.is_empty(connection, self.channel):
                return 0
            ready, found = outbox.ready(connection, self.channel), states.load(connection)
            queues = [one.queue for one in self._turns.open(ready, found) if one.due_ms <= now]
            return outbox.unfinished(connection, self.channel, queues, now)

        return self._database.read(count)

    def stop(self, timeout_seconds: float) -> None:
        """Let other lanes see at once that this one is gone."""
        self._heartbeat.stop()
        self._turns.owners.discard(self._owner)
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

    def _look(self, connection: sa.Connection) -> tuple[outbox.Glance, States]:
        return outbox.glance(connection, self.channel), states.load(connection)

    def _elsewhere(self, ready: Sequence[outbox.Ready]) -> tuple[str, str] | None:
        """A queue whose lane people have led elsewhere, and where to."""
        for one in ready:
            lane = lane_of(one.queue)
            target = self._states.of(lane).reroute_to
            if target and (there := moved(lane, target)) != lane:
                return one.queue, queue_of(there, priority_of(one.queue))
        return None

    def _move(self, connection: sa.Connection, queue: str, to: str) -> int:
        return outbox.move(connection, self.channel, queue, to, BATCH)

    def _take(self, ready: Sequence[outbox.Ready]) -> None:
        """Get hold of messages, if there are any: first those of a pump that died."""
        if dead := self._dead():
            self._show_life()
            self._holds = "resend" if self._settings.unrecorded_handover == "resend" else "skip"
            taken = self._database.write(lambda c: outbox.take_over(c, self.channel, dead, self._owner, BATCH))
            if taken:
                _log.warning("lane.taken_over", lane=self.name, messages=taken)
                return
            self._holds = None  # others were faster
        turn = self._turns.take(ready, self._states, BATCH)
        if turn is not None:
            self._turn = turn
            self._show_life()
            # From now on: if the answer is lost, they may be ours all the same.
            self._holds = "leased"
            now = self._clock.now_ms()
            leased = self._database.write(
                lambda c: outbox.lease(self._database, c, self.channel, turn.queue, self._owner, now, turn.most)
            )
            if not leased:
                self._holds = None
                self._end_turn(0)

    def _end_turn(self, used: int) -> None:
        if self._turn is not None:
            self._turns.done(self._turn, used, self._states)
            self._turn = None

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
            owners = outbox.owners(connection, self.channel) - self._turns.owners
            return min(owners - alive(connection, owners, now), default=None) if owners else None

        dead = self._database.read(look)
        if dead is not None:
            self._looked_ms = 0  # it may have left more
        return dead

    def _hand_over(self, batch: Sequence[Leased], late: Collection[int] = ()) -> int:
        """Hand a batch over but for those rows that are too `late`, by number."""
        envelopes = [decode_envelope(row.body) for row in batch]
        timely = {row.seq: one for row, one in zip(batch, envelopes, strict=True) if row.seq not in late}
        retried = {row.seq for row in batch if row.attempts > 1}
        refused = kept_back(self._database, self._looks, timely, self._clock.now_ms(), retried)
        going = timely.keys() - refused.keys()
        rows = [row for row in batch if row.seq in going]
        sent = iter(self._sent(rows, [timely[row.seq] for row in rows]))
        results = [next(sent) if row.seq in going else None for row in batch]
        self._handed = Handed(batch, envelopes, results, refused=refused)
        return self._settle(self._handed)

    def _sent(self, rows: Sequence[Leased], envelopes: Sequence[Envelope]) -> list[Outcome]:
        """What came of handing the messages over, lane by lane: what a dead pump left may be of several."""
        by_lane: dict[str, list[int]] = {}
        for number, row in enumerate(rows):
            by_lane.setdefault(lane_of(row.queue), []).append(number)
        found: dict[int, Outcome] = {}
        for lane, numbers in by_lane.items():
            answers = self._sent_by(lane, [envelopes[number] for number in numbers])
            found.update(zip(numbers, answers, strict=True))
            self._turns.learn(lane, answers)
        return [found[number] for number in range(len(rows))]

    def _sent_by(self, lane: str, envelopes: Sequence[Envelope]) -> list[Outcome]:
        """What a lane answers; a transport that breaks its word leaves that open for all."""
        try:
            messages = [self._dress(envelope.message) for envelope in envelopes]
            results = self._turns.way.send(lane, messages)
            if len(results) == len(envelopes):
                return results
            problem = f"{len(results)} outcomes for {len(envelopes)} messages"
        except Exception as error:
            _log.exception("lane.transport_failed", lane=lane)
            problem = type(error).__name__  # its text may tell more than an event should
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
        again: list[Again] = []
        told: list[tuple[int, Envelope, Outcome]] = []
        for row, envelope, outcome in zip(handed.batch, handed.envelopes, handed.results, strict=True):
            if outcome is None:
                said = handed.refused.get(row.seq)
                done.append((row, [outcomes.expired(envelope, at_ms=now)] if said is None else list(said)))
                continue
            back = self._back(row, envelope, outcome, now) if handed.retry else None
            if back is not None:
                again.append(back)
            else:
                done.append((row, list(outcomes.final(envelope, outcome, at_ms=now))))
                told.append((row.seq, envelope, outcome))

        record = self._record([event for _, found in done for event in found])
        news = self._turns.news()

        def finish(connection: sa.Connection) -> None:
            ours = outbox.release(connection, self._owner, [row.seq for row in handed.batch])
            outbox.retry(connection, [one for one in again if one.seq in ours])
            mine = [(row, found) for row, found in done if row.seq in ours]
            outbox.delete(connection, [row.seq for row, _ in mine])
            if len(mine) == len(done):
                record(connection)
            else:
                self._record([event for _, found in mine for event in found])(connection)
            settled = [(envelope, outcome) for seq, envelope, outcome in told if seq in ours]
            for tell in self._settled if settled else ():
                tell(connection, settled)
            for _, kind, args in outbox.drained(connection, {row.group_id for row, _ in mine}):
                self._enqueue(connection, kind, args, None)
            if news:
                figures.save(self._database, connection, news, self._real.now_ms())
            self._unpark(connection)

        self._database.write(finish)
        self._handed = self._holds = None
        self._end_turn(len(handed.batch))
        return len(handed.batch)

    def _rest(self, parked: bool) -> int:
        """There is nothing to hand over."""
        if news := self._turns.news():
            self._database.write(lambda c: figures.save(self._database, c, news, self._real.now_ms()))
        return self._database.write(self._unpark) if parked else 0

    def _unpark(self, connection: sa.Connection) -> int:
        parked = outbox.unpark(connection, self.channel, HOLD_BACK // 2, lambda: self.aside(connection))
        for key, kind, args in parked:
            self._enqueue(connection, kind, args, key)
        return len(parked)

    def _back(self, row: Leased, envelope: Envelope, outcome: Outcome, now: int) -> Again | None:
        """How a message goes back into the outbox, None when this is its end."""
        if outcome.status in ("sent", "delivered"):
            return None
        blames = outcome.blame != "message"
        if blames and not outcome.uncertain and (lane := self._other(row, envelope, outcome)) is not None:
            return Again(row.seq, now, counts=False, queue=queue_of(lane, priority_of(row.queue)))
        if outcome.status == "permanent" or (
            envelope.origin == "direct" and self._awaited(envelope.message.message_id)
        ):
            return None
        due = now + max(self._backoff.delay_ms(row.attempts), outcome.retry_after_ms or 0)
        innocent = blames or outcome.slows_lane
        if innocent:
            due = max(due, self._turns.rests_until(lane_of(row.queue)))
            if due - envelope.message.sent_at_ms > self._settings.outage_hours * HOUR_MS:
                return None
        elif row.attempts >= self._settings.delivery_attempts:
            return None
        if row.expires_ms is not None and due > row.expires_ms:
            return None
        return Again(row.seq, due, counts=not innocent)

    def _other(self, row: Leased, envelope: Envelope, outcome: Outcome) -> str | None:
        """Another provider's lane that may carry the message now. Only a lane that rests leads back to earlier ones,
        lest a message goes in circles."""
        lane, now = lane_of(row.queue), self._clock.now_ms()
        lanes = list(self._turns.way.lanes(envelope.message))
        place = lanes.index(lane) if lane in lanes else -1
        others = lanes[place + 1 :]
        if outcome.status != "permanent" and self._turns.rests_until(lane) > now:
            others += lanes[: max(place, 0)]
        for other in others:
            if self._turns.rests_until(other) <= now and self._states.of(other).state == "open":
                return other
        return None
