"""What people did within 24 hours of a campaign's message: sessions, by day and by time of day, and items bought.

What somebody did counts once, however many messages came before it. A message counts from the moment it was sent, on
whatever channel, also if that was before the range; the day is that of what was done.
"""

from __future__ import annotations

from clarion.domain.analytics.charts.activity.sessions import by_local_hour, sessions
from clarion.domain.analytics.charts.model import Ask, Chart, Member, Query
from clarion.domain.analytics.charts.performance.parts import columns
from clarion.domain.analytics.charts.performance.revenue import PURCHASE, UNITS
from clarion.domain.analytics.charts.sources import meant, once, query

WINDOW_MS = 24 * 3600 * 1000

_DATE = "toString(toDate(at, {zone:String}))"
_TAKES: frozenset[Member] = frozenset({"CampaignId"})
_SENT = (
    "SELECT endpoint_hash AS endpoint, groupArray(toUnixTimestamp64Milli(ts)) AS sent FROM events"
    " WHERE app_id = {app:String}"
    " AND system AND event_type = '_campaign.send' AND status = 'SUCCESS'"
    " AND ({campaign:String} = '' OR campaign_id = {campaign:String})"
    " AND ts >= fromUnixTimestamp64Milli({early:Int64}, 'UTC') AND ts <= fromUnixTimestamp64Milli({until:Int64}, 'UTC')"
)
_SOON = "arrayFilter(one -> arrayExists(moment -> one.1 - moment BETWEEN 0 AND {window:Int64}, sent), done)"
_BOUGHT = f"SELECT endpoint_hash AS endpoint, ts AS at, {UNITS} AS units"


def _responses(ask: Ask, what: str, units: str = "1") -> str:
    """A subquery: of `what` people did, with `endpoint` and `at`, what came soon after a message, and its `units`.

    Endpoints are brought together with all they did and all they were sent: there are fewer of them than of either.
    """
    done = f"groupArray((toUnixTimestamp64Milli(at), {units})) AS done"
    did = f"SELECT endpoint, {done} FROM {what} GROUP BY endpoint"  # noqa: S608 - constants
    sent = f"{_SENT}{meant(ask)} GROUP BY endpoint"
    return (
        f"(SELECT endpoint, fromUnixTimestamp64Milli(one.1, 'UTC') AS at, one.2 AS units FROM ({did}) AS what"  # noqa: S608 - constants
        f" ANY INNER JOIN ({sent}) AS sent_to USING (endpoint) ARRAY JOIN {_SOON} AS one)"
    )


def _query(ask: Ask, sql: str) -> Query:
    return query(ask, sql, campaign=ask.campaign_id, early=ask.since_ms - WINDOW_MS, window=WINDOW_MS)


def _sessions(ask: Ask) -> Query:
    values = columns({"CampaignSessions": "count()", "SessionsPerEndpoint": "count() / uniqExact(endpoint)"})
    found = _responses(ask, sessions(ask))
    return _query(ask, f"SELECT {_DATE} AS date, {values} FROM {found} GROUP BY date ORDER BY date")  # noqa: S608


def _times(ask: Ask) -> Query:
    return _query(ask, by_local_hour(_responses(ask, sessions(ask))))


def _units(ask: Ask) -> Query:
    found = _responses(ask, f"({_BOUGHT} {once(ask, (PURCHASE,))})", "units")
    values = "sum(units), sum(units) / uniqExact(endpoint)"
    return _query(ask, f"SELECT {_DATE} AS date, {values} FROM {found} GROUP BY date ORDER BY date")  # noqa: S608


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
