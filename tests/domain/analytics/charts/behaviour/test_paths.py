"""Paths against a slow and obvious way to follow them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.core.errors import Invalid
from clarion.domain.analytics.charts.answers import Row
from clarion.store.columnar import Columnar
from tests.domain.analytics.charts.history import Happened, History, at

SECOND = 1000
START = at("03-01 00:00")
DAYS = {"start_time": "2027-03-01", "end_time": "2027-03-20"}


@pytest.fixture
def history(columnar: Columnar) -> History:
    """Three people who bought something."""
    made = History(columnar)
    made.happen(
        [
            Happened("phone", "app.opened", at("03-08 09:00"), "1", user="lea"),
            Happened("phone", "item.seen", at("03-08 09:01"), "2", user="lea"),
            Happened("tablet", "bought", at("03-08 09:02"), "1", user="lea"),
            Happened("phone", "item.seen", at("03-08 09:03"), "3", user="lea"),
            Happened("phone", "bought", at("03-09 09:00"), "4", user="lea", attributes={"what": "shoes"}),
            Happened("web", "item.seen", at("03-08 09:00"), "1", user="jon"),
            Happened("web", "bought", at("03-08 09:30"), "2", user="jon", attributes={"what": "shoes"}),
            Happened("tv", "app.opened", at("03-08 09:00"), "1", user="ann"),
        ]
    )
    return made


def expected(
    events: Sequence[Happened], red: bool, types: Sequence[str], window: int, depth: int, by: str, *, after: bool
) -> list[Row]:
    def is_it(event: Happened) -> bool:
        return event.type == "a.a" and (not red or event.attributes.get("color") == "red")

    people: dict[str, list[Happened]] = {}
    for event in {(event.endpoint, event.id): event for event in events}.values():
        if key := event.endpoint if by == "Endpoint" else event.user:
            people.setdefault(key, []).append(event)
    found: Counter[tuple[str, ...]] = Counter()
    for some in people.values():
        order = sorted(some, key=lambda event: (event.at, not is_it(event), event.type))
        places = [place for place, event in enumerate(order) if is_it(event)]
        if not places:
            continue
        it = order[places[0]]
        others = order[places[0] + 1 :] if after else order[: places[0]][::-1]
        near = [event for event in others if abs(event.at - it.at) <= window and (not types or event.type in types)]
        found[tuple(event.type for event in near[:depth])] += 1
    ends = "(end)" if after else "(start)"
    rows = []
    for path, count in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        names = [*path, ends][:depth] + [""] * 5
        rows.append(Row(names[:5], [count, count / found.total()]))
    return rows


events = st.lists(
    st.builds(
        Happened,
        endpoint=st.sampled_from(["phone", "tablet", "web"]),
        type=st.sampled_from(["a.a", "b.b", "c.c"]),
        at=st.integers(0, 12).map(lambda number: START + number * SECOND),
        id=st.uuids().map(str),
        user=st.sampled_from(["", "lea", "jon"]),
        attributes=st.sampled_from([{}, {"color": "red"}]),
        arrival=st.integers(0, 1000).map(lambda number: at("03-20 00:00") + number),
    ),
    max_size=20,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    happened=events,
    red=st.booleans(),
    types=st.sampled_from([[], ["b.b"], ["a.a", "c.c"]]),
    window=st.sampled_from([None, 2, 5]),
    depth=st.integers(1, 5),
    by=st.sampled_from(["Endpoint", "User"]),
    data=st.data(),
)
def test_agrees_with_following(
    embedded: History,
    happened: list[Happened],
    red: bool,
    types: list[str],
    window: int | None,
    depth: int,
    by: str,
    data: Any,
) -> None:
    again = data.draw(st.lists(st.sampled_from(happened), max_size=4)) if happened else []
    embedded.forget()
    embedded.happen([*happened, *again])
    asked: dict[str, Any] = {"event_type": types, "dimension": str(depth), "by": by, **DAYS}
    if window:
        asked["window"] = f"PT{window}S"
    limit = window * SECOND if window else 10**12
    for chart, after in (("paths-after", True), ("paths-before", False)):
        found = embedded.rows(chart, step=["a.a?Attribute.color=red" if red else "a.a"], **asked)
        assert found == expected(happened, red, types, limit, depth, by, after=after)


def test_after_and_before(history: History) -> None:
    assert history.rows("paths-after", step=["bought"], by="User") == [
        Row(["(end)", "", "", "", ""], [1.0, 0.5]),
        Row(["item.seen", "bought", "(end)", "", ""], [1.0, 0.5]),
    ]
    assert history.rows("paths-before", step=["bought"], by="User", dimension="2") == [
        Row(["item.seen", "(start)", "", "", ""], [1.0, 0.5]),
        Row(["item.seen", "app.opened", "", "", ""], [1.0, 0.5]),
    ]
    assert history.rows("paths-before", step=["bought"], by="User", event_type=["app.opened"], dimension="1") == [
        Row(["(start)", "", "", "", ""], [1.0, 0.5]),
        Row(["app.opened", "", "", "", ""], [1.0, 0.5]),
    ]
    assert history.rows("paths-before", step=["nothing"]) == []


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "Step"),
    ({"step": ["a.a", "b.b"]}, "give one"),
    ({"step": ["a.a"], "dimension": "0"}, "1 to 5"),
    ({"step": ["a.a"], "dimension": "6"}, "1 to 5"),
    ({"step": ["a.a"], "dimension": "many"}, "1 to 5"),
]


def test_what_is_no_path(embedded: History) -> None:
    for wanted, word in WRONG:
        with pytest.raises(Invalid, match=word):
            embedded.ask("paths-after", **wanted)
