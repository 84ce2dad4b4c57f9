"""Local time and quiet time of one recipient: pure rules.

Quiet time holds a message back only where both are known: the endpoint's time zone, and a local time between
`Start` and `End`, ends included. Without a usable zone the message is sent. Source: spec of campaigns, 4.3.
"""

from __future__ import annotations

from datetime import datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from clarion.shapes.pinpoint import QuietTime


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
    """Whether `moment` falls into the quiet time (checked before, by `apps.model`) of somebody in `zone`."""
    if quiet is None or zone is None or not quiet.start or not quiet.end:
        return False
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    local = moment.astimezone(zone).time().replace(second=0, microsecond=0)
    return start <= local <= end if start <= end else local >= start or local <= end
