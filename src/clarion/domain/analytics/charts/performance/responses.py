"""What people did within 24 hours of a campaign's message: sessions, by day and by time of day, and items bought.

What somebody did counts once, however many messages came before it. A message counts from the moment it was sent, on
whatever channel, also if that was before the range; the day is that of what was done.
"""

from __future__ import annotations

from clarion.domain.analytics.charts.model import Ask, Chart, Member, Query
from clarion.domain.analytics.charts.performance.parts import columns, once
from clarion.domain.analytics.charts.performance.revenue import PURCHASE, UNITS
from clarion.domain.analytics.charts.sources import DATE, meant, query

WINDOW_MS = 24 * 3600 * 1000

_SESSION = "_session.start"
_TAKES: frozenset[Member] = frozenset({"CampaignId"})
_SENT = (
    "SELECT endpoint_key, groupArray(toUnixTimestamp64Milli(ts)) AS sent FROM events WHERE app_id = {app:String}"
    " AND system AND event_type = '_campaign.send' AND status = 'SUCCESS'"
    " AND ({campaign:String} = '' OR campaign_id = {campaign:String})"
    " AND ts >= fromUnixTimestamp64Milli({early:Int64}, 'UTC') AND ts <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')"
)
_SOON = "arrayExists(one -> done - one BETWEEN 0 AND {window:Int64}, sent)"


def _responses(ask: Ask, event_type: str, what: str) -> str:
    """`FROM …`: events of a type that came soon after a message, with `endpoint_key` and `what`."""
    done = f"SELECT endpoint_key, toUnixTimestamp64Milli(ts) AS done, {what} {once(ask, (event_type,))}"
    sent = f"{_SENT}{meant(ask)} GROUP BY endpoint_key"
    return f"FROM ({done}) AS done_by INNER JOIN ({sent}) AS sent_to USING (endpoint_key) WHERE {_SOON}"


def _query(ask: Ask, sql: str) -> Query:
    return query(ask, sql, campaign=ask.campaign_id, early=ask.since_ms - WINDOW_MS, window=WINDOW_MS)


def _sessions(ask: Ask) -> Query:
    values = columns({"CampaignSessions": "count()", "SessionsPerEndpoint": "count() / uniqExact(endpoint_key)"})
    found = _responses(ask, _SESSION, f"{DATE} AS date")
    return _query(ask, f"SELECT date, {values} {found} GROUP BY date ORDER BY date")


def _times(ask: Ask) -> Query:
    there = "toTimeZone(ts, {zone:String})"
    found = _responses(ask, _SESSION, f"toDayOfWeek({there}) AS weekday, toHour({there}) AS hour")
    sql = f"SELECT toString(weekday), toString(hour), toFloat64(count()) {found}"
    return _query(ask, f"{sql} GROUP BY weekday, hour ORDER BY weekday, hour")


def _units(ask: Ask) -> Query:
    found = _responses(ask, PURCHASE, f"{DATE} AS date, {UNITS} AS units")
    sql = f"SELECT date, sum(units), sum(units) / uniqExact(endpoint_key) {found} GROUP BY date ORDER BY date"
    return _query(ask, sql)


CHARTS = [
    Chart(
        "campaign-sessions",
        "Sessions within 24 hours of a message of a campaign, by day, and by endpoint that had one.",
        ("Date",),
        ("CampaignSessions", "SessionsPerEndpoint"),
        _sessions,
        takes=_TAKES,
        add_up=True,
    ),
    Chart(
        "campaign-session-times",
        "The same by weekday (1 is Monday) and hour.",
        ("Weekday", "Hour"),
        ("CampaignSessions",),
        _times,
        takes=_TAKES,
    ),
    Chart(
        "campaign-units-sold",
        "Items bought within 24 hours of a message of a campaign, by day, and by endpoint that bought.",
        ("Date",),
        ("UnitsSold", "UnitsPerEndpoint"),
        _units,
        takes=_TAKES | {"Attribute"},
        add_up=True,
    ),
]
