"""Charts as they are asked for: by name, of one project."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from clarion.core.clock import Clock
from clarion.core.errors import NotFound
from clarion.core.scope import Scope
from clarion.domain.analytics.charts.activity.sealing import Sealing
from clarion.domain.analytics.charts.answers import Answer, rows_of
from clarion.domain.analytics.charts.asked import Wanted, asked
from clarion.domain.analytics.charts.catalog import CHARTS
from clarion.domain.analytics.charts.model import Ask, Chart, Condition
from clarion.domain.analytics.ranges import Range
from clarion.domain.apps.service import Apps
from clarion.domain.events.repeats import Repeats
from clarion.store.columnar import Columnar


class Segments(Protocol):
    """What charts need of segments."""

    def condition(self, scope: Scope, app_id: str, segment_id: str) -> Condition:
        """The condition of a segment over the table `endpoints`; raises NotFound."""
        ...


class Charts:
    """All charts. `catch_up` returns when all acknowledged writes are in the columnar store; `days` tells how long a
    project's events are kept."""

    def __init__(
        self,
        columnar: Columnar,
        apps: Apps,
        segments: Segments,
        days: Callable[[str], int],
        clock: Clock,
        catch_up: Callable[[], None],
    ) -> None:
        self._columnar = columnar
        self._apps = apps
        self._segments = segments
        self._days = days
        self._clock = clock
        self._catch_up = catch_up
        self._repeats = Repeats(columnar)
        self._sealing = Sealing(columnar)

    def all(self) -> Sequence[Chart]:
        """Every chart, in the order of their names."""
        return [CHARTS[name] for name in sorted(CHARTS)]

    def ask(self, scope: Scope, name: str, wanted: Wanted) -> Answer:
        """A chart of a project. Raises NotFound for an unknown chart, project or segment, Invalid for what cannot be
        asked of this one."""
        chart, ask, meant = self._asked(scope, name, wanted)
        self._catch_up()
        if chart.once:
            ask = ask._replace(repeats=self._repeats.catch_up(ask.app_id))
        if chart.sessions:
            ask = ask._replace(seals=self._sealing.catch_up(ask))
        query = chart.compile(ask)
        rows = rows_of(chart, self._columnar.query(query.sql, query.parameters))
        return Answer(ask.app_id, chart, meant, ask.zone, rows, query.exact)

    def check(self, scope: Scope, name: str, wanted: Wanted) -> None:
        """Raise what `ask` would raise, without asking."""
        chart, ask, _ = self._asked(scope, name, wanted)
        chart.compile(ask)

    def _asked(self, scope: Scope, name: str, wanted: Wanted) -> tuple[Chart, Ask, Range]:
        chart = CHARTS.get(name)
        if chart is None:
            raise NotFound(f"there is no chart {name}")
        app_id = wanted.application_id
        self._apps.require(scope, app_id)
        days = self._days(app_id)
        ask, meant = asked(
            chart,
            wanted,
            self._clock.now(),
            days,
            lambda segment_id: self._segments.condition(scope, app_id, segment_id),
        )
        return chart, ask, meant
