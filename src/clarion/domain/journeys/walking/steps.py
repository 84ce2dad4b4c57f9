"""The job that walks: due people of a part of a journey, a few hundred or thousand at a time.

    read ─→ walk ─→ commit: messages, moves, where everybody is now, and the job again for whoever is due next

One job a part is all there is, and it is done by whoever holds its lease: two workers never move the same person.
A step that fails comes again with fewer people, down to one; somebody with whom it fails alone is put off, so that one
person's trouble holds up nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
import structlog

from clarion.core.clock import HOUR_MS, Clock
from clarion.core.errors import Unavailable
from clarion.domain.journeys import participants, store
from clarion.domain.journeys.activities.port import Made, Tools
from clarion.domain.journeys.definition import Route, route
from clarion.domain.journeys.lifecycle import Lifecycle
from clarion.domain.journeys.metrics import record
from clarion.domain.journeys.model import STEP, WALKING, StepJob, Walker, decode_told, step_key
from clarion.domain.journeys.participants import Change, Signal
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.journeys.walking.walk import Walk, Walked
from clarion.domain.messaging.model import EMAIL, PUSH, SMS, LaneName
from clarion.domain.messaging.service import Messaging, Prepared
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.database import Database

TOGETHER = 2_000
"""People in one step."""

ATTEMPTS = 30
"""Of what needs the columnar store: it may be away for about an hour."""

FEWER, ALONE = 2, 6
"""How many times the people of a step are halved with each attempt, and the attempt that has come down to one."""

PUT_OFF_MS = HOUR_MS
"""How long somebody waits with whom a step has failed."""

LANES: Mapping[str, LaneName] = {"email": EMAIL, "sms": SMS, "push": PUSH}
"""The lanes for which a step waits, by kind of activity. Not for custom channels: one that hangs shall hold up nobody
but those who come to it (`sending.messages`)."""


_log = structlog.get_logger(__name__)


class Seen(NamedTuple):
    """What a step starts from; `walkers` with what they were told, `signals` all that are done with then."""

    journey: JourneyRow
    routes: dict[int, Route]
    walkers: list[Walker]
    signals: list[Signal]


class Steps:
    """The steps of all journeys. `register` makes the engine's worker call them."""

    def __init__(
        self,
        database: Database,
        lifecycle: Lifecycle,
        messaging: Messaging,
        tools: Tools,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._database = database
        self._lifecycle = lifecycle
        self._messaging = messaging
        self._tools = tools
        self._jobs = jobs
        self._clock = clock

    def register(self) -> None:
        """Handle the steps of journeys."""
        self._jobs.register(STEP, self.step, attempts=ATTEMPTS, on_dead=self._later)

    def step(self, job: LeasedJob) -> None:
        """Let those whose time has come take their steps, and come again for the next."""
        args = job.decode(StepJob)
        now_ms = self._clock.now_ms()
        most = max(1, TOGETHER >> FEWER * (job.attempt - 1))
        seen = self._database.read(lambda connection: _look(connection, args, now_ms, most))
        if seen is None:
            self._database.write(lambda connection: self._rest(connection, job, args))
            return
        crowded = self._messaging.crowded(_lanes(seen)) if seen.walkers else None
        if crowded is not None:
            self._database.write(lambda connection: self._park(connection, job, args, crowded))
            return
        walked = self._walk(job, seen, now_ms)
        self._database.write(lambda connection: self._commit(connection, job, args, seen, walked))

    def _walk(self, job: LeasedJob, seen: Seen, now_ms: int) -> Walked:
        try:
            return Walk(seen.journey, seen.routes, self._tools, now_ms).all(seen.walkers)
        except Unavailable:
            raise
        except Exception:
            if len(seen.walkers) != 1 or job.attempt < ALONE:
                raise
            (walker,) = self._database.read(
                lambda connection: participants.inside(
                    connection, seen.journey.journey_id, [seen.walkers[0].participant]
                )
            )
            _log.exception("journeys.put_off", journey=seen.journey.journey_id, activity=walker.activity)
            walker.due_ms = now_ms + PUT_OFF_MS
            return Walked([Change(walker)], [], Made(paced_ms=seen.journey.paced_ms), {})

    def _later(self, connection: sa.Connection, job: LeasedJob) -> None:
        """What has failed for long is not given up: nobody shall stand still for good."""
        args = job.decode(StepJob)
        self._jobs.enqueue(connection, STEP, args, due_ms=self._clock.now_ms() + PUT_OFF_MS, key=job.key)

    def _rest(self, connection: sa.Connection, job: LeasedJob, args: StepJob) -> None:
        """What stands still is hastened when it goes on; that may have been since it was looked at."""
        journey = store.get(connection, args.app_id, args.journey_id, lock=True)
        job.finish(connection)
        if journey is not None and journey.state in WALKING:
            self._again(connection, args)
        else:
            _silence(connection, journey, args)

    def _park(self, connection: sa.Connection, job: LeasedJob, args: StepJob, lane: LaneName) -> None:
        """Wait until the outbox has room; the lane enqueues the step again."""
        job.finish(connection)
        self._messaging.park(connection, step_key(args.journey_id, args.shard), STEP, args, lane)

    def _commit(self, connection: sa.Connection, job: LeasedJob, args: StepJob, seen: Seen, walked: Walked) -> None:
        journey = store.get(connection, args.app_id, args.journey_id, lock=True)
        job.finish(connection)
        if journey is None or journey.state not in WALKING:
            _silence(connection, journey, args)
            return
        if not participants.all_inside(connection, seen.walkers):
            # Somebody was erased meanwhile: nothing of this step may be about them.
            self._again(connection, args)
            return
        made = walked.made
        self._messaging.hand_over(connection, Prepared(made.rows, made.events))
        participants.write(self._database, connection, args.app_id, args.journey_id, walked.changes)
        participants.heard(connection, [signal.seq for signal in seen.signals])
        record.append(connection, walked.moves)
        if walked.left:
            change_of = {run_id: -count for run_id, count in walked.left.items()}
            store.moved(connection, args.app_id, args.journey_id, change_of, self._clock.now_ms())
        if made.paced_ms != journey.paced_ms:
            store.change(connection, args.app_id, args.journey_id, paced_ms=made.paced_ms)
        self._again(connection, args)
        if walked.left:
            self._lifecycle.emptied(connection, args.app_id, args.journey_id)

    def _again(self, connection: sa.Connection, args: StepJob) -> None:
        """Come again when the next person is due."""
        due_ms = participants.next_due_ms(connection, args.journey_id, args.shard)
        if participants.any_told(connection, args.journey_id, args.shard):
            due_ms = self._clock.now_ms()
        if due_ms is not None:
            self._jobs.enqueue(connection, STEP, args, due_ms=due_ms, key=step_key(args.journey_id, args.shard))


def _silence(connection: sa.Connection, journey: JourneyRow | None, args: StepJob) -> None:
    """What was told is of no use to anybody once the journey is over; a paused one hears it later."""
    if journey is None or journey.state != "PAUSED":
        participants.unheard(connection, args.journey_id)


def _look(connection: sa.Connection, args: StepJob, now_ms: int, most: int) -> Seen | None:
    journey = store.get(connection, args.app_id, args.journey_id)
    if journey is None or journey.state not in WALKING:
        return None
    signals = participants.told(connection, args.journey_id, args.shard, most)
    walkers = {
        walker.participant: walker
        for walker in participants.inside(connection, args.journey_id, [signal.participant for signal in signals])
    }
    for signal in reversed(signals):
        if (told := walkers.get(signal.participant)) is not None and _meant(told, signal):
            told.signal = signal.signal
    walkers = {name: walker for name, walker in walkers.items() if walker.signal}
    for walker in participants.due(connection, args.journey_id, args.shard, now_ms, most - len(walkers)):
        walkers.setdefault(walker.participant, walker)
    kept = store.definitions(connection, args.app_id, args.journey_id)
    routes = {version: route(kept[version]) for version in {walker.version for walker in walkers.values()}}
    return Seen(journey, routes, list(walkers.values()), signals)


def _meant(walker: Walker, signal: Signal) -> bool:
    """Whether somebody is still where the signal finds them: inside at all, or awaiting the event there."""
    told = decode_told(signal.signal)
    return not told.activity or (told.activity == walker.activity and walker.waiting == "event")


def _lanes(seen: Seen) -> Sequence[LaneName]:
    """The lanes of all messages that people of this step may come to."""
    kinds = {
        node.kind.member for one in seen.routes.values() for node in one.graph.nodes.values() if node.kind is not None
    }
    return [lane for kind, lane in LANES.items() if kind in kinds]
