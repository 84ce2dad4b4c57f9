"""ISO 8601 durations and instants as journeys write them; pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from clarion.core.clock import to_ms

_DURATION = re.compile(
    r"^P(?=\d|T\d)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$", re.ASCII
)
MONTH_DAYS, YEAR_DAYS = 30, 365


def parse_duration(text: str | None) -> tuple[int, timedelta] | None:
    """A duration as months and the rest; None for what is none (`P1Y2M` is 14 months)."""
    match = _DURATION.match(text or "")
    if match is None or len(text or "") > 60:
        return None
    years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    try:
        rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None
    return years * 12 + months, rest


def duration_ms(text: str | None) -> int | None:
    """A duration's length in milliseconds, with months of 30 and years of 365 days; None for what is none."""
    parsed = parse_duration(text)
    if parsed is None:
        return None
    months, rest = parsed
    days = months // 12 * YEAR_DAYS + months % 12 * MONTH_DAYS
    return days * 86_400_000 + int(rest.total_seconds() * 1000)


def instant_ms(text: str | datetime | None) -> int | None:
    """Unix milliseconds of an ISO 8601 time (UTC where it has no offset); None for what is none."""
    if not text:
        return None
    try:
        moment = text if isinstance(text, datetime) else datetime.fromisoformat(text)
        return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
