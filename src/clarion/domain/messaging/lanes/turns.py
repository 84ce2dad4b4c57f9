"""Which lane of a channel is served next, and how well each is doing: shared by the pumps of a channel.

The most urgent messages go first. Among lanes with messages of one priority, the one that fewest pumps are busy with
comes first, and then the one that has waited longest: a provider that is slow keeps some pumps busy, never all of them
while others wait.

A lane whose provider is ill, does not let us in or wants us to slow down rests: longer each time, until something of a
batch gets through.

    well ──a batch fails by the provider's fault──> resting ──time is over──> trying (few messages)
      ^                                                ^────────fails────────────┤
      └──────────────────────────────gets through───────────────────────────────┘
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from clarion.channels.port import Outcome
from clarion.core.clock import Clock, perf_seconds
from clarion.core.ids import Ids
from clarion.domain.messaging.lanes.figures import Figures
from clarion.domain.messaging.lanes.names import lane_of, priority_of
from clarion.domain.messaging.lanes.states import States
from clarion.domain.messaging.lanes.way import Way
from clarion.domain.messaging.outbox import Ready
from clarion.engine.backoff import Backoff
from clarion.engine.rates import TokenBucket

FEW = 10
"""Messages that try whether a provider is well again."""

LONGEST_REST_MS = 60_000
LEAST_REST_MS = 250
THROTTLED_MS = 1_000
FIGURES_SECONDS = 2.0


class Turn(NamedTuple):
    """A pump's next batch: at most `most` messages of a queue."""

    queue: str
    most: int


class _Lane:
    """What this process knows of a lane."""

    def __init__(self) -> None:
        self.busy = 0
        self.served = 0
        self.failures = 0
        self.rests_until_ms = 0
        self.handed = 0
        self.failed = 0
        self.error = ""
        self.error_ms = 0
        self.told = (0, perf_seconds())
        self.rate = 0.0
        self.bucket: tuple[float, TokenBucket] | None = None


class Turns:
    """The lanes of one channel in one process. `bucket` limits the whole channel."""

    def __init__(self, way: Way, bucket: TokenBucket, *, clock: Clock, real: Clock, ids: Ids) -> None:
        self.way = way
        self._bucket = bucket
        self._clock = clock
        self._real = real
        self._owner = ids.hex32()[:12]
        self._backoff = Backoff(ids, cap_ms=LONGEST_REST_MS)
        self._lock = threading.Lock()
        self._lanes: dict[str, _Lane] = {}
        self.owners: set[str] = set()
        """The pumps of this process. They live as long as it does, also when a busy machine keeps them from renewing
        their leases in time: taking over from them would send messages twice."""
        self._served = 0
        self._changed: set[str] = set()
        self._saved = perf_seconds()

    def take(self, ready: Sequence[Ready], states: States, most: int) -> Turn | None:
        """The next batch of whoever asks, who says `done` afterwards; None when nothing may leave now."""
        now = self._clock.now_ms()
        with self._lock:
            for queue in self._in_turn(ready, states, now):
                lane = lane_of(queue)
                known = self._known(lane)
                granted = self._granted(lane, known, states, FEW if known.failures else most)
                if granted:
                    known.busy += 1
                    self._served += 1
                    known.served = self._served
                    return Turn(queue, granted)
        return None

    def done(self, turn: Turn, used: int, states: States) -> None:
        """The batch is over; `used` of its messages were there."""
        lane = lane_of(turn.queue)
        with self._lock:
            known = self._known(lane)
            known.busy -= 1
            if used < turn.most:
                self._bucket.put_back(turn.most - used)
                own = self._own(lane, known, states)
                if own is not None:
                    own.put_back(turn.most - used)

    def learn(self, lane: str, outcomes: Iterable[Outcome]) -> None:
        """What came of messages of a lane: whether it rests from now on, and for its figures."""
        now = self._clock.now_ms()
        handed, wait, unwell = 0, 0, False
        failed: Outcome | None = None
        count = 0
        for outcome in outcomes:
            count += 1
            if outcome.status in ("sent", "delivered"):
                handed += 1
                continue
            failed = outcome
            if outcome.slows_lane:
                unwell, wait = True, max(wait, outcome.retry_after_ms or THROTTLED_MS)
            elif outcome.blame != "message" and outcome.status != "permanent":
                unwell, wait = True, max(wait, outcome.retry_after_ms or 0)
        with self._lock:
            known = self._known(lane)
            known.handed += handed
            known.failed += count - handed
            if failed is not None:
                known.error, known.error_ms = failed.detail, now
            if handed:
                known.failures = 0
                known.rests_until_ms = now + wait if wait else 0
            elif unwell:
                known.failures += 1
                known.rests_until_ms = now + max(LEAST_REST_MS, self._backoff.delay_ms(known.failures), wait)
            self._changed.add(lane)

    def rests_until(self, lane: str) -> int:
        """Until when a lane rests (Unix ms, the past when it does not)."""
        with self._lock:
            known = self._lanes.get(lane)
            return 0 if known is None else known.rests_until_ms

    def is_unwell(self, lane: str) -> bool:
        """Whether nothing has got through a lane lately: it rests, or tries."""
        with self._lock:
            known = self._lanes.get(lane)
            return known is not None and known.failures > 0

    def open(self, ready: Iterable[Ready], states: States) -> list[Ready]:
        """Those queues whose messages can leave, each due when it can at the earliest."""
        found = []
        for one in ready:
            lane = lane_of(one.queue)
            if states.of(lane).state != "paused":
                found.append(Ready(one.queue, max(one.due_ms, self.rests_until(lane))))
        return found

    def wait_ms(self) -> int:
        """How long the channel's own limit lets nothing leave."""
        return self._bucket.wait_ms()

    def news(self) -> list[Figures]:
        """Figures of lanes that did something since they were told last; nothing while that was just now."""
        now = perf_seconds()
        with self._lock:
            if not self._changed or now - self._saved < FIGURES_SECONDS:
                return []
            rows = []
            for lane in sorted(self._changed):
                known = self._lanes[lane]
                before, at = known.told
                known.rate = (known.handed - before) / max(now - at, 0.001)
                known.told = (known.handed, now)
                rows.append(
                    Figures(
                        lane,
                        self._owner,
                        self._real.now_ms(),
                        known.rate,
                        known.handed,
                        known.failed,
                        known.error,
                        known.error_ms,
                        known.rests_until_ms,
                    )
                )
            self._changed.clear()
            self._saved = now
            return rows

    def _in_turn(self, ready: Sequence[Ready], states: States, now: int) -> list[str]:
        found = []
        for one in ready:
            lane = lane_of(one.queue)
            known = self._known(lane)
            if one.due_ms > now or known.rests_until_ms > now:
                continue
            state = states.of(lane)
            if state.state == "paused" or (state.concurrency and known.busy >= state.concurrency):
                continue
            if known.failures and known.busy:
                continue  # one is trying already
            found.append((priority_of(one.queue), known.busy, known.served, one.queue))
        return [queue for *_, queue in sorted(found)]

    def _granted(self, lane: str, known: _Lane, states: States, most: int) -> int:
        granted = self._bucket.take(most)
        own = self._own(lane, known, states)
        if own is None or not granted:
            return granted
        by_own = own.take(granted)
        self._bucket.put_back(granted - by_own)
        return by_own

    def _own(self, lane: str, known: _Lane, states: States) -> TokenBucket | None:
        rate = states.of(lane).rate or self.way.rate(lane)
        if not rate:
            return None
        if known.bucket is None or known.bucket[0] != rate:
            known.bucket = (rate, TokenBucket(rate, self._clock))
        return known.bucket[1]

    def _known(self, lane: str) -> _Lane:
        found = self._lanes.get(lane)
        if found is None:
            found = self._lanes[lane] = _Lane()
        return found
