"""Segments and dimensions that belong to none, asked of the same endpoints together."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from clarion.core.errors import Invalid
from clarion.domain.segments.algebra import And, HasToken, Node
from clarion.domain.segments.check import check_dimensions
from clarion.domain.segments.parse import MOST_LEAVES
from clarion.domain.segments.service import Question, _packs
from clarion.shapes.pinpoint import SegmentDimensions
from tests.domain.segments import tables
from tests.domain.segments.evaluate import Person
from tests.domain.segments.house import House
from tests.domain.segments.test_service import AGE, CTX, PLAN, create, delete


def dimensions(**members: Any) -> SegmentDimensions:
    return msgspec.convert(members, SegmentDimensions)


def crowd(house: House) -> list[str]:
    keys = [f"e{number:04}" for number in range(1_200)]
    some = [Person(key=key, attributes={"plan": ["pro"]} if key < "e1100" else {}) for key in keys]
    tables.load(house.columnar, house.app_id, some)
    return keys


def test_in_the_order_they_were_asked(house: House) -> None:
    keys = crowd(house)
    pro, old = create(house, Dimensions=PLAN).id, create(house, Dimensions=AGE).id
    gone = create(house, Dimensions=PLAN).id
    delete(house, gone)
    questions: list[Question] = [
        (gone, None),
        dimensions(**PLAN),
        (old, None),
        dimensions(),
        (pro, None),
        ("nobody", 3),
    ]
    found = house.segments.judged(CTX.scope, house.app_id, questions, [*keys, "stranger"])
    assert found == [None, set(keys[:1100]), set(), set(keys), set(keys[:1100]), None]
    assert house.segments.judged(CTX.scope, house.app_id, questions[:2], []) == [None, set()]
    assert house.segments.judged(CTX.scope, house.app_id, [], keys) == []


def test_more_than_one_statement_holds(house: House) -> None:
    keys = crowd(house)
    wide = dimensions(
        Attributes={f"n{number}": {"AttributeType": "EXCLUSIVE", "Values": ["x"]} for number in range(100)}
    )
    found = house.segments.judged(CTX.scope, house.app_id, [wide, dimensions(**PLAN)] * 10, keys)
    assert found == [set(keys), set(keys[:1100])] * 10


def test_it_waits_for_what_was_acknowledged_unless_the_caller_did(house: House) -> None:
    waited: list[str] = []
    house.late.catch_up = lambda: waited.append("x")
    house.segments.judged(CTX.scope, house.app_id, [dimensions()], ["e"], caught_up=True)
    assert waited == []
    house.segments.judged(CTX.scope, house.app_id, [dimensions()], ["e"])
    assert waited == ["x"]


def _tree(size: int) -> Node:
    return And(tuple(HasToken("attributes", frozenset({str(number)})) for number in range(size)))


@pytest.mark.parametrize(
    ("sizes", "packs"),
    [
        ([], []),
        ([1, 2], [[1, 2]]),
        ([0, MOST_LEAVES, 0], [[0, MOST_LEAVES, 0]]),
        ([1, MOST_LEAVES, 1], [[1], [MOST_LEAVES], [1]]),
        ([300, 200, 1], [[300, 200], [1]]),
    ],
)
def test_packs(sizes: list[int], packs: list[list[int]]) -> None:
    trees = [_tree(size) for size in sizes]
    found = list(_packs(trees))
    assert [node for pack in found for node in pack] == trees
    assert [[len(node.parts) for node in pack if isinstance(node, And)] for pack in found] == packs


def test_dimensions_of_no_segment_have_the_same_rules() -> None:
    check_dimensions("here", dimensions(**PLAN))
    with pytest.raises(Invalid, match=r"^here\.Attributes\.n\.Values: must have at least one"):
        check_dimensions("here", dimensions(Attributes={"n": {"Values": []}}))
    many = {f"n{number}": {"Values": ["v"]} for number in range(101)}
    with pytest.raises(Invalid, match=r"^here: must have at most 100 dimensions, this has 101"):
        check_dimensions("here", dimensions(Attributes=many))
