"""Who is active, new, and can be reached. Active is who reported at least one event through an app."""

from __future__ import annotations

from datetime import timedelta

from clarion.domain.analytics.charts.activity.presence import (
    BITS,
    Days,
    counted,
    days_of,
    people_by_day,
    pieces,
    presence,
    within,
)
from clarion.domain.analytics.charts.model import Ask, Chart, People, Query
from clarion.domain.analytics.charts.sources import query

MONTH = 30
"""Days of which the last is the day that monthly active people are counted for."""


def _daily(ask: Ask) -> Query:
    return _by_day(ask, [people_by_day(ask, ask.by, days) for days in pieces(days_of(ask), BITS)])


def _monthly(ask: Ask) -> Query:
    return _by_day(ask, [_month(ask, days, ["month"]) for days in pieces(days_of(ask), BITS - MONTH + 1)])


def _sticky(ask: Ask) -> Query:
    parts = [_month(ask, days, ["days", "month"]) for days in pieces(days_of(ask), BITS - MONTH + 1)]
    return _by_day(ask, parts, "toFloat64(n0) / toFloat64(n1)", "n1")


def _new(ask: Ask) -> Query:
    parts = []
    for days in pieces(days_of(ask), BITS - 1):
        found = presence(ask, ask.by, days, earlier=True, created=True)
        first = f"(SELECT bitAnd(days, bitNot(days) + 1) AS first FROM {found})"
        parts.append(counted(first, ["first"], days, 1))
    return _by_day(ask, parts)


def _month(ask: Ask, days: Days, columns: list[str]) -> str:
    """People by day, of `days` and of the `month` that ends with them; days before the range count whole."""
    before = timedelta(days=MONTH - 1)
    known = Days(days.first - before, days.last)
    whole = ask._replace(since_ms=ask.since_ms - MONTH * 25 * 3_600_000)
    selected = f"(SELECT days, {within('days', MONTH)} AS month FROM {presence(whole, ask.by, known)})"
    return counted(selected, columns, days, MONTH - 1)


def _by_day(ask: Ask, parts: list[str], value: str = "toFloat64(n0)", people: str = "n0") -> Query:
    some = " UNION ALL ".join(f"SELECT date, {value} AS value FROM {part} WHERE {people} != 0" for part in parts)
    return query(ask, f"SELECT date, value FROM ({some}) ORDER BY date")


def _targetable(ask: Ask) -> Query:
    audience = "" if ask.audience is None else f" AND {ask.audience.sql}"
    sql = (
        "SELECT channel, toFloat64(count()) FROM (SELECT arrayJoin(['ALL', toString(channel_type)]) AS channel"
        " FROM endpoints FINAL WHERE app_id = {app:String} AND status = 'ACTIVE' AND opt_out != 'ALL'"
        f" AND channel_type != ''{audience}) GROUP BY channel ORDER BY channel = 'ALL' DESC, channel"
    )
    return query(ask, sql)


def _charts(people: People) -> list[Chart]:
    plural = f"{people}s"
    word = plural.lower()
    return [
        Chart(
            f"daily-active-{word}",
            f"{plural} that reported an event, by day.",
            ("Date",),
            (f"DailyActive{plural}",),
            _daily,
            counts=True,
            people=people,
        ),
        Chart(
            f"monthly-active-{word}",
            f"{plural} that reported an event in the {MONTH} days up to and including a day, by day.",
            ("Date",),
            (f"MonthlyActive{plural}",),
            _monthly,
            people=people,
        ),
        Chart(
            f"new-{word}",
            f"{plural} first seen, by day: created, or reporting an event for the first time.",
            ("Date",),
            (f"New{plural}",),
            _new,
            add_up=True,
            people=people,
        ),
    ]


CHARTS = [
    *_charts("Endpoint"),
    *_charts("User"),
    Chart(
        "sticky-factor",
        "Daily active endpoints as a share of the monthly active ones, by day; By=User counts users.",
        ("Date",),
        ("StickyFactor",),
        _sticky,
        takes=frozenset({"By"}),
    ),
    Chart(
        "active-targetable-endpoints",
        "Endpoints that can be sent to now, in all and by channel: active, and not opted out.",
        ("Channel",),
        ("ActiveTargetableEndpoints",),
        _targetable,
    ),
]
