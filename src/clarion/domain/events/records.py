"""From a row of the record back to the stream record of Pinpoint, byte for byte in its field names.

Every family (app, campaign, journey, e-mail, SMS) is the same arithmetic: common fields from the columns, and
the JSON objects that the row carries for what the columns do not hold.
"""

from __future__ import annotations

from typing import Any

import msgspec

from clarion.domain.events.model import INTERNAL, EventRow

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.Encoder().encode


def streamed(row: EventRow) -> bool:
    """Whether Pinpoint writes a stream record for this event."""
    return row.event_type not in INTERNAL


def stream_record(row: EventRow) -> dict[str, Any]:
    """The record of one event as Pinpoint streams it (spec events.md 6-11), as plain JSON values."""
    extra = _decode(row.record) if row.record else {}
    record: dict[str, Any] = {
        "event_type": row.event_type,
        "event_timestamp": row.ts,
        "arrival_timestamp": row.arrival,
        "event_version": "3.1" if row.system else "3.0",
        "application": {"app_id": row.app_id, "sdk": {}},
        "client": {"client_id": row.endpoint_id or row.endpoint_key},
        "device": _decode(row.device) if row.device else {"platform": {}},
        "session": _session(row),
        "attributes": row.attributes,
    }
    if row.application:
        record["application"].update(_decode(row.application))
    if row.metric_names or not row.system:
        record["metrics"] = row.metrics
    if row.system and row.account:
        record["awsAccountId"] = row.account
    for name in ("application", "client"):
        record[name].update(extra.pop(name, {}))
    record.update(extra)
    return record


def encode_record(row: EventRow) -> bytes:
    """The record as one line of JSON, newline included: what one Kinesis or Firehose record carries."""
    return _encode(stream_record(row)) + b"\n"


def _session(row: EventRow) -> dict[str, Any]:
    session: dict[str, Any] = {}
    if row.session_id:
        session["session_id"] = row.session_id
    if row.session_start is not None:
        session["start_timestamp"] = row.session_start
    if row.session_stop is not None:
        session["stop_timestamp"] = row.session_stop
    return session
