"""Plans entries: the next run of a journey, and when nobody enters any more.

    published ─→ a run, SCHEDULED ─→ begun, at its time ─→ the next one, by the refresh interval, and so on
              └→ the job that closes the journey at its end

Every verb is part of the transaction of whoever changes the journey, which is held and in its new state.
"""

from __future__ import annotations

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.ids import Ids
from clarion.domain.journeys import store
from clarion.domain.journeys.definition import route
from clarion.domain.journeys.entry import parts
from clarion.domain.journeys.entry import store as entry_store
from clarion.domain.journeys.entry.model import (
    BEGIN,
    CLOSE,
    ENDED,
    ON_UPDATE,
    PAGE,
    PAUSED,
    PageJob,
    RunJob,
    begin_key,
    close_key,
    page_key,
    run_id,
    update_key,
)
from clarion.domain.journeys.metrics import record
from clarion.domain.journeys.model import JourneyJob, Move
from clarion.domain.journeys.schedule import Plan, plan
from clarion.domain.journeys.store import JourneyRow, RunRow
from clarion.engine import log
from clarion.engine.jobs import Jobs
from clarion.shapes.pinpoint import WriteJourneyRequest


class Planner:
    """The runs of journeys, as far as they lie ahead. `delay_ms` is between publishing and the first entries at least,
    `most_days` how long a journey may run."""

    def __init__(self, jobs: Jobs, clock: Clock, ids: Ids, *, delay_ms: int, most_days: int) -> None:
        self._jobs = jobs
        self._clock = clock
        self._ids = ids
        self._delay_ms = delay_ms
        self._most_days = most_days

    def plan(self, row: JourneyRow, wanted: WriteJourneyRequest) -> Plan:
        """When a published journey starts, refreshes and ends."""
        published_ms = self._clock.now_ms() if row.published_ms is None else row.published_ms
        return plan(wanted, published_ms, self._delay_ms, self._most_days)

    def published(self, connection: sa.Connection, row: JourneyRow, wanted: WriteJourneyRequest) -> None:
        """The journey is active: plan its start and its end, and write down when they are."""
        planned = self.plan(row, wanted)
        row = row._replace(start_ms=planned.start_ms, end_ms=planned.end_ms, behind=log.newest(connection))
        times = {name: getattr(row, name) for name in ("start_ms", "end_ms", "behind")}
        store.change(connection, row.app_id, row.journey_id, **times)
        self.schedule(connection, row, 0, planned.start_ms)
        self._close_at(connection, row, row.end_ms)

    def paused(self, connection: sa.Connection, row: JourneyRow) -> None:
        """Nobody enters until it is resumed; who was about to is counted."""
        for key in (begin_key, update_key, close_key):
            self._jobs.cancel(connection, key(row.journey_id))
        self._hold(connection, row, PAUSED)

    def resumed(self, connection: sa.Connection, row: JourneyRow, wanted: WriteJourneyRequest, by_ms: int) -> None:
        """Entries go on after a pause: pages where they stood, refreshes with the next one of the schedule."""
        now_ms = self._clock.now_ms()
        for part in parts.of_journey(connection, row.app_id, row.journey_id):
            self.enqueue_page(connection, part, max(now_ms, part.due_ms))
        self._replan(connection, row, wanted)

    def stopped(self, connection: sa.Connection, row: JourneyRow) -> None:
        """Nobody enters any more; who was about to is counted."""
        for key in (begin_key, update_key, close_key):
            self._jobs.cancel(connection, key(row.journey_id))
        self._hold(connection, row, ENDED)
        if row.state == "CLOSED":  # those inside are still told of events
            parts.remove(connection, row.app_id, row.journey_id)
        else:
            entry_store.forget(connection, row.app_id, row.journey_id)
        now_ms = self._clock.now_ms()
        for run in store.runs_ahead(connection, row.app_id, row.journey_id):
            if run.state == "SCHEDULED":
                self._cancel_run(connection, run)
            else:
                store.change_run(connection, row.app_id, run.run_id, entering=False, updated_ms=now_ms)
        store.end_runs(connection, row.app_id, row.journey_id)

    def edited(self, connection: sa.Connection, row: JourneyRow, wanted: WriteJourneyRequest) -> None:
        """The active journey has a new version: what it says of entries counts from now on."""
        planned = self.plan(row, wanted)
        start_ms = planned.start_ms if _lies_ahead(row, self._clock.now_ms()) else row.start_ms
        row = row._replace(start_ms=start_ms, end_ms=planned.end_ms)
        store.change(connection, row.app_id, row.journey_id, start_ms=row.start_ms, end_ms=row.end_ms)
        self._replan(connection, row, wanted)

    def schedule(self, connection: sa.Connection, row: JourneyRow, turn: int, at_ms: int) -> None:
        """Have a run begin at this time."""
        run = self.add_run(connection, row, at_ms)
        self._enqueue_run(connection, row, run.run_id, turn, at_ms)

    def add_run(self, connection: sa.Connection, row: JourneyRow, at_ms: int, id: str = "") -> RunRow:
        """Write down a run that is to begin at this time."""
        now_ms = self._clock.now_ms()
        last = store.last_run(connection, row.app_id, row.journey_id)
        number = last.number + 1 if last else 0
        run = RunRow(
            app_id=row.app_id,
            run_id=id or run_id(row.app_id, row.journey_id, number),
            journey_id=row.journey_id,
            number=number,
            state="SCHEDULED",
            scheduled_ms=at_ms,
            created_ms=now_ms,
            updated_ms=now_ms,
            entering=False,
            inside=0,
        )
        store.add_run(connection, run)
        return run

    def follow(self, connection: sa.Connection, row: JourneyRow, planned: Plan, turn: int) -> None:
        """Schedule the run after this turn, unless the journey ends before or never refreshes."""
        following = self._after(row, planned, turn)
        if following is not None:
            self.schedule(connection, row, *following)

    def is_over(self, connection: sa.Connection, row: JourneyRow, planned: Plan) -> bool:
        """Whether nobody else enters: the journey does not refresh, and all its runs have looked at everybody."""
        if row.event_started or planned.refresh or self._jobs.has(connection, update_key(row.journey_id)):
            return False
        return not store.runs_ahead(connection, row.app_id, row.journey_id)

    def refresh(self, connection: sa.Connection, row: JourneyRow) -> None:
        """The segment has changed: have a run look at it at once. One that has not begun yet gives way to this one."""
        self._enqueue_run(connection, row, self._ids.hex32(), ON_UPDATE, self._clock.now_ms())

    def segment_changed(self, connection: sa.Connection, app_id: str, segment_id: str) -> None:
        """Let journeys that want to know of it look at a segment that has changed since they have started."""
        for found in store.of_segment(connection, app_id, segment_id, ("ACTIVE",)):
            row = store.get(connection, app_id, found.journey_id, lock=True)
            if row is None or row.state != "ACTIVE" or row.event_started or _lies_ahead(row, self._clock.now_ms()):
                continue
            wanted = route(store.definition(connection, app_id, row.journey_id, row.version)).wanted
            if wanted.refresh_on_segment_update:
                self.refresh(connection, row)

    def enqueue_page(self, connection: sa.Connection, part: parts.PartRow, due_ms: int) -> None:
        """The job that looks at the next members of a part."""
        job = PageJob(app_id=part.app_id, journey_id=part.journey_id, run_id=part.run_id, part=part.part)
        self._jobs.enqueue(connection, PAGE, job, due_ms=due_ms, key=page_key(part.run_id, part.part))

    def _replan(self, connection: sa.Connection, row: JourneyRow, wanted: WriteJourneyRequest) -> None:
        """Give the run that is scheduled the time it shall have now."""
        planned = self.plan(row, wanted)
        ahead = [run for run in store.runs_ahead(connection, row.app_id, row.journey_id) if run.state == "SCHEDULED"]
        due = (0, planned.start_ms) if ahead and ahead[0].number == 0 else self._after(row, planned, 0)
        for run in ahead[1:] if due else ahead:
            self._cancel_run(connection, run)
        if due and ahead:
            store.change_run(connection, row.app_id, ahead[0].run_id, scheduled_ms=due[1])
            self._enqueue_run(connection, row, ahead[0].run_id, *due)
        elif due:
            self.schedule(connection, row, *due)
        over = self.is_over(connection, row, planned)
        self._close_at(connection, row, self._clock.now_ms() if over else row.end_ms)

    def _after(self, row: JourneyRow, planned: Plan, turn: int) -> tuple[int, int] | None:
        """The turn of the schedule that follows this one, and when it is."""
        return None if row.event_started else planned.next_after(turn, self._clock.now_ms())

    def _enqueue_run(self, connection: sa.Connection, row: JourneyRow, id: str, turn: int, at_ms: int) -> None:
        key = update_key(row.journey_id) if turn == ON_UPDATE else begin_key(row.journey_id)
        job = RunJob(app_id=row.app_id, journey_id=row.journey_id, epoch=row.epoch, run_id=id, turn=turn)
        self._jobs.enqueue(connection, BEGIN, job, due_ms=max(self._clock.now_ms(), at_ms), key=key)

    def _cancel_run(self, connection: sa.Connection, run: RunRow) -> None:
        now_ms = self._clock.now_ms()
        store.change_run(connection, run.app_id, run.run_id, state="CANCELLED", entering=False, updated_ms=now_ms)

    def _close_at(self, connection: sa.Connection, row: JourneyRow, end_ms: int | None) -> None:
        if end_ms is None:
            self._jobs.cancel(connection, close_key(row.journey_id))
            return
        job = JourneyJob(app_id=row.app_id, journey_id=row.journey_id, epoch=row.epoch)
        self._jobs.enqueue(connection, CLOSE, job, due_ms=end_ms, key=close_key(row.journey_id))

    def _hold(self, connection: sa.Connection, row: JourneyRow, outcome: str) -> None:
        """Stop looking at members; the record says why so many of them were not let in."""
        now_ms = self._clock.now_ms()
        left: dict[str, int] = {}
        for part in parts.of_journey(connection, row.app_id, row.journey_id):
            self._jobs.cancel(connection, page_key(part.run_id, part.part))
            left[part.run_id] = left.get(part.run_id, 0) + part.until - part.after
        record.append(connection, [many(row, run_id, outcome, number, now_ms) for run_id, number in left.items()])


def _lies_ahead(row: JourneyRow, now_ms: int) -> bool:
    """Whether the start of a journey is yet to come."""
    return row.start_ms is None or row.start_ms > now_ms


def many(row: JourneyRow, run_id: str, outcome: str, number: int, at_ms: int) -> Move:
    """So many people or endpoints of a page, in one line of the record."""
    return Move(row.app_id, row.journey_id, run_id, row.version, "", 0, 0, "", outcome, "", at_ms, number)
