"""A batch told apart: nothing is lost, doubled or overtaken, and no request is over its limits."""

from __future__ import annotations

from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.streaming.lanes import lanes, requests
from clarion.channels.streaming.port import Record

_records = st.lists(
    st.builds(Record, st.sampled_from("abcdefgh"), st.integers(1, 30).map(lambda size: b"x" * size)), min_size=1
)


@settings(max_examples=100, deadline=None)
@given(_records, st.integers(1, 10), st.integers(1, 5), st.integers(1, 8), st.integers(30, 90))
def test_lanes_and_requests(records: list[Record], size: int, most: int, count: int, size_bytes: int) -> None:
    found = lanes(records, size, most)
    assert len(found) <= most
    assert sorted(chain(*found)) == list(range(len(records)))
    keys = [{records[place].key for place in lane} for lane in found]
    assert all(not one & other for at, one in enumerate(keys) for other in keys[:at])
    for lane in found:
        assert list(lane) == sorted(lane)
        parts = [list(part) for part in requests(records, lane, count, size_bytes)]
        assert list(chain(*parts)) == list(lane)
        for part in parts:
            assert 0 < len(part) <= count
            assert sum(len(records[place].data) for place in part) <= size_bytes
