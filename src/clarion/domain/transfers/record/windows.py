"""Cutting a range of the record into pieces: spans of arrival time that hold about so many events each.

The events of a span do not change once its time is over, but for what is erased: so a piece can be written again after
a crash and is the same, and no piece has to be sorted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from clarion.core.clock import HOUR_MS
from clarion.store.columnar import Columnar

STEPS_MS = (HOUR_MS, 60_000, 1_000)
"""Spans that are counted; what holds too much is counted in the next finer ones."""


class Window(NamedTuple):
    """A span of arrival, the end not included (Unix ms), and how many events it had when it was counted."""

    from_ms: int
    until_ms: int
    events: int


class Which(NamedTuple):
    """Events of a project, of some types if any are named; without those that only say what is planned."""

    app_id: str
    event_types: list[str]

    def condition(self, from_ms: int, until_ms: int) -> tuple[str, Mapping[str, object]]:
        """For a WHERE over `events`, with its parameters."""
        tests = [
            "app_id = {app:String}",
            "event_type != '_clarion.planned'",
            "arrival >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')",
            "arrival < fromUnixTimestamp64Milli({until:Int64}, 'UTC')",
        ]
        given: dict[str, object] = {"app": self.app_id, "from": from_ms, "until": until_ms}
        if self.event_types:
            tests.append("event_type IN {types:Array(String)}")
            given["types"] = self.event_types
        return " AND ".join(tests), given


def windows(columnar: Columnar, which: Which, from_ms: int, until_ms: int, most: int) -> list[Window]:
    """Windows in their order, together all events of the range; each of at most about `most`."""
    return _cut(columnar, which, from_ms, until_ms, most, STEPS_MS)


def _cut(
    columnar: Columnar, which: Which, from_ms: int, until_ms: int, most: int, steps: tuple[int, ...]
) -> list[Window]:
    step, finer = steps[0], steps[1:]
    found: list[Window] = []
    for span in _counted(columnar, which, from_ms, until_ms, step):
        if span.events > most and finer:
            found += _cut(columnar, which, span.from_ms, span.until_ms, most, finer)
        else:
            found.append(span)
    return list(_joined(found, most))


def _counted(columnar: Columnar, which: Which, from_ms: int, until_ms: int, step: int) -> Iterable[Window]:
    condition, given = which.condition(from_ms, until_ms)
    rows = columnar.query(
        "SELECT intDiv(toUnixTimestamp64Milli(arrival), {step:Int64}) AS span, count() FROM events"  # noqa: S608 - see Which
        f" WHERE {condition} GROUP BY span ORDER BY span",
        {**given, "step": step},
    )
    for span, count in rows:
        begin = int(str(span)) * step
        yield Window(max(begin, from_ms), min(begin + step, until_ms), int(str(count)))


def _joined(spans: Iterable[Window], most: int) -> Iterable[Window]:
    """Neighbours together, as long as they are few."""
    current: Window | None = None
    for span in spans:
        if current is not None and current.events + span.events <= most:
            current = Window(current.from_ms, span.until_ms, current.events + span.events)
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current
