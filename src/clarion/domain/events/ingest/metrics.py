"""What ingestion counts: events by what became of them, drops by reason, seconds by step."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import SummaryMetricFamily
from prometheus_client.registry import Collector

from clarion.domain.events.model import DropReason

_DELAYS = (0.1, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 600.0)


class IngestMetrics:
    """`clarion_events_total{outcome}`, `clarion_events_dropped_total{reason}`, `clarion_ingest_seconds{step}`,
    and `clarion_ingest_delay_seconds`: log rows by the time from their first arrival until they could be queried.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        events = Counter("clarion_events", "Events reported by apps.", ("outcome",), registry=registry)
        dropped = Counter("clarion_events_dropped", "Events not taken.", ("reason",), registry=registry)
        self.steps = StepSeconds()
        registry.register(self.steps)
        self.delay = Histogram(
            "clarion_ingest_delay_seconds", "From arrival until queryable.", registry=registry, buckets=_DELAYS
        )
        self.accepted = events.labels("accepted")
        self.repeated = events.labels("repeated")
        self.dropped = {reason: dropped.labels(reason.value) for reason in DropReason}


class StepSeconds(Collector):
    """`clarion_ingest_seconds`. The client library's own Summary takes longer than the steps of a small request."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spent: dict[str, list[float]] = {}

    def add(self, step: str, seconds: float) -> None:
        """Count one run of a step."""
        with self._lock:
            found = self._spent.get(step)
            if found is None:
                self._spent[step] = [1, seconds]
            else:
                found[0] += 1
                found[1] += seconds

    def collect(self) -> Iterator[SummaryMetricFamily]:
        family = SummaryMetricFamily("clarion_ingest_seconds", "Time spent.", labels=["step"])
        with self._lock:
            spent = [(step, count, seconds) for step, (count, seconds) in self._spent.items()]
        for step, count, seconds in spent:
            family.add_metric([step], count_value=int(count), sum_value=seconds)
        yield family
