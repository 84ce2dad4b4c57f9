"""Messages and refusals against the visits that gave rise to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from clarion.domain.events.model import EventRow
from clarion.domain.journeys.definition import Route
from clarion.domain.journeys.sending.content import channels_of
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.messaging.model import Occasion, Send, decode_envelope
from clarion.domain.messaging.service import message_id
from tests.domain.journeys.simulation.paths import Visit
from tests.domain.journeys.simulation.world import World


class Messages:
    """All that left or is about to, and what was recorded instead."""

    def __init__(self, world: World, row: JourneyRow, routes: Mapping[int, Route], erased: Collection[str]) -> None:
        self._erased = erased
        self._world = world
        self._row = row
        self._routes = routes
        self._rows = world.disk.look(
            "SELECT message_id, body FROM handed UNION ALL SELECT message_id, body FROM outbox"
        )
        self._visits: dict[str, tuple[str, Visit]] = {}
        self._missing: list[str] = []
        self._told: dict[str, list[EventRow]] = defaultdict(list)
        for event in world.record.events:
            self._told[event.message_id].append(event)
        self._ids = Counter(str(message) for message, _ in self._rows)

    def visited(self, participant: str, visits: Sequence[Visit]) -> None:
        """Somebody was at message activities."""
        for visit in visits:
            ids = self._ids_of(participant, visit)
            for one in ids:
                before = self._visits.get(one)
                if before is None or not before[1].sure:
                    self._visits[one] = (participant, visit)
            gone = any(one in self._world.crowd.gone for one in self._world.crowd.endpoints)
            if visit.sure and ids and not gone and not any(one in self._ids or self._told[one] for one in ids):
                self._missing.append(f"{participant} got nothing, and no word why, at {visit}")

    def wrong(self) -> Iterator[str]:
        """What is not as it should be."""
        yield from self._missing
        for message, number in self._ids.items():
            if number > 1:
                yield f"message {message} left {number} times"
            if message not in self._visits and not self._erased:
                yield f"message {message} comes from no visit"
        for message, body in self._rows:
            yield from self._gates(str(message), bytes(body))  # type: ignore[call-overload]

    def _gates(self, message: str, body: bytes) -> Iterator[str]:
        envelope = decode_envelope(body)
        refused = [event for event in self._told[message] if event.gate]
        if refused:
            yield f"message {message} was refused: {refused}"
        if envelope.endpoint_id in self._world.crowd.never:
            yield f"message {message} to {envelope.endpoint_id}, who never wanted any"

    def _ids_of(self, participant: str, visit: Visit) -> list[str]:
        """The ids that messages of a visit may have."""
        activity = self._routes[visit.version].graph.nodes[visit.activity]
        assert activity.kind is not None
        channels = channels_of(activity.spec, activity.kind.wire)
        name = f"{self._row.journey_id}/{participant}/{visit.entry}/{visit.activity}"
        send = Send(account="", region="", app_id="", origin="journey", activity_id=visit.activity, treatment_id="")
        keys = self._world.crowd.keys_of(participant, channels)
        return [message_id(send, key, Occasion(name)) for key in keys]
