"""Smaller, flatter, and selecting the same: checked by hand and on every tree hypothesis thinks of."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    Measures,
    Node,
    Not,
    OneOf,
    Or,
    Span,
    leaves,
)
from clarion.domain.segments.optimise import optimise


def make(*values: str) -> OneOf:
    return OneOf("make", frozenset(values))


def has(*tokens: str) -> HasToken:
    return HasToken("attributes", frozenset(tokens))


AGE = Measures("age", ">", 18)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (And((And((AGE, make("a"))), make("a"))), And((AGE, make("a")))),
        (Or((Or((AGE,)), Or((AGE,)))), AGE),
        (And((EVERYBODY, AGE)), AGE),
        (And((NOBODY, AGE)), NOBODY),
        (Or((EVERYBODY, AGE)), EVERYBODY),
        (Or((NOBODY, AGE)), AGE),
        (Not(Not(AGE)), AGE),
        (Not(EVERYBODY), NOBODY),
        (Not(And((Or((NOBODY,)), AGE))), EVERYBODY),
        (make(), NOBODY),
        (has(), NOBODY),
        (Or((has("x"), AGE, has("y"))), Or((has("x", "y"), AGE))),
        (And((Not(has("x")), Not(has("y")))), Not(has("x", "y"))),
        (And((has("x"), has("y"))), And((has("x"), has("y")))),
        (And((make("a", "b"), make("b", "c"))), make("b")),
        (And((make("a"), make("b"))), NOBODY),
        (Or((Not(make("a")), Not(make("b")))), EVERYBODY),
        (Or((ActiveWithin(24), ActiveWithin(168))), ActiveWithin(168)),
        (And((ActiveWithin(24), ActiveWithin(168))), ActiveWithin(24)),
        (
            Or((HasText("attributes", "n", frozenset("x")), HasText("attributes", "n", frozenset("y")))),
            HasText("attributes", "n", frozenset("xy")),
        ),
        (
            Or((HasText("attributes", "n", frozenset("x")), HasText("user_attributes", "n", frozenset("y")))),
            Or((HasText("attributes", "n", frozenset("x")), HasText("user_attributes", "n", frozenset("y")))),
        ),
        (
            Or(tuple(HasInstant("attributes", "n", frozenset({Span(low, None)})) for low in (1, 2))),
            HasInstant("attributes", "n", frozenset({Span(1, None), Span(2, None)})),
        ),
    ],
)
def test_trees(node: Node, expected: Node) -> None:
    assert optimise(node) == expected


TOKENS = "xyz"
ENDPOINTS = [
    (brand, frozenset(tokens), hours)
    for brand in ("", "a", "b", "c")
    for size in range(3)
    for tokens in itertools.combinations(TOKENS, size)
    for hours in (1, 100, 1000)
]


def selects(node: Node, endpoint: tuple[str, frozenset[str], int]) -> bool:
    brand, tokens, hours = endpoint
    match node:
        case And():
            return all(selects(part, endpoint) for part in node.parts)
        case Or():
            return any(selects(part, endpoint) for part in node.parts)
        case Not():
            return not selects(node.part, endpoint)
        case OneOf():
            return brand in node.values
        case HasToken():
            return bool(tokens & node.tokens)
        case ActiveWithin():
            return hours <= node.hours
        case Did():
            return hours <= 24 * node.days
    raise AssertionError(node)


some_leaves: st.SearchStrategy[Leaf] = st.one_of(
    st.builds(OneOf, st.just("make"), st.frozensets(st.sampled_from("abc"))),
    st.builds(HasToken, st.just("attributes"), st.frozensets(st.sampled_from(TOKENS))),
    st.builds(ActiveWithin, st.sampled_from([24, 168])),
    st.builds(Did, st.just("e"), st.sampled_from([7, 30]), st.just(1), st.just(None), st.just(EVERYBODY)),
)
nodes: st.SearchStrategy[Node] = st.recursive(
    some_leaves,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(And, st.lists(inner, max_size=4).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=4).map(tuple)),
    ),
    max_leaves=12,
)


@settings(max_examples=500, derandomize=True, deadline=None)
@given(node=nodes)
def test_every_tree_selects_the_same_with_no_more_leaves(node: Node) -> None:
    smaller = optimise(node)
    assert [selects(smaller, one) for one in ENDPOINTS] == [selects(node, one) for one in ENDPOINTS]
    assert len(list(leaves(smaller))) <= len(list(leaves(node)))
    assert optimise(smaller) == smaller
