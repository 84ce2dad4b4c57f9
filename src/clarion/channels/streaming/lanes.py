"""A batch told apart into requests that may travel side by side without changing anybody's order. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clarion.channels.streaming.port import Record


def lanes(records: Sequence[Record], size: int, most: int) -> list[Sequence[int]]:
    """The records' places in lanes of about `size`, at most so many lanes, in order; all of one key in one lane."""
    count = min(most, -(-len(records) // size))
    if count <= 1:
        return [range(len(records))]
    found: list[list[int]] = [[] for _ in range(count)]
    for place, record in enumerate(records):
        found[hash(record.key) % count].append(place)
    return [lane for lane in found if lane]


def requests(records: Sequence[Record], lane: Sequence[int], most: int, most_bytes: int) -> Iterator[Sequence[int]]:
    """The places of a lane in turn, as many at a time as go into one request; a record is never over its limits."""
    start, size = 0, 0
    for end, place in enumerate(lane):
        more = len(records[place].data)
        if end - start == most or size + more > most_bytes:
            yield lane[start:end]
            start, size = end, 0
        size += more
    if start < len(lane):
        yield lane[start:]
