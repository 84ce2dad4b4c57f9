"""Segments, proven by who gets a campaign's message. Source: spec of segments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.project import Project, every_page
from tests.acceptance.running import Server
from tests.acceptance.test_apps import DATE

PEOPLE: dict[str, dict[str, Any]] = {
    "lea": {
        "Attributes": {"plan": ["gold"], "colours": ["blue", "red"], "since": ["2026-12-24T10:00:00Z"]},
        "Metrics": {"points": 10, "ratio": -0.5},
        "Demographic": {"AppVersion": "4.2", "Make": "Apple", "Model": "iPhone 17", "Platform": "iOS"},
        "Location": {"Country": "DE", "Latitude": 52.52, "Longitude": 13.41},
        "User": {"UserId": "u1", "UserAttributes": {"Vorname": ["Lea"], "tier": ["a"]}},
    },
    "jon": {
        "Attributes": {"plan": ["free"], "colours": ["green"], "since": ["2026-12-25"]},
        "Metrics": {"points": 20},
        "Demographic": {"AppVersion": "4.1", "Make": "Samsung", "Model": "S26", "Platform": "android"},
        "Location": {"Country": "US", "Latitude": 40.71, "Longitude": -74.01},
        "User": {"UserId": "u2", "UserAttributes": {"Vorname": ["Jón"], "tier": ["b", "a"]}},
    },
    "amy": {
        "Attributes": {"plan": ["Gold"], "since": ["long ago"]},
        "Metrics": {"points": 0},
        "Location": {"Country": "DE", "Latitude": 50.94, "Longitude": 6.96},
    },
    "tom": {},
}
EVERYBODY = sorted(PEOPLE)


@pytest.fixture(scope="module")
def population(server: Server) -> Iterator[Project]:
    """Four people by e-mail, and others on channels that a campaign has no message for."""
    project = Project(server)
    project.people(PEOPLE)
    project.put("sms", ChannelType="SMS", Address="+4915550001", Attributes={"plan": ["gold"]})
    project.put("gcm", ChannelType="GCM", Address="token")
    yield project
    project.leave()


def attribute(kind: str | None, *values: str) -> dict[str, Any]:
    return {"Values": list(values), **({"AttributeType": kind} if kind else {})}


def one_of(*values: str) -> dict[str, Any]:
    return {"DimensionType": "INCLUSIVE", "Values": list(values)}


def none_of(*values: str) -> dict[str, Any]:
    return {"DimensionType": "EXCLUSIVE", "Values": list(values)}


def metric(operator: str, value: float) -> dict[str, Any]:
    return {"ComparisonOperator": operator, "Value": value}


def did(**members: Any) -> dict[str, Any]:
    return {"EventType": "purchase", "Days": 30, **members}


def near(latitude: float, longitude: float, reach: float | None = None) -> dict[str, Any]:
    point: dict[str, Any] = {"Coordinates": {"Latitude": latitude, "Longitude": longitude}}
    return {"GPSPoint": point if reach is None else {**point, "RangeInKilometers": reach}}


DIMENSIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, EVERYBODY),
    ({"Demographic": {}, "Location": {}}, EVERYBODY),
    ({"Attributes": {"plan": attribute("INCLUSIVE", "gold")}}, ["lea"]),
    ({"Attributes": {"plan": attribute(None, "gold", "free")}}, ["jon", "lea"]),
    ({"Attributes": {"colours": attribute("INCLUSIVE", "red")}}, ["lea"]),
    ({"Attributes": {"plan": attribute("EXCLUSIVE", "gold")}}, ["amy", "jon", "tom"]),
    ({"Attributes": {"colours": attribute("EXCLUSIVE", "red", "green")}}, ["amy", "tom"]),
    ({"Attributes": {"plan": attribute("CONTAINS", "ol")}}, ["amy", "lea"]),
    ({"Attributes": {"plan": attribute("CONTAINS", "go", "re")}}, ["jon", "lea"]),
    ({"Attributes": {"since": attribute("BEFORE", "2026-12-25T00:00:00Z")}}, ["lea"]),
    ({"Attributes": {"since": attribute("AFTER", "2026-12-24T10:00:00Z")}}, ["jon"]),
    ({"Attributes": {"since": attribute("ON", "2026-12-24T23:59:59Z")}}, ["lea"]),
    ({"Attributes": {"since": attribute("BETWEEN", "2026-12-24T10:00:00Z", "2026-12-25T00:00:00Z")}}, ["jon", "lea"]),
    (
        {"Attributes": {"plan": attribute("INCLUSIVE", "gold", "free"), "colours": attribute("INCLUSIVE", "green")}},
        ["jon"],
    ),
    ({"UserAttributes": {"Vorname": attribute("INCLUSIVE", "Jón")}}, ["jon"]),
    ({"UserAttributes": {"tier": attribute("INCLUSIVE", "a")}}, ["jon", "lea"]),
    ({"UserAttributes": {"tier": attribute("EXCLUSIVE", "b")}}, ["amy", "lea", "tom"]),
    ({"Metrics": {"points": metric("GREATER_THAN", 10)}}, ["jon"]),
    ({"Metrics": {"points": metric("GREATER_THAN_OR_EQUAL", 10)}}, ["jon", "lea"]),
    ({"Metrics": {"points": metric("LESS_THAN", 10)}}, ["amy"]),
    ({"Metrics": {"points": metric("LESS_THAN_OR_EQUAL", 10)}}, ["amy", "lea"]),
    ({"Metrics": {"points": metric("EQUAL", 0)}}, ["amy"]),
    ({"Metrics": {"ratio": metric("EQUAL", -0.5)}}, ["lea"]),
    ({"Metrics": {"missing": metric("LESS_THAN", 1)}}, []),
    ({"Demographic": {"AppVersion": one_of("4.2")}}, ["lea"]),
    ({"Demographic": {"Make": one_of("Apple", "Samsung")}}, ["jon", "lea"]),
    ({"Demographic": {"Make": none_of("Apple")}}, ["amy", "jon", "tom"]),
    ({"Demographic": {"Model": one_of("S26")}}, ["jon"]),
    ({"Demographic": {"Platform": one_of("ios")}}, []),
    ({"Demographic": {"Platform": one_of("iOS"), "Make": one_of("Apple", "Samsung")}}, ["lea"]),
    ({"Demographic": {"Channel": one_of("EMAIL")}}, EVERYBODY),
    ({"Demographic": {"Channel": none_of("EMAIL")}}, []),
    ({"Demographic": {"Channel": one_of("PUSH", "SMS")}}, []),
    ({"Demographic": {"DeviceType": one_of("phone")}}, []),
    ({"Demographic": {"DeviceType": none_of("phone")}}, EVERYBODY),
    ({"Location": {"Country": one_of("DE")}}, ["amy", "lea"]),
    ({"Location": {"Country": none_of("DE")}}, ["jon", "tom"]),
    ({"Location": near(52.5, 13.4, 20)}, ["lea"]),
    ({"Location": near(52.5, 13.4, 500)}, ["amy", "lea"]),
    ({"Location": near(52.5, 13.4, 6500)}, ["amy", "jon", "lea"]),
    ({"Location": near(50.94, 6.96)}, ["amy"]),
    ({"Behavior": {"Recency": {"Duration": "DAY_7", "RecencyType": "ACTIVE"}}}, EVERYBODY),
    ({"Behavior": {"Recency": {"Duration": "DAY_7", "RecencyType": "INACTIVE"}}}, []),
]


@pytest.mark.parametrize(("dimensions", "expected"), DIMENSIONS, ids=lambda v: re.sub(r"\W+", "-", str(v))[:60])
def test_dimensions(population: Project, dimensions: dict[str, Any], expected: list[str]) -> None:
    assert population.selected(**dimensions) == expected


@pytest.mark.parametrize(
    ("dimension", "produced"),
    [(one_of("PUSH"), 1), (one_of("SMS"), 1), (none_of("EMAIL"), 2), (one_of("PUSH", "EMAIL"), 5), (one_of("APNS"), 0)],
)
def test_members_on_other_channels_are_counted(population: Project, dimension: dict[str, Any], produced: int) -> None:
    campaign = population.campaign(population.segment({"Demographic": {"Channel": dimension}}))
    population.server.settle()
    [activity] = population.activities(campaign["Id"])
    assert activity["ExecutionMetrics"]["ENDPOINT_PRODUCED"] == str(produced)


def plan(*values: str) -> dict[str, Any]:
    return {"Attributes": {"plan": attribute("INCLUSIVE", *values)}}


def country(*values: str) -> dict[str, Any]:
    return {"Location": {"Country": one_of(*values)}}


GROUPS: list[tuple[str, list[dict[str, Any]], list[str]]] = [
    ("ALL", [{"Dimensions": [plan("gold", "Gold"), country("DE")], "Type": "ALL"}], ["amy", "lea"]),
    ("ALL", [{"Dimensions": [plan("free"), country("DE")], "Type": "ANY"}], ["amy", "jon", "lea"]),
    ("ALL", [{"Dimensions": [plan("free"), country("DE")], "Type": "NONE"}], ["tom"]),
    ("ALL", [{"Dimensions": [plan("gold")]}, {"Dimensions": [country("DE")]}], ["lea"]),
    ("ANY", [{"Dimensions": [plan("gold")]}, {"Dimensions": [country("US")]}], ["jon", "lea"]),
    ("NONE", [{"Dimensions": [plan("gold")]}, {"Dimensions": [country("US")]}], ["amy", "tom"]),
    ("ALL", [{}], EVERYBODY),
    ("NONE", [{"Dimensions": [{}]}], []),
]


@pytest.mark.parametrize(("include", "groups", "expected"), GROUPS)
def test_groups(population: Project, include: str, groups: list[dict[str, Any]], expected: list[str]) -> None:
    segment = population.segment(SegmentGroups={"Include": include, "Groups": groups})
    assert population.members(segment) == expected


@pytest.mark.parametrize(
    ("source_type", "expected"), [("ALL", ["lea"]), ("ANY", ["amy", "lea"]), ("NONE", ["jon", "tom"])]
)
def test_sources(population: Project, source_type: str, expected: list[str]) -> None:
    sources = [{"Id": population.segment(plan("gold"))}, {"Id": population.segment(country("DE"))}]
    group = {"SourceSegments": sources, "SourceType": source_type}
    assert population.members(population.segment(SegmentGroups={"Groups": [group]})) == expected
    filtered = {**group, "Dimensions": [{"Metrics": {"points": metric("GREATER_THAN", 5)}}]}
    few = [name for name in expected if name in ("lea", "jon")]
    assert population.members(population.segment(SegmentGroups={"Groups": [filtered]})) == few


def test_include_one_and_exclude_another(population: Project) -> None:
    germans, gold = population.segment(country("DE")), population.segment(plan("gold"))
    groups = [
        {"SourceSegments": [{"Id": germans}], "SourceType": "ANY"},
        {"SourceSegments": [{"Id": gold}], "SourceType": "NONE"},
    ]
    assert population.members(population.segment(SegmentGroups={"Include": "ALL", "Groups": groups})) == ["amy"]


def test_a_source_follows_its_latest_version_unless_pinned(population: Project) -> None:
    source = population.segment(plan("gold"))
    following = population.segment(SegmentGroups={"Groups": [{"SourceSegments": [{"Id": source}]}]})
    pinned = population.segment(SegmentGroups={"Groups": [{"SourceSegments": [{"Id": source, "Version": 1}]}]})
    population.pinpoint.update_segment(
        ApplicationId=population.id, SegmentId=source, WriteSegmentRequest={"Name": "n", "Dimensions": plan("free")}
    )
    assert population.members(following) == ["jon"]
    assert population.members(pinned) == ["lea"]


def test_a_source_that_is_deleted_selects_nobody(population: Project) -> None:
    source = population.segment(plan("gold"))
    built = population.segment(SegmentGroups={"Groups": [{"SourceSegments": [{"Id": source}]}]})
    rest = population.segment(SegmentGroups={"Groups": [{"SourceSegments": [{"Id": source}], "SourceType": "NONE"}]})
    population.pinpoint.delete_segment(ApplicationId=population.id, SegmentId=source)
    assert population.members(built) == []
    assert population.members(rest) == EVERYBODY


def test_a_segment_cannot_be_among_its_own_sources(population: Project) -> None:
    first = population.segment(plan("gold"))
    second = population.segment(SegmentGroups={"Groups": [{"SourceSegments": [{"Id": first}]}]})
    for source in (first, second):
        with pytest.raises(population.pinpoint.exceptions.BadRequestException, match="SegmentGroups"):
            population.pinpoint.update_segment(
                ApplicationId=population.id,
                SegmentId=first,
                WriteSegmentRequest={"Name": "n", "SegmentGroups": {"Groups": [{"SourceSegments": [{"Id": source}]}]}},
            )


def test_what_people_did(project: Project) -> None:
    """`Behavior.Events`, which no AWS client knows, through JSON; such clients still read and list the segment."""
    project.people(["lea", "jon", "amy", "tom"])

    def report(name: str, *prices: float) -> None:
        one = lambda price: {  # noqa: E731
            "EventType": "purchase",
            "Timestamp": project.in_time("PT0S"),
            "Attributes": {"shop": "web"},
            "Metrics": {"price": price},
        }
        project.events({name: {"Endpoint": {}, "Events": {f"e{price}": one(price) for price in prices}}})

    def made(*events: dict[str, Any]) -> str:
        dimensions = {"Behavior": {"Events": list(events)}}
        body = {"Name": "did", "Dimensions": dimensions}
        status, answer = project.server.raw("POST", f"/v1/apps/{project.id}/segments", body)
        assert (status, answer["Dimensions"]) == (201, dimensions)
        read = project.pinpoint.get_segment(ApplicationId=project.id, SegmentId=answer["Id"])["SegmentResponse"]
        assert (read["Name"], read["Dimensions"]) == ("did", {"Behavior": {}})
        return str(answer["Id"])

    report("lea", 5, 50)
    report("jon", 7)
    project.server.advance("P20D")
    report("amy", 9)
    month = {"EventType": "purchase", "Days": 30}
    dear = {"price": metric("GREATER_THAN", 8)}
    assert project.members(made(month)) == ["amy", "jon", "lea"]
    assert project.members(made({**month, "Days": 7})) == ["amy"]
    assert project.members(made({**month, "MinimumCount": 2})) == ["lea"]
    assert project.members(made({**month, "DimensionType": "EXCLUSIVE"})) == ["tom"]
    shop = {"shop": attribute("INCLUSIVE", "web")}
    assert project.members(made({**month, "Attributes": shop, "Metrics": dear})) == ["amy", "lea"]
    # Everybody got mail by now; who opens one is no longer among those who did not.
    got, opened = {"EventType": "_email.send", "Days": 1}, {"EventType": "_email.open", "Days": 30}
    mail = next(one for one in project.mail() if one["EndpointId"] == "amy")
    project.server.control("POST", "feedback", {"MessageId": mail["MessageId"], "Type": "Open"})
    assert project.members(made(opened)) == ["amy"]
    assert project.members(made(got, {**opened, "DimensionType": "EXCLUSIVE"})) == ["jon", "lea", "tom"]
    project.server.advance("P31D")
    assert project.members(made(month)) == []


def test_recency_counts_updates_and_events(project: Project) -> None:
    def active(duration: str) -> list[str]:
        recency = {"Recency": {"Duration": duration, "RecencyType": "ACTIVE"}}
        return project.selected(Behavior=recency)

    project.people(["idle", "updating", "reporting"])
    project.server.advance("P6D")
    assert active("DAY_7") == ["idle", "reporting", "updating"]
    assert active("HR_24") == []
    project.put("updating", Attributes={"a": ["b"]})
    at = {"EventType": "app.open", "Timestamp": project.in_time("PT0S")}
    project.events({"reporting": {"Endpoint": {}, "Events": {"e": at}}})
    assert active("HR_24") == ["reporting", "updating"]
    project.server.advance("P2D")
    assert active("DAY_7") == ["reporting", "updating"]
    assert active("DAY_14") == ["idle", "reporting", "updating"]
    inactive = {"Recency": {"Duration": "DAY_7", "RecencyType": "INACTIVE"}}
    assert project.selected(Behavior=inactive) == ["idle"]
    project.server.advance("P30D")
    assert active("DAY_30") == []


def test_members_are_found_at_once_after_a_write(project: Project) -> None:
    segment = project.segment(plan("gold"))
    for number in range(5):
        project.person(f"e{number}", Attributes={"plan": ["gold"]})
        assert len(project.members(segment)) == number + 1
    project.put("e0", Attributes={"plan": ["free"]})
    project.pinpoint.delete_endpoint(ApplicationId=project.id, EndpointId="e1")
    assert project.members(segment) == ["e2", "e3", "e4"]
    project.person("e1", Attributes={"plan": ["gold"]})
    assert project.members(segment) == ["e1", "e2", "e3", "e4"]


def test_a_segment_is_created_changed_and_deleted(project: Project) -> None:
    pinpoint, app = project.pinpoint, project.id
    answer = pinpoint.create_segment(
        ApplicationId=app, WriteSegmentRequest={"Name": "gold", "Dimensions": plan("gold"), "tags": {"a": "b"}}
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    made = answer["SegmentResponse"]
    group = {"Dimensions": [plan("gold")], "SourceSegments": [], "SourceType": "ALL", "Type": "ALL"}
    assert DATE.fullmatch(made["CreationDate"])
    assert made == {
        "ApplicationId": app,
        "Arn": f"arn:aws:mobiletargeting:eu-central-1:000000000001:apps/{app}/segments/{made['Id']}",
        "CreationDate": made["CreationDate"],
        "LastModifiedDate": made["LastModifiedDate"],
        "Id": made["Id"],
        "Name": "gold",
        "SegmentType": "DIMENSIONAL",
        "Version": 1,
        "tags": {"a": "b"},
        "Dimensions": plan("gold"),
        "SegmentGroups": {"Groups": [group], "Include": "ALL"},
    }
    groups = {"Groups": [{"Dimensions": [country("DE")], "Type": "ANY"}], "Include": "ANY"}
    changed = pinpoint.update_segment(
        ApplicationId=app, SegmentId=made["Id"], WriteSegmentRequest={"Name": "de", "SegmentGroups": groups}
    )["SegmentResponse"]
    assert (changed["Name"], changed["Version"], changed["CreationDate"]) == ("de", 2, made["CreationDate"])
    assert changed["SegmentGroups"]["Groups"][0]["Dimensions"] == [country("DE")]
    assert not changed.get("Dimensions")
    assert pinpoint.get_segment(ApplicationId=app, SegmentId=made["Id"])["SegmentResponse"] == changed
    versions = every_page(pinpoint.get_segment_versions, "SegmentsResponse", ApplicationId=app, SegmentId=made["Id"])
    assert [one["Version"] for one in versions] == [2, 1]
    first = pinpoint.get_segment_version(ApplicationId=app, SegmentId=made["Id"], Version="1")["SegmentResponse"]
    assert (first["Name"], first["Dimensions"]) == ("gold", plan("gold"))
    gone = pinpoint.delete_segment(ApplicationId=app, SegmentId=made["Id"])["SegmentResponse"]
    assert gone == changed
    for call, arguments in (
        (pinpoint.get_segment, {}),
        (pinpoint.delete_segment, {}),
        (pinpoint.get_segment_versions, {}),
        (pinpoint.get_segment_version, {"Version": "1"}),
    ):
        with pytest.raises(pinpoint.exceptions.NotFoundException):
            call(ApplicationId=app, SegmentId=made["Id"], **arguments)


@pytest.mark.parametrize("version", ["0", "2", "x", "-1", "99999999999999999999"])
def test_a_version_that_is_not_there(project: Project, version: str) -> None:
    client = project.pinpoint
    with pytest.raises((client.exceptions.NotFoundException, client.exceptions.BadRequestException)):
        client.get_segment_version(ApplicationId=project.id, SegmentId=project.segment(), Version=version)


def test_segments_page_in_order_of_creation(project: Project) -> None:
    made = [project.segment() for _ in range(3)]
    found = every_page(project.pinpoint.get_segments, "SegmentsResponse", ApplicationId=project.id)
    assert sorted(one["Id"] for one in found) == sorted(made)
    whole = project.pinpoint.get_segments(ApplicationId=project.id)["SegmentsResponse"]
    assert whole["Item"] == found


@pytest.mark.parametrize(
    ("write", "field"),
    [
        ({"Dimensions": None}, "Dimensions"),
        ({"SegmentGroups": {"Groups": [{}]}}, "SegmentGroups"),
        ({"Dimensions": {"Attributes": {"a": {"AttributeType": "LIKE", "Values": ["v"]}}}}, "AttributeType"),
        ({"Dimensions": {"Attributes": {"a": {"Values": []}}}}, "Dimensions.Attributes.a.Values"),
        ({"Dimensions": {"Attributes": {"a": {}}}}, "Dimensions.Attributes.a.Values"),
        ({"Dimensions": {"Attributes": {"a": {"Values": ["x" * 101]}}}}, "Dimensions.Attributes.a.Values[0]"),
        ({"Dimensions": {"Attributes": {"a": attribute("BETWEEN", "2027-01-01")}}}, "Dimensions.Attributes.a.Values"),
        ({"Dimensions": {"Attributes": {"a": attribute("BEFORE", "soon")}}}, "Dimensions.Attributes.a.Values"),
        ({"Dimensions": {"Metrics": {"m": {"ComparisonOperator": "ABOUT", "Value": 1}}}}, "Dimensions.Metrics.m"),
        ({"Dimensions": {"Metrics": {"m": {"Value": 1}}}}, "Dimensions.Metrics.m.ComparisonOperator"),
        ({"Dimensions": {"Metrics": {"m": metric("EQUAL", "one")}}}, "Dimensions.Metrics.m.Value"),  # type: ignore[arg-type]
        ({"Dimensions": {"Behavior": {"Recency": {"Duration": "DAY_3", "RecencyType": "ACTIVE"}}}}, "Duration"),
        ({"Dimensions": {"Behavior": {"Recency": {"Duration": "DAY_7"}}}}, "RecencyType"),
        ({"Dimensions": {"Behavior": {"Events": [{"Days": 3}]}}}, "Dimensions.Behavior.Events[0].EventType"),
        ({"Dimensions": {"Behavior": {"Events": [did(Days=0)]}}}, "Dimensions.Behavior.Events[0].Days"),
        ({"Dimensions": {"Behavior": {"Events": [did(MinimumCount=10**9)]}}}, "Events[0].MinimumCount"),
        ({"Dimensions": {"Behavior": {"Events": [did(DimensionType="NOT")]}}}, "Events[0].DimensionType"),
        ({"Dimensions": {"Behavior": {"Events": [did()] * 21}}}, "Dimensions.Behavior.Events"),
        (
            {"Dimensions": {"Behavior": {"Events": [did(Metrics={f"m{n}": metric("EQUAL", n) for n in range(200)})]}}},
            "Dimensions.Behavior.Events[0]",
        ),
        (
            {"Dimensions": {"Behavior": {"Events": [did(Metrics={"m": metric("ABOUT", 1)})]}}},
            "Dimensions.Behavior.Events[0].Metrics.m.ComparisonOperator",
        ),
        ({"Dimensions": {"Location": {"GPSPoint": {"RangeInKilometers": 3}}}}, "Coordinates"),
        ({"Dimensions": {"Location": near(91, 0, 1)}}, "Latitude"),
        ({"Dimensions": {"Location": near(0, 0, -1)}}, "RangeInKilometers"),
        ({"Dimensions": {"Demographic": {"Make": "Apple"}}}, "Dimensions.Demographic.Make"),
        ({"Dimensions": {"Demographic": {"Make": {"Values": "Apple"}}}}, "Dimensions.Demographic.Make.Values"),
        ({"Dimensions": {"Attributes": {f"a{n}": attribute(None, "v") for n in range(101)}}}, "100"),
        ({"SegmentGroups": {"Groups": []}}, "SegmentGroups"),
        ({"SegmentGroups": {"Include": "SOME", "Groups": [{}]}}, "SegmentGroups.Include"),
        ({"SegmentGroups": {"Groups": [{"Type": "SOME"}]}}, "SegmentGroups.Groups[0].Type"),
        ({"SegmentGroups": {"Groups": [{"SourceSegments": [{"Id": "0" * 32}]}]}}, "SourceSegments"),
        ({"SegmentGroups": {"Groups": [{"SourceSegments": [{"Version": 1}]}]}}, "SourceSegments[0].Id"),
        ({"Name": 7, "Dimensions": {}}, "Name"),
    ],
    ids=lambda value: re.sub(r"\W+", "-", str(value))[:50],
)
def test_a_bad_segment_is_refused(project: Project, write: dict[str, Any], field: str) -> None:
    body = {"Name": "s", "Dimensions": {}, **write}
    if ("SegmentGroups" in write and field != "SegmentGroups") or write == {"SegmentGroups": {"Groups": []}}:
        del body["Dimensions"]
    status, answer = project.server.raw("POST", f"/v1/apps/{project.id}/segments", body)
    assert status == 400
    assert field in answer["Message"]
    assert project.pinpoint.get_segments(ApplicationId=project.id)["SegmentsResponse"]["Item"] == []
