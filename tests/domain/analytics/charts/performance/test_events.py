"""Events that apps reported, against slow and obvious Python."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.core.errors import Invalid
from clarion.domain.analytics.charts.answers import answered
from clarion.domain.analytics.charts.model import Condition
from clarion.domain.analytics.charts.performance import events as charts
from tests.domain.analytics.charts.history import Happened, History, at
from tests.domain.analytics.charts.performance.reports import RANGE, ZONES, by, day, events, once

TYPES = ["cart.left", "page.view", "_session.start", "_session.start", "_session.stop"]
quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(happened=events(TYPES), zone=ZONES, types=st.lists(st.sampled_from(TYPES), unique=True, max_size=2),
       color=st.sampled_from([None, "red", ""]), price=st.sampled_from([None, 2.0, 0.0]))  # fmt: skip
def test_agrees_with_counting(
    history: History, happened: list[Happened], zone: str, types: list[str], color: str | None, price: float | None
) -> None:
    history.forget()
    history.happen(happened)
    wanted = {
        **RANGE,
        "time_zone": zone,
        "event_type": types,
        "attribute": {} if color is None else {"color": color},
        "metric": {} if price is None else {"price": str(price)},
    }
    found = [
        event
        for event in once(happened, zone)
        if (not types or event.type in types)
        and (color is None or event.attributes.get("color") == color)
        and (price is None or event.metrics.get("price") == price)
    ]
    days = by(found, lambda event: day(event, zone))
    assert history.values("events", **wanted) == {one: float(len(some)) for one, some in days.items()}
    assert history.values("event-endpoints", **wanted) == {
        one: float(len({event.endpoint for event in some})) for one, some in days.items()
    }
    assert {row.groups[0]: row.values for row in history.rows("event-types", **wanted)} == {
        one: [float(len(some)), float(max(e.at for e in some))]
        for one, some in by(found, lambda event: event.type).items()
    }
    having = by([event for event in found if "color" in event.attributes], lambda event: event.attributes["color"])
    told = {row.groups[0]: row.values for row in history.rows("event-attribute", dimension="color", **wanted)}
    assert told == {one: [float(len(some))] for one, some in having.items()}
    weighing = by([event for event in found if "weight" in event.metrics], lambda event: day(event, zone))
    told = {row.groups[0]: row.values for row in history.rows("event-metric", metric_name="weight", **wanted)}
    begun = sessions(happened, zone)
    assert told == {
        one: _metric([event.metrics["weight"] for event in some], begun.get(one)) for one, some in weighing.items()
    }
    per_session = {one: len(days.get(one, [])) / number for one, number in begun.items()}
    assert history.values("events-per-session", **wanted) == per_session


def _metric(values: list[float], sessions: int | None) -> list[float | None]:
    return [
        float(len(values)),
        min(values),
        max(values),
        sum(values) / len(values),
        sum(values),
        sum(values) / sessions if sessions else None,
    ]


def sessions(happened: list[Happened], zone: str) -> dict[str, int]:
    """Sessions that began on a day: starts with no stop in the five seconds before."""
    every = {(event.endpoint, event.id): event for event in happened}.values()
    begun = [
        event
        for event in once(happened, zone)
        if event.type == "_session.start"
        and not any(
            one.endpoint == event.endpoint and one.type == "_session.stop" and 0 <= event.at - one.at <= 5000
            for one in every
        )
    ]
    return {one: len(some) for one, some in by(begun, lambda event: day(event, zone)).items()}


@pytest.fixture
def carts(history: History) -> History:
    """Three carts in three days, the last of another person."""
    red, blue = {"color": "red"}, {"color": "blue", "size": "xl"}
    history.happen(
        [
            Happened("phone", "cart.left", at("03-27 09:00"), "1", attributes=red, metrics={"price": 1.99}),
            Happened("phone", "cart.left", at("03-28 09:00"), "2", attributes=blue, metrics={"price": 4.0}),
            Happened("web", "cart.left", at("03-28 10:00"), "3", attributes=red, metrics={"price": 2.0}),
            Happened("web", "page.view", at("03-29 10:00"), "4"),
        ]
    )
    return history


def test_sums_up(carts: History) -> None:
    (summary,) = answered(carts.ask("events", event_type=["cart.left"], **RANGE)).summaries
    assert (summary.total, summary.average, summary.change) == (3.0, 1.0, -1.0)


@pytest.mark.parametrize(
    "named",
    [
        {"metric_name": "price"},
        {"dimension": "price"},
        {"dimension": "Metric.price"},
        {"metric": {"price": ""}},
        {"metric": {"price": "2.0"}},
    ],
)
def test_ways_to_name_a_metric(carts: History, named: dict[str, object]) -> None:
    [row, *_] = reversed(carts.rows("event-metric", **named))
    assert row.values[2] == (2.0 if named.get("metric") == {"price": "2.0"} else 4.0)


def test_ways_to_name_an_attribute(carts: History) -> None:
    for dimension in ("color", "Attribute.color", "Attributes.color"):
        assert carts.rows("event-attribute", dimension=dimension) == [(["red"], [2.0]), (["blue"], [1.0])]


def test_the_most_frequent_values_are_answered(carts: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "MOST_VALUES", 1)
    assert carts.rows("event-attribute", dimension="color") == [(["red"], [2.0])]


def test_of_an_audience(carts: History) -> None:
    carts.endpoint("web", platform="Web")
    assert carts.values("events", platform=["web"]) == {"2027-03-28": 1.0, "2027-03-29": 1.0}
    carts.segments["s"] = Condition("platform = {p0:String}", {"p0": "Web"})
    assert carts.values("events", segment_id="s", event_type=["cart.left"]) == {"2027-03-28": 1.0}


def test_what_the_product_recorded_is_not_reported(carts: History) -> None:
    sent = Happened("phone", "_email.send", at("03-28 09:00"), "5").row()
    sent.system = True
    carts.record([sent])
    assert "_email.send" not in carts.values("events") | {row.groups[0]: 0 for row in carts.rows("event-types")}


@pytest.mark.parametrize(
    ("chart", "wanted", "word"),
    [
        ("event-metric", {}, "MetricName"),
        ("event-metric", {"metric": {"price": "much"}}, "Metric.price"),
        ("events", {"metric": {"price": ""}}, "Metric.price"),
        ("event-attribute", {}, "Dimension"),
        ("events", {"dimension": "color"}, "Dimension"),
    ],
)
def test_what_cannot_be_asked(history: History, chart: str, wanted: dict[str, object], word: str) -> None:
    with pytest.raises(Invalid, match=word):
        history.ask(chart, **wanted)
