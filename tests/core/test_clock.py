from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from clarion.core.clock import SystemClock, VirtualClock, from_ms, iso, iso_ms, parse_iso, perf_seconds, to_ms

NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)


def test_virtual_clock_stands_still_until_moved() -> None:
    clock = VirtualClock(NOON)
    assert clock.now() == clock.now() == NOON
    assert clock.now_ms() == to_ms(NOON)
    assert clock.move_to(NOON + timedelta(days=1)) == NOON + timedelta(days=1)
    assert clock.now() == NOON + timedelta(days=1)


def test_virtual_clock_never_runs_backwards() -> None:
    clock = VirtualClock(NOON)
    assert clock.move_to(NOON - timedelta(seconds=1)) == NOON
    assert clock.now() == NOON


def test_virtual_clock_answers_in_utc() -> None:
    clock = VirtualClock(datetime(2027, 1, 1, 14, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == NOON
    assert clock.now().tzinfo is UTC
    clock.move_to(datetime(2027, 1, 1, 13, tzinfo=timezone(timedelta(hours=-1))))
    assert clock.now().isoformat() == "2027-01-01T14:00:00+00:00"


def test_virtual_clock_starts_now() -> None:
    assert abs(VirtualClock().now() - SystemClock().now()) < timedelta(minutes=1)


def test_system_clock_agrees_with_itself() -> None:
    clock = SystemClock()
    before = clock.now_ms()
    assert before <= to_ms(clock.now()) + 1
    assert clock.now().tzinfo is UTC
    assert perf_seconds() <= perf_seconds()


@pytest.mark.parametrize("ms", [0, 1, 999, 1_798_800_000_123, -1, 4_102_444_799_999, 253_402_300_799_999])
def test_milliseconds_there_and_back_are_exact(ms: int) -> None:
    assert to_ms(from_ms(ms)) == ms


def test_fractions_of_a_millisecond_are_cut() -> None:
    assert to_ms(datetime(1970, 1, 1, 0, 0, 0, 1999, tzinfo=UTC)) == 1


def test_iso_has_three_digits_and_z() -> None:
    assert iso(datetime(2027, 1, 2, 3, 4, 5, 67_899, tzinfo=UTC)) == "2027-01-02T03:04:05.067Z"
    assert iso(datetime(2027, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))) == "2026-12-31T23:00:00.000Z"
    assert iso_ms(1_000) == "1970-01-01T00:00:01.000Z"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-01-01T12:00:00Z", NOON),
        ("2027-01-01T12:00:00", NOON),
        ("2027-01-01T13:30:00+01:30", NOON),
        ("2027-01-01T12:00:00.250Z", NOON + timedelta(milliseconds=250)),
        ("2027-01-01", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_parse_iso(text: str, moment: datetime) -> None:
    assert parse_iso(text) == moment
    assert parse_iso(text).tzinfo is UTC


@pytest.mark.parametrize("text", ["", "tomorrow", "2027-13-01T00:00:00Z", "1798800000"])
def test_parse_iso_refuses_what_is_not_a_date(text: str) -> None:
    with pytest.raises(ValueError):
        parse_iso(text)
