"""The way of events from the ingest log into the columnar store: whole log rows in, one insert a batch."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from clarion.domain.events.columnar import FROM_PUT, FROM_ROWS
from clarion.domain.events.reported import PUT, ROWS
from clarion.engine.log import LogRow, Sink
from clarion.store.columnar import Columnar


class EventsSink:
    """Takes log rows of one kind. The same token stores the same rows once, so a repeat after a crash is free."""

    def __init__(self, columnar: Columnar, select: str) -> None:
        self._columnar = columnar
        self._select = select

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        """Store every event of `rows`; returns when they can be queried. Raises Unavailable."""
        bodies = pa.array([row.body for row in rows], pa.large_binary())
        self._columnar.insert_arrow("events", pa.table({"body": bodies}), token=token, select=self._select)


def sinks(columnar: Columnar) -> dict[str, Sink]:
    """The sinks of both kinds of log row, by kind: for `engine.log.LogConsumer`."""
    return {PUT: EventsSink(columnar, FROM_PUT), ROWS: EventsSink(columnar, FROM_ROWS)}
