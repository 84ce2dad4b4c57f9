"""Objects read batch by batch: places to go on from, kept open between turns or opened anew."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.settings import Settings
from clarion.domain.transfers.model import Piece
from clarion.domain.transfers.source import reading as module
from clarion.domain.transfers.source.parsing import Checked, Parsing
from clarion.domain.transfers.source.reading import Readings
from clarion.domain.transfers.source.rows import BadHeader
from clarion.shapes.pinpoint import Format
from clarion.store.objects import Changed, Limits, Missing, Objects, Unreadable, open_objects
from tests.domain.transfers.streams import Stream, cut, found

PEOPLE = "Id,ChannelType,Address\n" + "".join(f"p{n},EMAIL,p{n}@example.com\n" for n in range(20))


def piece(data: bytes, at_byte: int = 0, at_line: int = 0, name: str = "people.csv") -> Piece:
    seen = found(data, name)
    return Piece("job", 0, seen.url, seen.size, seen.tag, "waiting", at_byte, at_line, None)


PARSING = Parsing()
"""Its process starts only where many lines are read."""


def opened(objects: Objects, piece: Piece, format: Format) -> module.Reading:
    return module.Reading(objects, PARSING, piece, format)


def all_rows(reading: module.Reading, most: int = 3) -> list[Checked]:
    rows: list[Checked] = []
    while (batch := reading.batch(most)) is not None:
        rows += batch.rows.rows()
    return rows


@given(st.integers(1, 8), st.integers(1, 40), st.booleans(), st.integers(0, 7))
def test_a_reading_goes_on_where_another_stopped(most: int, size: int, packed: bool, stop: int) -> None:
    data = gzip.compress(PEOPLE.encode()) if packed else PEOPLE.encode()
    stream = Stream(cut(data, size))
    expected = all_rows(opened(stream, piece(data), "CSV"))
    assert [row.line for row in expected] == list(range(2, 22))
    first = opened(stream, piece(data), "CSV")
    rows: list[Checked] = []
    for _ in range(stop):
        batch = first.batch(most)
        if batch is not None:
            rows += batch.rows.rows()
    started = piece(data, first.at_byte, first.at_line)
    assert rows + all_rows(opened(stream, started, "CSV"), most) == expected


@pytest.mark.parametrize("data", [b"Id\n", b"Id", b"Id\r\n", b"\xef\xbb\xbfId\r\n"])
def test_only_a_header(data: bytes) -> None:
    assert all_rows(opened(Stream([data]), piece(data), "CSV")) == []


@pytest.mark.parametrize("data", [b"", gzip.compress(b"", mtime=0)])
def test_an_empty_object(data: bytes) -> None:
    assert all_rows(opened(Stream([data]), piece(data), "JSON")) == []
    with pytest.raises(BadHeader):
        opened(Stream([data]), piece(data), "CSV")


def test_a_pretty_printed_array_is_refused_line_by_line() -> None:
    data = b'[\n  {"Id": "a"},\n  {"Id": "b"}\n]\n'
    rows = all_rows(opened(Stream([data]), piece(data), "JSON"))
    assert [(row.line, bool(row.error)) for row in rows] == [(1, True), (2, True), (3, False), (4, True)]


def test_blank_lines_are_counted_and_are_no_rows() -> None:
    data = b'\n{"Id": "a"}\n\n \n{"Id": "b"}'
    rows = all_rows(opened(Stream([data]), piece(data), "JSON"), 2)
    assert [(row.line, row.error) for row in rows] == [(2, ""), (5, "")]


class Folder:
    """A file that is read while somebody else does things to it."""

    def __init__(self, path: Path, format: Format = "CSV") -> None:
        self.path = path / "people.csv"
        self.path.write_text(PEOPLE * 200)
        self.objects = open_objects(Settings(object_folders=str(path)), limits=Limits(chunk_bytes=100))
        [self.found] = self.objects.find(f"file://{path}/")
        self.format = format

    def piece(self, at_byte: int = 0, at_line: int = 0) -> Piece:
        return Piece("job", 0, self.found.url, self.found.size, self.found.tag, "waiting", at_byte, at_line, None)


def test_a_file_that_changes_is_noticed(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    reading = opened(folder.objects, folder.piece(), "CSV")
    assert reading.batch(2) is not None
    folder.path.write_text(PEOPLE.upper() * 200)
    os.utime(folder.path, ns=(1, 1))
    with pytest.raises(Changed):
        all_rows(reading)
    with pytest.raises(Changed):
        opened(folder.objects, folder.piece(reading.at_byte, reading.at_line), "CSV")


def test_a_file_that_goes_is_noticed_by_the_next_who_opens_it(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.path.unlink()
    with pytest.raises(Missing):
        opened(folder.objects, folder.piece(), "CSV")


def test_readings_are_kept_for_their_place_only(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    readings = Readings(folder.objects)
    reading = readings.take(folder.piece(), "CSV")
    batch = reading.batch(5)
    assert batch is not None
    here = folder.piece(batch.at_byte, batch.at_line)
    readings.keep(here, reading)
    assert readings.take(here, "CSV") is reading
    readings.keep(here, reading)
    other = readings.take(folder.piece(), "CSV")
    assert other is not reading
    again = other.batch(5)
    assert again == batch


def test_only_so_many_are_kept_open(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    readings = Readings(folder.objects)
    kept = []
    before = len(os.listdir("/proc/self/fd"))
    for number in range(40):
        reading = readings.take(folder.piece()._replace(number=number), "CSV")
        batch = reading.batch(1)
        assert batch is not None
        here = folder.piece(batch.at_byte, batch.at_line)._replace(number=number)
        readings.keep(here, reading)
        kept.append((here, reading))
    assert readings.take(*kept[0][:1], "CSV") is not kept[0][1]
    assert readings.take(*kept[-1][:1], "CSV") is kept[-1][1]
    assert len(os.listdir("/proc/self/fd")) <= before + 20


def test_many_lines_are_parsed_elsewhere_with_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    data = (PEOPLE + "bad\n").encode() * 3
    here = all_rows(opened(Stream([data]), piece(data), "CSV"))
    monkeypatch.setattr(module, "FEW", 10)
    parsing = Parsing()
    elsewhere = module.Reading(Stream(cut(data, 50)), parsing, piece(data), "CSV")
    try:
        rows: list[Checked] = []
        while (batch := elsewhere.batch(7)) is not None:
            rows += batch.rows.rows()
            assert batch.at_line <= elsewhere.at_line
    finally:
        parsing.close()
    assert rows == here
    assert [row.line for row in rows if row.error] == [22, 23, 44, 45, 66]


def test_rows_before_a_broken_end_are_read() -> None:
    data = gzip.compress(PEOPLE.encode() * 50)[:-40]
    reading = opened(Stream(cut(data, 16)), piece(data), "CSV")
    for _ in range(4):
        batch = reading.batch(5)
        assert batch is not None
        assert len(batch.rows.encoded) == 5
    with pytest.raises(Unreadable, match="ends too early"):
        all_rows(reading)
