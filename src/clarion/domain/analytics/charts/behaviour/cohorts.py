"""Cohorts: people by the week in which they were new, or first did something, and how many were active in later weeks.

Weeks begin on Mondays of the zone. Who is new is as in `retention`. Of a week that is not over nothing is told but who
belongs to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from clarion.domain.analytics.charts.activity.presence import BITS, Days, days_of, pieces, presence
from clarion.domain.analytics.charts.behaviour.retention import DAY, LOWEST, WEEK, number, today, whole
from clarion.domain.analytics.charts.behaviour.steps import SOMEBODY
from clarion.domain.analytics.charts.model import Ask, Chart, People, Query
from clarion.domain.analytics.charts.sources import DAY as DAY_OF_EVENT
from clarion.domain.analytics.charts.sources import matching, query, reported

_WHO: Mapping[People, str] = {"Endpoint": "endpoint_hash", "User": "sipHash64(user_id)"}
"""People as `presence` tells them apart."""


class _Piece(NamedTuple):
    """Some of the days: the numbers `d0`, `d1` … of a person hold when they were active. The first piece tells in
    bit 0 who was before."""

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
    tests = [f"bitAnd(d{piece.place}, {bits}) != 0" for piece in some if (bits := piece.bits(monday, monday + 6 * DAY))]
    return f"toUInt64({' OR '.join(tests)})"


def _people(ask: Ask, some: list[_Piece]) -> str:
    """A row a person: `d0` … and `first`, the day on which they were new, or did it; 0: before."""
    events = matching(ask)
    rows = []
    for piece in some:
        earlier = piece.place == 0
        older = ask.kept_ms if earlier and not events else None
        found = presence(whole(ask, piece.days), ask.by, piece.days, earlier=earlier, older=older)
        rows.append(f"SELECT who, toInt32({piece.place}) AS place, days, toInt32(0) AS born FROM {found}")  # noqa: S608
    if events:
        rows.append(
            f"SELECT {_WHO[ask.by]} AS who, toInt32(-1) AS place, toUInt64(0) AS days,"
            f" toInt32(min({DAY_OF_EVENT})) AS born"
            f" {reported(ask, in_range=False)}{events} AND {SOMEBODY[ask.by]} GROUP BY who"
        )
    columns = [f"maxIf(days, place = {piece.place}) AS d{piece.place}" for piece in some]
    begun = "maxIf(born, place = -1)" if events else _new(some)
    return f"SELECT {', '.join(columns)}, {begun} AS first FROM ({' UNION ALL '.join(rows)}) GROUP BY who"  # noqa: S608


def _new(some: list[_Piece]) -> str:
    """The day of their first event; 0 if it was before."""
    tests = []
    for piece in some:
        lowest = LOWEST.format(f"d{piece.place}")
        day = f"toInt32({number(piece.days.first) - piece.lead} + bitCount({lowest} - 1))"
        tests.append(f"d{piece.place} != 0, {day}")
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
