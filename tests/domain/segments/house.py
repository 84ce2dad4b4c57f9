"""The slice for tests, built as the server builds it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from clarion.core.clock import SystemClock, VirtualClock, parse_iso
from clarion.core.ids import SeededIds
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.domain.audience.service import Audience
from clarion.domain.segments.jobs import SegmentsJobs
from clarion.domain.segments.operations import SegmentsOperations
from clarion.domain.segments.preview.service import Previews
from clarion.domain.segments.service import Segments
from clarion.engine.jobs import Jobs
from clarion.engine.pumps import Engine
from clarion.engine.workers import JobsPump
from clarion.store.columnar import Columnar
from clarion.store.database import Database
from clarion.store.schema import metadata
from clarion.wire.context import Context

__all__ = ["House", "context", "house"]


@dataclass
class Late:
    """What the slice is given to catch up with the log; a test may put something else in."""

    catch_up: Callable[[], None]


class House(NamedTuple):
    database: Database
    columnar: Columnar
    clock: VirtualClock
    tags: Tags
    apps: Apps
    segments: Segments
    operations: SegmentsOperations
    app_id: str
    late: Late
    engine: Engine
    people: Audience
    previews: Previews

    @contextmanager
    def crash_in_next_write(self) -> Iterator[None]:
        """Whatever writes to the snapshots' table inside fails, as if the process had ended before it."""

        def fail(connection: sa.Connection, clause: sa.Executable, *_: object) -> None:
            if isinstance(clause, sa.Insert) and clause.table.name == "segment_snapshots":
                raise RuntimeError("crash")

        sa.event.listen(sa.Engine, "before_execute", fail)
        try:
            yield
        finally:
            sa.event.remove(sa.Engine, "before_execute", fail)


def context(account: str = "000000000001", region: str = "eu-central-1") -> Context:
    return Context(Scope(account, region), "request-1", "AKID", "admin", f"arn:aws:iam::{account}:user/AKID")


_ids = SeededIds(11)


@pytest.fixture
def house(database: Database, audience: Columnar) -> House:
    database.write(metadata.create_all)
    clock = VirtualClock(parse_iso("2026-11-01T09:15:02.120Z"))
    tags = Tags(database)
    jobs = Jobs(database, clock)
    apps = Apps(database, tags, jobs, clock=clock, ids=_ids)
    late = Late(lambda: None)
    segments = Segments(database, audience, apps, tags, clock=clock, ids=_ids, catch_up=lambda: late.catch_up())
    people = Audience(database, apps, jobs, clock=clock, ids=_ids)
    previews = Previews(database, audience, apps, people, clock=clock, ids=_ids, catch_up=lambda: late.catch_up())
    SegmentsJobs(database, audience, apps, segments, jobs, clock=clock)
    pump = JobsPump(database, jobs, clock=clock, real=SystemClock(), ids=_ids)
    app_id = apps.create(context().scope, "app", None).app.id
    operations = SegmentsOperations(segments)
    engine = Engine([pump], clock, _ids)
    return House(database, audience, clock, tags, apps, segments, operations, app_id, late, engine, people, previews)
