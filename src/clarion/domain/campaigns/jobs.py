"""What the engine runs of campaigns: a run begins, is planned page by page, and ends.

    start_run ──→ the run's row, and the job of the run after it
    plan_run  ──→ members written down, the run divided into parts
    send_page ──→ send_page ──→ … a chain for each part; outbox, refusals, checkpoint: one transaction a page
    finish_run ←─ the outbox group is closed and its last message recorded

Every step can be repeated: ids derive from the run, and a page's messages and its checkpoint are one transaction.
A step that fails again and again is given up, and its run with it: the activity says FAIL.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock, from_ms
from clarion.core.errors import NotFound
from clarion.core.scope import Scope
from clarion.domain.campaigns import store
from clarion.domain.campaigns.activities import counted
from clarion.domain.campaigns.content import NO_CHANNEL, Contents, Gone
from clarion.domain.campaigns.experiments.shares import is_rest
from clarion.domain.campaigns.lifecycle import Halt, Lifecycle
from clarion.domain.campaigns.members import Members
from clarion.domain.campaigns.model import (
    FINISH_RUN,
    PLAN_RUN,
    SEND_PAGE,
    START_RUN,
    FinishRun,
    PlanRun,
    RunJob,
    SendPage,
    StartRun,
)
from clarion.domain.campaigns.pages import Pages
from clarion.domain.campaigns.parts import parts_of, rate_of
from clarion.domain.campaigns.schedule import plan
from clarion.domain.campaigns.service import definition
from clarion.domain.campaigns.store import CampaignRow, RunRow, VersionRow
from clarion.domain.campaigns.treatments import treatment
from clarion.domain.events.figures import Figures, RunCounts
from clarion.domain.messaging.content import Content
from clarion.domain.messaging.model import LaneName
from clarion.domain.messaging.service import Messaging, Prepared
from clarion.domain.segments.service import Segments
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.store.database import Database


class Launch(NamedTuple):
    """What was found out of a run before it begins: its members, those of other treatments, its parts.

    `copies` of the templates take the place of those kept before, None: they are the same.
    """

    members: int
    others: int
    parts: list[SendPage]
    duplicates: bytes
    copies: bytes | None


PAGE = 1_000
ATTEMPTS = 30
"""Of what needs the columnar store: it may be away for about an hour."""


class Runs:
    """The runs of campaigns. `register` makes the engine's worker call them."""

    def __init__(
        self,
        database: Database,
        lifecycle: Lifecycle,
        segments: Segments,
        contents: Contents,
        pages: Pages,
        messaging: Messaging,
        figures: Figures,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._database = database
        self._lifecycle = lifecycle
        self._segments = segments
        self._members = Members(segments)
        self._contents = contents
        self._pages = pages
        self._messaging = messaging
        self._figures = figures
        self._jobs = jobs
        self._clock = clock

    def register(self) -> None:
        """Handle the jobs of campaigns."""
        self._jobs.register(START_RUN, self.start_run, on_dead=self._not_begun)
        self._jobs.register(PLAN_RUN, self.plan_run, attempts=ATTEMPTS, on_dead=self._given_up)
        self._jobs.register(SEND_PAGE, self.send_page, attempts=ATTEMPTS, on_dead=self._given_up)
        self._jobs.register(FINISH_RUN, self.finish_run, attempts=ATTEMPTS, on_dead=self._not_counted)

    def start_run(self, job: LeasedJob) -> None:
        """Begin a run and schedule the one after it; nothing when the job is out of date."""
        args = job.decode(StartRun)

        def work(connection: sa.Connection) -> None:
            row = self._current(connection, args)
            job.finish(connection)
            if row is None:
                return
            version = store.get_version(connection, row.app_id, row.campaign_id, row.version)
            assert version is not None
            began = from_ms(row.standings[args.treatment_id].start_ms)
            wanted = definition(version)
            schedule = plan(treatment(wanted, args.treatment_id).schedule, began)
            if not self._stopped(connection, args):
                run = store.new_run(row, args.treatment_id, args.number, args.scheduled_ms)
                store.add_run(connection, run)
                planning = PlanRun(app_id=row.app_id, campaign_id=row.campaign_id, activity_id=run.activity_id)
                self._jobs.enqueue(connection, PLAN_RUN, planning, due_ms=job.due_ms, key=f"run:{run.activity_id}")
                self._lifecycle.began(connection, row, run, wanted)
            self._lifecycle.schedule(connection, row, args.treatment_id, schedule, args.number, self._clock.now())

        self._database.write(work)

    def plan_run(self, job: LeasedJob) -> None:
        """Write the members of a run down and enqueue the first page of each of its parts."""
        args = job.decode(PlanRun)
        found = self._found(args, "INITIALIZING")
        if found is None:
            self._database.write(lambda connection: self._aside(connection, job, args))
            return
        row, version, run = found
        wanted = definition(version)
        one = treatment(wanted, run.treatment_id)
        try:
            members, others = self._members.take(row, wanted, run), self._members.others(row, wanted, run)
        except NotFound:
            self._database.write(lambda c: self._fail(c, job, args, "the segment is gone", "DELETED"))
            return
        if self._spoken(job, args, found) is None:
            return
        duplicates = msgspec.json.encode(self._members.duplicates(row, wanted, run))
        one_by_one = self._pages.one_by_one(row)
        rate = rate_of(wanted, one, alone=is_rest(wanted, run))
        parts = list(parts_of(self._segments, one, rate, run, members, one_by_one=one_by_one))
        copies = self._contents.refreshed(Scope(row.account, row.region), wanted, version.content)
        launch = Launch(members, others, parts, duplicates, copies if copies != version.content else None)
        self._database.write(lambda c: self._launch(c, job, args, version, launch))

    def send_page(self, job: LeasedJob) -> None:
        """Plan one page of a part and enqueue the next; the last one of the last part closes the group."""
        args = job.decode(SendPage)
        found = self._found(args, "RUNNING")
        if found is None:
            self._database.write(lambda connection: self._aside(connection, job, args))
            return
        if not args.began_ms:
            args = msgspec.structs.replace(args, began_ms=max(args.planned_ms, self._clock.now_ms()))
        size = args.size(PAGE)
        keys = self._segments.members(args.snapshot_id, args.after, size)
        contents = self._spoken(job, args, found)
        if contents is None:
            return
        crowded = self._messaging.crowded({content.lane for content in contents.values()})
        if crowded is not None:
            self._database.write(lambda connection: self._park(connection, job, args, crowded))
            return
        prepared = self._pages.prepare(*found, args, keys, contents) if keys else Prepared([], [])
        following = args.following(len(keys), size, prepared.turns)
        self._database.write(lambda connection: self._commit(connection, job, args, prepared, following))

    def finish_run(self, job: LeasedJob) -> None:
        """Close a run with its counts, and the campaign unless it runs again."""
        args = job.decode(FinishRun)
        self._figures.catch_up()
        run = self._database.read(lambda c: store.get_run(c, args.app_id, args.activity_id))
        counts = None if run is None else counted(self._figures, run)

        def work(connection: sa.Connection) -> None:
            job.finish(connection)
            self._finish(connection, args, counts)

        self._database.write(work)

    def _current(self, connection: sa.Connection, args: StartRun) -> CampaignRow | None:
        """The campaign, held until the transaction ends; None when it does not want this run any more."""
        row = store.get(connection, args.app_id, args.campaign_id, lock=True)
        if row is None or row.gone or row.epoch != args.epoch or row.paused or row.status == "DELETED":
            return None
        return row

    def _found(self, args: RunJob, state: str) -> tuple[CampaignRow, VersionRow, RunRow] | None:
        """The run with what it is a run of; None unless it is in this state."""

        def work(connection: sa.Connection) -> tuple[CampaignRow, VersionRow, RunRow] | None:
            run = store.get_run(connection, args.app_id, args.activity_id)
            if run is None or run.state != state:
                return None
            row = store.get(connection, args.app_id, run.campaign_id)
            version = store.get_version(connection, args.app_id, run.campaign_id, run.version)
            return None if row is None or version is None else (row, version, run)

        return self._database.read(work)

    def _stopped(self, connection: sa.Connection, args: StartRun) -> bool:
        """Whether an earlier run of the treatment stands still: nothing more shall go out until it goes on."""
        unfinished = store.unfinished_runs(connection, args.app_id, args.campaign_id)
        return any(run.state == "PAUSED" and run.treatment_id == args.treatment_id for run in unfinished)

    def _launch(
        self, connection: sa.Connection, job: LeasedJob, args: PlanRun, version: VersionRow, launch: Launch
    ) -> None:
        run = self._aside(connection, job, args)
        if run is None or run.state != "INITIALIZING":
            return
        if launch.copies is not None:
            store.keep_copies(connection, version, launch.copies)
        now = self._clock.now_ms()
        finish = FinishRun(app_id=args.app_id, campaign_id=args.campaign_id, activity_id=args.activity_id)
        self._messaging.open_group(connection, args.activity_id, FINISH_RUN, finish)
        store.change_run(
            connection,
            args.app_id,
            args.activity_id,
            state="RUNNING",
            start_ms=now,
            members=launch.members,
            others=launch.others,
            parts=len(launch.parts),
            # All chains of a run that is not in local time read one snapshot.
            zones=len({part.snapshot_id for part in launch.parts if not part.zone_fault}),
            duplicates=launch.duplicates,
        )
        for part in launch.parts:
            self._jobs.enqueue(connection, SEND_PAGE, part, due_ms=max(now, part.planned_ms), key=part.key)
        if not launch.parts:
            self._messaging.close_group(connection, args.activity_id)

    def _aside(self, connection: sa.Connection, job: LeasedJob, args: RunJob) -> RunRow | None:
        """Finish a job, and put it aside when its run stands still; answers the run, held for the transaction."""
        job.finish(connection)
        run = store.get_run(connection, args.app_id, args.activity_id, lock=True)
        if run is not None and run.state == "PAUSED":
            held = store.HeldJob(job.key or "", job.kind, msgspec.json.encode(args))
            store.hold(self._database, connection, args.app_id, args.activity_id, held)
        return run

    def _spoken(
        self, job: LeasedJob, args: RunJob, found: tuple[CampaignRow, VersionRow, RunRow]
    ) -> dict[str, Content] | None:
        """What the run says, by channel type; None after failing a run that has nothing to say or no way to."""
        row, version, run = found
        one = treatment(definition(version), run.treatment_id)
        try:
            contents = self._contents.of(row, version, one, run.scheduled_ms)
        except Gone as error:
            reason = str(error)
        else:
            if contents:
                return contents
            reason = NO_CHANNEL
        self._database.write(lambda connection: self._fail(connection, job, args, reason, "INVALID"))
        return None

    def _park(self, connection: sa.Connection, job: LeasedJob, args: SendPage, lane: LaneName) -> None:
        """Wait until the outbox has room; the lane enqueues the page again."""
        job.finish(connection)
        self._messaging.park(connection, args.key, SEND_PAGE, args, lane)

    def _commit(
        self,
        connection: sa.Connection,
        job: LeasedJob,
        args: SendPage,
        prepared: Prepared,
        following: SendPage | None,
    ) -> None:
        """A page's messages and refusals, and its checkpoint: the next page, or one part less to go."""
        run = self._aside(connection, job, args)
        if run is None or run.state != "RUNNING":
            return
        self._messaging.hand_over(connection, prepared)
        if following is not None:
            self._jobs.enqueue(connection, SEND_PAGE, following, due_ms=job.due_ms, key=args.key)
            return
        store.change_run(connection, args.app_id, args.activity_id, parts_done=run.parts_done + 1)
        if run.parts_done + 1 == run.parts:
            self._messaging.close_group(connection, args.activity_id)

    def _finish(self, connection: sa.Connection, args: RunJob, counts: RunCounts | None) -> None:
        row = store.get(connection, args.app_id, args.campaign_id, lock=True)
        run = store.get_run(connection, args.app_id, args.activity_id, lock=True)
        if row is None or run is None:
            return
        kept = None if counts is None else msgspec.json.encode(counts)
        store.change_run(connection, args.app_id, args.activity_id, counts=kept, duplicates=None)
        if run.state in ("RUNNING", "PAUSED"):
            end = {"state": "COMPLETED", "result": "SUCCESS", "end_ms": self._clock.now_ms()}
            store.change_run(connection, args.app_id, args.activity_id, stopped_ms=None, **end)
            self._lifecycle.ended(connection, row, run.treatment_id)

    def _fail(self, connection: sa.Connection, job: LeasedJob, args: RunJob, reason: str, status: Halt) -> None:
        job.finish(connection)
        self._lifecycle.failed(connection, args, reason, status)

    def _not_begun(self, connection: sa.Connection, job: LeasedJob) -> None:
        """A run that cannot even begin: there is no activity to say so, so the campaign does."""
        args = job.decode(StartRun)
        row = self._current(connection, args)
        if row is not None:
            self._lifecycle.halted(connection, row, "INVALID", args.treatment_id)

    def _given_up(self, connection: sa.Connection, job: LeasedJob) -> None:
        self._lifecycle.failed(connection, job.decode(RunJob), "a step of it failed too often")

    def _not_counted(self, connection: sa.Connection, job: LeasedJob) -> None:
        """All was handed over; the counts are asked for when somebody looks, as long as the events are kept."""
        self._finish(connection, job.decode(RunJob), None)
