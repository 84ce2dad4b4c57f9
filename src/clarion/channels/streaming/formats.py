"""What a file of events holds: JSON lines, as they are or in gzip, or Parquet with typed columns."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import msgspec

from clarion.channels.streaming.port import Record


class Format(NamedTuple):
    """How a batch becomes the content of a file, and how such files' names end."""

    suffix: str
    encode: Callable[[Sequence[Record]], bytes]


class _Named(msgspec.Struct, gc=False):
    app_id: str | None = None
    client_id: str | None = None
    session_id: str | None = None


_Moment = Annotated[int, msgspec.Meta(ge=-62_135_596_800_000, le=253_402_300_799_999)]
_NOBODY = _Named()
_NOTHING: Mapping[str, Any] = {}


class _Event(msgspec.Struct, gc=False):
    """Those fields of a record that have a column; everything else is in column `record`."""

    event_type: str | None = None
    event_timestamp: _Moment | None = None
    arrival_timestamp: _Moment | None = None
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
    columns = _columns(events, records)
    columns["attributes"] = _maps(pa, pa.string(), [event.attributes or _NOTHING for event in events])
    columns["metrics"] = _maps(pa, pa.float64(), [event.metrics or _NOTHING for event in events])
    table = pa.table(columns, schema=_schema(pa))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", use_dictionary=["event_type", "event_version", "app_id"])
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _columns(events: Sequence[_Event], records: Sequence[Record]) -> dict[str, Any]:
    return {
        "event_type": [event.event_type for event in events],
        "event_timestamp": [event.event_timestamp for event in events],
        "arrival_timestamp": [event.arrival_timestamp for event in events],
        "event_version": [event.event_version for event in events],
        "app_id": [(event.application or _NOBODY).app_id for event in events],
        "client_id": [(event.client or _NOBODY).client_id for event in events],
        "session_id": [(event.session or _NOBODY).session_id for event in events],
        "aws_account_id": [event.account for event in events],
        "record": [record.data[:-1] for record in records],
    }


def _maps(pa: Any, of: Any, maps: Sequence[Mapping[str, Any]]) -> Any:
    """A column of maps, put together flat: a list of pairs for each would cost five times as much."""
    keys, values, offsets = list[str](), list[Any](), [0]
    for one in maps:
        keys.extend(one)
        values.extend(one.values())
        offsets.append(len(keys))
    return pa.MapArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(keys, pa.string()), pa.array(values, of))


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
