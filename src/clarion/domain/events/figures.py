"""Counts that sending itself needs: what became of one run, and how often somebody was targeted before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from clarion.domain.events.model import SKIP
from clarion.store.columnar import Columnar

CAMPAIGN_SEND = "_campaign.send"
_SENDS = (CAMPAIGN_SEND, "_journey.send")
_ATTEMPTED = ("SUCCESS", "FAILURE", "FAILURE_PERMANENT", "TRANSIENT_FAILURE", "THROTTLED", "UNKNOWN")
_UNTARGETED = ("HOLDOUT", "DUPLICATE_ADDRESS")


class RunCounts(NamedTuple):
    """One run: endpoints by `campaign_send_status`, and by the gate that skipped them silently."""

    statuses: dict[str, int]
    skipped: dict[str, int]

    @property
    def attempted(self) -> int:
        """Endpoints delivery was attempted for."""
        return sum(count for status, count in self.statuses.items() if status in _ATTEMPTED)

    @property
    def successful(self) -> int:
        """Endpoints delivered to."""
        return self.statuses.get("SUCCESS", 0)


class Targeted(NamedTuple):
    """How often an endpoint was sent to in a period (by the campaign, by anything of the app), and targeted at all."""

    app_recent: int
    recent: int
    total: int


def run_counts(columnar: Columnar, app_id: str, activity_id: str) -> RunCounts:
    """What the record says of one campaign run so far; each endpoint once, also if an event was recorded twice."""
    rows = columnar.query(
        "SELECT event_type, if(event_type = {skip:String}, gate, status) AS word, uniqExact(endpoint_key)"
        " FROM events WHERE app_id = {app:String} AND event_type IN ({send:String}, {skip:String}) AND system"
        " AND activity_id = {activity:String} GROUP BY event_type, word",
        {"app": app_id, "activity": activity_id, "send": CAMPAIGN_SEND, "skip": SKIP},
    )
    counts = RunCounts({}, {})
    for event_type, word, count in rows:
        assert isinstance(count, int)
        (counts.skipped if event_type == SKIP else counts.statuses)[str(word)] = count
    return counts


def targeted(
    columnar: Columnar, app_id: str, campaign_id: str, endpoint_keys: Sequence[str], since_ms: int
) -> dict[str, Targeted]:
    """Earlier messages to these endpoints; those without any are left out. `since_ms` begins the recent period.

    Being targeted counts for the total even when nothing was sent (quiet time, caps); being held out, or
    left out for a duplicate address, does not.
    """
    rows = columnar.query(
        "SELECT endpoint_key,"
        " uniqExactIf(event_id, status IN {attempted:Array(String)}"
        "   AND arrival >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')),"
        " uniqExactIf(event_id, status IN {attempted:Array(String)} AND campaign_id = {campaign:String}"
        "   AND arrival >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')),"
        " uniqExactIf(event_id, status NOT IN {untargeted:Array(String)} AND campaign_id = {campaign:String})"
        " FROM events WHERE app_id = {app:String} AND event_type IN {sends:Array(String)} AND system"
        " AND endpoint_key IN {keys:Array(String)} GROUP BY endpoint_key",
        {
            "app": app_id,
            "campaign": campaign_id,
            "keys": list(endpoint_keys),
            "since": since_ms,
            "sends": list(_SENDS),
            "attempted": list(_ATTEMPTED),
            "untargeted": list(_UNTARGETED),
        },
    )
    return {str(row[0]): Targeted(*(int(str(count)) for count in row[1:])) for row in rows}


class Figures:
    """These counts as others ask for them. `catch_up` brings the record up to what was appended before."""

    def __init__(self, columnar: Columnar, catch_up: Callable[[], None]) -> None:
        self._columnar = columnar
        self.catch_up = catch_up

    def run_counts(self, app_id: str, activity_id: str) -> RunCounts:
        """See `run_counts`."""
        return run_counts(self._columnar, app_id, activity_id)

    def targeted(
        self, app_id: str, campaign_id: str, endpoint_keys: Sequence[str], since_ms: int
    ) -> dict[str, Targeted]:
        """See `targeted`."""
        return targeted(self._columnar, app_id, campaign_id, endpoint_keys, since_ms)
