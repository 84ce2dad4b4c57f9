"""Campaigns that events trigger: who is answered with what, how often, and until when. Source: spec of campaigns, 4.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.project import Project

START = {"StartTime": "IMMEDIATE"}
STAMP = "2027-01-04T09:00:00Z"


def waiting(*types: str, **more: Any) -> dict[str, Any]:
    """An EventFilter for these types of events that apps report; `more` goes into it, or its dimensions."""
    dimensions: dict[str, Any] = {"EventType": {"DimensionType": "INCLUSIVE", "Values": list(types)}}
    dimensions |= {name: more.pop(name) for name in ("Attributes", "Metrics") if name in more}
    return {"FilterType": "ENDPOINT", "Dimensions": dimensions, **more}


def schedule(event_filter: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A Schedule that begins at once."""
    return {"StartTime": "IMMEDIATE", "Frequency": "EVENT", "EventFilter": event_filter, **more}


def listen(project: Project, segment: str, event_filter: Mapping[str, Any], **write: Any) -> str:
    """An event campaign that has begun; answers its id."""
    timing = write.pop("timing", {})
    made = project.campaign(segment, Schedule=schedule(event_filter, **timing), **write)
    project.server.settle()
    return str(made["Id"])


_numbers = iter(range(1_000_000))


def tell(project: Project, endpoint: str, event_type: str, **event: Any) -> None:
    """One event of an endpoint, accepted."""
    name = event.pop("id", None) or f"e{next(_numbers)}"
    of_endpoint = event.pop("Endpoint", {})
    sent = {"EventType": event_type, "Timestamp": STAMP, **event}
    results = project.events({endpoint: {"Endpoint": of_endpoint, "Events": {name: sent}}})
    assert results[endpoint]["EventsItemResponse"][name]["Message"] == "Accepted", results


def statuses(project: Project, endpoint: str, campaign: str) -> list[str]:
    """What became of an endpoint's turns of a campaign, oldest first: its status, or the gate that has none."""
    path = f"why?ApplicationId={project.id}&EndpointId={endpoint}&CampaignId={campaign}"
    found = project.server.control("GET", path)["Decisions"]
    told = [one for one in found if one["EventType"] in ("_campaign.send", "_clarion.skip")]
    return [one.get("Status") or one["Gate"] for one in reversed(told)]


def test_an_event_is_answered(project: Project) -> None:
    project.people(["lea", "jon"])
    segment = project.segment()
    made = project.campaign(segment, Schedule=schedule(waiting("cart.left")))
    assert made["State"] == {"CampaignStatus": "SCHEDULED"}
    assert made["Schedule"] == schedule(waiting("cart.left"))
    project.server.settle()
    assert project.status(made["Id"]) == "EXECUTING"
    assert project.mail(made["Id"]) == []
    tell(project, "lea", "cart.left")
    tell(project, "jon", "cart.filled")
    project.server.settle()
    assert project.reached(made["Id"]) == ["lea"]
    tell(project, "lea", "cart.left")
    tell(project, "jon", "cart.left")
    project.server.settle()
    assert project.reached(made["Id"]) == ["jon", "lea", "lea"]
    [activity] = project.activities(made["Id"])
    assert activity["State"] == "RUNNING"
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (2, 2)
    assert activity["ExecutionMetrics"] == {"ENDPOINT_PRODUCED": "2"}
    assert "End" not in activity and "Result" not in activity
