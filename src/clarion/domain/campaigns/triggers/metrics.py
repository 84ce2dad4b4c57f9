"""How fast events are answered."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Histogram

_DELAYS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0, 300.0)


class TriggerMetrics:
    """`clarion_trigger_delay_seconds`: messages by the time from the arrival of their event until the outbox."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self._delay = Histogram(
            "clarion_trigger_delay_seconds",
            "From an event's arrival until the message it triggered is in the outbox.",
            registry=registry,
            buckets=_DELAYS,
        )

    def answered(self, arrivals: Iterable[int], now_ms: int) -> None:
        """Messages for events of these arrivals are in the outbox; Unix ms."""
        for arrival in arrivals:
            self._delay.observe(max(0, now_ms - arrival) / 1000)
