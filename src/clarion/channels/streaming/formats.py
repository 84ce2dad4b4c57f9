"""What a file of events holds: JSON lines, as they are or in gzip, or Parquet with typed columns."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import msgspec

from clarion.channels.streaming.port import Record


class Format(NamedTuple):
    """How a batch becomes the content of a file, and how such files' names end."""

    suffix: str
    encode: Callable[[Sequence[Record]], bytes]


class _Named(msgspec.Struct):
    app_id: str | None = None
    client_id: str | None = None
    session_id: str | None = None


_NOBODY = _Named()


class _Event(msgspec.Struct):
    """Those fields of a record that have a column; everything else is in column `record`."""

    event_type: str | None = None
    event_timestamp: int | None = None
    arrival_timestamp: int | None = None
    event_version: str | None = None
    application: _Named | None = None
    client: _Named | None = None
    session: _Named | None = None
    attributes: dict[str, str | None] | None = None
    metrics: dict[str, float | None] | None = None
    account: str | None = msgspec.field(default=None, name="awsAccountId")


_decoder = msgspec.json.Decoder(_Event)


def json_lines(records: Sequence[Record]) -> bytes:
    """A line each."""
    return b"".join([record.data for record in records])


def zipped_json_lines(records: Sequence[Record]) -> bytes:
    """A line each, in gzip; the same records make the same bytes."""
    return gzip.compress(json_lines(records), compresslevel=5, mtime=0)


def parquet(records: Sequence[Record]) -> bytes:
    """One Parquet file. A record that is not what streams write still has its row, with column `record` alone."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    events = [_read(record.data) for record in records]
    table = pa.table(_columns(events, records), schema=_schema(pa))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", use_dictionary=["event_type", "event_version", "app_id"])
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _columns(events: Sequence[_Event], records: Sequence[Record]) -> dict[str, list[Any]]:
    return {
        "event_type": [event.event_type for event in events],
        "event_timestamp": [event.event_timestamp for event in events],
        "arrival_timestamp": [event.arrival_timestamp for event in events],
        "event_version": [event.event_version for event in events],
        "app_id": [(event.application or _NOBODY).app_id for event in events],
        "client_id": [(event.client or _NOBODY).client_id for event in events],
        "session_id": [(event.session or _NOBODY).session_id for event in events],
        "attributes": [event.attributes and list(event.attributes.items()) for event in events],
        "metrics": [event.metrics and list(event.metrics.items()) for event in events],
        "aws_account_id": [event.account for event in events],
        "record": [record.data[:-1] for record in records],
    }


def _schema(pa: Any) -> Any:
    moment = pa.timestamp("ms", tz="UTC")
    columns = {
        "event_type": pa.string(),
        "event_timestamp": moment,
        "arrival_timestamp": moment,
        "event_version": pa.string(),
        "app_id": pa.string(),
        "client_id": pa.string(),
        "session_id": pa.string(),
        "attributes": pa.map_(pa.string(), pa.string()),
        "metrics": pa.map_(pa.string(), pa.float64()),
        "aws_account_id": pa.string(),
        "record": pa.string(),
    }
    return pa.schema(list(columns.items()))


def _read(data: bytes) -> _Event:
    try:
        return _decoder.decode(data)
    except msgspec.DecodeError:
        return _Event()


FORMATS = {
    "jsonl": Format("jsonl", json_lines),
    "jsonl.gz": Format("jsonl.gz", zipped_json_lines),
    "parquet": Format("parquet", parquet),
}
