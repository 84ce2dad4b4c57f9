"""Objects cut into lines, packed and plain, against Python's own gzip and splitting; and broken packings."""

from __future__ import annotations

import gzip
import re
import tracemalloc
from itertools import repeat

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clarion.domain.transfers.source.content import MOST_LINE, Line, lines
from clarion.store.objects import Found, Unreadable
from tests.domain.transfers.streams import Stream, cut, found

CONTENTS = st.lists(st.sampled_from([b"", b"a", b"b,c", b"\r", b"\n", b"\r\n", b"\n\n", b"\0", b"x" * 50]), max_size=30)
MEMBERS = st.lists(st.binary(max_size=40), min_size=1, max_size=4)


def read(data: bytes, size: int = 7, at_byte: int = 0, at_line: int = 0) -> list[Line]:
    return list(lines(Stream(cut(data, size)), found(data), at_byte, at_line))


def oracle(content: bytes) -> list[bytes]:
    """Lines end with a line feed, a carriage return before it belongs to the end; so does one at the very end."""
    whole = content.split(b"\n")
    return [line.removesuffix(b"\r") for line in (whole if whole[-1] else whole[:-1])]


@given(st.lists(CONTENTS.map(b"".join), min_size=1, max_size=4), st.integers(1, 60), st.booleans())
@example([b"a\r\nb\r\n"], 2, False)
@example([b"\r"], 1, False)
@example([b"\x1f\x8bnot packed"], 1, True)
def test_lines_are_those_that_python_sees(parts: list[bytes], size: int, packed: bool) -> None:
    content = b"".join(parts)
    if not packed and content.startswith(b"\x1f\x8b"):
        return
    data = b"".join(map(gzip.compress, parts)) if packed else content
    seen = read(data, size)
    assert [line.data for line in seen] == oracle(content)
    assert [line.number for line in seen] == list(range(1, len(seen) + 1))
    assert not seen or seen[-1].end == len(content)
    assert [content[line.end - 1 : line.end] for line in seen[:-1]] == [b"\n"] * (len(seen) - 1)


@given(CONTENTS.map(b"".join), st.integers(1, 60), st.booleans(), st.data())
def test_going_on_anywhere_is_as_if_nothing_had_been_in_between(
    content: bytes, size: int, packed: bool, data: st.DataObject
) -> None:
    stored = gzip.compress(content) if packed else content
    seen = read(stored, size)
    if seen:
        at = data.draw(st.integers(0, len(seen) - 1))
        assert read(stored, size, seen[at].end, seen[at].number) == seen[at + 1 :]


@given(MEMBERS, st.binary(min_size=1, max_size=20), st.integers(1, 60), st.booleans())
@settings(max_examples=300)
def test_what_is_behind_a_packing_or_missing_from_it_is_judged_as_python_does(
    members: list[bytes], garbage: bytes, size: int, cuts: bool
) -> None:
    whole = b"".join(map(gzip.compress, members))
    data = whole[: -len(garbage)] if cuts else whole + garbage
    if len(data) < 2:
        return
    try:
        content = gzip.decompress(data)
    except (gzip.BadGzipFile, EOFError, OSError):
        with pytest.raises(Unreadable, match="gzip"):
            read(data, size)
    else:
        assert [line.data for line in read(data, size)] == oracle(content)


def test_a_damaged_packing_is_noticed_at_its_end() -> None:
    data = bytearray(gzip.compress(b"a\nb\n"))
    data[-6] ^= 1  # the checksum
    with pytest.raises(Unreadable, match=re.escape("s3://bucket/people.csv: is not valid gzip: Error -3")):
        read(bytes(data), 1)


def test_well_packed_content_is_unpacked_bit_by_bit() -> None:
    data = gzip.compress((b"a" * 1023 + b"\n") * (48 << 10), 9)
    assert len(data) < 300_000
    tracemalloc.start()
    count = sum(1 for _ in lines(Stream([data]), found(data)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 48 << 10
    assert peak < 12 << 20


def test_a_line_of_a_gigabyte_is_passed_over_in_little_memory() -> None:
    piece = b"x" * (1 << 20)
    chunks = [b"a\n", *repeat(piece, 1024), b"\r\nb\n", b"y" * 10]
    size = 2 + (1 << 30) + 4 + 10
    tracemalloc.start()
    seen = list(lines(Stream(chunks), Found("s3://bucket/long.csv", size, "tag")))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen == [
        Line(1, 2, b"a"),
        Line(2, 2 + (1 << 30) + 2, None),
        Line(3, size - 10, b"b"),
        Line(4, size, b"y" * 10),
    ]
    assert peak < 8 << 20


@pytest.mark.parametrize("last", [b"", b"\n"])
def test_the_longest_line(last: bytes) -> None:
    longest, longer = b"x" * MOST_LINE, b"x" * (MOST_LINE + 1)
    assert [line.data for line in read(longest + last, 1 << 16)] == [longest]
    assert [line.data for line in read(longer + last, 1 << 16)] == [None]
    assert read(longer + b"\na" + last, 1 << 16)[1] == Line(2, MOST_LINE + 3 + len(last), b"a")


def test_plain_content_is_read_from_the_place_on() -> None:
    stream = Stream([b"a\nb\n"])
    assert [line.data for line in lines(stream, found(b"a\nb\n"), 2, 1)] == [b"b"]
    assert stream.asked[-1] == 2
