"""What people did within 24 hours of a campaign's message: sessions, by day and by time of day, and items bought.

What somebody did counts once, however many messages came before it. A message counts from the moment it was sent, on
whatever channel, also if that was before the range; the day is that of what was done.
"""

from __future__ import annotations

from clarion.domain.analytics.charts.activity.sessions import by_local_hour, sessions
from clarion.domain.analytics.charts.model import Ask, Chart, Member, Query
from clarion.domain.analytics.charts.performance.parts import columns, once
from clarion.domain.analytics.charts.performance.revenue import PURCHASE, UNITS
from clarion.domain.analytics.charts.sources import meant, query

WINDOW_MS = 24 * 3600 * 1000

_DATE = "toString(toDate(at, {zone:String}))"
_TAKES: frozenset[Member] = frozenset({"CampaignId"})
_SENT = (
    "SELECT sipHash64(endpoint_key) AS endpoint, groupArray(toUnixTimestamp64Milli(ts)) AS sent FROM events"
    " WHERE app_id = {app:String}"
    " AND system AND event_type = '_campaign.send' AND status = 'SUCCESS'"
    " AND ({campaign:String} = '' OR campaign_id = {campaign:String})"
    " AND ts >= fromUnixTimestamp64Milli({early:Int64}, 'UTC') AND ts <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')"
)
_SOON = "arrayExists(one -> toUnixTimestamp64Milli(at) - one BETWEEN 0 AND {window:Int64}, sent)"
_BOUGHT = f"SELECT sipHash64(endpoint_key) AS endpoint, ts AS at, {UNITS} AS units"


def _responses(ask: Ask, what: str) -> str:
    """`FROM …`: of `what` people did, with `endpoint` and `at`, what came soon after a message."""
    sent = f"{_SENT}{meant(ask)} GROUP BY endpoint"
    return f"FROM {what} AS what INNER JOIN ({sent}) AS sent_to USING (endpoint) WHERE {_SOON}"


def _query(ask: Ask, sql: str) -> Query:
    return query(ask, sql, campaign=ask.campaign_id, early=ask.since_ms - WINDOW_MS, window=WINDOW_MS)


def _sessions(ask: Ask) -> Query:
    values = columns({"CampaignSessions": "count()", "SessionsPerEndpoint": "count() / uniqExact(endpoint)"})
    sql = f"SELECT {_DATE} AS date, {values} {_responses(ask, sessions(ask))} GROUP BY date ORDER BY date"
    return _query(ask, sql)


def _times(ask: Ask) -> Query:
    return _query(ask, by_local_hour(f"(SELECT endpoint, at {_responses(ask, sessions(ask))})"))


def _units(ask: Ask) -> Query:
    found = _responses(ask, f"({_BOUGHT} {once(ask, (PURCHASE,))})")
    sql = f"SELECT {_DATE} AS date, sum(units), sum(units) / uniqExact(endpoint) {found} GROUP BY date ORDER BY date"
    return _query(ask, sql)


CHARTS = [
    Chart(
        "campaign-sessions",
        "Sessions within 24 hours of a message of a campaign, by day, and by endpoint that had one.",
        ("Date",),
        ("CampaignSessions", "SessionsPerEndpoint"),
        _sessions,
        takes=_TAKES,
        sessions=True,
        add_up=True,
    ),
    Chart(
        "campaign-session-times",
        "The same by weekday and hour, in the local time of each endpoint.",
        ("Weekday", "Hour"),
        ("CampaignSessions",),
        _times,
        takes=_TAKES,
        sessions=True,
    ),
    Chart(
        "campaign-units-sold",
        "Items bought within 24 hours of a message of a campaign, by day, and by endpoint that bought.",
        ("Date",),
        ("UnitsSold", "UnitsPerEndpoint"),
        _units,
        takes=_TAKES | {"Attribute"},
        add_up=True,
        once=True,
    ),
]
