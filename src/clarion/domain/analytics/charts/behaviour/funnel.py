"""Funnels: how many people did a first thing, then a second, and so on, and where the others were lost.

Somebody reaches a step when they did all steps up to it, one after the other, each with an event of its own, within the
window from the first. Events of the same moment count in the order of the steps.

One pass over each person's events in their order, without joins. `v` of a step holds for every event the moment at
which the latest chain of steps that ends with it began (0: none does), `f` the same carried on to the events after it.
A later beginning leaves more of the window, so the latest chain reaches whatever any reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clarion.core.errors import Invalid
from clarion.domain.analytics.charts.behaviour.steps import Condition, Step, condition, in_order, steps_of
from clarion.domain.analytics.charts.model import Ask, Chart, Query
from clarion.domain.analytics.charts.sources import query, reported

FEWEST, MOST = 2, 10

_MASK_BITS, _LOW_BITS = MOST, 4
_SHIFT = _MASK_BITS + _LOW_BITS

_MS = "toUnixTimestamp64Milli(ts)"


def _funnel(ask: Ask) -> Query:
    steps = steps_of(ask)
    _check(steps)
    names = list(ask.steps or ask.event_types)
    whole = ask.until_ms - ask.since_ms
    window = whole if ask.window_ms is None else min(whole, ask.window_ms)
    tests = [condition(step, f"s{number}_") for number, step in enumerate(steps, 1)]
    more: dict[str, Any] = {}
    for test in tests:
        more |= test.parameters
    numbers = range(1, len(steps) + 1)
    counts = ", ".join("count()" if number == 1 else f"countIf(i{number} > 0)" for number in numbers)
    medians = ", ".join(
        "nan" if number == 1 else f"quantileExactInclusiveIf(0.5)(d{number}, i{number} > 0) / 1000"
        for number in numbers
    )
    sql = (
        "SELECT toString(step), {names:Array(String)}[step], toFloat64(n[step]), n[step] / n[1],"  # noqa: S608 - ours
        " if(step > 1 AND n[step - 1] > 0, n[step] / n[step - 1], NULL),"
        " if(step > 1, toFloat64(n[step - 1] - n[step]), NULL), if(step > 1, medians[step], NULL)"
        f" FROM (SELECT [{counts}] AS n, [{medians}] AS medians FROM ({_people(ask, steps, tests, window)}))"
        " ARRAY JOIN arrayEnumerate(n) AS step WHERE n[1] > 0 ORDER BY step"
    )
    return query(ask, sql, names=names, window=window, **more)


def _check(steps: Sequence[Step]) -> None:
    if not FEWEST <= len(steps) <= MOST:
        raise Invalid(f"Step: a funnel has {FEWEST} to {MOST} steps, not {len(steps)}")
    for number, step in enumerate(steps):
        if step in steps[:number]:
            raise Invalid(f"Step: step {number + 1} is the same as step {steps.index(step) + 1}")


def _people(ask: Ask, steps: Sequence[Step], tests: Sequence[Condition], window: int) -> str:
    """A row a person who did the first step: `i2` … the place of the first event with which they reached a step
    (0: never), `d2` … how many ms it came after the latest event of the step before."""
    levels = ", ".join(_level(number, len(steps)) for number in range(1, len(steps) + 1))
    columns = ", ".join(f"i{number}, d{number}" for number in range(2, len(steps) + 1))
    events = _events(ask, steps, tests, window)
    return (
        f"SELECT {columns} FROM"  # noqa: S608 - numbers and constants of this file
        f" (SELECT e, arrayMap(x -> bitShiftRight(x, {_SHIFT}), e) AS t, {levels} FROM {events})"
    )


def _events(ask: Ask, steps: Sequence[Step], tests: Sequence[Condition], window: int) -> str:
    """A row a person who did the first step: `e`, their events in order, if they may have got further. One is a
    number: ms since the range began (from 1), the first of the steps that it is, a bit for each that it is."""
    types = ", ".join(f"{{s{number}_:String}}" for number in range(1, len(tests) + 1))
    moment = f"bitShiftLeft(toUInt64({_MS} - {{since:Int64}} + 1), {_SHIFT})"
    apart = len({step.type for step in steps}) == len(steps)
    found = f"{reported(ask)} AND event_type IN ({types})"
    if any(step.attributes or step.metrics for step in steps):
        found += f" AND ({' OR '.join(test.sql for test in tests)})"
    # One event may be several steps where types are not apart: recorded twice, it would be two of them.
    code = f"{moment} + {_one(tests) if apart else _several(tests)}"
    # Most people get no further than the first step, and this tells it quickly. (One ms more covers the lower bits.)
    level = f"windowFunnel({window + 1 << _SHIFT})({code}, {tests[0].sql}, {tests[1].sql})"
    return in_order(ask, code, found, once=not apart, level=level)


def _one(tests: Sequence[Condition]) -> str:
    """The lower bits of an event that is only one of the steps."""
    values = (f"{test.sql}, {(number << _MASK_BITS) + (1 << number)}" for number, test in enumerate(tests))
    return f"multiIf({', '.join(values)}, 0)"


def _several(tests: Sequence[Condition]) -> str:
    """Those of an event that may be several."""
    bits = " + ".join(f"bitShiftLeft(toUInt64({test.sql}), {number})" for number, test in enumerate(tests))
    low = f"multiIf({', '.join(f'bitTest(mask, {number}), {number}' for number in range(len(tests)))}, 0)"
    return f"({bits} AS mask) + bitShiftLeft(toUInt64({low}), {_MASK_BITS})"


def _level(number: int, last: int) -> str:
    """Aliases of a step: `v`, `f`, and of all but the first `i`, `d`."""
    if number == 1:
        begun = "arrayMap((x, at) -> if(bitTest(x, 0), at, 0), e, t)"
    else:
        # What held before each event, so that none comes after itself.
        before = f"arrayPopBack(arrayPushFront(f{number - 1}, 0))"
        test = f"bitTest(x, {number - 1}) AND began != 0 AND at - began <= {{window:Int64}}"
        begun = f"arrayMap((x, at, began) -> if({test}, began, 0), e, t, {before})"
    parts = [f"{begun} AS v{number}"]
    if number < last:
        parts.append(f"arrayFill(x -> x != 0, v{number}) AS f{number}")
    if number > 1:
        earlier = f"arraySlice(v{number - 1}, 1, greatest(i{number}, 1) - 1)"
        parts.append(f"arrayFirstIndex(x -> x != 0, v{number}) AS i{number}")
        parts.append(f"t[i{number}] - t[arrayLastIndex(x -> x != 0, {earlier})] AS d{number}")
    return ", ".join(parts)


CHARTS = [
    Chart(
        "funnel",
        "People that did one step after another, 2 to 10 of them, and where the others were lost.",
        ("Step", "Name"),
        ("People", "Share", "ShareOfPrevious", "Lost", "MedianSeconds"),
        _funnel,
        takes=frozenset({"Step", "EventType", "Window", "By"}),
        once=True,
    )
]
