"""What a project holds its campaigns to: frequency caps, a control group, approval; and dry runs of campaigns."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from tests.acceptance.project import Project
from tests.acceptance.running import REGION
from tests.acceptance.test_event_campaigns import listen, statuses, tell, waiting


def settings(project: Project, **members: Any) -> tuple[int, Any]:
    """UpdateApplicationSettings with members that boto3 does not know: status and body."""
    return project.server.raw("PUT", f"/v1/apps/{project.id}/settings", members)


def guard(project: Project, **members: Any) -> None:
    status, answer = settings(project, **members)
    assert status == 200, answer


def at(project: Project) -> list[str]:
    """Where a command finds the project."""
    return ["--app", project.id, "--url", project.server.url, "--region", REGION]


def send(project: Project, segment: str, **write: Any) -> str:
    """A campaign that has run as far as it can now; answers its id."""
    campaign = project.campaign(segment, **write)["Id"]
    project.server.settle()
    return str(campaign)


def why(project: Project, endpoint: str, campaign: str) -> dict[str, Any]:
    """The one decision about an endpoint."""
    path = f"why?ApplicationId={project.id}&EndpointId={endpoint}&CampaignId={campaign}"
    (found,) = project.server.control("GET", path)["Decisions"]
    return dict(found)


def rehearse(project: Project, **body: Any) -> dict[str, Any]:
    """The whole of a dry run, its pages put together."""
    found: dict[str, Any] = {"Treatments": {}, "Counts": {}, "People": []}
    token: dict[str, str] = {}
    while True:
        page = project.server.control(
            "POST", f"campaigns/dry-run?ApplicationId={project.id}", {"People": True, **body, **token}
        )
        found["Treatments"] |= {one["TreatmentId"]: one for one in page["Treatments"]}
        for one in page["Counts"]:
            name = (one["TreatmentId"], one["Outcome"], one.get("Gate") or one["Channel"])
            found["Counts"][name] = found["Counts"].get(name, 0) + one["Endpoints"]
        found["People"] += page.get("People", [])
        if "NextToken" not in page:
            return found
        token = {"NextToken": page["NextToken"]}


def test_nothing_is_guarded_unless_asked_for(project: Project) -> None:
    answer = project.pinpoint.get_application_settings(ApplicationId=project.id)["ApplicationSettingsResource"]
    assert {"FrequencyCaps", "ControlGroup", "ApprovalRequired"}.isdisjoint(answer)
    assert "Approval" not in project.campaign(project.segment())


def test_settings_are_checked_kept_and_cleared(project: Project) -> None:
    cap = {"Messages": 2, "Days": 7, "ChannelTypes": ["PUSH"], "PerUser": True}
    guard(project, FrequencyCaps=[cap], ControlGroup={"Percent": 5}, ApprovalRequired=True)
    project.pinpoint.update_application_settings(
        ApplicationId=project.id, WriteApplicationSettingsRequest={"Limits": {"Daily": 3}}
    )
    _, answer = project.server.raw("GET", f"/v1/apps/{project.id}/settings")
    assert (answer["FrequencyCaps"], answer["ControlGroup"]) == ([cap], {"Percent": 5})
    assert answer["ApprovalRequired"] is True
    guard(project, FrequencyCaps=[], ControlGroup={}, ApprovalRequired=False)
    _, answer = project.server.raw("GET", f"/v1/apps/{project.id}/settings")
    assert {"FrequencyCaps", "ControlGroup"}.isdisjoint(answer)
    for wrong in (
        {"FrequencyCaps": [{"Messages": 1}]},
        {"FrequencyCaps": [{"Messages": 0, "Days": 1}]},
        {"FrequencyCaps": [{"Messages": 1, "Days": 1, "Hours": 1}]},
        {"ControlGroup": {"Percent": 51}},
    ):
        assert settings(project, **wrong)[0] == 400, wrong


def test_a_cap_over_all_campaigns(project: Project) -> None:
    project.people(["lea", "ben"])
    guard(project, FrequencyCaps=[{"Messages": 2, "Days": 3}])
    everybody, only_ben = project.segment(), project.segment({"Attributes": {"x": {"Values": ["y"]}}})
    project.person("ben", Attributes={"x": ["y"]})
    first, second, third = send(project, everybody), send(project, only_ben), send(project, everybody)
    assert project.reached(first) == ["ben", "lea"]
    assert project.reached(second) == ["ben"]
    assert project.reached(third) == ["lea"]
    said = why(project, "ben", third)
    assert (said["Gate"], said["Status"]) == ("frequency_cap", "DAILY_CAP")
    assert "2 messages of the project, at most 2 in 3 days" in said["Reason"]
    project.server.advance("P3DT1S")
    assert project.reached(send(project, everybody)) == ["ben", "lea"]


def test_a_cap_of_a_user_s_endpoints_on_some_channels(project: Project) -> None:
    project.pinpoint.update_sms_channel(ApplicationId=project.id, SMSChannelRequest={"Enabled": True})
    project.person("lea-mail", User={"UserId": "lea"})
    project.person("lea-work", User={"UserId": "lea"})
    project.put("lea-phone", ChannelType="SMS", Address="+4915550100", User={"UserId": "lea"})
    guard(project, FrequencyCaps=[{"Messages": 1, "Hours": 12, "ChannelTypes": ["EMAIL"], "PerUser": True}])
    message = {"EmailMessage": {"Title": "Hi", "Body": "Hi"}, "SMSMessage": {"Body": "Hi"}}
    campaign = send(project, project.segment(), MessageConfiguration=message)
    assert project.reached(campaign) == ["lea-mail", "lea-phone"]
    assert why(project, "lea-work", campaign)["Gate"] == "frequency_cap"


def test_messages_on_their_way_count_and_those_taken_back_do_not(project: Project) -> None:
    project.person("lea")
    project.person("max")
    guard(project, FrequencyCaps=[{"Messages": 1, "Days": 1}])
    everybody = project.segment()
    slow = send(project, everybody, Limits={"MessagesPerSecond": 1})
    assert project.reached(slow) == ["lea"]
    assert project.reached(send(project, everybody)) == []
    project.server.control("POST", f"campaigns/stop?ApplicationId={project.id}", {"CampaignId": slow, "ForGood": True})
    assert project.reached(send(project, everybody)) == ["max"]


def test_a_cap_of_event_campaigns(project: Project) -> None:
    project.person("lea")
    guard(project, FrequencyCaps=[{"Messages": 2, "Days": 1}])
    campaign = listen(project, project.segment(), waiting("bought"))
    for _ in range(3):
        tell(project, "lea", "bought")
    project.server.settle()
    assert sorted(statuses(project, "lea", campaign)) == ["DAILY_CAP", "SUCCESS", "SUCCESS"]


def test_a_control_group_is_never_written_to_by_campaigns(project: Project) -> None:
    names = [f"p{number}" for number in range(60)]
    project.people({name: {"User": {"UserId": f"u{name}"}} for name in names})
    guard(project, ControlGroup={"Percent": 30})
    everybody = project.segment()
    first, second = send(project, everybody), send(project, everybody, HoldoutPercent=50)
    reached = set(project.reached(first))
    group = set(names) - reached
    assert 5 <= len(group) <= 35
    assert not group & set(project.reached(second))
    one = sorted(group)[0]
    said = why(project, one, first)
    assert (said["Gate"], said["Status"]) == ("control_group", "HOLDOUT")
    path = f"audience/control-group?ApplicationId={project.id}"
    assert project.server.control("GET", f"{path}&EndpointId={one}") == {
        "Percent": 30,
        "DrawnBy": f"user/u{one}",
        "Member": True,
    }
    assert not project.server.control("GET", f"{path}&UserId=u{sorted(reached)[0]}")["Member"]
    assert project.server.raw("GET", f"/clarion/v1/{path}")[0] == 400
    message = {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "Hi"}, "TextPart": {"Data": "Hi"}}}}
    direct = project.pinpoint.send_messages(
        ApplicationId=project.id, MessageRequest={"Endpoints": {one: {}}, "MessageConfiguration": message}
    )
    assert direct["MessageResponse"]["EndpointResult"][one]["DeliveryStatus"] == "SUCCESSFUL"


def test_a_campaign_waits_for_somebody_else(project: Project) -> None:
    project.person("lea")
    guard(project, ApprovalRequired=True)
    other = project.server.key("marketer")
    campaign = send(project, project.segment())
    assert (project.status(campaign), project.mail()) == ("PAUSED", [])
    path = f"campaigns/approve?ApplicationId={project.id}"
    status, answer = project.server.raw("POST", f"/clarion/v1/{path}", {"CampaignId": campaign})
    assert (status, answer["Message"]) == (
        403,
        "version 1 must be approved by another access key than the one that wrote it",
    )
    stale = project.server.raw("POST", f"/clarion/v1/{path}", {"CampaignId": campaign, "Version": 7}, key=other)
    assert stale[0] == 409
    done = project.server.control("POST", path, {"CampaignId": campaign, "Comment": "fine"}, key=other)
    said = done["Approval"]
    assert (said["Status"], said["By"], said["Comment"]) == ("APPROVED", other[0], "fine")
    project.server.settle()
    assert (project.status(campaign), project.reached(campaign)) == ("COMPLETED", ["lea"])
    again = project.server.raw("POST", f"/clarion/v1/{path}", {"CampaignId": campaign}, key=other)
    assert again[0] == 409


def test_every_change_asks_anew_and_missed_runs_are_skipped(project: Project) -> None:
    project.person("lea")
    guard(project, ApprovalRequired=True)
    segment, other = project.segment(), project.server.key("marketer")
    daily = {"StartTime": project.in_time("PT1H"), "Frequency": "DAILY", "EndTime": project.in_time("P30D")}
    campaign = project.campaign(segment, Schedule=daily)["Id"]
    path, body = f"campaigns/approve?ApplicationId={project.id}", {"CampaignId": campaign}
    project.server.advance("P2DT2H")
    assert project.mail(campaign) == []
    project.server.control("POST", path, body, key=other)
    project.server.advance("P1D")
    assert len(project.mail(campaign)) == 1
    # Pausing and resuming is no change of what somebody approved.
    project.update(campaign, segment, Schedule=daily, IsPaused=True)
    project.update(campaign, segment, Schedule=daily)
    project.server.advance("P1D")
    assert len(project.mail(campaign)) == 2
    project.update(campaign, segment, Schedule=daily, Name="other")
    project.server.advance("P1D")
    assert (project.status(campaign), len(project.mail(campaign))) == ("PAUSED", 2)
    project.server.control("POST", f"campaigns/reject?ApplicationId={project.id}", {**body, "Comment": "no"}, key=other)
    _, found = project.server.raw("GET", f"/v1/apps/{project.id}/campaigns/{campaign}")
    assert (found["Approval"]["Status"], found["Approval"]["Comment"]) == ("REJECTED", "no")
    project.server.advance("P1D")
    assert len(project.mail(campaign)) == 2


def test_a_time_that_passed_while_waiting(project: Project) -> None:
    project.person("lea")
    guard(project, ApprovalRequired=True)
    campaign = project.campaign(project.segment(), Schedule={"StartTime": project.in_time("PT1H")})["Id"]
    project.server.advance("PT2H")
    path = f"/clarion/v1/campaigns/approve?ApplicationId={project.id}"
    status, answer = project.server.raw("POST", path, {"CampaignId": campaign}, key=project.server.key("marketer"))
    assert (status, answer["Message"]) == (409, "Schedule.StartTime has passed: give the campaign another one")


def test_only_developers_take_approval_away(project: Project) -> None:
    guard(project, ApprovalRequired=True)
    path, key = f"/v1/apps/{project.id}/settings", project.server.key("marketer")
    assert project.server.raw("PUT", path, {"ApprovalRequired": False}, key=key)[0] == 403
    assert project.server.raw("PUT", path, {"ApprovalRequired": True, "Limits": {"Daily": 1}}, key=key)[0] == 200
    assert project.server.raw("PUT", path, {"ApprovalRequired": False}, key=project.server.key("developer"))[0] == 200


def test_a_dry_run_is_what_the_run_does(project: Project) -> None:
    names = [f"p{number:02}" for number in range(30)]
    project.people({name: {"Attributes": {"name": [name.upper()]}} for name in names})
    project.person("out", OptOut="ALL")
    project.put("phone", ChannelType="SMS", Address="+4915550100")
    project.person("twin", Address="P00@example.com")
    segment = project.segment()
    write = {
        "HoldoutPercent": 20,
        "AdditionalTreatments": [
            {
                "SizePercent": 40,
                "MessageConfiguration": {"EmailMessage": {"Title": "B {{Attributes.name}}", "Body": "b"}},
            }
        ],
        "Schedule": {"StartTime": project.in_time("PT1H")},
    }
    campaign = project.campaign(segment, **write)["Id"]
    dry = rehearse(project, CampaignId=campaign, Rendered=True)
    assert project.mail() == []
    project.server.settle()
    assert project.activities(campaign) == []
    sent = {one["EndpointId"]: one for one in dry["People"] if one["Outcome"] == "SENT"}
    refused = {one["EndpointId"]: one for one in dry["People"] if one["Outcome"] == "REFUSED"}
    assert len(sent) + len(refused) == 33
    assert refused["out"]["Gate"] == "opt_out"
    assert refused["phone"]["Gate"] == "content"
    assert refused["twin"]["Gate"] == "duplicate_address"
    decisions = project.server.control("GET", f"why?ApplicationId={project.id}&EndpointId={names[0]}")["Decisions"]
    assert decisions == []
    project.server.advance("PT2H")
    mail = project.mail(campaign)
    assert {one["EndpointId"]: (one["TreatmentId"], one["Subject"]) for one in mail} == {
        name: (one["TreatmentId"], one["Text"]) for name, one in sent.items()
    }
    for name, one in refused.items():
        assert why(project, name, campaign)["Gate"] == one["Gate"]
    held = dry["Counts"].get(("0", "REFUSED", "holdout"), 0)
    assert held == sum(one["Gate"] == "holdout" for one in refused.values())


def test_a_dry_run_of_what_is_not_saved(project: Project, tmp_path: Path) -> None:
    project.people(["lea", "ben"])
    write = project.write(project.segment(), Limits={"Daily": 1})
    file, output = tmp_path / "campaign.json", tmp_path / "people.csv"
    file.write_text(json.dumps({"WriteCampaignRequest": write}))
    arguments = [
        "--app",
        project.id,
        "--url",
        project.server.url,
        "--region",
        REGION,
        "--file",
        str(file),
        "--csv",
        str(output),
    ]
    said = project.server.clarion("campaign", "dry-run", *arguments, "--rendered").stdout
    assert "0\tSENT\tEMAIL\t\t\t2" in said
    rows = list(csv.DictReader(io.StringIO(output.read_text())))
    assert [(one["EndpointId"], one["Outcome"], one["Text"]) for one in rows] == [
        ("ben", "SENT", "Hello"),
        ("lea", "SENT", "Hello"),
    ]
    assert project.pinpoint.get_campaigns(ApplicationId=project.id)["CampaignsResponse"]["Item"] == []
    campaign = send(project, write["SegmentId"], Limits={"Daily": 1})
    body = {"CampaignId": campaign, "Campaign": {**write, "Name": "next"}}
    assert rehearse(project, **body)["Counts"] == {("0", "REFUSED", "daily_cap"): 2}
    path = f"/clarion/v1/campaigns/dry-run?ApplicationId={project.id}"
    for wrong, status in (
        ({}, 400),
        ({"CampaignId": "0" * 32}, 404),
        ({"Campaign": {"Name": "n"}}, 400),
        ({"CampaignId": campaign, "NextToken": "x"}, 400),
    ):
        assert project.server.raw("POST", path, wrong)[0] == status, wrong


def test_a_dry_run_of_a_campaign_that_says_nothing(project: Project) -> None:
    project.person("lea")
    write = project.write(project.segment(), MessageConfiguration={"SMSMessage": {"Body": "Hi"}})
    found = rehearse(project, Campaign=write)
    assert found["People"] == []
    assert found["Treatments"]["0"]["Problem"] == "no channel is enabled that the campaign has content for"


def test_the_guardrail_commands(project: Project) -> None:
    project.person("lea")
    project.server.clarion(
        "guardrails", "set", *at(project), "--cap", "3/7d", "--cap", "1/12h:SMS,PUSH:user", "--approval"
    )
    said = project.server.clarion("guardrails", "set", *at(project), "--control-group", "50").stdout
    assert said.splitlines()[1:] == [
        "frequency cap\t3 messages in 7 days per endpoint",
        "frequency cap\t1 messages in 12 hours on SMS, PUSH per user",
        "control group\t50 percent",
        "approval\trequired",
    ]
    assert (
        "the control group (50 percent)"
        in project.server.clarion("guardrails", "control-group", *at(project), "--endpoint", "lea").stdout
    )
    project.server.clarion("guardrails", "set", *at(project), "--no-caps", "--control-group", "0", "--no-approval")
    campaign = project.campaign(project.segment(), Schedule={"StartTime": project.in_time("PT1H")})["Id"]
    guard(project, ApprovalRequired=True)
    other = project.server.client(key=project.server.key("marketer"))
    write = project.write(project.segment(), Name="other", Schedule={"StartTime": project.in_time("PT1H")})
    other.update_campaign(ApplicationId=project.id, CampaignId=campaign, WriteCampaignRequest=write)
    assert project.status(campaign) == "PAUSED"
    said = project.server.clarion("campaign", "reject", campaign, *at(project), "--comment", "no").stdout
    assert said == "version 2 rejected, the campaign is PAUSED\n"
    said = project.server.clarion("campaign", "approve", campaign, *at(project), "--version", "2").stdout
    assert said == "version 2 approved, the campaign is SCHEDULED\n"
    assert "approval: APPROVED AKIDROOT" in project.server.clarion("campaign", "show", campaign, *at(project)).stdout
