"""When somebody may be sent something: quiet time, open hours and closed days of a journey. Pure.

All of it is judged by the wall clocks of the recipient's zones. A minute is blocked when it is in quiet time (ends
included), in none of the open hours (ends included) of a channel that has some, or in a closed day (the end not);
with several zones, when it is blocked in any. Nobody without a zone is protected by any of it, but where zones are
estimated they are not sent to at all. Source: spec of journeys, 6.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from clarion.core.clock import DAY_MS, from_ms
from clarion.domain.journeys.sending.opening import (
    CHANNELS,
    DAY_MINUTES,
    Closed,
    Range,
    closed_days,
    open_ranges,
    quiet_range,
)
from clarion.domain.messaging.quiet import zone_of
from clarion.shapes.pinpoint import QuietTime, WriteJourneyRequest

Channel = Literal["EMAIL", "SMS", "PUSH", "VOICE", "CUSTOM"]

MINUTE_MS = 60_000
FARTHEST_MS = 400 * DAY_MS
"""Who is not free within that time is not waited for."""


class Free(NamedTuple):
    """`at_ms` is when somebody may be sent something: now (the moment asked about), later, or never (None).

    `why` not now, for people: "" when now. `zone_missing`: never, as their zone could not be estimated.
    """

    at_ms: int | None
    why: str = ""
    zone_missing: bool = False


class Blocked(NamedTuple):
    """Not before `until_ms`, as far as one zone and one rule can tell; None: never."""

    until_ms: int | None
    why: str


class Hours:
    """The hours of one version of a journey. Remembers answers, so keep it for a step."""

    def __init__(
        self,
        quiet: Range | None,
        opened: Mapping[str, Mapping[int, Sequence[Range]]],
        closed: Mapping[str, Sequence[Closed]],
        *,
        estimated: bool,
    ) -> None:
        self._quiet = quiet
        self._opened = opened
        self._closed = closed
        self._estimated = estimated
        self._answers = lru_cache(maxsize=4_096)(self._free_at)

    @classmethod
    def of(cls, wanted: WriteJourneyRequest, default: QuietTime | None = None) -> Hours:
        """The hours that a journey asks for; `default` is the quiet time of a project whose journey names none."""
        quiet = quiet_range(wanted.quiet_time) or quiet_range(default)
        scheduled = quiet is not None and bool(wanted.sending_schedule)
        hours, days = wanted.open_hours if scheduled else None, wanted.closed_days if scheduled else None
        return cls(
            quiet,
            {channel: open_ranges(hours, channel) for channel in CHANNELS if hours and open_ranges(hours, channel)},
            {channel: closed_days(days, channel) for channel in CHANNELS if days},
            estimated=bool(wanted.timezone_estimation_methods),
        )

    @property
    def any(self) -> bool:
        """Whether there is any time in which somebody might not be sent something."""
        return self._quiet is not None

    def free_at(self, channel: Channel, zones: tuple[str, ...], now_ms: int) -> Free:
        """When somebody in one of these zones may be sent something on a channel, from now on."""
        if self._quiet is None:
            return Free(now_ms)
        if not zones:
            return Free(None, "the time zone cannot be estimated", True) if self._estimated else Free(now_ms)
        return self._answers(channel, zones, now_ms)

    def _free_at(self, channel: Channel, zones: tuple[str, ...], now_ms: int) -> Free:
        known = [zone for zone in map(zone_of, zones) if zone is not None]
        at_ms, why = now_ms, ""
        while at_ms <= now_ms + FARTHEST_MS:
            blocked = next((found for zone in known if (found := self._blocked(channel, zone, at_ms))), None)
            if blocked is None:
                return Free(at_ms, why)
            why = why or blocked.why
            if blocked.until_ms is None:
                break
            at_ms = blocked.until_ms
        return Free(None, why)

    def _blocked(self, channel: Channel, zone: ZoneInfo, at_ms: int) -> Blocked | None:
        wall_ms = at_ms + _offset_ms(zone, at_ms)
        for day in self._closed.get(channel, ()):
            until_ms = day.until_ms(at_ms, wall_ms)
            if until_ms is not None:
                return Blocked(_reached(zone, at_ms, until_ms), f"closed for {day.name} in {zone.key}")
        days, minute = divmod(wall_ms // MINUTE_MS, DAY_MINUTES)
        opened = self._opened.get(channel)
        if opened is not None:
            minutes = _minutes_to_opening(opened, (days + 3) % 7, minute)
            if minutes is None:
                return Blocked(None, "never open")
            if minutes:
                return Blocked(_reached(zone, at_ms, _begun(wall_ms, minutes)), f"not open in {zone.key}")
        if self._quiet is not None and self._quiet.covers(minute):
            minutes = (self._quiet.end - minute) % DAY_MINUTES + 1
            return Blocked(_reached(zone, at_ms, _begun(wall_ms, minutes)), f"quiet time {self._quiet} in {zone.key}")
        return None


def _begun(wall_ms: int, minutes: int) -> int:
    """The beginning of the minute so many minutes on."""
    return (wall_ms // MINUTE_MS + minutes) * MINUTE_MS - wall_ms


def _minutes_to_opening(opened: Mapping[int, Sequence[Range]], weekday: int, minute: int) -> int | None:
    """How long until one of the open hours, 0 within one; None: never."""
    if any(found.covers_from(minute) for found in opened.get(weekday, ())):
        return 0
    if any(found.runs_over(minute) for found in opened.get((weekday - 1) % 7, ())):
        return 0
    starts: Iterator[int] = (
        day * DAY_MINUTES + found.start - minute
        for day in range(8)
        for found in opened.get((weekday + day) % 7, ())
        if day * DAY_MINUTES + found.start > minute
    )
    return min(starts, default=None)


def _reached(zone: ZoneInfo, at_ms: int, by_ms: int) -> int:
    """When a wall clock has gone on by so much, or when it is changed before that: then all is to be judged anew."""
    until_ms = at_ms + min(by_ms, DAY_MS)
    before = _offset_ms(zone, at_ms)
    if _offset_ms(zone, until_ms) == before:
        return until_ms
    low, high = at_ms, until_ms
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset_ms(zone, middle) == before else (low, middle)
    return high


def _offset_ms(zone: ZoneInfo, at_ms: int) -> int:
    """How far a zone's wall clocks are ahead of UTC."""
    offset = from_ms(at_ms).astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) * 1_000
