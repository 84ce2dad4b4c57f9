"""Algebra becomes a condition on the `endpoints` table.

The text is made of the constants in this file only: whatever a caller wrote is a bound parameter, so nothing
in a definition can become SQL. Each condition is 0 or 1, never NULL, so that NOT is the plain opposite.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from clarion.core.clock import DAY_MS, HOUR_MS
from clarion.domain.events.model import SERVICE_TYPES
from clarion.domain.segments.algebra import (
    EVERYBODY,
    SEPARATOR,
    ActiveWithin,
    And,
    Did,
    HasInstant,
    HasText,
    HasToken,
    Leaf,
    Listed,
    Measures,
    Near,
    Node,
    Not,
    OneOf,
    Or,
    SameCell,
    Span,
)
from clarion.domain.segments.model import INSTANT, RECIPIENT_EVENTS

EARTH_KM: Final = 6371.0088
"""Mean radius of the earth."""

FIRST: Final = -(2**63)
LAST: Final = 2**63 - 1
"""Milliseconds before and after every instant."""

NEEDLES: Final = 255
"""The most texts that ClickHouse's multiSearchAny takes at once."""


NARROWED: Final = " AND endpoint_key IN {keys:Array(String)}"


class Condition(NamedTuple):
    """An expression over the columns of `endpoints`, and its parameters."""

    sql: str
    parameters: dict[str, object]


def build(node: Node, *, app_id: str, now_ms: int, among: bool = False) -> Condition:
    """The condition of a tree, at the moment `now_ms`; it binds `{app:String}` to `app_id` whether used or not.

    `among`: only endpoints in `{keys:Array(String)}` are asked about, so that nothing is looked up for others.
    """
    builder = _Builder(app_id, now_ms, NARROWED if among else "")
    return Condition(builder.node(node), builder.parameters)


def limited(condition: Condition, cohorts: Collection[int] | None) -> Condition:
    """The condition for endpoints of these cohorts only; None: as it is."""
    if cohorts is None:
        return condition
    parameters = {**condition.parameters, "cohorts": sorted(cohorts)}
    return Condition(f"has({{cohorts:Array(UInt8)}}, cohort) AND {condition.sql}", parameters)


class Conditions(NamedTuple):
    """Several expressions with the same parameters; `had` tells what an endpoint has: see `build_each`."""

    sqls: list[str]
    had: list[str]
    parameters: dict[str, object]


def build_each(nodes: Sequence[Node], *, app_id: str, now_ms: int, among: bool = False) -> Conditions:
    """The condition of each tree, as `build` makes it.

    With `among` also what an endpoint has that the tree asks about, where its own columns do not tell: a whole number,
    the time of its last activity (Unix ms) or how many of the events there are; 0 for other trees.
    """
    builder = _Builder(app_id, now_ms, NARROWED if among else "")
    sqls = [builder.node(node) for node in nodes]
    return Conditions(sqls, [builder.had(node) for node in nodes] if among else [], builder.parameters)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Spans that cover the same instants, none touching another, in order."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda span: FIRST if span.low is None else span.low):
        last = result[-1] if result else None
        if last is None or (last.high is not None and span.low is not None and span.low > last.high):
            result.append(span)
        else:
            high = None if last.high is None or span.high is None else max(last.high, span.high)
            result[-1] = Span(last.low, high)
    return result


class _Builder:
    def __init__(self, app_id: str, now_ms: int, narrowed: str) -> None:
        self._now_ms = now_ms
        self._narrowed = narrowed
        self._names: dict[tuple[str, object], str] = {}
        self.parameters: dict[str, object] = {"app": app_id}

    def _bind(self, kind: str, value: str | int | float | frozenset[str] | tuple[str, ...] | tuple[int, ...]) -> str:
        """The placeholder of a value; equal values share one, so that equal subqueries have equal text."""
        name = self._names.get((kind, value))
        if name is None:
            name = self._names[kind, value] = f"p{len(self._names)}"
            self.parameters[name] = sorted(value) if isinstance(value, frozenset) else value
        return "{" + name + ":" + kind + "}"

    def node(self, node: Node) -> str:
        """Recursion is bounded by what `parse` lets through."""
        match node:
            case And():
                return self._all("AND", map(self.node, node.parts), empty="1")
            case Or():
                return self._all("OR", map(self.node, node.parts), empty="0")
            case Not():
                return f"NOT {self.node(node.part)}"
        return self._leaf(node)

    def _leaf(self, leaf: Leaf) -> str:
        match leaf:
            case HasToken():
                return self._has_token(leaf)
            case HasText():
                return self._has_text(leaf)
            case HasInstant():
                return self._has_instant(leaf)
            case Measures():
                return self._measures(leaf)
            case OneOf():
                return f"{leaf.column} IN {self._bind('Array(String)', leaf.values)}"
            case ActiveWithin():
                return self._active_within(leaf)
            case Did():
                return self._did(leaf)
            case Near():
                return self._near(leaf)
            case SameCell():
                return self._same_cell(leaf)
            case Listed():
                return self._listed(leaf)

    def _all(self, word: str, parts: Iterable[str], *, empty: str) -> str:
        joined = f" {word} ".join(parts)
        return f"({joined})" if joined else empty

    def _has_token(self, leaf: HasToken) -> str:
        if len(leaf.tokens) == 1:
            return f"has({leaf.column}, {self._bind('String', min(leaf.tokens))})"
        # A hash set: hasAny compares each with each, 7 s instead of 0.1 s for 1,000 tokens and a million endpoints.
        return f"arrayExists(t -> t IN {self._bind('Array(String)', leaf.tokens)}, {leaf.column})"

    def _has_text(self, leaf: HasText) -> str:
        is_named = self._is_named(leaf.name)
        if "" in leaf.texts:
            return f"arrayExists(t -> {is_named}, {leaf.column})"
        value = self._value(leaf.name)
        texts = sorted(leaf.texts)
        tests = [
            f"multiSearchAny({value}, {self._bind('Array(String)', tuple(texts[start : start + NEEDLES]))})"
            for start in range(0, len(texts), NEEDLES)
        ]
        return f"arrayExists(t -> {is_named} AND ({' OR '.join(tests)}), {leaf.column})"

    def _has_instant(self, leaf: HasInstant) -> str:
        spans = merged(leaf.spans)
        value = self._value(leaf.name)
        readable = f"match({value}, {self._bind('String', INSTANT)})"
        texts = f"arrayFilter(t -> {self._is_named(leaf.name)} AND {readable}, {leaf.column})"
        instant = f"toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull({value}, 3, 'UTC'))"
        lows = self._bind("Array(Int64)", tuple(FIRST if span.low is None else span.low for span in spans))
        highs = self._bind("Array(Int64)", tuple(LAST if span.high is None else span.high for span in spans))
        inside = f"arrayExists((low, high) -> ifNull(i >= low AND i < high, 0), {lows}, {highs})"
        return f"arrayExists(i -> {inside}, arrayMap(t -> {instant}, {texts}))"

    def _is_named(self, name: str) -> str:
        """Whether a token `t` is one of the attribute."""
        return f"startsWith(t, {self._bind('String', name + SEPARATOR)})"

    def _value(self, name: str) -> str:
        """The value in a token `t` of the attribute."""
        return f"substring(t, {self._bind('UInt32', len((name + SEPARATOR).encode()) + 1)})"

    def _measures(self, leaf: Measures) -> str:
        at = f"indexOf(metric_names, {self._bind('String', leaf.name)})"
        return f"({at} > 0 AND metric_values[{at}] {leaf.comparison} {self._bind('Float64', leaf.value)})"

    def _since(self, ago_ms: int) -> str:
        return f"fromUnixTimestamp64Milli({self._bind('Int64', self._now_ms - ago_ms)}, 'UTC')"

    def _active_within(self, leaf: ActiveWithin) -> str:
        since = self._since(leaf.hours * HOUR_MS)
        return f"(effective >= {since} OR key_hash IN (SELECT endpoint_hash {self._activity()} AND arrival >= {since}))"

    def _activity(self) -> str:
        caused = self._bind("Array(String)", RECIPIENT_EVENTS)
        return f"FROM events WHERE app_id = {{app:String}} AND (NOT system OR event_type IN {caused}){self._narrowed}"

    def _did(self, leaf: Did) -> str:
        events = f"SELECT endpoint_hash {self._events(leaf)}"
        if (leaf.least, leaf.most) != (1, None):
            count = self._how_many(leaf)
            events += f" GROUP BY endpoint_hash HAVING {count} >= {self._bind('UInt64', leaf.least)}"
            if leaf.most is not None:
                events += f" AND {count} <= {self._bind('UInt64', leaf.most)}"
        return f"key_hash IN ({events})"

    def _events(self, leaf: Did) -> str:
        """Of the types that the product records itself, only its own events count."""
        events = (
            f"FROM events WHERE app_id = {{app:String}} AND event_type = {self._bind('String', leaf.event_type)}"
            f" AND arrival >= {self._since(leaf.days * DAY_MS)}"
            f"{' AND system' if leaf.event_type in SERVICE_TYPES else ''}{self._narrowed}"
        )
        return events if leaf.where == EVERYBODY else f"{events} AND {self.node(leaf.where)}"

    def _how_many(self, leaf: Did) -> str:
        """The product's own events count once, however often they were recorded."""
        return "uniqExact(event_id)" if leaf.event_type in SERVICE_TYPES else "count()"

    def had(self, node: Node) -> str:
        """What an endpoint has that a leaf, or the opposite of one, asks about: see `build_each`."""
        leaf = node.part if isinstance(node, Not) else node
        if isinstance(leaf, ActiveWithin):
            last = f"(SELECT toUnixTimestamp64Milli(max(arrival)) {self._activity()})"
            return f"greatest(toUnixTimestamp64Milli(effective), ifNull({last}, 0))"
        if isinstance(leaf, Did):
            return f"(SELECT {self._how_many(leaf)} {self._events(leaf)})"
        return "0"

    def _near(self, leaf: Near) -> str:
        """The haversine of the distance against that of the range, both between 0 and 1.

        ClickHouse's greatCircleDistance is slower, and off by up to 0.6 %, near the poles by more.
        """
        latitude = f"radians({self._bind('Float64', leaf.latitude)})"
        longitude = f"radians({self._bind('Float64', leaf.longitude)})"
        north = f"pow(sin((radians(latitude) - {latitude}) / 2), 2)"
        east = f"pow(sin((radians(longitude) - {longitude}) / 2), 2)"
        angle = leaf.kilometers / EARTH_KM / 2
        # Beyond the antipodes everywhere is near; 2 is more than rounding can make of 1.
        reach = self._bind("Float64", math.sin(angle) ** 2 if angle < math.pi / 2 else 2.0)
        return f"ifNull({north} + cos({latitude}) * cos(radians(latitude)) * {east} <= {reach}, 0)"

    def _same_cell(self, leaf: SameCell) -> str:
        latitude = self._bind("Int64", leaf.latitude_tenths)
        longitude = self._bind("Int64", leaf.longitude_tenths)
        return f"ifNull(floor(latitude * 10 + 0.5) = {latitude} AND floor(longitude * 10 + 0.5) = {longitude}, 0)"

    def _listed(self, leaf: Listed) -> str:
        """A row that names an endpoint is that endpoint; one with a user only is all endpoints of the user."""
        rows = (
            "FROM segment_imports WHERE segment_id = "
            f"{self._bind('String', leaf.segment_id)} AND version = {self._bind('UInt32', leaf.version)}"
        )
        return (
            f"(endpoint_key IN (SELECT endpoint_key {rows}{self._narrowed}) OR user_id IN "
            f"(SELECT user_id {rows} AND endpoint_key = '' AND user_id != ''))"
        )
