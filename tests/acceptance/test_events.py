"""PutEvents: what is answered for each item, what is refused and why. Source: spec of events, section 1."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from tests.acceptance.project import Project

ACCEPTED = {"StatusCode": 202, "Message": "Accepted"}
AT = "2027-01-04T09:00:00.000Z"
EMAIL = {"ChannelType": "EMAIL", "Address": "lea@example.com"}


def event(**members: Any) -> dict[str, Any]:
    """A custom event, changed by `members`; None takes one out."""
    made = {"EventType": "cart.left", "Timestamp": AT, **members}
    return {name: value for name, value in made.items() if value is not None}


def test_every_item_is_answered(project: Project) -> None:
    answer = project.pinpoint.put_events(
        ApplicationId=project.id,
        EventsRequest={
            "BatchItem": {
                "Lea/1": {"Endpoint": EMAIL, "Events": {"e-1": event(), "E-1": event(), "ü ": event()}},
                "jon+x@example.com": {"Endpoint": {**EMAIL, "Address": "jon@example.com"}, "Events": {"e-1": event()}},
            }
        },
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert answer["EventsResponse"] == {
        "Results": {
            "Lea/1": {
                "EndpointItemResponse": ACCEPTED,
                "EventsItemResponse": {"e-1": ACCEPTED, "E-1": ACCEPTED, "ü ": ACCEPTED},
            },
            "jon+x@example.com": {"EndpointItemResponse": ACCEPTED, "EventsItemResponse": {"e-1": ACCEPTED}},
        }
    }
    assert project.get("lea/1")["Address"] == "lea@example.com"


def test_the_whole_of_an_event_is_taken(project: Project) -> None:
    full = event(
        Timestamp="2027-01-04T10:00:00+01:00",
        Attributes={"category": "shoes", "leer": "", "x" * 50: "y" * 200},
        Metrics={"amount": 79.9, "count": 3},
        Session={"Id": "s", "StartTimestamp": AT, "StopTimestamp": "2027-01-04T09:00:01Z", "Duration": 1000},
        AppPackageName="com.acme",
        AppTitle="Acme",
        AppVersionCode="402",
        ClientSdkVersion="2.14.0",
        SdkName="amplify-android",
    )
    found = project.events({"lea": {"Endpoint": EMAIL, "Events": {"e": full}}})
    assert found["lea"]["EventsItemResponse"]["e"] == ACCEPTED


def test_an_empty_endpoint_changes_nothing(project: Project) -> None:
    project.person("lea", Attributes={"plan": ["gold"]}, EndpointStatus="INACTIVE", OptOut="ALL")
    before = project.get("lea")
    found = project.events({"lea": {"Endpoint": {}, "Events": {"e": event()}}})
    assert found == {"lea": {"EndpointItemResponse": ACCEPTED, "EventsItemResponse": {"e": ACCEPTED}}}
    assert project.get("lea") == before


def test_an_empty_endpoint_of_somebody_unknown_makes_a_record(project: Project) -> None:
    found = project.events({"new": {"Endpoint": {}, "Events": {"e": event()}}})
    assert found == {"new": {"EndpointItemResponse": ACCEPTED, "EventsItemResponse": {"e": ACCEPTED}}}
    made = project.get("new")
    assert made["EndpointStatus"] == "ACTIVE"
    assert "ChannelType" not in made
    assert "Address" not in made


def test_an_endpoint_without_channel_is_refused_but_not_its_events(project: Project) -> None:
    device = {"Demographic": {"Make": "Fairphone"}, "Attributes": {"a": ["b"]}}
    found = project.events({"new": {"Endpoint": device, "Events": {"e": event()}}})
    assert found["new"]["EndpointItemResponse"]["StatusCode"] == 400
    assert found["new"]["EndpointItemResponse"]["Message"].startswith("Missing ChannelType")
    assert found["new"]["EventsItemResponse"] == {"e": ACCEPTED}
    with pytest.raises(project.pinpoint.exceptions.NotFoundException):
        project.get("new")


def test_the_endpoint_part_merges_as_an_update_does(project: Project) -> None:
    project.person("lea", Attributes={"plan": ["gold"], "size": ["40"]}, EndpointStatus="INACTIVE")
    project.put("twin", ChannelType="EMAIL", Address="other@example.com")
    changed = {"Address": "other@example.com", "Attributes": {"plan": ["free"]}, "Location": {"Latitude": 50.94}}
    project.events({"LEA": {"Endpoint": changed, "Events": {}}})
    lea = project.get("lea")
    assert lea["Attributes"] == {"plan": ["free"], "size": ["40"]}
    assert lea["Location"] == {"Latitude": 50.9}
    assert lea["EndpointStatus"] == "ACTIVE"
    assert project.get("twin")["EndpointStatus"] == "INACTIVE"


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (event(EventType=None), "EventType"),
        (event(EventType=""), "EventType"),
        (event(EventType=7), "EventType"),
        (event(Timestamp=None), "Timestamp"),
        (event(Timestamp="soon"), "Timestamp"),
        (event(Timestamp=1804151402120), "Timestamp"),
        (event(Attributes={"x" * 51: "v"}), "Attributes"),
        (event(Attributes={"a": "v" * 201}), "Attributes.a"),
        (event(Attributes={"a": ["v"]}), "Attributes.a"),
        (event(Attributes={"a": 7}), "Attributes.a"),
        (event(Attributes="a"), "Attributes"),
        (event(Metrics={"m": "many"}), "Metrics.m"),
        (event(Metrics={"x" * 51: 1}), "Metrics"),
        (event(Attributes={f"a{n}": "v" for n in range(21)}, Metrics={f"m{n}": 1 for n in range(20)}), "Attributes"),
        (event(Session={"StartTimestamp": AT}), "Session.Id"),
        (event(Session={"Id": "s"}), "Session.StartTimestamp"),
        (event(Session="s"), "Session"),
        (event(Session={"Id": "s", "StartTimestamp": AT, "Duration": "long"}), "Session.Duration"),
        (event(AppTitle=7), "AppTitle"),
        ("cart.left", "Event"),
        (None, "Event"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_bad_event_is_refused_alone(project: Project, bad: Any, field: str) -> None:
    body = {"BatchItem": {"lea": {"Endpoint": EMAIL, "Events": {"bad": bad, "good": event()}}}}
    status, answer = project.server.raw("POST", f"/v1/apps/{project.id}/events", body)
    assert status == 202
    found = answer["Results"]["lea"]
    assert found["EndpointItemResponse"] == ACCEPTED
    assert found["EventsItemResponse"]["good"] == ACCEPTED
    assert found["EventsItemResponse"]["bad"]["StatusCode"] == 400
    assert found["EventsItemResponse"]["bad"]["Message"].startswith(field)


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"Events": {"e": event()}}, "Endpoint: required, but missing"),
        ({"Endpoint": None, "Events": {"e": event()}}, "Endpoint: required, but missing"),
        ({"Endpoint": {}}, "BatchItem.Events: required, but missing"),
        ("nonsense", "BatchItem: expected object, got string"),
    ],
)
def test_a_bad_item_is_refused_alone(project: Project, item: Any, message: str) -> None:
    body = {"BatchItem": {"bad": item, "lea": {"Endpoint": EMAIL, "Events": {"e": event()}}}}
    status, answer = project.server.raw("POST", f"/v1/apps/{project.id}/events", body)
    assert status == 202
    bad, good = answer["Results"]["bad"], answer["Results"]["lea"]
    assert bad["EndpointItemResponse"] == {"StatusCode": 400, "Message": message}
    assert all(one["StatusCode"] == 400 for one in bad.get("EventsItemResponse", {}).values())
    assert good == {"EndpointItemResponse": ACCEPTED, "EventsItemResponse": {"e": ACCEPTED}}
    with pytest.raises(project.pinpoint.exceptions.NotFoundException):
        project.get("bad")


def test_a_bad_endpoint_does_not_keep_its_events_out(project: Project) -> None:
    found = project.events({"lea": {"Endpoint": {**EMAIL, "OptOut": "SOME"}, "Events": {"e": event()}}})
    assert found["lea"]["EndpointItemResponse"]["StatusCode"] == 400
    assert "OptOut" in found["lea"]["EndpointItemResponse"]["Message"]
    assert found["lea"]["EventsItemResponse"] == {"e": ACCEPTED}


def test_an_endpoint_id_that_cannot_be_takes_its_events_along(project: Project) -> None:
    found = project.events({"a$b": {"Endpoint": EMAIL, "Events": {"e": event()}}})
    assert found["a$b"]["EndpointItemResponse"]["StatusCode"] == 400
    assert found["a$b"]["EventsItemResponse"]["e"]["StatusCode"] == 400
    assert "EndpointId" in found["a$b"]["EndpointItemResponse"]["Message"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "BatchItem: required, but missing"),
        ({"BatchItem": []}, "BatchItem: expected object, got list"),
        ([], "The request body: expected object, got list"),
        ("text", "The request body: expected object, got string"),
    ],
)
def test_a_body_of_the_wrong_form_is_refused(project: Project, body: Any, message: str) -> None:
    status, answer = project.server.raw("POST", f"/v1/apps/{project.id}/events", body)
    assert (status, answer["Message"]) == (400, message)


def test_a_request_has_at_most_100_events(project: Project) -> None:
    hundred = {f"e{number}": event() for number in range(100)}
    assert len(project.events({"lea": {"Endpoint": EMAIL, "Events": hundred}})["lea"]["EventsItemResponse"]) == 100
    more = {"jon": {"Endpoint": {**EMAIL, "Address": "jon@example.com"}, "Events": {"one more": event()}}}
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match="100 events"):
        project.events({"lea": {"Endpoint": EMAIL, "Events": hundred}, **more})
    with pytest.raises(project.pinpoint.exceptions.NotFoundException):
        project.get("jon")


def test_an_event_has_at_most_1000_kilobytes(project: Project) -> None:
    big = event(Nonsense="x" * 1_024_001)
    found = project.events_raw({"lea": {"Endpoint": EMAIL, "Events": {"big": big, "good": event()}}})
    assert found["lea"]["EventsItemResponse"]["good"] == ACCEPTED
    assert found["lea"]["EventsItemResponse"]["big"]["StatusCode"] == 400


def test_a_request_has_at_most_4_megabytes(project: Project) -> None:
    path = f"/v1/apps/{project.id}/events"
    fits = {"BatchItem": {"lea": {"Endpoint": EMAIL, "Events": {"e": event()}}}, "Padding": "x" * 3_900_000}
    assert project.server.raw("POST", path, fits)[0] == 202
    big = {**fits, "Padding": "x" * 4_200_000}
    status, answer = project.server.raw("POST", path, big)
    assert status == 413
    assert "larger than 4" in answer["Message"]


@pytest.mark.parametrize("size", [1, 90])
def test_a_compressed_body(project: Project, size: int) -> None:
    body = {"BatchItem": {"lea": {"Endpoint": EMAIL, "Events": {f"e{n}": event() for n in range(size)}}}}
    path, packed = f"/v1/apps/{project.id}/events", gzip.compress(json.dumps(body).encode())
    status, answer = project.server.raw("POST", path, packed, headers={"Content-Encoding": "gzip"})
    assert status == 202
    assert len(answer["Results"]["lea"]["EventsItemResponse"]) == size
    status, answer = project.server.raw("POST", path, b"no gzip", headers={"Content-Encoding": "gzip"})
    assert status == 400
    bomb = gzip.compress(b"x" * 40_000_000)
    assert project.server.raw("POST", path, bomb, headers={"Content-Encoding": "gzip"})[0] == 413


def test_a_repeated_event_is_accepted_again(project: Project) -> None:
    batch = {"lea": {"Endpoint": EMAIL, "Events": {"e": event()}}}
    assert project.events(batch) == project.events(batch)


def test_the_legacy_path_of_browsers(project: Project) -> None:
    body = {"BatchItem": {"lea": {"Endpoint": EMAIL, "Events": {"e": event()}}}}
    status, answer = project.server.raw("POST", f"/v1/apps/{project.id}/events/legacy", body)
    assert (status, answer["Results"]["lea"]["EventsItemResponse"]) == (202, {"e": ACCEPTED})


@pytest.mark.parametrize(("kind", "most"), [("EventType", 1500), ("Attributes", 500), ("Metrics", 500)])
def test_a_project_has_so_many_names(project: Project, kind: str, most: int) -> None:
    def named(first: int, count: int) -> dict[str, Any]:
        def one(number: int) -> dict[str, Any]:
            if kind == "EventType":
                return event(EventType=f"n{number}")
            names = range(number * 10, number * 10 + 10)
            return event(**{kind: {f"n{name}": "v" if kind == "Attributes" else 1 for name in names}})

        return {f"e{number}": one(number) for number in range(first, first + count)}

    step = 100 if kind == "EventType" else 10
    each = 1 if kind == "EventType" else 10
    for first in range(0, most // each, step):
        found = project.events({"lea": {"Endpoint": EMAIL, "Events": named(first, step)}})
        assert all(one == ACCEPTED for one in found["lea"]["EventsItemResponse"].values())
    found = project.events({"lea": {"Endpoint": {}, "Events": {**named(most // each, 1), "known": named(0, 1)["e0"]}}})
    answers = found["lea"]["EventsItemResponse"]
    assert answers.pop("known") == ACCEPTED
    [(_, refused)] = answers.items()
    assert refused["StatusCode"] == 400
    assert kind in refused["Message"]
