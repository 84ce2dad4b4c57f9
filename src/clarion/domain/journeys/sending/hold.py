"""Who is held back: outside the hours of a journey people wait for their end, or do without the message.

A user whose endpoints are in several time zones is sent to when all of them are free; when that is never, those that
are free now get it and the others do not. Source: spec of journeys, 6 and 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

from clarion.domain.audience.model import Endpoint
from clarion.domain.events.model import EventRow
from clarion.domain.journeys.activities.port import Here
from clarion.domain.journeys.definition import defaults_of
from clarion.domain.journeys.model import Walker
from clarion.domain.journeys.sending.content import wire_of
from clarion.domain.journeys.sending.hours import Channel, Free, Hours
from clarion.domain.journeys.sending.zones import zones_of
from clarion.domain.messaging.model import Occasion, Refusal, Send
from clarion.domain.messaging.service import released


class Opening(NamedTuple):
    """Wait until then (Unix ms), or go on (None), but without those endpoints, by key."""

    until_ms: int | None = None
    refusals: Mapping[str, Refusal] = {}


_OPEN = Opening()


class Door:
    """The hours of an activity's channel. `events` tell of those who were held back and are free now."""

    def __init__(self, here: Here) -> None:
        self._now_ms = here.now_ms
        self._channel = cast(Channel, wire_of(here))
        self._hours = Hours.of(here.wanted, defaults_of(here.journey.defaults).quiet_time)
        self._methods = tuple(here.wanted.timezone_estimation_methods or ())
        self._waits = bool(here.wanted.wait_for_quiet_time)
        self.events: list[EventRow] = []

    def ask(self, send: Send, walker: Walker, endpoints: Sequence[Endpoint], name: str) -> Opening:
        """What becomes of somebody's messages to these endpoints; `name` is that of the visit."""
        if not self._hours.any:
            return _OPEN
        opening = self._opening(endpoints)
        if opening.until_ms is None and walker.waiting == "quiet":
            occasion = Occasion(name, run_id=walker.run_id)
            going = [one for one in endpoints if one.key not in opening.refusals]
            self.events += [released(send, one, occasion, at_ms=self._now_ms) for one in going]
        return opening

    def _opening(self, endpoints: Sequence[Endpoint]) -> Opening:
        zones = {one.key: zones_of(one, self._methods).zones for one in endpoints}
        known = tuple(sorted({zone for some in zones.values() for zone in some}))
        together = self._free(known) if known else Free(self._now_ms)
        if together.at_ms is not None and together.at_ms > self._now_ms and self._waits:
            return Opening(together.at_ms)
        free = {key: self._free(some) for key, some in zones.items()}
        refusals = {key: _refused(one) for key, one in free.items() if one.at_ms != self._now_ms}
        later = [one.at_ms for one in free.values() if one.at_ms is not None]
        if self._waits and later and len(refusals) == len(endpoints):
            return Opening(min(later))
        return Opening(None, refusals)

    def _free(self, zones: tuple[str, ...]) -> Free:
        return self._hours.free_at(self._channel, zones, self._now_ms)


def _refused(free: Free) -> Refusal:
    if free.zone_missing:
        return Refusal("time_zone", free.why, "QUIET_TIME_MISSING_TIMEZONE")
    return Refusal("quiet_time", free.why, "QUIET_TIME")
