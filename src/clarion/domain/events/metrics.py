"""What ingestion counts: events by what became of them, drops by reason, seconds by step."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Summary

from clarion.domain.events.model import DropReason


class IngestMetrics:
    """`clarion_events_total{outcome}`, `clarion_events_dropped_total{reason}`, `clarion_ingest_seconds{step}`."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        events = Counter("clarion_events", "Events reported by apps.", ("outcome",), registry=registry)
        dropped = Counter("clarion_events_dropped", "Events not taken.", ("reason",), registry=registry)
        self._seconds = Summary("clarion_ingest_seconds", "Time spent.", ("step",), registry=registry)
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
