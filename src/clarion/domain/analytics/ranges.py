"""Ranges of dates as they are asked for: one or both ends, in the days of a time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

from clarion.core.errors import Invalid

_SECOND = timedelta(seconds=1)


class Range(NamedTuple):
    """From one moment to another, both included, in whole seconds of UTC."""

    start: datetime
    end: datetime

    def days(self, zone: tzinfo) -> tuple[date, date]:
        """The first and the last day of it in a time zone."""
        return self.start.astimezone(zone).date(), self.end.astimezone(zone).date()


def range_of(
    start: datetime | None, end: datetime | None, now: datetime, *, most: int, back: int, zone: tzinfo = UTC
) -> Range:
    """The range that is meant: at most `most` calendar days of the zone, beginning less than `back` days ago.

    A missing end is a full range's, or now; a missing start is that of a full range up to the end, or to now if that is
    earlier. Raises Invalid.
    """
    now = now.astimezone(zone).replace(microsecond=0)
    start, end = (None if one is None else _in(zone, one) for one in (start, end))
    if start is None:
        last = now if end is None else min(end, now)
        start = datetime.combine(last.date() - timedelta(days=most - 1), time(), zone)
    if end is None:
        after = datetime.combine(start.date() + timedelta(days=most), time(), zone)
        # In between a zone may have changed its clocks: subtract in UTC.
        end = min(now, (after.astimezone(UTC) - _SECOND).astimezone(zone))
    if start > now:
        raise Invalid("StartTime: lies in the future")
    if start > end:
        raise Invalid("StartTime: must not be after EndTime")
    if (end.date() - start.date()).days >= most:
        raise Invalid(f"EndTime: a range has at most {most} calendar days")
    if (now.date() - start.date()).days >= back:
        raise Invalid(f"StartTime: must be less than {back} days ago")
    return Range(start.astimezone(UTC), end.astimezone(UTC))


def _in(zone: tzinfo, moment: datetime) -> datetime:
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(zone).replace(microsecond=0)
    except OverflowError:
        raise Invalid(f"{moment.isoformat()} is out of range") from None


def zone_of(name: str) -> tzinfo:
    """The time zone of an IANA name; raises Invalid."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Invalid(f"TimeZone: {name} is no time zone") from None
