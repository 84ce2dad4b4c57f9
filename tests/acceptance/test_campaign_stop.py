"""Stopping a campaign that is sending, and letting it go on: by the control API and the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.running import REGION

NAMES = [f"e{number}" for number in range(8)]


def clarion(project: Project, *arguments: str) -> str:
    """`clarion campaign` on the project."""
    command, *rest = arguments
    server = project.server
    where = ["--app", project.id, "--url", server.url, "--region", REGION, "--data", str(server.data)]
    return server.clarion("campaign", command, *rest, *where).stdout


def call(project: Project, what: str, campaign: str, **body: Any) -> tuple[int, Any]:
    path = f"/clarion/v1/campaigns/{what}?ApplicationId={project.id}"
    return project.server.raw("POST", path, {"CampaignId": campaign, **body})


@pytest.fixture
def sending(project: Project) -> str:
    """A campaign that has sent three of eight messages."""
    project.people(NAMES)
    campaign = project.campaign(project.segment(), Limits={"MessagesPerSecond": 1})["Id"]
    project.server.advance("PT2S")
    assert len(project.mail(campaign)) == 3
    return str(campaign)


def test_stop_and_resume(project: Project, sending: str) -> None:
    status, stopped = call(project, "stop", sending)
    [activity] = project.activities(sending)
    assert (status, stopped) == (
        200,
        {"CampaignStatus": "PAUSED", "ActivityIds": [activity["Id"]], "Messages": 5},
    )
    assert activity["State"] == "PAUSED"
    project.server.advance("PT6H")
    assert len(project.mail(sending)) == 3
    assert call(project, "stop", sending)[0] == 409
    status, resumed = call(project, "resume", sending)
    assert (status, resumed["CampaignStatus"], resumed["Messages"]) == (200, "EXECUTING", 5)
    project.server.advance("PT2S")
    assert 4 <= len(project.mail(sending)) <= 6
    project.server.advance("PT10S")
    assert project.reached(sending) == NAMES
    assert project.status(sending) == "COMPLETED"
    [activity] = project.activities(sending)
    assert (activity["State"], activity["Result"], activity["SuccessfulEndpointCount"]) == ("COMPLETED", "SUCCESS", 8)
    assert call(project, "resume", sending)[0] == 409


def test_stopped_for_good(project: Project, sending: str) -> None:
    status, stopped = call(project, "stop", sending, ForGood=True)
    assert (status, stopped["CampaignStatus"], stopped["Messages"]) == (200, "COMPLETED", 5)
    project.server.advance("PT1H")
    assert len(project.mail(sending)) == 3
    [activity] = project.activities(sending)
    assert (activity["State"], activity["SuccessfulEndpointCount"]) == ("CANCELLED", 3)
    assert call(project, "resume", sending)[0] == 409


def test_what_cannot_be_stopped(project: Project, sending: str) -> None:
    assert call(project, "stop", "0" * 32)[0] == 404
    assert call(project, "stop", "")[0] == 400
    status, answer = project.server.raw("POST", "/clarion/v1/campaigns/stop", {"CampaignId": sending})
    assert (status, "ApplicationId" in answer["Message"]) == (400, True)
    other = Project(project.server)
    assert call(other, "stop", sending)[0] == 404
    reader = project.server.key("reader")
    path = f"/clarion/v1/campaigns/stop?ApplicationId={project.id}"
    assert project.server.raw("POST", path, {"CampaignId": sending}, key=reader)[0] == 403
    waiting = project.campaign(project.segment(), Schedule={"StartTime": project.in_time("PT1H")})
    status, answer = call(project, "stop", waiting["Id"])
    assert (status, answer["Message"]) == (409, "no run of the campaign is in flight")
    assert len(project.mail(sending)) == 3


def test_the_command_line(project: Project, sending: str) -> None:
    listed = clarion(project, "list").splitlines()
    assert listed[0].split("\t") == ["CAMPAIGN", "NAME", "STATUS", "FREQUENCY", "START", "TREATMENTS"]
    assert listed[1].split("\t") == [sending, "hello", "EXECUTING", "ONCE", "IMMEDIATE", "1"]
    assert clarion(project, "stop", sending) == "PAUSED: 1 run(s), 5 planned message(s) held\n"
    shown = clarion(project, "show", sending)
    assert shown.startswith("hello: PAUSED, version 1\n")
    assert "\tPAUSED\t" in shown
    assert json.loads(clarion(project, "show", sending, "--json"))["Activities"][0]["State"] == "PAUSED"
    assert clarion(project, "resume", sending) == "EXECUTING: 1 run(s), 5 planned message(s) go on\n"
    ended = json.loads(clarion(project, "stop", sending, "--for-good", "--json"))
    assert ended["CampaignStatus"] == "COMPLETED"
