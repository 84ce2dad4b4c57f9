"""What takes long when a journey is stopped or deleted: letting everybody out, and forgetting them. Jobs, in batches.

cancel ─→ journeys.let_out: those inside leave, some hundreds in a transaction
delete ─→ journey, versions and runs go at once; journeys.erase: participants, signals, then the record of moves
project deleted ─→ the same for all its journeys; the record of all of them goes together
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.domain.apps.model import App
from clarion.domain.journeys import participants, store
from clarion.domain.journeys.entry import store as entry_store
from clarion.domain.journeys.lifecycle import LET_OUT, LetOut, Lifecycle
from clarion.domain.journeys.metrics import record
from clarion.domain.journeys.model import ERASE, LEFT, SHARDS, Move, Walker, step_key
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.messaging.model import journey_group
from clarion.domain.messaging.service import Messaging
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.database import Database

TOGETHER = 1_000
"""People in one transaction."""

EraseMoves = Callable[[str, str], None]
"""Removes a journey (app id, journey id), or with "" all of a project, from the record of moves."""


class Erase(msgspec.Struct, kw_only=True):
    """Arguments of `journeys.erase`. `record`: the moves as well; without `journey_id` those of the project."""

    app_id: str
    journey_id: str = ""
    record: bool = True
    version: int = 1


class Removal:
    """Takes journeys away, and enqueues the job that forgets the people in them."""

    def __init__(self, lifecycle: Lifecycle, messaging: Messaging, jobs: Jobs, clock: Clock) -> None:
        self._lifecycle = lifecycle
        self._messaging = messaging
        self._jobs = jobs
        self._clock = clock

    def remove(self, connection: sa.Connection, row: JourneyRow, *, record: bool = True) -> None:
        """A journey that is held is no more. What was not handed over yet is taken back."""
        self._lifecycle.stopped(connection, row)
        app_id, journey_id = row.app_id, row.journey_id
        entry_store.forget(connection, app_id, journey_id)
        store.delete(connection, app_id, journey_id)
        for key in (f"out:{journey_id}", *(step_key(journey_id, shard) for shard in range(SHARDS))):
            self._jobs.cancel(connection, key)
        self._messaging.drop_group(connection, journey_group(journey_id))
        self._erase(connection, Erase(app_id=app_id, journey_id=journey_id, record=record))

    def app_deleted(self, connection: sa.Connection, app: App) -> None:
        """Nothing of a deleted app runs on, or is left."""
        for found in store.of_app(connection, app.id):
            row = store.get(connection, app.id, found.journey_id, lock=True)
            if row is not None:
                self.remove(connection, row, record=False)
        entry_store.unstamp(connection, app.id)
        self._erase(connection, Erase(app_id=app.id))

    def _erase(self, connection: sa.Connection, args: Erase) -> None:
        key = f"{ERASE}:{args.journey_id or args.app_id}"
        self._jobs.enqueue(connection, ERASE, args, due_ms=self._clock.now_ms(), key=key)


class JourneysJobs:
    """The handlers of `journeys.let_out` and `journeys.erase`."""

    def __init__(self, database: Database, jobs: Jobs, clock: Clock, erase_moves: EraseMoves) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock
        self._erase_moves = erase_moves

    def register(self) -> None:
        """Make the engine's worker call them."""
        self._jobs.register(LET_OUT, self.let_out)
        self._jobs.register(ERASE, self.erase)

    def let_out(self, job: LeasedJob) -> None:
        """Everybody inside leaves."""
        args = job.decode(LetOut)
        while self._database.write(lambda connection: self._leave(connection, args)):
            pass

    def erase(self, job: LeasedJob) -> None:
        """Forget everybody who ever was in a journey that is gone, and the record of it."""
        args = job.decode(Erase)
        while self._database.write(lambda connection: participants.erase(connection, args.journey_id, TOGETHER)):
            pass
        if args.record:
            self._erase_moves(args.app_id, args.journey_id)

    def _leave(self, connection: sa.Connection, args: LetOut) -> bool:
        """Let some out; False when nobody is left."""
        now = self._clock.now_ms()
        row = store.get(connection, args.app_id, args.journey_id, lock=True)
        if row is None or row.state != "CANCELLED":
            return False
        walkers = participants.let_out(connection, args.journey_id, args.reason, now, TOGETHER)
        record.append(connection, [_left(row, walker, args.reason, now) for walker in walkers])
        counts = Counter(walker.run_id for walker in walkers)
        if counts:
            change_of = {run_id: -count for run_id, count in counts.items()}
            store.moved(connection, args.app_id, args.journey_id, change_of, now)
        else:
            participants.unheard(connection, args.journey_id)
        return bool(walkers)


def _left(row: JourneyRow, walker: Walker, reason: str, now_ms: int) -> Move:
    return Move(
        app_id=row.app_id,
        journey_id=row.journey_id,
        run_id=walker.run_id,
        version=walker.version,
        participant=walker.participant,
        entry=walker.entry,
        turn=walker.turn + 1,
        activity="",
        outcome=LEFT,
        detail=reason,
        at_ms=now_ms,
    )
