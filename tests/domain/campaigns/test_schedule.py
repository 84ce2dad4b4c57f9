"""When a campaign runs: recurrence, local time, quiet times, as tables."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from clarion.core.errors import Invalid
from clarion.domain.campaigns.schedule import base_zone, local_start, plan, zone_runs
from clarion.shapes.pinpoint import QuietTime, Schedule

NOW = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("frequency", "start", "expected"),
    [
        ("ONCE", "2027-01-31T08:00:00Z", ["2027-01-31T08:00:00Z"]),
        (
            "HOURLY",
            "2027-01-31T22:30:00Z",
            ["2027-01-31T22:30:00Z", "2027-01-31T23:30:00Z", "2027-02-01T00:30:00Z"],
        ),
        (
            "DAILY",
            "2027-02-27T08:00:00-08:00",
            ["2027-02-27T16:00:00Z", "2027-02-28T16:00:00Z", "2027-03-01T16:00:00Z"],
        ),
        (
            "WEEKLY",
            "2027-12-25T08:00:00Z",
            ["2027-12-25T08:00:00Z", "2028-01-01T08:00:00Z", "2028-01-08T08:00:00Z"],
        ),
        (
            "MONTHLY",
            "2027-01-31T08:00:00Z",
            ["2027-01-31T08:00:00Z", "2027-02-28T08:00:00Z", "2027-03-31T08:00:00Z"],
        ),
        (
            "MONTHLY",
            "2027-01-30T20:00:00-08:00",
            ["2027-01-31T04:00:00Z", "2027-03-01T04:00:00Z", "2027-03-31T04:00:00Z"],
        ),
    ],
)
def test_runs_are_anchored_at_the_start(frequency: str, start: str, expected: list[str]) -> None:
    schedule = plan(Schedule(start_time=start, frequency=frequency), NOW)  # type: ignore[arg-type]
    found = [schedule.occurrence(number) for number in range(3)]
    assert [moment for moment in found if moment] == [at(text) for text in expected]


def test_nothing_runs_after_the_end() -> None:
    schedule = plan(
        Schedule(start_time="2027-02-01T08:00:00Z", end_time="2027-02-03T08:00:00Z", frequency="DAILY"), NOW
    )
    assert [schedule.occurrence(number) is not None for number in range(4)] == [True, True, True, False]


def test_runs_missed_in_a_pause_are_skipped() -> None:
    schedule = plan(Schedule(start_time="2027-01-01T08:00:00Z", frequency="DAILY"), NOW)
    assert schedule.next_after(2, at("2030-05-05T09:00:00Z")) == (1221, at("2030-05-06T08:00:00Z"))


def test_a_month_long_pause_of_a_monthly_campaign() -> None:
    schedule = plan(Schedule(start_time="2027-01-31T08:00:00Z", frequency="MONTHLY"), NOW)
    assert schedule.next_after(0, at("2027-04-01T00:00:00Z")) == (3, at("2027-04-30T08:00:00Z"))


def test_once_has_no_second_run() -> None:
    assert plan(Schedule(start_time="IMMEDIATE"), NOW).next_after(0, NOW) is None


def test_immediate_starts_now() -> None:
    assert plan(Schedule(start_time="immediate"), NOW).start == NOW


def test_a_time_without_offset_is_read_in_the_base_offset() -> None:
    assert plan(Schedule(start_time="2027-02-01T08:00:00", timezone="utc-08"), NOW).start == at("2027-02-01T16:00:00Z")


@pytest.mark.parametrize(
    "schedule",
    [
        None,
        Schedule(start_time="tomorrow"),
        Schedule(start_time="2027-02-01T08:00:00Z", end_time="2027-02-01T08:00:00Z"),
        Schedule(start_time="2027-02-01T08:00:00Z", timezone="UTC-01"),
        Schedule(start_time="2027-02-01T08:00:00Z", timezone="Europe/Berlin"),
        Schedule(start_time="2027-02-01T08:00:00Z", quiet_time=QuietTime(start="25:00", end="06:00")),
        Schedule(start_time="2027-02-01T08:00:00Z", quiet_time=QuietTime(start="22:00")),
    ],
)
def test_bad_schedules_are_refused(schedule: Schedule | None) -> None:
    with pytest.raises(Invalid, match="Schedule"):
        plan(schedule, NOW)


@pytest.mark.parametrize(
    ("zone", "instant"),
    [
        ("Europe/Berlin", "2027-03-28T01:30:00Z"),  # 02:30 does not exist there that night
        ("America/New_York", "2027-03-28T06:30:00Z"),
        ("Asia/Kolkata", "2027-03-27T21:00:00Z"),
    ],
)
def test_local_time_is_the_same_wall_clock_everywhere(zone: str, instant: str) -> None:
    assert local_start(at("2027-03-28T02:30:00Z"), UTC, ZoneInfo(zone)) == at(instant)


def test_zones_take_turns_from_the_base_offset_westwards() -> None:
    start = at("2027-02-01T08:00:00Z")
    zones = ["America/New_York", "Asia/Tokyo", "Europe/London", "nowhere", ""]
    assert list(zone_runs(start, base_zone("UTC"), zones)) == [
        (at("2027-02-01T08:00:00Z"), "Europe/London"),
        (at("2027-02-01T13:00:00Z"), "America/New_York"),
    ]
