"""For whom conditions hold now.

    group ─→ the endpoints behind it ─┬─→ segments and dimensions: one query over the audience
                                      └─→ events: one query over the record since they entered

A participant fits when any of their endpoints does. What was acknowledged before is waited for once in a group.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from clarion.core.errors import Invalid
from clarion.core.scope import Scope
from clarion.domain.audience.service import Audience
from clarion.domain.events.asking.latest import SENT, Kind, Latest, latest
from clarion.domain.journeys.activities.port import Here
from clarion.domain.journeys.conditions.offered import OFFERED, SEND, SEND_STATUS, named
from clarion.domain.journeys.graph import Graph
from clarion.domain.journeys.model import Walker
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.segments.occasions import occasions
from clarion.domain.segments.service import Question, Segments
from clarion.shapes.pinpoint import EventCondition, EventDimensions, SimpleCondition
from clarion.store.columnar import Columnar

Held = frozenset[str] | None
"""The participants for whom a condition holds; None: what it asks for is gone."""

Keys = Mapping[str, Sequence[str]]
"""The keys of the endpoints behind each participant."""


class Judging:
    """`activities.port.Conditions`. `catch_up` returns when all acknowledged writes are in the columnar store."""

    def __init__(
        self, audience: Audience, segments: Segments, columnar: Columnar, catch_up: Callable[[], None]
    ) -> None:
        self._audience = audience
        self._segments = segments
        self._columnar = columnar
        self._catch_up = catch_up

    def holds(self, here: Here, conditions: Sequence[SimpleCondition], group: Sequence[Walker]) -> list[Held]:
        """For each condition the participants for whom it holds now; None when its segment is gone."""
        held: list[Held] = [frozenset() for _ in conditions]
        if not group or not conditions:
            return held
        keys = self._keys(here.journey.app_id, group)
        self._catch_up()
        events = {number: one.event_condition for number, one in enumerate(conditions) if one.event_condition}
        if events:
            for number, people in zip(events, self._happened(here, [*events.values()], group, keys), strict=True):
                held[number] = people
        questions = {number: one for number, one in enumerate(map(_question, conditions)) if one is not None}
        if questions:
            for number, fitting in zip(questions, self._fit(here.journey, [*questions.values()], keys), strict=True):
                held[number] = fitting
        return held

    def _keys(self, app_id: str, group: Sequence[Walker]) -> Keys:
        users = {walker.user_id for walker in group if walker.user_id}
        of_users = self._audience.keys_of_users(app_id, users) if users else {}
        return {
            walker.participant: of_users.get(walker.user_id, ()) if walker.user_id else (walker.endpoint_key,)
            for walker in group
        }

    def _fit(self, journey: JourneyRow, questions: Sequence[Question], keys: Keys) -> list[Held]:
        asked = sorted({key for some in keys.values() for key in some})
        try:
            found = self._judged(journey, questions, asked)
        except Invalid:
            found = [self._alone(journey, question, asked) for question in questions]
        return [
            None if members is None else frozenset(one for one, some in keys.items() if not members.isdisjoint(some))
            for members in found
        ]

    def _judged(self, journey: JourneyRow, questions: Sequence[Question], keys: Sequence[str]) -> list[set[str] | None]:
        scope = Scope(journey.account, journey.region)
        return self._segments.judged(scope, journey.app_id, questions, keys, caught_up=True)

    def _alone(self, journey: JourneyRow, question: Question, keys: Sequence[str]) -> set[str] | None:
        """A segment that has become too large to be selected is as good as gone."""
        try:
            return self._judged(journey, [question], keys)[0]
        except Invalid:
            return None

    def _happened(
        self, here: Here, asked: Sequence[EventCondition], group: Sequence[Walker], keys: Keys
    ) -> list[frozenset[str]]:
        """Whoever entered before the newest of these events arrived has one that came since."""
        app_id = here.journey.app_id
        wanted = [one.dimensions or EventDimensions() for one in asked]
        built = occasions(app_id, [(one.attributes, one.metrics) for one in wanted])
        kinds = [_kind(here.graph, one, sql) for one, sql in zip(asked, built.sqls, strict=True)]
        found = latest(
            self._columnar,
            app_id,
            here.journey.journey_id,
            kinds,
            built.parameters,
            sorted({key for some in keys.values() for key in some}),
            sorted({walker.user_id for walker in group if walker.user_id}),
            min(walker.entered_ms for walker in group),
        )
        newest = {walker.participant: _newest(walker, keys, found) for walker in group}
        return [
            frozenset(one.participant for one in group if _since(newest[one.participant], number) >= one.entered_ms)
            for number in range(len(asked))
        ]


def _question(condition: SimpleCondition) -> Question | None:
    if condition.event_condition is not None:
        return None
    if condition.segment_condition is not None:
        return condition.segment_condition.segment_id, None
    return condition.segment_dimensions


def _kind(graph: Graph, asked: EventCondition, condition: str) -> Kind:
    wanted = asked.dimensions or EventDimensions()
    types = wanted.event_type
    excluding = types is not None and types.dimension_type == "EXCLUSIVE"
    meant = named(types.values) if types else frozenset()
    offered = _offered(graph, asked.message_activity or "")
    if offered and (excluding or not meant):
        meant, excluding = offered - meant, False
    if (not meant or excluding or SEND in meant) and SEND_STATUS not in (wanted.attributes or {}):
        condition = f"{condition} AND {SENT}"
    return Kind(meant, excluding, asked.message_activity or "", condition)


def _offered(graph: Graph, activity: str) -> frozenset[str]:
    """All events that a message activity may be asked for; none when any may come."""
    node = graph.get(activity)
    return OFFERED.get(node.kind.member, frozenset()) if node and node.kind else frozenset()


def _newest(walker: Walker, keys: Keys, found: Latest) -> list[list[int]]:
    of_endpoints = [found.by_endpoint[key] for key in keys[walker.participant] if key in found.by_endpoint]
    of_user = found.by_user.get(walker.user_id) if walker.user_id else None
    return of_endpoints if of_user is None else [*of_endpoints, of_user]


def _since(newest: Sequence[Sequence[int]], number: int) -> int:
    return max((arrivals[number] for arrivals in newest), default=-1)
