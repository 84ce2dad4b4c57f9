"""SQL from algebra: nothing a caller wrote is ever part of its text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.core.clock import to_ms
from clarion.domain.segments.algebra import (
    EVERYBODY,
    NOBODY,
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
    Span,
)
from clarion.domain.segments.build import build, merged
from clarion.domain.segments.columnar import Endpoints
from clarion.domain.segments.parse import MOST_LEAVES, MOST_LEVELS
from clarion.shapes.pinpoint import AttributeDimension, MetricDimension, SegmentDimensions
from clarion.store.columnar import Columnar
from tests.domain.segments import tables
from tests.domain.segments.evaluate import Happening, Person

NOW_MS = to_ms(tables.NOW)


def sql(node: Node) -> str:
    return build(node, app_id="app", now_ms=NOW_MS).sql


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (EVERYBODY, "1"),
        (NOBODY, "0"),
        (OneOf("make", frozenset({"a", "b"})), "make IN {p0:Array(String)}"),
        (HasToken("attributes", frozenset({"t"})), "has(attributes, {p0:String})"),
        (HasToken("attributes", frozenset("tu")), "arrayExists(t -> t IN {p0:Array(String)}, attributes)"),
        (
            HasText("user_attributes", "n", frozenset({""})),
            "arrayExists(t -> startsWith(t, {p0:String}), user_attributes)",
        ),
        (
            Measures("age", ">=", 18),
            "(indexOf(metric_names, {p0:String}) > 0"
            " AND metric_values[indexOf(metric_names, {p0:String})] >= {p1:Float64})",
        ),
        (
            And(
                (
                    Not(OneOf("make", frozenset("a"))),
                    Or((OneOf("model", frozenset("b")), OneOf("country", frozenset("a")))),
                )
            ),
            "(NOT make IN {p0:Array(String)} AND (model IN {p1:Array(String)} OR country IN {p0:Array(String)}))",
        ),
    ],
)
def test_text(node: Node, expected: str) -> None:
    assert sql(node) == expected


def test_parameters_hold_the_values() -> None:
    node = And((OneOf("make", frozenset("ba")), ActiveWithin(24), Listed("s", 7)))
    parameters = build(node, app_id="app", now_ms=NOW_MS).parameters
    assert parameters["app"] == "app"
    assert parameters["p0"] == ["a", "b"]
    assert NOW_MS - 86_400_000 in parameters.values()
    assert {"s", 7} <= {value for value in parameters.values() if isinstance(value, str | int)}


def test_equal_subqueries_have_equal_text() -> None:
    node = Or(
        (
            And((ActiveWithin(24), OneOf("make", frozenset("a")))),
            And((ActiveWithin(24), OneOf("model", frozenset("b")))),
        )
    )
    text = sql(node)
    found = re.findall(r"\(effective.*?\)\)\)", text)
    assert len(found) == 2
    assert found[0] == found[1]


def test_versions_that_are_out_of_date_decide_nothing(audience: Columnar) -> None:
    """Each of two endpoints came in a month ago, satisfies the rest in one of its versions, and did something today."""
    long_ago, today = tables.NOW - timedelta(days=30), [Happening("page", tables.NOW)]
    fitting: dict[str, Any] = {"make": "a", "model": "b", "effective": long_ago, "events": today}
    other: dict[str, Any] = {**fitting, "make": "x"}
    tables.load(audience, "versions", [Person(key="now", **other), Person(key="once", **fitting)])
    tables.load(audience, "versions", [Person(key="now", **fitting), Person(key="once", **other)], version=2)
    node = And((OneOf("make", frozenset("a")), OneOf("model", frozenset("b")), ActiveWithin(24)))
    condition = build(node, app_id="versions", now_ms=NOW_MS)
    assert Endpoints(audience).first(condition, 9) == ["now"]


AGE = Measures("age", ">", 18)
anything = st.text(max_size=20)
SQL_ALPHABET = re.compile(r"[A-Za-z0-9_ (){}\[\]:,.'<>=!*+-]*")


@settings(max_examples=200, derandomize=True)
@given(name=anything, values=st.frozensets(anything, min_size=1, max_size=3), number=st.floats(allow_nan=False))
def test_text_does_not_depend_on_what_callers_write(name: str, values: frozenset[str], number: float) -> None:
    def tree(name: str, values: list[str], number: float) -> Node:
        texts = frozenset(values) - {""} or frozenset({"x"})
        return And(
            (
                HasToken("attributes", frozenset({name + values[0]})),
                HasText("attributes", name, frozenset({min(texts)})),
                HasInstant("user_attributes", name, frozenset({Span(0, 1)})),
                Measures(name, "=", number),
                OneOf("make", frozenset(values)),
            )
        )

    text = re.sub(r"p\d+", "p", sql(tree(name, sorted(values), number)))
    assert text == re.sub(r"p\d+", "p", sql(tree("plain", ["words"], 1.0)))
    assert SQL_ALPHABET.fullmatch(text)


HOSTILE = [
    "') OR 1=1 --",
    "\\') OR 1=1 --",
    "{app:String}",
    "{p1:String}",
    "';DROP TABLE endpoints",
    "\0",
    "\\N",
    "%",
    "\t\n",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_values(audience: Columnar, text: str) -> None:
    app_id = f"app {text}"
    tables.load(
        audience,
        app_id,
        [
            Person(key="it", attributes={text: [text]}, metrics={text: 1}, make=text, country="DE"),
            Person(key="other", attributes={"a": ["b"]}, metrics={"a": 1}, make="b", country="DE"),
        ],
    )
    endpoints = Endpoints(audience)

    def members(dimensions: SegmentDimensions) -> list[str]:
        return endpoints.first(tables.compiled(tables.segment(dimensions, app_id=app_id)), 10)

    equal = AttributeDimension(values=[text, "unused"])
    part = AttributeDimension(attribute_type="CONTAINS", values=[text])
    metric = MetricDimension(comparison_operator="EQUAL", value=1)
    assert members(SegmentDimensions(attributes={text: equal})) == ["it"]
    assert members(SegmentDimensions(attributes={text: part})) == ["it"]
    assert members(SegmentDimensions(attributes={"a": part})) == []
    assert members(SegmentDimensions(metrics={text: metric})) == ["it"]
    assert members(SegmentDimensions()) == ["it", "other"]


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ({Span(None, 5), Span(None, 9)}, [Span(None, 9)]),
        ({Span(5, None), Span(9, None)}, [Span(5, None)]),
        ({Span(None, 5), Span(9, None), Span(7, 8)}, [Span(None, 5), Span(7, 8), Span(9, None)]),
        ({Span(0, 5), Span(5, 9), Span(6, 7)}, [Span(0, 9)]),
        ({Span(None, 5), Span(3, None)}, [Span(None, None)]),
    ],
)
def test_spans_are_merged(spans: set[Span], expected: list[Span]) -> None:
    assert merged(spans) == expected


LEAVES: dict[str, Callable[[str], Leaf]] = {
    "token": lambda name: HasToken("user_attributes", frozenset({f"{name}\x1fa", f"{name}\x1fb"})),
    "text": lambda name: HasText("user_attributes", name, frozenset({"a", "b"})),
    "instant": lambda name: HasInstant("user_attributes", name, frozenset({Span(0, 1), Span(2, 3)})),
    "metric": lambda name: Measures(name, ">=", 1.5),
    "set": lambda name: OneOf("app_version", frozenset({name})),
    "near": lambda name: Near(float(sum(name.encode()) % 90), 0.0, 1.0),
    "list": lambda name: Listed(name, 1),
    "recency": lambda name: ActiveWithin(len(name)),
    "event": lambda name: Did(name, 90, 2, 3, EVERYBODY),
}


@pytest.mark.parametrize("kind", list(LEAVES))
def test_the_largest_segment_is_one_the_engine_takes(audience: Columnar, kind: str) -> None:
    """As many leaves as a segment may come to, unmerged, nested as deep as sources may make it."""
    node: Node = OneOf("make", frozenset({"x"}))
    levels = 3 * MOST_LEVELS
    for level in range(levels):
        join = And if level % 2 else Or
        names = (f"{level} {number}".ljust(50, "n") for number in range(MOST_LEAVES // levels))
        node = join((Not(node), *(LEAVES[kind](name) for name in names)))
    condition = build(node, app_id="nobody", now_ms=NOW_MS)
    assert Endpoints(audience).count(condition) == 0
