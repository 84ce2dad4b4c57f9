"""How the events of a piece become the content of an object, batch by batch, in constant memory.

Parquet has the columns of the table `events` of `clarion sql`; a line of JSON is the record of the event stream.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import IO, Any, NamedTuple, cast

import pyarrow as pa

from clarion.domain.events.queries import ROW, row_of
from clarion.domain.events.records import encode_record, streamed
from clarion.domain.transfers.model import RecordFormat
from clarion.store.objects import Writing

GROUP_ROWS = 100_000
"""Rows of a row group of Parquet, about: what is held in memory before it is written."""

_NAME = "substring(token, 1, position(token, '\\x1f') - 1)"
_VALUE = "substring(token, position(token, '\\x1f') + 1)"
_PARQUET = (
    "event_type, event_id, endpoint_id, endpoint_key, user_id, ts, arrival, system, session_id, session_start,"
    " session_stop, session_duration,"
    f" mapFromArrays(arrayMap(token -> {_NAME}, kv), arrayMap(token -> {_VALUE}, kv)) AS attributes,"
    " mapFromArrays(metric_names, metric_values) AS metrics, campaign_id, activity_id, treatment_id, journey_id,"
    " status, gate, reason, message_id, trace_id, application, device, record"
)

Batches = Iterator[pa.RecordBatch]
Write = Callable[[Batches, Writing], int]
"""Writes all batches; answers how many events they were."""


class Format(NamedTuple):
    """How objects end, what is SELECTed for them, and how it is written."""

    suffix: str
    columns: str
    write: Write


class _Counting:
    """A target that says how much has gone into it, as Parquet wants to know."""

    closed = False

    def __init__(self, target: Writing) -> None:
        self._target: Writing | None = target
        self._size = 0

    def write(self, data: bytes, /) -> int:
        piece = bytes(data)
        if self._target is not None:
            self._target.write(piece)
        self._size += len(piece)
        return len(piece)

    def drop(self) -> None:
        """Write nothing any more."""
        self._target = None

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Nothing to do: the object appears when its writing ends."""

    def close(self) -> None:
        """As `flush`."""


def _parquet(batches: Batches, target: Writing) -> int:
    first = next(batches, None)
    if first is None:
        return 0
    import pyarrow.parquet as pq

    sink = _Counting(target)
    writer: Any = pq.ParquetWriter(pa.PythonFile(sink, mode="w"), first.schema, compression="zstd")
    try:
        rows = 0
        for group in _groups(chain([first], batches)):
            writer.write_table(group)
            rows += group.num_rows
    except BaseException:
        # It writes once more when it is let go of.
        sink.drop()
        raise
    finally:
        writer.close()
    return rows


def _groups(batches: Batches) -> Iterator[pa.Table]:
    """The batches, so many together as make a row group."""
    held: list[pa.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(one.num_rows for one in held) >= GROUP_ROWS:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _lines(batches: Batches, target: Writing) -> int:
    rows = 0
    for batch in batches:
        columns = [column.to_pylist() for column in batch.columns]
        lines = []
        for values in zip(*columns, strict=True):
            row = row_of(values)
            if streamed(row):
                lines.append(encode_record(row))
        target.write(b"".join(lines))
        rows += len(lines)
    return rows


def _packed_lines(batches: Batches, target: Writing) -> int:
    # Without name and time, so that the same events are the same bytes.
    with gzip.GzipFile(filename="", fileobj=cast("IO[bytes]", target), mode="wb", compresslevel=4, mtime=0) as packed:
        return _lines(batches, cast("Writing", packed))


FORMATS: Mapping[RecordFormat, Format] = {
    "parquet": Format("parquet", _PARQUET, _parquet),
    "jsonl": Format("jsonl", ROW, _lines),
    "jsonl.gz": Format("jsonl.gz", ROW, _packed_lines),
}
