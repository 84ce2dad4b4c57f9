"""Segments explained and estimated before anything is sent, by the control API and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.running import Server
from tests.acceptance.test_segments import GROUPS, PEOPLE, attribute, country, metric, plan


@pytest.fixture(scope="module")
def shop(server: Server) -> Iterator[Project]:
    """Four who can be mailed, and others who cannot, each for a reason of its own."""
    project = Project(server)
    project.people(PEOPLE)
    project.put("out", ChannelType="EMAIL", Address="out@example.com", OptOut="ALL")
    project.put("off", ChannelType="EMAIL", Address="off@example.com", EndpointStatus="INACTIVE", OptOut="ALL")
    project.put("LEA2", ChannelType="EMAIL", Address="LEA@example.com")
    project.put("phone", ChannelType="GCM", Address="token")
    project.put("text", ChannelType="SMS", Address="+4915550001", OptOut="ALL")
    project.events({"browser": {"Endpoint": {}, "Events": {"e": {"EventType": "page", "Timestamp": DATE}}}})
    yield project
    project.leave()


DATE = "2027-01-04T09:00:00Z"


def ask(project: Project, what: str, **body: Any) -> Any:
    return project.server.control("POST", f"segments/{what}", {"ApplicationId": project.id, **body})


def refused(project: Project, what: str, **body: Any) -> tuple[int, str]:
    sent = {"ApplicationId": project.id, **body}
    status, answer = project.server.raw("POST", f"/clarion/v1/segments/{what}", sent)
    return status, answer["Message"]


def test_why_not_everybody_can_be_mailed(shop: Project) -> None:
    everybody = shop.segment()
    found = ask(shop, "estimate", SegmentId=everybody, Channel="EMAIL")
    sample = found.pop("Sample")
    assert found == {
        "Count": 10,
        "Eligible": 4,
        "Exclusions": {
            "ENDPOINT_MISSING_CHANNEL": 1,
            "ENDPOINT_CHANNEL_MISMATCH": 2,
            "ENDPOINT_MISSING_ADDRESS": 0,
            "ENDPOINT_INACTIVE": 1,
            "ENDPOINT_OPT_OUT": 1,
            "DUPLICATE_ENDPOINT": 1,
        },
    }
    assert len(sample) == 10
    lea = next(one for one in sample if one["Id"] == "lea")
    assert lea == json.loads(json.dumps(shop.get("lea"), default=str))
    # The estimate is what a campaign then does.
    campaign = shop.campaign(everybody)
    shop.server.settle()
    assert len(shop.reached(campaign["Id"])) == 4
    [activity] = shop.activities(campaign["Id"])
    metrics = {name: int(number) for name, number in activity["ExecutionMetrics"].items()}
    for name in ("ENDPOINT_MISSING_CHANNEL", "ENDPOINT_CHANNEL_MISMATCH", "ENDPOINT_INACTIVE", "ENDPOINT_OPT_OUT"):
        assert metrics.get(name, 0) == found["Exclusions"][name], (name, metrics)
    assert ask(shop, "estimate", SegmentId=everybody, Channel="PUSH")["Eligible"] == 1
    assert ask(shop, "estimate", SegmentId=everybody)["Eligible"] == 5


def test_a_definition_is_estimated_without_being_stored(shop: Project) -> None:
    shop.segment()
    before = shop.pinpoint.get_segments(ApplicationId=shop.id)["SegmentsResponse"]["Item"]
    groups = {"Groups": [{"SourceSegments": [{"Id": before[0]["Id"]}], "Dimensions": [country("DE")]}]}
    found = ask(shop, "estimate", Segment={"SegmentGroups": groups}, Channel="EMAIL")
    assert (found["Count"], [one["Id"] for one in found["Sample"]]) == (2, ["amy", "lea"])
    nobody = ask(shop, "estimate", Segment={"Dimensions": {**plan("gold"), **country("US")}})
    assert (nobody["Count"], nobody["Eligible"], set(nobody["Exclusions"].values()), nobody["Sample"]) == (
        0,
        0,
        {0},
        [],
    )
    assert shop.pinpoint.get_segments(ApplicationId=shop.id)["SegmentsResponse"]["Item"] == before


def test_step_by_step(shop: Project) -> None:
    groups = [
        {"Dimensions": [{**plan("gold", "free"), **country("DE")}]},
        {"Dimensions": [{"Metrics": {"points": metric("GREATER_THAN", 5)}}, country("US")], "Type": "ANY"},
    ]
    segment = shop.segment(SegmentGroups={"Include": "ALL", "Groups": groups})
    found = ask(shop, "explain", SegmentId=segment, EndpointId="JON")
    steps = [(one["Depth"], one["Path"], one["Matching"], one["Left"], one["Passes"]) for one in found["Steps"]]
    assert steps == [
        (0, "SegmentGroups", 1, 1, False),
        (1, "Groups[0]", 1, 1, False),
        (2, "Groups[0].Dimensions[0]", 1, 1, False),
        (3, "Groups[0].Dimensions[0].Attributes.plan", 2, 2, True),
        (3, "Groups[0].Dimensions[0].Location.Country", 2, 1, False),
        (1, "Groups[1]", 2, 1, True),
        (2, "Groups[1].Dimensions[0]", 2, 1, True),
        (3, "Groups[1].Dimensions[0].Metrics.points", 2, 1, True),
        (2, "Groups[1].Dimensions[1]", 1, 1, True),
        (3, "Groups[1].Dimensions[1].Location.Country", 1, 1, True),
    ]
    assert (found["Endpoints"], found["Total"]) == (10, 1)
    path = "Groups[0].Dimensions[0].Location.Country"
    kept_out = {"Path": path, "Words": "country is “DE”", "Value": ["US"]}
    assert found["Endpoint"] == {"EndpointId": "jon", "Member": False, "KeptOutBy": kept_out}
    assert ask(shop, "explain", SegmentId=segment, EndpointId="lea")["Endpoint"] == {
        "EndpointId": "lea",
        "Member": True,
    }
    query = found["Query"]
    assert query["Sql"].startswith("SELECT count() FROM (SELECT")
    assert "gold" not in query["Sql"]
    assert query["Parameters"]["app"] == shop.id
    assert query["Milliseconds"] > 0


def test_the_total_is_who_gets_mail(shop: Project) -> None:
    for include, groups, expected in GROUPS[:6]:
        segment = shop.segment(SegmentGroups={"Include": include, "Groups": groups})
        found = ask(shop, "estimate", SegmentId=segment, Channel="EMAIL")
        explained = ask(shop, "explain", SegmentId=segment)
        assert explained["Total"] == found["Count"], (include, groups)
        named = {one["Id"] for one in found["Sample"]}
        assert named & set(PEOPLE) == set(expected), (include, groups)


def test_versions_and_what_is_not_there(shop: Project) -> None:
    segment = shop.segment(plan("gold"))
    shop.pinpoint.update_segment(
        ApplicationId=shop.id, SegmentId=segment, WriteSegmentRequest={"Dimensions": country("US")}
    )
    assert ask(shop, "explain", SegmentId=segment)["Steps"][1]["Path"] == "Dimensions.Location.Country"
    assert ask(shop, "explain", SegmentId=segment, Version=1)["Steps"][1]["Path"] == "Dimensions.Attributes.plan"
    assert refused(shop, "explain", SegmentId=segment, Version=3)[0] == 404
    assert refused(shop, "explain", SegmentId="0" * 32)[0] == 404
    status, message = refused(shop, "explain", SegmentId=segment, EndpointId="stranger")
    assert (status, "stranger" in message) == (404, True)
    assert refused(shop, "estimate", SegmentId=segment, ApplicationId="0" * 32)[0] == 404


@pytest.mark.parametrize(
    ("what", "body", "member"),
    [
        ("estimate", {}, "SegmentId"),
        ("estimate", {"SegmentId": "a", "Segment": {"Dimensions": {}}}, "SegmentId"),
        ("estimate", {"Segment": {"Dimensions": {}}, "Version": 1}, "Version"),
        ("estimate", {"Segment": {}}, "Dimensions"),
        ("estimate", {"Segment": {"Dimensions": {}}, "Channel": "FAX"}, "Channel"),
        ("estimate", {"Segment": {"Dimensions": {"Attributes": {"a": attribute("LIKE", "v")}}}}, "AttributeType"),
        ("estimate", {"Segment": {"Dimensions": {"Behavior": {"Events": [{"EventType": "e", "Days": 91}]}}}}, "Days"),
        ("explain", {}, "SegmentId"),
        ("explain", {"SegmentId": "a", "Version": 0}, "Version"),
        ("explain", {"SegmentId": "a", "Version": 2**40}, "Version"),
        ("explain", {"SegmentId": "a", "EndpointId": ""}, "EndpointId"),
    ],
)
def test_bad_questions(shop: Project, what: str, body: dict[str, Any], member: str) -> None:
    status, message = refused(shop, what, **body)
    assert (status, member in message) == (400, True), message


def test_readers_may_look_and_keys_of_a_project_only_at_theirs(shop: Project) -> None:
    segment, server = shop.segment(plan("gold")), shop.server
    for role in ("reader", "marketer"):
        assert server.control("POST", "segments/explain", _which(shop, segment), key=server.key(role))["Total"] == 1
    key = server.key("reader", app=shop.id)
    path = "/clarion/v1/segments/estimate?ApplicationId="
    assert server.raw("POST", path + shop.id, {"SegmentId": segment}, key=key)[0] == 200
    other = Project(server, channel=False)
    assert server.raw("POST", path + other.id, {"SegmentId": segment}, key=key)[0] == 403


def _which(project: Project, segment: str) -> dict[str, str]:
    return {"ApplicationId": project.id, "SegmentId": segment}


def test_on_the_command_line(shop: Project) -> None:
    segment, server = shop.segment({**plan("gold", "[red]"), **country("DE")}), shop.server

    def clarion(*arguments: str) -> str:
        command = ("segment", *arguments, "--app", shop.id, "--url", server.url, "--region", "eu-central-1")
        return server.clarion(*command, "--data", str(server.data)).stdout

    listed = [line.split("\t") for line in clarion("list").splitlines()]
    assert listed[0] == ["SEGMENT", "NAME", "TYPE", "VERSION", "CHANGED"]
    assert [line[0] for line in listed[1:]].count(segment) == 1
    counted = dict(line.split("\t") for line in clarion("count", "--segment", segment, "--channel", "SMS").splitlines())
    assert (counted["members"], counted["ENDPOINT_CHANNEL_MISMATCH"], counted["eligible"]) == ("1", "1", "0")
    assert json.loads(clarion("count", "--segment", segment, "--json"))["Sample"][0]["Id"] == "lea"
    lines = clarion("explain", "--segment", segment, "--endpoint", "amy").splitlines()
    assert lines[0] == "PATH\tWORDS\tALONE\tLEFT\tPASSES\tVALUE"
    assert lines[2] == "Dimensions.Attributes.plan\tattribute plan is “[red]” or “gold”\t1\t1\tno\tGold"
    assert "amy is kept out by Dimensions.Attributes.plan: attribute plan is “[red]” or “gold”; it has Gold" in lines
    assert json.loads(clarion("explain", "--segment", segment, "--json"))["Total"] == 1
