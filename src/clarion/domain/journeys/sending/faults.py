"""What is wrong with a journey's limits and hours: E25 and E26 of the specification. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from clarion.domain.journeys.model import Fault
from clarion.domain.journeys.schedule import SHORTEST_REFRESH
from clarion.domain.journeys.sending import opening
from clarion.domain.journeys.sending.opening import CHANNELS, DAY_MINUTES, WEEK, Range
from clarion.domain.journeys.times import parse_duration
from clarion.shapes.pinpoint import ClosedDays, JourneyLimits, JourneyTimeframeCap, OpenHours, WriteJourneyRequest

MOST_CAP, MOST_CAP_DAYS = 100, 30
MOST_RANGES, MOST_EXCEPTIONS = 4, 20

_QUIET_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def limits(wanted: WriteJourneyRequest) -> Iterator[Fault]:
    """Caps, rates and durations (E25)."""
    said = wanted.limits or JourneyLimits()
    frame = said.timeframe_cap or JourneyTimeframeCap()
    numbers = (
        ("DailyCap", said.daily_cap, MOST_CAP),
        ("EndpointReentryCap", said.endpoint_reentry_cap, MOST_CAP),
        ("TotalCap", said.total_cap, MOST_CAP),
        ("TimeframeCap.Cap", frame.cap, MOST_CAP),
        ("TimeframeCap.Days", frame.days, MOST_CAP_DAYS),
    )
    for name, number, most in numbers:
        if number is not None and not 0 <= number <= most:
            yield Fault("E25", "", f"Limits.{name} must be between 0 and {most}")
    if (said.messages_per_second or 0) < 0:
        yield Fault("E25", "", "Limits.MessagesPerSecond must not be negative")
    if (said.maximum_participants or 0) < 0:
        yield Fault("E25", "", "Limits.MaximumParticipants must not be negative")
    interval = said.endpoint_reentry_interval
    if interval and parse_duration(interval) is None:
        yield Fault("E25", "", f"Limits.EndpointReentryInterval: {interval} is not an ISO 8601 duration")
    if wanted.refresh_frequency:
        months, rest = parse_duration(wanted.refresh_frequency) or (-1, timedelta())
        if months < 0:
            yield Fault("E25", "", f"RefreshFrequency: {wanted.refresh_frequency} is not an ISO 8601 duration")
        elif not months and rest < SHORTEST_REFRESH:
            yield Fault("E25", "", "RefreshFrequency must be at least PT1M")


def hours(wanted: WriteJourneyRequest) -> Iterator[Fault]:
    """Quiet time, open hours and closed days (E26)."""
    said = wanted.quiet_time
    start, end = (said.start or "", said.end or "") if said else ("", "")
    if bool(start) != bool(end):
        yield Fault("E26", "", "QuietTime needs both Start and End")
    for name, text in (("Start", start), ("End", end)):
        if text and not _QUIET_TIME.fullmatch(text):
            yield Fault("E26", "", f"QuietTime.{name}: {text} is not a time as HH:MM")
    if wanted.sending_schedule and not (start and end):
        yield Fault("E26", "", "SendingSchedule needs a QuietTime")
    quiet = opening.quiet_range(said)
    if wanted.open_hours is not None:
        if not wanted.sending_schedule:
            yield Fault("E26", "", "OpenHours need SendingSchedule")
        yield from _open_hours(wanted.open_hours, quiet)
    if wanted.closed_days is not None:
        if not wanted.sending_schedule:
            yield Fault("E26", "", "ClosedDays need SendingSchedule")
        yield from _closed_days(wanted.closed_days)


def _open_hours(said: OpenHours, quiet: Range | None) -> Iterator[Fault]:
    for channel in CHANNELS:
        for day, rules in opening.rules_of_day(said, channel).items():
            at = f"OpenHours.{channel}.{day}"
            if day not in WEEK:
                yield Fault("E26", "", f"OpenHours.{channel}: {day} is not a day of the week, as MONDAY")
            if len(rules or ()) > MOST_RANGES:
                yield Fault("E26", "", f"{at}: at most {MOST_RANGES} ranges a day")
            for rule in rules or ():
                found = opening.open_range(rule)
                if found is None:
                    yield Fault("E26", "", f"{at}: StartTime and EndTime must be times as HH:MM")
                elif quiet is not None and _overlap(found, quiet):
                    yield Fault("E26", "", f"{at}: {found} is in the quiet time {quiet}")


def _closed_days(said: ClosedDays) -> Iterator[Fault]:
    for channel in CHANNELS:
        rules = opening.rules_closing(said, channel)
        if len(rules) > MOST_EXCEPTIONS:
            yield Fault("E26", "", f"ClosedDays.{channel}: at most {MOST_EXCEPTIONS} exceptions")
        for number, rule in enumerate(rules):
            at = f"ClosedDays.{channel}[{number}]"
            found = opening.closed(rule)
            if found is None:
                yield Fault("E26", "", f"{at}: StartDateTime and EndDateTime must be ISO 8601 times")
            elif found.start_ms >= found.end_ms:
                yield Fault("E26", "", f"{at}: StartDateTime must be before EndDateTime")


def _overlap(one: Range, other: Range) -> bool:
    """Whether they share more than ends that meet."""
    shared = sum(one.covers(minute) and other.covers(minute) for minute in range(DAY_MINUTES))
    ends = len({one.start, one.end} & {other.start, other.end})
    return shared > ends
