"""The course of a campaign: which run comes next, what ends one, and what that makes of the campaign's status.

Each treatment runs for itself and stands somewhere (`treatments.Standing`); the campaign's status is made of them.

Every step is part of its caller's transaction. All of them lock in one order: the campaign, its run, the run's
messages; so none of them misses what another one has just written, and no two wait for each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

import msgspec
import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock, from_ms, to_ms
from clarion.domain.apps.model import App
from clarion.domain.campaigns import store
from clarion.domain.campaigns.experiments.pending import Choices
from clarion.domain.campaigns.model import ACTIVE, START_RUN, RunJob, StartRun, job_key
from clarion.domain.campaigns.schedule import Plan
from clarion.domain.campaigns.store import CampaignRow, RunRow
from clarion.domain.campaigns.treatments import Standing, Standings, encode, overall
from clarion.domain.campaigns.triggers.windows import KINDS, Windows
from clarion.domain.messaging.service import Messaging
from clarion.engine.jobs import Jobs
from clarion.shapes.pinpoint import CampaignStatus, WriteCampaignRequest

Halt = Literal["INVALID", "DELETED"]
"""Why there is no further run: of a treatment, for DELETED of the whole campaign."""

_MOMENT = timedelta(milliseconds=1)
_log = structlog.get_logger(__name__)


class Lifecycle:
    """Moves campaigns between their states."""

    def __init__(self, jobs: Jobs, messaging: Messaging, windows: Windows, choices: Choices, clock: Clock) -> None:
        self.choices = choices
        self._jobs = jobs
        self._messaging = messaging
        self._windows = windows
        self._clock = clock

    def begin(self, connection: sa.Connection, row: CampaignRow, plans: Mapping[str, Plan], now: datetime) -> None:
        """Enqueue the first run of every treatment of a new campaign that is not paused."""
        for treatment_id, plan in plans.items():
            self.schedule(connection, row, treatment_id, plan, -1, now)

    def schedule(
        self, connection: sa.Connection, row: CampaignRow, treatment_id: str, plan: Plan, after: int, now: datetime
    ) -> bool:
        """Enqueue a treatment's first run after number `after` that is not missed at `now`; False without one.

        A treatment that is triggered by events has one run: it listens from its start on.
        """
        if plan.frequency in KINDS:
            return self._windows.open(connection, row, treatment_id, plan, now)
        following = plan.next_after(after, now)
        if following is None and not plan.recurs and after < 0:
            following = (0, plan.start)
        if following is None:
            return False
        number, at = following
        due_ms = to_ms(at)
        job = StartRun(
            app_id=row.app_id,
            campaign_id=row.campaign_id,
            treatment_id=treatment_id,
            epoch=row.epoch,
            number=number,
            scheduled_ms=due_ms,
        )
        self._jobs.enqueue(connection, START_RUN, job, due_ms=due_ms, key=job_key(row.campaign_id, treatment_id))
        return True

    def reschedule(
        self,
        connection: sa.Connection,
        before: CampaignRow,
        row: CampaignRow,
        plans: Mapping[str, Plan],
        now: datetime,
        *,
        winner: bool = False,
    ) -> CampaignRow:
        """Move the jobs of a campaign that was changed to where its new version, which may want a winner, wants them.

        Answers `row` with its new status and standings; nothing of it is written.
        """
        known = before.standings
        self.choices.changed(connection, before, row, winner=winner)
        for treatment_id in known.keys() | plans.keys():
            self._jobs.cancel(connection, job_key(row.campaign_id, treatment_id))
            if treatment_id not in plans or plans[treatment_id].frequency not in KINDS:
                self._windows.close(connection, row, treatment_id)
        standings = {
            treatment_id: Standing(
                status=self._anew(connection, before, row, treatment_id, plan, now), start_ms=to_ms(plan.start)
            )
            for treatment_id, plan in plans.items()
        }
        return self._standing(connection, row, standings)

    def _anew(
        self,
        connection: sa.Connection,
        before: CampaignRow,
        row: CampaignRow,
        treatment_id: str,
        plan: Plan,
        now: datetime,
    ) -> CampaignStatus:
        if before.status == "DELETED":
            return "DELETED"
        if plan.frequency in KINDS and row.paused:
            self._windows.pause(connection, row, treatment_id)
            return "PAUSED"
        if plan.frequency in KINDS:
            opened = self.schedule(connection, row, treatment_id, plan, -1, now)
            return self._busy(connection, row, treatment_id) or ("SCHEDULED" if opened else "COMPLETED")
        busy = self._busy(connection, row, treatment_id)
        if row.paused:
            return busy or "PAUSED"
        # A treatment that is new here does not say again what the campaign has said.
        own = treatment_id if treatment_id in before.standings else None
        latest = store.runs(connection, row.app_id, row.campaign_id, None, 1, own)
        if latest:
            # The run of this very moment has been.
            now = max(now, from_ms(latest[0].scheduled_ms) + _MOMENT)
        over = not plan.recurs and (plan.start < now or plan.immediate) and bool(latest or before.paused)
        if over or not self.schedule(connection, row, treatment_id, plan, -1, now):
            return busy or self.choices.standing(connection, row) or "COMPLETED"
        self.choices.drop(connection, row)
        return busy or ("PENDING_NEXT_RUN" if latest else "SCHEDULED")

    def began(
        self, connection: sa.Connection, row: CampaignRow, run: RunRow, wanted: WriteCampaignRequest | None = None
    ) -> None:
        """A run of a treatment is there; `wanted` is the definition when it may be a test."""
        if wanted is not None:
            self.choices.begin(connection, run, wanted)
        self._put(connection, row, {run.treatment_id: "EXECUTING"})

    def ended(self, connection: sa.Connection, row: CampaignRow, *treatment_ids: str) -> None:
        """Runs are over, stopped, or go on: a treatment without any is complete, unless a next one is scheduled.

        Runs in local time overlap; the last one decides.
        """
        if row.status == "DELETED":
            return
        known = row.standings
        statuses = {
            one: self._busy(connection, row, one) or self._idle(connection, row, one)
            for one in treatment_ids
            if one in known and known[one].status != "INVALID"
        }
        self._put(connection, row, statuses)

    def failed(self, connection: sa.Connection, run: RunJob, reason: str, status: Halt | None = None) -> None:
        """A run cannot go on: nothing more is planned, what was planned is still handed over.

        `status` is for what no later run could do better; without it the treatment goes on as after any run.
        """
        row = store.get(connection, run.app_id, run.campaign_id, lock=True)
        found = store.get_run(connection, run.app_id, run.activity_id, lock=True)
        if row is None or found is None or found.state not in store.UNFINISHED:
            return
        _log.warning("campaigns.run_failed", campaign=run.campaign_id, activity=run.activity_id, reason=reason)
        now = self._clock.now_ms()
        end = {"state": "COMPLETED", "result": "FAIL", "start_ms": found.start_ms or now, "end_ms": now}
        store.change_run(connection, run.app_id, run.activity_id, reason=reason, stopped_ms=None, **end)
        if found.state == "PAUSED":
            self._messaging.free_group(connection, run.activity_id, 0)
        if status is not None:
            self.halted(connection, row, status, found.treatment_id)
        else:
            self.ended(connection, row, found.treatment_id)
        self._messaging.close_group(connection, run.activity_id)

    def halted(
        self, connection: sa.Connection, row: CampaignRow, status: Halt, treatment_id: str | None = None
    ) -> None:
        """A treatment, or all of them, have no further run; a run under way goes on."""
        ids = row.standings if treatment_id is None or status == "DELETED" else [treatment_id]
        for one in ids:
            self._jobs.cancel(connection, job_key(row.campaign_id, one))
            self._windows.remove(connection, row, one)
        self._put(connection, row, dict.fromkeys(ids, status), modified_ms=self._clock.now_ms())

    def cancel(self, connection: sa.Connection, row: CampaignRow, reason: str) -> None:
        """The campaign was deleted: no further run, and what was not handed over yet is taken back."""
        self._windows.remove(connection, row)
        self.choices.drop(connection, row)
        for treatment_id in row.standings:
            self._jobs.cancel(connection, job_key(row.campaign_id, treatment_id))
        for run in store.unfinished_runs(connection, row.app_id, row.campaign_id):
            self.cancel_run(connection, run, reason)

    def cancel_run(self, connection: sa.Connection, run: RunRow, reason: str) -> int:
        """A run ends for good; what was not handed over yet is taken back. Answers how many messages that were."""
        now = self._clock.now_ms()
        end = {"state": "CANCELLED", "end_ms": now, "reason": reason, "stopped_ms": None}
        store.change_run(connection, run.app_id, run.activity_id, **end)
        store.take_held(connection, run.app_id, run.activity_id)
        return self._messaging.drop_group(connection, run.activity_id)

    def segment_deleted(self, connection: sa.Connection, app_id: str, segment_id: str) -> None:
        """Active campaigns of a deleted segment fail: they stop and become DELETED, but can still be read."""
        for row in store.of_segment(connection, app_id, segment_id):
            if row.status in ACTIVE or row.status == "PAUSED":
                self.cancel(connection, row, "the segment was deleted")
                self.halted(connection, row, "DELETED")

    def app_deleted(self, connection: sa.Connection, app: App) -> None:
        """Nothing of a deleted app runs on, or is left."""
        self._windows.app_deleted(connection, app.id)
        for row in store.remove_campaigns(connection, app.id):
            self.choices.drop(connection, row)
            for treatment_id in row.standings:
                self._jobs.cancel(connection, job_key(row.campaign_id, treatment_id))
        for activity_id in store.remove_runs(connection, app.id):
            self._messaging.drop_group(connection, activity_id)

    def _idle(self, connection: sa.Connection, row: CampaignRow, treatment_id: str) -> CampaignStatus:
        """The status of a treatment that has run and does not now."""
        if row.paused:
            return "PAUSED"
        chosen = self.choices.standing(connection, row)
        if chosen is not None:
            return chosen
        waiting = self._jobs.has(connection, job_key(row.campaign_id, treatment_id))
        waiting = waiting or self._windows.is_open(connection, row, treatment_id)
        return "PENDING_NEXT_RUN" if waiting else "COMPLETED"

    def _busy(self, connection: sa.Connection, row: CampaignRow, treatment_id: str) -> CampaignStatus | None:
        """The status of a treatment with runs that are not over, None without any."""
        found = store.unfinished_runs(connection, row.app_id, row.campaign_id)
        states = {run.state for run in found if run.treatment_id == treatment_id}
        if not states:
            return None
        return "PAUSED" if states == {"PAUSED"} else "EXECUTING"

    def _put(
        self, connection: sa.Connection, row: CampaignRow, statuses: Mapping[str, CampaignStatus], **values: object
    ) -> None:
        """Write where treatments stand now, and what that makes of the campaign."""
        standings = {
            name: msgspec.structs.replace(one, status=statuses.get(name, one.status))
            for name, one in row.standings.items()
        }
        row = self._standing(connection, row, standings)
        values = {"status": row.status, "treatments": row.treatments, **values}
        store.change(connection, row.app_id, row.campaign_id, **values)

    def _standing(self, connection: sa.Connection, row: CampaignRow, standings: Mapping[str, Standing]) -> CampaignRow:
        """The row with its treatments standing there. A run of a treatment that is no more counts, too."""
        statuses = [one.status for one in standings.values()]
        if overall(statuses) not in ("EXECUTING", "DELETED"):
            gone = {run.treatment_id for run in store.unfinished_runs(connection, row.app_id, row.campaign_id)}
            statuses += ["EXECUTING" for _ in gone - standings.keys()]
        return row._replace(status=overall(statuses), treatments=encode(Standings(treatments=standings)))
