"""Selections of some cohorts only: for campaigns that divide a segment."""

from __future__ import annotations

from clarion.core.scope import Scope
from tests.domain.segments import tables
from tests.domain.segments.evaluate import Person
from tests.domain.segments.house import House, context
from tests.domain.segments.test_service import PLAN, create, people

SCOPE: Scope = context().scope


def test_cohorts_divide_a_segment(house: House) -> None:
    segment = create(house, Dimensions=PLAN).id
    found = people(*(f"e{number:03}" for number in range(200)))
    for number, person in enumerate(found):
        person.cohort = number % 100
    tables.load(house.columnar, house.app_id, found)
    few, rest = frozenset({3, 4, 99}), frozenset(range(100)) - {3, 4, 99}
    assert house.segments.snapshot(SCOPE, house.app_id, segment, None, "few", few) == 6
    assert house.segments.members("few", 0, 9) == ["e003", "e004", "e099", "e103", "e104", "e199"]
    assert house.segments.snapshot(SCOPE, house.app_id, segment, None, "rest", rest) == 194
    assert house.segments.count(SCOPE, house.app_id, segment, cohorts=few) == 6
    assert house.segments.count(SCOPE, house.app_id, segment, cohorts=()) == 0
    assert house.segments.snapshot(SCOPE, house.app_id, segment, None, "nobody", ()) == 0
    assert house.segments.count(SCOPE, house.app_id, segment) == 200


def test_an_address_is_one_in_all_cohorts(house: House) -> None:
    segment = create(house, Dimensions={}).id
    places = {"a": "x@e.com", "b": "X@e.com", "c": "x@e.com", "d": "y@e.com", "e": "Y@E.com"}
    tables.load(
        house.columnar,
        house.app_id,
        [
            Person(key, channel_type="EMAIL", address=address, cohort=number)
            for number, (key, address) in enumerate(places.items())
        ],
    )

    def duplicates(*cohorts: int) -> list[str]:
        return house.segments.duplicates_among(SCOPE, house.app_id, segment, None, cohorts)

    assert duplicates(*range(100)) == ["b", "c", "e"]
    assert duplicates(0, 3) == []
    assert duplicates(2, 3, 4) == ["c", "e"]
    assert duplicates(1) == ["b"]
