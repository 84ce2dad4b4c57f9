"""The course of a dry run: page by page through what runs go through, with nothing handed over at the end.

    subject ─→ each treatment ─→ members written down ─→ parts ─→ pages.prepare ─→ told

Whoever asks holds the place in a token. The members are written down as for a run, so that pages fit together, and
erased when the last page was told. Limits are counted as they are now, quiet time is judged by when the run is due.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from msgspec.structs import replace

from clarion.core.clock import Clock, from_ms, perf_seconds, to_ms
from clarion.core.errors import Conflict, Invalid
from clarion.core.ids import Ids
from clarion.core.pages import decode_token, encode_token
from clarion.core.scope import Scope
from clarion.domain.campaigns import store
from clarion.domain.campaigns.content import NO_CHANNEL, Contents, Gone
from clarion.domain.campaigns.members import Members
from clarion.domain.campaigns.model import IN_APP, SendPage
from clarion.domain.campaigns.pages import Pages, Rehearsal
from clarion.domain.campaigns.parts import parts_of, rate_of
from clarion.domain.campaigns.rehearsal.telling import Group, Told, count, told
from clarion.domain.campaigns.schedule import plan
from clarion.domain.campaigns.service import Campaigns, definition
from clarion.domain.campaigns.store import CampaignRow, RunRow, VersionRow
from clarion.domain.campaigns.treatments import Treatment, treatments
from clarion.domain.campaigns.triggers.windows import KINDS
from clarion.domain.messaging.content import Content
from clarion.domain.messaging.service import Prepared
from clarion.domain.segments.service import Segments
from clarion.shapes.pinpoint import WriteCampaignRequest

PAGE = 1_000
LISTING = "campaigns.dry_run"
_REMEMBERED = 8


class Asked(NamedTuple):
    """What to rehearse: a campaign as it is saved, a `definition` that is not, or the next version of a saved one.

    `calls`: hooks and recommenders are asked as in a run. `seconds`: how long to go on when `people` are only to be
    counted; when they are to be told, a page of them is.
    """

    scope: Scope
    app_id: str
    campaign_id: str | None = None
    definition: WriteCampaignRequest | None = None
    calls: bool = False
    people: bool = False
    seconds: float = 2.0


class Rehearsed(NamedTuple):
    """A piece of a dry run. `problems` are why a treatment says nothing at all, `scheduled_ms` when each of those that
    this piece came to would begin (Unix ms), both by treatment. With a `token` there is more."""

    counts: Counter[Group]
    people: list[Told]
    problems: dict[str, str]
    scheduled_ms: dict[str, int]
    token: str | None


class _Place(NamedTuple):
    """Where a dry run is. `after` is -1 at the beginning of a part."""

    id: str
    campaign_id: str
    version: int
    at_ms: int
    treatment: int = 0
    part: int = 0
    after: int = -1
    planned: int = 0


class _Subject(NamedTuple):
    """What is rehearsed."""

    row: CampaignRow
    version: VersionRow
    wanted: WriteCampaignRequest


class DryRuns:
    """The dry runs of every app."""

    def __init__(
        self,
        campaigns: Campaigns,
        segments: Segments,
        contents: Contents,
        pages: Pages,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._campaigns = campaigns
        self._segments = segments
        self._members = Members(segments)
        self._contents = contents
        self._pages = pages
        self._clock = clock
        self._ids = ids
        self._known: dict[str, Rehearsal] = {}

    def go_on(self, asked: Asked, token: str | None) -> Rehearsed:
        """Begin a dry run, or go on with it. Raises NotFound, Invalid for a definition that could not be saved,
        Conflict when the campaign was changed in between."""
        found = decode_token(LISTING, token, [str, str, int, int, int, int, int, int])
        place = None if found is None else _Place(*found)  # type: ignore[arg-type]
        subject = self._subject(asked, place)
        if place is None:
            place = _Place(self._ids.hex32(), subject.row.campaign_id, subject.version.version, self._clock.now_ms())
        done = Rehearsed(Counter(), [], {}, {}, None)
        all_of_them = treatments(subject.wanted)
        ends = perf_seconds() + asked.seconds
        while place.treatment < len(all_of_them):
            place = self._step(asked, subject, all_of_them[place.treatment], place, done)
            if place.treatment < len(all_of_them) and (done.people or perf_seconds() > ends):
                return done._replace(token=encode_token(LISTING, *place))
        for one in all_of_them:
            self._forget(_run_id(place, one.id))
        return done

    def _subject(self, asked: Asked, place: _Place | None) -> _Subject:
        if asked.definition is None and asked.campaign_id is None:
            raise Invalid("CampaignId or Campaign: is required")
        if asked.definition is None:
            saved = self._campaigns.get(asked.scope, asked.app_id, asked.campaign_id or "")
            row, version = saved.row, saved.version
        elif asked.campaign_id is not None:
            row, version = self._campaigns.redraft(asked.scope, asked.app_id, asked.campaign_id, asked.definition)
        else:
            row, version, _ = self._campaigns.draft(asked.scope, asked.app_id, asked.definition)
            if place is not None:
                # Who gets which treatment depends on the id.
                row = row._replace(campaign_id=place.campaign_id)
                version = version._replace(campaign_id=place.campaign_id)
        if place is not None and (row.campaign_id, version.version) != (place.campaign_id, place.version):
            raise Conflict("the campaign was changed during its dry run: begin again")
        if row.kind == IN_APP:
            raise Invalid("Schedule.Frequency: IN_APP_EVENT has no dry run, as the app asks for the messages itself")
        return _Subject(row, version, definition(version))

    def _step(self, asked: Asked, subject: _Subject, one: Treatment, place: _Place, done: Rehearsed) -> _Place:
        """Tell one page of a treatment; answers the place after it."""
        row, version, wanted = subject
        following = _Place(*place[:4], treatment=place.treatment + 1)
        scheduled_ms = to_ms(_due(row, one, from_ms(place.at_ms)))
        done.scheduled_ms[one.id] = scheduled_ms
        contents = self._spoken(row, version, one, scheduled_ms, done)
        if not contents:
            return following
        run = store.new_run(row, one.id, 0, scheduled_ms)._replace(activity_id=_run_id(place, one.id))
        parts = self._parts(row, wanted, one, run)
        if place.part >= len(parts):
            return following
        page = parts[place.part]
        if place.after >= 0:
            page = replace(page, after=place.after, planned=place.planned)
        page = replace(page, began_ms=max(page.planned_ms, place.at_ms))
        size = page.size(PAGE)
        keys = self._segments.members(page.snapshot_id, page.after, size)
        prepared = Prepared([], [])
        if keys:
            rehearsal = self._rehearsal(asked, row, wanted, run)
            prepared = self._pages.prepare(row, version, run, page, keys, contents, rehearsal)
        people = list(told(one.id, prepared))
        done.counts.update(count(people))
        if asked.people:
            done.people.extend(people)
        after = page.following(len(keys), size, prepared.turns)
        if after is not None:
            return place._replace(after=after.after, planned=after.planned)
        return place._replace(part=place.part + 1, after=-1, planned=0)

    def _spoken(
        self, row: CampaignRow, version: VersionRow, one: Treatment, scheduled_ms: int, done: Rehearsed
    ) -> dict[str, Content]:
        """What a treatment says by channel type; nothing after noting why."""
        try:
            contents = self._contents.of(row, version, one, scheduled_ms)
        except Gone as error:
            done.problems[one.id] = str(error)
            return {}
        if not contents:
            done.problems[one.id] = NO_CHANNEL
        return contents

    def _parts(self, row: CampaignRow, wanted: WriteCampaignRequest, one: Treatment, run: RunRow) -> list[SendPage]:
        """The parts of a treatment's run. One that waits for events has nothing to divide by time zone."""
        members = self._members.take(row, wanted, run)
        if one.schedule is not None and (one.schedule.frequency or "") in KINDS:
            one = replace(one, schedule=replace(one.schedule, is_local_time=False))
        return list(parts_of(self._segments, one, rate_of(wanted, one), run, members, one_by_one=True))

    def _rehearsal(self, asked: Asked, row: CampaignRow, wanted: WriteCampaignRequest, run: RunRow) -> Rehearsal:
        """What a run's pages share. Another process that goes on with the dry run finds the duplicates anew."""
        known = self._known.get(run.activity_id)
        if known is None:
            duplicates = frozenset(self._members.duplicates(row, wanted, run))
            known = Rehearsal(duplicates=duplicates, calls=asked.calls)
            while len(self._known) >= _REMEMBERED:
                self._known.pop(next(iter(self._known)), None)
            self._known[run.activity_id] = known
        return known

    def _forget(self, run_id: str) -> None:
        self._known.pop(run_id, None)
        self._segments.drop_snapshot(run_id)


def _run_id(place: _Place, treatment_id: str) -> str:
    """The id of a treatment's run that never is."""
    text = f"{place.id}/{treatment_id}"
    return blake2b(text.encode(), digest_size=16, person=b"clarion-dry-run").hexdigest()


def _due(row: CampaignRow, one: Treatment, now: datetime) -> datetime:
    """When the treatment's next run is due; now, when there is none any more or it should have begun."""
    found = plan(one.schedule, from_ms(row.standings[one.id].start_ms))
    if found.frequency in KINDS:
        return max(found.start, now)
    following = found.next_after(-1, now)
    return now if following is None else following[1]
