"""Events that apps reported: how many by day, which types, how often an attribute had a value, what metrics came to."""

from __future__ import annotations

from clarion.core.errors import Invalid
from clarion.domain.analytics.charts.activity.presence import BITS, days_of, people_by_day, pieces
from clarion.domain.analytics.charts.activity.sessions import by_quarter
from clarion.domain.analytics.charts.model import Ask, Chart, Query
from clarion.domain.analytics.charts.performance.parts import FILTERS
from clarion.domain.analytics.charts.sources import DATE, DAY, matching, once, query, reported
from clarion.domain.events.model import SEPARATOR

MOST_VALUES = 100_000
"""Values of an attribute that are answered: those that came most often."""


def _events(ask: Ask) -> Query:
    return query(ask, f"SELECT {DATE} AS date, toFloat64(count()) {once(ask)} GROUP BY {DAY} ORDER BY date")


def _endpoints(ask: Ask) -> Query:
    if not matching(ask):
        parts = [people_by_day(ask, "Endpoint", days) for days in pieces(days_of(ask), BITS)]
        some = " UNION ALL ".join(f"SELECT date, toFloat64(n0) FROM {part} WHERE n0 != 0" for part in parts)  # noqa: S608
        return query(ask, f"SELECT * FROM ({some}) ORDER BY date")  # noqa: S608 - constants
    value = "toFloat64(uniqExact(endpoint_hash))"
    return query(ask, f"SELECT {DATE} AS date, {value} {reported(ask)}{matching(ask)} GROUP BY {DAY} ORDER BY date")


def _types(ask: Ask) -> Query:
    sql = (
        "SELECT toString(event_type) AS type, toFloat64(count()) AS times, toFloat64(max(toUnixTimestamp64Milli(ts)))"
        f" {once(ask)} GROUP BY type ORDER BY times DESC, type"
    )
    return query(ask, sql)


def _attribute(ask: Ask) -> Query:
    name = _name(ask.dimension, "Attribute")
    sql = (
        "SELECT substring(token, length({mark:String}) + 1) AS value, toFloat64(count()) AS times"  # noqa: S608 - constants
        f" FROM (SELECT arrayJoin(kv) AS token {once(ask)})"
        " WHERE startsWith(token, {mark:String}) GROUP BY token ORDER BY times DESC, value LIMIT {most:UInt32}"
    )
    return query(ask, sql, mark=f"{name}{SEPARATOR}", most=MOST_VALUES)


def _metric(ask: Ask) -> Query:
    metric = ask.metric_name or _name(ask.dimension, "Metric") or next(iter(ask.metrics), "")
    if not metric:
        raise Invalid("MetricName: the chart event-metric needs it")
    place = "indexOf(metric_names, {metric:String})"
    found = f"SELECT ts, metric_values[{place}] AS value {once(ask)} WHERE {place} > 0"
    told = (
        f"SELECT {DATE} AS date, toFloat64(count()) AS times, min(value) AS least, max(value) AS most,"  # noqa: S608 - constants
        f" avg(value) AS mean, sum(value) AS total FROM ({found}) GROUP BY {DAY}"
    )
    sql = (
        "SELECT date, times, least, most, mean, total, total / nullIf(sessions, 0)"  # noqa: S608 - constants
        f" FROM ({told}) AS told LEFT JOIN {_sessions(ask)} AS begun USING (date) ORDER BY date"
    )
    return query(ask, sql, metric=metric)


def _per_session(ask: Ask) -> Query:
    told = f"SELECT {DATE} AS date, toFloat64(count()) AS times {once(ask)} GROUP BY {DAY}"
    sql = (
        f"SELECT date, times / sessions FROM {_sessions(ask)} AS begun"  # noqa: S608 - constants
        f" LEFT JOIN ({told}) AS told USING (date) ORDER BY date"
    )
    return query(ask, sql)


def _sessions(ask: Ask) -> str:
    """A subquery: how many `sessions` began on a `date`."""
    day = "toDate(quarter, {zone:String})"
    return f"(SELECT toString({day}) AS date, toFloat64(sum(begun)) AS sessions FROM {by_quarter(ask)} GROUP BY {day})"  # noqa: S608


def _name(dimension: str, kind: str) -> str:
    """`name` of `name`, `Attribute.name` and `Attributes.name`."""
    first, dot, name = dimension.partition(".")
    return name if dot and name and first in (kind, f"{kind}s") else dimension


CHARTS = [
    Chart("events", "Events, by day.", ("Date",), ("Events",), _events, takes=FILTERS, add_up=True, once=True),
    Chart(
        "event-endpoints",
        "Endpoints that reported the events, by day.",
        ("Date",),
        ("EventEndpoints",),
        _endpoints,
        takes=FILTERS,
        counts=True,
    ),
    Chart(
        "events-per-session",
        "The events divided by the sessions that began that day.",
        ("Date",),
        ("EventsPerSession",),
        _per_session,
        takes=FILTERS,
        once=True,
        sessions=True,
    ),
    Chart(
        "event-types",
        "Which types of events were reported, how often, and when last (Unix ms).",
        ("EventType",),
        ("Events", "LastTimestamp"),
        _types,
        takes=FILTERS,
        once=True,
    ),
    Chart(
        "event-attribute",
        "How often an attribute of events had which value; Dimension names the attribute.",
        ("Value",),
        ("Events",),
        _attribute,
        takes=FILTERS,
        needs=frozenset({"Dimension"}),
        once=True,
    ),
    Chart(
        "event-metric",
        "A metric of events, by day: how many had it, its least and greatest value, average, sum, and sum by session.",
        ("Date",),
        ("Events", "Minimum", "Maximum", "Average", "Sum", "SumPerSession"),
        _metric,
        takes=FILTERS | {"MetricName", "Dimension"},
        once=True,
        sessions=True,
    ),
]
