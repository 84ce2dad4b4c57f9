"""Charts as they are answered: rows in the layout of KPIs, what they come to, and the same as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from clarion.core.clock import iso
from clarion.domain.analytics.charts.model import Chart
from clarion.domain.analytics.ranges import Range, zone_of
from clarion.shapes.pinpoint import ResultRow, ResultRowValue

DATE = "Date"


class Summary(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A value by day over the whole range: its total where days add up, its average (a day without a row counts as 0
    where values are counts, and else does not count), its change from the first day of the range to the last, as a
    share of the first; absent when there is nothing to compare with."""

    key: str
    average: float
    total: float | None = None
    change: float | None = None


class ChartAnswer(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A chart over the range that was meant. Values are texts of decimal numbers; where there was nothing to count
    there is no row, and a row without a value lacks it. `exact` is false where people are counted by a sketch."""

    application_id: str
    chart: str
    start_time: str
    end_time: str
    time_zone: str
    exact: bool
    rows: list[ResultRow]
    summaries: list[Summary] = []


class Row(NamedTuple):
    """The groups of a row, and its values; None: there is none."""

    groups: Sequence[str]
    values: Sequence[float | None]


class Answer(NamedTuple):
    """What a chart came to."""

    app_id: str
    chart: Chart
    range: Range
    zone: str
    rows: Sequence[Row]
    exact: bool


def rows_of(chart: Chart, found: Sequence[Sequence[object]]) -> list[Row]:
    """The rows of a query's answer."""
    groups = len(chart.groups)
    return [Row([str(one) for one in row[:groups]], [_number(one) for one in row[groups:]]) for row in found]


def answered(answer: Answer) -> ChartAnswer:
    """As the API answers it."""
    chart = answer.chart
    return ChartAnswer(
        application_id=answer.app_id,
        chart=chart.name,
        start_time=iso(answer.range.start),
        end_time=iso(answer.range.end),
        time_zone=answer.zone,
        exact=answer.exact,
        rows=[_row(chart, row) for row in answer.rows],
        summaries=_summaries(answer),
    )


def as_csv(answer: Answer) -> bytes:
    """A line of column names, then a line for each row, as RFC 4180 has it."""
    text = io.StringIO()
    lines = csv.writer(text)
    lines.writerow([*answer.chart.groups, *answer.chart.values])
    for row in answer.rows:
        lines.writerow([*(_cell(one) for one in row.groups), *("" if one is None else str(one) for one in row.values)])
    return text.getvalue().encode()


def _number(value: object) -> float | None:
    number = None if value is None else float(str(value))
    return None if number is None or not math.isfinite(number) else number


def _cell(text: str) -> str:
    # A spreadsheet would take it for a formula, and apps may report what they like.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _row(chart: Chart, row: Row) -> ResultRow:
    groups = zip(chart.groups, row.groups, strict=True)
    values = zip(chart.values, row.values, strict=True)
    return ResultRow(
        grouped_bys=[ResultRowValue(key=key, type="String", value=value) for key, value in groups],
        values=[ResultRowValue(key=key, type="Double", value=str(value)) for key, value in values if value is not None],
    )


def _summaries(answer: Answer) -> list[Summary]:
    chart = answer.chart
    if list(chart.groups) != [DATE]:
        return []
    first, last = answer.range.days(zone_of(answer.zone))
    days = (last - first).days + 1
    found = []
    for number, key in enumerate(chart.values):
        by_day = {row.groups[0]: value for row in answer.rows if (value := row.values[number]) is not None}
        if by_day:
            total = sum(by_day.values())
            average = total / (days if chart.add_up or chart.counts else len(by_day))
            change = _change(by_day, answer)
            found.append(Summary(key=key, average=average, total=total if chart.add_up else None, change=change))
    return found


def _change(by_day: dict[str, float], answer: Answer) -> float | None:
    first, last = (day.isoformat() for day in answer.range.days(zone_of(answer.zone)))
    before, after = by_day.get(first), by_day.get(last, 0.0 if answer.chart.add_up or answer.chart.counts else None)
    return None if not before or after is None or first == last else (after - before) / before
