"""A moment as text, by a SimpleDateFormat pattern."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from clarion.domain.templates.handlebars.dates.pattern import DAYS, MONTHS, fields


def write(moment: datetime, pattern: str) -> str:
    """The aware `moment`, in its own zone. Raises Problem for a pattern without meaning."""
    return "".join(
        [_WRITERS[letter](moment, min(count, 40)) if letter else text for letter, count, text in fields(pattern)]
    )


def _numeric(value: Callable[[datetime], int]) -> Callable[[datetime, int], str]:
    return lambda moment, count: str(value(moment)).zfill(count)


def _year(year: int, count: int) -> str:
    return f"{year % 100:02d}" if count == 2 else str(year).zfill(count)


def _named(names: list[str], value: int, count: int) -> str:
    return names[value] if count >= 4 else names[value][:3]


def _month(moment: datetime, count: int) -> str:
    return _named(MONTHS, moment.month - 1, count) if count >= 3 else str(moment.month).zfill(count)


def _sunday(day: date) -> date:
    return day - timedelta(days=day.isoweekday() % 7)


def _week_year(moment: datetime) -> int:
    """Weeks begin on Sunday, and the one with January 1 is the first: it belongs to its Saturday's year."""
    return (_sunday(moment.date()) + timedelta(days=6)).year


def _week(moment: datetime) -> int:
    return (_sunday(moment.date()) - _sunday(date(_week_year(moment), 1, 1))).days // 7 + 1


def _week_of_month(moment: datetime) -> int:
    return (moment.day - 1 + moment.replace(day=1).isoweekday() % 7) // 7 + 1


def _offset(moment: datetime, separator: str) -> str:
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}{separator}{abs(minutes) % 60:02d}"


def _zone(moment: datetime, count: int) -> str:
    """An abbreviation, `GMT+03:00` where the zone has none, or with four letters the zone's own id."""
    key = getattr(moment.tzinfo, "key", None)
    if count >= 4 and isinstance(key, str):
        return key
    name = moment.tzname() or "UTC"
    return name if name[0] not in "+-" and ":" not in name else "GMT" + _offset(moment, ":")


def _iso_zone(moment: datetime, count: int) -> str:
    if not moment.utcoffset():
        return "Z"
    return _offset(moment, "")[:3] if count == 1 else _offset(moment, ":" if count >= 3 else "")


_WRITERS: dict[str, Callable[[datetime, int], str]] = {
    "G": lambda moment, count: "AD",
    "y": lambda moment, count: _year(moment.year, count),
    "Y": lambda moment, count: _year(_week_year(moment), count),
    "M": _month,
    "L": _month,
    "w": _numeric(_week),
    "W": _numeric(_week_of_month),
    "D": _numeric(lambda moment: moment.timetuple().tm_yday),
    "d": _numeric(lambda moment: moment.day),
    "F": _numeric(lambda moment: (moment.day - 1) // 7 + 1),
    "E": lambda moment, count: _named(DAYS, moment.weekday(), count),
    "u": _numeric(lambda moment: moment.isoweekday()),
    "a": lambda moment, count: "AM" if moment.hour < 12 else "PM",
    "H": _numeric(lambda moment: moment.hour),
    "k": _numeric(lambda moment: moment.hour or 24),
    "K": _numeric(lambda moment: moment.hour % 12),
    "h": _numeric(lambda moment: moment.hour % 12 or 12),
    "m": _numeric(lambda moment: moment.minute),
    "s": _numeric(lambda moment: moment.second),
    "S": _numeric(lambda moment: moment.microsecond // 1000),
    "z": _zone,
    "Z": lambda moment, count: _offset(moment, ""),
    "X": _iso_zone,
}
