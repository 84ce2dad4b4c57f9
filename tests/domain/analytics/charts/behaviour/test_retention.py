"""Retention and cohorts against a slow and obvious way to count them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.core.clock import to_ms
from clarion.domain.analytics.charts.answers import Row
from clarion.domain.analytics.charts.model import People
from clarion.store.columnar import Columnar
from tests.domain.analytics.charts.history import DAYS, NOW, Happened, History, at

HOUR = 60 * 60 * 1000
DAY = timedelta(days=1)
WINDOWS = (1, 7, 14, 30)
LAST = date(2027, 3, 30)


@pytest.fixture
def history(columnar: Columnar) -> History:
    return History(columnar)


class Device(NamedTuple):
    """An endpoint that there is: when it was made, and whose it is by now."""

    key: str
    created: int
    user: str


def day_of(moment: int, zone: str) -> date:
    return datetime.fromtimestamp(moment / 1000, UTC).astimezone(ZoneInfo(zone)).date()


def person_of(event: Happened | Device, by: People) -> str:
    key = event.endpoint if isinstance(event, Happened) else event.key
    return key if by == "Endpoint" else event.user


def used(events: Sequence[Happened], by: People, zone: str) -> dict[str, set[date]]:
    found: dict[str, set[date]] = {}
    for event in events:
        if person := person_of(event, by):
            found.setdefault(person, set()).add(day_of(event.at, zone))
    return found


def new(events: Sequence[Happened], devices: Sequence[Device], by: People, zone: str, since: date) -> dict[str, date]:
    """When their first event was, of those who have no endpoint that is older than the record."""
    old = {person_of(device, by) for device in devices if device.created < to_ms(NOW - DAYS * DAY)}
    first = {person: min(some) for person, some in used(events, by, zone).items() if person not in old}
    return {person: day for person, day in first.items() if since <= day <= LAST}


def daily(days: dict[str, set[date]], first: dict[str, date], zone: str) -> list[Row]:
    today = day_of(to_ms(NOW), zone)
    rows = []
    for day in sorted(set(first.values())):
        people = [person for person, one in first.items() if one == day]
        shares = [
            sum(any(day < one <= day + window * DAY for one in days[person]) for person in people) / len(people)
            if day + window * DAY < today
            else None
            for window in WINDOWS
        ]
        rows.append(Row([day.isoformat()], [len(people), *shares]))
    return rows


def rate(days: dict[str, set[date]], zone: str, since: date) -> list[Row]:
    today = day_of(to_ms(NOW), zone)
    rows = []
    for number in range((LAST - since).days + 1):
        day = since + number * DAY
        people = [some for some in days.values() if day - 7 * DAY in some]
        back = [some for some in people if any(day - 7 * DAY < one <= day for one in some)]
        if people:
            rows.append(Row([day.isoformat()], [len(people), len(back) / len(people) if day < today else None]))
    return rows


def cohorts(days: dict[str, set[date]], first: dict[str, date], zone: str) -> list[Row]:
    def monday(day: date) -> date:
        return day - day.weekday() * DAY

    today = day_of(to_ms(NOW), zone)
    rows = []
    for cohort in sorted({monday(day) for day in first.values()}):
        people = [person for person, day in first.items() if monday(day) == cohort]
        for week in range(100):
            begins = cohort + 7 * week * DAY
            passed = begins + 7 * DAY <= today
            if not passed and week:
                break
            active = [
                person
                for person in people
                if any(begins <= day < begins + 7 * DAY and day >= first[person] for day in days[person])
            ]
            known = [len(active), len(active) / len(people)] if passed else [None, None]
            rows.append(Row([cohort.isoformat(), str(week)], [len(people), *known]))
    return rows


# Over both changes of clocks in March: New York's on the 14th, Berlin's on the 28th.
moments = (st.integers(-40 * 24, 4 * 24) | st.integers(-120 * 24, 0)).map(
    lambda hours: to_ms(NOW) + hours * HOUR - 30 * 60 * 1000
)
people = st.sampled_from(["", "lea", "jon"])
events = st.lists(
    st.builds(
        Happened,
        endpoint=st.sampled_from(["phone", "tablet", "web"]),
        type=st.sampled_from(["_session.start", "bought"]),
        at=moments,
        id=st.uuids().map(str),
        user=people,
        attributes=st.sampled_from([{}, {"color": "red"}]),
        arrival=st.integers(0, 1000).map(lambda number: at("03-20 00:00") + number),
    ),
    max_size=20,
)
devices = st.lists(
    st.builds(Device, st.sampled_from(["phone", "tablet", "web", "tv"]), moments, people),
    max_size=4,
    unique_by=lambda device: device.key,
)
firsts = st.sampled_from([date(2027, 1, 3), date(2027, 2, 22), date(2027, 3, 10)])
whom = st.sampled_from(["Endpoint", "User"])
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Pacific/Kiritimati"])


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    happened=events, there=devices, zone=zones, by=st.sampled_from(["Endpoint", "User"]), since=firsts, data=st.data()
)
def test_agrees_with_counting(
    embedded: History, happened: list[Happened], there: list[Device], zone: str, by: People, since: date, data: Any
) -> None:
    again = data.draw(st.lists(st.sampled_from(happened), max_size=3)) if happened else []
    embedded.forget()
    embedded.happen([*happened, *again])
    for device in there:
        embedded.endpoint(device.key, created=device.created, user_id=device.user)
    asked: dict[str, Any] = {"by": by, "time_zone": zone, "start_time": str(since), "end_time": str(LAST)}
    days, first = used(happened, by, zone), new(happened, there, by, zone, since)
    assert embedded.rows("daily-retention", **asked) == daily(days, first, zone)
    assert embedded.rows("retention-rate", **asked) == rate(days, zone, since)
    assert embedded.rows("retention-cohorts", **asked) == cohorts(days, first, zone)
    bought = used([event for event in happened if event.type == "bought" and event.attributes], by, zone)
    began = {person: min(some) for person, some in bought.items() if since <= min(some) <= LAST}
    found = embedded.rows("retention-cohorts", event_type=["bought"], attribute={"color": "red"}, **asked)
    assert found == cohorts(days, began, zone)


def test_clocks_that_are_wrong(history: History) -> None:
    """Long ago is before the range, far in the future is no coming back."""
    history.happen(
        [
            Happened("old", "_session.start", at("03-01 09:00") - 60 * 365 * 24 * HOUR, "1", user="lea"),
            Happened("old", "_session.start", at("03-10 09:00"), "2", user="lea"),
            Happened("phone", "_session.start", at("03-10 09:00"), "1", user="jon"),
            Happened("phone", "_session.start", at("03-10 09:00") + 160 * 365 * 24 * HOUR, "2", user="jon"),
        ]
    )
    assert history.rows("daily-retention") == [Row(["2027-03-10"], [1.0, 0.0, 0.0, 0.0, None])]
    assert history.values("retention-rate") == {"2027-03-17": 2.0}
    assert [row.values for row in history.rows("retention-rate")] == [[2.0, 0.0]]


def test_of_an_audience(history: History) -> None:
    history.happen(
        [
            Happened("phone", "_session.start", at("03-02 09:00"), "1", user="lea"),
            Happened("tablet", "_session.start", at("03-03 09:00"), "2", user="lea"),
            Happened("tablet", "_session.start", at("03-10 09:00"), "3", user="lea"),
        ]
    )
    history.endpoint("phone", platform="Android")
    history.endpoint("tablet", platform="iOS")
    assert history.values("daily-retention") == {"2027-03-02": 1.0}
    assert history.values("daily-retention", platform=["ios"]) == {"2027-03-03": 1.0}
    assert [row.values[1:4] for row in history.rows("daily-retention")] == [[1.0, 1.0, 1.0]]
    assert [row.values[1:4] for row in history.rows("daily-retention", platform=["ios"])] == [[0.0, 1.0, 1.0]]
    assert [(row.groups, row.values) for row in history.rows("retention-cohorts", platform=["Android"])][:2] == [
        (["2027-03-01", "0"], [1.0, 1.0, 1.0]),
        (["2027-03-01", "1"], [1.0, 0.0, 0.0]),
    ]
