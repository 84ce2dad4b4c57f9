"""Time, as something that is passed in.

A server runs on `SystemClock`; tests and `clarion serve --clock virtual` run on `VirtualClock`, whose time
moves only when it is told to. Signature skew is always judged by a `SystemClock`.
"""

from __future__ import annotations

import re
import threading
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Protocol


class Clock(Protocol):
    """What everything else knows of time: aware UTC datetimes and Unix milliseconds."""

    def now(self) -> datetime: ...

    def now_ms(self) -> int: ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def now_ms(self) -> int:
        return time.time_ns() // 1_000_000


class VirtualClock:
    """A clock that stands still until `move_to`; it never runs backwards."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = (start or datetime.now(UTC)).astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def now_ms(self) -> int:
        return to_ms(self.now())

    def move_to(self, moment: datetime) -> datetime:
        """Move to `moment`, or stay where the clock is when that is later; answers the new time."""
        with self._lock:
            self._now = max(self._now, moment.astimezone(UTC))
            return self._now


HOUR_MS: Final = 3_600_000
DAY_MS: Final = 24 * HOUR_MS

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def to_ms(moment: datetime) -> int:
    """Unix milliseconds of an aware datetime, exact (no float in between)."""
    return (moment - _EPOCH) // _MILLISECOND


def from_ms(ms: int) -> datetime:
    """The aware UTC datetime of Unix milliseconds."""
    return _EPOCH + timedelta(milliseconds=ms)


def iso(moment: datetime) -> str:
    """The form of every date in an answer: ISO 8601 UTC with milliseconds and `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")[:23] + "Z"


@lru_cache(maxsize=16_384)
def iso_ms(ms: int) -> str:
    """`iso` of Unix milliseconds."""
    return iso(from_ms(ms))


def parse_iso(text: str) -> datetime:
    """An aware UTC datetime from ISO 8601 text; without offset it is read as UTC, a bare date as midnight.

    Raises ValueError for anything else.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def perf_seconds() -> float:
    """A monotonic reading in seconds, for measuring how long something took."""
    return time.perf_counter()


_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration in weeks, days, hours, minutes and seconds (`PT3H`, `P1DT12H`).

    Raises ValueError for anything else; months and years have no fixed length.
    """
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise ValueError(text)
    weeks, days, hours, minutes, seconds = (float(part) if part else 0.0 for part in match.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
