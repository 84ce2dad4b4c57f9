"""Questions about single people and messages: recent events, the events of one message, and why.

Figures over many events belong to analytics; these here find a few rows by key, through the bloom filters.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from clarion.core.clock import iso_ms
from clarion.domain.events.columnar import COLUMNS
from clarion.domain.events.model import PLANNED, SERVICE_TYPES, EventRow
from clarion.store.columnar import Columnar

RECENT = 100
DECISIONS = 200

_TIMES = {"ts", "arrival", "session_start", "session_stop"}
ROW = ", ".join(f"toUnixTimestamp64Milli({name})" if name in _TIMES else name for name, _ in COLUMNS)
"""What to SELECT for `row_of`."""

_NAMES = [name for name, _ in COLUMNS]
_SENT = {"_campaign.send", "_journey.send"}


class Decision(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Why somebody did, or did not, get a message, or what became of it. `at` is ISO 8601.

    `gate` is the step that decided: the gate that refused, `send` for a message that was sent, `delivery`
    for what was reported about it later. `reason` is that gate's reason, or the outcome in Pinpoint's word.
    """

    gate: str
    reason: str
    at: str
    event_type: str
    status: str = ""
    campaign_id: str = ""
    treatment_id: str = ""
    journey_id: str = ""
    activity_id: str = ""
    message_id: str = ""
    trace_id: str = ""


def row_of(values: Sequence[object]) -> EventRow:
    """The row whose columns were selected with `ROW`."""
    columns: dict[str, Any] = dict(zip(_NAMES, values, strict=True))
    return EventRow(**columns)


def recent(columnar: Columnar, app_id: str, endpoint_key: str, limit: int = RECENT) -> list[EventRow]:
    """The endpoint's latest events of every kind, newest first."""
    return _rows(
        columnar,
        "endpoint_key = {endpoint:String}",
        {"app": app_id, "endpoint": endpoint_key, "limit": limit},
    )


def of_message(columnar: Columnar, app_id: str, message_id: str, limit: int = RECENT) -> list[EventRow]:
    """Everything that happened to one message, newest first."""
    return _rows(
        columnar,
        "system AND message_id = {message:String}",
        {"app": app_id, "message": message_id, "limit": limit},
    )


def of_messages(
    columnar: Columnar, app_id: str, message_ids: Sequence[str], event_types: Sequence[str]
) -> list[EventRow]:
    """The events of these types of several messages, newest first."""
    return _rows(
        columnar,
        "system AND event_type IN {types:Array(String)} AND message_id IN {messages:Array(String)}",
        {
            "app": app_id,
            "types": list(event_types),
            "messages": list(message_ids),
            # A message has one of each; repeated records are rare.
            "limit": 4 * len(message_ids) * len(event_types),
        },
    )


def of_message_ids(
    columnar: Columnar, message_ids: Sequence[str], event_types: Sequence[str], from_ms: int, to_ms: int
) -> list[EventRow]:
    """The events of these types of messages of whichever project, sent in [from_ms, to_ms), newest first.

    Without a project the sorting does not help: what bounds it are the weeks of arrival and the bloom filter.
    """
    sql = (
        f"SELECT {ROW} FROM events WHERE system AND event_type IN {{types:Array(String)}}"  # noqa: S608
        # Clocks of several machines are not quite the same.
        " AND message_id IN {messages:Array(String)}"
        " AND arrival >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') - toIntervalHour(1)"
        " AND ts >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND ts < fromUnixTimestamp64Milli({to:Int64}, 'UTC')"
        " ORDER BY arrival DESC, ts DESC, event_id DESC LIMIT {limit:UInt32}"
    )
    parameters = {
        "types": list(event_types),
        "messages": list(message_ids),
        "from": from_ms,
        "to": to_ms,
        "limit": 4 * len(message_ids) * len(event_types),
    }
    return [row_of(values) for values in columnar.query(sql, parameters)]


def why(
    columnar: Columnar,
    app_id: str,
    endpoint_key: str,
    campaign_id: str | None = None,
    journey_id: str | None = None,
    limit: int = DECISIONS,
) -> list[Decision]:
    """The decisions about one endpoint, newest first; of one campaign or journey when it is named."""
    conditions = ["system", "event_type IN {types:Array(String)}", "endpoint_key = {endpoint:String}"]
    parameters: dict[str, object] = {
        "app": app_id,
        "endpoint": endpoint_key,
        "types": sorted(SERVICE_TYPES - {PLANNED}),
        "limit": limit,
    }
    for name, value in (("campaign_id", campaign_id), ("journey_id", journey_id)):
        if value is not None:
            conditions.append(f"{name} = {{{name}:String}}")
            parameters[name] = value
    return [decision_of(row) for row in _rows(columnar, " AND ".join(conditions), parameters)]


def decision_of(row: EventRow) -> Decision:
    """What a service event says about the message it belongs to."""
    # A campaign and a journey say so in an event of their own; of a direct message this is the only one.
    direct = row.event_type == "_email.send" and not (row.campaign_id or row.journey_id)
    return Decision(
        gate=row.gate or ("send" if direct or row.event_type in _SENT else "delivery"),
        reason=row.reason or row.status or row.attributes.get("feedback", ""),
        at=iso_ms(row.arrival),
        event_type=row.event_type,
        status=row.status,
        campaign_id=row.campaign_id,
        treatment_id=row.treatment_id,
        journey_id=row.journey_id,
        activity_id=row.activity_id,
        message_id=row.message_id,
        trace_id=row.trace_id,
    )


def _rows(columnar: Columnar, condition: str, parameters: dict[str, object]) -> list[EventRow]:
    sql = (
        f"SELECT {ROW} FROM events WHERE app_id = {{app:String}} AND {condition}"  # noqa: S608
        " ORDER BY arrival DESC, ts DESC, event_id DESC LIMIT {limit:UInt32}"
    )
    return [row_of(values) for values in columnar.query(sql, parameters)]
