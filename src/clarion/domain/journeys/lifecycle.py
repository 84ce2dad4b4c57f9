"""From state to state: what publishing, pausing, resuming, stopping and running dry do to a journey.

           publish           pause           end time, or start        nobody inside
    DRAFT ─────────→ ACTIVE ───────→ PAUSED  without refresh
                      │  ↑  resume, 5   │
                      │  └──────────────┘
                      │     minutes later
                      └─────────────────────→ CLOSED ───────────────────→ COMPLETED
    ACTIVE | PAUSED | CLOSED ───cancel───→ CANCELLED: everybody is let out

Nothing leads out of COMPLETED and CANCELLED. People take steps while a journey is ACTIVE or CLOSED; a pause freezes
their waits. Who enters, and when, is the planner's: it is told of every change.
"""

from __future__ import annotations

from typing import Protocol

import msgspec
import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock
from clarion.core.errors import Invalid
from clarion.domain.journeys import participants, store
from clarion.domain.journeys.definition import is_event_started, segment_of
from clarion.domain.journeys.entry import store as entry_store
from clarion.domain.journeys.model import SHARDS, StepJob
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.journeys.walking.hasten import hasten
from clarion.engine.jobs import Jobs
from clarion.shapes.pinpoint import WriteJourneyRequest
from clarion.store.database import Database

LET_OUT = "journeys.let_out"

REST_MS = 5 * 60_000
"""A pause lasts so long at least."""

CANCELLED = "cancelled"

LIVE = frozenset({"ACTIVE", "PAUSED", "CLOSED"})
"""States that can be cancelled."""

_log = structlog.get_logger(__name__)


class Planner(Protocol):
    """Schedules entries. Every verb is part of the caller's transaction, with the journey held and in its new state."""

    def published(self, connection: sa.Connection, row: JourneyRow, wanted: WriteJourneyRequest) -> None:
        """The journey is active: plan its start and its end, and write down when they are."""
        ...

    def paused(self, connection: sa.Connection, row: JourneyRow) -> None:
        """Nobody enters until it is resumed."""
        ...

    def resumed(self, connection: sa.Connection, row: JourneyRow, wanted: WriteJourneyRequest, by_ms: int) -> None:
        """Entries go on after a pause of `by_ms`."""
        ...

    def stopped(self, connection: sa.Connection, row: JourneyRow) -> None:
        """Nobody enters any more."""
        ...

    def edited(self, connection: sa.Connection, row: JourneyRow, wanted: WriteJourneyRequest) -> None:
        """The active journey has a new version: what it says of entries counts from now on."""
        ...


class LetOut(msgspec.Struct, kw_only=True):
    """Arguments of `journeys.let_out`: everybody inside leaves for this reason."""

    app_id: str
    journey_id: str
    reason: str
    version: int = 1


class Lifecycle:
    """The states of journeys; every verb is called with the journey held."""

    def __init__(self, database: Database, planner: Planner, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._planner = planner
        self._jobs = jobs
        self._clock = clock

    def published(self, connection: sa.Connection, row: JourneyRow, wanted: WriteJourneyRequest) -> None:
        """A draft becomes active."""
        now = self._clock.now_ms()
        values = {
            "published_ms": now,
            "segment_id": segment_of(wanted),
            "event_started": is_event_started(wanted),
        }
        self._planner.published(connection, self._to(connection, row, "ACTIVE", **values), wanted)

    def tested(self, connection: sa.Connection, row: JourneyRow) -> JourneyRow:
        """The draft of a test becomes active without an entry of its own: who walks in it is let in by name."""
        return self._to(connection, row, "ACTIVE", published_ms=self._clock.now_ms())

    def paused(self, connection: sa.Connection, row: JourneyRow, wanted: WriteJourneyRequest) -> None:
        """Everybody stays where they are, nobody enters. Raises Invalid for a journey that cannot be paused."""
        if row.state != "ACTIVE":
            raise Invalid(f"State: a journey that is {row.state} cannot be paused")
        if row.event_started or not wanted.refresh_frequency:
            raise Invalid("State: only a journey of a segment with a RefreshFrequency can be paused")
        row = self._to(connection, row, "PAUSED", paused_ms=self._clock.now_ms())
        self._planner.paused(connection, row)

    def resumed(self, connection: sa.Connection, row: JourneyRow, wanted: WriteJourneyRequest) -> None:
        """A paused journey goes on; waits are so much longer. Raises Invalid for one that is not paused, or not yet
        for five minutes."""
        if row.state != "PAUSED" or row.paused_ms is None:
            raise Invalid(f"State: a journey that is {row.state} cannot be resumed")
        by_ms = self._clock.now_ms() - row.paused_ms
        if by_ms < REST_MS:
            raise Invalid("State: a journey can be resumed five minutes after it was paused")
        participants.thaw(connection, row.journey_id, by_ms, row.paused_ms)
        row = self._to(connection, row, "ACTIVE", paused_ms=None)
        self._walk(connection, row)
        self._planner.resumed(connection, row, wanted, by_ms)

    def closed(self, connection: sa.Connection, row: JourneyRow) -> None:
        """Nobody enters any more; those inside go on. Without anybody inside the journey is complete."""
        row = self._to(connection, row, "CLOSED", paused_ms=None)
        self._planner.stopped(connection, row)
        self.emptied(connection, row.app_id, row.journey_id)

    def emptied(self, connection: sa.Connection, app_id: str, journey_id: str) -> None:
        """People have left, or all have entered: complete a journey that is closed and has nobody inside any more."""
        row = store.get(connection, app_id, journey_id, lock=True)
        if row is None or row.state != "CLOSED" or row.inside > 0 or store.is_entering(connection, app_id, journey_id):
            return
        store.end_runs(connection, app_id, journey_id)
        self._to(connection, row, "COMPLETED")

    def cancelled(self, connection: sa.Connection, row: JourneyRow, reason: str = CANCELLED) -> None:
        """The journey is stopped: nobody enters, a job lets everybody out. What was handed to the outbox is sent."""
        if row.state not in LIVE:
            raise Invalid(f"State: a journey that is {row.state} cannot be cancelled")
        row = self._to(connection, row, "CANCELLED", paused_ms=None)
        self._planner.stopped(connection, row)
        store.cancel_runs(connection, row.app_id, row.journey_id, self._clock.now_ms())
        args = LetOut(app_id=row.app_id, journey_id=row.journey_id, reason=reason)
        key = f"out:{row.journey_id}"
        self._jobs.enqueue(connection, LET_OUT, args, due_ms=self._clock.now_ms(), key=key)

    def failed(self, connection: sa.Connection, row: JourneyRow, reason: str) -> None:
        """The journey cannot go on: it is stopped as if it was cancelled, for this reason."""
        _log.warning("journeys.failed", journey=row.journey_id, reason=reason)
        if row.state in LIVE:
            self.cancelled(connection, row, f"{CANCELLED}: {reason}")

    def edited(self, connection: sa.Connection, row: JourneyRow, wanted: WriteJourneyRequest) -> None:
        """A journey under way has a new version. A paused one learns of it when it is resumed."""
        segment_id = segment_of(wanted)
        version = row.segment_version if segment_id == row.segment_id else None
        values = {"epoch": row.epoch, "segment_id": segment_id, "segment_version": version}
        row = self._to(connection, row, row.state, **values)
        if row.state == "ACTIVE":
            self._planner.edited(connection, row, wanted)

    def stopped(self, connection: sa.Connection, row: JourneyRow) -> None:
        """The journey is about to be deleted: nobody enters any more."""
        if row.state in LIVE:
            self._planner.stopped(connection, self._to(connection, row, "CANCELLED", paused_ms=None))

    def segment_deleted(self, connection: sa.Connection, app_id: str, segment_id: str) -> None:
        """Nobody can enter journeys of a deleted segment any more; those inside finish their way.

        A paused one stays paused; it closes when it is resumed.
        """
        for found in store.of_segment(connection, app_id, segment_id, ("ACTIVE",)):
            row = store.get(connection, app_id, found.journey_id, lock=True)
            if row is not None and row.state == "ACTIVE" and row.segment_id == segment_id:
                self.closed(connection, row)

    def _walk(self, connection: sa.Connection, row: JourneyRow) -> None:
        """Look at everybody inside who is due."""
        for shard in range(SHARDS):
            args = StepJob(app_id=row.app_id, journey_id=row.journey_id, shard=shard)
            hasten(self._jobs, connection, args, self._clock.now_ms())

    def _to(self, connection: sa.Connection, row: JourneyRow, state: str, **values: object) -> JourneyRow:
        """Write a state; jobs of the one before are not wanted any more, and listeners look again."""
        changed = {"state": state, "epoch": row.epoch + 1, "modified_ms": self._clock.now_ms(), **values}
        store.change(connection, row.app_id, row.journey_id, **changed)
        entry_store.stamp(self._database, connection, row.app_id)
        return JourneyRow(**{**row._asdict(), **changed})
