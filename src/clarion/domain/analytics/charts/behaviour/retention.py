"""Retention: who came back. Days are days of the zone, and to come back is to be active on a later one.

Somebody is new on the day of their first event in the record; but whoever has an endpoint that is older than the record
is not, since nobody knows what came before. What is not known yet, since the time to come back is not over, is left
out: a share of those who have come so far would always fall towards the end. Days that the range touches count whole.

A row a person, with their days as bits of one number (`activity.presence`); no joins.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from clarion.core.clock import to_ms
from clarion.domain.analytics.charts.activity.presence import (
    BITS,
    Days,
    counted,
    days_of,
    pieces,
    presence,
    within,
)
from clarion.domain.analytics.charts.model import Ask, Chart, Query
from clarion.domain.analytics.charts.sources import query
from clarion.domain.analytics.ranges import zone_of

WINDOWS = (1, 7, 14, 30)
"""Days in which somebody can come back."""
WEEK = 7

DAY = timedelta(days=1)
LOWEST = "bitAnd({0}, bitNot({0}) + 1)"
"""The lowest bit of a number."""


def _daily(ask: Ask) -> Query:
    parts = [_new(ask, days) for days in pieces(days_of(ask), BITS - 1 - WINDOWS[-1])]
    shares = ", ".join(
        f"if(day + {days} < {number(today(ask))}, sumIf(people, gap <= {days}) / sum(people), NULL)" for days in WINDOWS
    )
    sql = (
        f"SELECT toString(toDate(day)), toFloat64(sum(people)), {shares}"  # noqa: S608 - numbers and constants
        f" FROM ({' UNION ALL '.join(parts)}) GROUP BY day ORDER BY day"
    )
    return query(ask, sql)


def _new(ask: Ask, days: Days) -> str:
    """A row for each `day` and `gap`, the days until they came back (64: they did not): how many `people`."""
    known = Days(days.first, days.last + WINDOWS[-1] * DAY)
    seen = presence(whole(ask, known), ask.by, known, earlier=True, older=ask.kept_ms)
    first, back = LOWEST.format("days"), LOWEST.format("later")
    people = (
        f"SELECT {first} AS first, bitAnd(days, bitNot(first * 2 - 1)) AS later, {back} AS back FROM {seen}"  # noqa: S608
        f" WHERE first > 1 AND first <= {1 << len(days)}"
    )
    return (
        f"SELECT toInt32({number(days.first)} + bitCount(first - 1) - 1) AS day,"  # noqa: S608 - as above
        f" if(back = 0, {BITS}, bitCount(back - 1) - bitCount(first - 1)) AS gap, count() AS people"
        f" FROM ({people}) GROUP BY first, back"
    )


def _rate(ask: Ask) -> Query:
    parts = []
    for days in pieces(days_of(ask), BITS - WEEK):
        known = Days(days.first - WEEK * DAY, days.last)
        again = f"bitAnd(bitShiftLeft(days, {WEEK}), {within('days', WEEK)})"
        selected = (
            f"(SELECT days, bitShiftLeft(days, {WEEK}) AS before, {again} AS again"  # noqa: S608 - as above
            f" FROM {presence(whole(ask, known), ask.by, known)})"
        )
        found = counted(selected, ["before", "again"], days, WEEK)
        parts.append(f"SELECT date, n0, n1 FROM {found} WHERE n0 != 0")  # noqa: S608 - as above
    sql = (
        f"SELECT date, toFloat64(n0), if(date < '{today(ask)}', n1 / n0, NULL)"  # noqa: S608 - as above
        f" FROM ({' UNION ALL '.join(parts)}) ORDER BY date"
    )
    return query(ask, sql)


def whole(ask: Ask, days: Days) -> Ask:
    """The same, asked for all of these days."""
    return ask._replace(since_ms=_begin(ask, days.first), until_ms=_begin(ask, days.last + DAY) - 1)


def today(ask: Ask) -> date:
    """The day it is in the zone."""
    return datetime.fromtimestamp(ask.now_ms / 1000, zone_of(ask.zone)).date()


def number(day: date) -> int:
    """The day as the store counts them."""
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _begin(ask: Ask, day: date) -> int:
    return to_ms(datetime.combine(day, time(), zone_of(ask.zone)).astimezone(UTC))


CHARTS = [
    Chart(
        "daily-retention",
        "Of the people who were new on a day, the share that was active again within 1, 7, 14 and 30 days.",
        ("Date",),
        ("People", *(f"Retention{days}Day{'s' if days > 1 else ''}" for days in WINDOWS)),
        _daily,
        takes=frozenset({"By"}),
        people="User",
    ),
    Chart(
        "retention-rate",
        "Of the people who were active seven days before a day, the share that was active again by the end of it.",
        ("Date",),
        ("People", "RetentionRate"),
        _rate,
        takes=frozenset({"By"}),
        people="User",
    ),
]
