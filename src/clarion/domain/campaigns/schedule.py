"""When a campaign runs: pure rules over a Schedule, no clock of their own.

Occurrences are anchored at the start time: the n-th run is start + n hours, days, weeks or months, so a run
that began late does not shift the ones after it. A month that lacks the day runs on its last day.
Source: spec of campaigns, sections 4.1 to 4.3.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from clarion.core.errors import Invalid
from clarion.domain.apps.model import check_quiet_time
from clarion.domain.messaging.quiet import fixed_zone, local_start, zone_of
from clarion.shapes.pinpoint import Schedule

IMMEDIATE = "IMMEDIATE"
_OFFSETS = frozenset(
    "UTC UTC+01 UTC+02 UTC+03 UTC+03:30 UTC+04 UTC+04:30 UTC+05 UTC+05:30 UTC+05:45 UTC+06 UTC+06:30 UTC+07 "
    "UTC+08 UTC+09 UTC+09:30 UTC+10 UTC+10:30 UTC+11 UTC+12 UTC+13 UTC-02 UTC-03 UTC-04 UTC-05 UTC-06 UTC-07 "
    "UTC-08 UTC-09 UTC-10 UTC-11".split()
)
_STEPS = {"HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}


def base_zone(name: str | None, at: str = "Schedule") -> timezone:
    """The fixed offset that `Timezone` names; UTC when absent. Raises Invalid for one Pinpoint does not offer."""
    if not name:
        return UTC
    zone = fixed_zone(name)
    if zone is None or name.upper() not in _OFFSETS:
        raise Invalid(f"{at}.Timezone: {name} is not one of the offsets UTC-11 to UTC+13")
    return zone


def moment(field: str, text: str, zone: timezone) -> datetime:
    """A time written as ISO 8601, in its own offset, or in `zone` without one. Raises Invalid naming `field`."""
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{field}: {text} is not an ISO 8601 time") from None
    return written.replace(tzinfo=zone) if written.tzinfo is None else written


@dataclass(frozen=True)
class Plan:
    """A checked schedule. `start` is when the first run begins, in the offset in which its months are counted:
    that of a local-time schedule, else as the start was written."""

    start: datetime
    end: datetime | None
    frequency: str
    immediate: bool
    local: bool
    zone: timezone

    @property
    def recurs(self) -> bool:
        """Whether it has more than one run. What is triggered by events has one: the time in which it listens."""
        return self.frequency in _STEPS or self.frequency == "MONTHLY"

    def occurrence(self, number: int) -> datetime | None:
        """The start of run `number` (0 is the first), or None when there is no such run."""
        if number and not self.recurs:
            return None
        if self.frequency in _STEPS:
            at = self.start + number * _STEPS[self.frequency]
        elif self.frequency == "MONTHLY":
            at = _add_months(self.start, number)
        else:
            at = self.start
        return None if self.end is not None and at > self.end else at.astimezone(UTC)

    def next_after(self, number: int, now: datetime) -> tuple[int, datetime] | None:
        """The first run after `number` that has not been missed at `now`: its number and start."""
        number = max(number + 1, self._guess(now))
        while (at := self.occurrence(number)) is not None:
            if at >= now:
                return number, at
            number += 1
        return None

    def _guess(self, now: datetime) -> int:
        """A run number at or a little before `now`, so that a long pause is not walked run by run."""
        passed = now - self.start
        if self.frequency in _STEPS:
            return passed // _STEPS[self.frequency]
        return passed // timedelta(days=31) if self.frequency == "MONTHLY" else 0


def is_immediate(schedule: Schedule | None) -> bool:
    """Whether the first run begins as soon as the campaign is there."""
    return schedule is not None and schedule.start_time.upper() == IMMEDIATE


def plan(schedule: Schedule | None, now: datetime, at: str = "Schedule") -> Plan:
    """Check a Schedule and fix its start; IMMEDIATE starts at `now`. Raises Invalid naming the member below `at`."""
    if schedule is None:
        raise Invalid(f"{at}: is required")
    zone = base_zone(schedule.timezone, at)
    local = bool(schedule.is_local_time)
    immediate = is_immediate(schedule)
    start = now if immediate else moment(f"{at}.StartTime", schedule.start_time, zone)
    if immediate or local:
        start = start.astimezone(zone)
    end = moment(f"{at}.EndTime", schedule.end_time, zone) if schedule.end_time else None
    if end is not None and end <= start:
        raise Invalid(f"{at}.EndTime: must be after StartTime")
    check_quiet_time(f"{at}.QuietTime", schedule.quiet_time)
    return Plan(start, end, schedule.frequency or "ONCE", immediate, local, zone)


def zone_runs(at: datetime, base: timezone, zones: Iterable[str]) -> Iterator[tuple[datetime, str]]:
    """For a local-time run at `at`: when each zone's turn is, earliest first; zones already past are left out.

    The schedule's own offset is the earliest zone served: a zone east of it had that wall-clock time before
    the run began.
    """
    turns = []
    for name in zones:
        zone = zone_of(name)
        if zone is not None and (turn := local_start(at, base, zone)) >= at:
            turns.append((turn, name))
    yield from sorted(turns)


def _add_months(at: datetime, months: int) -> datetime:
    year, month = divmod(at.month - 1 + months, 12)
    year, month = at.year + year, month + 1
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))
