"""What waits for an operator, as metrics read when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from clarion.core.errors import ClarionError
from clarion.engine import job_rows, log_dead
from clarion.store.database import Database

_MOST = 10_000


class BacklogMetrics(Collector):
    """`clarion_jobs_dead` and `clarion_ingest_set_aside`, counted up to ten thousand; absent without a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            jobs = self._database.read(lambda connection: job_rows.count_dead(connection, _MOST))
            rows = self._database.read(log_dead.count)
        except ClarionError:
            return
        yield GaugeMetricFamily("clarion_jobs_dead", "Jobs that failed too often and were given up.", value=jobs)
        yield GaugeMetricFamily("clarion_ingest_set_aside", "Rows of the ingest log that no sink took.", value=rows)
