"""Campaigns that are refused: each member of WriteCampaignRequest sent wrongly is 400 and names itself.

Source: spec of campaigns, sections 2 to 9.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.running import Server

FAR = {"StartTime": "2099-01-01T00:00:00Z"}
NOW = {"StartTime": "IMMEDIATE"}
EVENT = {**FAR, "Frequency": "EVENT"}
NAMED: dict[str, Any] = {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["cart"]}}
FILTER = {"FilterType": "ENDPOINT", "Dimensions": NAMED}
CUSTOM: dict[str, Any] = {"MessageConfiguration": {"CustomMessage": {"Data": "{}"}}}


def event(dimensions: dict[str, Any]) -> dict[str, Any]:
    """A Schedule that waits for these events."""
    return {**EVENT, "EventFilter": {"FilterType": "ENDPOINT", "Dimensions": dimensions}}


BAD: list[tuple[dict[str, Any], str]] = [
    ({"Name": None}, "Name"),
    ({"Name": 7}, "Name"),
    ({"SegmentId": None}, "SegmentId"),
    ({"Schedule": None}, "Schedule"),
    ({"Schedule": {}}, "Schedule.StartTime"),
    ({"Schedule": {"StartTime": "soon"}}, "Schedule.StartTime"),
    ({"Schedule": {**FAR, "EndTime": "2035-01-01T00:00:00Z", "Frequency": "DAILY"}}, "Schedule.EndTime"),
    ({"Schedule": {**FAR, "EndTime": "later"}}, "Schedule.EndTime"),
    ({"Schedule": {**FAR, "Frequency": "YEARLY"}}, "Schedule.Frequency"),
    ({"Schedule": {**FAR, "Frequency": "EVENT"}}, "Schedule.EventFilter: is required"),
    ({"Schedule": {**FAR, "EventFilter": FILTER}}, "Schedule.EventFilter: goes with"),
    ({"Schedule": {**EVENT, "EventFilter": {"Dimensions": FILTER["Dimensions"]}}}, "EventFilter.FilterType"),
    ({"Schedule": {**EVENT, "EventFilter": {"FilterType": "ENDPOINT"}}}, "EventFilter.Dimensions"),
    ({"Schedule": event({})}, "Schedule.EventFilter.Dimensions.EventType: is required"),
    ({"Schedule": event({"EventType": {"Values": []}})}, "Dimensions.EventType.Values"),
    ({"Schedule": event({**NAMED, "Metrics": {"n": {"ComparisonOperator": "LIKE", "Value": 1}}})}, "Metrics.n.Compar"),
    ({"Schedule": event({**NAMED, "Attributes": {"a": {"Values": []}}})}, "Attributes.a.Values"),
    ({"Schedule": {**EVENT, "EventFilter": FILTER, "EndTime": "2035-01-01T00:00:00Z"}}, "Schedule.EndTime"),
    ({"Schedule": {**EVENT, "Frequency": "IN_APP_EVENT", "EventFilter": FILTER}}, "an in-app message"),
    (
        {"Schedule": {"StartTime": "2020-01-01T00:00:00Z", "EndTime": "2020-02-01T00:00:00Z", "Frequency": "DAILY"}},
        "EndT",
    ),
    ({"Schedule": {**FAR, "Timezone": "Europe/Berlin"}}, "Schedule.Timezone"),
    ({"Schedule": {**FAR, "Timezone": "UTC-01"}}, "Schedule.Timezone"),
    ({"Schedule": {**FAR, "IsLocalTime": "yes"}}, "Schedule.IsLocalTime"),
    ({"Schedule": {**FAR, "QuietTime": {"Start": "22:00"}}}, "Schedule.QuietTime.End"),
    ({"Schedule": {**FAR, "QuietTime": {"Start": "24:00", "End": "06:00"}}}, "Schedule.QuietTime.Start"),
    ({"MessageConfiguration": None}, "MessageConfiguration"),
    ({"MessageConfiguration": {"EmailMessage": {}}}, "MessageConfiguration"),
    ({"MessageConfiguration": {"SMSMessage": {"MessageType": "PROMOTIONAL"}}}, "MessageConfiguration"),
    ({"MessageConfiguration": {"SMSMessage": {"Body": "b", "MessageType": "LOUD"}}}, "SMSMessage.MessageType"),
    ({"MessageConfiguration": {"SMSMessage": {"Body": "{{"}}}, "MessageConfiguration.SMSMessage.Body"),
    ({"MessageConfiguration": {"GCMMessage": {"Title": "only a title"}}}, "MessageConfiguration"),
    ({"MessageConfiguration": {"GCMMessage": {"Body": "b" * 201}}}, "GCMMessage.Body: must have at most 200"),
    ({"MessageConfiguration": {"APNSMessage": {"Body": "{{#each}}"}}}, "APNSMessage.Body"),
    ({"MessageConfiguration": {"APNSMessage": {"Body": "b", "TimeToLive": -1}}}, "APNSMessage.TimeToLive"),
    ({"MessageConfiguration": {"ADMMessage": {"Body": "b", "Action": "DANCE"}}}, "ADMMessage.Action"),
    ({"MessageConfiguration": {"InAppMessage": {"Layout": "MODAL"}}}, "InAppMessage.Layout"),
    ({"MessageConfiguration": {"CustomMessage": {"Data": "{}"}}}, "CustomDeliveryConfiguration: is required"),
    ({"MessageConfiguration": {"CustomMessage": {"Data": "x" * 5121}}}, "CustomMessage.Data: must have at most 5120"),
    ({"MessageConfiguration": {"EmailMessage": {"Title": "{{#if a}}", "Body": "b"}}}, "EmailMessage.Title"),
    ({"MessageConfiguration": {"EmailMessage": {"Title": "t", "HtmlBody": "a\n{{b"}}}, "EmailMessage.HtmlBody: line 2"),
    ({"MessageConfiguration": {"EmailMessage": {"Title": ["t"], "Body": "b"}}}, "EmailMessage.Title"),
    ({"MessageConfiguration": {"DefaultMessage": {"Body": "{{/if}}"}}}, "DefaultMessage.Body"),
    ({"TemplateConfiguration": {"EmailTemplate": {}}}, "TemplateConfiguration.EmailTemplate.Name"),
    ({"HoldoutPercent": 101}, "HoldoutPercent"),
    ({"HoldoutPercent": -1}, "HoldoutPercent"),
    ({"HoldoutPercent": "ten"}, "HoldoutPercent"),
    ({"Limits": {"Daily": 101}}, "Limits.Daily"),
    ({"Limits": {"Total": -1}}, "Limits.Total"),
    ({"Limits": {"MaximumDuration": 59}}, "Limits.MaximumDuration"),
    ({"Limits": {"MessagesPerSecond": 20_001}}, "Limits.MessagesPerSecond"),
    ({"IsPaused": True}, "IsPaused"),
    ({"TemplateConfiguration": {"SMSTemplate": {"Version": "1"}}}, "TemplateConfiguration.SMSTemplate.Name"),
    ({"TemplateConfiguration": {"VoiceTemplate": {"Name": "v"}}}, "TemplateConfiguration.VoiceTemplate"),
    ({"AdditionalTreatments": [{}]}, "AdditionalTreatments[0].SizePercent"),
    ({"AdditionalTreatments": [{"SizePercent": -1}]}, "AdditionalTreatments[0].SizePercent"),
    ({"AdditionalTreatments": [{"SizePercent": 1}] * 5}, "AdditionalTreatments: at most 4"),
    ({"HoldoutPercent": 60, "AdditionalTreatments": [{"SizePercent": 41}]}, "101 together"),
    ({"AdditionalTreatments": [{"SizePercent": 1, "Schedule": {}}]}, "AdditionalTreatments[0].Schedule.StartTime"),
    ({"AdditionalTreatments": [{"SizePercent": 1, "Schedule": {"StartTime": "x"}}]}, "[0].Schedule.StartTime"),
    (
        {"AdditionalTreatments": [{"SizePercent": 1, "Schedule": {**EVENT, "EventFilter": FILTER}}]},
        "same kind of event",
    ),
    ({"Schedule": FAR, "IsPaused": True, "AdditionalTreatments": [{"SizePercent": 1, "Schedule": NOW}]}, "IsPaused"),
    ({"Hook": {"Mode": "FILTER"}}, "Hook: LambdaFunctionName or WebUrl"),
    ({"Hook": {"LambdaFunctionName": "f g"}}, "Hook.LambdaFunctionName"),
    ({"Hook": {"WebUrl": "http://x.example"}}, "Hook.WebUrl"),
    ({"Hook": {"LambdaFunctionName": "f", "Mode": "GUESS"}}, "Hook.Mode"),
    ({"CustomDeliveryConfiguration": {"DeliveryUri": "https://x"}}, "CustomMessage.Data: is required"),
    ({"CustomDeliveryConfiguration": {}}, "CustomDeliveryConfiguration.DeliveryUri"),
    ({**CUSTOM, "CustomDeliveryConfiguration": {"DeliveryUri": "ftp://x"}}, "DeliveryUri"),
    ({**CUSTOM, "CustomDeliveryConfiguration": {"DeliveryUri": "f", "EndpointTypes": ["FAX"]}}, "EndpointTypes"),
    ({"Priority": -1}, "Priority"),
    ({"Priority": "high"}, "Priority"),
]


@pytest.fixture(scope="module")
def shop(server: Server) -> Iterator[Project]:
    """A project with a segment and a campaign, `made` before."""
    project = Project(server)
    yield project
    project.leave()


@pytest.fixture(scope="module")
def made(shop: Project) -> dict[str, Any]:
    return shop.campaign(shop.segment(), Schedule=FAR)


@pytest.mark.parametrize(("write", "field"), BAD, ids=lambda value: re.sub(r"\W+", "-", str(value))[:50])
def test_a_bad_campaign_is_refused(shop: Project, made: dict[str, Any], write: dict[str, Any], field: str) -> None:
    body = shop.write(made["SegmentId"], **write)
    for method, path in (("POST", "campaigns"), ("PUT", f"campaigns/{made['Id']}")):
        status, answer = shop.server.raw(method, f"/v1/apps/{shop.id}/{path}", body)
        # What has been over when it is changed is complete, and nothing to complain of.
        if method == "POST" or field != "EndT":
            assert status == 400, answer
            assert field in answer["Message"]


def test_nothing_came_of_them(shop: Project, made: dict[str, Any]) -> None:
    assert len(shop.pinpoint.get_campaigns(ApplicationId=shop.id)["CampaignsResponse"]["Item"]) == 1


def test_a_start_in_the_past_is_refused_for_a_single_run(project: Project) -> None:
    segment, past = project.segment(), {"StartTime": "2020-01-01T00:00:00Z"}
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match=r"Schedule.StartTime: is in the past"):
        project.campaign(segment, Schedule=past)
    made = project.campaign(segment, Schedule=FAR)
    assert project.update(made["Id"], segment, Schedule=past)["Schedule"] == past


def test_twenty_five_event_campaigns_and_no_more(project: Project) -> None:
    segment, schedule = project.segment(), {**EVENT, "EventFilter": FILTER}
    made = [project.campaign(segment, Schedule=schedule)["Id"] for _ in range(25)]
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match="at most 25 active campaigns"):
        project.campaign(segment, Schedule=schedule)
    project.pinpoint.delete_campaign(ApplicationId=project.id, CampaignId=made[0])
    project.campaign(segment, Schedule=schedule)
