"""Verbs for runs in flight: stop them where they are, let them go on, or end them for good.

    RUNNING | INITIALIZING ──stop──→ PAUSED ──resume──→ as before, so much later
                         └───cancel──→ CANCELLED ←──cancel──┘

A stopped run keeps its planned pages (`store.campaign_held`) and its messages (`Messaging.hold_group`). Only what
the lanes have in hand at that moment still goes out. Ids derive from the run, so going on sends nothing twice. While
a run of a treatment is stopped, no further run of it begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.core.errors import Conflict, NotFound
from clarion.core.scope import Scope
from clarion.domain.campaigns import store
from clarion.domain.campaigns.lifecycle import Lifecycle
from clarion.domain.campaigns.model import SEND_PAGE, SendPage
from clarion.domain.campaigns.store import CampaignRow, RunRow
from clarion.domain.messaging.service import Messaging
from clarion.engine.jobs import Jobs
from clarion.store.database import Database

GOING = ("INITIALIZING", "RUNNING")
STOPPED = ("PAUSED",)


class Stopped(NamedTuple):
    """What became of a campaign's runs: the campaign's status, ids of the runs, and how many messages they hold,
    sent on, or took back."""

    status: str
    activities: list[str]
    messages: int


class Stopping:
    """Stops and resumes the runs of every app."""

    def __init__(
        self, database: Database, lifecycle: Lifecycle, messaging: Messaging, jobs: Jobs, clock: Clock
    ) -> None:
        self._database = database
        self._lifecycle = lifecycle
        self._choices = lifecycle.choices
        self._messaging = messaging
        self._jobs = jobs
        self._clock = clock

    def stop(self, scope: Scope, app_id: str, campaign_id: str) -> Stopped:
        """Hold the campaign's runs where they are. Raises NotFound, Conflict when none is in flight."""
        none = "no run of the campaign is in flight"
        return self._each(scope, app_id, campaign_id, GOING, none, self._stop, self._choices.hold)

    def resume(self, scope: Scope, app_id: str, campaign_id: str) -> Stopped:
        """Let its stopped runs go on. Raises NotFound, Conflict when none is stopped."""
        none = "no run of the campaign is stopped"
        return self._each(scope, app_id, campaign_id, STOPPED, none, self._resume, self._release)

    def cancel(self, scope: Scope, app_id: str, campaign_id: str) -> Stopped:
        """End its runs for good and take back what was not handed over. Raises NotFound, Conflict when there is none.

        A campaign that recurs goes on with its next run.
        """
        states = (*GOING, *STOPPED)
        none = "no run of the campaign is in flight"
        return self._each(scope, app_id, campaign_id, states, none, self._cancel, self._choices.drop)

    def _each(
        self,
        scope: Scope,
        app_id: str,
        campaign_id: str,
        states: tuple[str, ...],
        none: str,
        act: Callable[[sa.Connection, RunRow], int],
        choice: Callable[[sa.Connection, CampaignRow], bool],
    ) -> Stopped:
        def work(connection: sa.Connection) -> Stopped:
            row = _required(connection, scope, app_id, campaign_id)
            unfinished = store.unfinished_runs(connection, app_id, campaign_id)
            found = [run for run in unfinished if run.state in states]
            waited = choice(connection, row)
            if not waited and not found:
                raise Conflict(none)
            messages = 0
            for one in found:
                run = store.get_run(connection, app_id, one.activity_id, lock=True)
                if run is not None and run.state in states:
                    messages += act(connection, run)
            # The choice of a winner concerns all treatments.
            self._lifecycle.ended(connection, row, *(row.standings if waited else {run.treatment_id for run in found}))
            after = store.get(connection, app_id, campaign_id)
            assert after is not None
            return Stopped(after.status, [run.activity_id for run in found], messages)

        return self._database.write(work)

    def _stop(self, connection: sa.Connection, run: RunRow) -> int:
        now = self._clock.now_ms()
        store.change_run(connection, run.app_id, run.activity_id, state="PAUSED", stopped_ms=now)
        return self._messaging.hold_group(connection, run.activity_id)

    def _resume(self, connection: sa.Connection, run: RunRow) -> int:
        now = self._clock.now_ms()
        stood = now - (run.stopped_ms or now)
        state = "INITIALIZING" if run.start_ms is None else "RUNNING"
        store.change_run(connection, run.app_id, run.activity_id, state=state, stopped_ms=None)
        for held in store.take_held(connection, run.app_id, run.activity_id):
            args: Mapping[str, Any] = msgspec.json.decode(held.args)
            due_ms = now
            if held.kind == SEND_PAGE:
                page = msgspec.convert(args, SendPage)
                due_ms = max(now, page.planned_ms)
                args = msgspec.to_builtins(_later(page, stood))
            self._jobs.enqueue(connection, held.kind, dict(args), due_ms=due_ms, key=held.key or None)
        return self._messaging.free_group(connection, run.activity_id, stood)

    def _release(self, connection: sa.Connection, row: CampaignRow) -> bool:
        """Let the choice of a winner go on, unless the campaign itself is paused."""
        return not row.paused and self._choices.release(connection, row)

    def _cancel(self, connection: sa.Connection, run: RunRow) -> int:
        return self._lifecycle.cancel_run(connection, run, "stopped for good")


def _later(page: SendPage, by_ms: int) -> SendPage:
    """The page so much later: whoever comes next keeps the distance to whom the rate let go before."""
    return msgspec.structs.replace(page, began_ms=page.began_ms + by_ms) if page.began_ms else page


def _required(connection: sa.Connection, scope: Scope, app_id: str, campaign_id: str) -> CampaignRow:
    row = store.get(connection, app_id, campaign_id, lock=True)
    if row is None or row.gone or Scope(row.account, row.region) != scope:
        raise NotFound()
    if row.kind:
        raise Conflict("a campaign that waits for events is paused by IsPaused")
    return row
