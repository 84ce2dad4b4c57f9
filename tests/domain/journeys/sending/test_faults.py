"""What a review says about limits and hours."""

from __future__ import annotations

import msgspec
import pytest

from clarion.domain.journeys.sending import faults
from clarion.shapes.pinpoint import WriteJourneyRequest

QUIET = {"QuietTime": {"Start": "21:00", "End": "07:30"}, "SendingSchedule": True}


def journey(**members: object) -> WriteJourneyRequest:
    return msgspec.convert({"Name": "j", **members}, WriteJourneyRequest)


def hours(**members: object) -> WriteJourneyRequest:
    return journey(**QUIET, **members)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (journey(), []),
        (
            journey(
                Limits={
                    "DailyCap": 100,
                    "EndpointReentryCap": 0,
                    "TotalCap": 1,
                    "TimeframeCap": {"Cap": 100, "Days": 30},
                    "EndpointReentryInterval": "PT1H",
                    "MessagesPerSecond": 50,
                },
                RefreshFrequency="P1M",
            ),
            [],
        ),
        (journey(Limits={"DailyCap": 101, "TotalCap": -1}), ["Limits.DailyCap", "Limits.TotalCap"]),
        (journey(Limits={"EndpointReentryCap": 101}), ["Limits.EndpointReentryCap"]),
        (
            journey(Limits={"TimeframeCap": {"Cap": 101, "Days": 31}}),
            ["Limits.TimeframeCap.Cap", "Limits.TimeframeCap.Days"],
        ),
        (journey(Limits={"MessagesPerSecond": -1}), ["Limits.MessagesPerSecond"]),
        (journey(Limits={"EndpointReentryInterval": "an hour"}), ["Limits.EndpointReentryInterval: an hour is not"]),
        (journey(RefreshFrequency="daily"), ["RefreshFrequency: daily is not"]),
        (journey(RefreshFrequency="PT0S"), ["RefreshFrequency must be at least"]),
    ],
)
def test_limits(wanted: WriteJourneyRequest, said: list[str]) -> None:
    found = list(faults.limits(wanted))
    assert [fault.code for fault in found] == ["E25"] * len(said)
    assert all(fault.text.startswith(text) for fault, text in zip(found, said, strict=True))


def day(*ranges: tuple[str, str]) -> dict[str, object]:
    return {"SMS": {"MONDAY": [{"StartTime": start, "EndTime": end} for start, end in ranges]}}


def closed(start: str, end: str, times: int = 1) -> dict[str, object]:
    return {"SMS": [{"Name": "x", "StartDateTime": start, "EndDateTime": end}] * times}


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (journey(), []),
        (journey(QuietTime={}), []),
        (hours(OpenHours=day(("07:30", "12:00"), ("13:00", "21:00"))), []),
        (hours(ClosedDays=closed("2027-12-31T20:00:00", "2028-01-02T08:00:00", 20)), []),
        (journey(QuietTime={"Start": "21:00"}), ["QuietTime needs both"]),
        (journey(QuietTime={"Start": "9:00", "End": "24:00"}), ["QuietTime.Start: 9:00", "QuietTime.End: 24:00"]),
        (journey(SendingSchedule=True), ["SendingSchedule needs a QuietTime"]),
        (
            journey(OpenHours=day(("08:00", "09:00")), ClosedDays=closed("2027-01-01", "2027-01-02")),
            ["OpenHours need SendingSchedule", "ClosedDays need SendingSchedule"],
        ),
        (hours(OpenHours=day(*[("08:00", "09:00")] * 5)), ["OpenHours.SMS.MONDAY: at most 4"]),
        (hours(OpenHours=day(("08:00", "late"))), ["OpenHours.SMS.MONDAY: StartTime and EndTime"]),
        (hours(OpenHours=day(("20:00", "23:00"))), ["OpenHours.SMS.MONDAY: 20:00-23:00 is in the quiet time"]),
        (hours(OpenHours=day(("07:00", "08:00"))), ["OpenHours.SMS.MONDAY: 07:00-08:00 is in the quiet time"]),
        (hours(OpenHours=day(("20:00", "08:00"))), ["OpenHours.SMS.MONDAY: 20:00-08:00 is in the quiet time"]),
        (hours(OpenHours={"SMS": {"Funday": []}}), ["OpenHours.SMS: Funday is not a day"]),
        (hours(ClosedDays=closed("2027-01-01", "2027-01-02", 21)), ["ClosedDays.SMS: at most 20"]),
        (hours(ClosedDays=closed("2027-01-02", "2027-01-02")), ["ClosedDays.SMS[0]: StartDateTime must be before"]),
        (hours(ClosedDays=closed("New Year", "2027-01-02")), ["ClosedDays.SMS[0]: StartDateTime and EndDateTime"]),
    ],
)
def test_hours(wanted: WriteJourneyRequest, said: list[str]) -> None:
    found = list(faults.hours(wanted))
    assert [fault.code for fault in found] == ["E26"] * len(said)
    assert all(fault.text.startswith(text) for fault, text in zip(found, said, strict=True))
