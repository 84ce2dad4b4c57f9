"""Quiet time, open hours and closed days: tables, and random ones against a judge that looks at every minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clarion.core.clock import DAY_MS, from_ms, to_ms
from clarion.domain.journeys.sending.hours import FARTHEST_MS, MINUTE_MS, Free, Hours
from clarion.domain.journeys.sending.opening import WEEK
from clarion.shapes.pinpoint import (
    ClosedDays,
    ClosedDaysRule,
    OpenHours,
    OpenHoursRule,
    QuietTime,
    WriteJourneyRequest,
)

BERLIN, NEW_YORK, TOKYO = "Europe/Berlin", "America/New_York", "Asia/Tokyo"


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


def journey(
    quiet: str = "21:00-07:30",
    *,
    opened: OpenHours | None = None,
    closed: ClosedDays | None = None,
    scheduled: bool = True,
    estimated: bool = False,
) -> WriteJourneyRequest:
    start, _, end = quiet.partition("-")
    return WriteJourneyRequest(
        name="j",
        quiet_time=QuietTime(start=start, end=end) if quiet else None,
        sending_schedule=scheduled,
        open_hours=opened,
        closed_days=closed,
        timezone_estimation_methods=["PHONE_NUMBER"] if estimated else None,
    )


def rules(*ranges: str) -> list[OpenHoursRule]:
    pairs = (one.split("-") for one in ranges)
    return [OpenHoursRule(start_time=start, end_time=end) for start, end in pairs]


@pytest.mark.parametrize(
    ("quiet", "zones", "at", "free"),
    [
        # One that spans midnight, both ends in it to the last second.
        ("21:00-07:30", (BERLIN,), "2027-02-01T20:59:59+01:00", "2027-02-01T20:59:59+01:00"),
        ("21:00-07:30", (BERLIN,), "2027-02-01T21:00:00+01:00", "2027-02-02T07:31:00+01:00"),
        ("21:00-07:30", (BERLIN,), "2027-02-01T23:59:59+01:00", "2027-02-02T07:31:00+01:00"),
        ("21:00-07:30", (BERLIN,), "2027-02-02T07:30:59+01:00", "2027-02-02T07:31:00+01:00"),
        ("21:00-07:30", (BERLIN,), "2027-02-02T07:31:00+01:00", "2027-02-02T07:31:00+01:00"),
        ("12:00-13:00", (BERLIN,), "2027-02-01T12:30:00+01:00", "2027-02-01T13:01:00+01:00"),
        ("12:00-12:00", (BERLIN,), "2027-02-01T12:00:30+01:00", "2027-02-01T12:01:00+01:00"),
        # Any of several zones: 07:31 in New York is 13:31 in Berlin and 21:31 in Tokyo.
        ("21:00-07:30", (BERLIN, NEW_YORK), "2027-02-01T07:40:00+01:00", "2027-02-01T13:31:00+01:00"),
        ("06:00-20:30", (NEW_YORK, TOKYO), "2027-02-01T09:00:00+01:00", None),
        # Without a zone that exists nobody is protected.
        ("00:00-23:59", (), "2027-02-01T12:00:00Z", "2027-02-01T12:00:00Z"),
        ("00:00-23:59", ("Mars/Olympus",), "2027-02-01T12:00:00Z", "2027-02-01T12:00:00Z"),
        ("00:00-23:59", (BERLIN,), "2027-02-01T12:00:00Z", None),
        ("08:00-07:59", (BERLIN,), "2027-02-01T08:00:00+01:00", None),
        ("", (BERLIN,), "2027-02-01T23:00:00+01:00", "2027-02-01T23:00:00+01:00"),
        # Clocks go forward at 02:00 in Berlin on 28 March 2027, and back at 03:00 on 31 October.
        ("22:00-02:30", (BERLIN,), "2027-03-28T01:00:00+01:00", "2027-03-28T03:00:00+02:00"),
        ("22:00-06:00", (BERLIN,), "2027-03-28T01:00:00+01:00", "2027-03-28T06:01:00+02:00"),
        ("22:00-06:00", (BERLIN,), "2027-10-31T01:00:00+02:00", "2027-10-31T06:01:00+01:00"),
        ("22:00-02:30", (BERLIN,), "2027-10-31T02:10:00+02:00", "2027-10-31T02:31:00+02:00"),
        ("22:00-02:30", (BERLIN,), "2027-10-31T02:10:00+01:00", "2027-10-31T02:31:00+01:00"),
        ("02:15-02:45", (BERLIN,), "2027-10-31T02:59:00+02:00", "2027-10-31T02:59:00+02:00"),
        ("02:50-03:10", (BERLIN,), "2027-10-31T02:55:00+02:00", "2027-10-31T02:00:00+01:00"),
        # Zones with other offsets and other changes.
        ("21:00-07:30", ("Asia/Kathmandu",), "2027-02-01T21:00:00+05:45", "2027-02-02T07:31:00+05:45"),
        ("01:00-02:10", ("Australia/Lord_Howe",), "2027-04-04T01:00:00+11:00", "2027-04-04T02:11:00+10:30"),
    ],
)
def test_quiet_time(quiet: str, zones: tuple[str, ...], at: str, free: str | None) -> None:
    found = Hours.of(journey(quiet)).free_at("SMS", zones, ms(at))
    assert (found.at_ms and from_ms(found.at_ms)) == (free and datetime.fromisoformat(free).astimezone(UTC))
    assert bool(found.why) == (found.at_ms != ms(at))
    assert not found.zone_missing


def test_why_is_told() -> None:
    assert Hours.of(journey()).free_at("SMS", (BERLIN,), ms("2027-02-01T22:00:00Z")).why == (
        "quiet time 21:00-07:30 in Europe/Berlin"
    )


def test_where_zones_are_estimated_nobody_without_one_is_sent_to() -> None:
    now_ms = ms("2027-02-01T12:00:00Z")
    assert Hours.of(journey(estimated=True)).free_at("SMS", (), now_ms) == Free(
        None, "the time zone cannot be estimated", True
    )
    assert Hours.of(journey(estimated=True)).free_at("SMS", (BERLIN,), now_ms) == Free(now_ms)
    assert Hours.of(journey("", estimated=True)).free_at("SMS", (), now_ms) == Free(now_ms)


def test_a_project_s_quiet_time_counts_where_the_journey_names_none() -> None:
    default, night = QuietTime(start="09:00", end="17:00"), ms("2027-02-01T23:00:00Z")
    assert Hours.of(journey(""), default).any
    assert Hours.of(journey(""), default).free_at("SMS", (BERLIN,), ms("2027-02-01T09:00:00Z")).at_ms == ms(
        "2027-02-01T16:01:00Z"
    )
    assert Hours.of(journey(""), default).free_at("SMS", (BERLIN,), night) == Free(night)
    assert Hours.of(journey(), default).free_at("SMS", (BERLIN,), ms("2027-02-01T12:00:00Z")).why == ""
    assert not Hours.of(journey("")).any


WEEK_HOURS = OpenHours(
    email={
        "MONDAY": rules("08:00-10:00", "12:00-13:00", "15:00-16:00", "18:00-19:00"),
        "SATURDAY": rules("22:00-02:00"),
    },
    voice={"SUNDAY": []},
    push={},
)


@pytest.mark.parametrize(
    ("channel", "at", "free"),
    [  # 1 February 2027 is a Monday.
        ("EMAIL", "2027-02-01T07:59:00+01:00", "2027-02-01T08:00:00+01:00"),
        ("EMAIL", "2027-02-01T10:00:59+01:00", "2027-02-01T10:00:59+01:00"),
        ("EMAIL", "2027-02-01T10:01:00+01:00", "2027-02-01T12:00:00+01:00"),
        ("EMAIL", "2027-02-01T14:00:00+01:00", "2027-02-01T15:00:00+01:00"),
        ("EMAIL", "2027-02-01T17:00:00+01:00", "2027-02-01T18:00:00+01:00"),
        ("EMAIL", "2027-02-01T19:30:00+01:00", "2027-02-06T22:00:00+01:00"),
        ("EMAIL", "2027-02-07T01:59:00+01:00", "2027-02-07T01:59:00+01:00"),
        ("EMAIL", "2027-02-07T02:01:00+01:00", "2027-02-08T08:00:00+01:00"),
        ("VOICE", "2027-02-01T08:00:00+01:00", None),
        ("PUSH", "2027-02-01T20:00:00+01:00", "2027-02-01T20:00:00+01:00"),
        ("SMS", "2027-02-01T20:00:00+01:00", "2027-02-01T20:00:00+01:00"),
        ("SMS", "2027-02-01T03:30:00+01:00", "2027-02-01T04:01:00+01:00"),
    ],
)
def test_open_hours(channel: str, at: str, free: str | None) -> None:
    hours = Hours.of(journey("03:00-04:00", opened=WEEK_HOURS))
    assert hours.free_at(channel, (BERLIN,), ms(at)).at_ms == (free and ms(free))  # type: ignore[arg-type]


def test_open_hours_leave_the_quiet_time_quiet() -> None:
    hours = Hours.of(journey("08:00-09:00", opened=OpenHours(sms=dict.fromkeys(WEEK, rules("08:30-12:00")))))
    assert hours.free_at("SMS", (BERLIN,), ms("2027-02-01T05:00:00+01:00")).at_ms == ms("2027-02-01T09:01:00+01:00")


def test_a_day_has_the_same_hours_through_the_clock_changes() -> None:
    hours = Hours.of(journey("03:00-03:10", opened=OpenHours(sms={"SUNDAY": rules("02:00-02:59", "09:00-10:00")})))
    # 02:00 to 02:59 never comes on the day in March, and twice on the one in October.
    assert hours.free_at("SMS", (BERLIN,), ms("2027-03-28T00:00:00+01:00")).at_ms == ms("2027-03-28T09:00:00+02:00")
    assert hours.free_at("SMS", (BERLIN,), ms("2027-10-31T00:00:00+02:00")).at_ms == ms("2027-10-31T02:00:00+02:00")
    assert hours.free_at("SMS", (BERLIN,), ms("2027-10-31T02:30:00+01:00")).at_ms == ms("2027-10-31T02:30:00+01:00")


@pytest.mark.parametrize("scheduled", [True, False])
def test_without_a_sending_schedule_or_a_quiet_time_the_rest_does_not_count(scheduled: bool) -> None:
    now_ms = ms("2027-02-01T12:00:00+01:00")
    never = OpenHours(sms={"SUNDAY": []})
    unscheduled = journey("03:00-04:00" if not scheduled else "", opened=never, scheduled=scheduled)
    assert Hours.of(unscheduled).free_at("SMS", (BERLIN,), now_ms) == Free(now_ms)
    assert Hours.of(journey("03:00-04:00", opened=never)).free_at("SMS", (BERLIN,), now_ms) == Free(None, "never open")


NEW_YEAR = ClosedDaysRule(name="New Year", start_date_time="2027-12-31T20:00", end_date_time="2028-01-02T08:00")


@pytest.mark.parametrize(
    ("rule", "zone", "at", "free"),
    [
        (NEW_YEAR, BERLIN, "2027-12-31T19:59:59+01:00", "2027-12-31T19:59:59+01:00"),
        (NEW_YEAR, BERLIN, "2027-12-31T20:00:00+01:00", "2028-01-02T08:00:00+01:00"),
        (NEW_YEAR, TOKYO, "2028-01-01T12:00:00+01:00", "2028-01-02T08:00:00+09:00"),
        (
            ClosedDaysRule(start_date_time="2027-12-31T20:00:00Z", end_date_time="2028-01-02T08:00:00Z"),
            TOKYO,
            "2028-01-01T12:00:00Z",
            "2028-01-02T08:00:00Z",
        ),
        (
            ClosedDaysRule(start_date_time="2027-03-27", end_date_time="2027-03-29"),
            BERLIN,
            "2027-03-27T12:00:00+01:00",
            "2027-03-29T00:00:00+02:00",
        ),
        (
            ClosedDaysRule(start_date_time="2027-01-01", end_date_time="2028-03-01"),
            BERLIN,
            "2027-01-10T12:00:00+01:00",
            None,
        ),
        (
            ClosedDaysRule(start_date_time="tomorrow", end_date_time=None),
            BERLIN,
            "2027-01-10T12:00Z",
            "2027-01-10T12:00Z",
        ),
    ],
)
def test_closed_days(rule: ClosedDaysRule, zone: str, at: str, free: str | None) -> None:
    hours = Hours.of(journey("03:00-04:00", closed=ClosedDays(push=[rule])))
    found = hours.free_at("PUSH", (zone,), ms(at))
    assert found.at_ms == (free and ms(free))
    if found.at_ms != ms(at):
        assert found.why == f"closed for {rule.name or 'a closed day'} in {zone}"
    assert hours.free_at("EMAIL", (zone,), ms(at)) == Free(ms(at))


def test_a_closed_day_comes_before_open_hours_and_quiet_time() -> None:
    hours = Hours.of(
        journey(
            "03:00-09:00", opened=OpenHours(push={"SUNDAY": rules("08:00-12:00")}), closed=ClosedDays(push=[NEW_YEAR])
        )
    )
    # 2 January 2028 is a Sunday.
    found = hours.free_at("PUSH", (BERLIN,), ms("2028-01-01T12:00:00+01:00"))
    assert found == Free(ms("2028-01-02T09:01:00+01:00"), "closed for New Year in Europe/Berlin")


# --- against a judge that looks at every minute

ZONES = (BERLIN, NEW_YORK, TOKYO, "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia", "UTC")
CHANGES = (
    "2027-03-13T12:00:00Z",  # New York
    "2027-03-27T12:00:00Z",  # Berlin
    "2027-04-03T06:00:00Z",  # Lord Howe
    "2027-10-30T12:00:00Z",
    "2027-11-06T12:00:00Z",
    "2027-02-06T12:00:00Z",  # Casablanca, for Ramadan
    "2027-06-01T12:00:00Z",
)
times = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
ranges = st.builds(lambda start, end: OpenHoursRule(start_time=start, end_time=end), times, times)
moments = st.builds(
    lambda text, minutes: (datetime.fromisoformat(text) + timedelta(minutes=minutes)).replace(tzinfo=None),
    st.sampled_from(CHANGES),
    st.integers(0, 3 * 1_440),
)


@st.composite
def closings(draw: st.DrawFn) -> ClosedDaysRule:
    start = draw(moments)
    end = start + timedelta(minutes=draw(st.integers(1, 3_000)))
    suffix = draw(st.sampled_from(["", "Z", "-05:00"]))
    return ClosedDaysRule(start_date_time=f"{start.isoformat()}{suffix}", end_date_time=f"{end.isoformat()}{suffix}")


@st.composite
def journeys(draw: st.DrawFn) -> WriteJourneyRequest:
    opened = draw(st.none() | st.dictionaries(st.sampled_from(WEEK), st.lists(ranges, max_size=4), min_size=1))
    closed = draw(st.lists(closings(), max_size=3))
    return journey(
        f"{draw(times)}-{draw(times)}",
        opened=OpenHours(sms=opened) if opened else None,
        closed=ClosedDays(sms=closed) if closed else None,
    )


def judged(wanted: WriteJourneyRequest, zone: str, moment: datetime) -> bool:
    """Whether somebody may be sent something at a moment: the rules, word by word."""
    local = moment.astimezone(ZoneInfo(zone))
    wall, naive = f"{local:%H:%M}", local.replace(tzinfo=None)
    for rule in (wanted.closed_days.sms if wanted.closed_days else None) or ():
        start, end = (datetime.fromisoformat(text or "") for text in (rule.start_date_time, rule.end_date_time))
        if start <= (moment if start.tzinfo else naive) < end:
            return False
    if wanted.open_hours and wanted.open_hours.sms:
        yesterday, today = WEEK[local.weekday() - 1], WEEK[local.weekday()]
        opened = wanted.open_hours.sms
        pairs = [(one.start_time or "", one.end_time or "") for one in opened.get(today, ())]
        before = [(one.start_time or "", one.end_time or "") for one in opened.get(yesterday, ())]
        if not (
            any(start <= wall and (wall <= end or end < start) for start, end in pairs)
            or any(end < start and wall <= end for start, end in before)
        ):
            return False
    assert wanted.quiet_time is not None
    start, end = wanted.quiet_time.start or "", wanted.quiet_time.end or ""
    return not (start <= wall <= end if start <= end else wall >= start or wall <= end)


def slowly(wanted: WriteJourneyRequest, zones: tuple[str, ...], now_ms: int, days: int) -> int | None:
    at_ms = now_ms
    while at_ms <= now_ms + days * DAY_MS:
        if all(judged(wanted, zone, from_ms(at_ms)) for zone in zones):
            return at_ms
        at_ms = (at_ms // MINUTE_MS + 1) * MINUTE_MS
    return None


@settings(max_examples=60, deadline=None)
@given(
    journeys(),
    st.lists(st.sampled_from(ZONES), min_size=1, max_size=3, unique=True).map(tuple),
    st.sampled_from(CHANGES),
    st.integers(0, 2 * DAY_MS),
)
def test_the_same_as_judging_every_minute(
    wanted: WriteJourneyRequest, zones: tuple[str, ...], change: str, later_ms: int
) -> None:
    now_ms = ms(change) + later_ms
    found = Hours.of(wanted).free_at("SMS", zones, now_ms)
    days = 3
    expected = slowly(wanted, zones, now_ms, days)
    if expected is not None:
        assert found.at_ms == expected
    else:
        assert found.at_ms is None or now_ms + days * DAY_MS < found.at_ms <= now_ms + FARTHEST_MS
