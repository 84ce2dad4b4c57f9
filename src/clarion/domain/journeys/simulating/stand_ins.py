"""What activities work with in a simulation: messages are only counted, responses are drawn, the audience is real."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import cast

from clarion.core.clock import DAY_MS
from clarion.domain.audience.model import Endpoint
from clarion.domain.journeys.activities.port import Conditions, Here
from clarion.domain.journeys.conditions.offered import named
from clarion.domain.journeys.definition import defaults_of
from clarion.domain.journeys.model import Go, Stay, Verdict, Walker
from clarion.domain.journeys.sending.caps import caps_of
from clarion.domain.journeys.sending.content import channels_of, wire_of
from clarion.domain.journeys.sending.hours import Channel, Hours
from clarion.domain.journeys.sending.zones import zones_of
from clarion.domain.journeys.simulating.past import Rates, Times
from clarion.domain.journeys.simulating.telling import Told
from clarion.shapes.pinpoint import EventCondition, SimpleCondition

SUCCESS, QUIET, CAPPED, NOWHERE = "SUCCESS", "QUIET_TIME", "DAILY_CAP", "UNSUPPORTED_CHANNEL"

Ask = tuple[str, tuple[str, ...]]
"""What a condition asks of a message: its activity, and the types of events."""


class Crowd:
    """`activities.port.People`: those who walk, as they are today."""

    def __init__(self, endpoints: Mapping[str, Sequence[Endpoint]]) -> None:
        self._endpoints = endpoints

    def endpoints(self, app_id: str, group: Sequence[Walker]) -> Mapping[str, Sequence[Endpoint]]:
        return self._endpoints


class Counting:
    """`activities.port.Messages`: hours and caps are kept, what would be sent is counted and remembered."""

    def __init__(self, told: Told) -> None:
        self._told = told
        self._sent: dict[str, list[int]] = {}
        self.reached: set[tuple[str, int, str]] = set()
        """Participant, entry and activity of every message."""

    def send(self, here: Here, group: Sequence[Walker]) -> Sequence[Verdict]:
        kind = wire_of(here)
        channels, channel = channels_of(here.node.spec, kind), cast(Channel, kind)
        hours = Hours.of(here.wanted, defaults_of(here.journey.defaults).quiet_time)
        methods = tuple(here.wanted.timezone_estimation_methods or ())
        people = here.tools.people.endpoints(here.journey.app_id, group)
        caps, following = caps_of(here.wanted, defaults_of(here.journey.defaults)), here.node.edges[0].to
        verdicts: list[Verdict] = []
        for walker in group:
            mine = [
                one
                for one in people.get(walker.participant, ())
                if one.channel_type in channels and one.address and one.opt_out != "ALL"
            ]
            zones = tuple(sorted({zone for one in mine for zone in zones_of(one, methods).zones}))
            free = hours.free_at(channel, zones, here.now_ms) if hours.any and mine else None
            if free is not None and free.at_ms != here.now_ms:
                if here.wanted.wait_for_quiet_time and free.at_ms is not None:
                    verdicts.append(Stay(free.at_ms, "quiet"))
                    continue
                self._told.came(here.node.id, QUIET)
            elif not mine:
                self._told.came(here.node.id, NOWHERE)
            elif self._over(walker, here.now_ms, caps.daily or caps.daily_journeys or caps.daily_app, caps.total):
                self._told.came(here.node.id, CAPPED)
            else:
                self._hand_over(here, walker, Counter(one.channel_type for one in mine))
            verdicts.append(Go(following, ""))
        return verdicts

    def _over(self, walker: Walker, now_ms: int, daily: int, total: int) -> bool:
        before = self._sent.get(walker.participant, [])
        recent = sum(at_ms > now_ms - DAY_MS for at_ms in before)
        return bool(daily and recent >= daily) or bool(total and len(before) >= total)

    def _hand_over(self, here: Here, walker: Walker, channels: Mapping[str, int]) -> None:
        self._told.came(here.node.id, SUCCESS)
        for channel, number in channels.items():
            self._told.sent(here.now_ms, here.node.id, channel, number)
        self._sent.setdefault(walker.participant, []).append(here.now_ms)
        self.reached.add((walker.participant, walker.entry, here.node.id))


class Judged:
    """`activities.port.Conditions`: responses to messages are drawn, other events were, the audience is asked once.

    `rates` are by what is asked of a message, `events` by split and number of the condition.
    """

    def __init__(
        self,
        audience: Conditions,
        messages: Counting,
        crowd: Mapping[str, Sequence[Endpoint]],
        rates: Mapping[Ask, Rates],
        events: Mapping[tuple[str, int], Times],
    ) -> None:
        self._audience = audience
        self._messages = messages
        self._crowd = crowd
        self._rates = rates
        self._events = events
        self._known: dict[tuple[str, int], tuple[frozenset[str], frozenset[str]]] = {}

    def holds(
        self, here: Here, conditions: Sequence[SimpleCondition], group: Sequence[Walker]
    ) -> list[frozenset[str] | None]:
        return [self._one(here, number, condition, group) for number, condition in enumerate(conditions)]

    def _one(
        self, here: Here, number: int, condition: SimpleCondition, group: Sequence[Walker]
    ) -> frozenset[str] | None:
        event = condition.event_condition
        if event is None:
            return self._members(here, number, condition, group)
        if event.message_activity:
            ask = asked(event)
            return frozenset(one.participant for one in group if self._responds(one, ask))
        times = self._events[here.node.id, number]
        return frozenset(
            one.participant for one in group if times.any_between(one.participant, one.entered_ms, here.now_ms)
        )

    def _members(
        self, here: Here, number: int, condition: SimpleCondition, group: Sequence[Walker]
    ) -> frozenset[str] | None:
        """The audience does not change while a simulation lasts."""
        place = (here.node.id, number)
        looked, held = self._known.get(place, (frozenset(), frozenset()))
        new = [walker for walker in group if walker.participant not in looked]
        if new:
            (found,) = self._audience.holds(here, [condition], new)
            if found is None:
                return None
            looked, held = looked | {walker.participant for walker in new}, held | found
            self._known[place] = looked, held
        return frozenset(walker.participant for walker in group if walker.participant in held)

    def _responds(self, walker: Walker, ask: Ask) -> bool:
        activity, types = ask
        if (walker.participant, walker.entry, activity) not in self._messages.reached:
            return False
        keys = [one.key for one in self._crowd.get(walker.participant, ())]
        text = "\0".join((walker.participant, str(walker.entry), activity, *types))
        lot = blake2b(text.encode(), digest_size=7, person=b"clarion-respond").digest()
        return (int.from_bytes(lot) >> 3) / (1 << 53) < self._rates[ask].of(keys)


class Silent:
    """`activities.port.Dialler`: everybody is called."""

    def call(self, here: Here, group: Sequence[Walker]) -> Sequence[Verdict]:
        return [Go(here.node.edges[0].to, "CALL_QUEUED") for _ in group]


def asked(event: EventCondition) -> Ask:
    """What an event condition asks of a message."""
    types = event.dimensions.event_type if event.dimensions else None
    return event.message_activity or "", tuple(sorted(named(types.values))) if types else ()
