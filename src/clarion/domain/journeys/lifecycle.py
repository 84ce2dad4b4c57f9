"""From state to state: what publishing, pausing, resuming, stopping and running dry do to a journey."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.core.clock import Clock
from clarion.domain.journeys import store
from clarion.engine.jobs import Jobs


class Lifecycle:
    """The states of journeys; every verb is called with the journey held."""

    def __init__(self, jobs: Jobs, clock: Clock) -> None:
        self._jobs = jobs
        self._clock = clock

    def emptied(self, connection: sa.Connection, app_id: str, journey_id: str) -> None:
        """People have left: complete a journey that is closed and has nobody inside any more."""
        row = store.get(connection, app_id, journey_id, lock=True)
        if row is not None and row.state == "CLOSED" and row.inside <= 0:
            store.change(connection, app_id, journey_id, state="COMPLETED", modified_ms=self._clock.now_ms())
