"""In-app campaigns: which messages an endpoint gets when it asks, and what it reports. Source: spec of campaigns, 10."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.project import Project

EVENT_FILTER = {
    "FilterType": "ENDPOINT",
    "Dimensions": {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["app.opened"]}},
}
BANNER = {
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
    """The campaigns whose messages an endpoint gets."""
    return [one["CampaignId"] for one in asked(project, name)]


def report(project: Project, name: str, campaign: str, event_type: str, count: int = 1) -> None:
    """What a client says it did with a message."""
    attributes = {"campaign_id": campaign, "treatment_id": "0", "delivery_type": "IN_APP_MESSAGE"}
    event = {"EventType": event_type, "Timestamp": "2027-01-04T09:00:00Z", "Attributes": attributes}
    events = {f"{event_type}{number}": event for number in range(count)}
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
    dimensions = {"Attributes": {}, "Metrics": {}, **EVENT_FILTER["Dimensions"]}  # type: ignore[dict-item]
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
