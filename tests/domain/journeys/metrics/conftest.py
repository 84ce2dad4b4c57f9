from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from clarion.domain.events.columnar import ddl as events_ddl
from clarion.domain.events.model import EventRow
from clarion.domain.events.reported import ROWS, encode_rows
from clarion.domain.events.sink import sinks
from clarion.domain.journeys.metrics.columnar import MovesSink, ddl
from clarion.domain.journeys.metrics.figures import JourneyFigures
from clarion.domain.journeys.metrics.moves import Moves
from clarion.domain.journeys.metrics.record import LOG_KIND, encode
from clarion.domain.journeys.model import Move
from clarion.engine.log import LogRow
from clarion.store.columnar import Columnar, open_columnar
from tests.columnar import chdb_directory, chdb_url, clickhouse_front, clickhouse_url, columnar, columnar_url

__all__ = ["chdb_directory", "chdb_url", "clickhouse_front", "clickhouse_url", "columnar", "columnar_url"]

_numbers = itertools.count(1)


class Record:
    """The columnar record of moves and events, filled as the log's consumer does."""

    def __init__(self, columnar: Columnar) -> None:
        self.columnar = columnar
        for statement in [*events_ddl(90), *ddl()]:
            columnar.command(statement)
        self._sink = MovesSink(columnar)
        self._events = sinks(columnar)[ROWS]
        self.moves = Moves(columnar, lambda: None)
        self.figures = JourneyFigures(self.moves)

    def take(self, moves: Sequence[Move], *, token: str = "", rows: int = 1) -> str:
        """Store moves that are in so many log rows; answers the token."""
        token = token or f"token-{next(_numbers)}"
        parts = [moves[number::rows] for number in range(rows)]
        self._sink.consume([LogRow(number, LOG_KIND, encode(part), b"") for number, part in enumerate(parts)], token)
        return token

    def happen(self, events: Sequence[EventRow]) -> None:
        """Store events."""
        if events:
            self._events.consume([LogRow(1, ROWS, encode_rows(events), b"")], f"token-{next(_numbers)}")

    def empty(self) -> None:
        for table in ("journey_moves", "journey_sends", "events"):
            self.columnar.command(f"TRUNCATE TABLE {table}")


@pytest.fixture
def record(columnar: Columnar) -> Record:
    """On each columnar store."""
    return Record(columnar)


@pytest.fixture(scope="module")
def embedded(chdb_directory: Path) -> Iterator[Record]:
    """One for many examples."""
    store = open_columnar(f"chdb://{chdb_directory}?database=journey_moves_shared")
    yield Record(store)
    store.command("DROP DATABASE journey_moves_shared SYNC")
    store.close()
