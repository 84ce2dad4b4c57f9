"""The windows of campaigns that wait for events: when a treatment listens, its one run, and its end.

      open ──→ listens ──begin──→ listens, with a run ──end──→ (row deleted; the run ends when its messages are gone)
                  ↑ │                    ↑ │
           resume │ ↓ pause       resume │ ↓ pause
                 silent                silent, with a run

Every step is part of its caller's transaction, which holds the campaign's row. A window is written down with the
number of the newest row of the ingest log, so that it answers what is acknowledged after its campaign is, and
nothing from before; what it has not answered when it is paused or deleted, it never answers.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b

import sqlalchemy as sa
from msgspec import structs

from clarion.core.clock import Clock, to_ms
from clarion.domain.campaigns import store as campaigns
from clarion.domain.campaigns.model import FINISH_RUN, FinishRun
from clarion.domain.campaigns.schedule import Plan
from clarion.domain.campaigns.store import CampaignRow, RunRow
from clarion.domain.campaigns.triggers import store
from clarion.domain.campaigns.triggers.model import (
    BEGIN_WINDOW,
    END_WINDOW,
    WindowJob,
    answer_key,
    begin_key,
    end_key,
    listening,
)
from clarion.domain.campaigns.triggers.store import Key, WindowRow
from clarion.domain.messaging.service import Messaging
from clarion.engine import log
from clarion.engine.jobs import Jobs
from clarion.store.database import Database

KINDS = {"EVENT": "EVENT", "IN_APP_EVENT": "IN_APP"}
"""Frequencies of schedules that have a window → kinds of campaigns."""


class Windows:
    """Opens and closes windows, in the transactions of whoever changes campaigns."""

    def __init__(self, database: Database, jobs: Jobs, messaging: Messaging, clock: Clock) -> None:
        self._database = database
        self._jobs = jobs
        self._messaging = messaging
        self._clock = clock

    def open(self, connection: sa.Connection, row: CampaignRow, treatment_id: str, plan: Plan, now: datetime) -> bool:
        """Let a treatment listen by this schedule, or go on by a new one; False when its time is over."""
        key = Key(row.app_id, row.campaign_id, treatment_id)
        span, kind = listening(plan), KINDS[plan.frequency]
        known = store.get_window(connection, key, lock=True)
        if span.end_ms is not None and span.end_ms <= to_ms(now):
            self.close(connection, row, treatment_id)
            return False
        if known is not None and known.kind != kind:
            self.close(connection, row, treatment_id)
            known = None
        window = WindowRow(
            *key,
            kind=kind,
            version=row.version,
            activity_id=known.activity_id if known else "",
            listens=True,
            behind=known.behind if known and known.listens else log.newest(connection),
            start_ms=span.start_ms,
            end_ms=span.end_ms,
            paced_ms=known.paced_ms if known else 0,
        )
        store.put_window(self._database, connection, window)
        self._enqueue(connection, window, to_ms(now))
        return True

    def is_open(self, connection: sa.Connection, row: CampaignRow, treatment_id: str) -> bool:
        """Whether a treatment listens or will, as soon as the campaign is not paused any more."""
        return store.get_window(connection, Key(row.app_id, row.campaign_id, treatment_id)) is not None

    def pause(self, connection: sa.Connection, row: CampaignRow, treatment_id: str) -> None:
        """Let a treatment not listen for now; its run goes on when it listens again."""
        window = store.get_window(connection, Key(row.app_id, row.campaign_id, treatment_id), lock=True)
        if window is None:
            return
        store.put_window(self._database, connection, window._replace(listens=False, version=row.version))
        store.drop_matches(connection, window.key)
        self._jobs.cancel(connection, begin_key(window.campaign_id, window.treatment_id))

    def begin(self, connection: sa.Connection, row: CampaignRow, window: WindowRow) -> RunRow | None:
        """The run of a window, made when there is none yet; None when it is over already."""
        if window.activity_id:
            run = campaigns.get_run(connection, row.app_id, window.activity_id, lock=True)
            return run if run is not None and run.state in campaigns.UNFINISHED else None
        latest = campaigns.runs(connection, row.app_id, row.campaign_id, None, 1, window.treatment_id)
        now_ms = self._clock.now_ms()
        run = _new_run(row, window, now_ms)
        if latest and latest[0].scheduled_ms >= window.start_ms:
            # A window that is opened anew, by a later end.
            run = run._replace(scheduled_ms=now_ms)
        campaigns.add_run(connection, run)
        finish = FinishRun(app_id=row.app_id, campaign_id=row.campaign_id, activity_id=run.activity_id)
        self._messaging.open_group(connection, run.activity_id, FINISH_RUN, finish)
        store.change_window(connection, window.key, activity_id=run.activity_id)
        return run

    def close(self, connection: sa.Connection, row: CampaignRow, treatment_id: str) -> None:
        """A treatment listens no more; its run ends once its messages are handed over."""
        window = store.get_window(connection, Key(row.app_id, row.campaign_id, treatment_id), lock=True)
        if window is None:
            return
        self._forget(connection, window)
        if window.activity_id:
            self._messaging.close_group(connection, window.activity_id)

    def remove(self, connection: sa.Connection, row: CampaignRow, treatment_id: str | None = None) -> None:
        """A campaign, or one treatment of it, is stopped: it listens no more, and its run is its caller's to end."""
        for window in store.windows_of(connection, row.app_id, row.campaign_id):
            if treatment_id is None or window.treatment_id == treatment_id:
                self._forget(connection, window)

    def app_deleted(self, connection: sa.Connection, app_id: str) -> None:
        """No window of a deleted project is left."""
        for window in store.windows_of(connection, app_id):
            self._cancel(connection, window)
        store.remove_app(connection, app_id)

    def _forget(self, connection: sa.Connection, window: WindowRow) -> None:
        self._cancel(connection, window)
        store.remove_window(self._database, connection, window.key)
        if not store.windows_of(connection, window.app_id, window.campaign_id):
            store.forget_answers(connection, window.app_id, window.campaign_id)

    def _cancel(self, connection: sa.Connection, window: WindowRow) -> None:
        for key in (begin_key, answer_key, end_key):
            self._jobs.cancel(connection, key(window.campaign_id, window.treatment_id))

    def _enqueue(self, connection: sa.Connection, window: WindowRow, now_ms: int) -> None:
        """The jobs of a window that listens: to make its run when its time comes, and to end it."""
        begins, ends = (key(window.campaign_id, window.treatment_id) for key in (begin_key, end_key))
        job = WindowJob(**window.key._asdict())
        if not window.activity_id:
            due_ms = max(now_ms, window.start_ms)
            self._jobs.enqueue(connection, BEGIN_WINDOW, job, due_ms=due_ms, key=begins)
        if window.end_ms is None:
            self._jobs.cancel(connection, ends)
        else:
            job = structs.replace(job, end_ms=window.end_ms)
            self._jobs.enqueue(connection, END_WINDOW, job, due_ms=window.end_ms, key=ends)


def _new_run(row: CampaignRow, window: WindowRow, now_ms: int) -> RunRow:
    text = f"{row.app_id}/{row.campaign_id}/{row.epoch}/window/{window.treatment_id}"
    return RunRow(
        app_id=row.app_id,
        activity_id=blake2b(text.encode(), digest_size=16, person=b"clarion-run").hexdigest(),
        campaign_id=row.campaign_id,
        number=0,
        version=row.version,
        treatment_id=window.treatment_id,
        state="RUNNING",
        result=None,
        scheduled_ms=window.start_ms,
        start_ms=max(now_ms, window.start_ms),
        end_ms=None,
        reason=None,
        members=0,
        others=0,
        parts=0,
        parts_done=0,
        zones=1,
        stopped_ms=None,
        counts=None,
        kind=window.kind,
    )
