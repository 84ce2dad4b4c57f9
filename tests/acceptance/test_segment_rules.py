"""Definitions at their limits and against the rules: each has its error, or the answer the documentation promises."""

from __future__ import annotations

from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.test_segments import attribute, country, plan


def on(*sources: str, **group: Any) -> dict[str, Any]:
    return {"Groups": [{"SourceSegments": [{"Id": source} for source in sources], **group}]}


def refusal(project: Project, method: str, path: str, body: dict[str, Any]) -> str:
    status, answer = project.server.raw(method, f"/v1/apps/{project.id}/segments{path}", body)
    assert status == 400, (status, answer)
    return str(answer["Message"])


def test_two_hundred_groups(project: Project) -> None:
    project.people({"lea": {"Attributes": {"plan": ["gold"]}}, "jon": {}})
    gold = project.segment(plan("gold"))
    groups = [{"SourceSegments": [{"Id": gold}]} for _ in range(200)]
    for include, expected in (("ALL", ["lea"]), ("ANY", ["lea"]), ("NONE", ["jon"])):
        assert project.members(project.segment(SegmentGroups={"Include": include, "Groups": groups})) == expected
    empty = project.segment(SegmentGroups={"Groups": [{}] * 200})
    assert project.members(empty) == ["jon", "lea"]
    full = {"Groups": [{"Dimensions": [plan("gold")]}] * 101}
    assert "at most 100 dimensions" in refusal(project, "POST", "", {"SegmentGroups": full})
    assert "Groups" in refusal(project, "POST", "", {"SegmentGroups": on(*[gold] * 501)})


@pytest.mark.parametrize(
    "dimensions",
    [
        {"Demographic": {"Make": {"Values": [""]}}},
        {"Attributes": {"plan": attribute("BETWEEN", "2027-01-01", "2027-01-01")}},
        {"Attributes": {"no-such": attribute("INCLUSIVE", "v")}},
        {"Behavior": {"Recency": {"Duration": "HR_24", "RecencyType": "INACTIVE"}}},
    ],
)
def test_a_segment_of_nobody_is_no_error(project: Project, dimensions: dict[str, Any]) -> None:
    project.people({"lea": {"Attributes": {"plan": ["gold"]}, "Location": {"Country": "DE"}}})
    segment = project.segment(dimensions)
    campaign = project.campaign(segment)
    project.server.settle()
    assert (project.status(campaign["Id"]), project.reached(campaign["Id"])) == ("COMPLETED", [])
    [activity] = project.activities(campaign["Id"])
    assert activity.get("TotalEndpointCount", 0) == 0
    both = [{"Dimensions": [plan("gold")], "Type": "ALL"}, {"Dimensions": [plan("gold")], "Type": "NONE"}]
    contradiction = project.segment(SegmentGroups={"Include": "ALL", "Groups": both})
    found = project.server.control("POST", "segments/estimate", _which(project, contradiction))
    assert (found["Count"], found["Sample"]) == (0, [])


def _which(project: Project, segment: str) -> dict[str, str]:
    return {"ApplicationId": project.id, "SegmentId": segment}


def test_no_way_leads_back(project: Project) -> None:
    """Through three others, through a pinned version of itself, and through a version that a source pins."""
    first = project.segment(plan("gold"))
    second = project.segment(SegmentGroups=on(first))
    third = project.segment(SegmentGroups={"Groups": [{"SourceSegments": [{"Id": second, "Version": 1}]}]})
    for source in (first, second, third):
        assert "among its own source segments" in refusal(project, "PUT", f"/{first}", {"SegmentGroups": on(source)})
    pinned = {"Groups": [{"SourceSegments": [{"Id": first, "Version": 1}]}]}
    assert "among its own source segments" in refusal(project, "PUT", f"/{first}", {"SegmentGroups": pinned})
    assert project.pinpoint.get_segment(ApplicationId=project.id, SegmentId=first)["SegmentResponse"]["Version"] == 1


def test_sources_are_of_this_project_and_not_too_deep(project: Project) -> None:
    other = Project(project.server, channel=False)
    foreign = other.segment(plan("gold"))
    message = refusal(project, "POST", "", {"SegmentGroups": on(foreign)})
    assert "SegmentGroups.Groups[0].SourceSegments[0]" in message
    assert "does not exist" in message
    source = project.segment(plan("gold"))
    missing = {"Groups": [{"SourceSegments": [{"Id": source, "Version": 2}]}]}
    assert "version 2 does not exist" in refusal(project, "POST", "", {"SegmentGroups": missing})
    for _ in range(19):
        source = project.segment(SegmentGroups=on(source))
    assert "nested more than 20 deep" in refusal(project, "POST", "", {"SegmentGroups": on(source)})


def test_what_becomes_of_those_who_use_a_deleted_segment(project: Project) -> None:
    """A campaign that waits is stopped and can be read; what is built on the segment finds nobody in it."""
    project.people({"lea": {"Location": {"Country": "DE"}}, "jon": {"Location": {"Country": "US"}}})
    source = project.segment(country("DE"))
    inside = project.segment(SegmentGroups=on(source))
    outside = project.segment(SegmentGroups=on(source, SourceType="NONE"))
    campaign = project.campaign(source, Schedule={"StartTime": project.in_time("PT1H")})
    version = project.pinpoint.delete_segment(ApplicationId=project.id, SegmentId=source)["SegmentResponse"]["Version"]
    assert version == 1
    assert project.status(campaign["Id"]) == "DELETED"
    project.server.advance("PT2H")
    assert project.reached(campaign["Id"]) == []
    assert project.members(inside) == []
    assert project.members(outside) == ["jon", "lea"]
    explained = project.server.control("POST", "segments/explain", _which(project, inside))
    assert explained["Steps"][2]["Words"] == f"in segment {source}, which is gone: nobody"
    assert "does not exist" in refusal(project, "POST", "", {"SegmentGroups": on(source)})
    assert "does not exist" in refusal(project, "PUT", f"/{inside}", {"SegmentGroups": on(source)})
    for call, arguments in (
        (project.pinpoint.get_segment_version, {"Version": "1"}),
        (project.pinpoint.get_segment_versions, {}),
        (project.pinpoint.update_segment, {"WriteSegmentRequest": {"Dimensions": {}}}),
    ):
        with pytest.raises(project.pinpoint.exceptions.NotFoundException):
            call(ApplicationId=project.id, SegmentId=source, **arguments)
    with pytest.raises(project.pinpoint.exceptions.ClientError):
        project.campaign(source)
