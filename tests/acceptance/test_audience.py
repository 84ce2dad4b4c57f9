"""Endpoints together: batches, users, addresses, names that are no longer kept. Source: spec of the audience, 2."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.acceptance.project import Project

EMAIL = {"ChannelType": "EMAIL"}


def _batch(project: Project, items: list[Any]) -> Any:
    return project.pinpoint.update_endpoints_batch(ApplicationId=project.id, EndpointBatchRequest={"Item": items})


def _of_user(project: Project, user_id: str) -> dict[str, dict[str, Any]]:
    answer = project.pinpoint.get_user_endpoints(ApplicationId=project.id, UserId=user_id)
    return {one["Id"]: one for one in answer["EndpointsResponse"]["Item"]}


def test_a_batch_merges_item_by_item(project: Project) -> None:
    project.person("lea", Attributes={"plan": ["gold"], "size": ["40"]})
    answer = _batch(
        project,
        [
            {"Id": "lea", "Attributes": {"plan": ["free"]}},
            {"Id": "jon", **EMAIL, "Address": "jon@example.com"},
            {"Id": "LEA", "Attributes": {"plan": ["silver"]}, "Metrics": {"points": 1}},
        ],
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert answer["MessageBody"]["Message"] == "Accepted"
    lea = project.get("lea")
    assert lea["Attributes"] == {"plan": ["silver"], "size": ["40"]}
    assert lea["Metrics"] == {"points": 1.0}
    assert project.get("jon")["Address"] == "jon@example.com"


def test_a_bad_item_does_not_keep_the_others_from_being_written(project: Project) -> None:
    answer = _batch(
        project,
        [
            {"Id": "a", **EMAIL, "Address": "a@example.com"},
            {"Id": "b"},
            {"Id": "c$", **EMAIL, "Address": "c@example.com"},
            {"Id": "d", **EMAIL, "Address": "d@example.com", "OptOut": "SOME"},
            {"Id": "e", **EMAIL, "Address": "e@example.com"},
        ],
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert project.get("a")
    assert project.get("e")
    for missing in ("b", "d"):
        with pytest.raises(project.pinpoint.exceptions.NotFoundException):
            project.get(missing)


def test_a_batch_has_1_to_100_items(project: Project) -> None:
    hundred = [{"Id": f"e{number}", **EMAIL, "Address": f"e{number}@example.com"} for number in range(100)]
    _batch(project, hundred)
    assert project.get("e99")
    for items in ([], [*hundred, {"Id": "more", **EMAIL, "Address": "more@example.com"}]):
        with pytest.raises(project.pinpoint.exceptions.BadRequestException, match="Item"):
            _batch(project, items)


@pytest.mark.parametrize(
    ("items", "field"), [("many", "Item"), ([7], "Item[0]"), ([{"Id": 7}], "Item[0].Id"), (None, "Item")]
)
def test_a_batch_of_the_wrong_type_is_refused(project: Project, items: Any, field: str) -> None:
    status, answer = project.server.raw("PUT", f"/v1/apps/{project.id}/endpoints", {"Item": items})
    assert status == 400
    assert answer["Message"].startswith(f"{field}: ")


def test_user_attributes_are_the_same_on_all_endpoints_of_a_user(project: Project) -> None:
    project.person("mail", User={"UserId": "u1", "UserAttributes": {"FirstName": ["Lea"], "plan": ["gold"]}})
    project.put("sms", ChannelType="SMS", Address="+4915550001", User={"UserId": "u1"})
    assert project.get("sms")["User"]["UserAttributes"] == {"FirstName": ["Lea"], "plan": ["gold"]}
    project.put("sms", User={"UserAttributes": {"plan": ["free"], "new": ["1"]}})
    assert project.get("mail")["User"]["UserAttributes"] == {"FirstName": ["Lea"], "plan": ["free"], "new": ["1"]}
    assert set(_of_user(project, "u1")) == {"mail", "sms"}
    project.put("sms", User={"UserId": "U1"})
    assert set(_of_user(project, "u1")) == {"mail"}
    assert set(_of_user(project, "U1")) == {"sms"}


@pytest.mark.parametrize("user_id", ["us-east-1:0f4b6f2e", "lea+x@example.com", "a/b c", "Größe 店", "100%"])
def test_users_with_unusual_ids(project: Project, user_id: str) -> None:
    project.person("lea", User={"UserId": user_id})
    assert _of_user(project, user_id)["lea"]["User"]["UserId"] == user_id
    answer = project.pinpoint.delete_user_endpoints(ApplicationId=project.id, UserId=user_id)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert [one["Id"] for one in answer["EndpointsResponse"]["Item"]] == ["lea"]
    for call in (project.pinpoint.get_user_endpoints, project.pinpoint.delete_user_endpoints):
        with pytest.raises(project.pinpoint.exceptions.NotFoundException):
            call(ApplicationId=project.id, UserId=user_id)


def test_inactive_endpoints_are_among_a_users(project: Project) -> None:
    project.person("old", EndpointStatus="INACTIVE", User={"UserId": "u1"})
    assert _of_user(project, "u1")["old"]["EndpointStatus"] == "INACTIVE"


def test_an_address_has_one_active_endpoint(project: Project) -> None:
    project.put("first", ChannelType="EMAIL", Address="lea@example.com")
    project.put("phone", ChannelType="SMS", Address="+4915550001")
    project.put("call", ChannelType="VOICE", Address="+4915550001")
    project.put("second", ChannelType="EMAIL", Address="lea@example.com")
    states = {name: project.get(name)["EndpointStatus"] for name in ("first", "second", "phone", "call")}
    assert states == {"first": "INACTIVE", "second": "ACTIVE", "phone": "ACTIVE", "call": "ACTIVE"}
    project.put("first", Attributes={"back": ["again"]})
    assert project.get("first")["EndpointStatus"] == "ACTIVE"
    assert project.get("second")["EndpointStatus"] == "INACTIVE"


def _policy(project: Project, **own: Any) -> dict[str, Any]:
    answer = project.server.control("PUT", f"audience/policy?ApplicationId={project.id}", own)
    assert answer == project.server.control("GET", f"audience/policy?ApplicationId={project.id}")
    return dict(answer)


def test_the_16th_endpoint_of_a_user_retires_the_oldest_idle_one(project: Project) -> None:
    for number in range(15):
        old = {"EffectiveDate": "2026-01-01T00:00:00.000Z"} if number == 7 else {}
        project.person(f"e{number}", User={"UserId": "u1"}, **old)
    project.person("e15", User={"UserId": "u1"})
    assert set(_of_user(project, "u1")) == {f"e{number}" for number in range(16) if number != 7}
    retired = project.get("e7")
    assert retired["EndpointStatus"] == "INACTIVE"
    assert "UserId" not in retired["User"]
    project.put("app", ChannelType="IN_APP", User={"UserId": "u1"}, EffectiveDate="2020-01-01T00:00:00.000Z")
    answer = project.events({"web": {"Endpoint": {**EMAIL, "Address": "x@y", "User": {"UserId": "u1"}}, "Events": {}}})
    assert answer["web"]["EndpointItemResponse"]["StatusCode"] == 202
    users = _of_user(project, "u1")
    assert len(users) == 15
    assert {"web", "e15"} <= set(users)
    assert "app" not in users


def test_a_project_says_itself_how_many_endpoints_a_user_has(project: Project) -> None:
    assert _policy(project) == {"ApplicationId": project.id, "EndpointsPerUser": 15, "Mode": "retire", "Own": {}}
    own = {"EndpointsPerUser": 1, "Mode": "strict"}
    assert _policy(project, **own) == {"ApplicationId": project.id, **own, "Own": own}
    project.person("a", User={"UserId": "u1"})
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match=r"user count:1$"):
        project.person("b", User={"UserId": "u1"})
    other = Project(project.server, channel=False)
    for name in ("a", "b"):
        other.person(name, User={"UserId": "u1"})
    said = project.server.clarion(
        *("audience", "policy", "--app", project.id, "--mode", "retire"),
        *("--url", project.server.url, "--region", "eu-central-1", "--json"),
    )
    assert json.loads(said.stdout)["Own"] == {"EndpointsPerUser": 1, "Mode": "retire"}
    project.person("b", User={"UserId": "u1"})
    assert set(_of_user(project, "u1")) == {"b"}
    assert _policy(project, Mode=None)["EndpointsPerUser"] == 15
    for wrong in ({"Mode": "loose"}, {"EndpointsPerUser": -1}, {"EndpointsPerUser": "many"}):
        status, answer = project.server.raw("PUT", f"/clarion/v1/audience/policy?ApplicationId={project.id}", wrong)
        assert status == 400, answer
    status, _ = project.server.raw("GET", f"/clarion/v1/audience/policy?ApplicationId={'0' * 32}")
    assert status == 404


def test_a_user_has_at_most_15_endpoints_in_strict_mode(project: Project) -> None:
    _policy(project, Mode="strict")
    for number in range(15):
        project.person(f"e{number}", User={"UserId": "u1"})
    with pytest.raises(project.pinpoint.exceptions.BadRequestException) as caught:
        project.person("e15", User={"UserId": "u1"})
    assert caught.value.response["Error"]["Message"] == "Exceeded maximum endpoint per user count:15"
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match="Exceeded maximum"):
        project.put("push", ChannelType="GCM", Address="token", User={"UserId": "u1"})
    project.person("e7", Attributes={"still": ["here"]}, User={"UserId": "u1"})
    answer = project.events({"e16": {"Endpoint": {**EMAIL, "Address": "x@y", "User": {"UserId": "u1"}}, "Events": {}}})
    assert answer["e16"]["EndpointItemResponse"] == {
        "StatusCode": 400,
        "Message": "Exceeded maximum endpoint per user count:15",
    }
    assert len(_of_user(project, "u1")) == 15


def test_a_push_endpoint_takes_the_place_of_the_oldest_one_in_strict_mode(project: Project) -> None:
    _policy(project, Mode="strict")
    for number in range(13):
        project.person(f"e{number}", User={"UserId": "u1"})
    old = {"EffectiveDate": "2026-01-01T00:00:00.000Z", "User": {"UserId": "u1"}}
    project.put("new", ChannelType="APNS", Address="token1", User={"UserId": "u1"})
    project.put("old", ChannelType="GCM", Address="token2", **old)
    project.put("next", ChannelType="GCM", Address="token3", User={"UserId": "u1"})
    assert set(_of_user(project, "u1")) == {*(f"e{number}" for number in range(13)), "new", "next"}
    evicted = project.get("old")
    assert evicted["EndpointStatus"] == "INACTIVE"
    assert "UserId" not in evicted["User"]


def test_removed_attributes_are_no_longer_recorded(project: Project) -> None:
    project.person("lea", Attributes={"secret": ["1"], "tmp_a": ["1"], "keep": ["1"]}, Metrics={"secret": 1})

    def remove(kind: str, *names: str) -> dict[str, Any]:
        answer = project.pinpoint.remove_attributes(
            ApplicationId=project.id, AttributeType=kind, UpdateAttributesRequest={"Blacklist": list(names)}
        )
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
        return dict(answer["AttributesResource"])

    answer = remove("endpoint-custom-attributes", "secret", "tmp_*")
    assert answer == {
        "ApplicationId": project.id,
        "AttributeType": "endpoint-custom-attributes",
        "Attributes": ["secret", "tmp_a"],
    }
    project.put("lea", Attributes={"secret": ["2"], "tmp_b": ["2"], "keep": ["2"]}, Metrics={"secret": 2})
    project.person("jon", Attributes={"secret": ["3"], "tmp_a": ["3"]})
    lea = project.get("lea")
    assert lea["Attributes"] == {"secret": ["1"], "tmp_a": ["1"], "keep": ["2"]}
    assert lea["Metrics"] == {"secret": 2.0}
    assert project.get("jon")["Attributes"] == {}

    remove("endpoint-metric-attributes", "secret")
    remove("endpoint-user-attributes", "*")
    project.put("jon", Metrics={"secret": 3}, User={"UserAttributes": {"any": ["3"]}})
    assert project.get("jon")["Metrics"] == {}
    assert project.get("jon")["User"] == {}
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match="AttributeType"):
        remove("endpoint-favourite-attributes", "x")
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match="Blacklist"):
        remove("endpoint-user-attributes")


def test_cohorts_are_spread(project: Project) -> None:
    project.people(f"e{number}" for number in range(300))
    cohorts = [int(project.get(f"e{number}")["CohortId"]) for number in range(0, 300, 3)]
    assert all(0 <= cohort <= 99 for cohort in cohorts)
    assert len(set(cohorts)) > 40
