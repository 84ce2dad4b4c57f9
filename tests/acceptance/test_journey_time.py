"""The time of journeys over the night in which European clocks go forward. Source: spec of journeys, 5 to 7."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.letters import journey, mail, sends, template
from tests.acceptance.project import Project
from tests.acceptance.running import Server
from tests.acceptance.stacks import embedded

EVENING = "2027-03-27T20:00:00Z"
"""In the night that follows, clocks in Europe go forward from 02:00 to 03:00, at 01:00 UTC."""

ZONES = {"berlin": "Europe/Berlin", "york": "America/New_York", "tokyo": "Asia/Tokyo"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with embedded(tmp_path_factory.mktemp("spring"), "--clock", f"virtual:{EVENING}") as running:
        yield running


@pytest.fixture(scope="module")
def spring(server: Server) -> Project:
    """All journeys of this module in one project, begun in the evening, and the clock moved over two days."""
    project = Project(server)
    template(project)
    return project


def day_and_time(text: str) -> str:
    return text[8:16]


def arrivals(project: Project, journey_id: str) -> dict[str, list[str]]:
    """When everybody got the journey's mail, in UTC, as day and time."""
    found: dict[str, list[str]] = {}
    for one in reversed(project.mail()):
        if one.get("JourneyId") == journey_id:
            found.setdefault(one["EndpointId"], []).append(day_and_time(one["SentAt"]))
    return found


def segment(project: Project, **people: dict[str, Any]) -> dict[str, Any]:
    """A start condition for these people alone, who are made for it."""
    mark = f"s{len(project.pinpoint.get_segments(ApplicationId=project.id)['SegmentsResponse']['Item'])}"
    project.people({name: {"Attributes": {"in": [mark]}, **endpoint} for name, endpoint in people.items()})
    chosen = project.segment({"Attributes": {"in": {"AttributeType": "INCLUSIVE", "Values": [mark]}}})
    return {"StartCondition": {"SegmentStartCondition": {"SegmentId": chosen}}}


def located(zone: str = "", **location: str) -> dict[str, Any]:
    return ({"Demographic": {"Timezone": zone}} if zone else {}) | ({"Location": location} if location else {})


def test_a_weekend_in_march(spring: Project) -> None:
    night = {"QuietTime": {"Start": "20:30", "End": "02:30"}, "WaitForQuietTime": True}
    one = {"mailA": mail(spring)}

    def made(people: dict[str, dict[str, Any]], **write: Any) -> str:
        return journey(spring, one, **segment(spring, **people), **write)

    # Every day at eight by everybody's own clock; Tokyo's eight o'clock is before the schedule's.
    schedule = {"StartTime": "2027-03-28T08:00:00+01:00", "Timezone": "UTC+01"}
    daily = made(
        {name: located(zone) for name, zone in ZONES.items()},
        Schedule=schedule,
        LocalTime=True,
        RefreshFrequency="P1D",
        Limits={"EndpointReentryCap": 0},
    )
    # Quiet till half past two, which never comes in Berlin that night.
    quiet = made({"berlin2": located("Europe/Berlin"), "york2": located("America/New_York")}, **night)
    estimated = made(
        {
            "ny": located(Country="US", PostalCode="10001"),
            "bavaria": located(Country="DE", PostalCode="80331"),
            "nowhere": located(Country="JP", PostalCode="100-0001"),
        },
        **night,
        TimezoneEstimationMethods=["POSTAL_CODE"],
    )
    days = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
    hours = {day: [{"StartTime": "09:00", "EndTime": "20:00"}] for day in days}
    opened = made(
        {"berlin3": located("Europe/Berlin")}, **night, SendingSchedule=True, OpenHours={"EMAIL": hours, "SMS": hours}
    )
    sunday = [{"Name": "Sunday", "StartDateTime": "2027-03-28T00:00", "EndDateTime": "2027-03-29T00:00"}]
    closed = made(
        {"berlin4": located("Europe/Berlin"), "tokyo4": located("Asia/Tokyo")},
        QuietTime={"Start": "18:00", "End": "23:59"},
        WaitForQuietTime=True,
        SendingSchedule=True,
        ClosedDays={"EMAIL": sunday},
    )
    # It is 21:00 in Berlin, 16:00 in New York, 05:00 in Tokyo.
    spring.server.advance("PT10M")
    spring.server.advance("P1DT20H")
    assert arrivals(spring, daily) == {
        "berlin": ["28T07:00", "29T06:00"],
        "york": ["28T12:00", "29T12:00"],
        "tokyo": ["28T07:00", "29T06:00"],
    }
    assert arrivals(spring, quiet) == {"york2": ["27T20:05"], "berlin2": ["28T01:00"]}
    assert arrivals(spring, estimated) == {"ny": ["27T20:05"], "bavaria": ["28T01:00"]}
    assert sends(spring, "nowhere", estimated) == [("mailA", "QUIET_TIME_MISSING_TIMEZONE")]
    assert arrivals(spring, opened) == {"berlin3": ["28T07:00"]}
    assert arrivals(spring, closed) == {"berlin4": ["28T22:00"], "tokyo4": ["28T15:00"]}
