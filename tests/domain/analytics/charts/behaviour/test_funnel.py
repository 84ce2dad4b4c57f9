"""Funnels against a slow and obvious way to count them."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.core.errors import Invalid
from clarion.domain.analytics.charts.answers import Row
from clarion.store.columnar import Columnar
from tests.domain.analytics.charts.history import Happened, History, at

SECOND = 1000
START = at("03-01 00:00")


@pytest.fixture
def history(columnar: Columnar) -> History:
    return History(columnar)


class Wanted(NamedTuple):
    """A step as the yardstick reads it."""

    text: str
    type: str
    attribute: tuple[str, str] | None = None

    def matches(self, event: Happened) -> bool:
        return event.type == self.type and (
            self.attribute is None or event.attributes.get(self.attribute[0]) == self.attribute[1]
        )


A, B, C = (Wanted(name, name) for name in ("a.a", "b.b", "c.c"))
RED = Wanted("a.a?Attribute.color=red", "a.a", ("color", "red"))


def chains(events: Sequence[Happened], steps: Sequence[Wanted], window: int) -> dict[int, int]:
    """Steps that one person reached, by trying everything: how many ms after the latest way to do the step before."""
    masks = [[number for number, step in enumerate(steps) if step.matches(event)] for event in events]
    order = sorted(
        (event.at, which[0], sum(1 << number for number in which), place)
        for place, (event, which) in enumerate(zip(events, masks, strict=True))
        if which
    )
    # All (place in the order, when its chain began) at which a chain of so many steps can end.
    ends: list[set[tuple[int, int]]] = []
    for number in range(len(steps)):
        ends.append(set())
        for place, (moment, _, mask, _) in enumerate(order):
            if not mask >> number & 1:
                continue
            if number == 0:
                ends[0].add((place, moment))
            for before, began in ends[number - 1] if number else ():
                if before < place and moment - began <= window:
                    ends[number].add((place, began))
    found = {}
    for number, some in enumerate(ends):
        if some:
            first = min(place for place, _ in some)
            earlier = [order[place][0] for place, _ in ends[number - 1] if place < first] if number else []
            found[number] = order[first][0] - max(earlier) if earlier else 0
    return found


def expected(events: Sequence[Happened], steps: Sequence[Wanted], window: int, by: str) -> list[Row]:
    once = {(event.endpoint, event.id): event for event in events}
    people: dict[str, list[Happened]] = {}
    for event in once.values():
        key = event.endpoint if by == "Endpoint" else event.user
        if key:
            people.setdefault(key, []).append(event)
    reached = [chains(some, steps, window) for some in people.values()]
    counts = [sum(number in one for one in reached) for number in range(len(steps))]
    if not counts[0]:
        return []
    rows = [Row(["1", steps[0].text], [counts[0], 1.0, None, None, None])]
    for number, step in enumerate(steps[1:], 1):
        took = [one[number] / 1000 for one in reached if number in one]
        before = counts[number - 1]
        shares = counts[number] / counts[0], counts[number] / before if before else None
        median = statistics.median(took) if took else None
        rows.append(Row([str(number + 1), step.text], [counts[number], *shares, before - counts[number], median]))
    return rows


events = st.lists(
    st.builds(
        Happened,
        endpoint=st.sampled_from(["phone", "tablet", "web"]),
        type=st.sampled_from(["a.a", "b.b", "c.c", "d.d"]),
        at=st.integers(0, 12).map(lambda number: START + number * SECOND),
        id=st.uuids().map(str),
        user=st.sampled_from(["", "lea", "jon"]),
        attributes=st.sampled_from([{}, {"color": "red"}, {"color": "blue"}]),
        arrival=st.integers(0, 1000).map(lambda number: at("03-20 00:00") + number),
    ),
    max_size=25,
)
funnels = st.sampled_from([[A, B], [A, B, C], [C, A, B], [A, RED], [RED, A, B], [A, RED, B, C]])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    happened=events,
    steps=funnels,
    window=st.sampled_from([None, 1, 3, 6]),
    by=st.sampled_from(["Endpoint", "User"]),
    data=st.data(),
)
def test_agrees_with_trying_everything(
    embedded: History, happened: list[Happened], steps: list[Wanted], window: int | None, by: str, data: Any
) -> None:
    again = data.draw(st.lists(st.sampled_from(happened), max_size=5)) if happened else []
    embedded.forget()
    embedded.happen([*happened, *again])
    asked = {} if window is None else {"window": f"PT{window}S"}
    found = embedded.rows("funnel", step=[step.text for step in steps], by=by, start_time="2027-03-01", **asked)
    limit = window * SECOND if window else 10**12
    want = expected(happened, steps, limit, by)
    assert [row.groups for row in found] == [row.groups for row in want]
    near: list[Any] = [[pytest.approx(one) for one in row.values] for row in want]
    assert [row.values for row in found] == near


def test_steps_with_attributes_and_metrics(history: History) -> None:
    history.happen(
        [
            Happened("phone", "item.seen", at("03-08 09:00"), "1", attributes={"what": "a & b"}),
            Happened("phone", "bought", at("03-08 09:10"), "2", metrics={"units": 2.0}),
            Happened("web", "item.seen", at("03-08 09:00"), "1", attributes={"what": "a & b"}),
            Happened("web", "bought", at("03-08 09:10"), "2", metrics={"units": 1.0}),
            Happened("tv", "item.seen", at("03-08 09:00"), "1", attributes={"what": "a"}),
            Happened("tv", "bought", at("03-08 09:10"), "2", metrics={"units": 2.0}),
        ]
    )
    steps = ["item.seen?Attribute.what=a%20%26%20b", "bought?Metric.units=2"]
    assert history.rows("funnel", step=steps) == [
        Row(["1", steps[0]], [2.0, 1.0, None, None, None]),
        Row(["2", steps[1]], [1.0, 0.5, 0.5, 1.0, 600.0]),
    ]
    asked = {"event_type": ["item.seen", "bought"], "window": "P9999999D"}
    assert [row.values[0] for row in history.rows("funnel", **asked)] == [3.0, 3.0]
    history.endpoint("tv", platform="TV")
    assert [row.values[0] for row in history.rows("funnel", step=steps[::-1], platform=["tv"])] == [1.0, 0.0]


def test_nobody_began(history: History) -> None:
    history.happen([Happened("phone", "b.b", at("03-08 09:00"), "1")])
    assert history.rows("funnel", step=["a.a", "b.b"]) == []


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "not 0"),
    ({"step": ["a.a"]}, "2 to 10 steps, not 1"),
    ({"step": [f"a.{number}" for number in range(11)]}, "not 11"),
    ({"step": ["a.a", "b.b", "a.a"]}, "step 3 is the same as step 1"),
    (
        {"step": ["a.a?Metric.x=1&Attribute.y=2", "a.a?Attribute.y=2&Metric.x=1.0"]},
        "step 2 is the same as step 1",
    ),
    ({"step": ["a.a", "b.b"], "event_type": ["c.c", "d.d"]}, "either"),
    ({"step": ["a.a", "?Attribute.x=1"]}, "no event type"),
    ({"step": ["a.a", "b.b?color=red"]}, "neither"),
    ({"step": ["a.a", "b.b?Attribute.color"]}, "not like"),
    ({"step": ["a.a", "b.b?Attribute.x=1&Attribute.x=2"]}, "twice"),
    ({"step": ["a.a", "b.b?Metric.x=many"]}, "number"),
    ({"step": ["a.a", "b.b?Metric.x=nan"]}, "number"),
    ({"step": ["a.a", "b.b"], "window": "P-1D"}, "Window"),
    ({"step": ["a.a", "b.b"], "window": "PT0S"}, "Window"),
    ({"step": ["a.a", "b.b"], "metric_name": "x"}, "MetricName"),
]


def test_what_is_no_funnel(embedded: History) -> None:
    for wanted, word in WRONG:
        with pytest.raises(Invalid, match=word):
            embedded.ask("funnel", **wanted)
