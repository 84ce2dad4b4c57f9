"""Gathers what is known of one participant of a journey: their row, their moves, their messages, and what holds now.

row of participants ─┐
moves ───────────────┼─→ path ─→ where they are, how they left, or why they are not where they are looked for
`_journey.send` etc. ┘            └→ what the conditions of a split answer now
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from clarion.core.clock import Clock, parse_iso, to_ms
from clarion.core.errors import NotFound
from clarion.core.scope import Scope
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import Endpoint, endpoint_key
from clarion.domain.audience.service import Audience
from clarion.domain.events.service import Events
from clarion.domain.journeys import participants, store
from clarion.domain.journeys.activities.port import Here, Made, Tools
from clarion.domain.journeys.definition import Route, route
from clarion.domain.journeys.drawing.words import Words
from clarion.domain.journeys.entry.admission import participant_of, terms
from clarion.domain.journeys.explaining import reasons
from clarion.domain.journeys.explaining.path import Step, in_order, leads_to, parting
from clarion.domain.journeys.graph import Node
from clarion.domain.journeys.metrics.moves import Moves
from clarion.domain.journeys.model import Move, Walker
from clarion.domain.journeys.participants import Standing
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.segments.service import Segments
from clarion.shapes.pinpoint import Condition, SimpleCondition
from clarion.store.database import Database

MOST = 1_000
"""Moves that are looked at."""


class Asked(NamedTuple):
    """A condition of a split, in words, and whether it holds for somebody now (None: what it asks for is gone)."""

    way: str
    words: str
    holds: bool | None


class Explained(NamedTuple):
    """What is known of a participant. Without a standing they never entered; `reasons` why they are not inside, or
    not at the activity that was asked about."""

    journey: JourneyRow
    participant: str
    standing: Standing | None
    path: list[Step]
    reasons: list[str]
    conditions: list[Asked]


class _Person(NamedTuple):
    """Who is asked about: as they would enter now, by which names they may have, and the endpoints there are."""

    participant: str
    names: list[str]
    endpoints: Sequence[Endpoint]
    words: str


class Explaining:
    """Why and why not."""

    def __init__(
        self,
        database: Database,
        apps: Apps,
        audience: Audience,
        segments: Segments,
        events: Events,
        moves: Moves,
        tools: Tools,
        clock: Clock,
    ) -> None:
        self._database = database
        self._apps = apps
        self._audience = audience
        self._segments = segments
        self._events = events
        self._moves = moves
        self._tools = tools
        self._clock = clock

    def endpoint(self, scope: Scope, app_id: str, journey_id: str, endpoint_id: str, activity: str) -> Explained:
        """About who an endpoint is: its user, or itself. Raises NotFound for the journey, or an unknown activity."""
        self._apps.require(scope, app_id)
        key = endpoint_key(endpoint_id)
        found = self._audience.load(app_id, [key])
        user_id = found[key].user_id if key in found else ""
        participant = participant_of(key, user_id)
        endpoints = self._audience.user_endpoints(app_id, user_id) if user_id else list(found.values())
        names = list(dict.fromkeys((participant, f"e{key}")))
        person = _Person(participant, names, endpoints, f"endpoint {endpoint_id}")
        return self._explained(scope, app_id, journey_id, person, activity)

    def user(self, scope: Scope, app_id: str, journey_id: str, user_id: str, activity: str) -> Explained:
        """About a user. Raises as `endpoint`."""
        self._apps.require(scope, app_id)
        endpoints = self._audience.user_endpoints(app_id, user_id)
        names = [f"u{user_id}", *(f"e{endpoint_key(one.id)}" for one in endpoints)]
        return self._explained(
            scope, app_id, journey_id, _Person(names[0], names, endpoints, f"user {user_id}"), activity
        )

    def _explained(self, scope: Scope, app_id: str, journey_id: str, person: _Person, activity: str) -> Explained:
        row, routes = self._journey(app_id, journey_id)
        if activity and not any(one.graph.get(activity) for one in routes.values()):
            raise NotFound
        self._moves.catch_up()
        standings = self._database.read(lambda c: participants.standings(c, journey_id, person.names))
        standing = _latest(list(standings.values()))
        moves = self._moves.of_people(app_id, journey_id, person.names, MOST)
        current = routes[standing.version if standing is not None else row.version]
        messages = list(self._messages(row, person))
        path = in_order(current.graph, moves, messages)
        latest = [move for move in moves if standing and _belongs(move, standing)]
        why: list[str] = []
        if standing is None or (not standing.inside and not activity):
            why = list(self._outside(scope, row, current, person, list(standings.values()), moves))
        elif activity and not self._came(standing, path, activity):
            why = list(reasons.of_activity(current, standing, latest, activity))
        node = _split(current, standing, latest, activity) if standing is not None else None
        conditions = list(self._conditions(row, current, node, standing)) if node is not None and standing else []
        return Explained(row, person.participant, standing, path, why, conditions)

    def _journey(self, app_id: str, journey_id: str) -> tuple[JourneyRow, dict[int, Route]]:
        row = self._database.read(lambda connection: store.get(connection, app_id, journey_id))
        if row is None:
            raise NotFound
        kept = self._database.read(lambda connection: store.definitions(connection, app_id, journey_id))
        return row, {version: route(definition) for version, definition in kept.items()}

    def _messages(self, row: JourneyRow, person: _Person) -> Iterator[Step]:
        """What became of the journey's messages to these endpoints."""
        keys = {endpoint_key(one.id): one.id for one in person.endpoints}
        keys |= {name[1:]: keys.get(name[1:], name[1:]) for name in person.names if name[0] == "e"}
        for key, endpoint in keys.items():
            for one in self._events.why(row.app_id, key, journey_id=row.journey_id):
                what = one.event_type if one.gate == "delivery" else one.status or one.gate
                detail = one.reason if one.reason != what else ""
                yield Step(to_ms(parse_iso(one.at)), 0, one.activity_id, what, detail, endpoint, one.message_id)

    def _outside(
        self,
        scope: Scope,
        row: JourneyRow,
        current: Route,
        person: _Person,
        standings: Sequence[Standing],
        moves: Sequence[Move],
    ) -> Iterator[str]:
        """Why somebody is not inside: how they left, what was recorded, and what keeps them out now."""
        for standing in standings:
            yield reasons.left(standing)
        yield from reasons.of_record(moves)
        now = list(self._now(scope, row, current, person, standings))
        ahead = self._database.read(lambda connection: store.runs_ahead(connection, row.app_id, row.journey_id))
        yield from now or reasons.of_runs([run.scheduled_ms for run in ahead if run.state == "SCHEDULED"])

    def _now(
        self, scope: Scope, row: JourneyRow, current: Route, person: _Person, standings: Sequence[Standing]
    ) -> Iterator[str]:
        """What keeps somebody out now."""
        now_ms = self._clock.now_ms()
        yield from reasons.of_state(row, current, now_ms)
        yield from reasons.of_endpoints(person.endpoints, person.words)
        if row.segment_id and person.endpoints and not self._is_member(scope, row, person):
            yield f"{person.words} is not in segment {row.segment_id} now"
        yield from reasons.of_terms(standings, terms(current.wanted), row.entered, now_ms)

    def _is_member(self, scope: Scope, row: JourneyRow, person: _Person) -> bool:
        asked = (row.segment_id, None)
        keys = [endpoint_key(one.id) for one in person.endpoints]
        return bool(self._segments.memberships(scope, row.app_id, [asked], keys).get(asked))

    def _came(self, standing: Standing, path: Sequence[Step], activity: str) -> bool:
        """Whether somebody was at an activity in their latest entry."""
        since = [step for step in path if step.at_ms >= standing.entered_ms]
        here = standing.inside and standing.activity == activity
        return here or any(step.activity == activity for step in since)

    def _conditions(self, row: JourneyRow, current: Route, node: Node, standing: Standing) -> Iterator[Asked]:
        """What the conditions of a split answer now."""
        here = Here(
            journey=row,
            wanted=current.wanted,
            graph=current.graph,
            node=node,
            now_ms=self._clock.now_ms(),
            tools=self._tools,
            made=Made(),
        )
        asked = conditions_of(node)
        answers = self._tools.conditions.holds(here, [condition for _, condition in asked], [_walker(standing)])
        words = Words()
        for (way, condition), those in zip(asked, answers, strict=True):
            yield Asked(way, words.asked(condition), None if those is None else standing.participant in those)


def conditions_of(node: Node) -> list[tuple[str, SimpleCondition]]:
    """The conditions that an activity asks, each with the way that it leads to."""
    condition = getattr(node.spec, "condition", None)
    if isinstance(condition, Condition):
        return [("Branch_TRUE", one) for one in condition.conditions or ()]
    branches = [getattr(branch, "condition", None) for branch in getattr(node.spec, "branches", None) or ()]
    return [(f"Branch_{number}", one) for number, one in enumerate(branches, 1) if isinstance(one, SimpleCondition)]


def _latest(standings: Sequence[Standing]) -> Standing | None:
    """The one that counts of somebody who walked as an endpoint and later as its user: who is inside, or came last."""
    return max(standings, key=lambda one: (one.inside, one.entered_ms), default=None)


def _belongs(move: Move, standing: Standing) -> bool:
    return move.participant == standing.participant and move.entry == standing.entry


def _split(current: Route, standing: Standing, moves: Sequence[Move], activity: str) -> Node | None:
    """The split that decides: the one asked about, else where the way parted, else where somebody is."""
    graph = current.graph
    parted = parting(graph, moves, activity) if activity and not leads_to(graph, standing.activity, activity) else None
    candidates = [graph.get(activity), parted.node if parted else None]
    if standing.inside:
        candidates.append(graph.get(standing.activity))
    return next((node for node in candidates if node is not None and conditions_of(node)), None)


def _walker(one: Standing) -> Walker:
    return Walker(
        participant=one.participant,
        version=one.version,
        run_id=one.run_id,
        entry=one.entry,
        activity=one.activity,
        waiting=one.waiting,  # type: ignore[arg-type]  # a `Waiting`, as it was written
        arrived_ms=one.arrived_ms,
        due_ms=one.due_ms,
        turn=one.turn,
        shard=one.shard,
        entered_ms=one.entered_ms,
    )
