"""Execution metrics as they are asked for: of which journey, activity and run, as of now."""

from __future__ import annotations

from typing import NamedTuple

from clarion.core.clock import Clock, iso_ms
from clarion.core.errors import NotFound
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.journeys import store
from clarion.domain.journeys.activities.port import Kind
from clarion.domain.journeys.definition import route
from clarion.domain.journeys.graph import Node
from clarion.domain.journeys.metrics.figures import JourneyFigures
from clarion.domain.journeys.metrics.moves import Moves
from clarion.store.database import Database


class Counted(NamedTuple):
    """Metrics in the API's way, numbers as text. `type` is that of the activity, "" for a journey or run."""

    metrics: dict[str, str]
    at: str
    type: str = ""


class JourneyMetrics:
    """All metrics; all verbs raise NotFound for what is not there."""

    def __init__(self, database: Database, apps: Apps, moves: Moves, clock: Clock) -> None:
        self._database = database
        self._apps = apps
        self._moves = moves
        self._figures = JourneyFigures(moves)
        self._clock = clock

    def journey(self, scope: Scope, app_id: str, journey_id: str) -> Counted:
        """Of the journey as a whole."""
        self.require(scope, app_id, journey_id)
        return self._counted(self._figures.journey(app_id, journey_id))

    def run(self, scope: Scope, app_id: str, journey_id: str, run_id: str) -> Counted:
        """Of one execution of its entry."""
        self.require(scope, app_id, journey_id, run_id)
        return self._counted(self._figures.run(app_id, journey_id, run_id))

    def activity(self, scope: Scope, app_id: str, journey_id: str, activity: str, run_id: str = "") -> Counted:
        """Of one activity of any version, in one run or ("") in all."""
        self.require(scope, app_id, journey_id, run_id)
        nodes = self._nodes(app_id, journey_id, activity)
        kind = _kind(nodes)
        branches = dict.fromkeys(edge.outcome for node in reversed(nodes) for edge in node.edges)
        figures = self._figures.activity(app_id, journey_id, activity, kind.metric, branches, run_id)
        return self._counted(figures, kind.metric)

    def require(self, scope: Scope, app_id: str, journey_id: str, run_id: str = "") -> None:
        self._apps.require(scope, app_id)
        if self._database.read(lambda connection: store.get(connection, app_id, journey_id)) is None:
            raise NotFound
        if run_id:
            run = self._database.read(lambda connection: store.get_run(connection, app_id, run_id))
            if run is None or run.journey_id != journey_id:
                raise NotFound
        self._moves.catch_up()

    def _nodes(self, app_id: str, journey_id: str, activity: str) -> list[Node]:
        """The activity in all versions that have it, the newest first."""
        kept = self._database.read(lambda connection: store.definitions(connection, app_id, journey_id))
        found = [route(kept[version]).graph.get(activity) for version in sorted(kept, reverse=True)]
        return [node for node in found if node is not None]

    def _counted(self, figures: dict[str, int], type: str = "") -> Counted:
        return Counted({name: str(number) for name, number in figures.items()}, iso_ms(self._clock.now_ms()), type)


def _kind(nodes: list[Node]) -> Kind:
    for node in nodes:
        for kind in node.kinds:
            return kind
    raise NotFound
