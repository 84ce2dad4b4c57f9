"""Whatever fails at whatever places: every record is taken, of each key the last arrivals are in order, nobody twice
who did not have to be."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.channels.streaming.port import Failed, Limits, Record
from clarion.domain.streams.backlog import Chunk
from clarion.domain.streams.delivery.portion import Portion


def portion(sizes: list[int], keys: list[str], most: int, done: int = 0) -> Portion:
    records = [Record(keys[n % len(keys)], b"%d" % n) for n in range(sum(sizes))]
    chunks, of_chunks, first = [], [], 0
    for seq, size in enumerate(sizes):
        chunks.append(Chunk(seq, seq * 10, size, done if seq == 0 else 0, 1, b""))
        of_chunks.append(records[first : first + size])
        first += size
    return Portion(chunks, of_chunks, Limits(most, 1000, 100), last=True)


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
    of = portion(sizes, keys, most, done)
    arrived: list[tuple[str, int]] = []
    never = data.draw(st.sets(st.integers(0, max(0, total - 1)), max_size=2))
    refused: set[int] = set()
    followers = 0
    through: list[int] = []
    for turn in range(200):
        batch = of.batch()
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
    of = portion([4, 3], ["a", "b"], 3)
    batch = of.batch()
    of.took(batch, [Failed(1, "Throttled", "slow")])
    assert of.torn
    through, partly, _ = of.settle()
    assert (through, partly) == ([], (of.chunks[0], 1))
    batch = of.batch()
    assert [record.data for record in of.records(batch)] == [b"1", b"3", b"4"]
    of.took(batch, [])
    assert not of.torn
    through, partly, _ = of.settle()
    assert (through, partly) == ([0], (of.chunks[1], 1))
    assert of.chunks_left == [of.chunks[1]]


def lines(*sizes: int, limits: Limits) -> Portion:
    return Portion(
        [Chunk(1, 0, len(sizes), 0, 1, b"")], [[Record("a", b"x" * size) for size in sizes]], limits, last=True
    )


def test_bytes_bound_a_batch() -> None:
    of = lines(60, 60, 60, limits=Limits(10, 130, 100))
    assert of.batch() == [0, 1]
    of.took([0, 1], [])
    assert of.batch() == [2]
    assert of.bytes_left == 60


def test_what_comes_again_is_bounded_too() -> None:
    of = lines(60, 60, 10, limits=Limits(10, 130, 100))
    of.took(of.batch(), [Failed(0, "Throttled", "slow")])
    assert of.batch() == [0, 1, 2]
    of = lines(60, 60, 60, limits=Limits(10, 130, 100))
    of.took(of.batch(), [Failed(0, "Throttled", "slow")])
    assert of.batch() == [0, 1]
    of.took([0, 1], [Failed(0, "Throttled", "slow")])
    assert of.batch() == [0, 1]


def test_too_large_ones_are_refused_here() -> None:
    of = lines(60, 1, 51, 51, 2, limits=Limits(10, 130, 50))
    assert of.batch() == [1, 4]
    of.took([1, 4], [])
    refusals = of.settle().refusals
    assert [(one.code, one.client_id, len(one.data)) for one in refusals] == [
        ("RecordTooLarge", "a", size) for size in (60, 51, 51)
    ]
    assert of.left == 0
