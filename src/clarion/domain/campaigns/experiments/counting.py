"""What the record says of each arm of a campaign: its goal in the words of the record, and who belongs to the rest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import sqlalchemy as sa

from clarion.domain.campaigns import store
from clarion.domain.campaigns.experiments.shares import REST
from clarion.domain.campaigns.service import definition
from clarion.domain.campaigns.store import CampaignRow, RunRow
from clarion.domain.events.comparing.conversions import Arm, Goal, arms
from clarion.domain.segments.occasions import occasion
from clarion.shapes.pinpoint import ConversionGoal, WriteCampaignRequest
from clarion.store.columnar import Columnar
from clarion.store.database import Database

_DAY = timedelta(days=1) / timedelta(milliseconds=1)
_MOST_RUNS = 100


class Counting:
    """Counts arms."""

    def __init__(self, database: Database, columnar: Columnar, catch_up: Callable[[], object]) -> None:
        self._database = database
        self._columnar = columnar
        self._catch_up = catch_up

    def arms(self, row: CampaignRow, wanted: WriteCampaignRequest) -> dict[str, Arm]:
        """The arms of a campaign, by the goal of this definition; all that was accepted before is counted."""
        rest = [run.activity_id for run in self.rest_runs(row, wanted)]
        self._catch_up()
        goal = None if wanted.conversion_goal is None else _goal(row.app_id, wanted.conversion_goal)
        return arms(self._columnar, row.app_id, row.campaign_id, row.created_ms, goal, rest)

    def rest_runs(self, row: CampaignRow, wanted: WriteCampaignRequest) -> list[RunRow]:
        """The runs that sent a winner to the rest, the latest first."""

        def work(connection: sa.Connection) -> list[RunRow]:
            found = store.runs(connection, row.app_id, row.campaign_id, None, _MOST_RUNS)
            return [run for run in found if run.number == REST and _tests(connection, run)]

        return [] if wanted.winner is None else self._database.read(work)


def _tests(connection: sa.Connection, run: RunRow) -> bool:
    """Whether the run is of a version with a winner: the campaign may have been another one before."""
    version = store.get_version(connection, run.app_id, run.campaign_id, run.version)
    return version is not None and definition(version).winner is not None


def _goal(app_id: str, wanted: ConversionGoal) -> Goal:
    condition = occasion(app_id, wanted.attributes, wanted.metrics)
    return Goal(wanted.event_type, condition.sql, condition.parameters, int(wanted.days * _DAY))
