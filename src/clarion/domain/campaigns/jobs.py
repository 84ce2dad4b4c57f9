"""What the engine runs of campaigns: a run begins, is planned page by page, and ends.

    start_run ──→ members written down ──→ send_page ─→ send_page ─→ … (a chain for each part)
                                              │ outbox, refusals, checkpoint: one transaction a page
    finish_run ←── the outbox group is closed and its last message recorded

A run has one part, or in local time one for each time zone, each at its own hour. Every step can be repeated:
ids derive from the run, and a page's messages and its checkpoint are one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from hashlib import blake2b

import msgspec
import sqlalchemy as sa
import structlog

from clarion.core.clock import Clock, from_ms, to_ms
from clarion.core.errors import NotFound
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.audience.service import Audience
from clarion.domain.campaigns import store
from clarion.domain.campaigns.content import Contents
from clarion.domain.campaigns.model import FinishRun, SendPage, StartRun, held_out
from clarion.domain.campaigns.schedule import Plan, plan, zone_runs
from clarion.domain.campaigns.service import START_RUN, Campaigns, definition
from clarion.domain.campaigns.store import CampaignRow, RunRow, VersionRow
from clarion.domain.events.figures import Figures
from clarion.domain.messaging.model import Caps, Counts, Facts, Send
from clarion.domain.messaging.quiet import zone_of
from clarion.domain.messaging.service import Messaging, Prepared
from clarion.domain.segments.service import Segments
from clarion.engine.jobs import Jobs, LeasedJob
from clarion.shapes.pinpoint import WriteCampaignRequest
from clarion.store.database import Database

SEND_PAGE = "campaigns.send_page"
FINISH_RUN = "campaigns.finish_run"
PAGE = 1_000
CHAINS, MANY = 3, 10_000
"""Chains of pages of a run with so many members: while one is being committed, the others are prepared."""

_DAY = timedelta(hours=24)
_log = structlog.get_logger(__name__)


class Runs:
    """The runs of campaigns. `register` makes the engine's worker call them."""

    def __init__(
        self,
        database: Database,
        campaigns: Campaigns,
        apps: Apps,
        audience: Audience,
        segments: Segments,
        contents: Contents,
        messaging: Messaging,
        figures: Figures,
        jobs: Jobs,
        clock: Clock,
    ) -> None:
        self._database = database
        self._campaigns = campaigns
        self._apps = apps
        self._audience = audience
        self._segments = segments
        self._contents = contents
        self._messaging = messaging
        self._figures = figures
        self._jobs = jobs
        self._clock = clock

    def register(self) -> None:
        """Handle the jobs of campaigns."""
        self._jobs.register(START_RUN, self.start_run)
        self._jobs.register(SEND_PAGE, self.send_page)
        self._jobs.register(FINISH_RUN, self.finish_run)

    def start_run(self, job: LeasedJob) -> None:
        """Begin a run: write its members down, plan its parts, and schedule the run after it."""
        args = job.decode(StartRun)
        begun = self._database.write(lambda connection: self._begin(connection, job, args))
        if begun is None:
            return
        row, version, run = begun
        try:
            members = self._members(row, version, run)
        except NotFound:
            self._database.write(lambda connection: self._fail(connection, job, row, run, "DELETED"))
            return
        if not self._contents.can_send(row):
            self._database.write(lambda connection: self._fail(connection, job, row, run, "INVALID"))
            return
        duplicates = self._segments.duplicates(row.app_id, run.activity_id)
        parts = list(self._parts(row, version, run, members))
        zones = sum(1 for part in parts if not part.zone_fault) if _is_local(version) else 1

        def work(connection: sa.Connection) -> None:
            now = self._clock.now_ms()
            finish = FinishRun(app_id=row.app_id, campaign_id=row.campaign_id, activity_id=run.activity_id)
            self._messaging.open_group(connection, run.activity_id, FINISH_RUN, finish)
            store.change_run(
                connection,
                row.app_id,
                run.activity_id,
                state="RUNNING",
                start_ms=now,
                members=members,
                parts=len(parts),
                zones=zones,
                duplicates=msgspec.json.encode(duplicates),
            )
            job.finish(connection)
            for part in parts:
                self._jobs.enqueue(connection, SEND_PAGE, part, due_ms=max(now, part.planned_ms), key=part.key)
            self._campaigns.schedule_next(connection, row, version, args.number)

        self._database.write(work)

    def send_page(self, job: LeasedJob) -> None:
        """Plan one page of a part and enqueue the next; the last one of the last part closes the group."""
        args = job.decode(SendPage)
        found = self._database.read(lambda connection: self._running(connection, args.app_id, args.activity_id))
        if found is None:
            self._database.write(job.finish)
            return
        if self._messaging.crowded():
            self._database.write(lambda connection: self._park(connection, job, args))
            return
        row, version, run = found
        size = min(PAGE, args.until - args.after) if args.until else PAGE
        keys = self._segments.members(args.snapshot_id, args.after, size)
        prepared = self._prepare(row, version, run, args, keys) if keys else Prepared([], [])
        following = msgspec.structs.replace(
            args, after=args.after + len(keys), planned=args.planned + len(prepared.rows)
        )

        def work(connection: sa.Connection) -> None:
            job.finish(connection)
            current = store.get_run(connection, args.app_id, args.activity_id, lock=True)
            if current is None or current.state != "RUNNING":
                return
            self._messaging.hand_over(connection, prepared)
            if len(keys) == size and following.after != args.until:
                self._jobs.enqueue(connection, SEND_PAGE, following, due_ms=job.due_ms, key=args.key)
                return
            done = current.parts_done + 1
            store.change_run(connection, args.app_id, args.activity_id, parts_done=done)
            if done == current.parts:
                self._messaging.close_group(connection, args.activity_id)

        self._database.write(work)

    def finish_run(self, job: LeasedJob) -> None:
        """Close a run with its counts, and the campaign unless it runs again."""
        args = job.decode(FinishRun)
        self._figures.catch_up()
        counts = self._figures.run_counts(args.app_id, args.activity_id)

        def work(connection: sa.Connection) -> None:
            job.finish(connection)
            row = store.get(connection, args.app_id, args.campaign_id, lock=True)
            run = store.get_run(connection, args.app_id, args.activity_id, lock=True)
            if row is None or run is None or run.state != "RUNNING":
                return
            store.change_run(
                connection,
                args.app_id,
                args.activity_id,
                state="COMPLETED",
                result="SUCCESS",
                end_ms=self._clock.now_ms(),
                counts=msgspec.json.encode(counts),
            )
            self._campaigns.run_ended(connection, row)

        self._database.write(work)

    def _begin(
        self, connection: sa.Connection, job: LeasedJob, args: StartRun
    ) -> tuple[CampaignRow, VersionRow, RunRow] | None:
        """The run's row, written once; None when the job is out of date, and then finished."""
        row = store.get(connection, args.app_id, args.campaign_id, lock=True)
        if row is None or row.gone or row.epoch != args.epoch or row.paused or row.status == "DELETED":
            job.finish(connection)
            return None
        version = store.get_version(connection, row.app_id, row.campaign_id, row.version)
        assert version is not None
        activity_id = _activity_id(row, args.number)
        run = store.get_run(connection, row.app_id, activity_id)
        if run is None:
            run = _new_run(row, activity_id, args.number, job.due_ms)
            store.add_run(connection, run)
            store.change(connection, row.app_id, row.campaign_id, status="EXECUTING")
        elif run.state != "INITIALIZING":
            job.finish(connection)
            return None
        return row, version, run

    def _members(self, row: CampaignRow, version: VersionRow, run: RunRow) -> int:
        wanted = definition(version)
        scope = Scope(row.account, row.region)
        return self._segments.snapshot(
            scope, row.app_id, wanted.segment_id or "", wanted.segment_version, run.activity_id
        )

    def _fail(self, connection: sa.Connection, job: LeasedJob, row: CampaignRow, run: RunRow, status: str) -> None:
        _log.warning("campaigns.run_failed", campaign=row.campaign_id, activity=run.activity_id, status=status)
        now = self._clock.now_ms()
        job.finish(connection)
        store.change_run(
            connection, row.app_id, run.activity_id, state="COMPLETED", result="FAIL", start_ms=now, end_ms=now
        )
        store.change(connection, row.app_id, row.campaign_id, status=status, modified_ms=now)

    def _parts(self, row: CampaignRow, version: VersionRow, run: RunRow, members: int) -> Iterator[SendPage]:
        """The chains of pages: in local time one for each zone, with those that cannot be served; otherwise
        one, or several when the audience is large and no rate has to be kept over all of it."""
        common = SendPage(
            app_id=row.app_id,
            campaign_id=row.campaign_id,
            activity_id=run.activity_id,
            snapshot_id=run.activity_id,
            planned_ms=run.scheduled_ms,
        )
        schedule = _plan(row, version)
        limits = definition(version).limits
        if not schedule.local:
            chains = CHAINS if members >= MANY and not (limits and limits.messages_per_second) else 1
            for part in range(chains):
                after, until = members * part // chains, members * (part + 1) // chains
                yield msgspec.structs.replace(common, part=part, after=after, until=until)
            return
        zones = self._segments.zones(row.app_id, run.activity_id)
        turns = {name: to_ms(turn) for turn, name in zone_runs(from_ms(run.scheduled_ms), schedule.zone, zones)}
        for zone in zones:
            snapshot_id = self._segments.zone_part(row.app_id, run.activity_id, zone)
            fault = "" if zone in turns else "missing" if zone_of(zone) is None else "past"
            planned_ms = turns.get(zone, run.scheduled_ms)
            yield msgspec.structs.replace(common, snapshot_id=snapshot_id, zone_fault=fault, planned_ms=planned_ms)

    def _running(
        self, connection: sa.Connection, app_id: str, activity_id: str
    ) -> tuple[CampaignRow, VersionRow, RunRow] | None:
        run = store.get_run(connection, app_id, activity_id)
        if run is None or run.state != "RUNNING":
            return None
        row = store.get(connection, app_id, run.campaign_id)
        version = store.get_version(connection, app_id, run.campaign_id, run.version)
        return None if row is None or version is None else (row, version, run)

    def _park(self, connection: sa.Connection, job: LeasedJob, args: SendPage) -> None:
        """Wait until the outbox has room; a lane enqueues the page again."""
        job.finish(connection)
        self._messaging.park(connection, args.key, SEND_PAGE, args)

    def _prepare(self, row: CampaignRow, version: VersionRow, run: RunRow, args: SendPage, keys: list[str]) -> Prepared:
        wanted = definition(version)
        send = self._send(row, wanted, run, args)
        found = self._audience.load(row.app_id, keys)
        endpoints = [found[key] for key in keys if key in found]
        facts = Facts(
            duplicates=frozenset(msgspec.json.decode(run.duplicates, type=list[str]))
            if run.duplicates
            else frozenset(),
            counts=self._past(row, send, keys),
        )
        return self._messaging.prepare(send, self._contents.of(row, version), endpoints, facts, args.planned)

    def _send(self, row: CampaignRow, wanted: WriteCampaignRequest, run: RunRow, args: SendPage) -> Send:
        limits = wanted.limits
        app_limits = self._apps.settings(Scope(row.account, row.region), row.app_id).limits
        duration = limits.maximum_duration if limits else 0
        return Send(
            account=row.account,
            region=row.region,
            app_id=row.app_id,
            origin="campaign",
            channels=frozenset({"EMAIL"}),
            activity_id=run.activity_id,
            campaign_id=row.campaign_id,
            treatment_id=run.treatment_id,
            caps=Caps(
                app_daily=(app_limits.daily if app_limits else 0) or 0,
                daily=(limits.daily if limits else 0) or 0,
                total=(limits.total if limits else 0) or 0,
            ),
            quiet_time=wanted.schedule.quiet_time if wanted.schedule else None,
            holdout=held_out(wanted.holdout_percent or 0, row.campaign_id),
            planned_ms=args.planned_ms,
            deadline_ms=args.planned_ms + duration * 1000 if duration else None,
            rate=(limits.messages_per_second if limits else 0) or 0,
            zone_fault=args.zone_fault,
        )

    def _past(self, row: CampaignRow, send: Send, keys: list[str]) -> Mapping[str, Counts]:
        """Earlier messages to a page of endpoints, read only when a cap asks for them."""
        if not send.caps.any:
            return {}
        self._figures.catch_up()
        since = to_ms(self._clock.now() - _DAY)
        past = self._figures.targeted(row.app_id, row.campaign_id, keys, since)
        return {key: Counts(*counts) for key, counts in past.items()}


def _plan(row: CampaignRow, version: VersionRow) -> Plan:
    return plan(definition(version).schedule, from_ms(row.start_ms))


def _is_local(version: VersionRow) -> bool:
    schedule = definition(version).schedule
    return bool(schedule and schedule.is_local_time)


def _activity_id(row: CampaignRow, number: int) -> str:
    text = f"{row.app_id}/{row.campaign_id}/{row.epoch}/{number}"
    return blake2b(text.encode(), digest_size=16, person=b"clarion-run").hexdigest()


def _new_run(row: CampaignRow, activity_id: str, number: int, scheduled_ms: int) -> RunRow:
    return RunRow(
        app_id=row.app_id,
        activity_id=activity_id,
        campaign_id=row.campaign_id,
        number=number,
        version=row.version,
        treatment_id="0",
        state="INITIALIZING",
        result=None,
        scheduled_ms=scheduled_ms,
        start_ms=None,
        end_ms=None,
        members=0,
        parts=1,
        parts_done=0,
        zones=1,
        duplicates=None,
        counts=None,
    )
