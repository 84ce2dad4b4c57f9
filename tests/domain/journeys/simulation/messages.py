"""Messages and refusals against the visits that gave rise to them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from clarion.core.clock import DAY_MS, from_ms
from clarion.domain.events.model import EventRow
from clarion.domain.journeys.definition import Route
from clarion.domain.journeys.sending.content import channels_of
from clarion.domain.journeys.store import JourneyRow
from clarion.domain.messaging.model import Envelope, Occasion, Send, decode_envelope
from clarion.domain.messaging.service import message_id
from clarion.shapes.pinpoint import QuietTime
from tests.domain.journeys.simulation.paths import Visit
from tests.domain.journeys.simulation.world import World

PACE_MS = 6_000
_LEFT = "SELECT message_id, at_ms, body FROM handed UNION ALL SELECT message_id, due_ms, body FROM outbox"


class Messages:
    """All that left or is about to, and what was recorded instead."""

    def __init__(self, world: World, row: JourneyRow, routes: Mapping[int, Route], erased: Collection[str]) -> None:
        self._erased = erased
        self._world = world
        self._row = row
        self._routes = routes
        self._rows = [
            (str(message), int(at_ms), decode_envelope(body)) for message, at_ms, body in world.disk.look(_LEFT)
        ]
        self._visits: dict[str, tuple[str, Visit]] = {}
        self._missing: list[str] = []
        self._told: dict[str, list[EventRow]] = defaultdict(list)
        for event in world.record.events:
            self._told[event.message_id].append(event)
        self._ids = Counter(message for message, _, _ in self._rows)

    def visited(self, participant: str, visits: Sequence[Visit]) -> None:
        """Somebody was at message activities."""
        for visit in visits:
            ids = self._ids_of(participant, visit)
            for one in ids:
                before = self._visits.get(one)
                if before is None or not before[1].sure:
                    self._visits[one] = (participant, visit)
            if (
                visit.sure
                and ids
                and not self._world.crowd.gone
                and not any(one in self._ids or self._told[one] for one in ids)
            ):
                self._missing.append(f"{participant} got nothing, and no word why, at {visit}")

    def wrong(self) -> Iterator[str]:
        """What is not as it should be."""
        yield from self._missing
        for message, number in self._ids.items():
            if number > 1:
                yield f"message {message} left {number} times"
            if message not in self._visits and not self._erased:
                yield f"message {message} comes from no visit"
        for message, at_ms, envelope in self._rows:
            yield from self._gates(message, at_ms, envelope)
        yield from self._caps()

    def _gates(self, message: str, at_ms: int, envelope: Envelope) -> Iterator[str]:
        refused = [event for event in self._told[message] if event.gate]
        if refused:
            yield f"message {message} was refused: {refused}"
        if envelope.endpoint_id in self._world.crowd.never:
            yield f"message {message} to {envelope.endpoint_id}, who never wanted any"
        if message in self._visits:
            quiet = self._routes[self._visits[message][1].version].wanted.quiet_time
            zone = json.loads(envelope.endpoint).get("Demographic", {}).get("Timezone")
            # Somebody's turn may be a little later than they were looked at.
            if quiet and zone and all(_is_quiet(quiet, zone, at_ms - before_ms) for before_ms in (0, PACE_MS)):
                yield f"message {message} to {envelope.endpoint_id} at {at_ms}, which is quiet in {zone}"

    def _caps(self) -> Iterator[str]:
        """Nobody gets more than the most that a version allows."""
        limits = [one.wanted.limits for one in self._routes.values()]
        daily = [(limit.daily_cap if limit else None) or 0 for limit in limits]
        total = [(limit.total_cap if limit else None) or 0 for limit in limits]
        of_people: dict[str, list[int]] = defaultdict(list)
        for message, at_ms, _ in self._rows:
            if message in self._visits:
                of_people[self._visits[message][0]].append(at_ms)
        for participant, times in of_people.items() if all(daily) else ():
            times.sort()
            if any(later - at_ms < DAY_MS - PACE_MS for at_ms, later in zip(times, times[max(daily) :], strict=False)):
                yield f"{participant} got more than {max(daily)} messages in a day: {times}"
        of_endpoints = Counter(envelope.endpoint_id for _, _, envelope in self._rows)
        if all(total) and (most := max(of_endpoints.values(), default=0)) > max(total):
            yield f"somebody got {most} messages, at most {max(total)}: {of_endpoints}"

    def _ids_of(self, participant: str, visit: Visit) -> list[str]:
        """The ids that messages of a visit may have."""
        activity = self._routes[visit.version].graph.nodes[visit.activity]
        assert activity.kind is not None
        channels = channels_of(activity.spec, activity.kind.wire)
        name = f"{self._row.journey_id}/{participant}/{visit.entry}/{visit.activity}"
        send = Send(account="", region="", app_id="", origin="journey", activity_id=visit.activity, treatment_id="")
        keys = self._world.crowd.keys_of(participant, channels)
        return [message_id(send, key, Occasion(name)) for key in keys]


def _is_quiet(quiet: QuietTime, zone: str, at_ms: int) -> bool:
    now, start, end = f"{from_ms(at_ms).astimezone(ZoneInfo(zone)):%H:%M}", quiet.start or "", quiet.end or ""
    return start <= now <= end if start <= end else now >= start or now <= end
