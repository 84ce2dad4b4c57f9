"""Time zones by name: tz database ids, UTC and GMT with an offset."""

from __future__ import annotations

import functools
import re
import zoneinfo
from datetime import UTC, timedelta, timezone, tzinfo

from clarion.domain.templates.handlebars.errors import Problem

_OFFSET = re.compile(r"(?:GMT|UTC|UT)?([+-])([0-9]{1,2}):?([0-9]{2})?")
_NAME = re.compile(r"[A-Za-z0-9_+-]{1,30}(?:/[A-Za-z0-9_+-]{1,30}){0,3}")


@functools.lru_cache(maxsize=1024)
def zone(name: str) -> tzinfo:
    """The zone of `America/Los_Angeles`, `UTC`, `GMT+2`, `+05:30`. Raises Problem when there is none."""
    if name in ("UTC", "GMT", "UT", "Z"):
        return UTC
    if match := _OFFSET.fullmatch(name):
        return offset(match[1], match[2], match[3])
    if not _NAME.fullmatch(name):
        raise Problem(f"there is no time zone {name[:40]!r}")
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise Problem(f"there is no time zone {name[:40]!r}") from error


def offset(sign: str, hours: str, minutes: str | None) -> tzinfo:
    """The zone of a fixed offset. Raises Problem from 24 hours on."""
    distance = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if distance >= timedelta(days=1):
        raise Problem(f"there is no time zone {sign}{hours}:{minutes or '00'}")
    return timezone(-distance if sign == "-" else distance)
