"""What is wrong is refused with the class that clients know and words that name the member; never with a 500."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.acceptance import calls
from tests.acceptance.project import Project
from tests.acceptance.running import Server

BODIES = ("CreateApplicationRequest", "EmailChannelRequest", "EndpointRequest", "WriteSegmentRequest")


def bodies(project: Project) -> list[tuple[str, str]]:
    """Method and path of requests with a body, one of each kind."""
    app = f"/v1/apps/{project.id}"
    return [
        ("POST", "/v1/apps"),
        ("PUT", f"{app}/settings"),
        ("PUT", f"{app}/channels/email"),
        ("PUT", f"{app}/endpoints/lea"),
        ("PUT", f"{app}/endpoints"),
        ("PUT", f"{app}/attributes/endpoint-custom-attributes"),
        ("POST", f"{app}/events"),
        ("POST", f"{app}/segments"),
        ("POST", f"{app}/campaigns"),
        ("POST", f"{app}/messages"),
        ("POST", f"{app}/users-messages"),
        ("POST", "/v1/templates/bad-input/email"),
        ("POST", f"/v1/tags/arn:aws:mobiletargeting:eu-central-1:000000000001:apps/{project.id}"),
        ("POST", "/clarion/v1/clock"),
        ("POST", "/clarion/v1/feedback"),
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"{", "not valid JSON"),
        (b"Name=shop", "not valid JSON"),
        (b'{"Name": "a"} trailing', "not valid JSON"),
        (b'{"Name": "\xff\xfe"}', "UTF-8"),
        (b'{"Name": "\\ud800"}', "not valid JSON"),
        (b'"text"', "expected object, got string"),
        (b"[]", "expected object, got list"),
        (b"7", "expected object, got number"),
        (b"null", "expected object, got null"),
        (b'{"a":' * 20_000, "nested too deeply"),
        (b"[" * 100_000, "nested too deeply"),
    ],
    ids=lambda value: re.sub(r"\W+", "-", str(value[:20])),
)
def test_what_is_no_json_object(project: Project, body: bytes, words: str) -> None:
    for method, path in bodies(project):
        status, answer = project.server.raw(method, path, body)
        assert 400 <= status < 500, (path, answer)
        assert words in answer["Message"], (path, answer)
        assert answer["RequestID"]


@pytest.mark.parametrize("number", [b"1e999999", b"-1e400", b"1234567890" * 300, b"0." + b"1" * 3000])
def test_numbers_that_no_machine_has_room_for(project: Project, number: bytes) -> None:
    for method, path in bodies(project):
        for member in (b"Name", b"Metrics", b"Limits", b"Nonsense"):
            status, answer = project.server.raw(method, path, b'{"%b": %b}' % (member, number))
            assert status < 500, (path, answer)
    status, answer = project.server.raw(
        "PUT", f"/v1/apps/{project.id}/endpoints/lea", b'{"ChannelType": "EMAIL", "Metrics": {"m": %b}}' % number
    )
    assert status == 400, answer


def test_an_empty_body(project: Project) -> None:
    for method, path in bodies(project):
        status, answer = project.server.raw(method, path, b"")
        assert status == 400, (path, answer)


def test_the_content_type_does_not_matter(server: Server) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "application/x-amz-json-1.1", ""):
        status, answer = server.raw("POST", "/v1/apps", {"Name": "a"}, headers={"Content-Type": kind})
        assert (status, answer["Name"]) == (201, "a")


def test_unknown_members_are_ignored(server: Server) -> None:
    status, answer = server.raw("POST", "/v1/apps", {"Name": "a", "Nonsense": {"x": [1]}, "name": 7})
    assert (status, answer["Name"]) == (201, "a")


def test_null_is_absent(project: Project) -> None:
    path = f"/v1/apps/{project.id}/endpoints/lea"
    sent = {"ChannelType": "EMAIL", "Address": "lea@example.com", "Attributes": None, "User": None, "OptOut": None}
    assert project.server.raw("PUT", path, sent)[0] == 202
    assert project.get("lea")["OptOut"] == "NONE"
    status, answer = project.server.raw("POST", "/v1/apps", {"Name": None})
    assert (status, answer["Message"]) == (400, "Name: expected string, got null")


@pytest.mark.parametrize(
    ("operation", "arguments", "field"),
    [
        ("create_app", {"CreateApplicationRequest": {}}, "Name: required, but missing"),
        ("create_app", {"CreateApplicationRequest": {"Name": 7}}, "Name: expected string, got number"),
        ("create_app", {"CreateApplicationRequest": {"Name": "a", "tags": {"k": ["v"]}}}, "tags.k: expected string"),
        ("tag_resource", {"ResourceArn": "arn", "TagsModel": {}}, "tags: required, but missing"),
        ("get_apps", {"PageSize": "many"}, "page-size"),
        ("get_segments", {"ApplicationId": "APP", "PageSize": "-1"}, "page-size"),
        ("get_campaigns", {"ApplicationId": "APP", "Token": "a b"}, "token"),
        ("get_segments", {"ApplicationId": "APP", "Token": "e30"}, "token"),
    ],
)
def test_the_modelled_exception_names_the_member(
    project: Project, operation: str, arguments: dict[str, Any], field: str
) -> None:
    real = {name: project.id if value == "APP" else value for name, value in arguments.items()}
    with pytest.raises(project.pinpoint.exceptions.BadRequestException) as caught:
        getattr(project.pinpoint, operation)(**real)
    response = caught.value.response
    assert response["Error"]["Code"] == "BadRequestException"
    assert response["Error"]["Message"].startswith(field)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["RequestID"] == response["ResponseMetadata"]["RequestId"]


def test_a_token_of_another_listing_is_refused(project: Project) -> None:
    for _ in range(2):
        project.segment()
    page = project.pinpoint.get_segments(ApplicationId=project.id, PageSize="1")["SegmentsResponse"]
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match="token"):
        project.pinpoint.get_campaigns(ApplicationId=project.id, Token=page["NextToken"])
    with pytest.raises(project.pinpoint.exceptions.BadRequestException, match="token"):
        project.pinpoint.get_apps(Token=page["NextToken"])


@pytest.mark.parametrize("size", [4_200_000, 7_100_000, 40_000_000])
def test_a_body_that_is_too_large(project: Project, size: int) -> None:
    """boto3 sends all of it and then reads the answer: it must get one, not a broken connection."""
    text = "x" * size
    too_large = project.pinpoint.exceptions.PayloadTooLargeException
    event = {"EventType": "t", "Timestamp": "2027-01-04T09:00:00Z", "Attributes": {"a": text}}
    with pytest.raises(too_large):
        project.events({"lea": {"Endpoint": {}, "Events": {"e": event}}})
    if size > 7_000_000:
        with pytest.raises(too_large):
            project.person("lea", Attributes={"a": [text]})
        with pytest.raises(too_large):
            project.segment(Name=text)
    assert project.pinpoint.get_app(ApplicationId=project.id)


@pytest.mark.parametrize("size", [7_100_000, 40_000_000])
def test_who_asks_to_close_the_connection_sees_the_answer_too(project: Project, size: int) -> None:
    """As proxies do. What they still send when the answer is known must not break the connection."""
    path, headers = f"/v1/apps/{project.id}/endpoints/lea", {"Connection": "close"}
    assert project.server.raw("PUT", path, b"x" * size, headers=headers)[0] == 413
    status, answer = project.server.raw("PUT", path, b"x" * size, key=None, headers=headers)
    assert status in (403, 413), answer
    status, answer = project.server.raw("PUT", path, b"x" * 3_000_000, key=None, headers=headers)
    assert (status, answer["Message"]) == (403, "Missing Authentication Token")


def test_paths_and_verbs_that_are_not_there(server: Server) -> None:
    for method, path, status in (
        ("GET", "/v1/nonsense", 404),
        ("GET", "/v2/apps", 404),
        ("PATCH", "/v1/apps", 405),
        ("DELETE", "/v1/apps", 405),
        ("POST", "/clarion/v1/nonsense", 404),
        ("DELETE", "/clarion/v1/clock", 405),
    ):
        found, answer = server.raw(method, path, {})
        assert found == status, (path, answer)
        assert answer["Message"]


@pytest.mark.parametrize("path", ["/v1/apps/%ff%fe", "/v1/apps/%zz", "/v1/apps/%00", "/v1/apps/a%2fb/campaigns"])
def test_strange_paths(server: Server, path: str) -> None:
    status, answer = server.raw("GET", path)
    assert status in (400, 404), answer
    assert answer["Message"]


def test_hostile_texts_are_only_texts(project: Project) -> None:
    """Quotes, markup, control characters and separators go in and come out as they are, or are refused."""
    texts = ["'; DROP TABLE apps; --", '"}{', "\\", "%s %d {0}", "<script>", "\u2028", "a\x1fb", "\u0000", "{{7}}", "﷽"]
    for number, text in enumerate(texts):
        endpoint = {"ChannelType": "EMAIL", "Address": f"e{number}@example.com", "Attributes": {"a": [text]}}
        status, answer = project.server.raw("PUT", f"/v1/apps/{project.id}/endpoints/e{number}", endpoint)
        if status == 202:
            assert project.get(f"e{number}")["Attributes"]["a"] == [text]
            found = project.selected(Attributes={"a": {"Values": [text]}})
            assert found == [f"e{number}"], text
        else:
            assert status == 400, answer
            assert answer["Message"].startswith(("Attributes.a", "The request body holds a NUL"))


WRONG = (7, "text", True, [], {}, [None], {"x": None}, -1, "", [[[]]], {"x": {"y": {"z": 1}}}, 1e300)


def test_every_operation_survives_members_of_the_wrong_type(project: Project) -> None:
    """Each member of each body, one at a time, as everything it is not."""
    project.person("lea", User={"UserId": "u1"})
    model = project.pinpoint.meta.service_model
    segment = project.segment()
    campaign = project.campaign(segment, Schedule={"StartTime": "2036-01-01T00:00:00Z"})["Id"]
    draft = project.pinpoint.create_journey(ApplicationId=project.id, WriteJourneyRequest={"Name": "j"})
    journey = draft["JourneyResponse"]["Id"]
    of_project = calls.of_project(project.id, segment=segment, campaign=campaign, journey=journey)
    for name, arguments in of_project.items():
        http = model.operation_model(project.pinpoint.meta.method_to_api_mapping[name]).http
        path = http["requestUri"]
        for member, value in arguments.items():
            path = path.replace("{" + re.sub(r"(?<=.)([A-Z])", r"-\1", member).lower() + "}", str(value))
        for body in (value for value in arguments.values() if isinstance(value, dict)):
            assert project.server.raw(http["method"], path, body)[0] < 300
            for inner in body:
                for wrong in WRONG:
                    status, answer = project.server.raw(http["method"], path, {**body, inner: wrong})
                    assert status < 300 or status == 400 or inner == "SegmentId", (name, inner, wrong, answer)
