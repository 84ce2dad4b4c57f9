"""The choice of a winner that is yet to come: a job, from the start of the test to the end of its time.

    begin ──→ waiting ──→ (chosen: `choosing`)
                 │ hold        ↑ release
                 └──→ held ────┘

What is held is kept as other jobs of runs that stand still (`store.campaign_held`), under the campaign's own id. All
of it is part of its caller's transaction.
"""

from __future__ import annotations

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.domain.campaigns import store
from clarion.domain.campaigns.allocation import DEFAULT
from clarion.domain.campaigns.experiments.shares import is_rest, length_ms
from clarion.domain.campaigns.store import CampaignRow, HeldJob, RunRow
from clarion.engine.jobs import Jobs
from clarion.shapes.pinpoint import CampaignStatus, WriteCampaignRequest
from clarion.store.database import Database

CHOOSE = "campaigns.choose_winner"


class ChooseWinner(msgspec.Struct, kw_only=True):
    """Job: send the best treatment to the rest. Once it was held, `due_ms` and `held_ms` say when it would have been
    due and since when it stands still (Unix ms); `paused`: since the campaign is paused."""

    version: int = 1
    app_id: str
    campaign_id: str
    due_ms: int = 0
    held_ms: int = 0
    paused: bool = False


def choice_key(campaign_id: str) -> str:
    """The key of the one job."""
    return f"campaign:{campaign_id}:winner"


class Choices:
    """The choices of all campaigns."""

    def __init__(self, database: Database, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._jobs = jobs
        self._clock = clock

    def begin(self, connection: sa.Connection, run: RunRow, wanted: WriteCampaignRequest) -> None:
        """The default treatment's run of a test has begun: its time begins, too."""
        if wanted.winner is None or run.treatment_id != DEFAULT or is_rest(wanted, run):
            return
        due_ms = max(run.scheduled_ms, self._clock.now_ms()) + length_ms(wanted.winner)
        self._enqueue(connection, ChooseWinner(app_id=run.app_id, campaign_id=run.campaign_id), due_ms)

    def standing(self, connection: sa.Connection, row: CampaignRow) -> CampaignStatus | None:
        """Where a campaign stands whose runs are over but whose choice is to come; None when there is none to come."""
        if self._jobs.has(connection, choice_key(row.campaign_id)):
            return "PENDING_NEXT_RUN"
        return "PAUSED" if self.held(connection, row) else None

    def held(self, connection: sa.Connection, row: CampaignRow) -> bool:
        """Whether it stands still."""
        return store.has_held(connection, row.app_id, row.campaign_id)

    def hold(self, connection: sa.Connection, row: CampaignRow, *, paused: bool = False) -> bool:
        """Let it stand still; False when there is none that waits."""
        key = choice_key(row.campaign_id)
        due_ms = self._jobs.due_ms(connection, key)
        if due_ms is None:
            return False
        self._jobs.cancel(connection, key)
        now = self._clock.now_ms()
        args = ChooseWinner(app_id=row.app_id, campaign_id=row.campaign_id, due_ms=due_ms, held_ms=now, paused=paused)
        self._keep(connection, args)
        return True

    def release(self, connection: sa.Connection, row: CampaignRow) -> bool:
        """Let it go on, so much later as it stood still; False when none stands still."""
        found = self._take(connection, row)
        if found is None:
            return False
        now = self._clock.now_ms()
        self._enqueue(connection, found, max(now, found.due_ms + now - found.held_ms))
        return True

    def drop(self, connection: sa.Connection, row: CampaignRow) -> bool:
        """There is nothing to choose any more; False when there was not anyway."""
        held = store.take_held(connection, row.app_id, row.campaign_id)
        return self._jobs.cancel(connection, choice_key(row.campaign_id)) or bool(held)

    def changed(self, connection: sa.Connection, before: CampaignRow, row: CampaignRow, *, winner: bool) -> None:
        """A campaign has a new version, which wants a winner or not, and may pause it or let it go on.

        The runs of a test go on while the campaign is paused, so its time does, too.
        """
        if not winner:
            self.drop(connection, row)
        elif row.paused:
            self.hold(connection, row, paused=True)
        elif (found := self._take(connection, row)) is not None:
            if found.paused:
                self._enqueue(connection, found, max(self._clock.now_ms(), found.due_ms))
            else:
                self._keep(connection, found)

    def _take(self, connection: sa.Connection, row: CampaignRow) -> ChooseWinner | None:
        found = store.take_held(connection, row.app_id, row.campaign_id)
        return msgspec.json.decode(found[0].args, type=ChooseWinner) if found else None

    def _keep(self, connection: sa.Connection, args: ChooseWinner) -> None:
        held = HeldJob(choice_key(args.campaign_id), CHOOSE, msgspec.json.encode(args))
        store.hold(self._database, connection, args.app_id, args.campaign_id, held)

    def _enqueue(self, connection: sa.Connection, args: ChooseWinner, due_ms: int) -> None:
        job = ChooseWinner(app_id=args.app_id, campaign_id=args.campaign_id)
        self._jobs.enqueue(connection, CHOOSE, job, due_ms=due_ms, key=choice_key(args.campaign_id))
