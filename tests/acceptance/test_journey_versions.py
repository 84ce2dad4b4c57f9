"""Changing a journey while people are inside, and where everybody is: by the control API."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.running import Server
from tests.acceptance.test_journeys import DAILY, create, get, metrics, state, write


def wait(duration: str, **more: Any) -> dict[str, Any]:
    return {"Wait": {"WaitTime": {"WaitFor": duration}, **more}}


def call(project: Project, method: str, journey_id: str, what: str, body: Any = None, **more: Any) -> tuple[int, Any]:
    path = f"/clarion/v1/apps/{project.id}/journeys/{journey_id}/{what}"
    return project.server.raw(method, path, body, **more)


def edit(project: Project, journey_id: str, request: dict[str, Any], **body: Any) -> dict[str, Any]:
    """Write a new version; answers what came of it."""
    status, answer = call(project, "PUT", journey_id, "versions", {"Journey": request, **body})
    assert status == 200, answer
    return dict(answer)


def refusal(project: Project, journey_id: str, request: dict[str, Any], **body: Any) -> tuple[int, str]:
    """Status and text of an edit that is not taken."""
    status, answer = call(project, "PUT", journey_id, "versions", {"Journey": request, **body})
    return status, answer.get("Message", "")


def places(project: Project, journey_id: str) -> dict[tuple[int, str], int]:
    """How many are at an activity of a version."""
    status, answer = call(project, "GET", journey_id, "places")
    assert status == 200, answer
    assert answer["PeopleInside"] == sum(one["People"] for one in answer["Places"])
    return {(one["Version"], one["ActivityId"]): one["People"] for one in answer["Places"]}


def versions(project: Project, journey_id: str) -> list[tuple[int, int, bool]]:
    """Number, people inside and whether it is the current one, newest first."""
    _, answer = call(project, "GET", journey_id, "versions")
    return [(one["Version"], one["PeopleInside"], one["Current"]) for one in answer["Versions"]]


@pytest.fixture
def start(project: Project) -> dict[str, Any]:
    """A start by a segment of everybody, looked at every day."""
    return {"StartCondition": {"SegmentStartCondition": {"SegmentId": project.segment()}}, **DAILY}


def test_who_is_inside_finishes_the_old_version(project: Project, start: dict[str, Any]) -> None:
    project.people(["lea", "eve"])
    made = create(project, State="ACTIVE", **start, Activities={"w1": wait("P3D")})["Id"]
    project.server.advance("PT10M")
    new = write(
        project, **start, StartActivity="w0", Activities={"w0": wait("PT2H", NextActivity="w1"), "w1": wait("PT1H")}
    )
    answer = edit(project, made, new)
    assert answer["Version"] == 2
    assert answer["Journey"] == {**new, "State": "ACTIVE", "Version": 2} | {
        name: answer["Journey"][name] for name in ("ApplicationId", "CreationDate", "Id", "LastModifiedDate")
    }
    assert get(project, made)["StartActivity"] == "w0"
    assert versions(project, made) == [(2, 0, True), (1, 2, False)]
    project.person("jon")
    project.server.advance("P1D")
    assert versions(project, made) == [(2, 1, True), (1, 2, False)]
    assert places(project, made) == {(2, "w0"): 1, (1, "w1"): 2}
    project.server.advance("PT2H")
    assert places(project, made) == {(2, "w1"): 1, (1, "w1"): 2}
    project.server.advance("PT1H")
    assert places(project, made) == {(1, "w1"): 2}
    assert metrics(project, made)["ENDPOINT_LEFT"] == "1"
    project.server.advance("P2D")
    assert versions(project, made) == [(2, 0, True), (1, 0, False)]
    found = metrics(project, made)
    assert (found["ENDPOINT_ENTERED"], found["ENDPOINT_LEFT"]) == ("3", "3")


def test_places_say_what_an_activity_is(project: Project, start: dict[str, Any]) -> None:
    project.people(["lea", "eve"])
    activities = {"w1": {"Description": "three days", **wait("P3D")}}
    made = create(project, State="ACTIVE", **start, Activities=activities)["Id"]
    assert call(project, "GET", made, "places")[1]["Places"] == []
    project.server.advance("PT10M")
    status, answer = call(project, "GET", made, "places")
    place = {
        "Version": 1,
        "ActivityId": "w1",
        "ActivityType": "Wait",
        "Description": "three days",
        "Waiting": "wait",
        "People": 2,
    }
    assert (status, answer) == (
        200,
        {"State": "ACTIVE", "Version": 1, "PeopleInside": 2, "Entries": 2, "Places": [place]},
    )


def test_an_old_version_can_be_read(project: Project, start: dict[str, Any]) -> None:
    old = write(project, **start)
    made = create(project, State="ACTIVE", **start)["Id"]
    edit(project, made, {**old, "Name": "other"})
    status, answer = call(project, "GET", made, "versions/1")
    assert (status, answer["Journey"], answer["PeopleInside"]) == (200, old, 0)
    assert call(project, "GET", made, "versions/2")[1]["Journey"]["Name"] == "other"
    for version, status in (("3", 404), ("0", 400), ("x", 400), (str(2**70), 400)):
        assert call(project, "GET", made, f"versions/{version}")[0] == status


def test_what_a_journey_under_way_keeps(project: Project, start: dict[str, Any]) -> None:
    event = {"EventType": {"DimensionType": "INCLUSIVE", "Values": ["bought"]}}
    by_event = {"EventStartCondition": {"EventFilter": {"FilterType": "ENDPOINT", "Dimensions": event}}}
    made = create(project, State="ACTIVE", **start)["Id"]
    project.server.advance("PT10M")
    same = write(project, **start)
    for change, text in (
        ({"StartCondition": by_event, "RefreshFrequency": None}, "StartCondition"),
        ({"Schedule": {"StartTime": project.in_time("P2D")}}, "Schedule.StartTime"),
        ({"LocalTime": True}, "LocalTime"),
        ({"Limits": {"MessagesPerSecond": 5}}, "Limits.MessagesPerSecond"),
        ({"Activities": {"w1": {"Holdout": {"Percentage": 5}}}}, "Activities.w1"),
        ({"Activities": {"w1": wait("PT1M")}}, "E17 w1"),
        ({"Name": "two words"}, "Name"),
        ({"StartActivity": "none"}, "E7"),
    ):
        wanted = {name: value for name, value in {**same, **change}.items() if value is not None}
        status, message = refusal(project, made, wanted)
        assert (status, text in message) == (400, True), message
    assert versions(project, made) == [(1, 0, True)]


def test_an_id_keeps_its_kind_over_all_versions(project: Project, start: dict[str, Any]) -> None:
    made = create(project, State="ACTIVE", **start)["Id"]
    edit(project, made, write(project, **start, StartActivity="w2", Activities={"w2": wait("PT1H")}))
    held = write(project, **start, Activities={"w1": {"Holdout": {"Percentage": 5}}})
    assert refusal(project, made, held)[0] == 400


def test_before_its_start_the_start_can_be_moved(project: Project, start: dict[str, Any]) -> None:
    project.people(["lea"])
    made = create(project, State="ACTIVE", **start, Schedule={"StartTime": project.in_time("P1D")})["Id"]
    edit(project, made, write(project, **start, Schedule={"StartTime": project.in_time("PT2H")}))
    project.server.advance("PT1H59M")
    assert metrics(project, made) == {}
    project.server.advance("PT2M")
    assert metrics(project, made)["ENDPOINT_ENTERED"] == "1"


def test_another_segment_and_another_end(project: Project, start: dict[str, Any]) -> None:
    project.people({"lea": {"Attributes": {"plan": ["gold"]}}, "eve": {}})
    none = project.segment({"Attributes": {"plan": {"AttributeType": "INCLUSIVE", "Values": ["tin"]}}})
    gold = project.segment({"Attributes": {"plan": {"AttributeType": "INCLUSIVE", "Values": ["gold"]}}})
    begin = {"StartCondition": {"SegmentStartCondition": {"SegmentId": none}}}
    made = create(project, State="ACTIVE", **{**start, **begin})["Id"]
    project.server.advance("PT10M")
    assert metrics(project, made).get("ENDPOINT_ENTERED") is None
    begin = {"StartCondition": {"SegmentStartCondition": {"SegmentId": gold}}}
    edit(project, made, write(project, **{**start, **begin}, Schedule={"EndTime": project.in_time("P2D")}))
    project.server.advance("P1D")
    assert metrics(project, made)["ENDPOINT_ENTERED"] == "1"
    project.server.advance("P1DT1M")
    assert get(project, made)["State"] == "COMPLETED"


def test_the_same_again_is_no_version(project: Project, start: dict[str, Any]) -> None:
    made = create(project, State="ACTIVE", **start)
    assert edit(project, made["Id"], write(project, **start))["Version"] == 1
    assert get(project, made["Id"]) == made


def test_a_dry_run_writes_nothing(project: Project, start: dict[str, Any]) -> None:
    made = create(project, State="ACTIVE", **start)
    other = write(project, **start, Name="other")
    assert edit(project, made["Id"], other, DryRun=True)["Version"] == 1
    assert get(project, made["Id"]) == made
    assert refusal(project, made["Id"], {**other, "Activities": {}}, DryRun=True)[0] == 400


def test_two_authors(project: Project, start: dict[str, Any]) -> None:
    made = create(project, State="ACTIVE", **start)["Id"]
    assert edit(project, made, write(project, **start, Name="one"), Version=1)["Version"] == 2
    status, message = refusal(project, made, write(project, **start, Name="two"), Version=1)
    assert (status, "version 2" in message) == (409, True)
    assert edit(project, made, write(project, **start, Name="two"), Version=2)["Version"] == 3


def test_a_paused_journey_goes_on_with_its_new_version(project: Project, start: dict[str, Any]) -> None:
    project.people(["lea"])
    made = create(project, State="ACTIVE", **start, Activities={"w1": wait("P3D")})["Id"]
    project.server.advance("PT10M")
    state(project, made, "PAUSED")
    edit(project, made, write(project, **start, Activities={"w1": wait("P2D")}))
    project.person("jon")
    project.server.advance("PT6M")
    assert get(project, made)["State"] == "PAUSED"
    state(project, made, "ACTIVE")
    project.server.advance("P1D")
    assert places(project, made) == {(2, "w1"): 1, (1, "w1"): 1}


def test_only_where_people_enter(project: Project, start: dict[str, Any]) -> None:
    request = write(project, **start, Name="other")
    draft = create(project, **start)["Id"]
    assert refusal(project, draft, request)[0] == 409
    project.people(["lea"])
    closed = create(project, State="ACTIVE", StartCondition=start["StartCondition"])["Id"]
    project.server.advance("PT10M")
    assert get(project, closed)["State"] == "CLOSED"
    assert refusal(project, closed, request)[0] == 409
    state(project, closed, "CANCELLED")
    assert refusal(project, closed, request)[0] == 409


def test_who_may(project: Project, server: Server, start: dict[str, Any]) -> None:
    made = create(project, State="ACTIVE", **start)["Id"]
    body = {"Journey": write(project, **start)}
    for role, may in (("reader", 403), ("marketer", 200), ("client", 403)):
        key = server.key(role, app=project.id)
        assert call(project, "PUT", made, "versions", body, key=key)[0] == may
        for what in ("versions", "versions/1", "places"):
            assert call(project, "GET", made, what, key=key)[0] == (403 if role == "client" else 200)
    stranger = server.key("admin", account="000000000002")
    for what in ("versions", "versions/1", "places"):
        assert call(project, "GET", made, what, key=stranger)[0] == 404
        assert call(project, "GET", "0" * 32, what)[0] == 404
    assert call(project, "PUT", made, "versions", body, key=stranger)[0] == 404
    assert call(project, "PUT", "0" * 32, "versions", body)[0] == 404


@pytest.mark.parametrize("body", [{}, {"Journey": {}}, {"Journey": 5}, {"Journey": {"Name": "x"}, "Version": 0}, []])
def test_bad_bodies(project: Project, start: dict[str, Any], body: Any) -> None:
    made = create(project, State="ACTIVE", **start)["Id"]
    assert call(project, "PUT", made, "versions", body)[0] == 400
