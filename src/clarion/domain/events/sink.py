"""The way of events from the ingest log into the columnar store: whole log rows in, one insert a batch."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from clarion.core.clock import Clock
from clarion.domain.events.columnar import FROM_PUT, FROM_ROWS
from clarion.domain.events.ingest.metrics import IngestMetrics
from clarion.domain.events.reported import PUT, ROWS, decode_note
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


class TimedSink:
    """Tells the metrics how long reported events took from their arrival through `sink`; `clock` is the product's."""

    def __init__(self, sink: Sink, metrics: IngestMetrics, clock: Clock) -> None:
        self._sink = sink
        self._metrics = metrics
        self._clock = clock

    def consume(self, rows: Sequence[LogRow], token: str) -> None:
        # Read before anything is stored: a sink that raises must have stored nothing.
        arrivals = [decode_note(row.note).arrival for row in rows]
        self._sink.consume(rows, token)
        now = self._clock.now_ms()
        for arrival in arrivals:
            self._metrics.delay.observe(max(0, now - arrival) / 1000)


def sinks(columnar: Columnar, metrics: IngestMetrics | None = None, clock: Clock | None = None) -> dict[str, Sink]:
    """The sinks of both kinds of log row, by kind: for `engine.log.LogConsumer`."""
    put: Sink = EventsSink(columnar, FROM_PUT)
    if metrics is not None and clock is not None:
        put = TimedSink(put, metrics, clock)
    return {PUT: put, ROWS: EventsSink(columnar, FROM_ROWS)}
