"""What the engine runs of entries: a run begins, members are looked at page by page, the journey closes.

    begin_run ──→ members written down (a snapshot named like the run), the run divided into parts; the next run
    enter ──→ enter ──→ … a chain of pages for each part: people in, refusals, checkpoint: one transaction a page
    close ←── the end has come

Every step can be repeated: the snapshot of a run stays what it was, and a page's people and its checkpoint are one
transaction. What stands still while a journey is paused is enqueued again when it goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core.clock import HOUR_MS, Clock
from clarion.core.errors import NotFound
from clarion.core.scope import Scope
from clarion.domain.audience.service import Audience
from clarion.domain.journeys import store
from clarion.domain.journeys.definition import Route, route
from clarion.domain.journeys.entry import parts
from clarion.domain.journeys.entry import store as entry_store
from clarion.domain.journeys.entry.dividing import Duplicates, Zoned, divide, divide_zones, estimated, in_zone
from clarion.domain.journeys.entry.entering import Entering, look
from clarion.domain.journeys.entry.model import (
    BEGIN,
    CLOSE,
    FROM_USER,
    ON_UPDATE,
    PAGE,
    PRODUCED,
    PageJob,
    RunJob,
    close_key,
)
from clarion.domain.journeys.entry.parts import PartRow
from clarion.domain.journeys.entry.planner import Planner, many
from clarion.domain.journeys.lifecycle import Lifecycle
from clarion.domain.journeys.metrics import record
from clarion.domain.journeys.model import JourneyJob
from clarion.domain.journeys.store import JourneyRow, RunRow
from clarion.domain.segments.service import Segments
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.shapes.pinpoint import WriteJourneyRequest
from clarion.store.database import Database

TOGETHER = 2_000
"""Members on a page."""

ATTEMPTS = 30
"""Of what needs the columnar store: it may be away for about an hour; then it is tried every hour."""

SOON_MS = 200
"""After so long a journey at its end looks again whether all its events are answered."""


class Found(NamedTuple):
    """A journey with the way that those who enter now walk."""

    row: JourneyRow
    route: Route

    @property
    def wanted(self) -> WriteJourneyRequest:
        return self.route.wanted


class Launch(NamedTuple):
    """What was found out of a run before it begins: the version of the segment that all its journey's runs look at
    (None: each looks at the latest), its parts, and how many members are there since their user is listed."""

    version: int | None
    divided: list[PartRow]
    of_users: int


class EntryRuns:
    """The runs of all journeys. `register` makes the engine's worker call them."""

    def __init__(
        self,
        database: Database,
        lifecycle: Lifecycle,
        planner: Planner,
        segments: Segments,
        audience: Audience,
        jobs: Jobs,
        clock: Clock,
        catch_up: Callable[[], None],
    ) -> None:
        self._database = database
        self._lifecycle = lifecycle
        self._planner = planner
        self._segments = segments
        self._audience = audience
        self._duplicates = Duplicates(segments)
        self._entering = Entering(database, jobs, clock)
        self._jobs = jobs
        self._clock = clock
        self._catch_up = catch_up

    def register(self) -> None:
        """Handle the jobs of entries."""
        self._jobs.register(BEGIN, self.begin, attempts=ATTEMPTS, on_dead=self._later)
        self._jobs.register(PAGE, self.page, attempts=ATTEMPTS, on_dead=self._later)
        self._jobs.register(CLOSE, self.close, attempts=ATTEMPTS, on_dead=self._later)

    def begin(self, job: LeasedJob) -> None:
        """Write the members of a run down, and enqueue the first page of each of its parts and the run after it."""
        args = job.decode(RunJob)
        found = self._database.read(lambda connection: self._found(connection, args.app_id, args.journey_id))
        if found is None or found.row.epoch != args.epoch or found.row.state != "ACTIVE":
            self._database.write(job.finish)
            return
        row = found.row
        if row.event_started:
            self._database.write(lambda connection: self._open(connection, job, args))
            return
        scope, version = Scope(row.account, row.region), self._version(found)
        try:
            members = self._segments.snapshot(scope, row.app_id, row.segment_id, version, args.run_id)
            of_users = members if self._is_of_users(found, version) else 0
        except NotFound:
            self._database.write(lambda connection: self._shut(connection, job, args))
            return
        launch = Launch(version, self._divide(found, args, members), of_users)
        self._database.write(lambda connection: self._launch(connection, job, args, launch))

    def page(self, job: LeasedJob) -> None:
        """Look at one page of a part."""
        args = job.decode(PageJob)
        seen = self._database.read(lambda connection: self._seen(connection, args))
        if seen is None:
            self._database.write(job.finish)
            return
        found, part = seen
        size = min(TOGETHER, part.until - part.after)
        keys = self._members(part, size)
        zoned = self._look(found, part, keys)
        after = part.after + size if keys else part.until

        def work(connection: sa.Connection) -> None:
            row = store.get(connection, args.app_id, args.journey_id, lock=True)
            job.finish(connection)
            if row is None or row.state != "ACTIVE":
                return
            current = route(store.definition(connection, row.app_id, row.journey_id, row.version))
            self._entering.enter(connection, row, current, part.run_id, zoned.page, due=zoned.due)
            if parts.move(connection, part, after):
                self._planner.enqueue_page(connection, part, self._clock.now_ms())
            elif not parts.any_of_run(connection, part.run_id):
                self._entered(connection, row, current, part.run_id)

        self._database.write(work)

    def close(self, job: LeasedJob) -> None:
        """The end has come: nobody enters any more, once the events that came in before are answered."""
        args = job.decode(JourneyJob)
        self._catch_up()

        def work(connection: sa.Connection) -> None:
            row = store.get(connection, args.app_id, args.journey_id, lock=True)
            job.finish(connection)
            if row is None or row.state != "ACTIVE" or row.epoch != args.epoch:
                return
            if entry_store.first_matches(connection, args.app_id, args.journey_id, 1):
                due_ms = self._clock.now_ms() + SOON_MS
                self._jobs.enqueue(connection, CLOSE, args, due_ms=due_ms, key=close_key(args.journey_id))
            else:
                self._lifecycle.closed(connection, row)

        self._database.write(work)

    def _found(self, connection: sa.Connection, app_id: str, journey_id: str, *, lock: bool = False) -> Found | None:
        row = store.get(connection, app_id, journey_id, lock=lock)
        if row is None:
            return None
        return Found(row, route(store.definition(connection, app_id, journey_id, row.version)))

    def _seen(self, connection: sa.Connection, args: PageJob) -> tuple[Found, PartRow] | None:
        found = self._found(connection, args.app_id, args.journey_id)
        part = parts.get(connection, args.run_id, args.part)
        return None if found is None or part is None or found.row.state != "ACTIVE" else (found, part)

    def _version(self, found: Found) -> int | None:
        """Which version of the segment a run looks at: the latest, or that of the first run."""
        row = found.row
        if found.wanted.refresh_on_segment_update:
            return None
        if row.segment_version is not None:
            return row.segment_version
        return self._segments.require(Scope(row.account, row.region), row.app_id, row.segment_id).version

    def _is_of_users(self, found: Found, version: int | None) -> bool:
        """Whether the segment is a list of users."""
        row = found.row
        segment = self._segments.require(Scope(row.account, row.region), row.app_id, row.segment_id, version)
        number = segment.definition.list_number or segment.version
        return segment.kind == "IMPORT" and self._segments.lists.is_of_users(segment.id, number)

    def _divide(self, found: Found, args: RunJob, members: int) -> list[PartRow]:
        """The parts of a run whose members are written down."""
        now_ms, planned = self._clock.now_ms(), self._planner.plan(found.row, found.wanted)
        first = PartRow(
            run_id=args.run_id,
            part=0,
            app_id=args.app_id,
            journey_id=args.journey_id,
            snapshot_id=args.run_id,
            zone="",
            turn=args.turn,
            after=0,
            until=members,
            due_ms=now_ms,
        )
        if planned.local:
            return list(divide_zones(self._segments, planned, first, now_ms))
        return list(divide(first, members, now_ms))

    def _members(self, part: PartRow, size: int) -> list[str]:
        try:
            return self._segments.members(part.snapshot_id, part.after, size)
        except NotFound:  # it was kept for 90 days
            return []

    def _look(self, found: Found, part: PartRow, keys: list[str]) -> Zoned:
        """Who of these members may enter, as far as the audience knows."""
        app_id, planned, now_ms = found.row.app_id, self._planner.plan(found.row, found.wanted), self._clock.now_ms()
        outlines = self._audience.outlines(app_id, [key for key in keys if key])
        page = look(keys, outlines, {PRODUCED: len(keys)}, self._duplicates.of(part.run_id))
        if not planned.local:
            return Zoned(page, {})
        if part.zone:
            return Zoned(in_zone(page, part, planned, now_ms), {})
        endpoints = self._audience.load(app_id, [one.endpoint_key for one in page.candidates])
        methods = found.wanted.timezone_estimation_methods or []
        return estimated(page, part, planned, endpoints, methods, now_ms)

    def _launch(self, connection: sa.Connection, job: LeasedJob, args: RunJob, launch: Launch) -> None:
        found = self._current(connection, job, args)
        if found is None:
            return
        row, planned = found.row, self._planner.plan(found.row, found.wanted)
        run = self._begun(connection, row, args)
        if launch.version is not None and row.segment_version is None:
            store.change(connection, row.app_id, row.journey_id, segment_version=launch.version)
        if launch.of_users:
            record.append(connection, [many(row, run.run_id, FROM_USER, launch.of_users, self._clock.now_ms())])
        parts.add(connection, launch.divided)
        for part in launch.divided:
            self._planner.enqueue_page(connection, part, max(part.due_ms, self._clock.now_ms()))
        if args.turn != ON_UPDATE:
            self._planner.follow(connection, row, planned, args.turn)
        if not launch.divided:
            self._entered(connection, row, found.route, run.run_id)

    def _open(self, connection: sa.Connection, job: LeasedJob, args: RunJob) -> None:
        """The one run of a journey that events start."""
        found = self._current(connection, job, args)
        if found is not None:
            self._begun(connection, found.row, args)

    def _current(self, connection: sa.Connection, job: LeasedJob, args: RunJob) -> Found | None:
        """The journey, held until the transaction ends; None when it does not want this run any more."""
        found = self._found(connection, args.app_id, args.journey_id, lock=True)
        job.finish(connection)
        if found is None or found.row.state != "ACTIVE" or found.row.epoch != args.epoch:
            return None
        return found

    def _begun(self, connection: sa.Connection, row: JourneyRow, args: RunJob) -> RunRow:
        now_ms = self._clock.now_ms()
        run = store.get_run(connection, row.app_id, args.run_id)
        if run is None:
            run = self._planner.add_run(connection, row, now_ms, args.run_id)
        store.change_run(connection, row.app_id, run.run_id, state="RUNNING", entering=True, updated_ms=now_ms)
        return run

    def _entered(self, connection: sa.Connection, row: JourneyRow, current: Route, run_id: str) -> None:
        """Everybody of a run has been looked at. Without a refresh nobody else ever enters."""
        store.change_run(connection, row.app_id, run_id, entering=False, updated_ms=self._clock.now_ms())
        store.end_runs(connection, row.app_id, row.journey_id)
        if self._planner.is_over(connection, row, self._planner.plan(row, current.wanted)):
            fresh = store.get(connection, row.app_id, row.journey_id)
            assert fresh is not None
            self._lifecycle.closed(connection, fresh)

    def _shut(self, connection: sa.Connection, job: LeasedJob, args: RunJob) -> None:
        """The segment is gone: nobody can enter any more."""
        found = self._current(connection, job, args)
        if found is not None:
            self._lifecycle.closed(connection, found.row)

    def _later(self, connection: sa.Connection, job: LeasedJob) -> None:
        """What has failed for long is not given up: nobody shall be left out for good. A run that is not wanted any
        more finds out itself."""
        args = msgspec.json.decode(job.args)
        self._jobs.enqueue(connection, job.kind, args, due_ms=self._clock.now_ms() + HOUR_MS, key=job.key)
