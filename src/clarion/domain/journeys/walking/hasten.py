"""Having a part of a journey step soon."""

from __future__ import annotations

import sqlalchemy as sa

from clarion.domain.journeys.model import STEP, StepJob, step_key
from clarion.engine.jobs import Jobs


def hasten(jobs: Jobs, connection: sa.Connection, args: StepJob, due_ms: int) -> None:
    """Have a part of a journey step at `due_ms` at the latest, the journey being held.

    A step that is under way, or due before, is left alone: it looks for more itself when it is done.
    """
    key = step_key(args.journey_id, args.shard)
    known = jobs.due_ms(connection, key)
    if known is None or known > due_ms:
        jobs.enqueue(connection, STEP, args, due_ms=due_ms, key=key)
