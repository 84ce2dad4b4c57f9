"""One log line and two metrics for each request."""

from __future__ import annotations

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Telemetry:
    """The access log (`clarion.access`) and `clarion_requests_total`, `clarion_request_seconds`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._log = structlog.get_logger("clarion.access")
        names = ("service", "operation")
        self._requests = Counter("clarion_requests", "Requests answered.", (*names, "status"), registry=registry)
        self._seconds = Histogram(
            "clarion_request_seconds", "Time to answer.", names, registry=registry, buckets=_BUCKETS
        )
        # labels() costs more than the counting itself.
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def record(
        self, method: str, service: str, operation: str, status: int, seconds: float, request_id: str, account: str
    ) -> None:
        """Count and log one answered request. `operation` is from the tables, never from the request, so the
        number of time series is bounded."""
        key = (service, operation, status)
        children = self._children.get(key)
        if children is None:
            children = (
                self._requests.labels(service, operation, str(status)),
                self._seconds.labels(service, operation),
            )
            self._children[key] = children
        children[0].inc()
        children[1].observe(seconds)
        self._log.info(
            "request",
            method=method,
            service=service,
            operation=operation,
            status=status,
            ms=round(seconds * 1000, 2),
            request_id=request_id,
            account=account,
        )

    def render(self) -> bytes:
        """The Prometheus text of everything in the registry."""
        return generate_latest(self.registry)
