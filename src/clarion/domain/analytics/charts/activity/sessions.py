"""Sessions: how many, by whom, when and how long.

A session begins with a `_session.start`, unless the endpoint's last `_session.stop` or `_session.pause` before it was
at most five seconds earlier: then the one before goes on. It belongs to the day on which it began.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clarion.domain.analytics.charts.activity.presence import (
    BITS,
    days_of,
    meant_number,
    moment,
    people_by_day,
    pieces,
    presence,
)
from clarion.domain.analytics.charts.model import Ask, Chart, People, Query
from clarion.domain.analytics.charts.sources import DAY, once, query, reported
from clarion.domain.events.repeats import HASH

GRACE_MS = 5_000
DAY_MS = 86_400_000
QUARTER_MS = 900_000
"""Days and hours of every zone begin with a quarter of an hour of UTC."""
START, STOP, PAUSE = TYPES = ("_session.start", "_session.stop", "_session.pause")

SEALED = "session_starts"
"""The table of sessions that are known (`sealing`)."""

_DATE = "toString(toDate(quarter, {zone:String}))"
_KINDS: Sequence[People] = ("Endpoint", "User")
_WEEKDAYS = "['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']"
_AT = "fromUnixTimestamp64Milli(%s, 'UTC')"


def sessions(ask: Ask) -> str:
    """A subquery with a row for each session that began in the range: `endpoint` and `user` as numbers (0: no user),
    `at`, when. Those of sealed days are known, the others are found in the record."""
    parts = []
    if ask.seals:
        parts.append(f"SELECT endpoint, user, at FROM {SEALED} WHERE {_sealed(ask)} AND NOT whole{meant_number(ask)}")
    if gaps := list(_gaps(ask)):
        parts.append(_found(ask, gaps))
    return f"({' UNION ALL '.join(parts)})"


def by_quarter(ask: Ask) -> str:
    """A subquery: how many sessions began in a quarter of an hour, `begun`, how many of them of users, `of_users`, and
    when the `quarter` began. Those of sealed days were counted with the seal, unless only some endpoints are meant."""
    if ask.audience is not None:
        return f"({in_quarters(sessions(ask))})"
    parts = []
    if ask.seals:
        quarter = _AT % f"toInt64(day) * {DAY_MS} + (nth - 1) * {QUARTER_MS}"
        # The seal's own row is of no endpoint, which the table is ordered by.
        counts = (
            f"SELECT day, by_quarter, users_by_quarter FROM {SEALED} WHERE {_sealed(ask)} AND endpoint = 0 AND whole"
        )
        parts.append(
            f"SELECT {quarter} AS quarter, toUInt64(all) AS begun, toUInt64(users) AS of_users FROM ({counts})"
            " ARRAY JOIN by_quarter AS all, users_by_quarter AS users, arrayEnumerate(by_quarter) AS nth WHERE all != 0"
        )
    if gaps := list(_gaps(ask)):
        parts.append(in_quarters(f"({_found(ask, gaps)})"))
    return f"({' UNION ALL '.join(parts)})"


def in_quarters(found: str) -> str:
    """The SELECT that counts the sessions of a subquery as `by_quarter` tells them."""
    return (
        "SELECT toDateTime64(toStartOfFifteenMinutes(at), 3, 'UTC') AS quarter, count() AS begun,"
        f" countIf(user != 0) AS of_users FROM {found} GROUP BY quarter"
    )


def _sealed(ask: Ask) -> str:
    """The condition for rows of `SEALED` that hold."""
    days, seals = sorted(ask.seals), ", ".join(str(seal) for seal in ask.seals.values())
    return f"app_id = {{app:String}} AND day BETWEEN {days[0]} AND {days[-1]} AND seal IN ({seals})"


def _gaps(ask: Ask) -> Iterator[tuple[int, int]]:
    """The range without its sealed days: moments, both included."""
    since = ask.since_ms
    for day in sorted(ask.seals):
        if since < day * DAY_MS:
            yield since, day * DAY_MS - 1
        since = (day + 1) * DAY_MS
    if since <= ask.until_ms:
        yield since, ask.until_ms


def _found(ask: Ask, gaps: Sequence[tuple[int, int]]) -> str:
    """The SELECT that finds sessions in the record. An event is a number, later ones are larger, and of a moment ends
    come first: twice its ms, and 1 if it begins one. `ended` holds for each the last end up to it, 0 without one."""
    # An end shortly before the range keeps a session of before going.
    near = " OR ".join(f"ts >= {moment(since - GRACE_MS)} AND ts <= {moment(until)}" for since, until in gaps)
    within = " OR ".join(f"at >= {moment(since)} AND at <= {moment(until)}" for since, until in gaps)
    told = (
        "SELECT any(endpoint_hash) AS endpoint, min(if(user_id = '', 0, sipHash64(user_id))) AS user,"
        f" toUnixTimestamp64Milli(min(ts)) * 2 + (event_type = '{START}' AS begins) AS event"
        f" {reported(ask, TYPES, in_range=False)} AND ({near}) GROUP BY {HASH}, begins, toDate(ts, 'UTC')"
    )
    users = "arraySort((user, event) -> event, groupArray(user), groupArray(event)) AS users"
    each = f"SELECT endpoint, arraySort(groupArray(event)) AS events, {users} FROM ({told}) GROUP BY endpoint"
    ended = "arrayFill(event -> event != 0, arrayMap(event -> if(bitTest(event, 0), 0, event), events)) AS ended"
    return (
        f"SELECT endpoint, user, {_AT % 'intDiv(event, 2)'} AS at FROM (SELECT endpoint, events, users, {ended}"
        f" FROM ({each})) ARRAY JOIN events AS event, users AS user, ended AS last"
        f" WHERE bitTest(event, 0) AND event - last > {2 * GRACE_MS + 1} AND ({within})"
    )


def _sessions(ask: Ask) -> Query:
    return query(
        ask, f"SELECT {_DATE} AS date, toFloat64(sum(begun)) FROM {by_quarter(ask)} GROUP BY date ORDER BY date"
    )


def _each(people: People) -> Chart:
    def compile(ask: Ask) -> Query:
        parts = (people_by_day(ask, people, days) for days in pieces(days_of(ask), BITS))
        active = " UNION ALL ".join(f"SELECT date, n0 FROM {part} WHERE n0 != 0" for part in parts)
        theirs = "of_users" if people == "User" else "begun"
        sql = (
            f"SELECT date, times / toFloat64(n0) FROM ({active}) AS active LEFT JOIN (SELECT {_DATE} AS date,"
            f" toFloat64(sum({theirs})) AS times FROM {by_quarter(ask)} GROUP BY date) AS sessions USING date"
            " ORDER BY date"
        )
        return query(ask, sql)

    word = people.lower()
    return Chart(
        f"sessions-per-{word}",
        f"Sessions of {word}s, divided by the {word}s that were active, by day.",
        ("Date",),
        (f"SessionsPer{people}",),
        compile,
        people=people,
        sessions=True,
    )


def _totals(ask: Ask) -> Query:
    # More days than bits: a person counts once, however many pieces the range has.
    pairs = " UNION ALL ".join(
        f"SELECT {number} AS kind, who FROM {presence(ask, people, days)}"
        for number, people in enumerate(_KINDS)
        for days in pieces(days_of(ask), BITS)
    )
    sql = (
        "SELECT times, times / nullIf(endpoints, 0), theirs / nullIf(users, 0) FROM"
        " (SELECT toFloat64(sum(begun)) AS times, toFloat64(sum(of_users)) AS theirs"
        f" FROM {by_quarter(ask)}) AS sessions CROSS JOIN (SELECT toFloat64(uniqExactIf(who, kind = 0)) AS endpoints,"
        f" toFloat64(uniqExactIf(who, kind = 1)) AS users FROM ({pairs})) AS active WHERE endpoints > 0"
    )
    return query(ask, sql)


def by_local_hour(found: str) -> str:
    """How many of `found`, a subquery with `endpoint` and `at`, there are by weekday and hour where an endpoint is."""
    # Whatever an endpoint calls its zone; clocks are ahead of UTC by whole quarters of an hour.
    local = "if(zone IN (SELECT time_zone FROM system.time_zones), toString(zone), {zone:String})"
    known = (
        "SELECT key_hash AS endpoint, timezone AS zone FROM endpoints FINAL"
        " WHERE app_id = {app:String} AND timezone != ''"
    )
    return (
        f"SELECT {_WEEKDAYS}[number] AS weekday, hour, toFloat64(sum(begun)) FROM"
        " (SELECT toUInt8(formatDateTime(quarter, '%u', local)) AS number,"
        " formatDateTime(quarter, '%H', local) AS hour, begun FROM"
        f" (SELECT {local} AS local, quarter, begun FROM"
        " (SELECT zone, toStartOfFifteenMinutes(at) AS quarter, count() AS begun"
        f" FROM {found} AS sessions LEFT ANY JOIN ({known}) AS known USING endpoint GROUP BY zone, quarter)))"
        " GROUP BY number, hour ORDER BY number, hour"
    )


def _heat_map(ask: Ask) -> Query:
    return query(ask, by_local_hour(sessions(ask)))


def _durations(ask: Ask) -> Query:
    told = "ifNull(session_duration, toUnixTimestamp64Milli(session_stop) - toUnixTimestamp64Milli(session_start))"
    sql = (
        "SELECT toString(day), toFloat64(count()), avg(ms) / 1000 FROM"
        f" (SELECT {DAY} AS day, {told} AS ms {once(ask, (STOP,))}) WHERE ms >= 0 GROUP BY day ORDER BY day"
    )
    return query(ask, sql)


CHARTS = [
    Chart(
        "sessions", "Sessions, by the day they began.", ("Date",), ("Sessions",), _sessions, add_up=True, sessions=True
    ),
    _each("Endpoint"),
    _each("User"),
    Chart(
        "session-totals",
        "Sessions of the whole range, by each endpoint and each user that was active in it.",
        (),
        ("Sessions", "SessionsPerEndpoint", "SessionsPerUser"),
        _totals,
        sessions=True,
    ),
    Chart(
        "session-heat-map",
        "Sessions by weekday and hour, in the local time of each endpoint.",
        ("Weekday", "Hour"),
        ("Sessions",),
        _heat_map,
        sessions=True,
    ),
    Chart(
        "session-duration",
        "Sessions that ended and told how long they were, by day, and how many seconds they took on average.",
        ("Date",),
        ("EndedSessions", "AverageSeconds"),
        _durations,
        once=True,
    ),
]
