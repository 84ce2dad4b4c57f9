"""In-app campaigns: what an endpoint is answered when it asks, and what it reports. Source: spec of campaigns, 10."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.project import Project

EVENT_FILTER: dict[str, Any] = {
    "FilterType": "ENDPOINT",
    "Dimensions": {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["app.opened"]}},
}
BANNER: dict[str, Any] = {
    "Layout": "TOP_BANNER",
    "Content": [
        {
            "BackgroundColor": "#f8e71c",
            "HeaderConfig": {"Alignment": "LEFT", "Header": "Sale", "TextColor": "#000000"},
            "BodyConfig": {"Alignment": "LEFT", "Body": "Everything must go", "TextColor": "#000000"},
            "PrimaryBtn": {
                "DefaultConfig": {"ButtonAction": "LINK", "Link": "https://shop.example", "Text": "Look"},
                "IOS": {"ButtonAction": "DEEP_LINK", "Link": "shop://sale"},
            },
        }
    ],
    "CustomConfig": {"colour": "yellow"},
}


def schedule(**more: Any) -> dict[str, Any]:
    return {"StartTime": "IMMEDIATE", "Frequency": "IN_APP_EVENT", "EventFilter": EVENT_FILTER, **more}


def device(project: Project, name: str, **endpoint: Any) -> None:
    """An endpoint that can show in-app messages."""
    project.put(name, **{"ChannelType": "IN_APP", "Address": f"device-{name}", **endpoint})


def show(project: Project, segment: str, **write: Any) -> str:
    """An in-app campaign; answers its id."""
    write.setdefault("Schedule", schedule())
    write.setdefault("MessageConfiguration", {"InAppMessage": BANNER})
    return str(project.campaign(segment, **write)["Id"])


def asked(project: Project, name: str) -> list[dict[str, Any]]:
    """GetInAppMessages."""
    answer = project.pinpoint.get_in_app_messages(ApplicationId=project.id, EndpointId=name)
    return list(answer["InAppMessagesResponse"]["InAppMessageCampaigns"])


def offered(project: Project, name: str) -> list[str]:
    """The campaigns whose messages an endpoint gets, in no order."""
    return sorted(one["CampaignId"] for one in asked(project, name))


_numbers = itertools.count()


def report(project: Project, name: str, campaign: str, event_type: str, count: int = 1) -> None:
    """What a client says it did with a message."""
    attributes = {"campaign_id": campaign, "treatment_id": "0", "delivery_type": "IN_APP_MESSAGE"}
    event = {"EventType": event_type, "Timestamp": "2027-01-04T09:00:00Z", "Attributes": attributes}
    events = {f"{event_type}{next(_numbers)}": event for _ in range(count)}
    results = project.events({name: {"Endpoint": {}, "Events": events}})
    assert {one["Message"] for one in results[name]["EventsItemResponse"].values()} == {"Accepted"}


def test_what_an_endpoint_is_answered(project: Project) -> None:
    device(project, "lea")
    assert asked(project, "lea") == []
    end = project.in_time("P2D")
    quiet = {"Start": "22:00", "End": "06:00"}
    campaign = show(
        project,
        project.segment(),
        Priority=3,
        Limits={"Daily": 2, "Session": 1, "Total": 5},
        Schedule=schedule(EndTime=end, QuietTime=quiet),
    )
    [found] = asked(project, "lea")
    dimensions = {"Attributes": {}, "Metrics": {}, **EVENT_FILTER["Dimensions"]}
    assert found == {
        "CampaignId": campaign,
        "TreatmentId": "0",
        "InAppMessage": BANNER,
        "Priority": 3,
        "DailyCap": 2,
        "SessionCap": 1,
        "TotalCap": 5,
        "Schedule": {
            "EndDate": end,
            "EventFilter": {"FilterType": "ENDPOINT", "Dimensions": dimensions},
            "QuietTime": quiet,
        },
    }
    project.server.settle()
    assert project.status(campaign) == "EXECUTING"
    assert project.mail() == []


def test_carousels_and_content_by_template(project: Project) -> None:
    device(project, "lea")
    screens = [{**BANNER["Content"][0], "BackgroundColor": colour} for colour in ("#ff0000", "#00ff00")]
    template = {"Layout": "CAROUSEL", "Content": screens, "CustomConfig": {}}
    name = f"sale-{project.id}"
    project.pinpoint.create_in_app_template(TemplateName=name, InAppTemplateRequest=template)
    campaign = show(
        project,
        project.segment(),
        MessageConfiguration=None,
        TemplateConfiguration={"InAppTemplate": {"Name": name}},
    )
    [found] = asked(project, "lea")
    assert (found["CampaignId"], found["InAppMessage"]) == (campaign, template)
    assert (found["Priority"], found["DailyCap"], found["SessionCap"], found["TotalCap"]) == (0, 0, 0, 0)
    # The template as it is now; when it is gone, as it was.
    changed = {**template, "Layout": "OVERLAYS"}
    project.pinpoint.update_in_app_template(TemplateName=name, InAppTemplateRequest=changed)
    assert asked(project, "lea")[0]["InAppMessage"]["Layout"] == "OVERLAYS"
    project.pinpoint.delete_in_app_template(TemplateName=name)
    assert asked(project, "lea")[0]["InAppMessage"] == template


def test_who_gets_which(project: Project) -> None:
    device(project, "pro", Attributes={"plan": ["pro"]})
    device(project, "free", Attributes={"plan": ["free"]})
    device(project, "off", OptOut="ALL")
    device(project, "gone", EndpointStatus="INACTIVE")
    project.person("mail", Attributes={"plan": ["pro"]})
    everybody = show(project, project.segment())
    some = show(project, project.segment({"Attributes": {"plan": {"Values": ["pro"]}}}))
    nobody = show(project, project.segment(), HoldoutPercent=100)
    assert nobody not in offered(project, "pro")
    assert offered(project, "pro") == sorted([everybody, some])
    assert offered(project, "free") == [everybody]
    assert offered(project, "off") == offered(project, "gone") == offered(project, "mail") == []
    # The segment as it is at this moment.
    device(project, "free", Attributes={"plan": ["pro"]})
    assert offered(project, "free") == sorted([everybody, some])
    with pytest.raises(ClientError) as refused:
        asked(project, "nobody")
    assert refused.value.response["Error"]["Code"] == "NotFoundException"
    with pytest.raises(ClientError) as refused:
        project.pinpoint.get_in_app_messages(ApplicationId="0" * 32, EndpointId="pro")
    assert refused.value.response["Error"]["Code"] == "NotFoundException"


def test_treatments_are_stable(project: Project) -> None:
    names = [f"d{number}" for number in range(20)]
    for name in names:
        device(project, name)
    second = {"InAppMessage": {**BANNER, "Layout": "OVERLAYS"}}
    show(project, project.segment(), AdditionalTreatments=[{"SizePercent": 50, "MessageConfiguration": second}])
    found = {name: asked(project, name)[0] for name in names}
    layouts = {"0": "TOP_BANNER", "1": "OVERLAYS"}
    assert all(one["InAppMessage"]["Layout"] == layouts[one["TreatmentId"]] for one in found.values())
    assert {one["TreatmentId"] for one in found.values()} == {"0", "1"}
    assert {name: asked(project, name)[0]["TreatmentId"] for name in names} == {
        name: one["TreatmentId"] for name, one in found.items()
    }


def test_only_while_the_campaign_is_active(project: Project) -> None:
    device(project, "lea")
    segment = project.segment()
    timing = schedule(StartTime=project.in_time("PT1H"), EndTime=project.in_time("PT3H"))
    message = {"InAppMessage": BANNER}
    campaign = show(project, segment, Schedule=timing)
    assert offered(project, "lea") == []
    assert project.status(campaign) == "SCHEDULED"
    project.server.advance("PT1H")
    assert offered(project, "lea") == [campaign]
    paused = project.update(campaign, segment, Schedule=timing, MessageConfiguration=message, IsPaused=True)
    assert paused["State"] == {"CampaignStatus": "PAUSED"}
    assert offered(project, "lea") == []
    project.update(campaign, segment, Schedule=timing, MessageConfiguration=message)
    assert offered(project, "lea") == [campaign]
    project.server.advance("PT2H")
    assert offered(project, "lea") == []
    assert project.status(campaign) == "COMPLETED"
    other = show(project, segment)
    assert offered(project, "lea") == [other]
    project.pinpoint.delete_campaign(ApplicationId=project.id, CampaignId=other)
    assert offered(project, "lea") == []


def test_what_clients_report_counts(project: Project) -> None:
    for name in ("lea", "jon"):
        device(project, name)
    campaign = show(project, project.segment(), Limits={"Total": 2})
    project.server.settle()
    report(project, "lea", campaign, "_inapp.message_displayed")
    assert offered(project, "lea") == [campaign]
    project.server.advance("PT1S")
    report(project, "lea", campaign, "_inapp.message_displayed")
    report(project, "lea", campaign, "_inapp.message_clicked")
    report(project, "jon", campaign, "_inapp.message_displayed")
    report(project, "jon", campaign, "_inapp.message_dismissed")
    report(project, "jon", "0" * 32, "_inapp.message_displayed", 5)
    project.server.settle()
    # The total is kept by the server, too: a client that forgot what it showed is not answered any more.
    assert offered(project, "lea") == []
    assert offered(project, "jon") == [campaign]
    [activity] = project.activities(campaign)
    assert activity["State"] == "RUNNING"
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (2, 2)
    assert activity["ExecutionMetrics"] == {"ENDPOINT_PRODUCED": "2", "CLICKED": "1", "DISMISSED": "1"}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no message": ({"MessageConfiguration": {"EmailMessage": {"Title": "t", "Body": "b"}}}, "in-app"),
    "too long": (
        {
            "MessageConfiguration": {
                "InAppMessage": {
                    "Content": [
                        {
                            **BANNER["Content"][0],
                            "BodyConfig": {"Alignment": "LEFT", "Body": "x" * 151, "TextColor": "#000000"},
                        }
                    ]
                }
            }
        },
        "MessageConfiguration.InAppMessage.Content[0].BodyConfig.Body",
    ),
    "no header": (
        {"MessageConfiguration": {"InAppMessage": {"Content": [{"BackgroundColor": "#000000"}]}}},
        "Content[0].HeaderConfig",
    ),
    "six screens": (
        {"MessageConfiguration": {"InAppMessage": {"Content": [BANNER["Content"][0]] * 6}}},
        "Content",
    ),
    "no filter": ({"Schedule": {"StartTime": "IMMEDIATE", "Frequency": "IN_APP_EVENT"}}, "Schedule.EventFilter"),
    "priority": ({"Priority": -1}, "Priority"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_refused(project: Project, name: str) -> None:
    write, member = WRONG[name]
    with pytest.raises(ClientError) as refused:
        show(project, project.segment(), **write)
    assert refused.value.response["Error"]["Code"] == "BadRequestException"
    assert member in refused.value.response["Error"]["Message"]
