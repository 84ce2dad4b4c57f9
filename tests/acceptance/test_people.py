"""Single people: who an event belongs to, and everything about somebody shown, exported and erased.

Source: spec of the audience, 2.2 to 2.5; the control API and the command line are Clarion's own.
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.running import REGION, Server, eventually
from tests.acceptance.stacks import embedded

LEA = {"UserId": "lea@user", "UserAttributes": {"likes": ["opera"], "name": ["Lea"]}}


def _report(project: Project, endpoint: str, *events: str, **part: Any) -> None:
    at = {"EventType": "cart.left", "Timestamp": project.in_time("PT0S")}
    answer = project.events({endpoint: {"Endpoint": part, "Events": dict.fromkeys(events, at)}})
    assert all(one["StatusCode"] == 202 for one in answer[endpoint]["EventsItemResponse"].values())


def _cli(project: Project, command: str, *arguments: str, json_too: bool = True) -> Any:
    server = project.server
    where = ("--app", project.id, "--url", server.url, "--region", REGION)
    done = server.clarion("user", command, *where, *arguments, *(("--json",) if json_too else ()))
    return json.loads(done.stdout)


def _export(project: Project, user: str = "lea@user") -> dict[str, Any]:
    return dict(_cli(project, "export", "--user", user, json_too=False))


def _ask(project: Project, what: str = "", **members: str) -> tuple[int, Any]:
    query = "&".join(f"{name}={value}" for name, value in {"ApplicationId": project.id, **members}.items())
    return project.server.raw("GET", f"/clarion/v1/users{what}?{query}")


def _message(project: Project, *endpoints: str) -> None:
    simple = {"Subject": {"Data": "Hello"}, "TextPart": {"Data": "Hello"}}
    project.pinpoint.send_messages(
        ApplicationId=project.id,
        MessageRequest={
            "Endpoints": {name: {} for name in endpoints},
            "MessageConfiguration": {"EmailMessage": {"SimpleEmail": simple}},
        },
    )


def test_events_stay_with_an_endpoint_that_becomes_somebody(project: Project) -> None:
    _report(project, "device", "before", ChannelType="EMAIL", Address="lea@example.com")
    _message(project, "device")
    project.server.settle()
    project.put("device", User=LEA)
    _report(project, "device", "after")
    project.server.settle()
    known = _export(project)
    assert {one["EventId"]: one.get("UserId") for one in known["Events"] if "cart" in one["Record"]["event_type"]} == {
        "before": None,
        "after": "lea@user",
    }
    why = project.server.control("GET", f"why?ApplicationId={project.id}&EndpointId=device")["Decisions"]
    assert {one["EventType"] for one in why} == {"_email.send", "_email.delivered"}
    assert {one["EventType"] for one in known["Decisions"]} == {"_email.send", "_email.delivered"}
    both = {"Behavior": {"Events": [{"EventType": "cart.left", "Days": 30, "MinimumCount": 2}]}}
    _, made = project.server.raw("POST", f"/v1/apps/{project.id}/segments", {"Name": "s", "Dimensions": both})
    assert project.members(made["Id"]) == ["device"]


def test_an_address_that_is_used_again(project: Project) -> None:
    """Section 2.5: within a channel type, unless the writer says that it is not active itself."""
    project.put("old", ChannelType="EMAIL", Address="lea@example.com", User={"UserId": "u1"})
    project.put("quiet", ChannelType="EMAIL", Address="lea@example.com", EndpointStatus="INACTIVE")
    assert project.get("old")["EndpointStatus"] == "ACTIVE"
    _report(project, "new", "e", ChannelType="EMAIL", Address="lea@example.com")
    assert (project.get("old")["EndpointStatus"], project.get("new")["EndpointStatus"]) == ("INACTIVE", "ACTIVE")
    assert project.get("old")["User"]["UserId"] == "u1"
    project.put("moved", ChannelType="EMAIL", Address="jon@example.com")
    project.put("moved", Address="lea@example.com")
    assert project.get("new")["EndpointStatus"] == "INACTIVE"
    _message(project, "old", "new", "moved")
    assert project.members(project.segment()) == ["moved"]
    assert {one["EndpointId"] for one in project.mail()} == {"moved"}


def test_null_is_not_sent(project: Project) -> None:
    project.person(
        "lea", Attributes={"a": ["1"]}, Metrics={"m": 1.0}, User={"UserId": "u", "UserAttributes": {"x": ["1"]}}
    )
    nothing = {
        "Attributes": {"a": None, "b": None},
        "Metrics": {"m": None},
        "User": {"UserId": None, "UserAttributes": {"x": None}},
        "Location": None,
        "Demographic": {"Locale": None},
        "Address": None,
    }
    before = project.get("lea")
    status, answer = project.server.raw("PUT", f"/v1/apps/{project.id}/endpoints/lea", nothing)
    assert status == 202, answer
    after = project.get("lea")
    for name in ("Attributes", "Metrics", "User", "Address"):
        assert after[name] == before[name], name


def test_somebody_is_shown_exported_and_erased(project: Project) -> None:
    for name in ("lea", "jon"):
        user = {"UserId": f"{name}@user", "UserAttributes": {"name": [name]}}
        project.person(f"{name}-mail", User=user)
        project.put(f"{name}-web", ChannelType="IN_APP", User=user)
        _report(project, f"{name}-web", f"{name}-1", f"{name}-2")
    campaign = project.campaign(project.segment())["Id"]
    _message(project, "lea-mail", "jon-mail")
    project.server.settle()
    assert project.reached(campaign) == ["jon-mail", "lea-mail"]
    shown = _cli(project, "show", "--user", "lea@user")
    assert [one["Id"] for one in shown["Endpoints"]] == ["lea-mail", "lea-web"]
    assert shown["UserAttributes"] == {"name": ["lea"]}
    assert shown["Counts"]["InboxMessages"] == 2
    assert {one["EventType"]: one["Count"] for one in shown["Details"]["EventTypes"]}["cart.left"] == 2
    jon = _export(project, "jon@user")
    lea = _export(project)
    assert (lea["UserId"], len(lea["Endpoints"]), len(lea["Inbox"])) == ("lea@user", 2, 2)
    assert "jon" not in json.dumps(lea)
    status, answer = _ask(project, EndpointId="lea-mail")
    assert (status, answer["Message"]) == (400, "EndpointId: the endpoint belongs to a user; ask by UserId")

    erasure = _cli(project, "erase", "--user", "lea@user", "--yes")
    assert erasure["State"] == "COMPLETED"
    assert (erasure["Counts"]["Endpoints"], erasure["Counts"]["InboxMessages"]) == (2, 2)
    assert erasure["AccessKeyId"] == "AKIDROOT"
    assert "lea" not in json.dumps(erasure)
    assert _ask(project, UserId="lea@user")[0] == 404
    with pytest.raises(project.pinpoint.exceptions.NotFoundException):
        project.get("lea-mail")
    assert project.members(project.segment()) == ["jon-mail"]
    assert {one["EndpointId"] for one in project.mail()} == {"jon-mail"}
    assert _ask(project, "/erasures", UserId="lea@user")[1]["Erasures"] == [erasure]
    assert _cli(project, "erasures", "--endpoint", "LEA-MAIL") == [erasure]
    assert _ask(project, "/erasures", UserId="jon@user")[1]["Erasures"] == []
    assert [one for one in _export(project, "jon@user")["Events"] if one in jon["Events"]] == jon["Events"]


def test_whoever_comes_back_under_an_erased_id_is_new(project: Project) -> None:
    project.person("lea", User=LEA)
    _report(project, "lea", "old-life")
    _message(project, "lea")
    project.server.settle()
    old = project.get("lea")
    body = {"ApplicationId": project.id, "UserId": "lea@user"}
    assert project.server.control("POST", "users/erase", body)["State"] == "COMPLETED"
    project.server.advance("PT1M")
    project.person("lea", User={"UserId": "lea@user"})
    _report(project, "lea", "new-life")
    project.server.settle()
    new = project.get("lea")
    assert new["CreationDate"] > old["CreationDate"]
    assert "UserAttributes" not in new["User"]
    assert [one["EventId"] for one in _export(project)["Events"]] == ["new-life"]
    assert project.server.control("GET", f"why?ApplicationId={project.id}&EndpointId=lea")["Decisions"] == []
    # The second sweep, for what was on its way, leaves the newcomer alone.
    project.server.advance("PT20M")
    project.server.settle()
    assert [one["EventId"] for one in _export(project)["Events"]] == ["new-life"]
    assert project.get("lea")["CreationDate"] == new["CreationDate"]


def test_who_may(project: Project) -> None:
    project.person("lea")
    where = f"?ApplicationId={project.id}&EndpointId=lea"
    marketer, reader = project.server.key("marketer"), project.server.key("reader")
    other = project.server.key("admin", account="000000000009")
    for key, path, expected in (
        (reader, "", 200),
        (reader, "/export", 403),
        (marketer, "/export", 403),
        (reader, "/erasures", 200),
        (other, "", 404),
    ):
        status, answer = project.server.raw("GET", f"/clarion/v1/users{path}{where}", key=key)
        assert status == expected, (path, answer)
    for key, expected in ((marketer, 403), (other, 404)):
        status, _ = project.server.raw("POST", f"/clarion/v1/users/erase{where}", {}, key=key)
        assert status == expected
    for wrong in ("", "&UserId=a&EndpointId=b", "&EndpointId=%24bad", "&UserId=a&NextToken=nonsense"):
        path = f"/clarion/v1/users/export?ApplicationId={project.id}{wrong}"
        assert project.server.raw("GET", path)[0] == 400, wrong
    assert _ask(project, UserId="nobody")[0] == 404


@pytest.mark.breaks_things
def test_an_erasure_goes_on_after_kill_9(tmp_path: Path) -> None:
    """Killed again and again at moments nobody chose, until the server says that it is done."""
    chance = random.Random(7)
    with embedded(tmp_path) as server:
        project = Project(server)
        names = [f"u{number}" for number in range(6)]
        for name in names:
            project.person(name, User={"UserId": name})
            at = {"EventType": "cart.left", "Timestamp": "2027-01-04T09:00:00Z"}
            project.events({name: {"Endpoint": {}, "Events": {f"{name}-{n}": at for n in range(20)}}})
        _message(project, *names)
        gone = names[:4]
        ids = []
        for name in gone:
            body = {"ApplicationId": project.id, "UserId": name, "WaitSeconds": 0}
            ids.append(server.control("POST", "users/erase", body)["ErasureId"])
        for _ in range(3):
            time.sleep(chance.uniform(0.0, 0.6))
            server.kill()
            server.restart()
            project.reconnect()
        done = eventually(lambda: _all_done(server, project.id, ids), 60)
        assert {one["Counts"]["Events"] >= 20 for one in done} == {True}
        assert {one["Counts"]["Endpoints"] for one in done} == {1}
        for name in gone:
            assert _ask(project, UserId=name)[0] == 404
        for name in names[4:]:
            assert len([one for one in _export(project, name)["Events"] if name in one["EventId"]]) == 20


def _all_done(server: Server, app: str, ids: list[str]) -> list[dict[str, Any]]:
    found = server.control("GET", f"users/erasures?ApplicationId={app}")["Erasures"]
    done = [one for one in found if one["State"] == "COMPLETED"]
    return done if {one["ErasureId"] for one in done} == set(ids) else []
