"""Who gets a message for an event: a batch of matches becomes messages and refusals. Nothing is written here.

    recipients ─→ not answered before ─→ in the segment now ─→ of this treatment ─→ in their window
               ─→ rounds, each with one event of an endpoint ─→ the message path: gates, enrichers, rendering

What can be read for several windows of a project at once is: their segments are asked by one query, and only about
the endpoints of the batch. The rest is planned window by window.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa
from msgspec.structs import replace

from clarion.core.clock import DAY_MS, HOUR_MS, Clock, from_ms
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import Endpoint
from clarion.domain.audience.service import Audience
from clarion.domain.campaigns.parts import rate_of
from clarion.domain.campaigns.schedule import Plan, plan
from clarion.domain.campaigns.service import definition
from clarion.domain.campaigns.store import CampaignRow, RunRow, VersionRow
from clarion.domain.campaigns.treatments import Treatment, allocation, treatment
from clarion.domain.campaigns.triggers import store
from clarion.domain.campaigns.triggers.history import History, read_history
from clarion.domain.campaigns.triggers.model import (
    DEADLINE_MS,
    REPEAT_MS,
    Match,
    occasion,
    open_for,
    trace_of,
    variables,
)
from clarion.domain.campaigns.triggers.store import Answer, WindowRow
from clarion.domain.events.figures import CAMPAIGN_SEND, UNTARGETED, Figures
from clarion.domain.messaging.content import Content
from clarion.domain.messaging.guardrails.frequency import Tally
from clarion.domain.messaging.guardrails.service import Guardrails
from clarion.domain.messaging.model import Caps, Enricher, Facts, Occasion, Refusal, Send, Turn
from clarion.domain.messaging.service import Messaging, Prepared, message_id
from clarion.domain.segments.service import Segments
from clarion.shapes.pinpoint import (
    ApplicationSettingsResource,
    CampaignEventFilter,
    CampaignLimits,
    WriteCampaignRequest,
)
from clarion.store.database import Database


class Found(NamedTuple):
    """A window that has something to answer, with what it is a window of."""

    window: WindowRow
    row: CampaignRow
    version: VersionRow
    run: RunRow


class Task(NamedTuple):
    """What a window has to answer, what it says, and who has a word in that."""

    found: Found
    matches: Sequence[Match]
    contents: Mapping[str, Content]
    enrich: Sequence[Enricher]


class Planned(NamedTuple):
    """What came of a batch. `paced_ms`: before then the rate allows no further message. `arrivals` are the events'
    that messages answer. Unix ms."""

    prepared: Prepared
    answers: list[Answer]
    paced_ms: int
    arrivals: list[int]


class _Known(NamedTuple):
    """What was found out of the people of a batch."""

    history: History
    control_group: frozenset[str]
    frequency: Tally | None


class _Due(NamedTuple):
    """A recipient and the event that gives rise to a message to them. `fault` is why they cannot be served."""

    endpoint: Endpoint
    match: Match
    deadline_ms: int
    missing_zone: bool

    @property
    def kind(self) -> tuple[str, bool]:
        """What recipients must have in common to share a send."""
        return trace_of(self.match.chain), self.missing_zone


class _Target(NamedTuple):
    """A task, what its campaign wants, and the endpoints that may get a message for each match."""

    task: Task
    wanted: WriteCampaignRequest
    one: Treatment
    filtered: CampaignEventFilter | None
    asked: list[tuple[str, Match]]

    @property
    def segment(self) -> tuple[str, int | None]:
        return self.wanted.segment_id or "", self.wanted.segment_version


class Candidates(NamedTuple):
    """Those whom a window may answer, and what its campaign answered them lately. `gone`: its segment is."""

    target: _Target
    settings: ApplicationSettingsResource
    answers: list[Answer]
    due: list[_Due]
    gone: bool

    @property
    def exclusive(self) -> bool:
        """Whether what other windows answer must be written down before this one is planned."""
        return bool(self.settings.frequency_caps)


class Answering:
    """Plans the answers of windows."""

    def __init__(
        self,
        database: Database,
        apps: Apps,
        audience: Audience,
        segments: Segments,
        messaging: Messaging,
        figures: Figures,
        guardrails: Guardrails,
        clock: Clock,
    ) -> None:
        self._database = database
        self._apps = apps
        self._audience = audience
        self._segments = segments
        self._messaging = messaging
        self._figures = figures
        self._guardrails = guardrails
        self._clock = clock

    def look_up(self, tasks: Sequence[Task]) -> list[Candidates]:
        """Whom windows of one project may answer, in their order. Raises NotFound for a project that is gone,
        Unavailable."""
        first = tasks[0].found.row
        scope, app_id = Scope(first.account, first.region), first.app_id
        settings = self._apps.settings(scope, app_id)
        targets = [self._target(task) for task in tasks]
        # Read before the record of events: see `history`.
        answers = self._database.read(lambda connection: [_answers_to(connection, one) for one in targets])
        asked = [list(_unanswered(one.asked, known)) for one, known in zip(targets, answers, strict=True)]
        keys = list(dict.fromkeys(key for pairs in asked for key, _ in pairs))
        wanted = [one.segment for one, pairs in zip(targets, asked, strict=True) if pairs]
        # An event is matched once it is in the columnar store, and so is what was written before it.
        members = self._segments.memberships(scope, app_id, wanted, keys, caught_up=True) if wanted else {}
        chosen = set().union(*members.values())
        endpoints = self._audience.load(app_id, [key for key in keys if key in chosen])
        return [
            Candidates(
                one,
                settings,
                known,
                list(_due(one, pairs, members.get(one.segment, ()), endpoints)),
                gone=bool(pairs) and one.segment not in members,
            )
            for one, known, pairs in zip(targets, answers, asked, strict=True)
        ]

    def plan(self, candidates: Candidates) -> Planned:
        """The answers of a window. Raises Unavailable."""
        target, due, settings = candidates.target, candidates.due, candidates.settings
        found, one = target.task.found, target.one
        if not due:
            return Planned(Prepared([], []), [], found.window.paced_ms, [])
        cool_ms = ((target.filtered.cool_down_hours if target.filtered else None) or 0) * HOUR_MS
        send = self._send(found, target.wanted, one, settings)
        history = read_history(
            self._figures,
            found.row.app_id,
            found.row.campaign_id,
            list(dict.fromkeys(one.endpoint.key for one in due)),
            candidates.answers,
            caps=send.caps,
            cool_down=bool(cool_ms),
            now_ms=self._clock.now_ms(),
        )
        endpoints = list({one.endpoint.key: one.endpoint for one in due}.values())
        known = _Known(
            history,
            self._guardrails.control_group(settings, endpoints),
            self._guardrails.tally(settings, endpoints),
        )
        return self._rounds(send, target.task.contents, due, known, (_cooling(history, cool_ms), *target.task.enrich))

    def _target(self, task: Task) -> _Target:
        wanted = definition(task.found.version)
        one = treatment(wanted, task.found.window.treatment_id)
        filtered = one.schedule.event_filter if one.schedule else None
        whole_user = filtered is not None and filtered.recipients == "USER"
        asked = list(self._recipients(task.found.row.app_id, task.matches, whole_user=whole_user))
        return _Target(task, wanted, one, filtered, asked)

    def _recipients(self, app_id: str, matches: Sequence[Match], *, whole_user: bool) -> Iterator[tuple[str, Match]]:
        """The endpoints that may get a message for each match."""
        users: dict[str, list[str]] = {}
        for match in matches:
            if whole_user and match.user_id:
                if match.user_id not in users:
                    found = self._audience.user_endpoints(app_id, match.user_id)
                    users[match.user_id] = [endpoint.key for endpoint in found]
                yield from ((key, match) for key in users[match.user_id])
            elif match.endpoint_key:
                yield match.endpoint_key, match

    def _send(
        self, found: Found, wanted: WriteCampaignRequest, one: Treatment, settings: ApplicationSettingsResource
    ) -> Send:
        row, limits, of_app = found.row, wanted.limits or CampaignLimits(), settings.limits or CampaignLimits()
        return Send(
            account=row.account,
            region=row.region,
            app_id=row.app_id,
            origin="campaign",
            activity_id=found.run.activity_id,
            campaign_id=row.campaign_id,
            treatment_id=one.id,
            caps=Caps(app_daily=of_app.daily or 0, daily=limits.daily or 0, total=limits.total or 0),
            quiet_time=one.schedule.quiet_time if one.schedule else None,
            holdout=allocation(row.campaign_id, wanted).holdout,
            began_ms=max(self._clock.now_ms(), found.window.paced_ms),
            rate=rate_of(wanted, one),
        )

    def _rounds(
        self,
        send: Send,
        contents: Mapping[str, Content],
        due: Sequence[_Due],
        known: _Known,
        enrich: Sequence[Enricher],
    ) -> Planned:
        """The messages of a batch, group by group: each group sees in `known` what the ones before it did."""
        prepared, answers, turns = Prepared([], []), list[Answer](), 0
        arrivals: list[int] = []
        now_ms, history = self._clock.now_ms(), known.history
        for group in _groups(due):
            trace, missing_zone = group[0].kind
            own = replace(send, trace_id=trace, zone_fault="missing" if missing_zone else "")
            occasions = {one.endpoint.key: _occasion(one) for one in group}
            facts = Facts(
                counts=history.counts,
                occasions=occasions,
                control_group=known.control_group,
                frequency=known.frequency,
            )
            endpoints = [one.endpoint for one in group]
            made = self._messaging.prepare(own, contents, endpoints, facts, turns, (_events(group), *enrich))
            turns += made.turns
            prepared.rows.extend(made.rows)
            prepared.events.extend(made.events)
            for one, answer in _answers(own, group, made, now_ms):
                answers.append(answer)
                history.add(answer, since_ms=now_ms - DAY_MS)
                if answer.sent:
                    arrivals.append(one.match.arrival)
        paced_ms = send.began_ms + int(turns * 1000 / send.rate) if send.rate else 0
        return Planned(prepared._replace(turns=turns), answers, paced_ms, arrivals)


def _answers_to(connection: sa.Connection, target: _Target) -> list[Answer]:
    row, keys = target.task.found.row, dict.fromkeys(key for key, _ in target.asked)
    return store.answers_to(connection, row.app_id, row.campaign_id, keys)


def _due(
    target: _Target,
    asked: Sequence[tuple[str, Match]],
    members: Collection[str],
    endpoints: Mapping[str, Endpoint],
) -> Iterator[_Due]:
    """Those who are in the segment, belong to the treatment, and whose window was open at the event."""
    found, wanted, one = target.task.found, target.wanted, target.one
    cohorts = allocation(found.row.campaign_id, wanted).told(one.id)
    schedule = plan(one.schedule, from_ms(found.window.start_ms))
    duration = wanted.limits.maximum_duration if wanted.limits else None
    lasting = min(DEADLINE_MS, duration * 1000) if duration else DEADLINE_MS
    for key, match in asked:
        endpoint = endpoints.get(key) if key in members else None
        if endpoint is None or endpoint.cohort not in cohorts:
            continue
        opened = _open(schedule, endpoint, match)
        if opened is not None:
            deadline = match.arrival + lasting
            end = opened[1]
            yield _Due(endpoint, match, deadline if end is None else min(deadline, end), opened[0])


def _open(schedule: Plan, endpoint: Endpoint, match: Match) -> tuple[bool, int | None] | None:
    """Whether the endpoint lacks the time zone it would need, and when its window ends; None when that is not open."""
    span = open_for(schedule, endpoint)
    if span is None:
        return True, None
    return (False, span.end_ms) if span.holds(match.arrival) else None


def _unanswered(asked: Sequence[tuple[str, Match]], answers: Sequence[Answer]) -> Iterator[tuple[str, Match]]:
    """Without events that were answered before: a client that got no answer reports its events again."""
    known = {(answer.endpoint_key, answer.occasion): answer.at_ms for answer in answers}
    for key, match in asked:
        name = (key, occasion(match))
        before = known.get(name)
        if before is None or before <= match.arrival - REPEAT_MS:
            known[name] = match.arrival
            yield key, match


def _groups(due: Sequence[_Due]) -> Iterator[list[_Due]]:
    """Groups that can share a send, with each endpoint once in a group, an endpoint's events in their order."""
    left = list(due)
    while left:
        groups: dict[tuple[str, bool], list[_Due]] = {}
        taken: set[str] = set()
        later = []
        for one in left:
            if one.endpoint.key in taken:
                later.append(one)
            else:
                taken.add(one.endpoint.key)
                groups.setdefault(one.kind, []).append(one)
        yield from groups.values()
        left = later


def _occasion(one: _Due) -> Occasion:
    return Occasion(f"{occasion(one.match)}/{one.match.arrival}", one.deadline_ms)


def _events(group: Sequence[_Due]) -> Enricher:
    """Lets messages name the event that gave rise to them."""
    matches = {one.endpoint.key: one.match for one in group}

    def enrich(send: Send, turns: Sequence[Turn]) -> None:
        for turn in turns:
            turn.variables["Event"] = variables(matches[turn.endpoint.key])

    return enrich


def _cooling(history: History, cool_ms: int) -> Enricher:
    """Refuses those who got a message of this campaign a short while ago."""

    def enrich(send: Send, turns: Sequence[Turn]) -> None:
        for turn in turns if cool_ms else ():
            last = history.last.get(turn.endpoint.key)
            if last is not None and turn.due_ms < last + cool_ms:
                hours = cool_ms // HOUR_MS
                turn.refusal = Refusal("cool_down", f"less than {hours} hours after the last message of this campaign")

    return enrich


def _answers(send: Send, group: Sequence[_Due], made: Prepared, now_ms: int) -> Iterator[tuple[_Due, Answer]]:
    """Who was targeted by what was made of a group."""
    ids = {message_id(send, one.endpoint.key, _occasion(one)): one for one in group}
    sent = {row.message_id for row in made.rows}
    refused = {
        event.message_id
        for event in made.events
        if event.event_type == CAMPAIGN_SEND and event.status not in UNTARGETED
    }
    for identity, one in ids.items():
        if identity in sent or identity in refused:
            key = one.endpoint.key
            name, was_sent = occasion(one.match), identity in sent
            yield one, Answer(identity, send.app_id, send.campaign_id, key, name, was_sent, now_ms)
