"""Text as a moment, by a SimpleDateFormat pattern; what follows the pattern's end is ignored, as Java does."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo

from clarion.domain.templates.handlebars.dates.pattern import DAYS, MONTHS, Field, fields
from clarion.domain.templates.handlebars.dates.zones import zone
from clarion.domain.templates.handlebars.errors import Problem

_DIGITS = re.compile(r"[0-9]{1,9}")
_ZONE = re.compile(r"(?:GMT|UTC|UT)?[+-][0-9]{1,2}:?[0-9]{2}|[A-Za-z]{1,30}(?:/[A-Za-z_+-]{1,30}){0,2}")
_NUMBERS = frozenset("yYMLwWDdFuHkKhmsS")
_TIMES = frozenset("HkKhmsSa")
_ZONES = frozenset("zZX")
_US_ZONES = {
    "EST": "-5", "EDT": "-4", "CST": "-6", "CDT": "-5", "MST": "-7", "MDT": "-6", "PST": "-8", "PDT": "-7",
}  # fmt: skip


def read(text: str, pattern: str, now: datetime) -> tuple[datetime, bool]:
    """The moment, naive unless the text tells its zone, and whether the pattern has a time of day or zone.

    `now` settles the century of two-digit years: from 80 years before to 20 after it. Raises Problem.
    """
    parsed = fields(pattern)
    reader = _Reader(text, pattern, now)
    for index, field in enumerate(parsed):
        reader.take(field, parsed[index + 1] if index + 1 < len(parsed) else None)
    timed = any(field.letter in _TIMES or field.letter in _ZONES for field in parsed if field.letter)
    return reader.moment(), timed


class _Reader:
    """What was read so far, by pattern letter."""

    def __init__(self, text: str, pattern: str, now: datetime) -> None:
        self._text = text
        self._pattern = pattern
        self._now = now
        self._position = 0
        self._found: dict[str, int] = {}
        self._zone: tzinfo | None = None

    def _mismatch(self) -> Problem:
        return Problem(f"the date {self._text[:40]!r} does not have the format {self._pattern!r}")

    def take(self, field: Field, following: Field | None) -> None:
        """Read one field of the pattern."""
        letter, count, literal = field
        if not letter:
            if not self._text.startswith(literal, self._position):
                raise self._mismatch()
            self._position += len(literal)
            return
        while self._text[self._position : self._position + 1] == " ":
            self._position += 1
        if letter in "ML" and count >= 3:
            self._found["M"] = self._name(MONTHS) + 1
        elif letter == "E":
            self._name(DAYS)
        elif letter == "a":
            self._found["a"] = self._name(["AM", "PM"])
        elif letter == "G":
            self._name(["AD"])
        elif letter in _ZONES:
            self._take_zone()
        else:
            adjacent = following is not None and following.letter in _NUMBERS and following.letter != ""
            self._take_number("M" if letter == "L" else letter, count, adjacent)

    def _name(self, names: list[str]) -> int:
        rest = self._text[self._position : self._position + 10].lower()
        for index, name in enumerate(names):
            for form in (name.lower(), name[:3].lower()):
                if rest.startswith(form):
                    self._position += len(form)
                    return index
        raise self._mismatch()

    def _take_number(self, letter: str, count: int, adjacent: bool) -> None:
        end = self._position + count if adjacent else len(self._text)
        match = _DIGITS.match(self._text, self._position, end)
        if match is None:
            raise self._mismatch()
        self._position = match.end()
        value = int(match[0])
        if letter in "yY":
            letter, value = "y", self._full_year(value) if count <= 2 and len(match[0]) == 2 else value
        self._found[letter] = value

    def _full_year(self, short: int) -> int:
        oldest = self._now.year - 80
        return oldest + (short - oldest) % 100

    def _take_zone(self) -> None:
        match = _ZONE.match(self._text, self._position)
        if match is None:
            raise self._mismatch()
        self._position = match.end()
        offset = _US_ZONES.get(match[0])
        self._zone = zone(f"GMT{offset}" if offset else match[0])

    def moment(self) -> datetime:
        """The fields put together; what the pattern lacks is the beginning of 1970. Raises Problem."""
        found = self._found
        hour = found.get("H", found.get("k", 24) % 24)
        if "h" in found or "K" in found:
            hour = found.get("K", found.get("h", 12) % 12) + 12 * found.get("a", 0)
        try:
            day = date(found.get("y", 1970), found.get("M", 1), found.get("d", 1))
            if "D" in found and "M" not in found:
                day = date(day.year, 1, 1) + timedelta(days=found["D"] - 1)
            minute, second, milli = found.get("m", 0), found.get("s", 0), found.get("S", 0)
            return datetime(day.year, day.month, day.day, hour, minute, second, milli * 1000, self._zone)
        except (ValueError, OverflowError) as error:
            raise Problem(f"there is no date {self._text[:40]!r}") from error
