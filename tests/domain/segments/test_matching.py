"""Compiled filters: types, attributes, metrics, and what is not there."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.domain.segments import parse
from clarion.domain.segments.occasions import COMPARISONS, Matcher
from clarion.shapes.pinpoint import CampaignEventFilter


def matcher(kind: str = "ENDPOINT", **dimensions: Any) -> Matcher:
    wanted = {"EventType": {"Values": ["bought", "left"]}, **dimensions}
    return Matcher(msgspec.convert({"FilterType": kind, "Dimensions": wanted}, CampaignEventFilter))


def attribute(kind: str | None, *values: str) -> Matcher:
    return matcher(Attributes={"a": {"AttributeType": kind, "Values": list(values)}})


def test_types() -> None:
    ours = matcher()
    assert [ours.awaits(False, name) for name in ("bought", "left", "Bought", "seen")] == [True, True, False, False]
    assert not ours.awaits(True, "bought")
    assert matcher("SYSTEM").awaits(True, "bought")
    others = matcher(EventType={"DimensionType": "EXCLUSIVE", "Values": ["bought"]})
    assert [others.awaits(False, name) for name in ("bought", "seen")] == [False, True]


@pytest.mark.parametrize(
    ("kind", "values", "has", "matches"),
    [
        (None, ("x", "y"), "y", True),
        ("INCLUSIVE", ("x",), "X", False),
        ("INCLUSIVE", ("x",), None, False),
        ("EXCLUSIVE", ("x",), "x", False),
        ("EXCLUSIVE", ("x",), "y", True),
        ("EXCLUSIVE", ("x",), None, True),
        ("CONTAINS", ("ell", "zz"), "hello", True),
        ("CONTAINS", ("ell",), "help", False),
        ("CONTAINS", ("",), None, False),
        ("BEFORE", ("2027-03-04",), "2027-03-03T23:59:59.999Z", True),
        ("BEFORE", ("2027-03-04",), "2027-03-04T00:00:00Z", False),
        ("AFTER", ("2027-03-04T10:00:00+01:00",), "2027-03-04T09:00:00.001Z", True),
        ("AFTER", ("2027-03-04T10:00:00+01:00",), "2027-03-04T09:00:00Z", False),
        ("ON", ("2027-03-04T17:00:00Z",), "2027-03-04", True),
        ("ON", ("2027-03-04",), "2027-03-05", False),
        ("BETWEEN", ("2027-03-06", "2027-03-04"), "2027-03-06T00:00:00Z", True),
        ("BETWEEN", ("2027-03-06", "2027-03-04"), "2027-03-06T00:00:01Z", False),
        ("BETWEEN", ("2027-03-06", "2027-03-04"), "soon", False),
    ],
)
def test_attributes(kind: str | None, values: tuple[str, ...], has: str | None, matches: bool) -> None:
    assert attribute(kind, *values).matches({} if has is None else {"a": has}, {}) is matches


@pytest.mark.parametrize(
    ("operator", "smaller", "equal", "larger"),
    [
        ("EQUAL", False, True, False),
        ("GREATER_THAN", False, False, True),
        ("LESS_THAN", True, False, False),
        ("GREATER_THAN_OR_EQUAL", False, True, True),
        ("LESS_THAN_OR_EQUAL", True, True, False),
    ],
)
def test_metrics(operator: str, smaller: bool, equal: bool, larger: bool) -> None:
    ours = matcher(Metrics={"m": {"ComparisonOperator": operator, "Value": 0}})
    assert [ours.matches({}, {"m": value}) for value in (-0.5, 0.0, 0.5)] == [smaller, equal, larger]
    assert not ours.matches({}, {})
    assert not ours.matches({"m": "0"}, {"n": 0})


def test_all_of_them_must_hold() -> None:
    ours = matcher(
        Attributes={"a": {"Values": ["x"]}, "b": {"Values": ["y"]}},
        Metrics={"m": {"ComparisonOperator": "EQUAL", "Value": 1}},
    )
    assert ours.matches({"a": "x", "b": "y"}, {"m": 1.0})
    assert not ours.matches({"a": "x", "b": "z"}, {"m": 1.0})
    assert not ours.matches({"a": "x", "b": "y"}, {"m": 2.0})


def test_the_comparisons_are_those_that_definitions_may_name() -> None:
    assert COMPARISONS.keys() == parse.COMPARISONS.keys()
