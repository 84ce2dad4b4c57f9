"""Campaigns as resources: what is echoed, versions, what ends them, what is refused. Source: spec of campaigns."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.acceptance.project import Project, every_page
from tests.acceptance.test_apps import DATE

FAR = {"StartTime": "2099-01-01T00:00:00Z"}


def test_an_immediate_campaign_from_creation_to_its_end(project: Project) -> None:
    project.people(["lea", "jon"])
    segment = project.segment()
    answer = project.pinpoint.create_campaign(
        ApplicationId=project.id,
        WriteCampaignRequest=project.write(
            segment,
            Description="d",
            TreatmentName="t",
            Schedule={"StartTime": "IMMEDIATE", "IsLocalTime": False, "Timezone": "utc"},
            Limits={"Daily": 0, "MaximumDuration": 60, "MessagesPerSecond": 50, "Total": 0},
            tags={"a": "b"},
        ),
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    made = answer["CampaignResponse"]
    assert DATE.fullmatch(made["CreationDate"])
    expected = {
        "AdditionalTreatments": [],
        "ApplicationId": project.id,
        "Arn": f"arn:aws:mobiletargeting:eu-central-1:000000000001:apps/{project.id}/campaigns/{made['Id']}",
        "CreationDate": made["CreationDate"],
        "Description": "d",
        "HoldoutPercent": 0,
        "Id": made["Id"],
        "IsPaused": False,
        "LastModifiedDate": made["LastModifiedDate"],
        "Limits": {"Daily": 0, "MaximumDuration": 60, "MessagesPerSecond": 50, "Session": 0, "Total": 0},
        "MessageConfiguration": {
            "EmailMessage": {"Title": "Hello", "HtmlBody": "<p>Hello</p>", "Body": "Hello"},
        },
        "Name": "hello",
        "Schedule": {"IsLocalTime": False, "StartTime": "IMMEDIATE", "Timezone": "utc"},
        "SegmentId": segment,
        "SegmentVersion": 1,
        "State": {"CampaignStatus": "SCHEDULED"},
        "TemplateConfiguration": {},
        "TreatmentName": "t",
        "Version": 1,
        "tags": {"a": "b"},
    }
    assert made == expected
    project.server.advance("PT1S")
    assert project.get_campaign(made["Id"]) == {**expected, "State": {"CampaignStatus": "COMPLETED"}}
    assert project.reached(made["Id"]) == ["jon", "lea"]
    [activity] = project.activities(made["Id"])
    for date in ("ScheduledStart", "Start", "End"):
        assert DATE.fullmatch(activity.pop(date))
    assert activity == {
        "ApplicationId": project.id,
        "CampaignId": made["Id"],
        "Id": activity["Id"],
        "State": "COMPLETED",
        "Result": "SUCCESS",
        "TotalEndpointCount": 2,
        "SuccessfulEndpointCount": 2,
        "TimezonesTotalCount": 1,
        "TimezonesCompletedCount": 1,
        "TreatmentId": "0",
        "ExecutionMetrics": {"ENDPOINT_PRODUCED": "2"},
    }


def test_what_a_message_looks_like(project: Project) -> None:
    project.person("lea", User={"UserId": "u1", "UserAttributes": {"Vorname": ["Lea"]}})
    email = {
        "Title": "Grüße, {{User.UserAttributes.Vorname}}",
        "HtmlBody": "<p>Größe ✓</p>",
        "Body": "plain",
        "FromAddress": "Other <other@shop.example>",
        "Headers": [{"Name": "X-Who", "Value": "{{Id}}"}],
    }
    campaign = project.campaign(project.segment(), MessageConfiguration={"EmailMessage": email})
    project.server.settle()
    [mail] = project.mail(campaign["Id"])
    headers = mail.pop("Headers")
    assert headers["From"] == "Other <other@shop.example>"
    assert headers["To"] == "lea@example.com"
    assert headers["X-Who"] == "lea"
    assert re.fullmatch(r"[0-9a-f]{32}", mail["MessageId"])
    assert "<p>Größe ✓</p>" in mail.pop("Html")
    assert mail == {
        "MessageId": mail["MessageId"],
        "ApplicationId": project.id,
        "Channel": "EMAIL",
        "Address": "lea@example.com",
        "EndpointId": "lea",
        "UserId": "u1",
        "CampaignId": campaign["Id"],
        "TreatmentId": "0",
        "Subject": "Grüße, Lea",
        "Text": "plain",
        "SentAt": mail["SentAt"],
    }


def test_a_default_message_serves_email(project: Project) -> None:
    project.person("lea")
    default = {"DefaultMessage": {"Title": "Title", "Body": "Body of {{Id}}"}}
    campaign = project.campaign(project.segment(), MessageConfiguration=default)
    project.server.settle()
    [mail] = project.mail(campaign["Id"])
    assert (mail["Subject"], mail["Text"]) == ("Title", "Body of lea")


def test_versions(project: Project) -> None:
    segment, other = project.segment(), project.segment()
    made = project.campaign(segment, Schedule=FAR, Name="one", tags={"a": "b"})
    changed = project.update(made["Id"], other, Schedule=FAR, Name="two", tags={"c": "d"}, Description="new")
    assert (changed["Version"], changed["Name"], changed["SegmentId"]) == (2, "two", other)
    assert changed["tags"] == {"a": "b"}
    assert changed["CreationDate"] == made["CreationDate"]
    assert project.get_campaign(made["Id"]) == changed
    pinpoint, ids = project.pinpoint, {"ApplicationId": project.id, "CampaignId": made["Id"]}
    versions = every_page(pinpoint.get_campaign_versions, "CampaignsResponse", **ids)
    assert [(one["Version"], one["Name"]) for one in versions] == [(2, "two"), (1, "one")]
    first = pinpoint.get_campaign_version(**ids, Version="1")["CampaignResponse"]
    assert (first["Name"], first["SegmentId"], first["Version"]) == ("one", segment, 1)
    assert "Description" not in first
    for version in ("3", "x", "0", "²", "9" * 20):
        with pytest.raises(pinpoint.exceptions.NotFoundException):
            pinpoint.get_campaign_version(**ids, Version=version)


def test_campaigns_page_in_order_of_creation(project: Project) -> None:
    segment = project.segment()
    made = [project.campaign(segment, Schedule=FAR)["Id"] for _ in range(3)]
    found = every_page(project.pinpoint.get_campaigns, "CampaignsResponse", ApplicationId=project.id)
    assert sorted(one["Id"] for one in found) == sorted(made)
    whole = project.pinpoint.get_campaigns(ApplicationId=project.id)["CampaignsResponse"]
    assert whole["Item"] == found
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match="token"):
        project.pinpoint.get_campaigns(ApplicationId=project.id, Token="nonsense")


def test_a_campaign_keeps_its_version_of_the_segment(project: Project) -> None:
    project.person("gold", Attributes={"plan": ["gold"]})
    project.person("free", Attributes={"plan": ["free"]})

    def plan(value: str) -> dict[str, Any]:
        return {"Attributes": {"plan": {"Values": [value]}}}

    segment = project.segment(plan("gold"))
    frozen = project.campaign(segment, Schedule={"StartTime": project.in_time("PT1H")})
    project.pinpoint.update_segment(
        ApplicationId=project.id, SegmentId=segment, WriteSegmentRequest={"Name": "n", "Dimensions": plan("free")}
    )
    latest = project.campaign(segment, Schedule={"StartTime": project.in_time("PT1H")})
    pinned = project.campaign(segment, SegmentVersion=1, Schedule={"StartTime": project.in_time("PT1H")})
    assert [one["SegmentVersion"] for one in (frozen, latest, pinned)] == [1, 2, 1]
    project.server.advance("PT1H")
    assert project.reached(frozen["Id"]) == project.reached(pinned["Id"]) == ["gold"]
    assert project.reached(latest["Id"]) == ["free"]


def test_app_settings_are_copied_when_a_campaign_is_made(project: Project) -> None:
    def settings(**write: Any) -> None:
        project.pinpoint.update_application_settings(ApplicationId=project.id, WriteApplicationSettingsRequest=write)

    segment = project.segment()
    settings(Limits={"Total": 7, "MaximumDuration": 600}, QuietTime={"Start": "22:00", "End": "06:00"})
    made = project.campaign(segment, Schedule=FAR, Limits={"Total": 3})
    assert made["Limits"] == {"Daily": 0, "MaximumDuration": 600, "MessagesPerSecond": 0, "Session": 0, "Total": 3}
    assert made["Schedule"]["QuietTime"] == {"Start": "22:00", "End": "06:00"}
    own = {"Start": "01:00", "End": "02:00"}
    assert project.campaign(segment, Schedule={**FAR, "QuietTime": own})["Schedule"]["QuietTime"] == own
    settings(Limits={"Total": 1}, QuietTime={})
    assert project.get_campaign(made["Id"])["Limits"] == made["Limits"]
    assert "QuietTime" not in project.campaign(segment, Schedule=FAR)["Schedule"]


def test_deleting_a_campaign(project: Project) -> None:
    project.person("lea")
    made = project.campaign(project.segment(), Schedule={"StartTime": project.in_time("PT1H")})
    gone = project.pinpoint.delete_campaign(ApplicationId=project.id, CampaignId=made["Id"])
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert gone["CampaignResponse"]["Id"] == made["Id"]
    assert gone["CampaignResponse"]["State"] == {"CampaignStatus": "DELETED"}
    project.server.advance("PT2H")
    assert project.mail() == []
    for call, arguments in (
        (project.pinpoint.get_campaign, {}),
        (project.pinpoint.delete_campaign, {}),
        (project.pinpoint.get_campaign_activities, {}),
        (project.pinpoint.get_campaign_versions, {}),
        (project.pinpoint.get_campaign_version, {"Version": "1"}),
    ):
        with pytest.raises(project.pinpoint.exceptions.NotFoundException, match="Resource not found"):
            call(ApplicationId=project.id, CampaignId=made["Id"], **arguments)
    assert project.pinpoint.get_campaigns(ApplicationId=project.id)["CampaignsResponse"]["Item"] == []


def test_deleting_a_campaign_that_is_sending(project: Project) -> None:
    project.people(f"e{number}" for number in range(10))
    made = project.campaign(project.segment(), Limits={"MessagesPerSecond": 1})
    project.server.advance("PT3S")
    sent = len(project.mail(made["Id"]))
    assert 3 <= sent <= 4
    assert project.status(made["Id"]) == "EXECUTING"
    project.pinpoint.delete_campaign(ApplicationId=project.id, CampaignId=made["Id"])
    project.server.advance("PT1H")
    assert len(project.mail(made["Id"])) == sent


def test_deleting_the_segment_of_active_campaigns(project: Project) -> None:
    project.people(f"e{number}" for number in range(10))
    segment = project.segment()
    sending = project.campaign(segment, Limits={"MessagesPerSecond": 1})
    waiting = project.campaign(segment, Schedule={"StartTime": project.in_time("PT1H")})
    paused = project.campaign(segment, Schedule={"StartTime": project.in_time("PT1H")}, IsPaused=True)
    other = project.campaign(project.segment(), Schedule={"StartTime": project.in_time("PT1H")})
    project.server.advance("PT3S")
    project.pinpoint.delete_segment(ApplicationId=project.id, SegmentId=segment)
    for campaign in (sending, waiting, paused):
        assert project.status(campaign["Id"]) == "DELETED"
    project.server.advance("PT2H")
    assert len(project.mail(sending["Id"])) <= 4
    assert project.mail(waiting["Id"]) == []
    assert len(project.mail(other["Id"])) == 10
    [activity] = project.activities(sending["Id"])
    assert activity["State"] == "CANCELLED"
    assert activity["SuccessfulEndpointCount"] == len(project.mail(sending["Id"]))


def test_a_campaign_without_channel_is_invalid(project: Project) -> None:
    project.person("lea")
    segment = project.segment()
    channel = project.pinpoint.get_email_channel(ApplicationId=project.id)["EmailChannelResponse"]
    write = {name: channel[name] for name in ("FromAddress", "Identity")}
    project.pinpoint.update_email_channel(ApplicationId=project.id, EmailChannelRequest={**write, "Enabled": False})
    disabled = project.campaign(segment)
    project.server.settle()
    assert project.status(disabled["Id"]) == "INVALID"
    assert [(one["State"], one["Result"]) for one in project.activities(disabled["Id"])] == [("COMPLETED", "FAIL")]
    project.pinpoint.delete_email_channel(ApplicationId=project.id)
    removed = project.campaign(segment)
    project.server.settle()
    assert project.status(removed["Id"]) == "INVALID"
    assert project.mail() == []
    project.pinpoint.update_email_channel(ApplicationId=project.id, EmailChannelRequest=write)
    again = project.campaign(segment)
    project.server.settle()
    assert project.reached(again["Id"]) == ["lea"]


def test_changing_a_campaign_before_it_runs(project: Project) -> None:
    project.person("lea")
    segment = project.segment()
    made = project.campaign(segment, Schedule={"StartTime": project.in_time("PT1H")})
    project.update(
        made["Id"],
        segment,
        Schedule={"StartTime": project.in_time("PT3H")},
        MessageConfiguration={"EmailMessage": {"Title": "Changed", "Body": "b"}},
    )
    project.server.advance("PT2H")
    assert project.mail() == []
    project.server.advance("PT2H")
    assert [mail["Subject"] for mail in project.mail()] == ["Changed"]


def test_a_campaign_that_is_over_is_not_sent_again_by_a_change(project: Project) -> None:
    project.person("lea")
    segment = project.segment()
    made = project.campaign(segment)
    project.server.settle()
    changed = project.update(made["Id"], segment, Name="renamed")
    project.server.advance("PT1H")
    assert changed["Name"] == "renamed"
    assert project.status(made["Id"]) == "COMPLETED"
    assert len(project.mail()) == 1


@pytest.mark.parametrize("write", [{"SegmentId": "0" * 32}, {"SegmentVersion": 2}, {"SegmentId": "x/y"}])
def test_a_segment_that_is_not_there(project: Project, write: dict[str, Any]) -> None:
    with pytest.raises(project.pinpoint.exceptions.NotFoundException):
        project.campaign(project.segment(), **write)


def test_another_projects_segment_is_not_there(project: Project) -> None:
    other = Project(project.server)
    with pytest.raises(project.pinpoint.exceptions.NotFoundException):
        project.campaign(other.segment())
