"""Who gets a message and who does not, and that each refusal is counted and explained.

Sources: spec of campaigns, 4.3, 5 and 6; spec of segments, 6.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from clarion.core.clock import iso
from tests.acceptance.project import Project
from tests.acceptance.test_schedules import next_time, now, to

BERLIN = {"Demographic": {"Timezone": "Europe/Berlin"}}


def run(project: Project, **write: Any) -> dict[str, Any]:
    """An immediate campaign to everybody; answers its only run."""
    campaign = project.campaign(project.segment(), **write)
    project.server.settle()
    [activity] = project.activities(campaign["Id"])
    return activity


def why(project: Project, endpoint_id: str, campaign_id: str) -> dict[str, Any]:
    """The newest decision about an endpoint in a campaign."""
    path = f"why?ApplicationId={project.id}&EndpointId={endpoint_id}&CampaignId={campaign_id}"
    decisions = project.server.control("GET", path)["Decisions"]
    assert decisions, "nothing was recorded"
    return dict(decisions[0])


def test_everybody_who_drops_out_is_counted_and_explained(project: Project) -> None:
    project.people(["lea", "jon"])
    project.person("out", OptOut="ALL")
    project.person("gone", EndpointStatus="INACTIVE")
    project.put("sms", ChannelType="SMS", Address="+4915550001")
    project.put("gcm", ChannelType="GCM", Address="token")
    project.person("noaddress")
    project.put("noaddress", Address="")
    project.events({"nochannel": {"Endpoint": {}, "Events": {}}})
    activity = run(project)
    assert activity["ExecutionMetrics"] == {
        "ENDPOINT_PRODUCED": "8",
        "ENDPOINT_OPT_OUT": "1",
        "ENDPOINT_INACTIVE": "1",
        "ENDPOINT_CHANNEL_MISMATCH": "2",
        "ENDPOINT_MISSING_ADDRESS": "1",
        "ENDPOINT_MISSING_CHANNEL": "1",
    }
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (2, 2)
    campaign = activity["CampaignId"]
    assert project.reached(campaign) == ["jon", "lea"]
    gates = {
        "out": "opt_out",
        "gone": "status",
        "sms": "content",
        "gcm": "content",
        "noaddress": "address",
        "nochannel": "channel",
    }
    for endpoint, gate in gates.items():
        decision = why(project, endpoint, campaign)
        assert (decision["Gate"], decision["EventType"]) == (gate, "_clarion.skip")
        assert decision["Reason"]
    path = f"why?ApplicationId={project.id}&EndpointId=LEA&CampaignId={campaign}"
    kinds = [(one["EventType"], one.get("Status")) for one in project.server.control("GET", path)["Decisions"]]
    assert sorted(kinds) == [("_campaign.send", "SUCCESS"), ("_email.delivered", None), ("_email.send", None)]


def test_a_mailbox_gets_one_message(project: Project) -> None:
    """An address has one active endpoint, but its upper and lower case are told apart: there can be two."""
    project.put("a", ChannelType="EMAIL", Address="Lea@Example.com")
    project.put("b", ChannelType="EMAIL", Address="lea@example.com")
    project.person("jon")
    activity = run(project)
    assert project.reached(activity["CampaignId"]) == ["a", "jon"]
    assert activity["ExecutionMetrics"] == {"DUPLICATE_ENDPOINT": "1", "ENDPOINT_PRODUCED": "3"}
    decision = why(project, "b", activity["CampaignId"])
    assert (decision["Gate"], decision["Status"]) == ("duplicate_address", "DUPLICATE_ADDRESS")


@pytest.mark.parametrize(("percent", "least", "most"), [(0, 0, 0), (30, 60, 120), (100, 300, 300)])
def test_a_holdout(project: Project, percent: int, least: int, most: int) -> None:
    project.people(f"e{number}" for number in range(300))
    schedule = {"StartTime": "IMMEDIATE", "Frequency": "DAILY"}
    campaign = project.campaign(project.segment(), HoldoutPercent=percent, Schedule=schedule)["Id"]
    project.server.settle()
    [activity] = project.activities(campaign)
    reached = set(project.reached(campaign))
    held = 300 - len(reached)
    assert least <= held <= most
    assert activity["SuccessfulEndpointCount"] == activity["TotalEndpointCount"] == 300 - held
    if held:
        name = next(name for name in (f"e{number}" for number in range(300)) if name not in reached)
        decision = why(project, name, campaign)
        assert (decision["Gate"], decision["Status"]) == ("holdout", "HOLDOUT")
    project.server.advance("P1D")
    assert set(project.reached(campaign)) == reached
    assert len(project.reached(campaign)) == 2 * len(reached)


def test_a_holdout_is_drawn_by_cohort_and_by_campaign(project: Project) -> None:
    project.people(f"e{number}" for number in range(200))
    segment = project.segment()
    campaigns = [project.campaign(segment, HoldoutPercent=50)["Id"] for _ in range(2)]
    project.server.settle()
    cohorts = {f"e{number}": project.get(f"e{number}")["CohortId"] for number in range(200)}
    reached = [set(project.reached(campaign)) for campaign in campaigns]
    for found in reached:
        inside = {cohorts[name] for name in found}
        outside = {cohort for name, cohort in cohorts.items() if name not in found}
        assert not inside & outside
    assert reached[0] != reached[1]


QUIET = [
    # quiet time, local time in Berlin, sent?
    (("22:00", "06:00"), (21, 59), True),
    (("22:00", "06:00"), (22, 0), False),
    (("22:00", "06:00"), (2, 30), False),
    (("22:00", "06:00"), (6, 0), False),
    (("22:00", "06:00"), (6, 1), True),
    (("12:00", "14:00"), (11, 59), True),
    (("12:00", "14:00"), (14, 0), False),
    (("12:00", "14:00"), (14, 1), True),
]


def test_quiet_time(project: Project) -> None:
    people: dict[str, dict[str, Any]] = {
        "berlin": BERLIN,
        "tokyo": {"Demographic": {"Timezone": "Asia/Tokyo"}},
        "nowhere": {},
        "nonsense": {"Demographic": {"Timezone": "Mars/Olympus"}},
    }
    project.people(people)
    segment = project.segment()
    midnight = next_time(project.server, 1, 15, hour=0)
    expected = {}
    for number, ((start, end), (hour, minute), is_sent) in enumerate(QUIET):
        # Winter: Berlin is an hour, Tokyo nine hours ahead of UTC.
        at = midnight + timedelta(days=number, hours=hour - 1, minutes=minute)
        schedule = {"StartTime": iso(at), "QuietTime": {"Start": start, "End": end}}
        campaign = project.campaign(segment, Schedule=schedule)["Id"]
        tokyo = f"{(at + timedelta(hours=9)):%H:%M}"
        quiet = start <= tokyo <= end if start <= end else tokyo >= start or tokyo <= end
        expected[campaign] = sorted(
            {"nowhere", "nonsense"} | ({"berlin"} if is_sent else set()) | (set() if quiet else {"tokyo"})
        )
    to(project.server, midnight + timedelta(days=len(QUIET)))
    assert {campaign: project.reached(campaign) for campaign in expected} == expected
    silent = next(campaign for campaign, names in expected.items() if "berlin" not in names)
    decision = why(project, "berlin", silent)
    assert (decision["Gate"], decision["Status"], decision["EventType"]) == (
        "quiet_time",
        "QUIET_TIME",
        "_campaign.send",
    )
    assert project.mail(silent)
    [activity] = project.activities(silent)
    assert activity["TotalEndpointCount"] == len(expected[silent])


def test_quiet_time_uses_up_the_total(project: Project) -> None:
    project.people({"lea": BERLIN})
    start = next_time(project.server, 1, 15, hour=1)
    schedule = {"StartTime": iso(start), "Frequency": "HOURLY", "QuietTime": {"Start": "02:00", "End": "03:59"}}
    campaign = project.campaign(project.segment(), Schedule=schedule, Limits={"Total": 3})["Id"]
    to(project.server, start + timedelta(hours=6))
    assert [mail["SentAt"] for mail in project.mail(campaign)] == [iso(start + timedelta(hours=2))]
    assert why(project, "lea", campaign)["Status"] == "CAMPAIGN_CAP"


def test_the_total_of_a_campaign(project: Project) -> None:
    project.person("lea")
    schedule = {"StartTime": "IMMEDIATE", "Frequency": "DAILY"}
    campaign = project.campaign(project.segment(), Schedule=schedule, Limits={"Total": 2})["Id"]
    project.server.advance("P1D")
    project.person("joins")
    project.server.advance("P3D")
    assert project.reached(campaign) == ["joins", "joins", "lea", "lea"]
    assert why(project, "lea", campaign)["Status"] == "CAMPAIGN_CAP"


def test_the_daily_limit_of_a_campaign_slides(project: Project) -> None:
    project.person("lea")
    segment, start = project.segment(), now(project.server).replace(microsecond=0) + timedelta(hours=1)
    write: dict[str, Any] = {"Schedule": {"StartTime": iso(start), "Frequency": "HOURLY"}, "Limits": {"Daily": 2}}
    campaign = project.campaign(segment, **write)["Id"]
    to(project.server, start + timedelta(hours=2, minutes=30))
    assert project.activities(campaign)[0]["TotalEndpointCount"] == 0
    assert why(project, "lea", campaign)["Status"] == "DAILY_CAP"
    project.update(campaign, segment, **write, IsPaused=True)
    to(project.server, start + timedelta(hours=24, minutes=30))
    project.update(campaign, segment, **write)
    to(project.server, start + timedelta(hours=27, minutes=30))
    found = [mail["SentAt"] for mail in reversed(project.mail(campaign))]
    assert found == [iso(start + timedelta(hours=hour)) for hour in (0, 1, 25, 26)]


def test_the_daily_limit_of_a_project_counts_all_campaigns(project: Project) -> None:
    project.pinpoint.update_application_settings(
        ApplicationId=project.id, WriteApplicationSettingsRequest={"Limits": {"Daily": 2}}
    )
    project.people(["lea", "jon"])
    segment = project.segment()
    campaigns = []
    for _ in range(4):
        campaigns.append(project.campaign(segment)["Id"])
        project.server.settle()
    assert [len(project.reached(campaign)) for campaign in campaigns] == [2, 2, 0, 0]
    assert why(project, "lea", campaigns[2])["Status"] == "DAILY_CAP"
    project.server.advance("P1DT1S")
    again = project.campaign(segment)["Id"]
    project.server.settle()
    assert project.reached(again) == ["jon", "lea"]


def test_a_rate_spreads_the_messages(project: Project) -> None:
    project.people(f"e{number}" for number in range(10))
    began = now(project.server)
    campaign = project.campaign(project.segment(), Limits={"MessagesPerSecond": 2})["Id"]
    project.server.settle()
    assert len(project.mail(campaign)) == 1
    project.server.advance("PT2S")
    assert len(project.mail(campaign)) == 5
    assert project.status(campaign) == "EXECUTING"
    project.server.advance("PT3S")
    times = [mail["SentAt"] for mail in reversed(project.mail(campaign))]
    assert times == [iso(began + timedelta(milliseconds=500 * number)) for number in range(10)]
    assert project.status(campaign) == "COMPLETED"


def test_what_the_rate_does_not_manage_expires(project: Project) -> None:
    project.people(f"e{number}" for number in range(70))
    limits = {"MessagesPerSecond": 1, "MaximumDuration": 60}
    campaign = project.campaign(project.segment(), Limits=limits)["Id"]
    project.server.advance("PT5M")
    reached = project.reached(campaign)
    assert len(reached) in (60, 61)
    [activity] = project.activities(campaign)
    assert activity["SuccessfulEndpointCount"] == activity["TotalEndpointCount"] == len(reached)
    expired = next(name for name in (f"e{number}" for number in range(70)) if name not in reached)
    decision = why(project, expired, campaign)
    assert (decision["Gate"], decision["Status"]) == ("expiry", "EXPIRED")
    assert project.status(campaign) == "COMPLETED"


def test_a_message_that_cannot_be_rendered(project: Project) -> None:
    project.person("good", Attributes={"n": ["3"]})
    project.person("bad", Attributes={"n": ["three"]})
    message = {"EmailMessage": {"Title": "t", "Body": "{{add Attributes.n.[0] 1}}"}}
    activity = run(project, MessageConfiguration=message)
    campaign = activity["CampaignId"]
    assert project.reached(campaign) == ["good"]
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (2, 1)
    path = f"why?ApplicationId={project.id}&EndpointId=bad&CampaignId={campaign}"
    kinds = {(one["EventType"], one.get("Status")) for one in project.server.control("GET", path)["Decisions"]}
    assert kinds == {("_email.rendering_failure", None), ("_campaign.send", "FAILURE_PERMANENT")}


@pytest.mark.parametrize(
    ("address", "event"),
    [
        ("success@simulator.amazonses.com", "_email.delivered"),
        ("bounce@simulator.amazonses.com", "_email.hardbounce"),
        ("complaint@simulator.amazonses.com", "_email.complaint"),
    ],
)
def test_the_mailbox_simulator(project: Project, address: str, event: str) -> None:
    project.put("lea", ChannelType="EMAIL", Address=address)
    activity = run(project)
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (1, 1)
    path = f"why?ApplicationId={project.id}&EndpointId=lea&CampaignId={activity['CampaignId']}"
    kinds = {one["EventType"] for one in project.server.control("GET", path)["Decisions"]}
    assert {"_campaign.send", "_email.send", event} <= kinds


def test_addresses_that_no_mail_can_reach(project: Project) -> None:
    """They are refused for good one by one; nothing gets stuck, and nobody else's mail does."""
    bad = [
        "nonsense",
        "two@@example.com",
        "a b@example.com",
        "x@y\r\nBcc: z@example.com",
        "@",
        "<",
        "é" * 300,
        "a@" + "b" * 300,
    ]
    for number, address in enumerate(bad):
        project.put(f"bad{number}", ChannelType="EMAIL", Address=address)
    project.person("lea")
    project.put("idn", ChannelType="EMAIL", Address="lea@exämple.de")
    activity = run(project)
    reached = project.reached(activity["CampaignId"])
    assert "lea" in reached
    assert set(reached) <= {"lea", "idn"}
    assert activity["SuccessfulEndpointCount"] == len(reached)
    assert activity["TotalEndpointCount"] == len(bad) + 2
    for number in range(len(bad)):
        decision = why(project, f"bad{number}", activity["CampaignId"])
        assert (decision["EventType"], decision["Status"]) == ("_campaign.send", "FAILURE_PERMANENT"), decision


def test_values_cannot_add_headers(project: Project) -> None:
    project.person("lea", Attributes={"name": ["Lea\r\nBcc: all@example.com\r\n\r\nbody"]})
    message = {
        "Title": "Hi {{Attributes.name}}",
        "Body": "b",
        "Headers": [{"Name": "X-Name", "Value": "{{Attributes.name}}"}],
    }
    activity = run(project, MessageConfiguration={"EmailMessage": message})
    mails = project.mail(activity["CampaignId"])
    assert len(mails) == activity["SuccessfulEndpointCount"]
    for mail in mails:
        assert "Bcc" not in mail["Headers"]
        assert mail["Text"] == "b"
        assert "\n" not in mail["Subject"]


def test_a_project_deleted_while_it_sends(project: Project) -> None:
    project.people(f"e{number}" for number in range(10))
    project.campaign(project.segment(), Limits={"MessagesPerSecond": 1})
    project.server.advance("PT3S")
    project.delete()
    project.server.advance("PT1M")
    mails = project.server.control("GET", "inbox?Limit=1000")["Messages"]
    assert project.id not in {mail["ApplicationId"] for mail in mails}


def test_endpoints_that_go_between_selection_and_sending(project: Project) -> None:
    """A run in local time selects everybody at its start, and writes to some half a day later."""
    project.people({name: {"Demographic": {"Timezone": "America/Denver"}} for name in ("stays", "leaves", "optsout")})
    start = next_time(project.server, 1, 15)
    schedule = {"StartTime": f"{start:%Y-%m-%dT%H:%M:%S}", "IsLocalTime": True, "Timezone": "UTC"}
    campaign = project.campaign(project.segment(), Schedule=schedule)["Id"]
    to(project.server, start + timedelta(hours=1))
    project.pinpoint.delete_endpoint(ApplicationId=project.id, EndpointId="leaves")
    project.put("optsout", OptOut="ALL")
    to(project.server, start + timedelta(hours=8))
    assert project.reached(campaign) == ["stays"]
    [activity] = project.activities(campaign)
    assert activity["State"] == "COMPLETED"
    assert activity["TotalEndpointCount"] == 1
    assert activity["ExecutionMetrics"]["ENDPOINT_OPT_OUT"] == "1"


def test_the_channel_is_removed_while_a_run_waits(project: Project) -> None:
    """What is left of the run fails visibly; it does not hang."""
    project.people({"denver": {"Demographic": {"Timezone": "America/Denver"}}})
    start = next_time(project.server, 1, 15)
    schedule = {"StartTime": f"{start:%Y-%m-%dT%H:%M:%S}", "IsLocalTime": True, "Timezone": "UTC"}
    campaign = project.campaign(project.segment(), Schedule=schedule)["Id"]
    to(project.server, start + timedelta(hours=1))
    project.pinpoint.delete_email_channel(ApplicationId=project.id)
    to(project.server, start + timedelta(days=1))
    assert project.mail(campaign) == []
    [activity] = project.activities(campaign)
    assert (activity["State"], activity["Result"]) == ("COMPLETED", "FAIL")
    assert project.status(campaign) == "INVALID"
