"""The course of a campaign: which run comes next, what ends one, and what that makes of the campaign's status.

Every step is part of its caller's transaction. All of them lock in one order: the campaign, its run, the run's
messages; so none of them misses what another one has just written, and no two wait for each other.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock, from_ms, to_ms
from clarion.domain.apps.model import App
from clarion.domain.campaigns import store
from clarion.domain.campaigns.model import ACTIVE, START_RUN, RunJob, StartRun, job_key
from clarion.domain.campaigns.schedule import Plan
from clarion.domain.campaigns.store import CampaignRow
from clarion.domain.messaging.service import Messaging
from clarion.engine.jobs import Jobs

Halt = Literal["INVALID", "DELETED"]
"""Why a campaign has no further run."""

_MOMENT = timedelta(milliseconds=1)
_log = structlog.get_logger(__name__)


class Lifecycle:
    """Moves campaigns between their states."""

    def __init__(self, jobs: Jobs, messaging: Messaging, clock: Clock) -> None:
        self._jobs = jobs
        self._messaging = messaging
        self._clock = clock

    def schedule(self, connection: sa.Connection, row: CampaignRow, plan: Plan, after: int, now: datetime) -> bool:
        """Enqueue the first run after number `after` that is not missed at `now`; False when there is none."""
        following = plan.next_after(after, now)
        if following is None and plan.frequency == "ONCE" and after < 0:
            following = (0, plan.start)
        if following is None:
            return False
        number, at = following
        due_ms = to_ms(at)
        job = StartRun(
            app_id=row.app_id, campaign_id=row.campaign_id, epoch=row.epoch, number=number, scheduled_ms=due_ms
        )
        self._jobs.enqueue(connection, START_RUN, job, due_ms=due_ms, key=job_key(row.campaign_id))
        return True

    def reschedule(
        self, connection: sa.Connection, before: CampaignRow, row: CampaignRow, plan: Plan, now: datetime
    ) -> str:
        """Move the job of a campaign that was changed to where its new version wants it; answers the new status."""
        self._jobs.cancel(connection, job_key(row.campaign_id))
        if before.status == "DELETED":
            return "DELETED"
        running = before.status == "EXECUTING"
        if row.paused:
            return "EXECUTING" if running else "PAUSED"
        latest = store.runs(connection, row.app_id, row.campaign_id, None, 1)
        if latest:
            # The run of this very moment has been.
            now = max(now, from_ms(latest[0].scheduled_ms) + _MOMENT)
        over = plan.frequency == "ONCE" and (plan.start < now or plan.immediate) and bool(latest or before.paused)
        if over or not self.schedule(connection, row, plan, -1, now):
            return "EXECUTING" if running else "COMPLETED"
        if running:
            return "EXECUTING"
        return "PENDING_NEXT_RUN" if latest else "SCHEDULED"

    def ended(self, connection: sa.Connection, row: CampaignRow) -> None:
        """A run is over: the campaign is complete, unless a next run is scheduled, it is paused, or deleted.

        Runs in local time overlap; the last one decides.
        """
        if row.status != "EXECUTING" or store.unfinished_runs(connection, row.app_id, row.campaign_id):
            return
        if row.paused:
            status = "PAUSED"
        else:
            status = "PENDING_NEXT_RUN" if self._jobs.has(connection, job_key(row.campaign_id)) else "COMPLETED"
        store.change(connection, row.app_id, row.campaign_id, status=status)

    def failed(self, connection: sa.Connection, run: RunJob, reason: str, status: Halt | None = None) -> None:
        """A run cannot go on: nothing more is planned, what was planned is still handed over.

        `status` is for what no later run could do better; without it the campaign goes on as after any run.
        """
        row = store.get(connection, run.app_id, run.campaign_id, lock=True)
        found = store.get_run(connection, run.app_id, run.activity_id, lock=True)
        if row is None or found is None or found.state not in store.UNFINISHED:
            return
        _log.warning("campaigns.run_failed", campaign=run.campaign_id, activity=run.activity_id, reason=reason)
        now = self._clock.now_ms()
        end = {"state": "COMPLETED", "result": "FAIL", "start_ms": found.start_ms or now, "end_ms": now}
        store.change_run(connection, run.app_id, run.activity_id, **end)
        if status is not None:
            self.halted(connection, row, status)
        else:
            self.ended(connection, row)
        self._messaging.close_group(connection, run.activity_id)

    def halted(self, connection: sa.Connection, row: CampaignRow, status: Halt) -> None:
        """The campaign has no further run; a run under way goes on."""
        self._jobs.cancel(connection, job_key(row.campaign_id))
        store.change(connection, row.app_id, row.campaign_id, status=status, modified_ms=self._clock.now_ms())

    def stop(self, connection: sa.Connection, row: CampaignRow) -> None:
        """The campaign was deleted: no further run, and what was not handed over yet is taken back."""
        self._jobs.cancel(connection, job_key(row.campaign_id))
        now = self._clock.now_ms()
        for activity_id in store.unfinished_runs(connection, row.app_id, row.campaign_id):
            store.change_run(connection, row.app_id, activity_id, state="CANCELLED", end_ms=now)
            self._messaging.drop_group(connection, activity_id)

    def segment_deleted(self, connection: sa.Connection, app_id: str, segment_id: str) -> None:
        """Active campaigns of a deleted segment fail: they stop and become DELETED, but can still be read."""
        for row in store.of_segment(connection, app_id, segment_id):
            if row.status in ACTIVE or row.status == "PAUSED":
                self.stop(connection, row)
                self.halted(connection, row, "DELETED")

    def app_deleted(self, connection: sa.Connection, app: App) -> None:
        """Nothing of a deleted app runs on, or is left."""
        for campaign_id in store.remove_campaigns(connection, app.id):
            self._jobs.cancel(connection, job_key(campaign_id))
        for activity_id in store.remove_runs(connection, app.id):
            self._messaging.drop_group(connection, activity_id)
