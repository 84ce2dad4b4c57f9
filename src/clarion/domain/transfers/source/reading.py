"""Objects being read: batches of rows, and where behind them to go on.

An import is done turn by turn. Between turns its objects stay open, since a gzip stream cannot be entered in the
middle; whoever goes on elsewhere, or after a crash, opens the object anew and unpacks it up to that place.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future
from itertools import islice
from typing import NamedTuple

from clarion.domain.transfers.model import Piece
from clarion.domain.transfers.source.content import Line, lines
from clarion.domain.transfers.source.parsing import Parsed, Parsing, check
from clarion.domain.transfers.source.rows import parser
from clarion.shapes.pinpoint import Format
from clarion.store.objects import Found, Objects

FEW = 5_000
"""Lines of an object that are parsed here; the rest is worth another process."""

_AHEAD = 4
"""Batches that are being parsed while one is written."""

_KEPT_OPEN = 16


class Batch(NamedTuple):
    """Rows in the order of their lines, and the place and the line behind the last of them."""

    rows: Parsed
    at_byte: int
    at_line: int


class _Begun(NamedTuple):
    """Lines on their way to become a batch."""

    rows: Parsed | Future[bytes]
    last: Line


class Reading:
    """One object from a place on. Raises BadHeader, Unreadable."""

    def __init__(self, objects: Objects, parsing: Parsing, piece: Piece, format: Format) -> None:
        found = Found(piece.url, piece.size, piece.tag)
        self._parsing = parsing
        self._format = format
        self._request_id = piece.job_id
        self._header: Line | None = None
        self.at_byte, self.at_line = piece.at_byte, piece.at_line
        self._lines: Generator[Line, None, None] = lines(objects, found, self.at_byte, self.at_line)
        if format == "CSV":
            begins = self.at_line == 0
            first = self._lines if begins else lines(objects, found)
            self._header = next(first, None)
            if not begins:
                first.close()
            elif self._header is not None:
                self.at_byte, self.at_line = self._header.end, 1
        parser(format, self._header)
        self._few = self.at_line + FEW
        self._begun: deque[_Begun] = deque()

    def batch(self, most: int) -> Batch | None:
        """The rows of the next `most` lines; None behind the last line."""
        while len(self._begun) <= _AHEAD and (begun := self._begin(most)) is not None:
            self._begun.append(begun)
            if isinstance(begun.rows, Parsed):
                break
        if not self._begun:
            return None
        rows, last = self._begun.popleft()
        if isinstance(rows, Future):
            rows = self._parsing.result(rows)
        self.at_byte, self.at_line = last.end, last.number
        return Batch(rows, self.at_byte, self.at_line)

    def close(self) -> None:
        self._lines.close()

    def _begin(self, most: int) -> _Begun | None:
        taken = list(islice(self._lines, most))
        if not taken:
            return None
        if taken[0].number <= self._few:
            return _Begun(check(self._format, self._header, self._request_id, taken), taken[-1])
        return _Begun(self._parsing.begin(self._format, self._header, self._request_id, taken), taken[-1])


class Readings:
    """The objects that are open between turns, by piece."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._parsing = Parsing()
        self._open: dict[tuple[str, int], Reading] = {}
        self._lock = threading.Lock()

    def take(self, piece: Piece, format: Format) -> Reading:
        """The object at the place where the piece is."""
        with self._lock:
            kept = self._open.pop((piece.job_id, piece.number), None)
        if kept is not None:
            if kept.at_byte == piece.at_byte and piece.at_byte:
                return kept
            kept.close()
        return Reading(self._objects, self._parsing, piece, format)

    def keep(self, piece: Piece, reading: Reading) -> None:
        """Leave it open for the next turn."""
        with self._lock:
            gone = [self._open.pop(key) for key in list(self._open)[: len(self._open) - _KEPT_OPEN + 1]]
            self._open[piece.job_id, piece.number] = reading
        for old in gone:
            old.close()

    def close(self) -> None:
        """Let go of everything."""
        with self._lock:
            readings = list(self._open.values())
            self._open.clear()
        for reading in readings:
            reading.close()
        self._parsing.close()
