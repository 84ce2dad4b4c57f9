"""Who is active, new, in which sessions: histories of all kinds against a slow and obvious way to count them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clarion.core.clock import to_ms
from clarion.domain.analytics.charts.activity import sealing
from tests.domain.analytics.charts.activity.counting import (
    Device,
    Told,
    by_day,
    daily,
    heat_map,
    monthly,
    new,
    per,
    sessions,
    sticky,
    totals,
)
from tests.domain.analytics.charts.history import NOW, Happened, History, at

MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
"""Ahead, behind, by half an hour, and with clocks that change within the ranges (14 and 28 March)."""

# Around midnights, changes of clocks, and the ends of ranges and of the table's periods.
MIDNIGHTS = st.sampled_from(
    [at("03-14 00:00"), at("03-28 00:00"), at("03-04 00:00"), at("03-30 00:00"), at("02-27 00:00")]
)
MOMENTS = st.one_of(
    st.builds(lambda midnight, away: midnight + away, MIDNIGHTS, st.integers(-14 * HOUR, 26 * HOUR)),
    st.integers(to_ms(NOW) - 80 * DAY, to_ms(NOW) + DAY),
    # Clocks that go wrong.
    st.sampled_from([0, at("01-01 00:00") - 400 * DAY, to_ms(NOW) + 30 * DAY]),
)
USERS = st.sampled_from(["", "lea", "jon"])
KEYS = st.sampled_from(["phone", "tablet", "web"])


@st.composite
def visits(draw: Callable[[Any], Any], number: int) -> list[Happened]:
    """What one visit of a device leaves: comes, goes, comes back after a pause of some seconds."""
    key, user, moment = draw(KEYS), draw(USERS), draw(MOMENTS)
    kinds = draw(
        st.lists(st.sampled_from(["_session.start", "_session.stop", "_session.pause", "cart.left"]), max_size=4)
    )
    found = [Happened(key, draw(st.sampled_from(["_session.start", "cart.left"])), moment, f"{number}", user=user)]
    for place, kind in enumerate(kinds):
        moment += draw(st.sampled_from([0, 1, 4_000, 5_000, 5_001, 6_000, 10 * MINUTE]))
        found.append(Happened(key, kind, moment, f"{number}.{place}", user=user))
    return found


@st.composite
def histories(draw: Callable[[Any], Any]) -> list[Happened]:
    """Visits, out of order, some of their events twice."""
    events = [event for number in range(draw(st.integers(1, 8))) for event in draw(visits(number))]
    again = draw(st.lists(st.sampled_from(events), max_size=3))
    return list(draw(st.permutations(events + again)))


DEVICES = st.lists(
    st.builds(
        Device,
        KEYS,
        MOMENTS.filter(lambda ms: ms < to_ms(NOW) + DAY),
        USERS,
        st.sampled_from(["", "Asia/Tokyo", "America/St_Johns", "nowhere"]),
        st.sampled_from(["iOS", "Android"]),
    ),
    max_size=3,
    unique_by=lambda one: one.key,
)
RANGES = st.sampled_from(
    [
        ("2027-03-01", "2027-03-30"),
        ("2027-03-14", "2027-03-14"),
        ("2027-03-13T22:30:00Z", "2027-03-28T09:15:30Z"),
        (None, None),
        ("2027-01-05", "2027-03-31"),
    ]
)


def ask(history: History, since: str | None, until: str | None, zone: str, **more: Any) -> tuple[Told, dict[str, Any]]:
    """What is meant by a range, and how it is asked."""
    asked = {"start_time": since, "end_time": until, "time_zone": zone, **more}
    meant = history.ask("sessions", **asked).range
    return Told(to_ms(meant.start), to_ms(meant.end) + 999, zone), asked


@pytest.fixture
def sealed(embedded: History, monkeypatch: pytest.MonkeyPatch) -> History:
    """Where every day that is over is sealed, so that charts are of sealed and of other days."""
    monkeypatch.setattr(sealing, "WORTH_SEALING", 1)
    return embedded


@given(histories(), DEVICES, RANGES, st.sampled_from(ZONES), st.booleans())
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_charts_agree_with_counting(
    sealed: History,
    events: list[Happened],
    devices: list[Device],
    span: tuple[str | None, str | None],
    zone: str,
    filtered: bool,
) -> None:
    sealed.forget()
    half = len(events) // 2
    # In two batches, so that rows of a person have to be taken together.
    sealed.happen(events[:half])
    sealed.happen(events[half:])
    for device in devices:
        columns = {"created": device.created, "user_id": device.user, "timezone": device.zone}
        sealed.endpoint(device.key, platform=device.platform, **columns)
    told, asked = ask(sealed, *span, zone, **({"platform": ["ios"]} if filtered else {}))
    if filtered:
        devices = [device for device in devices if device.platform == "iOS"]
        events = [event for event in events if event.endpoint in {device.key for device in devices}]
    begun = sessions(events, told)
    for by in ("Endpoint", "User"):
        word = by.lower()
        assert sealed.values(f"daily-active-{word}s", **asked) == daily(events, told, by)
        assert sealed.values(f"monthly-active-{word}s", **asked) == monthly(events, told, by)
        assert sealed.values(f"new-{word}s", **asked) == new(events, devices, told, by)
        assert sealed.values(f"sessions-per-{word}", **asked) == per(begun, events, told, by)
        assert sealed.values("sticky-factor", by=by, **asked) == sticky(events, told, by)
    assert sealed.values("sessions", **asked) == by_day(begun, told)
    assert [value for row in sealed.rows("session-totals", **asked) for value in row.values] == totals(
        begun, events, told
    )
    found = {(row.groups[0], row.groups[1]): row.values[0] for row in sealed.rows("session-heat-map", **asked)}
    assert found == heat_map(begun, devices, told)
