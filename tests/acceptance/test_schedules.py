"""When campaigns run, on a virtual clock: recurrence, pauses, local time. Source: spec of campaigns, 4 and 7."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from clarion.core.clock import iso, parse_iso
from tests.acceptance.project import Project
from tests.acceptance.running import Server


def now(server: Server) -> datetime:
    return parse_iso(server.control("GET", "clock")["Now"])


def to(server: Server, moment: datetime) -> None:
    """Move the clock to a moment."""
    server.control("POST", "clock", {"To": iso(moment)})


def next_time(server: Server, month: int, day: int, hour: int = 10) -> datetime:
    """The next such day, not today."""
    at = now(server)
    year = at.year if (month, day) > (at.month, at.day) else at.year + 1
    return datetime(year, month, day, hour, tzinfo=UTC)


def sent(project: Project, campaign_id: str) -> list[str]:
    """When the campaign's messages were sent, oldest first."""
    return [mail["SentAt"] for mail in reversed(project.mail(campaign_id))]


def scheduled(project: Project, campaign_id: str) -> list[str]:
    """When its runs were to start, oldest first."""
    return [one["ScheduledStart"] for one in reversed(project.activities(campaign_id))]


def test_once_at_its_time(project: Project) -> None:
    project.person("lea")
    start = now(project.server).replace(microsecond=0) + timedelta(hours=5)
    written = start.astimezone(timezone(timedelta(hours=-8))).isoformat()
    campaign = project.campaign(project.segment(), Schedule={"StartTime": written, "Frequency": "ONCE"})
    assert campaign["Schedule"] == {"StartTime": written, "Frequency": "ONCE"}
    to(project.server, start - timedelta(seconds=1))
    assert project.status(campaign["Id"]) == "SCHEDULED"
    assert project.mail() == []
    assert project.activities(campaign["Id"]) == []
    to(project.server, start)
    assert project.status(campaign["Id"]) == "COMPLETED"
    assert sent(project, campaign["Id"]) == [iso(start)]
    project.server.advance("P40D")
    assert len(project.mail()) == 1
    [activity] = project.activities(campaign["Id"])
    assert (activity["ScheduledStart"], activity["Start"], activity["End"]) == (iso(start),) * 3


@pytest.mark.parametrize(
    ("frequency", "step", "runs"),
    [("HOURLY", timedelta(hours=1), 6), ("DAILY", timedelta(days=1), 4), ("WEEKLY", timedelta(weeks=1), 4)],
)
def test_recurring_until_its_end(project: Project, frequency: str, step: timedelta, runs: int) -> None:
    project.person("lea")
    start = now(project.server).replace(microsecond=0) + timedelta(minutes=90)
    end = start + (runs - 1) * step + timedelta(minutes=1)
    schedule = {"StartTime": iso(start), "EndTime": iso(end), "Frequency": frequency}
    campaign = project.campaign(project.segment(), Schedule=schedule)
    assert project.status(campaign["Id"]) == "SCHEDULED"
    to(project.server, start + step / 2)
    assert project.status(campaign["Id"]) == "PENDING_NEXT_RUN"
    to(project.server, end + 5 * step)
    expected = [iso(start + number * step) for number in range(runs)]
    assert sent(project, campaign["Id"]) == expected
    assert scheduled(project, campaign["Id"]) == expected
    assert project.status(campaign["Id"]) == "COMPLETED"
    assert {one["State"] for one in project.activities(campaign["Id"])} == {"COMPLETED"}


def test_a_run_at_the_very_end_still_happens(project: Project) -> None:
    project.person("lea")
    start = now(project.server).replace(microsecond=0) + timedelta(hours=1)
    schedule = {"StartTime": iso(start), "EndTime": iso(start + timedelta(days=2)), "Frequency": "DAILY"}
    campaign = project.campaign(project.segment(), Schedule=schedule)
    project.server.advance("P5D")
    assert len(sent(project, campaign["Id"])) == 3


def test_monthly_on_the_last_day_of_short_months(project: Project) -> None:
    project.person("lea")
    start = next_time(project.server, 1, 31)
    schedule = {"StartTime": iso(start), "EndTime": iso(start + timedelta(days=125)), "Frequency": "MONTHLY"}
    campaign = project.campaign(project.segment(), Schedule=schedule)
    to(project.server, start + timedelta(days=130))
    february = (datetime(start.year, 3, 1) - timedelta(days=1)).day
    days = [(1, 31), (2, february), (3, 31), (4, 30), (5, 31)]
    assert sent(project, campaign["Id"]) == [iso(start.replace(month=month, day=day)) for month, day in days]


def test_monthly_counts_months_where_the_start_was_written(project: Project) -> None:
    """The evening of the 30th in California is the 31st in UTC."""
    project.person("lea")
    california = timezone(timedelta(hours=-8))
    start = next_time(project.server, 1, 30).replace(hour=20, tzinfo=california)
    schedule = {"StartTime": start.isoformat(), "Frequency": "MONTHLY"}
    campaign = project.campaign(project.segment(), Schedule=schedule)
    to(project.server, start + timedelta(days=95))
    february = (datetime(start.year, 3, 1) - timedelta(days=1)).day
    days = [(1, 30), (2, february), (3, 30), (4, 30)]
    assert sent(project, campaign["Id"]) == [iso(start.replace(month=month, day=day)) for month, day in days]


def test_immediate_and_recurring(project: Project) -> None:
    project.person("lea")
    began = now(project.server)
    campaign = project.campaign(project.segment(), Schedule={"StartTime": "IMMEDIATE", "Frequency": "DAILY"})
    project.server.settle()
    assert project.status(campaign["Id"]) == "PENDING_NEXT_RUN"
    project.server.advance("P3D")
    assert sent(project, campaign["Id"]) == [iso(began + timedelta(days=day)) for day in range(4)]


def test_a_recurring_campaign_whose_start_is_past_begins_with_its_next_turn(project: Project) -> None:
    project.person("lea")
    at = now(project.server).replace(microsecond=0)
    start = at - timedelta(days=3, hours=1)
    campaign = project.campaign(project.segment(), Schedule={"StartTime": iso(start), "Frequency": "DAILY"})
    to(project.server, at + timedelta(days=2))
    assert sent(project, campaign["Id"]) == [iso(start + timedelta(days=day)) for day in (4, 5)]


def test_each_run_finds_its_members_anew(project: Project) -> None:
    project.person("old", Attributes={"plan": ["gold"]})
    project.person("leaves", Attributes={"plan": ["gold"]})
    segment = project.segment({"Attributes": {"plan": {"Values": ["gold"]}}})
    schedule = {"StartTime": project.in_time("PT1H"), "Frequency": "DAILY"}
    campaign = project.campaign(segment, Schedule=schedule)
    project.server.advance("PT2H")
    project.person("joins", Attributes={"plan": ["gold"]})
    project.put("leaves", Attributes={"plan": ["free"]})
    project.server.advance("P1D")
    second, first = project.activities(campaign["Id"])
    assert project.reached(campaign["Id"]) == ["joins", "leaves", "old", "old"]
    assert first["Id"] != second["Id"]
    assert [one["TotalEndpointCount"] for one in (first, second)] == [2, 2]


def test_pausing_skips_runs_and_resuming_does_not_make_them_up(project: Project) -> None:
    project.person("lea")
    segment, start = project.segment(), now(project.server).replace(microsecond=0) + timedelta(hours=1)
    schedule = {"StartTime": iso(start), "Frequency": "DAILY"}
    campaign = project.campaign(segment, Schedule=schedule)["Id"]
    project.server.advance("PT2H")
    paused = project.update(campaign, segment, Schedule=schedule, IsPaused=True)
    assert (paused["State"]["CampaignStatus"], paused["IsPaused"]) == ("PAUSED", True)
    project.server.advance("P3D")
    assert project.status(campaign) == "PAUSED"
    resumed = project.update(campaign, segment, Schedule=schedule, IsPaused=False)
    assert resumed["State"]["CampaignStatus"] == "PENDING_NEXT_RUN"
    project.server.advance("P2D")
    assert sent(project, campaign) == [iso(start + timedelta(days=day)) for day in (0, 4, 5)]


def test_a_campaign_can_be_made_paused(project: Project) -> None:
    project.person("lea")
    segment = project.segment()
    schedule = {"StartTime": project.in_time("PT2H")}
    campaign = project.campaign(segment, Schedule=schedule, IsPaused=True)
    assert campaign["State"]["CampaignStatus"] == "PAUSED"
    project.server.advance("PT1H")
    resumed = project.update(campaign["Id"], segment, Schedule=schedule, IsPaused=False)
    assert resumed["State"]["CampaignStatus"] == "SCHEDULED"
    project.server.advance("PT1H")
    assert sent(project, campaign["Id"]) == [schedule["StartTime"]]
    assert project.status(campaign["Id"]) == "COMPLETED"


def test_a_single_run_missed_in_a_pause_is_not_made_up(project: Project) -> None:
    project.person("lea")
    segment, schedule = project.segment(), {"StartTime": project.in_time("PT1H")}
    campaign = project.campaign(segment, Schedule=schedule, IsPaused=True)["Id"]
    project.server.advance("PT2H")
    resumed = project.update(campaign, segment, Schedule=schedule, IsPaused=False)
    assert resumed["State"]["CampaignStatus"] == "COMPLETED"
    project.server.advance("PT2H")
    assert project.mail() == []


def test_a_run_in_progress_goes_on_when_the_campaign_is_paused(project: Project) -> None:
    project.people(f"e{number}" for number in range(6))
    segment = project.segment()
    schedule = {"StartTime": project.in_time("PT1H"), "Frequency": "DAILY"}
    limits = {"MessagesPerSecond": 1}
    campaign = project.campaign(segment, Schedule=schedule, Limits=limits)["Id"]
    project.server.advance("PT1H2S")
    assert project.status(campaign) == "EXECUTING"
    project.update(campaign, segment, Schedule=schedule, Limits=limits, IsPaused=True)
    project.server.advance("PT1M")
    assert len(project.mail(campaign)) == 6
    assert project.status(campaign) == "PAUSED"
    project.server.advance("P2D")
    assert len(project.mail(campaign)) == 6


ZONES = {
    "tokyo": "Asia/Tokyo",
    "berlin": "Europe/Berlin",
    "london": "Europe/London",
    "rio": "America/Sao_Paulo",
    "denver": "America/Denver",
    "kathmandu": "Asia/Kathmandu",
}


def _in_zones(project: Project) -> None:
    project.people({name: {"Demographic": {"Timezone": zone}} for name, zone in ZONES.items()})
    project.people({"nowhere": {}, "nonsense": {"Demographic": {"Timezone": "Mars/Olympus"}}})


def test_local_time_goes_zone_by_zone(project: Project) -> None:
    _in_zones(project)
    # In winter, when offsets are simple: Berlin +1, London 0, Rio -3, Denver -7.
    start = next_time(project.server, 1, 15)
    schedule: dict[str, Any] = {
        "StartTime": f"{start:%Y-%m-%dT%H:%M:%S}",
        "IsLocalTime": True,
        "Timezone": "UTC+01",
    }
    campaign = project.campaign(project.segment(), Schedule=schedule)["Id"]
    to(project.server, start)
    assert project.status(campaign) == "EXECUTING"
    [activity] = project.activities(campaign)
    assert activity["TimezonesTotalCount"] == 4
    assert activity["TimezonesCompletedCount"] < 4
    to(project.server, start + timedelta(days=2))
    found = {mail["EndpointId"]: mail["SentAt"] for mail in project.mail(campaign)}
    hours = {"berlin": -1, "london": 0, "rio": 3, "denver": 7}
    assert found == {name: iso(start + timedelta(hours=shift)) for name, shift in hours.items()}
    [activity] = project.activities(campaign)
    assert project.status(campaign) == "COMPLETED"
    assert (activity["TimezonesTotalCount"], activity["TimezonesCompletedCount"]) == (4, 4)
    assert activity["ExecutionMetrics"] == {
        "ENDPOINT_PRODUCED": "8",
        "ENDPOINT_MISSING_TIMEZONE": "2",
        "ENDPOINT_TIMEZONE_MISMATCH": "2",
    }
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (4, 4)


def test_local_time_follows_the_clock_changes_of_a_zone(project: Project) -> None:
    """A daily campaign at ten, over the last Sunday of March: in Berlin it stays ten."""
    project.people({"berlin": {"Demographic": {"Timezone": "Europe/Berlin"}}})
    year = now(project.server).year + 1
    sunday = max(day for day in range(25, 32) if datetime(year, 3, day).weekday() == 6)
    start = datetime(year, 3, sunday - 1, 10)
    schedule = {"StartTime": start.isoformat(), "Frequency": "DAILY", "IsLocalTime": True, "Timezone": "UTC+02"}
    campaign = project.campaign(project.segment(), Schedule=schedule)["Id"]
    first = datetime(year, 3, sunday - 1, tzinfo=UTC)
    to(project.server, first + timedelta(days=3))
    expected = [first + timedelta(hours=9), first + timedelta(days=1, hours=8), first + timedelta(days=2, hours=8)]
    assert sent(project, campaign) == [iso(moment) for moment in expected]


def test_runs_in_local_time_that_overlap(project: Project) -> None:
    """Every hour in local time: each run takes half a day to go round the world, and its people get it once."""
    project.people({name: {"Demographic": {"Timezone": ZONES[name]}} for name in ("london", "denver")})
    start = next_time(project.server, 1, 15)
    schedule = {
        "StartTime": f"{start:%Y-%m-%dT%H:%M:%S}",
        "EndTime": f"{start + timedelta(hours=2):%Y-%m-%dT%H:%M:%S}",
        "Frequency": "HOURLY",
        "IsLocalTime": True,
        "Timezone": "UTC",
    }
    campaign = project.campaign(project.segment(), Schedule=schedule)["Id"]
    to(project.server, start + timedelta(hours=4))
    assert project.status(campaign) == "EXECUTING"
    to(project.server, start + timedelta(hours=7, minutes=30))
    assert project.status(campaign) == "EXECUTING"
    to(project.server, start + timedelta(days=1))
    assert project.status(campaign) == "COMPLETED"
    assert [one["SuccessfulEndpointCount"] for one in project.activities(campaign)] == [2, 2, 2]
    shifts = sorted([0, 1, 2, 7, 8, 9])
    assert sent(project, campaign) == [iso(start + timedelta(hours=shift)) for shift in shifts]
