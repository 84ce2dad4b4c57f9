"""Objects being read: batches of rows, and where behind them to go on.

An import is done turn by turn. Between turns its objects stay open, since a gzip stream cannot be entered in the
middle; whoever goes on elsewhere, or after a crash, opens the object anew and unpacks it up to that place.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from clarion.domain.transfers.model import Piece
from clarion.domain.transfers.source.content import Line, lines
from clarion.domain.transfers.source.rows import Parse, Row, parser
from clarion.shapes.pinpoint import Format
from clarion.store.objects import Found, Objects

_KEPT_OPEN = 16


class Batch(NamedTuple):
    """Rows in the order of their lines, and the place and the line behind the last of them."""

    rows: list[Row]
    at_byte: int
    at_line: int


class Reading:
    """One object from a place on."""

    def __init__(self, objects: Objects, piece: Piece, format: Format) -> None:
        found = Found(piece.url, piece.size, piece.tag)
        header: Line | None = None
        if format == "CSV":
            first = lines(objects, found)
            header = next(first, None)
            first.close()  # type: ignore[attr-defined]
        self._parse: Parse = parser(format, header)
        self.at_byte, self.at_line = piece.at_byte, piece.at_line
        self._lines: Iterator[Line] = lines(objects, found, self.at_byte, self.at_line)
        if header is not None and self.at_line == 0:
            next(self._lines)
            self.at_byte, self.at_line = header.end, 1

    def batch(self, most: int) -> Batch | None:
        """The rows of the next `most` lines; None behind the last line."""
        taken = list(islice(self._lines, most))
        if not taken:
            return None
        rows = [row for line in taken for row in self._parse(line)]
        self.at_byte, self.at_line = taken[-1].end, taken[-1].number
        return Batch(rows, self.at_byte, self.at_line)

    def close(self) -> None:
        self._lines.close()  # type: ignore[attr-defined]


class Readings:
    """The objects that are open between turns, by piece."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
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
        return Reading(self._objects, piece, format)

    def keep(self, piece: Piece, reading: Reading) -> None:
        """Leave it open for the next turn."""
        with self._lock:
            gone = [self._open.pop(key) for key in list(self._open)[: len(self._open) - _KEPT_OPEN + 1]]
            self._open[piece.job_id, piece.number] = reading
        for old in gone:
            old.close()
