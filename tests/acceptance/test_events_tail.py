"""`clarion events tail`: what arrives, what was not taken and by which rule, from any process, as it happens."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clarion.cli.main import app as commands
from tests.acceptance.project import Project
from tests.acceptance.running import REGION, Server

GOOD = {"EventType": "cart.left", "Timestamp": "2027-03-04T09:15:02.120Z", "Attributes": {"shop": "[red]"}}
TOO_LONG = {**GOOD, "Attributes": {"note": "x" * 201}}


def run(project: Project, *arguments: str, app: str | None = None) -> Result:
    server = project.server
    where = ["--app", app or project.id, "--url", server.url, "--region", REGION, "--data", str(server.data)]
    environ = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret"}
    return CliRunner().invoke(commands, ["events", *arguments, *where], env=environ)


def look(project: Project, **query: str) -> dict[str, Any]:
    asked = "&".join(f"{name}={value}" for name, value in {"ApplicationId": project.id, **query}.items())
    return dict(project.server.control("GET", f"events/tail?{asked}"))


def told(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["Outcome"], one.get("EventId", ""), one.get("Reason", "")) for one in answer["Entries"]]


def test_taken_and_not_taken(project: Project) -> None:
    before = look(project)
    assert (before["Entries"], before["Skipped"]) == ([], 0)
    project.events_raw(
        {
            "Lea": {"Endpoint": {}, "Events": {"good": GOOD, "long": TOO_LONG, "odd": {"EventType": "x"}}},
            "a{b": {"Endpoint": {}, "Events": {"lost": GOOD}},
            "jon": {"Endpoint": {"ChannelType": "PIGEON"}, "Events": {}},
        }
    )
    answer = look(project, Cursor=before["Cursor"])
    assert sorted(told(answer)) == [
        ("ACCEPTED", "good", ""),
        ("REJECTED", "", "endpoint"),
        ("REJECTED", "long", "value_too_long"),
        ("REJECTED", "lost", "item"),
        ("REJECTED", "odd", "timestamp"),
    ]
    [long] = [one for one in answer["Entries"] if one.get("EventId") == "long"]
    assert long["EventType"] == "cart.left"
    assert long["EndpointId"] == "Lea"
    assert long["Message"].startswith("Attributes.note")
    assert "200" in long["Rule"]
    assert long["RequestId"]
    assert "xxx" not in json.dumps(long)
    assert look(project, Cursor=answer["Cursor"])["Entries"] == []
    assert told(look(project, EndpointId="LEA", Outcome="REJECTED")) == [
        ("REJECTED", "long", "value_too_long"),
        ("REJECTED", "odd", "timestamp"),
    ]
    assert told(look(project, EventType="cart.left", Outcome="ACCEPTED")) == [("ACCEPTED", "good", "")]
    few = look(project, Limit="2", Cursor=before["Cursor"])
    assert (len(few["Entries"]), few["Skipped"]) == (2, 3)
    assert few["Cursor"] == answer["Cursor"]


def test_a_call_that_waits(project: Project) -> None:
    """Nothing comes: it ends; something comes: at once. Both without moving the virtual clock."""
    before = look(project, Cursor=look(project)["Cursor"], WaitSeconds="1")
    assert before["Entries"] == []
    project.events({"lea": {"Endpoint": {}, "Events": {"e": GOOD}}})
    assert told(look(project, Cursor=before["Cursor"], WaitSeconds="20")) == [("ACCEPTED", "e", "")]


def test_requests_refused_as_a_whole(project: Project) -> None:
    server = project.server
    path = f"/v1/apps/{project.id}/events"
    assert server.raw("POST", path, b"{not json")[0] == 400
    assert (
        server.raw("POST", path, {"BatchItem": {"e": {"Endpoint": {}, "Events": {}}}}, key=("AKIDROOT", "no"))[0] == 403
    )
    assert server.raw("POST", path, b" " * 5_000_000)[0] == 413
    reader = server.key("reader")
    assert server.raw("POST", path, {"BatchItem": {}}, key=reader)[0] == 403
    answer = look(project)
    assert [one["Reason"] for one in answer["Entries"]] == ["request", "signature", "request_too_large", "not_allowed"]
    assert [one["AccessKeyId"] for one in answer["Entries"]] == ["AKIDROOT"] * 3 + [reader[0]]
    nowhere = "0" * 32
    assert server.raw("POST", f"/v1/apps/{nowhere}/events", {"BatchItem": {}})[0] == 404
    everywhere = server.control("GET", "events/tail?Outcome=REJECTED&Limit=1")["Entries"]
    assert [(one["Reason"], one["ApplicationId"]) for one in everywhere] == [("project", nowhere)]


def test_a_broken_client_is_counted_not_kept(project: Project) -> None:
    events = {f"e{number}": TOO_LONG for number in range(100)}
    for name in ("a", "b"):
        project.events_raw({name: {"Endpoint": {}, "Events": events}})
    kept = look(project, Limit="1000")["Entries"]
    # One by one only so many of a second; the two requests may have met different ones.
    assert 25 <= len([one for one in kept if one["Reason"] == "value_too_long"]) <= 50
    project.events_raw({"c": {"Endpoint": {}, "Events": {"good": GOOD}}})
    assert "good" in [one.get("EventId") for one in look(project)["Entries"]]


def test_the_command(project: Project) -> None:
    project.events_raw({"lea": {"Endpoint": {}, "Events": {"good": GOOD, "long": TOO_LONG}}})
    lines = run(project, "tail", "--no-follow").stdout.splitlines()
    [taken] = [line.split("\t") for line in lines if "\ttaken\t" in line]
    [refused] = [line.split("\t") for line in lines if "\tREJECTED\t" in line]
    assert taken[2:] == ["cart.left", "lea", "shop=[red]"]
    assert refused[2:4] == ["cart.left", "lea"]
    assert refused[4].startswith("value_too_long: Attributes.note")
    [one] = run(project, "tail", "--no-follow", "--rejected", "--json", "--type", "cart.left").stdout.splitlines()
    assert json.loads(one)["Reason"] == "value_too_long"
    assert run(project, "tail", "--no-follow", "--type", "other").stdout == ""
    assert "not both" in run(project, "tail", "--rejected", "--accepted").stderr
    assert run(project, "tail", app="0" * 32).stderr.startswith("404")


@pytest.mark.parametrize("query", ["Cursor=x", "Cursor=eyJ2IjoxfQ", "Limit=0", "WaitSeconds=21", "Outcome=MAYBE"])
def test_bad_input(project: Project, query: str) -> None:
    assert project.server.raw("GET", f"/clarion/v1/events/tail?ApplicationId={project.id}&{query}")[0] == 400


def test_who_may(project: Project) -> None:
    server: Server = project.server
    path = f"/clarion/v1/events/tail?ApplicationId={project.id}"
    assert server.raw("GET", path, key=server.key("reader"))[0] == 403
    assert server.raw("GET", path, key=server.key("admin", account="000000000002"))[0] == 404
    own = server.key("developer", app=project.id)
    assert server.raw("GET", path, key=own)[0] == 200
    assert server.raw("GET", "/clarion/v1/events/tail", key=own)[0] == 403


def test_people_and_projects_go(project: Project) -> None:
    lea, jon = f"lea-{project.id}", f"jon-{project.id}"
    project.events_raw({name: {"Endpoint": {}, "Events": {"long": TOO_LONG}} for name in (lea, jon)})
    assert len(look(project)["Entries"]) == 2
    server = project.server
    person = {"ApplicationId": project.id, "EndpointId": lea}
    shown = server.control("GET", f"users?ApplicationId={project.id}&EndpointId={lea}")
    assert shown["Counts"]["RejectedEvents"] == 1
    server.control("POST", f"users/erase?ApplicationId={project.id}", {**person, "WaitSeconds": 30})
    assert [one["EndpointId"] for one in look(project)["Entries"]] == [jon]
    project.delete()
    server.settle()
    assert server.control("GET", f"events/tail?Outcome=REJECTED&EndpointId={jon}")["Entries"] == []
