"""Whoever works with the journey from outside: publishes, edits, pauses, resumes and stops it at random moments, and
changes endpoints. A request without an answer is sent again."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import sqlalchemy as sa

from clarion.core.clock import DAY_MS
from clarion.core.errors import Conflict, Invalid, Unavailable
from clarion.domain.audience.model import endpoint_key
from clarion.domain.audience.people.holder import Person
from clarion.domain.events.reported import PUT, Note, Reported, ReportedEndpoint, encode
from clarion.domain.journeys import definition, participants
from clarion.domain.journeys.people import JourneysHolder, names_of
from clarion.engine import log
from clarion.shapes.pinpoint import WriteJourneyRequest
from tests.domain.journeys.simulation.crew import Task
from tests.domain.journeys.simulation.ground import SCOPE, ground
from tests.domain.journeys.simulation.journeys import EVENTS, Author
from tests.domain.journeys.simulation.process import Process
from tests.domain.journeys.simulation.world import World

AT = "2027-01-01T00:00:00Z"
_ERASED = sa.insert(sa.table("erased", sa.column("participant"), sa.column("entries"), sa.column("log_id")))

Request = Callable[[Process], object]


class Console:
    """Sends requests to any process."""

    def __init__(self, world: World, anybody: Callable[[], Process]) -> None:
        self._world = world
        self._anybody = anybody
        self._author = Author(world.chance, world.begin_ms, world.end_ms)
        self._app_id = ground().app_id
        self._edits = self._number = 0
        self._plan = self._planned()
        self._waiting: list[Request] = []
        self._sent: dict[str, Request] = {}
        self.journey_id = ""

    @property
    def is_busy(self) -> bool:
        """Whether a request is to be sent now, or under way."""
        due = bool(self._plan) and self._plan[0][0] <= self._world.clock.now_ms()
        return due or bool(self._waiting or self._sent)

    def begin(self) -> None:
        """The people are there, and the journey, published."""
        process = self._anybody()
        items = self._world.crowd.items()
        process.database.write(lambda connection: process.audience.register(connection, self._app_id, items))
        wanted = self._author.journey(**self._author.start())
        made = process.parts.journeys.create(SCOPE, self._app_id, wanted)
        self.journey_id = made.row.journey_id

    def next_ms(self) -> int | None:
        """When somebody does something next."""
        if self.is_busy:
            return self._world.clock.now_ms()
        return self._plan[0][0] if self._plan else None

    def act(self) -> None:
        """Send what is to be sent now."""
        while self._plan and self._plan[0][0] <= self._world.clock.now_ms():
            self._waiting.append(self._plan.pop(0)[1])
        if self._waiting and not self._sent:
            request = self._waiting.pop(0)
            self._number += 1
            name = f"request {self._number}"
            self._sent[name] = request
            self._world.crew.start(name, lambda: self._send(name, request))

    def again(self, task: Task) -> None:
        """The process that was asked has ended."""
        self._waiting.insert(0, self._sent.pop(task.name))

    def _send(self, name: str, request: Request) -> None:
        try:
            request(self._anybody())
        except Unavailable:
            self._waiting.insert(0, request)
        except (Conflict, Invalid):
            pass  # it was not possible, or has been done
        del self._sent[name]

    def _planned(self) -> list[tuple[int, Request]]:
        chance, world = self._world.chance, self._world
        plan: list[tuple[int, Request]] = []
        for _ in range(chance.choice([0, 0, 1, 2])):
            at_ms = chance.randint(world.begin_ms, world.end_ms)
            plan.append((at_ms, self._state("PAUSED")))
            plan.append((at_ms + chance.choice([300_000, DAY_MS, 40 * DAY_MS, 90 * DAY_MS]), self._state("ACTIVE")))
        for _ in range(chance.choice([0, 0, 1, 2])):
            plan.append((chance.randint(world.begin_ms, world.end_ms), self._edit()))
        for _ in range(chance.choice([0, 1, 3])):
            plan.append((chance.randint(world.begin_ms, world.end_ms), self._change))
        for _ in range(chance.choice([2, 5, 10])):
            event, at_ms = self._event(), chance.randint(world.begin_ms, world.end_ms)
            plan += [(at_ms, event)] * chance.choice([1, 1, 1, 2])
        if chance.random() < 0.1:
            plan.append((chance.randint(world.begin_ms, world.end_ms), self._erase))
        if chance.random() < 0.15:
            plan.append((chance.randint(world.begin_ms, world.end_ms), self._state("CANCELLED")))
        # Whoever paused it for the last time lets it go on in the end.
        plan.append((world.end_ms + 100 * DAY_MS, self._state("ACTIVE")))
        return sorted(plan, key=lambda planned: planned[0])

    def _state(self, state: str) -> Request:
        return lambda process: process.parts.journeys.set_state(SCOPE, self._app_id, self.journey_id, state)

    def _change(self, process: Process) -> object:
        """Somebody's endpoint is another."""
        crowd = self._world.crowd
        if not (endpoint_id := crowd.anybody()):
            return None
        item = crowd.change(endpoint_id)
        return process.database.write(lambda connection: process.audience.register(connection, self._app_id, [item]))

    def _event(self) -> Request:
        """Apps report something; without an answer, once more."""
        endpoint_id, event_type = self._world.crowd.anybody(), self._world.chance.choice([EVENTS[0], *EVENTS])
        self._number += 1
        raw = msgspec.Raw(msgspec.json.encode({f"event{self._number}": {"EventType": event_type, "Timestamp": AT}}))
        told = ReportedEndpoint(
            endpoint_id, endpoint_key(endpoint_id), self._world.crowd.user_of(endpoint_id), "", "", raw
        )

        def report(process: Process) -> object:
            arrival = self._world.clock.now_ms()
            body = encode([Reported(self._app_id, SCOPE.account, arrival, [told])])
            note = msgspec.json.encode(Note(arrival=arrival, types={self._app_id: {event_type}}))
            return process.database.write(lambda connection: log.append(connection, PUT, body, note=note))

        return report

    def _erase(self, process: Process) -> None:
        """Somebody wants to be forgotten."""
        crowd = self._world.crowd
        if not (endpoint_id := crowd.anybody()):
            return
        ids = crowd.person_of(endpoint_id)
        crowd.gone.update(ids)
        keys = [endpoint_key(one) for one in ids]
        self._waiting.insert(0, lambda process: self._forget(process, crowd.user_of(endpoint_id), keys))

    def _forget(self, process: Process, user_id: str, keys: list[str]) -> None:
        person = Person(app_id=self._app_id, user_id=user_id, keys=keys, before_ms=self._world.clock.now_ms())
        holder = JourneysHolder(
            process.database, process.columnar, process.audience, process.parts.lifecycle, process.clock
        )
        writer = process.audience._writer

        def work(connection: sa.Connection) -> None:
            writer.delete(connection, self._app_id, keys)
            there = participants.standings(connection, self.journey_id, names_of(person)).values()
            newest = connection.scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'ingest_log'"))
            rows = [{"participant": one.participant, "entries": one.entry, "log_id": newest} for one in there]
            if rows:
                connection.execute(_ERASED, rows)
            holder._forget(connection, person, self.journey_id)

        process.database.write(work)

    def _edit(self) -> Request:
        self._edits += 1
        drawn = self._author.journey(f"v{self._edits}x")

        def edit(process: Process) -> object:
            _, before = process.parts.journeys.get(SCOPE, self._app_id, self.journey_id)
            edited = _kept(before, drawn)
            return process.parts.versions.edit(SCOPE, self._app_id, self.journey_id, edited)

        return edit


def _kept(before: WriteJourneyRequest, drawn: WriteJourneyRequest) -> WriteJourneyRequest:
    """What is drawn, as far as a journey under way may change."""
    names = ("start_condition", "schedule", "local_time", "refresh_frequency", "refresh_on_segment_update")
    kept = msgspec.structs.replace(drawn, **{name: getattr(before, name) for name in names})
    if kept.limits is not None and not definition.rate_of(before):
        kept.limits.messages_per_second = None
    return kept
