"""The columnar table `events`, and the SQL that fills it from the ingest log.

Rows are sorted by project, type and day of the event, which is how figures read them; bloom filters find the
few rows of one endpoint, message, campaign or journey. Kept by arrival in weekly partitions.

Two statements extract rows, one for each kind of log row. They take the log's bodies as they are: what they
answer equals `reported.rows_of`, and no event passes through Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from clarion.domain.events import repeats
from clarion.domain.events.model import SERVICE_TYPES
from clarion.store.columnar import DURABLE

_TEXT = "String"
_WORD = "LowCardinality(String)"
_TIME = "DateTime64(3, 'UTC')"
_MAYBE_TIME = f"Nullable({_TIME})"


class _Column(NamedTuple):
    name: str
    type: str


COLUMNS: Sequence[_Column] = (
    _Column("app_id", _TEXT),
    _Column("event_type", _WORD),
    _Column("event_id", _TEXT),
    _Column("endpoint_key", _TEXT),
    _Column("ts", _TIME),
    _Column("arrival", _TIME),
    _Column("account", _WORD),
    _Column("endpoint_id", _TEXT),
    _Column("user_id", _TEXT),
    _Column("system", "Bool"),
    _Column("session_id", _TEXT),
    _Column("session_start", _MAYBE_TIME),
    _Column("session_stop", _MAYBE_TIME),
    _Column("session_duration", "Nullable(Int64)"),
    _Column("kv", f"Array({_WORD})"),
    _Column("metric_names", f"Array({_WORD})"),
    _Column("metric_values", "Array(Float64)"),
    _Column("campaign_id", _TEXT),
    _Column("activity_id", _TEXT),
    _Column("treatment_id", _WORD),
    _Column("journey_id", _TEXT),
    _Column("status", _WORD),
    _Column("gate", _WORD),
    _Column("reason", _TEXT),
    _Column("message_id", _TEXT),
    _Column("trace_id", _TEXT),
    _Column("application", _WORD),
    _Column("device", _WORD),
    _Column("record", f"{_TEXT} CODEC(ZSTD(1))"),
)
"""The columns of a row, in the words and the order of `model.EventRow`."""

_INDEXED = ("endpoint_key", "message_id", "campaign_id", "journey_id")


_SEEN = "seen DateTime64(6, 'UTC') DEFAULT now64(6)"
"""When a batch was stored, to the microsecond of the engine's real time: batches come one after the other, so whoever
has read up to one of these moments has missed nothing before it (`tailing`)."""

_HASH = f"{repeats.HASH} UInt64 MATERIALIZED sipHash64(endpoint_key, event_id)"

_ENDPOINT_HASH = "endpoint_hash UInt64 MATERIALIZED if(endpoint_key = '', 0, sipHash64(endpoint_key))"
"""Tells endpoints apart by a number: a third of the time that their keys take. 0: of no endpoint."""

_BY_SEEN = "by_seen seen TYPE minmax GRANULARITY 1"


def ddl(events_days: int) -> list[str]:
    """Statements that create the table and that of repeats, or bring existing ones to the wanted retention."""
    parts = [f"{column.name} {column.type}" for column in COLUMNS]
    # When it was stored in real time: on a virtual clock an arrival may long be "expired".
    parts.append("stored DateTime DEFAULT now()")
    parts.append(_SEEN)
    parts.append(_HASH)
    parts.append(_ENDPOINT_HASH)
    parts.append(f"INDEX {_BY_SEEN}")
    parts += [f"INDEX by_{name} {name} TYPE bloom_filter(0.01) GRANULARITY 1" for name in _INDEXED]
    retention = f"stored + toIntervalDay({int(events_days)})"
    return [
        f"CREATE TABLE IF NOT EXISTS events ({', '.join(parts)}) ENGINE = MergeTree"
        " PARTITION BY toMonday(arrival) ORDER BY (app_id, event_type, toDate(ts), endpoint_key)"
        f" TTL {retention} SETTINGS {DURABLE}, ttl_only_drop_parts = 1",
        # Tables of before: the column says nothing of their old rows, whose `stored` does.
        f"ALTER TABLE events ADD COLUMN IF NOT EXISTS {_SEEN}",
        f"ALTER TABLE events ADD COLUMN IF NOT EXISTS {_HASH}",
        f"ALTER TABLE events ADD COLUMN IF NOT EXISTS {_ENDPOINT_HASH}",
        f"ALTER TABLE events ADD INDEX IF NOT EXISTS {_BY_SEEN}",
        f"ALTER TABLE events MODIFY TTL {retention} SETTINGS materialize_ttl_after_modify = 0",
        *repeats.ddl(events_days),
    ]


_EVENT = (
    "Tuple(EventType String, Timestamp String, Attributes Map(String, String), Metrics Map(String, Float64),"
    " Session Tuple(Id String, StartTimestamp String, StopTimestamp String, Duration Nullable(Int64)),"
    " AppPackageName String, AppTitle String, AppVersionCode String, SdkName String, ClientSdkVersion String)"
)
_REPORTED = (
    "Array(Tuple(app_id String, account String, arrival Int64, endpoints Array(Tuple(endpoint_id String,"
    f" endpoint_key String, user_id String, app_version String, device String, events Map(String, {_EVENT})))))"
)
_ROWS = (
    "Array(Tuple(app_id String, event_type String, event_id String, endpoint_key String, ts Int64, arrival Int64,"
    " account String, endpoint_id String, user_id String, system Bool, session_id String,"
    " session_start Nullable(Int64), session_stop Nullable(Int64), session_duration Nullable(Int64),"
    " kv Array(String), metric_names Array(String), metric_values Array(Float64), campaign_id String,"
    " activity_id String, treatment_id String, journey_id String, status String, gate String, reason String,"
    " message_id String, trace_id String, application String, device String, record String))"
)

# A log batch on a virtual clock can span years of weekly partitions.
_SETTINGS = "SETTINGS max_partitions_per_insert_block = 0"
_SERVICE_TYPES = ", ".join(f"'{name}'" for name in sorted(SERVICE_TYPES))


def _member(name: str, expression: str) -> str:
    """`"name":"value",` of a JSON object, or nothing when the value is empty."""
    return f"""if({expression} = '', '', concat('"{name}":', toJSONString({expression}), ','))"""


def _object(*members: str) -> str:
    # Every member ends in a comma; the last one is cut off.
    return f"concat('{{', trim(TRAILING ',' FROM concat({', '.join(members)})), '}}')"


_SDK = _object(_member("name", "event.SdkName"), _member("version", "event.ClientSdkVersion"))
_APPLICATION = (
    "concat('{',"
    f" {_member('package_name', 'event.AppPackageName')},"
    f" {_member('title', 'event.AppTitle')},"
    f" {_member('version_name', 'app_version')},"
    f" {_member('version_code', 'event.AppVersionCode')},"
    f" '\"sdk\":', {_SDK}, '}}')"
)


def _time(expression: str) -> str:
    return f"parseDateTime64BestEffortOrNull({expression}, 3, 'UTC')"


# Each level carries on only what the next one needs: arrayJoin repeats everything beside it.
FROM_PUT = f"""
SELECT app_id, event.EventType AS event_type, sent.1 AS event_id, endpoint_key,
    ifNull({_time("event.Timestamp")}, arrival) AS ts, arrival, account, endpoint_id, user_id, false AS system,
    event.Session.Id AS session_id, {_time("event.Session.StartTimestamp")} AS session_start,
    {_time("event.Session.StopTimestamp")} AS session_stop, event.Session.Duration AS session_duration,
    arrayMap((name, value) -> concat(name, '\\x1f', value), mapKeys(attributes), mapValues(attributes)) AS kv,
    mapKeys(event.Metrics) AS metric_names, mapValues(event.Metrics) AS metric_values,
    told['campaign_id'] AS campaign_id,
    if(told['campaign_activity_id'] != '', told['campaign_activity_id'], told['journey_activity_id']) AS activity_id,
    told['treatment_id'] AS treatment_id, told['journey_id'] AS journey_id,
    {_APPLICATION} AS application, device
FROM (
    SELECT app_id, account, arrival, endpoint_id, endpoint_key, user_id, app_version, device, sent,
        sent.2 AS event, event.Attributes AS attributes,
        if(event.EventType IN ({_SERVICE_TYPES}), map(), attributes) AS told
    FROM (
        SELECT app_id, account, arrival, endpoint.endpoint_id AS endpoint_id,
            endpoint.endpoint_key AS endpoint_key, endpoint.user_id AS user_id,
            endpoint.app_version AS app_version, endpoint.device AS device, arrayJoin(endpoint.events) AS sent
        FROM (
            SELECT request.app_id AS app_id, request.account AS account,
                fromUnixTimestamp64Milli(request.arrival, 'UTC') AS arrival,
                arrayJoin(request.endpoints) AS endpoint
            FROM (SELECT arrayJoin(JSONExtract(body, '{_REPORTED}')) AS request FROM input)
        )
    )
) {_SETTINGS}
"""  # noqa: S608

_MILLISECONDS = {"ts", "arrival", "session_start", "session_stop"}
_FROM_ROWS = ", ".join(
    f"fromUnixTimestamp64Milli(row.{name}, 'UTC') AS {name}" if name in _MILLISECONDS else f"row.{name} AS {name}"
    for name, _ in COLUMNS
)
FROM_ROWS = f"""
SELECT {_FROM_ROWS}
FROM (SELECT arrayJoin(JSONExtract(body, '{_ROWS}')) AS row FROM input) {_SETTINGS}
"""  # noqa: S608
