"""The columnar table `activity`: on which days endpoints and users were active, kept beside the record.

    events ─→ a row for each endpoint and user and 31 days: a bit a day, once for each whole hour that a zone may be
              ahead of UTC (one that is behind by 5 hours is ahead by 19, and a day early)

A month of events becomes a row of a person, and of it a chart reads four bytes, whatever zone the days are of. To be
active is to have reported an event through an app; bits are set, never counted, so what comes twice, late or out of
order changes nothing.
"""

from __future__ import annotations

from clarion.store.columnar.derived import Derived

TABLE = "activity"
PERIOD = 31
"""Days of UTC in a row. Its bits are one more: in zones that are ahead the last day ends in the next."""

HOURS = range(24)

_FAR_DAYS = 400
"""Clocks of devices that go wrong by more are not believed: no range is asked for that long after or before."""


def bits(hours: int) -> str:
    """The column of the days in zones that are so many hours ahead of UTC."""
    return f"days{hours:02}"


_AT = f"toInt64(greatest(toUnixTimestamp64Second(ts), toUnixTimestamp64Second(arrival) - {_FAR_DAYS * 86400}, 0))"
_EVENTS = (
    f"SELECT toLowCardinality(app_id) AS app_id, toUInt32({_AT}) AS at, arrival AS arrived, stored AS kept,"
    " sipHash64(endpoint_key) AS endpoint, if(user_id = '', 0, sipHash64(user_id)) AS user"
    f" FROM events WHERE NOT system AND ts < arrival + toIntervalDay({_FAR_DAYS})"
)
# The bit of the day in UTC, and of the next, in which the zones are that are ahead by enough hours.
_PLACED = (
    f"SELECT *, intDiv(at, 86400) AS day, intDiv(day, {PERIOD}) AS period,"
    " toUInt8(intDiv(at - day * 86400, 3600)) AS hour,"
    f" toUInt32(bitShiftLeft(toUInt32(1), toUInt8(day - period * {PERIOD}))) AS today, toUInt32(today * 2) AS tomorrow"
    f" FROM ({_EVENTS})"
)
_BITS = ", ".join(f"groupBitOr(if(hour < {24 - hours}, today, tomorrow)) AS {bits(hours)}" for hours in HOURS)
_SELECT = (
    f"SELECT app_id, period, endpoint, user, max(arrived) AS arrival, max(kept) AS stored, {_BITS}"
    f" FROM ({_PLACED}) GROUP BY app_id, period, endpoint, user"
)

ACTIVITY = Derived(
    TABLE,
    (
        "app_id LowCardinality(String)",
        "period UInt16",
        "endpoint UInt64",
        "user UInt64",
        "arrival SimpleAggregateFunction(max, DateTime64(3, 'UTC'))",
        "stored SimpleAggregateFunction(max, DateTime)",
        *(f"{bits(hours)} SimpleAggregateFunction(groupBitOr, UInt32)" for hours in HOURS),
    ),
    "AggregatingMergeTree PARTITION BY period ORDER BY (app_id, endpoint, user)",
    _SELECT,
)

AGAIN = f"INSERT INTO {TABLE} {_SELECT.replace(' AND ts', ' AND %s AND ts')}"
"""Gathers once more what the record has of some events, which is to be filled in."""
