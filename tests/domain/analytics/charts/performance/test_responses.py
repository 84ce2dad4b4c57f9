"""What people did after messages of campaigns, against slow and obvious Python."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.domain.analytics.charts.history import Happened, History, at
from tests.domain.analytics.charts.performance.reports import (
    FIRST,
    HOUR_MS,
    LAST,
    PURCHASE,
    RANGE,
    ZONES,
    by,
    day,
    events,
    once,
)
from tests.domain.analytics.charts.performance.sent import Sent

DAY_MS = 24 * HOUR_MS
quick = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
sends = st.lists(
    st.builds(
        Sent,
        id=st.uuids().map(str),
        of=st.sampled_from(["c1", "c2"]),
        activity=st.just("run"),
        treatment=st.just("0"),
        endpoint=st.sampled_from(["phone", "tablet"]),
        channel=st.sampled_from(["GCM", "EMAIL"]),
        at=st.integers((FIRST - DAY_MS) // HOUR_MS, LAST // HOUR_MS).map(lambda hour: hour * HOUR_MS),
        status=st.sampled_from(["SUCCESS", "SUCCESS", "QUIET_TIME"]),
        happened=st.just([]),
        country=st.just(""),
        parts=st.just(0),
        price=st.just(0.0),
    ),
    max_size=4,
)


@quick
@given(some=sends, happened=events(["_session.start", PURCHASE]), zone=ZONES, only=st.sampled_from([None, "c1"]))
def test_agrees_with_looking_back(
    history: History, some: list[Sent], happened: list[Happened], zone: str, only: str | None
) -> None:
    history.forget()
    history.record([row for one in some for row in one.rows()])
    happened = [one._replace(metrics={"_quantity": 2.0} if one.at % 2 else {}) for one in happened]
    history.happen(happened)
    wanted = {**RANGE, "time_zone": zone, "campaign_id": only}
    soon = [
        event
        for event in once(happened, zone)
        if any(
            one.went_out and one.endpoint == event.endpoint and 0 <= event.at - one.at <= DAY_MS
            for one in some
            if only in (None, one.of)
        )
    ]
    days = by([event for event in soon if event.type == "_session.start"], lambda event: day(event, zone))
    found = {row.groups[0]: list(row.values) for row in history.rows("campaign-sessions", **wanted)}
    assert found == {one: [len(some), len(some) / len({e.endpoint for e in some})] for one, some in days.items()}
    times = Counter(
        datetime.fromtimestamp(event.at / 1000, UTC).astimezone(ZoneInfo(zone)).strftime("%A %H")
        for some in days.values()
        for event in some
    )
    found = {" ".join(row.groups): row.values[0] for row in history.rows("campaign-session-times", **wanted)}
    assert found == times
    days = by([event for event in soon if event.type == PURCHASE], lambda event: day(event, zone))
    found = {row.groups[0]: list(row.values) for row in history.rows("campaign-units-sold", **wanted)}
    units = {one: sum(event.metrics.get("_quantity", 1.0) for event in some) for one, some in days.items()}
    assert found == {one: [units[one], units[one] / len({e.endpoint for e in some})] for one, some in days.items()}


def test_times_are_those_of_the_endpoint(history: History) -> None:
    noon = at("03-29 12:00")
    for endpoint, zone in (("phone", "America/New_York"), ("tablet", "nowhere")):
        sent = Sent(endpoint, "c1", "run", "0", endpoint, "GCM", noon, "SUCCESS", [], "", 0, 0.0)
        history.record(list(sent.rows()))
        history.happen([Happened(endpoint, "_session.start", noon + HOUR_MS, "1")])
        history.endpoint(endpoint, timezone=zone)
    found = history.rows("campaign-session-times", time_zone="Asia/Tokyo")
    assert found == [(["Monday", "09"], [1.0]), (["Monday", "22"], [1.0])]
