"""What event streams count, as Pinpoint's metrics ExportedEvents and ExportEventErrors did, and what waits."""

from __future__ import annotations

from collections.abc import Iterator

import structlog
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from clarion.core.clock import Clock
from clarion.core.errors import ClarionError
from clarion.domain.streams import store
from clarion.domain.streams.backlog import Gone
from clarion.domain.streams.model import Lost
from clarion.store.database import Database

MOST_APPS = 100
"""Streams with a label of their own: those with most in their backlogs."""

_log = structlog.get_logger(__name__)


class StreamMetrics:
    """`clarion_stream_exported_total`, `clarion_stream_errors_total{code}`, `clarion_stream_lost_total{reason}`."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self.exported = Counter("clarion_stream_exported", "Records that destinations have taken.", registry=registry)
        self._errors = Counter("clarion_stream_errors", "Records not taken, each time.", ("code",), registry=registry)
        lost = Counter("clarion_stream_lost", "Events dropped undelivered.", ("reason",), registry=registry)
        self._lost = {reason: lost.labels(reason.value) for reason in Lost}

    def failed(self, code: str, records: int) -> None:
        """Records that a destination did not take."""
        self._errors.labels(code).inc(records)

    def lost(self, app_id: str, reason: Lost, gone: Gone) -> None:
        """Events that nobody will get: counted, and said."""
        self._lost[reason].inc(gone.events)
        _log.error("streams.lost", app=app_id, reason=reason.value, events=gone.events, bytes=gone.bytes)


class BacklogMetrics(Collector):
    """What waits, read when it is asked for: `clarion_stream_backlog_events{app}`, `clarion_stream_lag_seconds{app}`,
    `clarion_stream_backlog_bytes{app}`, and `clarion_stream_backlog_bound_bytes`. Absent without a database."""

    def __init__(self, database: Database, clock: Clock, bound: int) -> None:
        self._database = database
        self._clock = clock
        self._bound = bound

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = self._database.read(store.listed)
        except ClarionError:
            return
        now = self._clock.now_ms()
        events = GaugeMetricFamily("clarion_stream_backlog_events", "Events that wait.", labels=["app"])
        size = GaugeMetricFamily("clarion_stream_backlog_bytes", "Bytes that wait, packed.", labels=["app"])
        lag = GaugeMetricFamily("clarion_stream_lag_seconds", "Since the oldest event came that waits.", labels=["app"])
        for one in sorted(found, key=lambda one: -one.progress.bytes)[:MOST_APPS]:
            label = [one.stream.app_id]
            events.add_metric(label, one.progress.waiting)
            size.add_metric(label, one.progress.bytes)
            lag.add_metric(label, 0 if one.oldest_ms is None else max(0, now - one.oldest_ms) / 1000)
        yield from (events, size, lag)
        bound = "The most bytes that all backlogs may have together."
        yield GaugeMetricFamily("clarion_stream_backlog_bound_bytes", bound, value=self._bound)
