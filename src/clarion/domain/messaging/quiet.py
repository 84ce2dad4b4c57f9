"""Local time and quiet time of one recipient: pure rules.

Quiet time holds a message back only where both are known: the endpoint's time zone, and a local time between
`Start` and `End`, ends included. Without a usable zone the message is sent. Source: spec of campaigns, 4.3.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from clarion.shapes.pinpoint import QuietTime

_OFFSET = re.compile(r"UTC(?:([+-])(\d{2})(?::(\d{2}))?)?", re.IGNORECASE | re.ASCII)


@lru_cache(maxsize=2048)
def zone_of(name: str | None) -> ZoneInfo | None:
    """The time zone of an endpoint, or None when its `Demographic.Timezone` is absent or unknown."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def fixed_zone(name: str) -> timezone | None:
    """The zone of a schedule's offset, as `UTC+05:30`; None for what is none."""
    match = _OFFSET.fullmatch(name)
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    if sign is None:
        return UTC
    offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-offset if sign == "-" else offset) if offset < timedelta(days=1) else None


def local_start(at: datetime, base: timezone, zone: ZoneInfo) -> datetime:
    """The instant at which the wall clock in `zone` shows what it shows in `base` at `at`.

    A wall time that a clock change skips is taken at the offset from before it, one that happens twice at its
    first occurrence (both as `zoneinfo` resolves fold 0).
    """
    wall = at.astimezone(base).replace(tzinfo=None)
    return wall.replace(tzinfo=zone).astimezone(UTC)


def is_quiet(quiet: QuietTime | None, moment: datetime, zone: ZoneInfo | None) -> bool:
    """Whether `moment` falls into the quiet time (checked before, by `apps.model`) of somebody in `zone`."""
    if quiet is None or zone is None or not quiet.start or not quiet.end:
        return False
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    local = moment.astimezone(zone).time().replace(second=0, microsecond=0)
    return start <= local <= end if start <= end else local >= start or local <= end
