"""Whatever fails at whatever places: every record is taken, of each key the last arrivals are in order, nobody twice
who did not have to be."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.streaming.port import Failed, Limits, Record
from clarion.domain.streams.backlog import Chunk
from clarion.domain.streams.delivery.portion import Portion


def portion(sizes: list[int], keys: list[str], done: int = 0) -> Portion:
    records = [Record(keys[n % len(keys)], b"%d" % n) for n in range(sum(sizes))]
    chunks, of_chunks, first = [], [], 0
    for seq, size in enumerate(sizes):
        chunks.append(Chunk(seq, seq * 10, size, done if seq == 0 else 0, 1, b""))
        of_chunks.append(records[first : first + size])
        first += size
    return Portion(chunks, of_chunks, last=True)


def last_in_order(arrived: list[tuple[str, int]], key: str) -> bool:
    """Whether the last arrivals of each record of a key are in order, and no record came first before an older one
    had come at all, unless that comes again later with it behind it."""
    last = {number: place for place, (of, number) in enumerate(arrived) if of == key}
    return [number for number, _ in sorted(last.items(), key=lambda item: item[1])] == sorted(last)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 7), min_size=1, max_size=5),
    st.lists(st.sampled_from("abc"), min_size=1, max_size=6),
    st.integers(1, 6),
    st.data(),
)
def test_failures_at_random_places(sizes: list[int], keys: list[str], most: int, data: st.DataObject) -> None:
    total = sum(sizes)
    done = data.draw(st.integers(0, sizes[0]))
    of = portion(sizes, keys, done)
    limits = Limits(most, 1000, 100)
    arrived: list[tuple[str, int]] = []
    never = data.draw(st.sets(st.integers(0, max(0, total - 1)), max_size=2))
    refused: set[int] = set()
    followers = 0
    through: list[int] = []
    for turn in range(200):
        batch = of.batch(limits)
        assert len(batch) <= most
        assert batch == sorted(batch)
        if not batch:
            break
        final = {place for place, number in enumerate(batch) if number in never}
        bad = final | (data.draw(st.sets(st.integers(0, len(batch) - 1))) if turn < 10 else set())
        if turn < 10 and data.draw(st.booleans()):
            continue  # nothing is known to be taken
        arrived += [(keys[n % len(keys)], n) for place, n in enumerate(batch) if place not in bad]
        refused |= {batch[place] for place in final}
        of.took(batch, [Failed(place, "Throttled", "slow", place in final) for place in sorted(bad)])
        stuck: set[str] = set()
        for place, number in enumerate(batch):
            if place in bad and place not in final:
                stuck.add(keys[number % len(keys)])
            followers += place not in bad and keys[number % len(keys)] in stuck
        through += of.settle().through
        assert not set(range(done, of.through)) - {number for _, number in arrived} - refused
    assert of.left == 0
    assert {number for _, number in arrived} | refused == set(range(done, total))
    assert all(last_in_order(arrived, key) for key in set(keys))
    assert sum(Counter(arrived).values()) - len(set(arrived)) <= followers
    through += of.settle().through
    assert through == list(range(len(sizes)))


def test_settled_says_how_far_the_first_row_is() -> None:
    of = portion([4, 3], ["a", "b"])
    batch = of.batch(Limits(3, 1000, 100))
    of.took(batch, [Failed(1, "Throttled", "slow")])
    assert of.torn
    assert of.settle()[:2] == ([], (0, 1))
    assert [record.data for record in of.records(of.batch(Limits(2, 1000, 100)))] == [b"1", b"3"]
    of.took([1, 3], [])
    assert not of.torn
    assert of.settle()[:2] == ([0], None)
    assert of.chunks_left == [of.chunks[1]]


def test_bytes_bound_a_batch() -> None:
    of = Portion([Chunk(1, 0, 3, 0, 1, b"")], [[Record("a", b"x" * 60)] * 3], last=True)
    assert of.batch(Limits(10, 130, 100)) == [0, 1]
    of.took([0, 1], [])
    assert of.batch(Limits(10, 130, 100)) == [2]
    assert of.bytes_left == 60


def test_too_large_ones_are_refused_here() -> None:
    of = Portion([Chunk(1, 0, 2, 0, 1, b"")], [[Record("a", b"x" * 60), Record("a", b"y")]], last=True)
    assert of.batch(Limits(10, 130, 50)) == [1]
    of.took([1], [])
    [refusal] = of.settle().refusals
    assert (refusal.code, refusal.client_id) == ("RecordTooLarge", "a")
