"""The record of a simulation: what the log was consumed into."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from clarion.domain.events.model import EventRow
from clarion.domain.events.reported import PUT, ROWS, rows_of
from clarion.domain.journeys.metrics.record import LOG_KIND
from clarion.domain.journeys.model import Move
from clarion.engine.log import LogRow, Sink

Keep = Callable[[LogRow], None]

_decode = msgspec.json.Decoder(list[Move]).decode


class Record:
    """The sinks behind the log: each takes a token once, as the columnar store does. `taken` are the rows' numbers,
    `moves` have those of their rows."""

    def __init__(self) -> None:
        self._tokens: set[str] = set()
        self.taken: set[int] = set()
        self.moves: list[tuple[int, Move]] = []
        self.events: list[EventRow] = []
        self.wrong: list[str] = []

    def sinks(self) -> dict[str, Sink]:
        """By the kind of row; of other kinds nothing is kept."""
        kept: dict[str, Sink] = {LOG_KIND: _Taking(self, self._moves), ROWS: _Taking(self, self._events)}
        return kept | {kind: _Taking(self, lambda row: None) for kind in ("endpoints", PUT)}

    def take(self, rows: Sequence[LogRow], token: str, keep: Keep) -> None:
        """Rows come once with a token, and under one token only."""
        if token in self._tokens:
            return
        self._tokens.add(token)
        for row in rows:
            if row.id in self.taken:
                self.wrong.append(f"row {row.id} of the log was delivered twice")
            self.taken.add(row.id)
            keep(row)

    def _moves(self, row: LogRow) -> None:
        self.moves += [(row.id, move) for move in _decode(row.body)]

    def _events(self, row: LogRow) -> None:
        self.events += rows_of(row)


class _Taking:
    def __init__(self, record: Record, keep: Keep) -> None:
        self._record = record
        self._keep = keep

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        self._record.take(rows, token, self._keep)
