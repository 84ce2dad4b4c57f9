"""What programs tested against moto's Pinpoint rely on: each runs against moto and against Clarion, with one outcome.

moto knows projects, settings, tags and event streams. It never asks a destination anything; Clarion does, and so the
programs stream to a folder that it may write to.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.acceptance.running import REGION, Server

# Databases have no part in this: once is enough.
pytestmark = pytest.mark.parametrize("server", ["embedded"], indirect=True)

Program = Callable[[Any], Any]
_ID = re.compile(r"[0-9a-f]{32}")
_OF_ONE_CALL = ("ResponseMetadata", "RequestID", "CreationDate", "LastModifiedDate")


def create_app(client: Any) -> Any:
    return client.create_app(CreateApplicationRequest={"Name": "myfirstapp"})


def create_app_with_tags(client: Any) -> Any:
    app = client.create_app(CreateApplicationRequest={"Name": "a", "tags": {"k1": "v1", "k2": "v2"}})
    return client.list_tags_for_resource(ResourceArn=app["ApplicationResponse"]["Arn"])


def delete_app(client: Any) -> Any:
    app = client.create_app(CreateApplicationRequest={"Name": "a"})["ApplicationResponse"]["Id"]
    return [
        client.delete_app(ApplicationId=app)["ApplicationResponse"]["Name"],
        error_of(client.get_app, ApplicationId=app),
        error_of(client.delete_app, ApplicationId=app),
        client.get_apps()["ApplicationsResponse"],
    ]


def get_app(client: Any) -> Any:
    app = client.create_app(CreateApplicationRequest={"Name": "a"})["ApplicationResponse"]["Id"]
    return [client.get_app(ApplicationId=app), error_of(client.get_app, ApplicationId="unknown")]


def get_apps(client: Any) -> Any:
    before = client.get_apps()
    client.create_app(CreateApplicationRequest={"Name": "a"})
    client.create_app(CreateApplicationRequest={"Name": "b"})
    return [before, sorted(app["Name"] for app in client.get_apps()["ApplicationsResponse"]["Item"])]


def settings(client: Any) -> Any:
    app = client.create_app(CreateApplicationRequest={"Name": "a"})["ApplicationResponse"]["Id"]
    write = {
        "CampaignHook": {"LambdaFunctionName": "lfn"},
        "CloudWatchMetricsEnabled": True,
        "EventTaggingEnabled": True,
        "Limits": {"Daily": 42},
        "QuietTime": {"Start": "21:00", "End": "06:00"},
    }
    written = client.update_application_settings(ApplicationId=app, WriteApplicationSettingsRequest=write)
    read = client.get_application_settings(ApplicationId=app)
    names = ("ApplicationId", "CampaignHook", "Limits", "QuietTime")
    return [{name: answer["ApplicationSettingsResource"].get(name) for name in names} for answer in (written, read)]


def settings_of_a_new_app(client: Any) -> Any:
    app = client.create_app(CreateApplicationRequest={"Name": "a"})["ApplicationResponse"]["Id"]
    found = client.get_application_settings(ApplicationId=app)["ApplicationSettingsResource"]
    return {name: found[name] for name in ("CampaignHook", "Limits", "QuietTime")}


def tags(client: Any) -> Any:
    arn = client.create_app(CreateApplicationRequest={"Name": "a"})["ApplicationResponse"]["Arn"]
    found = [client.list_tags_for_resource(ResourceArn=arn)]
    client.tag_resource(ResourceArn=arn, TagsModel={"tags": {"k1": "v1", "k2": "v2"}})
    found.append(client.list_tags_for_resource(ResourceArn=arn))
    client.untag_resource(ResourceArn=arn, TagKeys=["k2"])
    found.append(client.list_tags_for_resource(ResourceArn=arn))
    client.tag_resource(ResourceArn=arn, TagsModel={"tags": {"k1": "v1-new", "k3": "v3"}})
    return [*found, client.list_tags_for_resource(ResourceArn=arn)]


_ROLE = "arn:aws:iam::000000000888:role/streaming"


def _streaming(client: Any, destination: str) -> tuple[str, Any]:
    app = client.create_app(CreateApplicationRequest={"Name": "a"})["ApplicationResponse"]["Id"]
    write = {"DestinationStreamArn": destination, "RoleArn": _ROLE}
    return app, _told(client.put_event_stream(ApplicationId=app, WriteEventStream=write))


def _told(answer: Any) -> Any:
    """What moto knows of a stream; it does not say who changed it last."""
    return {name: value for name, value in answer["EventStream"].items() if name != "LastUpdatedBy"}


def put_event_stream(client: Any, destination: str) -> Any:
    return _streaming(client, destination)[1]


def get_event_stream(client: Any, destination: str) -> Any:
    app, put = _streaming(client, destination)
    return [put, _told(client.get_event_stream(ApplicationId=app))]


def delete_event_stream(client: Any, destination: str) -> Any:
    app, _ = _streaming(client, destination)
    deleted = _told(client.delete_event_stream(ApplicationId=app))
    return [deleted, error_of(client.get_event_stream, ApplicationId=app)]


def error_of(call: Any, **arguments: Any) -> tuple[str, int]:
    """Code and status of the error that a call ends with."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    response = caught.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def comparable(answer: Any) -> Any:
    """An answer without what is different in every call."""
    match answer:
        case dict():
            return {
                name: comparable(value)
                for name, value in answer.items()
                if name not in _OF_ONE_CALL and not (name == "tags" and value == {})
            }
        case list() | tuple():
            return [comparable(value) for value in answer]
        case str():
            # Each has an account of its own, and each program here a region.
            return re.sub(r":[a-z0-9-]+:\d{12}:", ":REGION:ACCOUNT:", _ID.sub("ID", answer))
    return answer


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A client of moto, in this process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        yield boto3.client("pinpoint", region_name=REGION)


@pytest.mark.parametrize(
    "program",
    [create_app, create_app_with_tags, delete_app, get_app, get_apps, settings, settings_of_a_new_app, tags],
)
def test_a_program_does_the_same(server: Server, moto: Any, program: Program) -> None:
    expected = comparable(program(moto))
    clarion = server.client(
        key=server.key("admin", account="000000000888"), region=f"{REGION}-{program.__name__}".replace("_", "-")
    )
    assert comparable(program(clarion)) == expected


@pytest.mark.parametrize("program", [put_event_stream, get_event_stream, delete_event_stream])
def test_a_program_streams_the_same(server: Server, moto: Any, program: Callable[[Any, str], Any]) -> None:
    destination = f"file://{server.data.absolute()}/streams/moto"
    expected = comparable(program(moto, destination))
    clarion = server.client(
        key=server.key("admin", account="000000000888"), region=f"{REGION}-{program.__name__}".replace("_", "-")
    )
    assert comparable(program(clarion, destination)) == expected
