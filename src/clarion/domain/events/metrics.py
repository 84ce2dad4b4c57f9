"""What ingestion counts: events by what became of them, drops by reason, seconds by step."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, Summary

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
        self._seconds = Summary("clarion_ingest_seconds", "Time spent.", ("step",), registry=registry)
        self.delay = Histogram(
            "clarion_ingest_delay_seconds", "From arrival until queryable.", registry=registry, buckets=_DELAYS
        )
        self.accepted = events.labels("accepted")
        self.repeated = events.labels("repeated")
        self.dropped = {reason: dropped.labels(reason.value) for reason in DropReason}
        self._steps: dict[str, Summary] = {}

    def spent(self, step: str, seconds: float) -> None:
        """Count the time of one run of a step."""
        found = self._steps.get(step)
        if found is None:
            found = self._steps[step] = self._seconds.labels(step)
        found.observe(seconds)
