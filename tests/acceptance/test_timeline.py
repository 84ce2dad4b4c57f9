"""The timeline of one person: what they did, were sent, were not sent and why, and where they went, page by page."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from clarion.cli.main import app as commands
from tests.acceptance.letters import go, journey, mail, template
from tests.acceptance.project import Project
from tests.acceptance.running import REGION


def timeline(project: Project, **query: str) -> list[dict[str, Any]]:
    """All entries, two to a page."""
    found: list[dict[str, Any]] = []
    asked = "&".join(f"{name}={value}" for name, value in {"ApplicationId": project.id, "Limit": "2", **query}.items())
    token = ""
    while True:
        page = project.server.control("GET", f"timeline?{asked}" + (f"&NextToken={token}" if token else ""))
        assert len(page["Entries"]) <= 2
        found += page["Entries"]
        if not (token := page.get("NextToken", "")):
            return found


def short(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["Kind"], one.get("Outcome", "")) for one in entries]


def lived(project: Project) -> str:
    """Somebody with two endpoints: an event, a campaign, a journey, a refusal, an opt-out. Answers the campaign."""
    template(project)
    user = {"UserId": "u-lea"}
    project.person("lea", User=user)
    project.put("lea-sms", ChannelType="SMS", Address="+15005550006", User=user)
    project.person("jon")
    at = project.in_time("PT0S")
    shop = {"EventType": "cart.left", "Timestamp": at, "Attributes": {"color": "red"}, "Metrics": {"price": 2.5}}
    project.events({"lea": {"Endpoint": {}, "Events": {"one": shop}}, "jon": {"Endpoint": {}, "Events": {"two": shop}}})
    project.server.advance("PT1M")
    campaign = str(project.campaign(project.segment())["Id"])
    project.server.settle()
    [letter] = [one for one in project.mail(campaign) if one["EndpointId"] == "lea"]
    project.server.advance("PT1M")
    for kind in ("Delivered", "Open"):
        project.server.control("POST", "feedback", {"MessageId": letter["MessageId"], "Type": kind})
    project.server.advance("PT1M")
    journey(project, {"mailA": mail(project)})
    go(project, "PT10M")
    project.person("lea", OptOut="ALL")
    project.server.advance("PT1M")
    project.campaign(project.segment())
    project.server.settle()
    return campaign


def test_one_persons_time(project: Project) -> None:
    campaign = lived(project)
    whole = timeline(project, UserId="u-lea")
    assert [one["At"] for one in whole] == sorted((one["At"] for one in whole), reverse=True)
    assert all(one.get("EndpointId", "lea") in ("lea", "lea-sms") for one in whole)
    kinds = short(whole)
    assert kinds.count(("ENDPOINT", "CREATED")) == 2
    assert ("ENDPOINT", "OPTED_OUT") in kinds
    assert kinds.count(("EVENT", "cart.left")) == 1
    assert ("JOURNEY", "ENDPOINT_ENTERED") in kinds
    [sent] = [one for one in whole if one["Kind"] == "MESSAGE" and one.get("CampaignId") == campaign]
    assert [fate["EventType"] for fate in sent["Fates"]][-2:] == ["_email.delivered", "_email.open"]
    assert sent["MessageId"]
    refused = [one for one in whole if one["Kind"] == "REFUSED" and one["EndpointId"] == "lea"]
    assert "opt" in json.dumps(refused[0]).lower()
    assert len(whole) == len({json.dumps(one) for one in whole})
    [event] = [one for one in whole if one["Kind"] == "EVENT"]
    assert (event["Attributes"], event["Metrics"]) == ({"color": "red"}, {"price": 2.5})
    since = timeline(project, UserId="u-lea", Since=event["At"].replace("Z", "%2B00:00"))
    assert since == [one for one in whole if one["At"] >= event["At"]]

    alone = timeline(project, EndpointId="LEA-sms")
    assert ("ENDPOINT", "CREATED") in short(alone)
    assert not [one for one in alone if one["Kind"] == "EVENT"]


def test_the_command(project: Project) -> None:
    project.person("lea")
    event = {"EventType": "look", "Timestamp": project.in_time("PT1S"), "Attributes": {"c": "red"}}
    project.events({"lea": {"Endpoint": {}, "Events": {"one": event}}})
    where = ["--app", project.id, "--url", project.server.url, "--region", REGION, "--data", str(project.server.data)]
    environ = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret"}
    done = CliRunner().invoke(commands, ["user", "timeline", "--endpoint", "lea", *where], env=environ)
    rows = [line.split("\t")[1:] for line in done.stdout.splitlines()[1:]]
    # Of one moment of a clock that stands still there is no order.
    assert sorted(rows) == [["ENDPOINT", "CREATED", "lea", "EMAIL lea@example.com"], ["EVENT", "look", "lea", "c=red"]]
    told = CliRunner().invoke(
        commands, ["user", "timeline", "--endpoint", "lea", "--json", "--limit", "1", *where], env=environ
    )
    assert len(json.loads(told.stdout)) == 1


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("&UserId=a&EndpointId=b", 400),
        ("&UserId=nobody", 404),
        ("&EndpointId=nobody", 404),
        ("&UserId=a&Since=yesterday", 400),
        ("&UserId=a&NextToken=x", 400),
        ("&UserId=a&Limit=0", 400),
    ],
)
def test_bad_input(project: Project, query: str, status: int) -> None:
    assert project.server.raw("GET", f"/clarion/v1/timeline?ApplicationId={project.id}{query}")[0] == status


def test_nobody_elses(project: Project) -> None:
    project.people(["lea", "jon"])
    server = project.server
    path = f"/clarion/v1/timeline?ApplicationId={project.id}&EndpointId=lea"
    assert server.raw("GET", path, key=server.key("reader"))[0] == 200
    assert server.raw("GET", path, key=server.key("admin", account="000000000002"))[0] == 404
    project.events({"lea": {"Endpoint": {}, "Events": {"e": {"EventType": "x", "Timestamp": project.in_time("PT0S")}}}})
    token = server.control("GET", f"timeline?ApplicationId={project.id}&EndpointId=lea&Limit=1")["NextToken"]
    other = f"/clarion/v1/timeline?ApplicationId={project.id}&EndpointId=jon&NextToken={token}"
    assert server.raw("GET", other)[0] == 400
