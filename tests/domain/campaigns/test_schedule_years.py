"""A year and more of every kind of schedule in thirty time zones, against clocks read off the wall.

Two stretches of time: 2027 to 2028 with a 29th of February, and the years 2011 and 2012, when Samoa and Tokelau skipped
the 30th of December, and Samoa still changed its clocks. Each has both changes of every zone that changes.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from clarion.domain.campaigns.schedule import Plan, base_zone, plan, zone_runs
from clarion.domain.messaging.quiet import is_quiet, zone_of
from clarion.shapes.pinpoint import QuietTime, Schedule
from tests.domain.campaigns.slow_clock import STEP, Wall, face, quarters, quiet_minutes, recurring, shown, turns

ZONES = (
    "Africa/Cairo Africa/Casablanca Africa/Johannesburg Africa/Lagos America/Argentina/Buenos_Aires America/Bogota "
    "America/Chicago America/Havana America/Los_Angeles America/New_York America/Phoenix America/Santiago "
    "America/Sao_Paulo America/St_Johns Asia/Kathmandu Asia/Kolkata Asia/Tehran Asia/Tokyo Asia/Yangon "
    "Australia/Adelaide Australia/Lord_Howe Australia/Sydney Europe/Berlin Europe/London Pacific/Apia "
    "Pacific/Auckland Pacific/Chatham Pacific/Fakaofo Pacific/Honolulu Pacific/Kiritimati UTC"
).split()

STRETCHES = {
    "2027": (datetime(2027, 1, 30, tzinfo=UTC), datetime(2028, 4, 5, tzinfo=UTC)),
    "2011": (datetime(2011, 8, 30, tzinfo=UTC), datetime(2012, 11, 20, tzinfo=UTC)),
}
"""Fourteen months each."""

AROUND = 3 * 96
"""Quarters that walls are walked beyond a stretch: zones are up to 14 hours ahead, and one skipped a day."""


@functools.cache
def walls(stretch: str) -> dict[str, Wall]:
    first, last = STRETCHES[stretch]
    return {zone: Wall(zone, quarters(first) - AROUND, quarters(last) + AROUND) for zone in ZONES}


@functools.cache
def days_of_changes(stretch: str) -> frozenset[int]:
    """Days on which clocks change somewhere, with those before and after."""
    changes = {change // 96 for wall in walls(stretch).values() for change in wall.changes}
    return frozenset(day + more for day in changes for more in (-1, 0, 1))


def runs(schedule: Plan, last: datetime) -> Iterator[tuple[int, datetime]]:
    """Every run until then, as the product counts them."""
    number = 0
    while (at := schedule.occurrence(number)) is not None and at <= last:
        yield number, at
        number += 1


# Frequency, start as its own clock shows it, that clock.
SCHEDULES = [
    *((one, "01-31T02:30", zone) for one in ("HOURLY", "DAILY", "WEEKLY", "MONTHLY") for zone in ("UTC", "UTC-08")),
    ("HOURLY", "02-01T00:45", "UTC+05:45"),
    ("DAILY", "02-01T08:00", "UTC+13"),
    ("DAILY", "01-31T23:45", "UTC-11"),
    ("DAILY", "02-03T00:00", "UTC+10:30"),
    ("WEEKLY", "02-06T02:00", "UTC+01"),
    ("WEEKLY", "02-07T03:15", "UTC+09:30"),
    ("MONTHLY", "01-31T00:00", "UTC+13"),
    ("MONTHLY", "01-31T23:45", "UTC-11"),
    ("MONTHLY", "03-30T12:00", "UTC+05:30"),
    ("MONTHLY", "03-29T02:30", "UTC-03"),
    ("MONTHLY", "02-28T07:15", "UTC+03:30"),
]


def begun(start: str, stretch: str) -> str:
    """The start in the stretch: the same day, of a month as many after its beginning, that has as many days."""
    month = {"01": "08", "02": "09", "03": "10"}[start[:2]] if stretch == "2011" else start[:2]
    return f"{stretch}-{month}{start[2:]}:00"


SCENARIOS = [
    (stretch, frequency, begun(start, stretch), zone) for stretch in STRETCHES for frequency, start, zone in SCHEDULES
]


def planned(frequency: str, start: str, zone: str, *, local: bool) -> Plan:
    written = Schedule(start_time=start, frequency=frequency, timezone=zone, is_local_time=local)  # type: ignore[arg-type]
    return plan(written, datetime(2000, 1, 1, tzinfo=UTC))


def ahead(zone: str) -> int:
    """Quarters that a schedule's own clock is ahead."""
    offset = base_zone(zone).utcoffset(None)
    return int(offset.total_seconds()) // STEP


@pytest.mark.parametrize(("stretch", "frequency", "start", "zone"), SCENARIOS)
def test_runs_are_when_the_clock_shows_their_time(stretch: str, frequency: str, start: str, zone: str) -> None:
    schedule, last = planned(frequency, start, zone, local=False), STRETCHES[stretch][1]
    found = [quarters(at) for _, at in runs(schedule, last)]
    expected = list(recurring(quarters(schedule.start), ahead(zone), frequency, quarters(last)))
    assert found == expected
    assert len(found) == len(set(found)) >= (12 if frequency == "MONTHLY" else 52)
    # Whoever comes late finds the next run there is, at any moment of the stretch.
    for number in range(0, len(found), 97):
        at = datetime.fromtimestamp(found[number] * STEP, UTC)
        assert schedule.next_after(-1, at) == (number, at)
        following = schedule.next_after(number - 1, at + timedelta(seconds=1))
        assert following is not None
        assert (following[0], quarters(following[1])) == (
            number + 1,
            [*found, *_more(schedule, len(found))][number + 1],
        )


def _more(schedule: Plan, number: int) -> list[int]:
    at = schedule.occurrence(number)
    return [] if at is None else [quarters(at)]


QUIET = [("22:00", "06:00"), ("02:15", "02:45"), ("00:00", "23:59"), ("12:00", "12:00"), ("06:00", "05:59")]
HELD = {start: quiet_minutes(start, end) for start, end in QUIET}


@pytest.mark.parametrize(("stretch", "frequency", "start", "zone"), SCENARIOS)
def test_everybody_is_told_at_their_own_time(stretch: str, frequency: str, start: str, zone: str) -> None:
    """Turns of thirty zones in every run, who is left out, and whether it is quiet there then.

    Of hourly runs: those around changes of clocks, and each eleventh, which comes through all hours of the day.
    """
    schedule, last = planned(frequency, start, zone, local=True), STRETCHES[stretch][1]
    quiet = [QuietTime(start=start, end=end) for start, end in QUIET]
    for number, at in runs(schedule, last):
        run = quarters(at)
        if frequency == "HOURLY" and number % 11 and run // 96 not in days_of_changes(stretch):
            continue
        found = [(quarters(turn), name) for turn, name in zone_runs(at, schedule.zone, ZONES)]
        assert found == turns(walls(stretch), run + ahead(zone), run), (number, at)
        window = quiet[number % len(quiet)]
        for turn, name in found:
            when = datetime.fromtimestamp(turn * STEP, UTC)
            shows = face(walls(stretch)[name].shows(turn))
            assert is_quiet(window, when, zone_of(name)) is (shows in HELD[window.start or ""]), (window, when, name)


@pytest.mark.parametrize("stretch", STRETCHES)
@pytest.mark.parametrize(("start", "end"), QUIET)
def test_quiet_time_around_every_change_of_clocks(stretch: str, start: str, end: str) -> None:
    """Every minute of six hours around it, which is where minutes are missing or there twice."""
    window, held = QuietTime(start=start, end=end), HELD[start]
    for name, wall in walls(stretch).items():
        for change in wall.changes:
            for minute in range(change * 15 - 180, change * 15 + 180, 1 if name.startswith("Australia/") else 7):
                moment = datetime.fromtimestamp(minute * 60, UTC)
                hour, past = divmod(wall.shows(minute // 15) % 96 * 15 + minute % 15, 60)
                assert is_quiet(window, moment, zone_of(name)) is (f"{hour:02d}:{past:02d}" in held), (moment, name)


def test_the_zones_are_what_they_are_meant_to_be() -> None:
    """Else the rest would prove less than it says."""
    assert len(ZONES) >= 30
    new, old = walls("2027"), walls("2011")
    assert {len(wall.changes) for wall in new.values()} >= {0, 2, 3}
    lord_howe = new["Australia/Lord_Howe"]
    assert {
        abs(lord_howe.offsets[at - lord_howe.first] - lord_howe.offsets[at - lord_howe.first - 1])
        for at in lord_howe.changes
    } == {2}
    assert new["Asia/Kathmandu"].changes == [] == new["Asia/Tokyo"].changes
    assert new["Asia/Kathmandu"].offsets[0] == 23
    assert new["Pacific/Chatham"].offsets[0] == 55
    for name in ("Pacific/Apia", "Pacific/Fakaofo"):
        wall = old[name]
        days = {shown(wall.shows(moment))[:3] for moment in range(wall.first, wall.first + len(wall.offsets))}
        assert (2011, 12, 30) not in days
        assert {(2011, 12, 29), (2011, 12, 31)} <= days


def test_a_day_that_is_skipped_is_told_the_day_after() -> None:
    """The clock that nobody put forward shows the 30th when Tokelau has the 31st: two runs meet there."""
    schedule = planned("DAILY", "2011-12-29T08:00:00", "UTC+13", local=True)
    found = [
        turn.astimezone(zone_of("Pacific/Fakaofo")).isoformat()
        for _, at in runs(schedule, datetime(2011, 12, 31, tzinfo=UTC))
        for turn, _ in zone_runs(at, schedule.zone, ["Pacific/Fakaofo"])
    ]
    assert found == ["2011-12-29T08:00:00-11:00", *["2011-12-31T08:00:00+13:00"] * 2]
