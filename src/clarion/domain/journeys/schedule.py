"""When a journey takes people in: its start, its end, and its refreshes. Pure, no clock of its own.

Refreshes are anchored at the start as it was written: the n-th is start + n times the frequency, so that a journey
published late keeps its time of day, and one in local time keeps it through clock changes. A month that lacks the day
refreshes on its last. Source: spec of journeys, 4.3 and 5.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone

from clarion.core.clock import DAY_MS, HOUR_MS, from_ms, to_ms
from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.times import MONTH_DAYS, parse_duration
from clarion.domain.messaging.quiet import fixed_zone, local_start, zone_of
from clarion.shapes.pinpoint import JourneySchedule, WriteJourneyRequest

OFFSETS = frozenset(
    "UTC UTC+01 UTC+02 UTC+03 UTC+03:30 UTC+04 UTC+04:30 UTC+05 UTC+05:30 UTC+05:45 UTC+06 UTC+06:30 UTC+07 UTC+08 "
    "UTC+08:45 UTC+09 UTC+09:30 UTC+10 UTC+10:30 UTC+11 UTC+12 UTC+12:45 UTC+13 UTC+13:45 UTC-02 UTC-02:30 UTC-03 "
    "UTC-03:30 UTC-04 UTC-05 UTC-06 UTC-07 UTC-08 UTC-09 UTC-09:30 UTC-10 UTC-11".split()
)
SHORTEST_REFRESH = timedelta(minutes=1)
_LAST_ZONE = timezone(timedelta(hours=-12))
"""Where a day ends last."""


@dataclass(frozen=True)
class Plan:
    """When a published journey takes people in. Unix ms; `end_ms` is the first moment at which nobody enters.

    `first` is the start as written (or when it begins), in the offset in which its months are counted; `last` the end
    as written. `months` and `rest` are the refresh frequency.
    """

    start_ms: int
    end_ms: int
    local: bool
    first: datetime
    last: datetime | None
    months: int
    rest: timedelta
    passed: int = 0
    """Refreshes that a late start has missed."""

    @property
    def refresh(self) -> bool:
        """Whether people are taken in more than once."""
        return bool(self.months or self.rest)

    def run_ms(self, number: int) -> int | None:
        """When run `number` begins (0 is the start); None: there is no such run."""
        if number == 0:
            return self.start_ms
        if not self.refresh:
            return None
        at_ms = self._begin_ms(self.passed + number)
        return None if at_ms is None or at_ms >= self.end_ms else at_ms

    def next_after(self, number: int, now_ms: int) -> tuple[int, int] | None:
        """The first run after `number` that has not been missed by now: its number and beginning."""
        number = max(number + 1, self._guess(from_ms(now_ms)) - self.passed)
        while (at_ms := self.run_ms(number)) is not None:
            if at_ms >= now_ms:
                return number, at_ms
            number += 1
        return None

    def turn_ms(self, number: int, zones: Sequence[str]) -> int | None:
        """When it is the turn of somebody in one of these zones in run `number`; None as `run_ms`.

        In local time that is when the last of their zones shows the time of the run; where it was shown before the run
        began, and without zones, at its beginning.
        """
        run_ms = self.run_ms(number)
        if run_ms is None or not self.local:
            return run_ms
        at = self._occurrence(self.passed + number if number else 0)
        return max([run_ms, *(self._shown_ms(at, zone) for zone in zones)]) if at is not None else None

    def over_ms(self, zones: Sequence[str]) -> int:
        """From when nobody in one of these zones is taken in any more: when the first of them shows the end."""
        if not self.local or self.last is None:
            return self.end_ms
        return min([self.end_ms, *(self._shown_ms(self.last, zone) for zone in zones)])

    def missed(self) -> int:
        """How many refreshes would have been before the start."""
        number = self._guess(from_ms(self.start_ms))
        while self.refresh and (at_ms := self._begin_ms(number + 1)) is not None and at_ms <= self.start_ms:
            number += 1
        return number

    def _begin_ms(self, number: int) -> int | None:
        """When a refresh has to begin, so that nobody's turn is before."""
        at = self._occurrence(number)
        if at is None:
            return None
        # Zones that change their clocks may be an hour east of the schedule's offset by then.
        early = self.local and (self.months or self.rest >= timedelta(days=1))
        return to_ms(at) - (HOUR_MS if early else 0)

    def _shown_ms(self, at: datetime, name: str) -> int:
        zone = zone_of(name)
        base = self.first.tzinfo
        assert isinstance(base, timezone)
        with suppress(OverflowError):
            at = at if zone is None else local_start(at, base, zone)
        return to_ms(at)

    def _occurrence(self, number: int) -> datetime | None:
        try:
            return add_months(self.first, number * self.months) + number * self.rest
        except (OverflowError, ValueError):
            return None

    def _guess(self, now: datetime) -> int:
        """An occurrence at or a little before `now`, so that a long time is not walked run by run."""
        if not self.refresh:
            return 0
        longest = timedelta(days=(MONTH_DAYS + 1) * self.months) + self.rest
        return max(0, (now - self.first) // longest)


def plan(wanted: WriteJourneyRequest, published_ms: int, delay_ms: int, most_days: int) -> Plan:
    """The plan of a journey that is published then. Members that cannot be read count as absent.

    Nobody enters before `delay_ms` have passed; a start before that is late. Without an end, and at the latest, it ends
    `most_days` after its start.
    """
    schedule = wanted.schedule or JourneySchedule()
    local = bool(wanted.local_time)
    base = fixed_zone(schedule.timezone or "UTC") or UTC
    earliest_ms = published_ms + delay_ms
    first = _in_zone(schedule.start_time or from_ms(earliest_ms), base)
    start_ms = max(to_ms(first), earliest_ms)
    longest_ms = start_ms + most_days * DAY_MS
    last = _in_zone(schedule.end_time, base) if schedule.end_time else None
    months, rest = parse_duration(wanted.refresh_frequency) or (0, timedelta())
    if not months and rest < SHORTEST_REFRESH:
        rest = timedelta()
    made = Plan(
        start_ms=start_ms,
        end_ms=longest_ms if last is None else min(longest_ms, _end_ms(last, local)),
        local=local,
        first=first,
        last=last,
        months=months,
        rest=rest,
    )
    return replace(made, passed=made.missed())


def faults(wanted: WriteJourneyRequest, now_ms: int, delay_ms: int, most_days: int) -> Iterator[Fault]:
    """What is wrong with a journey's schedule (E24)."""
    schedule = wanted.schedule or JourneySchedule()
    if schedule.timezone and schedule.timezone.upper() not in OFFSETS:
        yield Fault("E24", "", f"Schedule.Timezone: {schedule.timezone} is not one of the offsets UTC-11 to UTC+13:45")
    if schedule.end_time is None:
        return
    made = plan(wanted, now_ms, delay_ms, most_days)
    end_ms = _end_ms(made.last or schedule.end_time, made.local)
    if schedule.start_time is not None and schedule.end_time <= schedule.start_time:
        yield Fault("E24", "", "Schedule.EndTime must be after StartTime")
    elif end_ms <= now_ms:
        yield Fault("E24", "", "Schedule.EndTime has passed")
    elif end_ms <= made.start_ms:
        yield Fault(
            "E24", "", f"Schedule.EndTime is before anybody can enter, {delay_ms // 1000} seconds after publishing"
        )
    elif to_ms(schedule.end_time) - made.start_ms > most_days * DAY_MS:
        yield Fault("E24", "", f"a journey must not last longer than {most_days} days")


def add_months(at: datetime, months: int) -> datetime:
    """So many months later, on the month's last day where it lacks the day. Raises ValueError beyond the calendar."""
    year, month = divmod(at.month - 1 + months, 12)
    year, month = at.year + year, month + 1
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))


def _in_zone(at: datetime, base: timezone) -> datetime:
    try:
        return at.astimezone(base)
    except OverflowError:  # at the ends of the calendar
        return at


def _end_ms(last: datetime, local: bool) -> int:
    """When the end as written has come everywhere."""
    return to_ms(last.replace(tzinfo=_LAST_ZONE) if local else last)
