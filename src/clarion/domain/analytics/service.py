"""KPIs as they are asked for: by name, over a range of dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from clarion.core.clock import Clock, to_ms
from clarion.core.errors import Invalid
from clarion.domain.analytics.kpis import KPIS, Family
from clarion.domain.analytics.query import rows
from clarion.domain.analytics.ranges import Range, range_of
from clarion.shapes.pinpoint import BaseKpiResult, ResultRow, ResultRowValue
from clarion.store.columnar import Columnar

MOST_DAYS = 31
"""Calendar days in a range."""

BACK_DAYS = 90
"""A range begins less than so many days ago."""


class Answer(NamedTuple):
    """A KPI over the range that was meant."""

    range: Range
    result: BaseKpiResult


class Kpis:
    """All KPIs. `catch_up` returns when all acknowledged writes are in the columnar store."""

    def __init__(self, columnar: Columnar, clock: Clock, catch_up: Callable[[], None]) -> None:
        self._columnar = columnar
        self._clock = clock
        self._catch_up = catch_up

    def ask(
        self,
        family: Family,
        app_id: str,
        id: str,
        name: str,
        start: datetime | None,
        end: datetime | None,
        token: str | None = None,
    ) -> Answer:
        """A KPI of a project, campaign or journey, which the caller has found. Raises Invalid for an unknown name,
        dates that cannot be asked for, or a `token`: all rows are one page, so none was handed out for another."""
        if token:
            raise Invalid("NextToken: a KPI has one page, this is the token of something else")
        kpi = KPIS[family].get(name)
        if kpi is None:
            raise Invalid(f"KpiName: there is no {name} of {'an' if family[0] in 'aeiou' else 'a'} {family}")
        meant = range_of(start, end, self._clock.now(), most=MOST_DAYS, back=BACK_DAYS)
        self._catch_up()
        # The end is a whole second.
        until_ms = to_ms(meant.end) + 999
        found = rows(self._columnar, kpi, app_id, id, to_ms(meant.start), until_ms)
        answered = [
            ResultRow(grouped_bys=_grouped(kpi.group, one.group), values=[_value(kpi.key, one.value)]) for one in found
        ]
        return Answer(meant, BaseKpiResult(rows=answered))


def _grouped(group: str | None, value: str) -> list[ResultRowValue]:
    return [] if group is None else [ResultRowValue(key=group, type="String", value=value)]


def _value(key: str, value: float) -> ResultRowValue:
    return ResultRowValue(key=key, type="Double", value=str(value))
