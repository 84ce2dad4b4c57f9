"""The graph of a journey's activities: lenient parsing, order, cycles."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.domain.journeys.graph import Graph, parse
from clarion.shapes.pinpoint import WriteJourneyRequest


def graph(start: str | None, activities: dict[str, object]) -> Graph:
    written = {"Name": "j", "StartActivity": start, "Activities": activities}
    return parse(msgspec.convert(written, WriteJourneyRequest))


def wait(to: str | None = None) -> dict[str, object]:
    return {"Wait": {"WaitTime": {"WaitFor": "P1D"}, "NextActivity": to}}


def split(*to: str) -> dict[str, object]:
    share = 100 // len(to)
    return {"RandomSplit": {"Branches": [{"Percentage": share, "NextActivity": one} for one in to]}}


class TestParse:
    def test_ways_out(self) -> None:
        found = graph("a", {"a": split("b", "c"), "b": wait("c"), "c": wait()})
        assert [(edge.outcome, edge.to) for edge in found.nodes["a"].edges] == [("Branch_1", "b"), ("Branch_2", "c")]
        assert [node.id for node in found.following("a")] == ["b", "c"]
        assert [node.id for node in found.directly_before("c")] == ["a", "b"]
        assert found.before["c"] == {"a", "b"}
        assert found.reachable == {"a", "b", "c"}
        assert not found.cycle

    @pytest.mark.parametrize(
        "activities",
        [{"a": {}}, {"a": {"Description": "nothing"}}, {"a": {**wait(), "Holdout": {"Percentage": 1}}}],
    )
    def test_an_activity_that_is_not_one_thing_has_no_ways_out(self, activities: dict[str, object]) -> None:
        node = graph("a", activities).nodes["a"]
        assert node.kind is None
        assert node.edges == ()

    @pytest.mark.parametrize("start", [None, "nowhere"])
    def test_without_a_start_nothing_is_reached(self, start: str | None) -> None:
        assert graph(start, {"a": wait("a")}).reachable == frozenset()

    def test_nothing_at_all(self) -> None:
        found = parse(WriteJourneyRequest(name="j"))
        assert (found.nodes, found.start, found.cycle) == ({}, "", frozenset())

    def test_a_successor_that_is_not_there_ends_the_way(self) -> None:
        found = graph("a", {"a": wait("nowhere")})
        assert list(found.following("a")) == []
        assert found.reachable == {"a"}


class TestCycles:
    def test_of_several(self) -> None:
        found = graph("a", {"a": wait("b"), "b": wait("c"), "c": split("b", "d"), "d": wait()})
        assert found.cycle == {"b", "c"}

    def test_of_itself(self) -> None:
        assert graph("a", {"a": wait("a")}).cycle == {"a"}


NAMES = st.sampled_from("abcdefgh")


@given(st.dictionaries(NAMES, st.lists(NAMES, min_size=2, max_size=3)))
def test_order_and_cycles_of_any_graph(ways: dict[str, list[str]]) -> None:
    found = graph("a", {name: split(*to) for name, to in ways.items()})
    steps = {name: {one for one in to if one in ways} for name, to in ways.items()}
    reached = {name: set(to) for name, to in steps.items()}
    for _ in ways:
        reached = {name: to.union(*(reached[one] for one in to)) for name, to in reached.items()}
    assert found.cycle == {name for name, to in reached.items() if name in to}
    assert {name: {one for one in ways if name in reached[one]} for name in ways} == found.before
    assert sorted(found.order) == sorted(ways)
    if not found.cycle:
        assert all(found.order[name] < found.order[one] for name, to in steps.items() for one in to)
