"""KPIs as they are asked for: by name, over a range of dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from clarion.core.clock import Clock, to_ms
from clarion.core.errors import Invalid
from clarion.domain.analytics.kpis import KPIS, Family
from clarion.domain.analytics.query import rows
from clarion.shapes.pinpoint import BaseKpiResult, ResultRow, ResultRowValue
from clarion.store.columnar import Columnar

MOST_DAYS = 31
"""Calendar days in a range."""

BACK_DAYS = 90
"""A range begins less than so many days ago."""

_SECOND = timedelta(seconds=1)


class Range(NamedTuple):
    """From one moment to another, both included."""

    start: datetime
    end: datetime


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
        self, family: Family, app_id: str, id: str, name: str, start: datetime | None, end: datetime | None
    ) -> Answer:
        """A KPI of a project, campaign or journey, which the caller has found. Raises Invalid for an unknown name, or
        dates that cannot be asked for."""
        kpi = KPIS[family].get(name)
        if kpi is None:
            raise Invalid(f"KpiName: there is no {name} of {'an' if family[0] in 'aeiou' else 'a'} {family}")
        meant = range_of(start, end, self._clock.now())
        self._catch_up()
        # The end is a whole second.
        until_ms = to_ms(meant.end) + 999
        found = rows(self._columnar, kpi, app_id, id, to_ms(meant.start), until_ms)
        answered = [
            ResultRow(grouped_bys=_grouped(kpi.group, one.group), values=[_value(kpi.key, one.value)]) for one in found
        ]
        return Answer(meant, BaseKpiResult(rows=answered))


def range_of(start: datetime | None, end: datetime | None, now: datetime) -> Range:
    """The range that is meant; a missing end is a full range's, or now. Raises Invalid."""
    now = now.astimezone(UTC).replace(microsecond=0)
    start, end = (None if one is None else _utc(one) for one in (start, end))
    if start is None:
        last = end or now
        start = datetime.combine(last.date() - timedelta(days=MOST_DAYS - 1), time(), UTC)
    if end is None:
        end = min(now, datetime.combine(start.date() + timedelta(days=MOST_DAYS), time(), UTC) - _SECOND)
    if start > end:
        raise Invalid("StartTime: must not be after EndTime")
    if (end.date() - start.date()).days >= MOST_DAYS:
        raise Invalid(f"EndTime: a range has at most {MOST_DAYS} calendar days")
    if (now.date() - start.date()).days >= BACK_DAYS:
        raise Invalid(f"StartTime: must be less than {BACK_DAYS} days ago")
    return Range(start, end)


def _utc(moment: datetime) -> datetime:
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        raise Invalid(f"{moment.isoformat()} is out of range") from None


def _grouped(group: str | None, value: str) -> list[ResultRowValue]:
    return [] if group is None else [ResultRowValue(key=group, type="String", value=value)]


def _value(key: str, value: float) -> ResultRowValue:
    return ResultRowValue(key=key, type="Double", value=str(value))
