"""Calendars read off the wall: a walk through time, a quarter of an hour a step, that notes what clocks show.

It knows nothing of schedules as the product computes them. From `zoneinfo` it takes one thing, what a clock in a zone
shows at a moment; never the way back, from what a clock shows to the moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

STEP = 900
"""Seconds. Every clock change of the zones and years walked here is on a quarter of an hour, which is checked."""

_STEP = timedelta(seconds=STEP)
_EPOCH = datetime(1970, 1, 1)


class Shown(NamedTuple):
    """What a clock shows."""

    year: int
    month: int
    day: int
    weekday: int
    hour: int
    minute: int


def quarters(moment: datetime) -> int:
    """A moment, or without a zone what a clock shows, in quarters of an hour."""
    plain = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    seconds = int((plain - _EPOCH).total_seconds())
    assert seconds % STEP == 0, moment
    return seconds // STEP


def shown(quarter: int) -> Shown:
    """The face of a clock."""
    face = _EPOCH + timedelta(seconds=quarter * STEP)
    return Shown(face.year, face.month, face.day, face.weekday(), face.hour, face.minute)


class Wall:
    """The clock on a wall in `zone` from `first` to `last`, which are moments in quarters.

    `offsets` is what it is ahead of UTC at each; `first_at` the first moment at which it shows something, and for what
    a change skips, the moment at which a clock shows it that nobody put forward.
    """

    def __init__(self, zone: str, first: int, last: int) -> None:
        self.first = first
        self.offsets: list[int] = []
        self.first_at: dict[int, int] = {}
        self.changes: list[int] = []
        where, before = ZoneInfo(zone), None
        for moment in range(first, last + 1):
            ahead = datetime.fromtimestamp(moment * STEP, where).utcoffset()
            assert ahead is not None
            offset, rest = divmod(ahead, _STEP)
            assert not rest, (zone, moment)
            if before is not None and offset != before:
                self._changed(where, moment, before, offset)
            self.offsets.append(offset)
            if moment + offset not in self.first_at:
                self.first_at[moment + offset] = moment
            before = offset

    def _changed(self, where: ZoneInfo, moment: int, before: int, offset: int) -> None:
        just_before = datetime.fromtimestamp(moment * STEP - 1, UTC).astimezone(where).utcoffset()
        assert just_before == timedelta(seconds=before * STEP), "the change is within a step"
        self.changes.append(moment)
        for skipped in range(moment + before, moment + offset):
            self.first_at[skipped] = skipped - before

    def shows(self, moment: int) -> int:
        """What the clock shows at a moment, in quarters."""
        return moment + self.offsets[moment - self.first]


def recurring(start: int, ahead: int, frequency: str, last: int) -> Iterator[int]:
    """Moments of the runs of a schedule, found by looking at a clock so many quarters ahead of UTC at every step."""
    begun = shown(start + ahead)
    for moment in range(start, last + 1):
        now = shown(moment + ahead)
        if now.minute != begun.minute or (frequency != "HOURLY" and now.hour != begun.hour):
            continue
        if frequency == "WEEKLY" and now.weekday != begun.weekday:
            continue
        if frequency == "MONTHLY" and now.day != begun.day:
            tomorrow = shown(moment + ahead + 96)
            if now.day > begun.day or tomorrow.month == now.month:
                continue
        yield moment


def quiet_minutes(start: str, end: str) -> frozenset[str]:
    """Every minute of the day from one to the other, as `HH:MM`: a hand goes round until it is there."""
    hour, minute = (int(part) for part in start.split(":"))
    found = [start]
    while found[-1] != end:
        minute += 1
        if minute == 60:
            hour, minute = (hour + 1) % 24, 0
        found.append(f"{hour:02d}:{minute:02d}")
    return frozenset(found)


def face(quarter: int) -> str:
    """What a clock shows, as `HH:MM`."""
    now = shown(quarter)
    return f"{now.hour:02d}:{now.minute:02d}"


def turns(walls: dict[str, Wall], shows: int, at: int) -> Sequence[tuple[int, str]]:
    """For a run at `at` whose own clock shows `shows`: when the others show it, but those that did before."""
    found = [(wall.first_at[shows], zone) for zone, wall in walls.items()]
    return sorted((turn, zone) for turn, zone in found if turn >= at)
