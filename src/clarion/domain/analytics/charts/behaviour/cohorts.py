"""Cohorts: people by the week in which they were new, or first did something, and how many were active in later weeks.

Weeks begin on Mondays of the zone. Who is new is as in `retention`. Of a week that is not over nothing is told but who
belongs to it.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from clarion.domain.analytics.charts.activity.presence import BITS, Days, days_of, pieces, presence
from clarion.domain.analytics.charts.behaviour.retention import DAY, LOWEST, WEEK, number, today, whole
from clarion.domain.analytics.charts.behaviour.steps import PERSON
from clarion.domain.analytics.charts.model import Ask, Chart, Query
from clarion.domain.analytics.charts.sources import DAY as DAY_OF_EVENT
from clarion.domain.analytics.charts.sources import matching, query, reported


class _Piece(NamedTuple):
    """Some of the days: the numbers `d0`, `a0` … of a person hold when they were seen, and active. The first piece
    tells in bit 0 who was seen before."""

    place: int
    days: Days

    @property
    def lead(self) -> int:
        """Bits before the one of the first day."""
        return 1 if self.place == 0 else 0

    def bits(self, first: date, last: date) -> int:
        """Those of the days from the first to the last."""
        low, high = max(first, self.days.first), min(last, self.days.last)
        return ((1 << (high - low).days + 1) - 1) << (low - self.days.first).days + self.lead if low <= high else 0


def _cohorts(ask: Ask) -> Query:
    days, now = days_of(ask), today(ask)
    monday = days.first - days.first.weekday() * DAY
    passed = max((now - monday).days // WEEK, 0)
    weeks = max(passed, (days.last - monday).days // WEEK + 1)
    some = [_Piece(place, one) for place, one in enumerate(pieces(Days(days.first, max(now, days.last)), BITS - 1))]
    active = ", ".join(_active(some, monday + week * WEEK * DAY) for week in range(weeks))
    sql = (
        f"WITH nth - 1 AS week SELECT toString(toDate({number(monday)} + cohort * {WEEK})), toString(week - cohort),"  # noqa: S608
        f" toFloat64(people), if(week < {passed}, toFloat64(active), NULL), if(week < {passed}, active / people, NULL)"
        f" FROM (SELECT intDiv(first - {number(monday)}, {WEEK}) AS cohort, count() AS people,"
        f" sumForEach([{active}]) AS kept FROM ({_people(ask, some)})"
        f" WHERE first BETWEEN {number(days.first)} AND {number(days.last)} GROUP BY cohort)"
        f" ARRAY JOIN kept AS active, arrayEnumerate(kept) AS nth"
        f" WHERE week = cohort OR (week > cohort AND week < {passed}) ORDER BY cohort, week"
    )
    return query(ask, sql)


def _active(some: list[_Piece], monday: date) -> str:
    """Whether somebody was active in the week."""
    tests = [f"bitAnd(a{piece.place}, {bits}) != 0" for piece in some if (bits := piece.bits(monday, monday + 6 * DAY))]
    return f"toUInt64({' OR '.join(tests)})"


def _people(ask: Ask, some: list[_Piece]) -> str:
    """A row a person: `a0` … and `first`, the day on which they were new, or did it."""
    events = matching(ask)
    rows = []
    for piece in some:
        found = presence(whole(ask, piece.days), ask.by, piece.days, earlier=piece.place == 0, created=not events)
        active = "days" if events else "active"
        rows.append(
            f"SELECT who, toInt32({piece.place}) AS place, days AS d, {active} AS a, toInt32(0) AS born"  # noqa: S608
            f" FROM {found}"
        )
    if events:
        person = PERSON[ask.by]
        rows.append(
            f"SELECT sipHash64({person}) AS who, toInt32(-1) AS place, toUInt64(0) AS d, toUInt64(0) AS a,"
            f" toInt32(min({DAY_OF_EVENT})) AS born"
            f" {reported(ask, in_range=False)}{events} AND {person} != '' GROUP BY who"
        )
    columns = [f"maxIf({name}, place = {piece.place}) AS {name}{piece.place}" for piece in some for name in "da"]
    begun = "maxIf(born, place = -1)" if events else _new(some)
    return f"SELECT {', '.join(columns)}, {begun} AS first FROM ({' UNION ALL '.join(rows)}) GROUP BY who"  # noqa: S608


def _new(some: list[_Piece]) -> str:
    """The day on which they were first seen; 0 if they were not active on that, or seen before."""
    tests = []
    for piece in some:
        seen, lowest = f"d{piece.place}", LOWEST.format(f"d{piece.place}")
        day = f"toInt32({number(piece.days.first) - piece.lead} + bitCount({lowest} - 1))"
        tests.append(f"{seen} != 0, if(bitAnd({lowest}, a{piece.place}) != 0, {day}, 0)")
    return f"if(bitTest(d0, 0), 0, multiIf({', '.join(tests)}, 0))"


CHARTS = [
    Chart(
        "retention-cohorts",
        "People by the week in which they were new, or first did something; the share of them active in later weeks.",
        ("Cohort", "Week"),
        ("People", "Active", "Retention"),
        _cohorts,
        takes=frozenset({"By", "EventType", "Attribute", "Metric"}),
        people="User",
    )
]
