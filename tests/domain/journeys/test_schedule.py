"""When a journey takes people in: starts, refreshes, local time and ends, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarion.core.clock import DAY_MS, HOUR_MS, from_ms, to_ms
from clarion.domain.journeys.schedule import Plan, add_months, faults, plan
from clarion.shapes.pinpoint import JourneySchedule, WriteJourneyRequest

PUBLISHED = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
DELAY_MS = 300_000
DAYS = 540


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


def planned(
    start: str = "",
    end: str = "",
    *,
    zone: str = "",
    local: bool = False,
    refresh: str = "",
    published: datetime = PUBLISHED,
) -> Plan:
    return plan(journey(start, end, zone=zone, local=local, refresh=refresh), to_ms(published), DELAY_MS, DAYS)


def journey(
    start: str = "", end: str = "", *, zone: str = "", local: bool = False, refresh: str = ""
) -> WriteJourneyRequest:
    return WriteJourneyRequest(
        name="j",
        local_time=local,
        refresh_frequency=refresh or None,
        schedule=JourneySchedule(
            start_time=datetime.fromisoformat(start) if start else None,
            end_time=datetime.fromisoformat(end) if end else None,
            timezone=zone or None,
        ),
    )


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("", "2027-01-10T12:05:00Z"),
        ("2027-01-10T12:02:00Z", "2027-01-10T12:05:00Z"),
        ("2026-11-01T08:00:00Z", "2027-01-10T12:05:00Z"),
        ("2027-02-01T08:00:00+01:00", "2027-02-01T07:00:00Z"),
    ],
)
def test_nobody_enters_before_the_delay_has_passed(start: str, expected: str) -> None:
    made = planned(start)
    assert made.start_ms == made.run_ms(0) == ms(expected)
    assert made.end_ms == made.start_ms + DAYS * DAY_MS
    assert (made.refresh, made.run_ms(1), made.next_after(0, made.start_ms)) == (False, None, None)


def test_a_journey_without_a_schedule_starts_after_the_delay() -> None:
    made = plan(WriteJourneyRequest(name="j"), to_ms(PUBLISHED), DELAY_MS, DAYS)
    assert made.start_ms == to_ms(PUBLISHED) + DELAY_MS


@pytest.mark.parametrize(
    ("start", "refresh", "expected"),
    [
        ("2027-02-01T08:00:00Z", "PT1H", ["2027-02-01T08:00:00Z", "2027-02-01T09:00:00Z", "2027-02-01T10:00:00Z"]),
        ("2027-02-01T08:00:00Z", "P7D", ["2027-02-01T08:00:00Z", "2027-02-08T08:00:00Z", "2027-02-15T08:00:00Z"]),
        ("2027-01-31T08:00:00Z", "P1M", ["2027-01-31T08:00:00Z", "2027-02-28T08:00:00Z", "2027-03-31T08:00:00Z"]),
        ("2027-01-31T08:00:00Z", "P3M", ["2027-01-31T08:00:00Z", "2027-04-30T08:00:00Z", "2027-07-31T08:00:00Z"]),
        ("2028-02-29T08:00:00Z", "P1Y", ["2028-02-29T08:00:00Z", "2029-02-28T08:00:00Z", None]),
        ("2027-02-01T08:00:00Z", "P1M1D", ["2027-02-01T08:00:00Z", "2027-03-02T08:00:00Z", "2027-04-03T08:00:00Z"]),
        # Published late: now, and then at the hours that were written.
        ("2027-01-01T08:00:00Z", "P1D", ["2027-01-10T12:05:00Z", "2027-01-11T08:00:00Z", "2027-01-12T08:00:00Z"]),
        ("2026-12-01T08:00:00Z", "P1M", ["2027-01-10T12:05:00Z", "2027-02-01T08:00:00Z", "2027-03-01T08:00:00Z"]),
        ("", "PT12H", ["2027-01-10T12:05:00Z", "2027-01-11T00:05:00Z", "2027-01-11T12:05:00Z"]),
    ],
)
def test_refreshes_are_anchored_at_the_start(start: str, refresh: str, expected: list[str | None]) -> None:
    made = planned(start, refresh=refresh)
    assert made.refresh
    assert [made.run_ms(number) for number in range(3)] == [text and ms(text) for text in expected]


@pytest.mark.parametrize("refresh", ["", "often", "PT0S", "PT59S"])
def test_what_is_no_frequency_never_refreshes(refresh: str) -> None:
    assert not planned(refresh=refresh).refresh


def test_nothing_begins_at_the_end_or_later() -> None:
    made = planned("2027-02-01T08:00:00Z", "2027-02-03T08:00:00Z", refresh="P1D")
    assert [made.run_ms(number) for number in (1, 2)] == [ms("2027-02-02T08:00:00Z"), None]
    assert made.next_after(1, made.start_ms) is None


def test_a_journey_ends_after_its_longest_time_whatever_is_written() -> None:
    made = planned("2027-02-01T08:00:00Z", "2037-02-01T08:00:00Z")
    assert made.end_ms == made.start_ms + DAYS * DAY_MS


def test_a_pause_skips_refreshes() -> None:
    made = planned("2027-02-01T08:00:00Z", refresh="P1D")
    assert made.next_after(0, ms("2027-02-20T09:00:00Z")) == (20, ms("2027-02-21T08:00:00Z"))
    assert made.next_after(0, ms("2027-02-20T08:00:00Z")) == (19, ms("2027-02-20T08:00:00Z"))
    assert made.next_after(30, ms("2027-02-20T08:00:00Z")) == (31, ms("2027-03-04T08:00:00Z"))
    late = planned("2027-01-01T08:00:00Z", refresh="P1D")
    assert late.next_after(0, ms("2027-01-20T09:00:00Z")) == (11, ms("2027-01-21T08:00:00Z"))


@pytest.mark.parametrize(
    ("zones", "turn"),
    [
        (["Europe/Berlin"], "2027-02-01T07:00:00Z"),
        (["America/New_York"], "2027-02-01T13:00:00Z"),
        (["America/New_York", "America/Los_Angeles"], "2027-02-01T16:00:00Z"),
        # East of the schedule's offset: at once.
        (["Asia/Tokyo"], "2027-02-01T07:00:00Z"),
        ([], "2027-02-01T07:00:00Z"),
        (["Mars/Olympus"], "2027-02-01T07:00:00Z"),
    ],
)
def test_in_local_time_everybody_has_their_turn(zones: list[str], turn: str) -> None:
    made = planned("2027-02-01T07:00:00Z", zone="UTC+01", local=True)
    assert made.start_ms == ms("2027-02-01T07:00:00Z")
    assert made.turn_ms(0, zones) == ms(turn)


def test_without_local_time_everybody_s_turn_is_at_once() -> None:
    made = planned("2027-02-01T07:00:00Z", "2027-03-01T07:00:00Z", refresh="P1D")
    assert made.turn_ms(1, ["America/New_York"]) == ms("2027-02-02T07:00:00Z")
    assert made.over_ms(["America/New_York"]) == made.end_ms == ms("2027-03-01T07:00:00Z")
    assert made.turn_ms(100, ["America/New_York"]) is None


def test_local_time_keeps_the_hour_through_clock_changes() -> None:
    """New York changes its clocks on 14 March and 7 November 2027."""
    made = planned("2027-03-12T08:00:00-05:00", zone="UTC-05", local=True, refresh="P1D")
    turns = [made.turn_ms(number, ["America/New_York"]) for number in range(4)]
    assert turns == [
        ms(text)
        for text in (
            "2027-03-12T13:00:00Z",
            "2027-03-13T13:00:00Z",
            "2027-03-14T12:00:00Z",
            "2027-03-15T12:00:00Z",
        )
    ]
    assert made.run_ms(2) == ms("2027-03-14T12:00:00Z")
    late = planned("2027-01-05T12:30:00Z", local=True, refresh="P1D")
    assert (late.start_ms, late.run_ms(1)) == (ms("2027-01-10T12:05:00Z"), ms("2027-01-11T11:30:00Z"))
    assert planned("2027-03-12T08:00:00Z", local=True, refresh="PT6H").run_ms(1) == ms("2027-03-12T14:00:00Z")
    autumn = planned("2027-11-05T08:00:00-04:00", zone="UTC-04", local=True, refresh="P1D")
    assert [autumn.turn_ms(number, ["America/New_York"]) for number in (1, 2)] == [
        ms("2027-11-06T12:00:00Z"),
        ms("2027-11-07T13:00:00Z"),
    ]


def test_a_wall_time_that_is_skipped_or_comes_twice_has_one_turn() -> None:
    skipped = planned("2027-03-14T02:30:00-04:00", zone="UTC-04", local=True)
    assert skipped.turn_ms(0, ["America/New_York"]) == ms("2027-03-14T07:30:00Z")
    twice = planned("2027-11-07T01:30:00-04:00", zone="UTC-04", local=True)
    assert twice.turn_ms(0, ["America/New_York"]) == ms("2027-11-07T05:30:00Z")


def test_a_local_end_comes_zone_by_zone() -> None:
    made = planned("2027-02-01T08:00:00Z", "2027-03-01T08:00:00Z", zone="UTC", local=True)
    assert made.over_ms(["America/New_York"]) == ms("2027-03-01T13:00:00Z")
    assert made.over_ms(["Asia/Tokyo"]) == ms("2027-02-28T23:00:00Z")
    assert made.over_ms(["Asia/Tokyo", "America/New_York"]) == ms("2027-02-28T23:00:00Z")
    assert made.over_ms([]) == made.end_ms == ms("2027-03-01T20:00:00Z")


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
@pytest.mark.parametrize("refresh", ["", "P1Y", "PT1M", "P4000Y"])
def test_the_ends_of_the_calendar_are_no_surprise(text: str, refresh: str) -> None:
    made = planned(text, "9999-12-31T23:59:59Z", zone="UTC-11", local=True, refresh=refresh)
    assert made.turn_ms(0, ["Pacific/Kiritimati", "Pacific/Pago_Pago"]) is not None
    assert made.over_ms(["Pacific/Kiritimati"]) <= made.end_ms
    assert list(faults(journey(text, text, zone="UTC+13"), to_ms(PUBLISHED), DELAY_MS, DAYS))


@given(
    st.integers(-800, 800),
    st.sampled_from(["PT1H", "PT90M", "P1D", "P7D", "P1M", "P3M", "P1Y", "P1M10D"]),
    st.integers(0, 40),
    st.integers(0, 700),
)
def test_next_after_is_the_first_run_not_missed(start_days: int, refresh: str, number: int, later: int) -> None:
    made = planned((PUBLISHED + timedelta(days=start_days)).isoformat(), refresh=refresh)
    now_ms = made.start_ms + later * HOUR_MS
    expected = None
    for one in range(number + 1, number + 800):
        at_ms = made.run_ms(one)
        if at_ms is None or at_ms >= now_ms:
            expected = None if at_ms is None else (one, at_ms)
            break
    assert made.next_after(number, now_ms) == expected


@given(st.integers(-800, 800), st.sampled_from(["PT1H", "P1D", "P7D", "P1M", "P1Y", "P1M10D"]), st.booleans())
def test_runs_follow_each_other(start_days: int, refresh: str, local: bool) -> None:
    made = planned((PUBLISHED + timedelta(days=start_days)).isoformat(), refresh=refresh, local=local)
    runs = [at_ms for number in range(30) if (at_ms := made.run_ms(number)) is not None]
    assert runs == sorted(set(runs))
    assert all(made.start_ms <= at_ms < made.end_ms for at_ms in runs)
    first = add_months(made.first, made.months) + made.rest
    if len(runs) > 1 and not local and made.start_ms == to_ms(made.first):
        assert from_ms(runs[1]) == first


@pytest.mark.parametrize(
    ("start", "end", "zone", "said"),
    [
        ("", "", "", []),
        ("2027-02-01T00:00:00Z", "2028-02-01T00:00:00Z", "UTC+13:45", []),
        ("", "2027-02-01T00:00:00Z", "UTC", []),
        ("", "", "Europe/Berlin", ["not one of the offsets"]),
        ("", "", "UTC+14", ["not one of the offsets"]),
        ("2027-02-01T00:00:00Z", "2027-02-01T00:00:00Z", "", ["after StartTime"]),
        ("2027-02-02T00:00:00Z", "2027-02-01T00:00:00Z", "UTC+03:17", ["not one of the offsets", "after StartTime"]),
        ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "", ["has passed"]),
        ("", "2027-01-10T12:04:00Z", "", ["before anybody can enter"]),
        ("2027-02-01T00:00:00Z", "2028-07-25T00:00:00Z", "", []),
        ("2027-02-01T00:00:00Z", "2028-07-26T00:00:00Z", "", ["longer than 540 days"]),
    ],
)
def test_faults_of_a_schedule(start: str, end: str, zone: str, said: list[str]) -> None:
    found = list(faults(journey(start, end, zone=zone), to_ms(PUBLISHED), DELAY_MS, DAYS))
    assert [fault.code for fault in found] == ["E24"] * len(said)
    assert all(text in fault.text for text, fault in zip(said, found, strict=True))
