"""Open hours and closed days as journeys write them, read. Pure.

Times are minutes of the day, days of the week 0 (Monday) to 6. What cannot be read is left out here, and told by
`faults`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from clarion.core.clock import to_ms
from clarion.shapes.pinpoint import ClosedDays, ClosedDaysRule, OpenHours, OpenHoursRule, QuietTime

CHANNELS = ("EMAIL", "SMS", "PUSH", "VOICE", "CUSTOM")
WEEK = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
DAY_MINUTES = 1_440

_TIME = re.compile(r"T?(\d{2}):(\d{2})(?::\d{2}(?:\.\d+)?)?", re.ASCII)


class Range(NamedTuple):
    """Minutes of a day, both ends included; one whose start is after its end runs over midnight."""

    start: int
    end: int

    def covers(self, minute: int) -> bool:
        """Whether a minute of any day is in it."""
        return self.covers_from(minute) or self.runs_over(minute)

    def covers_from(self, minute: int) -> bool:
        """Whether a minute of the day on which it begins is in it."""
        return self.start <= minute <= self.end if self.start <= self.end else minute >= self.start

    def runs_over(self, minute: int) -> bool:
        """Whether a minute of the day after is in it."""
        return self.start > self.end and minute <= self.end

    def __str__(self) -> str:
        return f"{clock(self.start)}-{clock(self.end)}"


class Closed(NamedTuple):
    """A closed time, the end not in it. Unix ms, or ms of a wall clock as if it showed UTC where none has an offset."""

    name: str
    start_ms: int
    end_ms: int
    wall_start: bool
    wall_end: bool

    def until_ms(self, at_ms: int, wall_ms: int) -> int | None:
        """How long it still lasts at an instant and what the wall clock shows then; None: it is not now."""
        if (wall_ms if self.wall_start else at_ms) < self.start_ms:
            return None
        left_ms = self.end_ms - (wall_ms if self.wall_end else at_ms)
        return left_ms if left_ms > 0 else None


def day_minutes(text: str | None) -> int | None:
    """The minute of the day of `HH:MM`, seconds dropped; None for what is none."""
    match = _TIME.fullmatch(text or "")
    if match is None:
        return None
    hours, minutes = int(match.group(1)), int(match.group(2))
    return hours * 60 + minutes if hours < 24 and minutes < 60 else None


def clock(minute: int) -> str:
    """A minute of the day as `HH:MM`."""
    return f"{minute // 60:02}:{minute % 60:02}"


def quiet_range(quiet: QuietTime | None) -> Range | None:
    """The minutes of a quiet time; None without one, or with one that cannot be read."""
    start, end = (day_minutes(quiet.start), day_minutes(quiet.end)) if quiet else (None, None)
    return None if start is None or end is None else Range(start, end)


def open_range(rule: OpenHoursRule) -> Range | None:
    """The minutes of a rule; None for what is none."""
    start, end = day_minutes(rule.start_time), day_minutes(rule.end_time)
    return None if start is None or end is None else Range(start, end)


def rules_of_day(hours: OpenHours, channel: str) -> Mapping[str, Sequence[OpenHoursRule]]:
    """What open hours say of a channel, by day."""
    found: Mapping[str, Sequence[OpenHoursRule]] | None = getattr(hours, channel.lower())
    return found or {}


def open_ranges(hours: OpenHours, channel: str) -> Mapping[int, Sequence[Range]]:
    """The open hours of a channel by day of the week; {} when it has none and so is always open."""
    return {
        WEEK.index(day.upper()): [found for rule in rules or () if (found := open_range(rule)) is not None]
        for day, rules in rules_of_day(hours, channel).items()
        if day.upper() in WEEK
    }


def rules_closing(days: ClosedDays, channel: str) -> Sequence[ClosedDaysRule]:
    """What closed days say of a channel."""
    found: Sequence[ClosedDaysRule] | None = getattr(days, channel.lower())
    return found or ()


def closed(rule: ClosedDaysRule) -> Closed | None:
    """The time of a rule; None when it cannot be read."""
    start, end = _moment(rule.start_date_time), _moment(rule.end_date_time)
    if start is None or end is None:
        return None
    return Closed(rule.name or "a closed day", start[0], end[0], start[1], end[1])


def closed_days(days: ClosedDays, channel: str) -> Sequence[Closed]:
    """The closed times of a channel."""
    return [found for rule in rules_closing(days, channel) if (found := closed(rule)) is not None]


def _moment(text: str | None) -> tuple[int, bool] | None:
    """Milliseconds and whether they are a wall clock's."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    wall = moment.tzinfo is None
    return to_ms(moment.replace(tzinfo=UTC) if wall else moment), wall
