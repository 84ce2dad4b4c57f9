"""A review says something sensible about every journey that the API's types let through, and misses no circle."""

from __future__ import annotations

from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.domain.journeys.review.codes import CODES
from clarion.shapes.pinpoint import WriteJourneyRequest
from tests.domain.journeys.faulty import JOURNEYS
from tests.domain.journeys.review.sound import SOUND, FakeProject, review

GRAPHS = st.integers(1, 9).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, size - 1), min_size=1, max_size=3), min_size=size, max_size=size)
)


def split(ways: list[int]) -> dict[str, object]:
    """An activity that leads to those of these numbers, to all but the first by chance."""
    if len(ways) == 1:
        return {"Wait": {"WaitTime": {"WaitFor": "P1D"}, "NextActivity": f"a{ways[0]}"}}
    return {"RandomSplit": {"Branches": [{"Percentage": 10, "NextActivity": f"a{to}"} for to in ways]}}


def leads_back(graph: list[list[int]]) -> bool:
    """Whether some activity can be reached from itself, found the simple way: by taking away all that lead nowhere."""
    left = set(range(len(graph)))
    while dead := {one for one in left if not left & set(graph[one])}:
        left -= dead
    return bool(left)


@settings(deadline=None, max_examples=150)
@given(JOURNEYS)
def test_a_review_never_fails(wanted: WriteJourneyRequest) -> None:
    document = msgspec.to_builtins(wanted)
    for one in review(document):
        assert one.code in CODES
        assert one.advice == one.code.startswith("W")
        assert one.activity == "" or one.activity in (wanted.activities or {})
        assert one.text


@given(GRAPHS)
def test_circles_are_found_and_nothing_else_is_called_one(graph: list[list[int]]) -> None:
    activities = {f"a{number}": split(ways) for number, ways in enumerate(graph)}
    found = [one for one in review({**SOUND, "StartActivity": "a0", "Activities": activities}) if one.code == "E10"]
    assert bool(found) == leads_back(graph)
    for one in found:
        told = one.text.removeprefix("leads back: ").split(" → ") if "→" in one.text else [one.activity, one.activity]
        assert told[0] == told[-1]
        numbers = [int(name.removeprefix("a")) for name in told if name != "…"]
        if "…" not in told:
            assert all(to in graph[origin] for origin, to in pairwise(numbers))


def test_of_thousands_of_activities_only_the_number_is_told() -> None:
    activities = {f"a{n}": split([n + 1]) for n in range(5_000)}
    found = review({**SOUND, "StartActivity": "a0", "Activities": activities})
    assert [one.code for one in found] == ["E8"]


def test_errors_come_first_and_by_the_order_of_activities() -> None:
    document = {
        **SOUND,
        "Name": "",
        "Activities": {
            "z": {"Wait": {"WaitTime": {}, "NextActivity": "a"}},
            "a": {"Wait": {"WaitTime": {}}},
        },
        "StartActivity": "z",
    }
    found = review(document, FakeProject(was_tested=False))
    assert [(one.code, one.activity) for one in found] == [("E1", ""), ("E17", "z"), ("E17", "a"), ("W15", "")]
