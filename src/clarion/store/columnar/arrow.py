"""Arrow, the form in which rows enter and leave the columnar store, with either engine."""

from __future__ import annotations

import pyarrow as pa

from clarion.store.columnar import without_pandas
from clarion.store.columnar.statements import identifier

without_pandas.answer_once()

FORMAT = "ArrowStream"

_PARTS = 8
"""How many record batches an INSERT … SELECT is cut into, so that all cores extract.

ClickHouse derives what it remembers of a deduplication token from the number of batches as well: the same
token must always come with the same number.
"""

_TYPES = {
    pa.string(): "String",
    pa.large_string(): "String",
    pa.binary(): "String",
    pa.large_binary(): "String",
    pa.bool_(): "Bool",
    pa.int8(): "Int8",
    pa.int16(): "Int16",
    pa.int32(): "Int32",
    pa.int64(): "Int64",
    pa.uint8(): "UInt8",
    pa.uint16(): "UInt16",
    pa.uint32(): "UInt32",
    pa.uint64(): "UInt64",
    pa.float32(): "Float32",
    pa.float64(): "Float64",
}


def structure(schema: pa.Schema) -> str:
    """A schema as ClickHouse writes it, `a String, b Array(Int64)`; a null becomes the type's empty value.

    Raises TypeError for a type that no caller needs.
    """
    return ", ".join(f"{identifier(field.name)} {_type_name(field.type)}" for field in schema)


def _type_name(type_: pa.DataType) -> str:
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return f"Array({_type_name(type_.value_type)})"
    if pa.types.is_timestamp(type_) and type_.unit == "ms":
        return "DateTime64(3, 'UTC')"
    try:
        return _TYPES[type_]
    except KeyError:
        raise TypeError(f"no column type for Arrow's {type_}") from None


def encode(data: pa.Table, *, parts: int = 1) -> memoryview:
    """The table as one IPC stream of `parts` record batches of nearly equal size, fewer for fewer rows."""
    sink = pa.BufferOutputStream()
    parts = min(parts, data.num_rows)
    whole = data.combine_chunks()
    with pa.ipc.new_stream(sink, whole.schema) as writer:
        for part in range(parts):
            start, end = (data.num_rows * edge // parts for edge in (part, part + 1))
            writer.write_table(whole.slice(start, end - start))
    return memoryview(sink.getvalue())


def encode_parts(data: pa.Table) -> memoryview:
    """`encode` in the number of batches that every INSERT … SELECT uses."""
    return encode(data, parts=_PARTS)


def decode(stream: bytes) -> pa.Table:
    """The table of one IPC stream; no bytes at all are a table without columns."""
    if not stream:
        return pa.table({})
    with pa.ipc.open_stream(stream) as reader:
        return reader.read_all()


def rows(data: pa.Table) -> list[tuple[object, ...]]:
    """The table as tuples of Python values: a DateTime64 is an aware UTC datetime, a Map a dict."""
    columns = [column.to_pylist(maps_as_pydicts="strict") for column in data.columns]
    return list(zip(*columns, strict=True))
