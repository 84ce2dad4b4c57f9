"""Local time and quiet time of one recipient: pure rules.

Quiet time holds a message back only where both are known: the endpoint's time zone, and a local time between
`Start` and `End`, ends included. Without a usable zone the message is sent. Source: spec of campaigns, 4.3.
"""

from __future__ import annotations

import re
from datetime import datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from clarion.core.errors import Invalid
from clarion.shapes.pinpoint import QuietTime


def check_quiet_time(field: str, quiet: QuietTime | None) -> None:
    """Raise Invalid unless both ends are `HH:MM`; without either there is no quiet time."""
    if quiet is None or not (quiet.start or quiet.end):
        return
    for member, text in (("Start", quiet.start), ("End", quiet.end)):
        if not text:
            raise Invalid(f"{field}.{member}: is required")
        try:
            clock_time(text)
        except ValueError:
            raise Invalid(f"{field}.{member}: {text} is not a time as HH:MM") from None


@lru_cache(maxsize=4096)
def clock_time(text: str) -> time:
    """`HH:MM` as a time of day; ValueError otherwise."""
    if not re.fullmatch(r"\d{1,2}:\d{2}", text):
        raise ValueError(text)
    hours, minutes = text.split(":")
    return time(int(hours), int(minutes))


@lru_cache(maxsize=2048)
def zone_of(name: str | None) -> ZoneInfo | None:
    """The time zone of an endpoint, or None when its `Demographic.Timezone` is absent or unknown."""
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def is_quiet(quiet: QuietTime | None, moment: datetime, zone: ZoneInfo | None) -> bool:
    """Whether `moment` falls into the quiet time of somebody in `zone`."""
    if quiet is None or zone is None or not quiet.start or not quiet.end:
        return False
    start, end = clock_time(quiet.start), clock_time(quiet.end)
    local = moment.astimezone(zone).time().replace(second=0, microsecond=0)
    return start <= local <= end if start <= end else local >= start or local <= end
