"""Verbs of campaigns: define, change, pause, delete, look at; each one transaction with the job it causes.

A treatment has one job at a time, keyed by its campaign's and its own id: the start of its next run
(`model.StartRun`). Changing the schedule, pausing and deleting move or remove these jobs; a run under way goes on,
unless the campaign is deleted (`lifecycle`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from clarion.core.clock import Clock, from_ms, to_ms
from clarion.core.errors import Conflict, Invalid, NotFound
from clarion.core.ids import Ids
from clarion.core.pages import cut, decode_token
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.domain.campaigns import model, store
from clarion.domain.campaigns.activities import counted
from clarion.domain.campaigns.approval.model import asked, waits
from clarion.domain.campaigns.checks.experiment import check_same_test
from clarion.domain.campaigns.checks.message import check_sources
from clarion.domain.campaigns.checks.request import check
from clarion.domain.campaigns.content import Contents
from clarion.domain.campaigns.hooks.destinations import Destinations
from clarion.domain.campaigns.lifecycle import Lifecycle
from clarion.domain.campaigns.model import ACTIVE, EVENT, MOST_EVENT, Defaults, kind_of
from clarion.domain.campaigns.schedule import Plan, is_immediate, plan
from clarion.domain.campaigns.store import CampaignRow, RunRow, VersionRow
from clarion.domain.campaigns.treatments import Standing, Standings, Treatment, encode, treatments
from clarion.domain.events.figures import Figures, RunCounts
from clarion.domain.segments.service import Segments
from clarion.domain.templates.service import Templates
from clarion.shapes.pinpoint import CampaignLimits, CampaignStatus, WriteCampaignRequest
from clarion.store.database import Database

_encode = msgspec.json.Encoder().encode
_definition = msgspec.json.Decoder(WriteCampaignRequest).decode
_defaults = msgspec.json.Decoder(Defaults).decode
_run_counts = msgspec.json.Decoder(RunCounts).decode


class Campaign(msgspec.Struct, frozen=True):
    """A campaign in one of its versions, as operations show it."""

    row: CampaignRow
    version: VersionRow
    tags: Mapping[str, str]

    @property
    def definition(self) -> WriteCampaignRequest:
        return definition(self.version)


class Campaigns:
    """The campaigns of every app."""

    def __init__(
        self,
        database: Database,
        apps: Apps,
        tags: Tags,
        segments: Segments,
        templates: Templates,
        contents: Contents,
        destinations: Destinations,
        lifecycle: Lifecycle,
        figures: Figures,
        clock: Clock,
        ids: Ids,
        *,
        most_active: int = 0,
    ) -> None:
        self._database = database
        self._apps = apps
        self._tags = tags
        self._segments = segments
        self._templates = templates
        self._contents = contents
        self._destinations = destinations
        self._lifecycle = lifecycle
        self._figures = figures
        self._clock = clock
        self._ids = ids
        self._most_active = most_active

    def create(self, scope: Scope, app_id: str, request: WriteCampaignRequest, by: str = "") -> Campaign:
        """Define a campaign and schedule its first runs. Raises Invalid naming the member at fault.

        `by` is the access key that does so: somebody else may have to approve it first.
        """
        row, version, plans = self.draft(scope, app_id, request, by)

        def work(connection: sa.Connection) -> Campaign:
            self._check_quotas(connection, row, None)
            store.add(connection, row)
            store.add_version(connection, version)
            tags = self._tags.attach(connection, arn(row), request.tags)
            if not row.paused:
                self._lifecycle.begin(connection, row, plans, from_ms(row.created_ms))
            return Campaign(row, version, tags)

        return self._database.write(work)

    def draft(
        self, scope: Scope, app_id: str, request: WriteCampaignRequest, by: str = ""
    ) -> tuple[CampaignRow, VersionRow, dict[str, Plan]]:
        """A campaign as `create` would make it, with the schedules of its treatments; nothing of it is stored."""
        now = self._clock.now()
        self._apps.require(scope, app_id)
        plans = check(request, now)
        _check_ahead(request, plans, now)
        settings = self._apps.settings(scope, app_id)
        defaults = Defaults(limits=settings.limits or CampaignLimits(), quiet_time=settings.quiet_time)
        kept, content = self._kept(scope, app_id, request, defaults)
        self._destinations.check(scope.account, kept)
        approval = asked(None, None, kept, required=bool(settings.approval_required), author=by)
        paused = bool(kept.is_paused) or waits(approval)
        campaign_id = self._ids.hex32()
        status: CampaignStatus = "PAUSED" if paused else "SCHEDULED"
        standings = {name: Standing(status=status, start_ms=to_ms(plan.start)) for name, plan in plans.items()}
        row = CampaignRow(
            app_id=app_id,
            campaign_id=campaign_id,
            account=scope.account,
            region=scope.region,
            segment_id=kept.segment_id or "",
            status=status,
            paused=paused,
            version=1,
            epoch=1,
            kind=kind_of(kept),
            treatments=encode(Standings(treatments=standings)),
            defaults=_encode(defaults),
            created_ms=to_ms(now),
            modified_ms=to_ms(now),
            gone=False,
        )
        return row, VersionRow(app_id, campaign_id, 1, _encode(kept), content, to_ms(now), approval), plans

    def redraft(
        self, scope: Scope, app_id: str, campaign_id: str, request: WriteCampaignRequest
    ) -> tuple[CampaignRow, VersionRow]:
        """The next version of a campaign as `update` would make it, to look at; nothing of it is stored."""
        found, now = self.get(scope, app_id, campaign_id), self._clock.now()
        plans = check(request, now)
        kept, content = self._kept(scope, app_id, request, _defaults(found.row.defaults))
        self._destinations.check(scope.account, kept, found.definition)
        old = {one.id: one for one in treatments(found.definition)}
        new = {one.id: _plan(one, old.get(one.id), found.row, plans[one.id]) for one in treatments(kept)}
        standings = {name: Standing(status="SCHEDULED", start_ms=to_ms(one.start)) for name, one in new.items()}
        row = found.row._replace(
            segment_id=kept.segment_id or "",
            kind=kind_of(kept),
            version=found.row.version + 1,
            treatments=encode(Standings(treatments=standings)),
        )
        return row, VersionRow(app_id, campaign_id, row.version, _encode(kept), content, to_ms(now))

    def update(
        self, scope: Scope, app_id: str, campaign_id: str, request: WriteCampaignRequest, by: str = ""
    ) -> Campaign:
        """Replace the definition by a new version; also the way to pause and to resume. `by` as for `create`.

        A schedule that begins in the future starts anew. One that has begun goes on: runs that were missed in
        a pause are not made up, and a campaign that ran once does not run again.
        """
        now = self._clock.now()
        self._apps.require(scope, app_id)
        found = self.get(scope, app_id, campaign_id)
        plans = check(request, now)
        kept, content = self._kept(scope, app_id, request, _defaults(found.row.defaults))
        self._destinations.check(scope.account, kept, found.definition)
        required = bool(self._apps.settings(scope, app_id).approval_required)

        def work(connection: sa.Connection) -> Campaign:
            before, latest = self._latest(connection, scope, app_id, campaign_id)
            if self._lifecycle.choices.standing(connection, before) is not None:
                check_same_test(definition(latest), kept)
            approval = asked(latest.approval, definition(latest), kept, required=required, author=by)
            before, old = self._waited(connection, before, latest)
            row = before._replace(
                segment_id=kept.segment_id or "",
                paused=bool(kept.is_paused) or waits(approval),
                version=before.version + 1,
                epoch=before.epoch + 1,
                kind=kind_of(kept),
                modified_ms=to_ms(now),
            )
            new = {one.id: _plan(one, old.get(one.id), before, plans[one.id]) for one in treatments(kept)}
            row = self._lifecycle.reschedule(connection, before, row, new, now, winner=kept.winner is not None)
            self._check_quotas(connection, row, before)
            store.change(connection, app_id, campaign_id, **_changed(row))
            version = VersionRow(app_id, campaign_id, row.version, _encode(kept), content, to_ms(now), approval)
            store.add_version(connection, version)
            return Campaign(row, version, self._tags.of(connection, [arn(row)])[arn(row)])

        return self._database.write(work)

    def release(self, connection: sa.Connection, scope: Scope, app_id: str, campaign_id: str) -> None:
        """Let a campaign run whose latest version waits for approval: what begins immediately begins now.

        Raises Conflict when its only time to run has passed, Invalid when its end has.
        """
        now = self._clock.now()
        row, latest = self._latest(connection, scope, app_id, campaign_id)
        kept = definition(latest)
        plans = check(kept, now)
        before, old = self._waited(connection, row, latest)
        for one in treatments(kept) if not old and not before.paused else ():
            own = plans[one.id]
            if own.frequency == "ONCE" and not own.immediate and own.start < now:
                raise Conflict(f"{one.at}Schedule.StartTime has passed: give the campaign another one")
        new = {one.id: _plan(one, old.get(one.id), before, plans[one.id]) for one in treatments(kept)}
        released = before._replace(epoch=before.epoch + 1, modified_ms=to_ms(now))
        released = self._lifecycle.reschedule(connection, before, released, new, now, winner=kept.winner is not None)
        self._check_quotas(connection, released, row)
        store.change(connection, app_id, campaign_id, **_changed(released))

    def at(
        self, connection: sa.Connection, scope: Scope, app_id: str, campaign_id: str, *, lock: bool = False
    ) -> Campaign:
        """A campaign in its latest version, with the connection at hand. Raises NotFound."""
        row = self._required(connection, scope, app_id, campaign_id, lock=lock)
        return self._campaign(connection, row, row.version)

    def delete(self, scope: Scope, app_id: str, campaign_id: str) -> Campaign:
        """Delete a campaign: no further run, and what was not handed over yet is taken back."""

        def work(connection: sa.Connection) -> Campaign:
            row = self._required(connection, scope, app_id, campaign_id, lock=True)
            campaign = self._campaign(connection, row, row.version)
            self._lifecycle.cancel(connection, row, "the campaign was deleted")
            gone = row._replace(status="DELETED", gone=True, modified_ms=self._clock.now_ms())
            store.change(connection, app_id, campaign_id, **_changed(gone))
            self._tags.drop(connection, arn(row))
            return Campaign(gone, campaign.version, campaign.tags)

        return self._database.write(work)

    def get(self, scope: Scope, app_id: str, campaign_id: str, version: int | None = None) -> Campaign:
        """A campaign in its latest or a certain version. Raises NotFound."""

        def work(connection: sa.Connection) -> Campaign:
            row = self._required(connection, scope, app_id, campaign_id)
            return self._campaign(connection, row, row.version if version is None else version)

        return self._database.read(work)

    def page(self, scope: Scope, app_id: str, size: int, token: str | None) -> tuple[list[Campaign], str | None]:
        """A page of an app's campaigns, oldest first."""
        self._apps.require(scope, app_id)
        after = decode_token("campaigns", token, [int, str])
        last = None if after is None else (int(after[0]), str(after[1]))

        def work(connection: sa.Connection) -> tuple[list[Campaign], str | None]:
            found = store.listing(connection, app_id, last, size + 1)
            rows, following = cut(found, size, "campaigns", lambda both: (both[0].created_ms, both[0].campaign_id))
            tags = self._tags.of(connection, [arn(row) for row, _ in rows])
            return [Campaign(row, version, tags[arn(row)]) for row, version in rows], following

        return self._database.read(work)

    def versions(
        self, scope: Scope, app_id: str, campaign_id: str, size: int, token: str | None
    ) -> tuple[list[Campaign], str | None]:
        """A page of a campaign's versions, newest first."""
        after = decode_token("campaign-versions", token, [int])

        def work(connection: sa.Connection) -> tuple[list[Campaign], str | None]:
            row = self._required(connection, scope, app_id, campaign_id)
            before = None if after is None else int(after[0])
            found = store.versions(connection, app_id, campaign_id, before, size + 1)
            rows, following = cut(found, size, "campaign-versions", lambda version: (version.version,))
            tags = self._tags.of(connection, [arn(row)])[arn(row)]
            return [Campaign(row, version, tags) for version in rows], following

        return self._database.read(work)

    def activities(
        self, scope: Scope, app_id: str, campaign_id: str, size: int, token: str | None
    ) -> tuple[list[tuple[RunRow, RunCounts]], str | None]:
        """A page of a campaign's runs with what the events say of each, newest first."""
        after = decode_token("campaign-activities", token, [int, str])
        last = None if after is None else (int(after[0]), str(after[1]))

        def work(connection: sa.Connection) -> tuple[Sequence[RunRow], str | None]:
            self._required(connection, scope, app_id, campaign_id)
            found = store.runs(connection, app_id, campaign_id, last, size + 1)
            return cut(found, size, "campaign-activities", lambda run: (run.scheduled_ms, run.activity_id))

        rows, following = self._database.read(work)
        return [(run, self._counts(run)) for run in rows], following

    def exists(self, connection: sa.Connection, scope: Scope, parts: Sequence[str]) -> bool:
        """Whether there is the campaign of an ARN's resource parts, ["apps", app, "campaigns", id]: for tags."""
        row = store.get(connection, parts[1], parts[3]) if len(parts) == 4 else None
        return row is not None and not row.gone and Scope(row.account, row.region) == scope

    def _counts(self, run: RunRow) -> RunCounts:
        if run.counts is not None:
            return _run_counts(run.counts)
        return counted(self._figures, run)

    def _kept(
        self, scope: Scope, app_id: str, request: WriteCampaignRequest, defaults: Defaults
    ) -> tuple[WriteCampaignRequest, bytes]:
        """The definition to keep of a request that was checked, and copies of its templates."""
        segment = self._segments.require(scope, app_id, request.segment_id or "", request.segment_version)
        if kind_of(request) == EVENT and segment.kind != "DIMENSIONAL":
            raise Invalid("SegmentId: a campaign that events trigger needs a dimensional segment")
        kept = model.with_defaults(request, segment.version, defaults)
        content = self._contents.copies(scope, kept)
        for one in treatments(kept):
            check_sources(one.at, one.message, self._templates)
        return kept, content

    def _check_quotas(self, connection: sa.Connection, row: CampaignRow, before: CampaignRow | None) -> None:
        """Raise Invalid when a campaign that becomes active is one too many."""
        scope, most = Scope(row.account, row.region), self._most_active
        was = before is not None and before.status in ACTIVE
        if row.status not in ACTIVE:
            return
        if most and not was and store.count_active(connection, scope, ACTIVE) >= most:
            raise Invalid(f"an account has at most {most} active campaigns")
        if row.kind != EVENT or (was and before is not None and before.kind == EVENT):
            return
        if store.count_active(connection, scope, ACTIVE, app_id=row.app_id, kind=EVENT) >= MOST_EVENT:
            raise Invalid(f"a project has at most {MOST_EVENT} active campaigns that events trigger")

    def _required(
        self, connection: sa.Connection, scope: Scope, app_id: str, campaign_id: str, *, lock: bool = False
    ) -> CampaignRow:
        row = store.get(connection, app_id, campaign_id, lock=lock)
        if row is None or row.gone or Scope(row.account, row.region) != scope:
            raise NotFound()
        return row

    def _campaign(self, connection: sa.Connection, row: CampaignRow, version: int) -> Campaign:
        found = store.get_version(connection, row.app_id, row.campaign_id, version)
        if found is None:
            raise NotFound()
        return Campaign(row, found, self._tags.of(connection, [arn(row)])[arn(row)])

    def _latest(
        self, connection: sa.Connection, scope: Scope, app_id: str, campaign_id: str
    ) -> tuple[CampaignRow, VersionRow]:
        """A campaign and its latest version, held until the transaction ends."""
        row = self._required(connection, scope, app_id, campaign_id, lock=True)
        return row, self._campaign(connection, row, row.version).version

    def _waited(
        self, connection: sa.Connection, row: CampaignRow, latest: VersionRow
    ) -> tuple[CampaignRow, dict[str, Treatment]]:
        """A campaign that is about to change, and its treatments: what waited for approval was not paused by anybody,
        and if it has never run it begins anew."""
        wanted = definition(latest)
        if not waits(latest.approval):
            return row, {one.id: one for one in treatments(wanted)}
        ran = bool(store.runs(connection, row.app_id, row.campaign_id, None, 1))
        row = row._replace(paused=bool(wanted.is_paused))
        return row, {one.id: one for one in treatments(wanted)} if ran else {}


def definition(version: VersionRow) -> WriteCampaignRequest:
    """The definition that a version keeps."""
    return _definition(version.definition)


def arn(row: CampaignRow) -> str:
    """The campaign's ARN."""
    return Scope(row.account, row.region).arn(f"apps/{row.app_id}/campaigns/{row.campaign_id}")


def _check_ahead(request: WriteCampaignRequest, plans: Mapping[str, Plan], now: datetime) -> None:
    """Raise Invalid for a treatment of a new campaign that would never run."""
    for one in treatments(request):
        found = plans[one.id]
        if found.frequency == "ONCE" and not found.immediate and found.start < now:
            raise Invalid(f"{one.at}Schedule.StartTime: is in the past")
        if found.end is not None and (found.next_after(-1, now) is None if found.recurs else found.end <= now):
            raise Invalid(f"{one.at}Schedule.EndTime: no run is left before it")


def _plan(one: Treatment, old: Treatment | None, before: CampaignRow, new: Plan) -> Plan:
    """The schedule of a treatment in a new version: what began immediately before began then."""
    if not new.immediate or old is None or not is_immediate(old.schedule):
        return new
    return plan(one.schedule, from_ms(before.standings[one.id].start_ms), f"{one.at}Schedule")


def _changed(row: CampaignRow) -> dict[str, object]:
    names = ("segment_id", "status", "paused", "version", "epoch", "kind", "treatments", "modified_ms", "gone")
    return {name: getattr(row, name) for name in names}
