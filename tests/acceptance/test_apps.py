"""Projects, their settings and channels. Source: spec of the audience, section 1."""

from __future__ import annotations

import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance import calls
from tests.acceptance.project import IDENTITY, SENDER, Project, every_page
from tests.acceptance.running import Server

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _create(server: Server, name: str, **write: Any) -> dict[str, Any]:
    answer = server.client().create_app(CreateApplicationRequest={"Name": name, **write})
    return dict(answer["ApplicationResponse"])


def test_a_project_is_created_read_and_deleted(server: Server) -> None:
    pinpoint = server.client()
    answer = pinpoint.create_app(CreateApplicationRequest={"Name": "Läden & Töchter 店", "tags": {"team": "crm"}})
    made = answer["ApplicationResponse"]

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    assert UUID.fullmatch(answer["ResponseMetadata"]["RequestId"])
    assert re.fullmatch(r"[0-9a-f]{32}", made["Id"])
    assert DATE.fullmatch(made["CreationDate"])
    assert made == {
        "Arn": f"arn:aws:mobiletargeting:eu-central-1:000000000001:apps/{made['Id']}",
        "Id": made["Id"],
        "Name": "Läden & Töchter 店",
        "tags": {"team": "crm"},
        "CreationDate": made["CreationDate"],
    }
    assert pinpoint.get_app(ApplicationId=made["Id"])["ApplicationResponse"] == made

    gone = pinpoint.delete_app(ApplicationId=made["Id"])
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert gone["ApplicationResponse"] == made
    with pytest.raises(pinpoint.exceptions.NotFoundException) as caught:
        pinpoint.get_app(ApplicationId=made["Id"])
    error = caught.value.response
    assert error["Error"] == {"Message": "Application not found", "Code": "NotFoundException"}
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert error["RequestID"] == error["ResponseMetadata"]["RequestId"]


def test_a_project_without_tags_has_an_empty_map(project: Project) -> None:
    assert project.pinpoint.get_app(ApplicationId=project.id)["ApplicationResponse"]["tags"] == {}


def test_names_need_not_be_unique(server: Server) -> None:
    made = [_create(server, "twin") for _ in range(2)]
    assert made[0]["Id"] != made[1]["Id"]


@pytest.mark.parametrize("name", ["", "x" * 65, "two\nlines"])
def test_bad_names_are_refused(server: Server, name: str) -> None:
    pinpoint = server.client()
    with pytest.raises(pinpoint.exceptions.BadRequestException, match="Name"):
        pinpoint.create_app(CreateApplicationRequest={"Name": name})


def test_projects_page_in_order_of_creation(server: Server) -> None:
    key = server.key("admin", account="000000000777")
    pinpoint = server.client(key=key)
    assert pinpoint.get_apps()["ApplicationsResponse"]["Item"] == []
    made = [pinpoint.create_app(CreateApplicationRequest={"Name": f"p{n}"})["ApplicationResponse"] for n in range(3)]
    found = every_page(pinpoint.get_apps, "ApplicationsResponse")
    assert sorted(found, key=lambda app: app["Name"]) == made
    assert [app["CreationDate"] for app in found] == sorted(app["CreationDate"] for app in found)
    whole = pinpoint.get_apps()["ApplicationsResponse"]
    assert whole["Item"] == found
    assert not whole.get("NextToken")


@pytest.mark.parametrize(
    "arguments", [{"PageSize": "0"}, {"PageSize": "1001"}, {"PageSize": "x"}, {"Token": "???"}, {"Token": "e30"}]
)
def test_bad_paging_is_refused(server: Server, arguments: dict[str, str]) -> None:
    pinpoint = server.client()
    name = {"PageSize": "page-size", "Token": "token"}[next(iter(arguments))]
    with pytest.raises(pinpoint.exceptions.BadRequestException, match=name):
        pinpoint.get_apps(**arguments)


def test_every_operation_on_an_unknown_project_is_not_found(server: Server) -> None:
    pinpoint = server.client()
    for unknown in ("0" * 32, "nope", "a/b"):
        for name, arguments in calls.of_project(unknown).items():
            with pytest.raises(pinpoint.exceptions.NotFoundException):
                getattr(pinpoint, name)(**arguments)


def test_a_deleted_project_takes_everything_along(server: Server) -> None:
    project = Project(server)
    project.person("lea")
    segment = project.segment()
    sent, waiting = (
        project.campaign(segment),
        project.campaign(segment, Schedule={"StartTime": project.in_time("PT1H")}),
    )
    server.settle()
    assert project.reached(sent["Id"]) == ["lea"]
    project.delete()
    server.advance("PT2H")
    ids = {"segment": segment, "campaign": waiting["Id"]}
    for name, arguments in calls.of_project(project.id, **ids).items():
        with pytest.raises(project.pinpoint.exceptions.NotFoundException):
            getattr(project.pinpoint, name)(**arguments)
    assert server.raw("GET", f"/clarion/v1/inbox?ApplicationId={project.id}")[0] == 404
    everything = server.control("GET", "inbox?Limit=1000")["Messages"]
    assert project.id not in {mail["ApplicationId"] for mail in everything}


def test_settings_of_a_new_project(project: Project) -> None:
    settings = project.pinpoint.get_application_settings(ApplicationId=project.id)["ApplicationSettingsResource"]
    assert settings == {
        "ApplicationId": project.id,
        "CampaignHook": {},
        "Limits": {},
        "QuietTime": {},
        "JourneyLimits": {},
    }


def test_settings_change_member_by_member(project: Project) -> None:
    def put(**write: Any) -> dict[str, Any]:
        answer = project.pinpoint.update_application_settings(
            ApplicationId=project.id, WriteApplicationSettingsRequest=write
        )
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        return dict(answer["ApplicationSettingsResource"])

    limits = {"Daily": 3, "MaximumDuration": 600, "MessagesPerSecond": 50, "Total": 9}
    journeys = {"DailyCap": 2, "TimeframeCap": {"Cap": 5, "Days": 7}, "TotalCap": 20}
    first = put(Limits=limits, CloudWatchMetricsEnabled=True)
    assert first["Limits"] == limits
    assert DATE.fullmatch(first["LastModifiedDate"])
    second = put(QuietTime={"Start": "22:00", "End": "06:00"}, JourneyLimits=journeys)
    assert second["Limits"] == limits
    assert second["QuietTime"] == {"Start": "22:00", "End": "06:00"}
    assert second["JourneyLimits"] == journeys
    third = put(Limits={})
    assert third["Limits"] == {}
    assert third["QuietTime"] == second["QuietTime"]
    read = project.pinpoint.get_application_settings(ApplicationId=project.id)["ApplicationSettingsResource"]
    assert read == third


@pytest.mark.parametrize(
    ("write", "field"),
    [
        ({"Limits": {"Daily": 101}}, "Limits.Daily"),
        ({"Limits": {"Total": -1}}, "Limits.Total"),
        ({"Limits": {"MaximumDuration": 59}}, "Limits.MaximumDuration"),
        ({"Limits": {"MessagesPerSecond": 20_001}}, "Limits.MessagesPerSecond"),
        ({"QuietTime": {"Start": "25:00", "End": "06:00"}}, "QuietTime.Start"),
        ({"QuietTime": {"Start": "22:00"}}, "QuietTime.End"),
        ({"JourneyLimits": {"DailyCap": 101}}, "JourneyLimits.DailyCap"),
        ({"JourneyLimits": {"TimeframeCap": {"Cap": 1, "Days": 31}}}, "JourneyLimits.TimeframeCap.Days"),
        ({"Limits": {"Daily": "three"}}, "Limits.Daily"),
        ({"Limits": {"Daily": True}}, "Limits.Daily"),
        ({"CampaignHook": {"Mode": "SOMETIMES"}}, "CampaignHook.Mode"),
    ],
)
def test_settings_out_of_range_are_refused(project: Project, write: dict[str, Any], field: str) -> None:
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match=re.escape(field)):
        project.pinpoint.update_application_settings(ApplicationId=project.id, WriteApplicationSettingsRequest=write)
    settings = project.pinpoint.get_application_settings(ApplicationId=project.id)["ApplicationSettingsResource"]
    assert "LastModifiedDate" not in settings


def test_a_new_project_has_the_in_app_channel_only(server: Server) -> None:
    bare = Project(server, channel=False)
    channels = bare.pinpoint.get_channels(ApplicationId=bare.id)["ChannelsResponse"]["Channels"]
    assert channels == {"IN_APP": {"Enabled": True, "IsArchived": False, "Version": 0}}
    for call in (bare.pinpoint.get_email_channel, bare.pinpoint.delete_email_channel):
        with pytest.raises(bare.pinpoint.exceptions.NotFoundException):
            call(ApplicationId=bare.id)


def test_the_email_channel_lives(project: Project) -> None:
    pinpoint, app = project.pinpoint, project.id
    first = pinpoint.get_email_channel(ApplicationId=app)["EmailChannelResponse"]
    assert first["Platform"] == "EMAIL"
    assert first["ApplicationId"] == app
    assert (first["FromAddress"], first["Identity"]) == (SENDER, IDENTITY)
    assert (first["Enabled"], first["IsArchived"], first["Version"], first["Id"]) == (True, False, 1, "email")
    assert first["LastModifiedBy"].endswith("AKIDROOT")

    write = {"FromAddress": "Shop <new@shop.example>", "Identity": IDENTITY, "ConfigurationSet": "c", "Enabled": False}
    second = pinpoint.update_email_channel(ApplicationId=app, EmailChannelRequest=write)["EmailChannelResponse"]
    assert {name: second[name] for name in write} == write
    assert second["Version"] == 2
    assert second["CreationDate"] == first["CreationDate"]
    overview = pinpoint.get_channels(ApplicationId=app)["ChannelsResponse"]["Channels"]
    assert set(overview) == {"EMAIL", "IN_APP"}
    assert (overview["EMAIL"]["Enabled"], overview["EMAIL"]["Version"]) == (False, 2)

    gone = pinpoint.delete_email_channel(ApplicationId=app)["EmailChannelResponse"]
    assert gone == second
    assert set(pinpoint.get_channels(ApplicationId=app)["ChannelsResponse"]["Channels"]) == {"IN_APP"}


@pytest.mark.parametrize(
    ("write", "field"),
    [
        ({"Identity": IDENTITY}, "FromAddress"),
        ({"FromAddress": SENDER}, "Identity"),
        ({"FromAddress": "nobody", "Identity": IDENTITY}, "FromAddress"),
        ({"FromAddress": SENDER, "Identity": "shop.example"}, "Identity"),
        ({"FromAddress": f"{SENDER}\r\nBcc: all@example.com", "Identity": IDENTITY}, "FromAddress"),
        ({"FromAddress": SENDER, "Identity": IDENTITY, "Enabled": "yes"}, "Enabled"),
    ],
)
def test_a_bad_email_channel_is_refused(project: Project, write: dict[str, Any], field: str) -> None:
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match=field):
        project.pinpoint.update_email_channel(ApplicationId=project.id, EmailChannelRequest=write)


def test_an_operation_that_is_not_there_says_so(project: Project) -> None:
    with pytest.raises(ClientError, match="DescribePools") as caught:
        project.server.client("pinpoint-sms-voice-v2").describe_pools()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
