"""One endpoint at a time: what is kept of a write, and what a second one changes. Source: spec of the audience, 2."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.test_apps import DATE

FULL: dict[str, Any] = {
    "Address": "lea@example.com",
    "ChannelType": "EMAIL",
    "Attributes": {"plan": ["gold"], "Größe": ["40", "41"]},
    "Metrics": {"points": 6, "ratio": 0.25},
    "Demographic": {
        "AppVersion": "4.2",
        "Locale": "de_DE",
        "Make": "Fairphone",
        "Model": "FP5",
        "ModelVersion": "1",
        "Platform": "android",
        "PlatformVersion": "14",
        "Timezone": "Europe/Berlin",
    },
    "Location": {
        "City": "Köln",
        "Country": "DE",
        "Latitude": 50.94,
        "Longitude": 6.96,
        "PostalCode": "50667",
        "Region": "NW",
    },
    "OptOut": "NONE",
    "EndpointStatus": "ACTIVE",
    "EffectiveDate": "2027-01-03T10:00:00.000Z",
    "RequestId": "11111111-2222-3333-4444-555555555555",
    "User": {"UserId": "u1", "UserAttributes": {"FirstName": ["Lea"], "Kinder": ["Ida", "Max"]}},
}


def test_everything_is_kept(project: Project) -> None:
    answer = project.pinpoint.update_endpoint(ApplicationId=project.id, EndpointId="Lea", EndpointRequest=FULL)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    body = answer["MessageBody"]
    assert body == {"Message": "Accepted", "RequestID": answer["ResponseMetadata"]["RequestId"]}

    found = project.get("Lea")
    assert DATE.fullmatch(found["CreationDate"])
    assert found["CohortId"] in {str(cohort) for cohort in range(100)}
    expected = {
        **FULL,
        "ApplicationId": project.id,
        "Id": "Lea",
        "CohortId": found["CohortId"],
        "CreationDate": found["CreationDate"],
        "Location": {**FULL["Location"], "Latitude": 50.9, "Longitude": 7.0},
    }
    assert found == expected
    assert isinstance(found["Metrics"]["points"], float)


def test_a_minimal_endpoint(project: Project) -> None:
    before = project.server.control("GET", "clock")["Now"]
    answer = project.pinpoint.update_endpoint(
        ApplicationId=project.id,
        EndpointId="e",
        EndpointRequest={"ChannelType": "SMS", "Address": "+4915550001"},
    )
    found = project.get("e")
    assert found == {
        "ApplicationId": project.id,
        "Id": "e",
        "ChannelType": "SMS",
        "Address": "+4915550001",
        "Attributes": {},
        "Metrics": {},
        "User": {},
        "OptOut": "NONE",
        "EndpointStatus": "ACTIVE",
        "EffectiveDate": before,
        "CreationDate": before,
        "RequestId": answer["MessageBody"]["RequestID"],
        "CohortId": found["CohortId"],
    }


@pytest.mark.parametrize(
    ("sent", "message"),
    [({"Address": "lea@example.com"}, "Missing ChannelType"), ({"ChannelType": "EMAIL"}, "Missing Address")],
)
def test_a_new_endpoint_needs_channel_and_address(project: Project, sent: dict[str, Any], message: str) -> None:
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match=message):
        project.put("new", **sent)
    with pytest.raises(project.pinpoint.exceptions.NotFoundException):
        project.get("new")


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({}, {}),
        ({"Address": "new@example.com"}, {"Address": "new@example.com"}),
        ({"ChannelType": "SMS"}, {"ChannelType": "SMS"}),
        ({"OptOut": "ALL"}, {"OptOut": "ALL"}),
        ({"EndpointStatus": "INACTIVE"}, {"EndpointStatus": "INACTIVE"}),
        ({"Attributes": {}}, {}),
        ({"Attributes": {"plan": ["free"]}}, {"Attributes": {"plan": ["free"], "Größe": ["40", "41"]}}),
        ({"Attributes": {"plan": []}}, {"Attributes": {"plan": [], "Größe": ["40", "41"]}}),
        ({"Attributes": {"plan": None}}, {}),
        ({"Attributes": {"plan": "free"}}, {"Attributes": {"plan": ["free"], "Größe": ["40", "41"]}}),
        (
            {"Attributes": {"new": [1, 2.5, True]}},
            {"Attributes": {"plan": ["gold"], "Größe": ["40", "41"], "new": ["1", "2.5", "true"]}},
        ),
        ({"Attributes": {"new": 7}}, {"Attributes": {"plan": ["gold"], "Größe": ["40", "41"], "new": ["7"]}}),
        ({"Metrics": {"points": 7.5, "more": -1}}, {"Metrics": {"points": 7.5, "ratio": 0.25, "more": -1.0}}),
        (
            {"Demographic": {"Locale": "fr_FR"}},
            {"Demographic": {**FULL["Demographic"], "Locale": "fr_FR"}},
        ),
        (
            {"Location": {"Country": "FRA", "Latitude": 48.85}},
            {"Location": {**FULL["Location"], "Country": "FRA", "Latitude": 48.9, "Longitude": 7.0}},
        ),
        (
            {"User": {"UserAttributes": {"FirstName": ["Léa"]}}},
            {"User": {"UserId": "u1", "UserAttributes": {"FirstName": ["Léa"], "Kinder": ["Ida", "Max"]}}},
        ),
        (
            {"User": {"UserId": "u2"}},
            {"User": {"UserId": "u2"}},
        ),
        ({"User": {"UserId": ""}}, {"User": {"UserAttributes": FULL["User"]["UserAttributes"]}}),
        ({"Nonsense": {"a": [1]}, "Address": None}, {}),
        (
            {"EffectiveDate": "2027-01-03T12:00:00+01:00", "RequestId": "mine"},
            {"EffectiveDate": "2027-01-03T12:00:00+01:00", "RequestId": "mine"},
        ),
    ],
    ids=lambda value: re.sub(r"[^A-Za-z]+", "-", str(value))[:40],
)
def test_merge_rules(project: Project, sent: dict[str, Any], expected: dict[str, Any]) -> None:
    project.put("lea", **FULL)
    before = project.get("lea")
    status, _ = project.server.raw("PUT", f"/v1/apps/{project.id}/endpoints/lea", sent)
    assert status == 202
    after = project.get("lea")
    if "EffectiveDate" not in expected:
        assert after["EffectiveDate"] == project.server.control("GET", "clock")["Now"]
    assert {**after, "EffectiveDate": "", "RequestId": ""} == {
        **before,
        **expected,
        "EffectiveDate": "",
        "RequestId": "",
    }
    assert after["RequestId"] == expected.get("RequestId", after["RequestId"]) != before["RequestId"]


def test_an_update_without_status_activates(project: Project) -> None:
    project.person("lea", EndpointStatus="INACTIVE")
    project.put("lea", Attributes={"a": ["b"]})
    assert project.get("lea")["EndpointStatus"] == "ACTIVE"


@pytest.mark.parametrize(
    "endpoint_id",
    [
        "eqmj8wpxszeqy/b3vch04sn41yw",
        "us-east-1:0f4b6f2e-5a4c",
        "lea+shop@example.com",
        "a b",
        "Größe ✓ 店",
        "100%25",
        "a..b/../c",
        "?x=1&y=2#z",
        "endpoint;v=1",
        "x" * 512,
    ],
)
def test_unusual_ids_round_trip(project: Project, endpoint_id: str) -> None:
    project.put(endpoint_id, ChannelType="EMAIL", Address="lea@example.com")
    assert project.get(endpoint_id)["Id"] == endpoint_id
    answer = project.pinpoint.delete_endpoint(ApplicationId=project.id, EndpointId=endpoint_id)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert answer["EndpointResponse"]["Id"] == endpoint_id
    with pytest.raises(project.pinpoint.exceptions.NotFoundException):
        project.get(endpoint_id)


def test_ids_compare_without_case(project: Project) -> None:
    project.person("Lea")
    project.put("LEA", Attributes={"a": ["b"]})
    assert project.get("lea")["Attributes"] == {"a": ["b"]}
    assert project.get("lEa")["Id"] == "Lea"


@pytest.mark.parametrize("endpoint_id", ["a$b", "a{b", "a}b", "x" * 513])
def test_bad_ids_are_refused(project: Project, endpoint_id: str) -> None:
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match="EndpointId"):
        project.put(endpoint_id, ChannelType="EMAIL", Address="lea@example.com")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"ChannelType": "PIGEON"}, "ChannelType"),
        ({"ChannelType": 7}, "ChannelType"),
        ({"Address": 7}, "Address"),
        ({"Address": ["lea@example.com"]}, "Address"),
        ({"Attributes": ["plan"]}, "Attributes"),
        ({"Attributes": {"plan": {"a": "b"}}}, "Attributes.plan"),
        ({"Attributes": {"plan": [["gold"]]}}, "Attributes.plan"),
        ({"Attributes": {"x" * 51: ["v"]}}, "Attributes"),
        ({"Attributes": {"plan": ["x" * 101]}}, "Attributes.plan"),
        ({"Attributes": {"plan": ["v"] * 51}}, "Attributes.plan"),
        ({"Attributes": {"": ["v"]}}, "Attributes"),
        ({"Metrics": {"points": "many"}}, "Metrics.points"),
        ({"Metrics": {"points": True}}, "Metrics.points"),
        ({"Metrics": {"x" * 51: 1}}, "Metrics"),
        ({"Demographic": {"Locale": 7}}, "Demographic.Locale"),
        ({"Location": {"Latitude": "north"}}, "Location.Latitude"),
        ({"User": "u1"}, "User"),
        ({"User": {"UserId": 7}}, "User.UserId"),
        ({"User": {"UserId": "x" * 129}}, "User.UserId"),
        ({"User": {"UserAttributes": {"a": [None]}}}, "User.UserAttributes.a"),
        ({"OptOut": "SOME"}, "OptOut"),
        ({"EndpointStatus": "SLEEPING"}, "EndpointStatus"),
        ({"EffectiveDate": "yesterday"}, "EffectiveDate"),
    ],
    ids=lambda value: re.sub(r"[^A-Za-z]+", "-", str(value))[:40],
)
def test_wrong_values_are_refused_by_name(project: Project, sent: dict[str, Any], field: str) -> None:
    project.person("lea")
    before = project.get("lea")
    status, answer = project.server.raw("PUT", f"/v1/apps/{project.id}/endpoints/lea", sent)
    assert status == 400
    assert answer["Message"].startswith(field)
    assert project.get("lea") == before


def test_an_endpoint_has_at_most_15_kilobytes(project: Project) -> None:
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match="15 KB"):
        project.person("lea", Attributes={f"a{number}": ["x" * 100] * 50 for number in range(4)})


def test_a_project_has_at_most_250_attribute_names(project: Project) -> None:
    project.person("a", Attributes={f"a{number}": ["v"] for number in range(100)})
    project.person("m", Metrics={f"m{number}": 1 for number in range(100)})
    project.person("u", User={"UserAttributes": {f"u{number}": ["v"] for number in range(50)}})
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match="Too many custom attributes"):
        project.person("b", Attributes={"one more": ["v"]})
    project.person("c", Attributes={"a7": ["v"]})


def test_deleting_what_is_not_there(project: Project) -> None:
    for call in (project.pinpoint.delete_endpoint, project.pinpoint.get_endpoint):
        with pytest.raises(project.pinpoint.exceptions.NotFoundException):
            call(ApplicationId=project.id, EndpointId="nobody")
