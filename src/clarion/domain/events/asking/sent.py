"""What journeys have sent already, for the caps they are held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from clarion.domain.events.asking.keys import among, encode, parts
from clarion.domain.events.model import PLANNED
from clarion.store.columnar import Columnar

SENDS = ("_campaign.send", "_journey.send")
ATTEMPTED = (
    "SUCCESS",
    "FAILURE",
    "FAILURE_PERMANENT",
    "TRANSIENT_FAILURE",
    "THROTTLED",
    "UNKNOWN",
    "CUSTOM_DELIVERY_FAILURE",
)
"""Outcomes of an attempt to send."""


class Sent(NamedTuple):
    """Messages to one endpoint: of the journey in the last day and ever, of all journeys in the last day and in a
    longer time, of campaigns and journeys in the last day."""

    recent: int = 0
    total: int = 0
    journeys_recent: int = 0
    journeys_long: int = 0
    app_recent: int = 0


def journey_sent(
    columnar: Columnar,
    app_id: str,
    journey_id: str,
    endpoint_keys: Sequence[str],
    *,
    recent_ms: int,
    long_ms: int,
    since_ms: int,
) -> dict[str, Sent]:
    """Messages to these endpoints; those without any are left out.

    `recent_ms` and `long_ms` begin the last day and the longer time, nothing before `since_ms` is looked at (Unix ms).
    A message counts once it is planned, and no more when it was not sent in the end.
    """
    times = {"recent": recent_ms, "long": long_ms, "since": since_ms}
    found: dict[str, Sent] = {}
    for some in parts(endpoint_keys):
        found |= _sent(columnar, app_id, journey_id, some, times)
    return found


def _sent(
    columnar: Columnar, app_id: str, journey_id: str, endpoint_keys: Sequence[str], times: Mapping[str, int]
) -> dict[str, Sent]:
    sent = "event_type IN {sends:Array(String)}"
    rows = columnar.query(
        "SELECT key,"  # noqa: S608 - constants of this function
        " countIf(journey = {journey:String} AND at >= fromUnixTimestamp64Milli({recent:Int64}, 'UTC')),"
        " countIf(journey = {journey:String}),"
        " countIf(journey != '' AND at >= fromUnixTimestamp64Milli({recent:Int64}, 'UTC')),"
        " countIf(journey != '' AND at >= fromUnixTimestamp64Milli({long:Int64}, 'UTC')),"
        " countIf(at >= fromUnixTimestamp64Milli({recent:Int64}, 'UTC'))"
        " FROM (SELECT message_id, any(endpoint_key) AS key, any(journey_id) AS journey, max(arrival) AS at,"
        f" countIf({sent}) AS told, countIf({sent} AND status IN {{attempted:Array(String)}}) AS tried"
        " FROM events WHERE app_id = {app:String} AND event_type IN {types:Array(String)} AND system"
        f" AND {among('endpoint_key', 'keys')} AND message_id != ''"
        " AND arrival >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') GROUP BY message_id"
        " HAVING tried > 0 OR told = 0) GROUP BY key",
        {
            "app": app_id,
            "journey": journey_id,
            "keys": encode(endpoint_keys),
            "sends": list(SENDS),
            "types": [PLANNED, *SENDS],
            "attempted": list(ATTEMPTED),
            **times,
        },
    )
    return {str(key): Sent(*(int(str(count)) for count in counts)) for key, *counts in rows}
