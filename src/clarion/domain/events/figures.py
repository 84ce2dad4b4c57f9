"""Counts that sending itself needs: what became of one run, and how often somebody was targeted before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from clarion.domain.events.asking.keys import among, encode, parts
from clarion.domain.events.asking.sent import ATTEMPTED, SENDS, Sent, journey_sent
from clarion.domain.events.model import PLANNED, SEPARATOR, SKIP
from clarion.store.columnar import Columnar

CAMPAIGN_SEND = "_campaign.send"
UNTARGETED = ("HOLDOUT", "DUPLICATE_ADDRESS")
"""What is recorded of somebody who is not targeted at all: it uses up nobody's total."""


DISPLAYED = "_inapp.message_displayed"
_SHOWN = {DISPLAYED: "", "_inapp.message_clicked": "clicked", "_inapp.message_dismissed": "dismissed"}


class RunCounts(NamedTuple):
    """One run: endpoints by `campaign_send_status`, and by the gate that skipped them silently.

    In a run that may send somebody several messages they overlap: `produced` are all endpoints it came to, `tried`
    those that delivery was attempted for (None: whoever counts adds up the others).
    """

    statuses: dict[str, int]
    skipped: dict[str, int]
    produced: int | None = None
    tried: int | None = None

    @property
    def attempted(self) -> int:
        """Endpoints delivery was attempted for."""
        return (
            self.tried
            if self.tried is not None
            else sum(count for status, count in self.statuses.items() if status in ATTEMPTED)
        )

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


def window_counts(columnar: Columnar, app_id: str, activity_id: str) -> RunCounts:
    """What the record says of a run that may send somebody several messages: endpoints, each once in every number."""
    rows = columnar.query(
        "SELECT uniqExact(endpoint_key), uniqExactIf(endpoint_key, status IN {attempted:Array(String)}) FROM events"
        " WHERE app_id = {app:String} AND event_type IN {types:Array(String)} AND system"
        " AND activity_id = {activity:String}",
        {
            "app": app_id,
            "activity": activity_id,
            "types": [CAMPAIGN_SEND, SKIP],
            "attempted": list(ATTEMPTED),
        },
    )
    produced, tried = (int(str(count)) for count in rows[0])
    return run_counts(columnar, app_id, activity_id)._replace(produced=produced, tried=tried)


def shown_counts(columnar: Columnar, app_id: str, campaign_id: str, treatment_id: str, since_ms: int) -> RunCounts:
    """What clients reported of an in-app campaign's treatment since then (Unix ms): endpoints that displayed it, and
    by `skipped` those that clicked or dismissed it, each once."""
    rows = columnar.query(
        "SELECT event_type, uniqExact(endpoint_key) FROM events WHERE app_id = {app:String}"
        " AND event_type IN {types:Array(String)} AND NOT system AND campaign_id = {campaign:String}"
        " AND (treatment_id = {treatment:String} OR (treatment_id = '' AND {treatment:String} = '0'))"
        " AND arrival >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') GROUP BY event_type",
        {
            "app": app_id,
            "campaign": campaign_id,
            "treatment": treatment_id,
            "since": since_ms,
            "types": list(_SHOWN),
        },
    )
    found = {_SHOWN[str(event_type)]: int(str(count)) for event_type, count in rows}
    displayed = found.pop("", 0)
    return RunCounts({"SUCCESS": displayed} if displayed else {}, found, displayed)


def displayed(columnar: Columnar, app_id: str, endpoint_key: str) -> dict[str, int]:
    """How often an endpoint reported to have displayed an in-app message, by campaign."""
    rows = columnar.query(
        "SELECT campaign_id, uniqExact(event_id, arrival) FROM events WHERE app_id = {app:String}"
        " AND event_type = {type:String} AND NOT system AND endpoint_key = {key:String} AND campaign_id != ''"
        " GROUP BY campaign_id",
        {"app": app_id, "key": endpoint_key, "type": DISPLAYED},
    )
    return {str(campaign_id): int(str(count)) for campaign_id, count in rows}


def recorded(columnar: Columnar, app_id: str, message_ids: Sequence[str]) -> set[str]:
    """Those of these messages of campaigns whose outcome is in the record."""
    rows = columnar.query(
        "SELECT DISTINCT message_id FROM events WHERE app_id = {app:String} AND event_type = {send:String} AND system"
        " AND message_id IN {messages:Array(String)}",
        {"app": app_id, "send": CAMPAIGN_SEND, "messages": list(message_ids)},
    )
    return {str(message_id) for (message_id,) in rows}


def last_sent(columnar: Columnar, app_id: str, campaign_id: str, endpoint_keys: Sequence[str]) -> dict[str, int]:
    """When a campaign last sent something to each of these endpoints (Unix ms); without those it never did."""
    rows = columnar.query(
        "SELECT endpoint_key, toUnixTimestamp64Milli(max(arrival)) FROM events WHERE app_id = {app:String}"
        " AND event_type = {send:String} AND system AND campaign_id = {campaign:String}"
        " AND status IN {attempted:Array(String)} AND endpoint_key IN {keys:Array(String)} GROUP BY endpoint_key",
        {
            "app": app_id,
            "campaign": campaign_id,
            "send": CAMPAIGN_SEND,
            "keys": list(endpoint_keys),
            "attempted": list(ATTEMPTED),
        },
    )
    return {str(key): int(str(moment)) for key, moment in rows}


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
            "sends": list(SENDS),
            "attempted": list(ATTEMPTED),
            "untargeted": list(UNTARGETED),
        },
    )
    return {str(row[0]): Targeted(*(int(str(count)) for count in row[1:])) for row in rows}


def sent_since(
    columnar: Columnar,
    app_id: str,
    endpoint_keys: Sequence[str],
    spans: Sequence[tuple[int, Collection[str] | None]],
    cancelled: Collection[str],
) -> dict[str, list[int]]:
    """Messages of campaigns and journeys to these endpoints, one number for each span: those since then (Unix ms) on
    these channels (None: on all). Endpoints without any are left out.

    A message counts once it is planned, and no more when it was not sent in the end; those of `cancelled` runs
    count if they were sent.
    """
    sent = "event_type IN {sends:Array(String)}"
    columns = ", ".join(
        f"countIf(at >= fromUnixTimestamp64Milli({{since{number}:Int64}}, 'UTC')"
        + ("" if channels is None else f" AND channel IN {{channels{number}:Array(String)}}")
        + ")"
        for number, (_, channels) in enumerate(spans)
    )
    rows = columnar.query(
        f"SELECT key, {columns} FROM (SELECT message_id, any(endpoint_key) AS key, max(arrival) AS at,"  # noqa: S608 - constants of this function
        " any(activity_id) AS activity,"
        " max(substring(arrayFirst(one -> startsWith(one, {mark:String}), kv), length({mark:String}) + 1)) AS channel,"
        f" countIf({sent}) AS told, countIf({sent} AND status IN {{attempted:Array(String)}}) AS tried"
        " FROM events WHERE app_id = {app:String} AND event_type IN {types:Array(String)} AND system"
        f" AND {among('endpoint_key', 'keys')} AND message_id != ''"
        " AND arrival >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') GROUP BY message_id"
        " HAVING tried > 0 OR (told = 0 AND activity NOT IN {cancelled:Array(String)})) GROUP BY key",
        {
            "app": app_id,
            "keys": encode(endpoint_keys),
            "sends": list(SENDS),
            "types": [PLANNED, *SENDS],
            "attempted": list(ATTEMPTED),
            "cancelled": sorted(cancelled),
            "mark": f"delivery_type{SEPARATOR}",
            "since": min(since for since, _ in spans),
            **{f"since{number}": since for number, (since, _) in enumerate(spans)},
            **{f"channels{number}": sorted(words) for number, (_, words) in enumerate(spans) if words is not None},
        },
    )
    return {str(key): [int(str(count)) for count in counts] for key, *counts in rows}


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

    def window_counts(self, app_id: str, activity_id: str) -> RunCounts:
        """See `window_counts`."""
        return window_counts(self._columnar, app_id, activity_id)

    def shown_counts(self, app_id: str, campaign_id: str, treatment_id: str, since_ms: int) -> RunCounts:
        """See `shown_counts`."""
        return shown_counts(self._columnar, app_id, campaign_id, treatment_id, since_ms)

    def displayed(self, app_id: str, endpoint_key: str) -> dict[str, int]:
        """See `displayed`."""
        return displayed(self._columnar, app_id, endpoint_key)

    def recorded(self, app_id: str, message_ids: Sequence[str]) -> set[str]:
        """See `recorded`."""
        return recorded(self._columnar, app_id, message_ids)

    def last_sent(self, app_id: str, campaign_id: str, endpoint_keys: Sequence[str]) -> dict[str, int]:
        """See `last_sent`."""
        return last_sent(self._columnar, app_id, campaign_id, endpoint_keys)

    def journey_sent(
        self,
        app_id: str,
        journey_id: str,
        endpoint_keys: Sequence[str],
        *,
        recent_ms: int,
        long_ms: int,
        since_ms: int,
    ) -> dict[str, Sent]:
        """See `sent.journey_sent`."""
        return journey_sent(
            self._columnar,
            app_id,
            journey_id,
            endpoint_keys,
            recent_ms=recent_ms,
            long_ms=long_ms,
            since_ms=since_ms,
        )

    def sent_since(
        self,
        app_id: str,
        endpoint_keys: Sequence[str],
        spans: Sequence[tuple[int, Collection[str] | None]],
        cancelled: Collection[str],
    ) -> dict[str, list[int]]:
        """See `sent_since`."""
        found: dict[str, list[int]] = {}
        for some in parts(endpoint_keys):
            found |= sent_since(self._columnar, app_id, some, spans, cancelled)
        return found
