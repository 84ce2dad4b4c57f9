"""Events that apps reported: how many by day, which types, how often an attribute had a value, what metrics came to."""

from __future__ import annotations

from clarion.core.errors import Invalid
from clarion.domain.analytics.charts.activity.sessions import sessions
from clarion.domain.analytics.charts.model import Ask, Chart, Query
from clarion.domain.analytics.charts.performance.parts import FILTERS, IN_RANGE, begun, once
from clarion.domain.analytics.charts.sources import DATE, matching, query, reported
from clarion.domain.events.model import SEPARATOR

MOST_VALUES = 100_000
"""Values of an attribute that are answered: those that came most often."""


def _events(ask: Ask) -> Query:
    return query(ask, f"SELECT {DATE} AS date, toFloat64(count()) {once(ask)} GROUP BY date ORDER BY date")


def _endpoints(ask: Ask) -> Query:
    found = f"{reported(ask)}{matching(ask)}"
    return query(ask, f"SELECT {DATE} AS date, toFloat64(uniqExact(endpoint_key)) {found} GROUP BY date ORDER BY date")


def _types(ask: Ask) -> Query:
    sql = (
        "SELECT toString(event_type) AS type, toFloat64(count()) AS times, toFloat64(uniqExact(endpoint_key)),"
        f" toFloat64(max(toUnixTimestamp64Milli(ts))) {once(ask)} GROUP BY type ORDER BY times DESC, type"
    )
    return query(ask, sql)


def _attribute(ask: Ask) -> Query:
    name = _name(ask.dimension, "Attribute")
    sql = (
        "SELECT substring(token, length({mark:String}) + 1) AS value, toFloat64(count()) AS times,"  # noqa: S608 - constants
        f" toFloat64(uniqExact(endpoint_key)) FROM (SELECT arrayJoin(kv) AS token, endpoint_key {once(ask)})"
        " WHERE startsWith(token, {mark:String}) GROUP BY value ORDER BY times DESC, value LIMIT {most:UInt32}"
    )
    return query(ask, sql, mark=f"{name}{SEPARATOR}", most=MOST_VALUES)


def _metric(ask: Ask) -> Query:
    metric = ask.metric_name or _name(ask.dimension, "Metric") or next(iter(ask.metrics), "")
    if not metric:
        raise Invalid("MetricName: the chart event-metric needs it")
    place = "indexOf(metric_names, {metric:String})"
    found = f"SELECT ts, metric_values[{place}] AS value {once(ask, more=IN_RANGE)} WHERE {place} > 0"
    told = (
        f"SELECT {DATE} AS date, toFloat64(count()) AS times, min(value) AS least, max(value) AS most,"  # noqa: S608 - constants
        f" avg(value) AS mean, sum(value) AS total FROM ({found}) GROUP BY date"
    )
    sql = (
        "SELECT date, times, least, most, mean, total, total / nullIf(sessions, 0)"  # noqa: S608 - constants
        f" FROM ({told}) AS told LEFT JOIN {_sessions(ask)} AS begun USING (date) ORDER BY date"
    )
    return query(begun(ask), sql, metric=metric)


def _per_session(ask: Ask) -> Query:
    told = f"SELECT {DATE} AS date, toFloat64(count()) AS times {once(ask, more=IN_RANGE)} GROUP BY date"
    sql = (
        f"SELECT date, times / sessions FROM {_sessions(ask)} AS begun"  # noqa: S608 - constants
        f" LEFT JOIN ({told}) AS told USING (date) ORDER BY date"
    )
    return query(begun(ask), sql)


def _sessions(ask: Ask) -> str:
    """A subquery: how many `sessions` began on a `date`."""
    day = "toString(toDate(at, {zone:String}))"
    return f"(SELECT {day} AS date, toFloat64(count()) AS sessions FROM {sessions(ask)} GROUP BY date)"  # noqa: S608


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
    ),
    Chart(
        "events-per-session",
        "The events divided by the sessions that began that day.",
        ("Date",),
        ("EventsPerSession",),
        _per_session,
        takes=FILTERS,
        once=True,
    ),
    Chart(
        "event-types",
        "Which types of events were reported, how often, by how many endpoints, and when last (Unix ms).",
        ("EventType",),
        ("Events", "Endpoints", "LastTimestamp"),
        _types,
        takes=FILTERS,
        once=True,
    ),
    Chart(
        "event-attribute",
        "How often an attribute of events had which value; Dimension names the attribute.",
        ("Value",),
        ("Events", "Endpoints"),
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
    ),
]
