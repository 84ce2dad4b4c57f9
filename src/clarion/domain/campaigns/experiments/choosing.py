"""The end of a test: the treatment with the best rate is sent to the rest, as a run (activity) of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock
from clarion.domain.campaigns import store
from clarion.domain.campaigns.allocation import DEFAULT
from clarion.domain.campaigns.experiments.counting import Counting
from clarion.domain.campaigns.experiments.pending import CHOOSE, ChooseWinner
from clarion.domain.campaigns.experiments.shares import REST
from clarion.domain.campaigns.lifecycle import Lifecycle
from clarion.domain.campaigns.model import PLAN_RUN, PlanRun
from clarion.domain.campaigns.service import definition
from clarion.domain.campaigns.store import CampaignRow
from clarion.domain.campaigns.treatments import treatments
from clarion.domain.events.comparing.conversions import Arm
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.shapes.pinpoint import CampaignWinnerMetric
from clarion.store.database import Database

ATTEMPTS = 30
"""It needs the columnar store, which may be away for about an hour."""

_DID = {"CONVERSION": "converted", "OPEN": "opened", "CLICK": "clicked"}
_log = structlog.get_logger(__name__)


class Chosen(NamedTuple):
    """The treatment that was best, and why."""

    treatment_id: str
    reason: str


def best(arms: Mapping[str, Arm], candidates: Sequence[str], metric: CampaignWinnerMetric) -> Chosen:
    """The treatment with the highest rate; of several, the default one, else the first. Who reached nobody has none."""
    found = {name: arm for name in candidates if (arm := arms.get(name, Arm())).people}
    told = ", ".join(
        f"treatment {name} {_did(arm, metric) / arm.people:.1%} ({_did(arm, metric)} of {arm.people} {_DID[metric]})"
        for name, arm in found.items()
    )
    if not found:
        return Chosen(
            _first(candidates), f"the test reached nobody, so treatment {_first(candidates)} goes to the rest"
        )
    rates = {name: Fraction(_did(arm, metric), arm.people) for name, arm in found.items()}
    ahead = [name for name, rate in rates.items() if rate == max(rates.values())]
    chosen = _first(ahead)
    words = "has the best rate" if len(ahead) == 1 else "is one of several with the best rate"
    return Chosen(chosen, f"winner of the test: treatment {chosen} {words}: {told}")


def _first(names: Sequence[str]) -> str:
    return DEFAULT if DEFAULT in names else names[0]


def _did(arm: Arm, metric: CampaignWinnerMetric) -> int:
    return {"CONVERSION": arm.conversions, "OPEN": arm.opens, "CLICK": arm.clicks}[metric]


class Choosing:
    """The engine's job that ends tests. `register` makes the worker call it."""

    def __init__(self, database: Database, lifecycle: Lifecycle, counting: Counting, jobs: Jobs, clock: Clock) -> None:
        self._database = database
        self._lifecycle = lifecycle
        self._counting = counting
        self._jobs = jobs
        self._clock = clock

    def register(self) -> None:
        """Handle the job."""
        self._jobs.register(CHOOSE, self.choose, attempts=ATTEMPTS, on_dead=self._given_up)

    def choose(self, job: LeasedJob) -> None:
        """Send the best treatment to the rest; nothing when there is nothing to choose any more.

        Whoever pauses, stops or deletes the campaign takes the job away, and so this transaction's right to finish it.
        """
        args = job.decode(ChooseWinner)
        row = self._database.read(lambda connection: store.get(connection, args.app_id, args.campaign_id))
        chosen = None if row is None else self._best(row)

        def work(connection: sa.Connection) -> None:
            now = store.get(connection, args.app_id, args.campaign_id, lock=True)
            job.finish(connection)
            if row is None or now is None or now.gone or now.status == "DELETED":
                return
            if now.version != row.version:
                self._jobs.enqueue(connection, CHOOSE, args, due_ms=job.due_ms, key=job.key)
                return
            if chosen is not None:
                self._send(connection, now, chosen)
            self._lifecycle.ended(connection, now, *now.standings)

        self._database.write(work)

    def _best(self, row: CampaignRow) -> Chosen | None:
        """None when no treatment can be sent."""
        version = self._database.read(lambda c: store.get_version(c, row.app_id, row.campaign_id, row.version))
        wanted = definition(version) if version else None
        if wanted is None or wanted.winner is None:
            return None
        standings = row.standings
        able = [one.id for one in treatments(wanted) if one.id in standings and standings[one.id].status != "INVALID"]
        return best(self._counting.arms(row, wanted), able, wanted.winner.metric) if able else None

    def _send(self, connection: sa.Connection, row: CampaignRow, chosen: Chosen) -> None:
        run = store.new_run(row, chosen.treatment_id, REST, self._clock.now_ms())._replace(reason=chosen.reason)
        _log.info(
            "campaigns.winner_chosen", campaign=row.campaign_id, treatment=chosen.treatment_id, reason=chosen.reason
        )
        store.add_run(connection, run)
        planning = PlanRun(app_id=row.app_id, campaign_id=row.campaign_id, activity_id=run.activity_id)
        self._jobs.enqueue(connection, PLAN_RUN, planning, due_ms=run.scheduled_ms, key=f"run:{run.activity_id}")

    def _given_up(self, connection: sa.Connection, job: LeasedJob) -> None:
        """Nothing is sent to the rest; a run that failed says so."""
        args = job.decode(ChooseWinner)
        row = store.get(connection, args.app_id, args.campaign_id, lock=True)
        if row is None or row.gone or row.status == "DELETED":
            return
        now = self._clock.now_ms()
        run = store.new_run(row, DEFAULT, REST, now)._replace(
            state="COMPLETED", result="FAIL", start_ms=now, end_ms=now, reason="no winner could be chosen"
        )
        store.add_run(connection, run)
        self._lifecycle.ended(connection, row, *row.standings)
