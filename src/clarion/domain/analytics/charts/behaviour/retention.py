"""Retention: who came back. Days are days of the zone, and to come back is to be active on a later day.

Somebody is new on the day when they were first seen: first reported an event, or their endpoint was created, whichever
was earlier. Only those count who were active at all. What is not known yet, since the time to come back is not over,
is left out: a share of those who have come so far would always fall towards the end.

One row a person, with all their days as an array; no joins.
"""

from __future__ import annotations

from clarion.domain.analytics.charts.behaviour.steps import PERSON
from clarion.domain.analytics.charts.model import Ask, Chart, Query
from clarion.domain.analytics.charts.sources import DAY, active_days, matching, query, reported

WINDOWS = (1, 7, 14, 30)
"""Days in which somebody can come back."""
WEEK = 7

_FIRST_DAY, _LAST_DAY, _TODAY = (
    f"toDate(fromUnixTimestamp64Milli({{{name}:Int64}}, 'UTC'), {{zone:String}})"
    for name in ("first_ms", "last_ms", "now_ms")
)
_NEVER = 65_535


def _daily(ask: Ask) -> Query:
    shares = ", ".join(
        f"if(toInt32(first) + {days} < toInt32({_TODAY}), countIf(gap <= {days}) / count(), NULL)" for days in WINDOWS
    )
    gap = f"arrayMin(arrayPushBack(arrayMap(day -> day - first, arrayFilter(day -> day > first, days)), {_NEVER}))"
    sql = (
        f"SELECT toString(toDate(first)), toFloat64(count()), {shares}"  # noqa: S608 - numbers and constants
        f" FROM (SELECT first, {gap} AS gap FROM ({_people(ask)}))"
        " GROUP BY first ORDER BY first"
    )
    return _query(ask, sql)


def _rate(ask: Ask) -> Query:
    # The first day of the range needs those who were active a week before.
    before = ask._replace(since_ms=ask.since_ms - (WEEK + 1) * 24 * 60 * 60 * 1000)
    person = PERSON[ask.by]
    sql = (
        "SELECT toString(toDate(due)), toFloat64(count()),"  # noqa: S608 - constants of this file
        f" if(due < toInt32({_TODAY}), countIf(next - day <= {WEEK}) / count(), NULL)"
        f" FROM (SELECT visit.1 AS day, visit.2 AS next, toInt32(day) + {WEEK} AS due FROM"
        f" (SELECT arraySort(groupUniqArray(toUInt16(day))) AS days,"
        f" arrayJoin(arrayZip(days, arrayPushBack(arrayPopFront(days), {_NEVER}))) AS visit"
        f" FROM {active_days(before)} WHERE {person} != '' GROUP BY {person}))"
        f" WHERE due BETWEEN toInt32({_FIRST_DAY}) AND toInt32({_LAST_DAY}) GROUP BY due ORDER BY due"
    )
    return _query(before, sql, ask)


def _cohorts(ask: Ask) -> Query:
    weeks = f"intDiv(toMonday({_TODAY}) - toMonday({_FIRST_DAY}), {WEEK})"
    active = (
        f"arrayMap(day -> intDiv(toInt32(toMonday(toDate(day))) - toInt32(cohort), {WEEK}),"
        " arrayFilter(day -> day >= first, days))"
    )
    sql = (
        f"WITH nth - 1 AS week, cohort + {WEEK} * nth <= {_TODAY} AS passed"  # noqa: S608 - constants of this file
        " SELECT toString(cohort), toString(week), toFloat64(people),"
        " if(passed, toFloat64(active), NULL), if(passed, active / people, NULL)"
        " FROM (SELECT cohort, count() AS people, sumForEach(here) AS kept FROM"
        f" (SELECT toMonday(toDate(first)) AS cohort, {active} AS came,"
        f" arrayMap(week -> has(came, week), range(toUInt32({weeks} + 1))) AS here FROM ({_people(ask)}))"
        " GROUP BY cohort) ARRAY JOIN kept AS active, arrayEnumerate(kept) AS nth"
        " WHERE passed OR week = 0 ORDER BY cohort, week"
    )
    return _query(ask, sql)


def _people(ask: Ask) -> str:
    """A row for each of those who were new in the range: `first`, the day they were, and `days` on which they were
    active, all as numbers of days."""
    person = PERSON[ask.by]
    born = f"SELECT {person} AS person, {DAY} AS day, true AS born, false AS used"
    if events := matching(ask):
        begun = f"{born} {reported(ask, in_range=False)}{events}"
    else:
        audience = "" if ask.audience is None else f" AND {ask.audience.sql}"
        created = born.replace("toDate(ts,", "toDate(created,")
        begun = f"{created} FROM endpoints FINAL WHERE app_id = {{app:String}}{audience}"
    used = f"SELECT {person} AS person, day, {'false' if events else 'true'} AS born, true AS used"
    return (
        "SELECT toUInt16(minIf(day, born)) AS first, groupUniqArrayIf(toUInt16(day), used) AS days"  # noqa: S608
        f" FROM ({used} FROM {active_days(ask, in_range=False)} UNION ALL {begun})"
        " WHERE person != '' GROUP BY person"
        f" HAVING first BETWEEN toUInt16({_FIRST_DAY}) AND toUInt16({_LAST_DAY}) AND notEmpty(days)"
    )


def _query(ask: Ask, sql: str, meant: Ask | None = None) -> Query:
    meant = meant or ask
    return query(ask, sql, first_ms=meant.since_ms, last_ms=meant.until_ms, now_ms=meant.now_ms)


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
    Chart(
        "retention-cohorts",
        "People by the week in which they were new, or first did something; the share of them active in later weeks.",
        ("Cohort", "Week"),
        ("People", "Active", "Retention"),
        _cohorts,
        takes=frozenset({"By", "EventType", "Attribute", "Metric"}),
        people="User",
    ),
]
