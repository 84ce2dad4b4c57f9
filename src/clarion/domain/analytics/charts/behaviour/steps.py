"""Steps of funnels and paths: what somebody did, written like a query, and the condition it is in SQL.

`cart.left` is every event of the type; `cart.left?Attribute.category=shoes&Metric.items=2` one with that attribute and
that metric. Names and values are percent-encoded where they have characters that mean something here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from clarion.core.errors import Invalid
from clarion.domain.analytics.charts.model import Ask, People
from clarion.domain.events.model import SEPARATOR
from clarion.domain.events.repeats import HASH

PERSON: Mapping[People, str] = {"Endpoint": "endpoint_hash", "User": "user_id"}
SOMEBODY: Mapping[People, str] = {"Endpoint": "endpoint_hash != 0", "User": "user_id != ''"}
"""The condition that an event is of a person."""

"""The column whose values are the people that are counted; '' is nobody."""


class Step(NamedTuple):
    """Events of a type with all of these attributes and metrics. Two that mean the same are equal."""

    type: str
    attributes: frozenset[tuple[str, str]]
    metrics: frozenset[tuple[str, float]]


class Condition(NamedTuple):
    """A test of an event in SQL, and its parameters."""

    sql: str
    parameters: Mapping[str, Any]


def steps_of(ask: Ask) -> list[Step]:
    """The steps that are asked for: `Step`, or `EventType` where there is none. Raises Invalid."""
    if ask.steps and ask.event_types:
        raise Invalid("EventType: give either Step or EventType")
    if ask.steps:
        return [step_of(text) for text in ask.steps]
    return [Step(name, frozenset(), frozenset()) for name in ask.event_types]


def step_of(text: str) -> Step:
    """The step that a text means; raises Invalid."""
    name, _, query = text.partition("?")
    attributes: dict[str, str] = {}
    metrics: dict[str, float] = {}
    for key, value in _pairs(text, query):
        kind, _, member = key.partition(".")
        if member in (attributes if kind == "Attribute" else metrics):
            raise Invalid(f"Step: {text} tells {key} twice")
        if kind == "Attribute" and member:
            attributes[member] = value
        elif kind == "Metric" and member:
            metrics[member] = _number(key, value)
        else:
            raise Invalid(f"Step: {key} is neither Attribute.name nor Metric.name")
    if not name:
        raise Invalid(f"Step: {text} names no event type")
    return Step(unquote(name), frozenset(attributes.items()), frozenset(metrics.items()))


def condition(step: Step, name: str) -> Condition:
    """The step as a test of a row of `events`; parameters begin with `name`."""
    tests = [f"event_type = {{{name}:String}}"]
    given: dict[str, Any] = {name: step.type}
    for number, (key, value) in enumerate(sorted(step.attributes)):
        tests.append(f"has(kv, {{{name}a{number}:String}})")
        given[f"{name}a{number}"] = f"{key}{SEPARATOR}{value}"
    for number, (key, amount) in enumerate(sorted(step.metrics)):
        where = f"indexOf(metric_names, {{{name}m{number}:String}})"
        tests.append(f"{where} > 0 AND metric_values[{where}] = {{{name}v{number}:Float64}}")
        given |= {f"{name}m{number}": key, f"{name}v{number}": amount}
    return Condition(f"({' AND '.join(tests)})", given)


def in_order(ask: Ask, code: str, found: str, *, once: bool, level: str = "") -> str:
    """A subquery with a row a person: `e`, numbers of their events in ascending order. `code` makes a number of an
    event, `found` is `FROM … WHERE …`; with `once` an event that was recorded more than once is there once. `level`
    tells how much of somebody matters: with 0 they have no row, with 1 no events."""
    person = PERSON[ask.by]
    rest = f"{found} AND {SOMEBODY[ask.by]} GROUP BY {person}{f' HAVING {level} > 0' if level else ''}"
    gathered = f"if({level} > 1, groupArray(@), [])" if level else "groupArray(@)"
    if not (once and ask.repeats):
        return f"(SELECT arraySort({gathered.replace('@', code)}) AS e {rest})"
    first = "arrayFilter((x, nth) -> nth = 1, some, arrayEnumerateUniq(some.2, some.3))"
    some = f"arraySort({gathered.replace('@', f'({code}, {HASH}, toDate(ts))')})"
    return f"(SELECT arrayMap(x -> x.1, {first}) AS e FROM (SELECT {some} AS some {rest}))"  # noqa: S608 - constants


def _pairs(text: str, query: str) -> Sequence[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict")
    except ValueError:
        raise Invalid(f"Step: {text} is not like cart.left?Attribute.category=shoes") from None


def _number(key: str, value: str) -> float:
    try:
        found = float(value)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise Invalid(f"Step: {key} must be a number, not {value}")
    return found
