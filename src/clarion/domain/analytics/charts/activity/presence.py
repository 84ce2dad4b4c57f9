"""Who was there on which days: a row a person, with the days of a range as bits of one number.

    days whole in the range, in a zone of whole hours ─→ `activity`, a few bytes a person
    other days: cut off by the range, of 23 or 25 hours, of zones with half hours ─→ the record
    both, of the audience that is meant, by endpoint or user ─→ OR

So a range is exact to the millisecond, and all but a day or two of it are read from the small table. `counted` turns
the rows into figures by day. A number has 64 bits: longer ranges are asked for piece by piece (`pieces`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from clarion.core.clock import to_ms
from clarion.domain.analytics.charts.activity.kept import PERIOD, TABLE, bits
from clarion.domain.analytics.charts.model import Ask, People
from clarion.domain.analytics.ranges import zone_of

BITS = 64

_EPOCH = date(1970, 1, 1)
_DAY = timedelta(days=1)
_DAY_MS = 86_400_000
_HOUR_MS = 3_600_000

_WHO = {"Endpoint": "endpoint", "User": "user"}
_MEANT = "endpoint IN (SELECT key_hash FROM endpoints FINAL WHERE app_id = {app:String} AND %s)"


class Days(NamedTuple):
    """Days of a zone, the first and the last included."""

    first: date
    last: date

    def __len__(self) -> int:
        return (self.last - self.first).days + 1


class _Stretch(NamedTuple):
    """Consecutive days from the table, in a zone so many hours ahead of UTC."""

    first: date
    last: date
    hours: int


def days_of(ask: Ask) -> Days:
    """The days that the range touches."""
    zone = zone_of(ask.zone)
    since, until = (datetime.fromtimestamp(ms / 1000, zone).date() for ms in (ask.since_ms, ask.until_ms))
    return Days(since, until)


def pieces(days: Days, most: int) -> Iterator[Days]:
    """The days in turns of at most so many."""
    first = days.first
    while first <= days.last:
        last = min(days.last, first + (most - 1) * _DAY)
        yield Days(first, last)
        first = last + _DAY


def presence(
    ask: Ask, people: People, days: Days, *, earlier: bool = False, created: bool = False, older: int | None = None
) -> str:
    """A subquery with a row for each person who was there: `who` UInt64, and `days` UInt64, whose bit 0 is the first
    of the days. With `earlier` that is bit 1, and bit 0 tells of any time before. Only what lies in the range of `ask`
    counts, but earlier. With `created` endpoints count as there when they were created, with `older`, a moment in Unix
    ms before the days, only those that were before it."""
    source = _Source(ask, days, earlier)
    branches = [*source.kept(), *source.recorded(), *(source.created() if created else [])]
    branches += [] if older is None else [source.older(older)]
    tests = [
        *(["user != 0"] if people == "User" else []),
        *([] if ask.audience is None else [_MEANT % ask.audience.sql]),
    ]
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    return (
        f"(SELECT {_WHO[people]} AS who, groupBitOr(seen) AS days FROM ({' UNION ALL '.join(branches)})"
        f"{where} GROUP BY who HAVING days != 0)"
    )


def within(days: str, window: int) -> str:
    """Bits of the days that have one of `days`, a column, among the `window` days up to and including themselves."""
    reach, found = 1, days
    while reach < window:
        step = min(reach, window - reach)
        found = f"bitOr({found} AS {days}_{reach}, bitShiftLeft({days}_{reach}, {step}))"
        reach += step
    return found


def counted(selected: str, columns: Sequence[str], days: Days, skipped: int) -> str:
    """A subquery with a row for each of the days on which somebody was there: `date`, and `n0`, `n1` … how many people
    have its bit in the columns of `selected`. The bit of the first day comes after `skipped` others."""
    size = (skipped + len(days) + 7) // 8
    # Counting bytes and then their bits takes a fraction of counting bits.
    slots = ", ".join(
        f"arrayMap(byte -> toUInt16(({number * size} + byte) * 256 + bitAnd(bitShiftRight({column}, byte * 8), 255)),"
        f" range({size}))"
        for number, column in enumerate(columns)
    )
    place = f"toInt32(intDiv(slot, 256) % {size} * 8) + bit - {skipped}"
    values = ", ".join(
        f"sumIf(times, intDiv(slot, {256 * size}) = {number}) AS n{number}" for number in range(len(columns))
    )
    return (
        f"(SELECT toString(toDate({_number(days.first)} + place)) AS date, {values} FROM ("
        f"SELECT {place} AS place, slot, times FROM (SELECT arrayJoin(arrayConcat({slots})) AS slot, count() AS times"
        f" FROM {selected} GROUP BY slot) ARRAY JOIN bitPositionsToArray(toUInt8(slot % 256)) AS bit)"
        f" WHERE place BETWEEN 0 AND {len(days) - 1} GROUP BY place)"
    )


def people_by_day(ask: Ask, people: People, days: Days) -> str:
    """A subquery with `date` and `n0`, how many were active then."""
    return counted(presence(ask, people, days), ["days"], days, 0)


class _Source:
    """Where days are read from; every branch is a SELECT of `endpoint`, `user` and `seen`, a number of bits."""

    def __init__(self, ask: Ask, days: Days, earlier: bool) -> None:
        self._ask = ask
        self._days = days
        self._earlier = earlier
        self._zone = zone_of(ask.zone)
        self._least = (_number(days.first) - 2) // PERIOD
        """The first period that is read day by day; of those before, that there was something is all that counts."""
        self._stretches: list[_Stretch] = []
        self._odd: list[tuple[int, int]] = []
        self._sort()

    def kept(self) -> Iterator[str]:
        """From the table."""
        if self._earlier:
            yield self._rows("toUInt64(1)", f"period < {self._least}")
        for stretch in self._stretches:
            # A zone that is behind has the column of the day after.
            ahead, late = (stretch.hours, 0) if stretch.hours >= 0 else (stretch.hours + 24, 1)
            first, last = _number(stretch.first) + late, _number(stretch.last) + late
            for period in range((first - 1) // PERIOD, last // PERIOD + 1):
                low, high = max(first, period * PERIOD), min(last, period * PERIOD + PERIOD)
                if low <= high:
                    found = f"bitShiftRight({bits(ahead)}, {low - period * PERIOD})"
                    seen = f"toUInt64(bitAnd({found}, {(1 << high - low + 1) - 1}))"
                    yield self._rows(self._placed(seen, low - late), f"period = {period}")

    def recorded(self) -> Iterator[str]:
        """From the record."""
        if not self._odd:
            return
        day = "toDate(ts, {zone:String})"
        seen = f"bitShiftLeft(toUInt64(1), {self._bit(day)})"
        if self._earlier:
            seen = f"if(ts < {moment(self._since())}, toUInt64(1), {seen})"
        tests = " OR ".join(f"(ts >= {moment(since)} AND ts < {moment(before)})" for since, before in self._odd)
        yield (
            "SELECT endpoint_hash AS endpoint, if(user_id = '', 0, sipHash64(user_id)) AS user,"
            f" {seen} AS seen FROM events WHERE app_id = {{app:String}} AND NOT system AND ({tests})"
        )

    def created(self) -> Iterator[str]:
        """Endpoints, on the day when they were created."""
        seen = f"bitShiftLeft(toUInt64(1), {self._bit('toDate(created, {zone:String})')})"
        since, until = moment(self._since()), moment(self._until())
        yield (
            "SELECT key_hash AS endpoint, if(user_id = '', 0, sipHash64(user_id)) AS user,"
            f" if(created < {since}, toUInt64(1), {seen}) AS seen FROM endpoints FINAL"
            f" WHERE app_id = {{app:String}} AND created < {until}"
        )

    def older(self, before: int) -> str:
        """Endpoints created before a moment that is before the days: there, at any time before."""
        return (
            "SELECT key_hash AS endpoint, if(user_id = '', 0, sipHash64(user_id)) AS user, toUInt64(1) AS seen"
            f" FROM endpoints FINAL WHERE app_id = {{app:String}} AND created < {moment(before)}"
        )

    def _sort(self) -> None:
        """Sort the days into those of the table and the others."""
        first = self._days.first
        if self._earlier:
            first = max(_EPOCH, _EPOCH + (self._least * PERIOD - 1) * _DAY)
        day = first
        while day <= self._days.last:
            begins, ends = self._begin(day), self._begin(day + _DAY)
            hours, rest = divmod(_number(day) * _DAY_MS - begins, _HOUR_MS)
            before = day < self._days.first
            cut = not before and (begins < self._since() or ends > self._until())
            if cut or rest or ends - begins != _DAY_MS:
                self._add_odd(begins if self._earlier else max(begins, self._since()), min(ends, self._until()))
            else:
                self._add_whole(day, hours)
            day += _DAY

    def _add_whole(self, day: date, hours: int) -> None:
        last = self._stretches[-1] if self._stretches else None
        # What comes before the days has a bit of its own, so a stretch ends there.
        if last is not None and last.hours == hours and last.last + _DAY == day and day != self._days.first:
            self._stretches[-1] = last._replace(last=day)
        else:
            self._stretches.append(_Stretch(day, day, hours))

    def _add_odd(self, since: int, before: int) -> None:
        if since >= before:
            return
        if self._odd and self._odd[-1][1] == since:
            self._odd[-1] = (self._odd[-1][0], before)
        else:
            self._odd.append((since, before))

    def _since(self) -> int:
        """When the days begin that count, in Unix ms."""
        return max(self._ask.since_ms, self._begin(self._days.first))

    def _until(self) -> int:
        """When they end."""
        return min(self._ask.until_ms + 1, self._begin(self._days.last + _DAY))

    def _begin(self, day: date) -> int:
        return to_ms(datetime.combine(day, time(), self._zone).astimezone(UTC))

    def _placed(self, seen: str, number: int) -> str:
        place = number - _number(self._days.first)
        if place < 0:
            return f"toUInt64({seen} != 0)"
        return f"bitShiftLeft({seen}, {place + self._earlier})"

    def _bit(self, day: str) -> str:
        return f"toUInt8(toInt32({day}) - {_number(self._days.first) - self._earlier})"

    def _rows(self, seen: str, where: str) -> str:
        return f"SELECT endpoint, user, {seen} AS seen FROM {TABLE} WHERE app_id = {{app:String}} AND {where}"


def _number(day: date) -> int:
    return (day - _EPOCH).days


def meant_number(ask: Ask) -> str:
    """` AND …`: of the audience that is meant, by `endpoint`, a number."""
    return "" if ask.audience is None else f" AND {_MEANT % ask.audience.sql}"


def moment(ms: int) -> str:
    """A moment, of Unix ms, as a statement has it."""
    return f"fromUnixTimestamp64Milli({ms}, 'UTC')"
