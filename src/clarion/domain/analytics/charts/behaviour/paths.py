"""Paths: what people did next after they did something for the first time in the range, or what they did before.

A path is made of the types of events, the one next to the event first. Events of the same moment come after the event
itself, in the order of their types' names. The same event counts once, however often it was recorded.

One array a person with all their events in order; no joins. An event is one number: its moment, whether it is not the
event that is meant, its type by place in `types`, whether paths are made of it.
"""

from __future__ import annotations

from clarion.core.errors import Invalid
from clarion.domain.analytics.charts.behaviour.steps import PERSON, SOMEBODY, condition, in_order, step_of
from clarion.domain.analytics.charts.model import Ask, Chart, Query
from clarion.domain.analytics.charts.sources import matching, query, reported

DEPTH, DEEPEST = 3, 5
"""Events of a path: unless asked, and at most."""
PATHS = 100
"""The most frequent paths that are answered."""
END, START = "(end)", "(start)"
"""In place of a type: there was nothing more, or nothing before."""

_TYPE_BITS = 20
_OTHER = _TYPE_BITS + 1
_MOMENT = _OTHER + 1


def _after(ask: Ask) -> Query:
    path = "arrayFilter((x, nth) -> nth > place AND bitTest(x, 0) AND x <= last, e, arrayEnumerate(e))"
    return _paths(ask, f"arraySlice({path}, 1, {_depth(ask)})", "+", END)


def _before(ask: Ask) -> Query:
    path = "arrayFilter((x, nth) -> nth < place AND bitTest(x, 0) AND x >= last, e, arrayEnumerate(e))"
    return _paths(ask, f"arraySlice(arrayReverse({path}), 1, {_depth(ask)})", "-", START)


def _depth(ask: Ask) -> int:
    if not ask.dimension:
        return DEPTH
    if ask.dimension not in map(str, range(1, DEEPEST + 1)):
        raise Invalid(f"Dimension: how many events a path has, 1 to {DEEPEST}")
    return int(ask.dimension)


def _paths(ask: Ask, path: str, sign: str, edge: str) -> Query:
    depth = _depth(ask)
    if len(ask.steps) != 1:
        raise Invalid("Step: give one, the event that paths begin or end with")
    whole = ask.until_ms - ask.since_ms
    window = whole if ask.window_ms is None else min(whole, ask.window_ms)
    test = condition(step_of(ask.steps[0]), "s_")
    # Later moments have larger numbers, whatever the bits below: all ones are the last of a moment.
    edges = {"+": (1 << _MOMENT) - 1, "-": 0}
    far = f"bitShiftRight(e[place], {_MOMENT}) {sign} {{window:Int64}}"
    last = f"bitShiftLeft(toUInt64(greatest({far}, 0)), {_MOMENT}) + {edges[sign]}"
    names = f"arrayResize(arrayPushBack(arrayMap(x -> types[x], path), '{edge}'), {DEEPEST})"
    shown = ", ".join(
        f"if({number} <= {depth}, names[{number}], '') AS event{number}" for number in range(1, DEEPEST + 1)
    )
    sql = (
        f"WITH {_types(ask)} AS types"  # noqa: S608 - numbers and constants of this file
        f" SELECT {shown}, toFloat64(n), n / total FROM (SELECT {names} AS names, path, n, total"
        f" FROM (SELECT path, count() AS n, sum(count()) OVER () AS total"
        f" FROM (SELECT arrayMap(x -> bitAnd(bitShiftRight(x, 1), {(1 << _TYPE_BITS) - 1}), {path}) AS path"
        f" FROM (SELECT e, arrayFirstIndex(x -> NOT bitTest(x, {_OTHER}), e) AS place, {last} AS last"
        f" FROM {_people(ask, test.sql)})) GROUP BY path)) ORDER BY n DESC, path LIMIT {PATHS}"
    )
    return query(ask, sql, **{"window": window, **test.parameters})


def _types(ask: Ask) -> str:
    return f"(SELECT arraySort(groupUniqArray(toString(event_type))) {reported(ask)})"


def _people(ask: Ask, test: str) -> str:
    """A row for each of those who did it: `e`, their events."""
    person = PERSON[ask.by]
    wanted = f"(true{matching(ask)})"
    # Faster than `indexOf`, which compares texts one by one.
    place = "transform(event_type, types, arrayMap(x -> toUInt64(x), arrayEnumerate(types)), toUInt64(0))"
    code = (
        f"bitShiftLeft(toUInt64(toUnixTimestamp64Milli(ts) - {{since:Int64}} + 1), {_MOMENT})"
        f" + bitShiftLeft(toUInt64(NOT {test}), {_OTHER}) + bitShiftLeft({place}, 1)"
        f" + toUInt64({wanted})"
    )
    who = f"{person} IN (SELECT {person} {reported(ask)} AND {test} AND {SOMEBODY[ask.by]})"
    which = f" AND ({wanted} OR {test})" if matching(ask) else ""
    return in_order(ask, code, f"{reported(ask)} AND {who}{which}", once=True)


CHARTS = [
    Chart(
        f"paths-{word}",
        summary,
        tuple(f"Event{number}" for number in range(1, DEEPEST + 1)),
        ("People", "Share"),
        compile,
        takes=frozenset({"EventType", "Window", "Dimension", "By"}),
        needs=frozenset({"Step"}),
        once=True,
    )
    for word, summary, compile in (
        ("after", "What people did next after they first did something: the most frequent ways.", _after),
        ("before", "What people did right before they first did something, the last first.", _before),
    )
]
