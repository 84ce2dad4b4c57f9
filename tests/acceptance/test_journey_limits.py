"""What holds messages of journeys back: quiet time and hours, caps, the rate, the project's guardrails. Source: spec of
journeys, 6 to 8."""

from __future__ import annotations

from typing import Any

import pytest

from clarion.core.clock import iso, parse_duration, parse_iso
from tests.acceptance.letters import go, journey, mail, reached, sends, state, template, two
from tests.acceptance.project import Project
from tests.acceptance.test_guardrails import guard


@pytest.fixture
def letters(project: Project) -> Project:
    """A project with an e-mail template of its own."""
    template(project)
    return project


def clock(project: Project, duration: str = "PT0S", back: str = "PT0S") -> str:
    """What UTC wall clocks show then, as HH:MM."""
    now = parse_iso(project.server.control("GET", "clock")["Now"])
    return iso(now + parse_duration(duration) - parse_duration(back))[11:16]


def quiet(project: Project, end: str = "PT2H") -> dict[str, str]:
    """A quiet time that has begun and lasts so long."""
    return {"Start": clock(project, back="PT1H"), "End": clock(project, end)}


def zoned(project: Project, **zones: str) -> None:
    """People with their time zones, "" for none."""
    for name, zone in zones.items():
        project.person(name, Demographic={"Timezone": zone} if zone else {})


def one(project: Project, **write: Any) -> str:
    """A journey of one mail, begun."""
    made = journey(project, {"mailA": mail(project)}, **write)
    go(project)
    return made


def test_in_quiet_time_a_message_is_dropped(letters: Project) -> None:
    zoned(letters, lea="UTC", far="Etc/GMT+12", jon="")
    made = one(letters, QuietTime=quiet(letters))
    assert reached(letters) == [("far", "mailA"), ("jon", "mailA")]
    assert sends(letters, "lea", made) == [("mailA", "QUIET_TIME")]
    assert state(letters, made) == "COMPLETED"


def test_or_waits_for_its_end(letters: Project) -> None:
    zoned(letters, lea="UTC", jon="")
    made = one(letters, QuietTime=quiet(letters), WaitForQuietTime=True)
    assert reached(letters) == [("jon", "mailA")]
    assert sends(letters, "lea", made) == []
    go(letters, "PT1H40M")
    assert reached(letters) == [("jon", "mailA")]
    go(letters, "PT20M")
    assert reached(letters) == [("jon", "mailA"), ("lea", "mailA")]
    assert sorted(sends(letters, "lea", made)) == [("mailA", "QUIET_TIME_WAIT_FINISHED"), ("mailA", "SUCCESS")]
    assert sends(letters, "jon", made) == [("mailA", "SUCCESS")]
    assert state(letters, made) == "COMPLETED"


def test_the_project_s_quiet_time_is_that_of_journeys_without(letters: Project) -> None:
    guard(letters, QuietTime=quiet(letters))
    zoned(letters, lea="UTC")
    silent = one(letters)
    spoken = one(letters, QuietTime={"Start": clock(letters, "PT6H"), "End": clock(letters, "PT7H")})
    assert sends(letters, "lea", silent) == [("mailA", "QUIET_TIME")]
    assert sends(letters, "lea", spoken) == [("mailA", "SUCCESS")]


def test_nobody_whose_zone_cannot_be_estimated_is_sent_to(letters: Project) -> None:
    far = {"Start": clock(letters, "PT6H"), "End": clock(letters, "PT7H")}
    letters.person("known", Location={"Country": "DE", "PostalCode": "10115"})
    letters.person("lost", Location={"Country": "DE", "PostalCode": "nowhere"})
    made = one(letters, QuietTime=far, TimezoneEstimationMethods=["POSTAL_CODE"])
    assert sends(letters, "known", made) == [("mailA", "SUCCESS")]
    assert sends(letters, "lost", made) == [("mailA", "QUIET_TIME_MISSING_TIMEZONE")]


def test_a_user_in_two_zones_waits_until_both_are_awake(letters: Project) -> None:
    letters.person("here", Demographic={"Timezone": "UTC"}, User={"UserId": "u1"})
    letters.person("west", Demographic={"Timezone": "Etc/GMT+1"}, User={"UserId": "u1"})
    one(letters, QuietTime=quiet(letters), WaitForQuietTime=True)
    go(letters, "PT2H")
    assert reached(letters) == []
    go(letters, "PT1H")
    assert reached(letters) == [("here", "mailA"), ("west", "mailA")]


def test_open_hours_hold_as_well(letters: Project) -> None:
    zoned(letters, lea="UTC")
    days = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
    rule = {"StartTime": clock(letters, "PT3H"), "EndTime": clock(letters, "PT4H")}
    one(
        letters,
        QuietTime={"Start": clock(letters, "PT6H"), "End": clock(letters, "PT7H")},
        SendingSchedule=True,
        OpenHours={"EMAIL": {day: [rule] for day in days}},
        WaitForQuietTime=True,
    )
    go(letters, "PT2H30M")
    assert reached(letters) == []
    go(letters, "PT30M")
    assert reached(letters) == [("lea", "mailA")]


class TestCaps:
    def test_of_the_day_for_people_who_walk_on_at_once(self, letters: Project) -> None:
        letters.person("lea")
        activities = {"mailA": mail(letters, "mailB"), "mailB": mail(letters, "mailC"), "mailC": mail(letters)}
        made = journey(letters, activities, Limits={"DailyCap": 2})
        go(letters)
        expected = [("mailA", "SUCCESS"), ("mailB", "SUCCESS"), ("mailC", "DAILY_CAP")]
        assert sorted(sends(letters, "lea", made)) == expected
        assert reached(letters) == [("lea", "mailA"), ("lea", "mailB")]
        assert state(letters, made) == "COMPLETED"

    def test_of_the_day_is_over_after_a_day(self, letters: Project) -> None:
        letters.person("lea")
        wait = {"Wait": {"WaitTime": {"WaitFor": "P1D"}, "NextActivity": "mailC"}}
        hour = {"Wait": {"WaitTime": {"WaitFor": "PT1H"}, "NextActivity": "mailB"}}
        made = journey(
            letters,
            {
                "mailA": mail(letters, "hour"),
                "hour": hour,
                "mailB": mail(letters, "wait"),
                "wait": wait,
                "mailC": mail(letters),
            },
            Limits={"DailyCap": 1},
        )
        go(letters, "PT10M", "PT2H", "P1DT1H")
        assert sends(letters, "lea", made) == [("mailA", "SUCCESS"), ("mailB", "DAILY_CAP"), ("mailC", "SUCCESS")]

    def test_of_the_day_is_one_user_s_whatever_their_endpoints(self, letters: Project) -> None:
        for name in ("a", "b", "c"):
            letters.person(name, User={"UserId": "u1"})
        one(letters, Limits={"DailyCap": 2})
        assert len(letters.mail()) == 2

    def test_in_total(self, letters: Project) -> None:
        letters.people(["lea"])
        made = two(letters, Limits={"TotalCap": 1})
        go(letters, "PT10M", "PT2H")
        assert sends(letters, "lea", made) == [("mailA", "SUCCESS"), ("mailB", "DAILY_CAP")]

    def test_in_a_time_of_all_journeys_together(self, letters: Project) -> None:
        letters.people(["lea"])
        limits = {"TimeframeCap": {"Cap": 1, "Days": 2}}
        first = one(letters, Limits=limits)
        second = one(letters, Limits=limits)
        go(letters, "P2D")
        third = one(letters, Limits=limits)
        found = [sends(letters, "lea", made)[0][1] for made in (first, second, third)]
        assert found == ["SUCCESS", "DAILY_CAP", "SUCCESS"]

    def test_of_the_project_as_they_were_when_the_journey_was_made(self, letters: Project) -> None:
        letters.people(["lea"])
        guard(letters, JourneyLimits={"DailyCap": 1})
        first, second = one(letters), one(letters)
        own = one(letters, Limits={"DailyCap": 5})
        draft = journey(letters, {"mailA": mail(letters)}, State="DRAFT")
        guard(letters, JourneyLimits={"DailyCap": 50})
        later = one(letters)
        ids = {"ApplicationId": letters.id, "JourneyId": draft}
        written = letters.pinpoint.get_journey(**ids)["JourneyResponse"]
        wanted = {name: written[name] for name in ("Name", "Activities", "StartActivity", "StartCondition")}
        letters.pinpoint.update_journey(**ids, WriteJourneyRequest={**wanted, "State": "ACTIVE"})
        go(letters)
        found = [sends(letters, "lea", made)[0][1] for made in (first, second, own, later, draft)]
        assert found == ["SUCCESS", "DAILY_CAP", "SUCCESS", "SUCCESS", "DAILY_CAP"]

    def test_of_everything_the_project_sends(self, letters: Project) -> None:
        letters.people(["lea", "jon"])
        guard(letters, Limits={"Daily": 1})
        letters.campaign(letters.segment())
        letters.server.settle()
        made = one(letters)
        assert sends(letters, "lea", made) == [("mailA", "DAILY_CAP")]

    def test_frequency_caps_count_journeys_too(self, letters: Project) -> None:
        letters.person("lea")
        guard(letters, FrequencyCaps=[{"Messages": 1, "Days": 1, "ChannelTypes": ["EMAIL"]}])
        activities = {"mailA": mail(letters, "mailB"), "mailB": mail(letters)}
        made = journey(letters, activities)
        go(letters)
        assert sorted(sends(letters, "lea", made)) == [("mailA", "SUCCESS"), ("mailB", "DAILY_CAP")]
        again = one(letters)
        assert sends(letters, "lea", again) == [("mailA", "DAILY_CAP")]


def test_the_control_group_gets_nothing(letters: Project) -> None:
    letters.people(["lea"])
    guard(letters, ControlGroup={"Percent": 50})
    made = one(letters)
    path = f"audience/control-group?ApplicationId={letters.id}&EndpointId=lea"
    member = letters.server.control("GET", path)["Member"]
    assert sends(letters, "lea", made) == [("mailA", "control_group" if member else "SUCCESS")]


def test_a_rate_is_kept(letters: Project) -> None:
    letters.people(f"p{number:02}" for number in range(60))
    made = journey(letters, {"mailA": mail(letters, "mailB"), "mailB": mail(letters)}, Limits={"MessagesPerSecond": 1})
    letters.server.advance("PT4M59S")
    assert reached(letters) == []
    letters.server.advance("PT31S")
    before = len(letters.mail())
    assert 20 <= before <= 40
    letters.server.advance("PT30S")
    assert 25 <= len(letters.mail()) - before <= 35
    letters.server.advance("PT1M10S")
    assert len(letters.mail()) == 120
    sent = sorted(one["SentAt"] for one in letters.mail())
    assert all(later > earlier for earlier, later in zip(sent, sent[5:], strict=False))
    assert state(letters, made) == "COMPLETED"
