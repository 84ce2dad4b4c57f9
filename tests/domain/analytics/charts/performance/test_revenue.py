"""Purchases that apps reported, against slow and obvious Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.core.errors import Invalid
from tests.domain.analytics.charts.history import Happened, History, at
from tests.domain.analytics.charts.performance.reports import PURCHASE, RANGE, ZONES, by, day, events, once

TYPES = [PURCHASE, PURCHASE, "_session.start"]
quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
bought = st.fixed_dictionaries(
    {}, optional={"_item_price": st.sampled_from([0.0, 0.5, 2.25]), "_quantity": st.sampled_from([0.0, 1.0, 3.0])}
)
paid = st.fixed_dictionaries({}, optional={"_currency": st.sampled_from(["USD", "usd", "EUR", ""])})


@st.composite
def purchases(draw: st.DrawFn) -> list[Happened]:
    """Histories with purchases; what is recorded again is recorded as it was."""
    told: dict[tuple[str, str], tuple[Mapping[str, str], Mapping[str, float]]] = {}
    found = []
    for event in draw(events(TYPES)):
        key = (event.endpoint, event.id)
        if key not in told:
            told[key] = (draw(paid), draw(bought))
        attributes, metrics = told[key]
        found.append(event._replace(attributes=attributes, metrics=metrics))
    return found


def units(event: Happened) -> float:
    return event.metrics.get("_quantity", 1.0)


def amount(event: Happened) -> float:
    return event.metrics.get("_item_price", 0.0) * units(event)


def currency(event: Happened) -> str:
    return event.attributes.get("_currency", "").upper() or "USD"


def of_users(some: Sequence[Happened]) -> float:
    """What users among them paid."""
    return sum(amount(event) for event in some if event.user)


def buyers(some: list[Happened]) -> set[str]:
    return {event.user for event in some} - {""}


def ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


@quick
@given(happened=purchases(), zone=ZONES, asked=st.sampled_from([None, "EUR"]))
def test_agrees_with_adding_up(history: History, happened: list[Happened], zone: str, asked: str | None) -> None:
    history.forget()
    history.happen(happened)
    wanted = {**RANGE, "time_zone": zone}
    every = once(happened, zone)
    users, endpoints = len(buyers(every)), len({event.endpoint for event in every})
    if asked:
        wanted["attribute"] = {"_currency": asked}
    all_bought = [
        event for event in every if event.type == PURCHASE and (not asked or event.attributes.get("_currency") == asked)
    ]
    days = by(all_bought, lambda event: day(event, zone))
    in_money = by([e for e in all_bought if currency(e) == (asked or "USD")], lambda event: day(event, zone))
    expected = {
        "revenue": {one: sum(map(amount, some)) for one, some in in_money.items()},
        "revenue-per-endpoint": {one: sum(map(amount, some)) / endpoints for one, some in in_money.items()},
        "revenue-per-user": {one: ratio(of_users(some), users) for one, some in in_money.items()},
        "revenue-per-paying-user": {one: ratio(of_users(some), len(buyers(some))) for one, some in in_money.items()},
        "paying-users": {one: len(buyers(some)) for one, some in days.items()},
        "units-sold": {one: sum(map(units, some)) for one, some in days.items()},
        "units-per-endpoint": {one: sum(map(units, some)) / endpoints for one, some in days.items()},
        "purchases": {one: len(some) for one, some in days.items()},
        "purchases-per-endpoint": {one: len(some) / len({e.endpoint for e in some}) for one, some in days.items()},
    }
    for chart, values in expected.items():
        assert history.values(chart, **wanted) == values, chart
    each = by([event for event in all_bought if event.user], lambda event: event.user)
    again = sum(len(some) > 1 for some in each.values())
    assert history.rows("repeat-buyers", **wanted) == ([([], [len(each), again, again / len(each)])] if each else [])
    assert history.rows("revenue-by-currency", **wanted) == [
        ([one], [sum(map(amount, some)), sum(map(units, some)), len(some)])
        for one, some in sorted(by(all_bought, currency).items())
    ]


def test_by_endpoint(history: History) -> None:
    for number, endpoint in enumerate(("phone", "phone", "web")):
        history.happen([Happened(endpoint, PURCHASE, at("03-08 09:00"), str(number), metrics={"_item_price": 3.0})])
    assert history.rows("repeat-buyers") == []
    assert history.rows("repeat-buyers", by="Endpoint") == [([], [2.0, 1.0, 0.5])]
    assert history.values("paying-users", by="Endpoint") == {"2027-03-08": 2.0}
    assert history.values("revenue-per-paying-user", by="Endpoint") == {"2027-03-08": 4.5}
    assert history.values("revenue-per-paying-user") == {"2027-03-08": None}


def test_what_cannot_be_asked(history: History) -> None:
    with pytest.raises(Invalid, match="EventType"):
        history.ask("revenue", event_type=["cart.left"])
    with pytest.raises(Invalid, match="By"):
        history.ask("units-sold", by="User")
