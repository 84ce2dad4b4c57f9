"""Helpers on dates: `dateFormat` and `now`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from clarion.core.clock import parse_iso
from clarion.domain.templates.handlebars.builtin.signature import Helper, Named, option
from clarion.domain.templates.handlebars.dates.read import read
from clarion.domain.templates.handlebars.dates.write import write
from clarion.domain.templates.handlebars.dates.zones import zone
from clarion.domain.templates.handlebars.errors import Problem
from clarion.domain.templates.handlebars.runtime.run import Run

_LONGEST_DATE = 200
_BARE_DATE = len("2020-09-19")


def _date_format(run: Run, values: Sequence[object], named: Named) -> str:
    target = zone(option(run, named, "tz", "UTC"))
    moment = _moment(run, values[0], option(run, named, "inputFormat", ""), target)
    return _written(moment, target, _format(run, values[1:], named))


def _now(run: Run, values: Sequence[object], named: Named) -> str:
    target = zone(option(run, named, "tz", "UTC"))
    return _written(run.clock.now(), target, _format(run, values, named))


def _format(run: Run, values: Sequence[object], named: Named) -> str:
    given = values[0] if values else named.get("outputFormat", named.get("format"))
    return "medium" if given is None else run.text(given)


def _written(moment: datetime, target: tzinfo, pattern: str) -> str:
    try:
        return write(moment.astimezone(target), pattern)
    except (OverflowError, ValueError) as error:
        raise Problem("the date is out of range") from error


def _moment(run: Run, value: object, pattern: str, target: tzinfo) -> datetime:
    """A date with a time of day but no zone is UTC; a date alone is that day wherever it is read."""
    if isinstance(value, list | tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    text = run.text(value).strip()
    if len(text) > _LONGEST_DATE:
        raise Problem("the date is too long")
    if pattern:
        moment, timed = read(text, pattern, run.clock.now())
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC if timed else target)
    try:
        moment = parse_iso(text)
    except (ValueError, OverflowError) as error:
        raise Problem(f"{text[:40]!r} is not an ISO 8601 date; say its inputFormat") from error
    return moment.replace(tzinfo=target) if len(text) <= _BARE_DATE else moment


MOMENTS = {
    "dateFormat": Helper(_date_format, 1, 2, words=frozenset({1})),
    "now": Helper(_now, 0, 1, words=frozenset({0})),
}
