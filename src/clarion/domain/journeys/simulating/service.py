"""Puts a simulation together: who enters when, what was, and the clock. Reads only.

entries (segment of today, or events of the past) ─→ a fair part of them ─→ their endpoints and events ─→ play
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import NamedTuple

from msgspec.structs import replace

from clarion.core.clock import DAY_MS, Clock, from_ms
from clarion.core.errors import Invalid
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import Endpoint
from clarion.domain.audience.service import Audience
from clarion.domain.events.asking.past import Occurred, occurred, responses
from clarion.domain.journeys import definition
from clarion.domain.journeys.activities.port import Conditions, Tools
from clarion.domain.journeys.activities.splitting import Splitting
from clarion.domain.journeys.definition import Route
from clarion.domain.journeys.entry.admission import fault_of, participant_of, terms
from clarion.domain.journeys.graph import Graph, Node
from clarion.domain.journeys.review.service import Reviewer
from clarion.domain.journeys.schedule import plan
from clarion.domain.journeys.sending.zones import zones_of
from clarion.domain.journeys.service import Journeys, drafted, require_sound
from clarion.domain.journeys.simulating.dates import earlier
from clarion.domain.journeys.simulating.past import SENDS, Rates, Times, conditioned, filtered, rates
from clarion.domain.journeys.simulating.playing import Known, Play
from clarion.domain.journeys.simulating.stand_ins import Ask, Counting, Crowd, Judged, Silent, asked
from clarion.domain.journeys.simulating.telling import Assumption, Played, Told
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.segments.service import Segments
from clarion.shapes.pinpoint import (
    EventDimensions,
    EventFilter,
    EventStartCondition,
    JourneySchedule,
    SimpleCondition,
    WriteJourneyRequest,
)
from clarion.store.columnar import Columnar

MOST_DAYS = 90
"""How long events are kept, unless the operator says otherwise."""

MOST_PEOPLE = 100_000
MOST_EVENTS = 2_000_000
MOST_RUNS = 10_000
BATCH = 1_000

Entry = tuple[str, int]
"""A participant, and when they come (Unix ms)."""

Endpoints = dict[str, list[Endpoint]]
"""By participant."""


class Split(NamedTuple):
    """A condition of a split, by its number."""

    node: Node
    number: int
    condition: SimpleCondition


class Simulations:
    """What journeys would have done. `catch_up` returns when all acknowledged writes are in the columnar store."""

    def __init__(
        self,
        apps: Apps,
        journeys: Journeys,
        reviewer: Reviewer,
        audience: Audience,
        segments: Segments,
        columnar: Columnar,
        conditions: Conditions,
        clock: Clock,
        ids: Ids,
        catch_up: Callable[[], None],
    ) -> None:
        self._apps = apps
        self._journeys = journeys
        self._reviewer = reviewer
        self._audience = audience
        self._segments = segments
        self._columnar = columnar
        self._conditions = conditions
        self._clock = clock
        self._ids = ids
        self._catch_up = catch_up

    def kept(self, scope: Scope, app_id: str, journey_id: str, days: int, most: int) -> Played:
        """`play` of a journey that is there. Raises NotFound."""
        return self.play(scope, app_id, self._journeys.get(scope, app_id, journey_id).wanted, days, most)

    def play(self, scope: Scope, app_id: str, wanted: WriteJourneyRequest, days: int, most: int) -> Played:
        """What a journey would have done had it begun `days` ago; with more people than `most`, with a fair part of
        them. Raises Invalid for one that could not be published."""
        if not 1 <= days <= MOST_DAYS or not 1 <= most <= MOST_PEOPLE:
            raise Invalid(f"Days must be 1 to {MOST_DAYS}, MaximumPeople 1 to {MOST_PEOPLE}")
        self._apps.require(scope, app_id)
        definition.check(replace(wanted, state=None))
        require_sound(one for one in self._reviewer.review(scope, app_id, wanted) if one.code not in ("E24", "E27"))
        self._catch_up()
        now_ms = self._clock.now_ms()
        since_ms = now_ms - days * DAY_MS
        moved = earlier(definition.kept_of(wanted), plan(wanted, now_ms, 0, MOST_DAYS).start_ms - since_ms)
        route = definition.route(definition.encode(moved))
        row = self._row(scope, app_id, moved, since_ms)
        found = self._keys(scope, app_id, moved, since_ms, now_ms)
        crowd, people = self._crowd(app_id, found, most)
        entries = list(self._entries(moved, found, crowd, since_ms, now_ms))
        told = Told()
        counting = Counting(told)
        owners = {one.key: participant for participant, some in crowd.items() for one in some}
        rates_of = self._rates(app_id, route.graph, now_ms)
        events = {
            (split.node.id, split.number): self._times(app_id, split.condition, owners, since_ms, now_ms)
            for split in _splits(route.graph)
            if _is_of_record(split.condition)
        }
        judged = Judged(self._conditions, counting, crowd, rates_of, events)
        tools = Tools(conditions=judged, messages=counting, dialler=Silent(), people=Crowd(crowd))
        play = Play(row, route, tools, terms(moved), self._known(app_id, route, owners, since_ms, now_ms), told)
        play.run(entries, now_ms)
        inside: dict[str, int] = {}
        for walker in play.inside.values():
            inside[walker.activity] = inside.get(walker.activity, 0) + 1
        assumptions = [Assumption(ask[0], " or ".join(ask[1]), one.average) for ask, one in rates_of.items()]
        order = sorted(route.graph.nodes, key=route.graph.order.__getitem__)
        return Played(since_ms, now_ms, people, len(crowd), told, inside, assumptions, order)

    def _row(self, scope: Scope, app_id: str, wanted: WriteJourneyRequest, since_ms: int) -> JourneyRow:
        """The journey as steps see it."""
        defaults = definition.defaults_from(self._apps.settings(scope, app_id))
        row = drafted(scope, app_id, "simulated", wanted, defaults, since_ms)
        return row._replace(state="ACTIVE", published_ms=since_ms, start_ms=since_ms)

    def _keys(
        self, scope: Scope, app_id: str, wanted: WriteJourneyRequest, since_ms: int, now_ms: int
    ) -> dict[str, list[int]]:
        """The endpoints by which people come, and when by their own doing; never for members of a segment."""
        start = wanted.start_condition.event_start_condition if wanted.start_condition else None
        if start is None:
            return {key: [] for key in self._members(scope, app_id, definition.segment_of(wanted))}
        found: dict[str, list[int]] = {}
        for event in self._starts(app_id, start, since_ms, now_ms):
            found.setdefault(event.endpoint_key, []).append(event.at_ms)
        if start.segment_id:
            inside = self._segments.matches(scope, app_id, start.segment_id, None, list(found))
            found = {key: times for key, times in found.items() if key in inside}
        return found

    def _members(self, scope: Scope, app_id: str, segment_id: str) -> Iterator[str]:
        name = self._ids.hex32()
        members = self._segments.snapshot(scope, app_id, segment_id, None, name)
        try:
            for after in range(0, members, BATCH):
                yield from (key for key in self._segments.members(name, after, BATCH) if key)
        finally:
            self._segments.drop_snapshot(name)

    def _starts(self, app_id: str, start: EventStartCondition, since_ms: int, now_ms: int) -> list[Occurred]:
        assert start.event_filter is not None
        return self._occurred(app_id, start.event_filter, since_ms, now_ms)

    def _occurred(self, app_id: str, filter: EventFilter, since_ms: int, now_ms: int) -> list[Occurred]:
        return occurred(self._columnar, app_id, filtered(app_id, filter), since_ms, now_ms, MOST_EVENTS)

    def _crowd(self, app_id: str, found: Mapping[str, object], most: int) -> tuple[Endpoints, int]:
        """The people who may enter by these endpoints, a fair part of them with all their endpoints; how many there
        are in all."""
        owners: dict[str, None] = {}
        for keys in _batches(list(found)):
            for key, one in self._audience.outlines(app_id, keys).items():
                if not fault_of(one):
                    owners[participant_of(key, one.user_id)] = None
        chosen = sorted(owners, key=_lot)[:most]
        crowd: Endpoints = {}
        for some in _batches(chosen):
            users = [one[1:] for one in some if one[0] == "u"]
            keys_of = {one: [one[1:]] for one in some if one[0] == "e"}
            keys_of |= {f"u{user}": keys for user, keys in self._audience.keys_of_users(app_id, users).items()}
            loaded = self._audience.load(app_id, [key for keys in keys_of.values() for key in keys])
            crowd |= {one: [loaded[key] for key in keys if key in loaded] for one, keys in keys_of.items()}
        return crowd, len(owners)

    def _entries(
        self,
        wanted: WriteJourneyRequest,
        found: Mapping[str, Sequence[int]],
        crowd: Endpoints,
        since_ms: int,
        now_ms: int,
    ) -> Iterator[Entry]:
        """When everybody comes: at their events, or at the start and each refresh."""
        if definition.is_event_started(wanted):
            for participant, endpoints in crowd.items():
                yield from ((participant, at_ms) for one in endpoints for at_ms in found.get(one.key, ()))
            return
        schedule = wanted.schedule or JourneySchedule()
        begun = replace(schedule, start_time=from_ms(since_ms), end_time=None)
        planned = plan(replace(wanted, schedule=begun), since_ms, 0, MOST_DAYS + 1)
        methods = tuple(wanted.timezone_estimation_methods or ())
        for number in range(MOST_RUNS):
            run_ms = planned.run_ms(number)
            if run_ms is None or run_ms > now_ms:
                return
            for participant, endpoints in crowd.items():
                zones = [zone for one in endpoints for zone in zones_of(one, methods).zones] if planned.local else []
                if planned.local and not zones:
                    continue
                yield participant, planned.turn_ms(number, zones) or run_ms

    def _rates(self, app_id: str, graph: Graph, now_ms: int) -> dict[Ask, Rates]:
        """How people respond to what splits ask about, going by what is kept of the past."""
        found: dict[Ask, Rates] = {}
        for split in _splits(graph):
            event = split.condition.event_condition
            if event is None or not event.message_activity or asked(event) in found:
                continue
            node = graph.get(event.message_activity)
            sends = SENDS.get(node.kind.member, ()) if node is not None and node.kind is not None else ()
            known = responses(self._columnar, app_id, sends, asked(event)[1], now_ms - MOST_DAYS * DAY_MS)
            found[asked(event)] = rates(known)
        return found

    def _times(
        self, app_id: str, condition: SimpleCondition, owners: Mapping[str, str], since_ms: int, now_ms: int
    ) -> Times:
        event = condition.event_condition
        wanted = conditioned(app_id, (event.dimensions if event else None) or EventDimensions())
        return Times(occurred(self._columnar, app_id, wanted, since_ms, now_ms, MOST_EVENTS), owners)

    def _known(self, app_id: str, route: Route, owners: Mapping[str, str], since_ms: int, now_ms: int) -> Known:
        exits = route.wanted.exit_criteria.events if route.wanted.exit_criteria else None
        events = [event for one in exits or () for event in self._occurred(app_id, one, since_ms, now_ms)]
        awaited = {
            node.id: Times(self._occurred(app_id, node.spec.event_filter, since_ms, now_ms), owners)
            for node in route.graph.nodes.values()
            if node.kind is not None and node.kind.member == "wait_for_event"
        }
        return Known(Times(sorted(events, key=lambda event: event.at_ms), owners), awaited)


def _splits(graph: Graph) -> Iterator[Split]:
    for node in graph.nodes.values():
        if isinstance(node.kind, Splitting):
            for number, condition in enumerate(node.kind.conditions(node.spec)):
                yield Split(node, number, condition)


def _is_of_record(condition: SimpleCondition) -> bool:
    """Whether a condition asks for events that are in the record."""
    return condition.event_condition is not None and not condition.event_condition.message_activity


def _lot(participant: str) -> bytes:
    return blake2b(participant.encode(), digest_size=8, person=b"clarion-part").digest()


def _batches(items: list[str]) -> Iterator[list[str]]:
    yield from (items[start : start + BATCH] for start in range(0, len(items), BATCH))
