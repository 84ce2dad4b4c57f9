"""Tags of projects, segments, campaigns and templates. Source: spec of the API conventions, section 10."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.acceptance.project import Project

Make = Callable[[Project, dict[str, str]], tuple[str, Callable[[], dict[str, str]]]]


def _app(project: Project, tags: dict[str, str]) -> tuple[str, Callable[[], dict[str, str]]]:
    pinpoint = project.pinpoint
    made = pinpoint.create_app(CreateApplicationRequest={"Name": "t", "tags": tags})["ApplicationResponse"]
    return made["Arn"], lambda: dict(pinpoint.get_app(ApplicationId=made["Id"])["ApplicationResponse"]["tags"])


def _segment(project: Project, tags: dict[str, str]) -> tuple[str, Callable[[], dict[str, str]]]:
    segment = project.segment(tags=tags)

    def show() -> dict[str, Any]:
        answer = project.pinpoint.get_segment(ApplicationId=project.id, SegmentId=segment)
        return dict(answer["SegmentResponse"])

    return show()["Arn"], lambda: dict(show()["tags"])


def _campaign(project: Project, tags: dict[str, str]) -> tuple[str, Callable[[], dict[str, str]]]:
    later = {"StartTime": "2036-01-01T00:00:00Z"}
    campaign = project.campaign(project.segment(), tags=tags, Schedule=later)
    return campaign["Arn"], lambda: dict(project.get_campaign(campaign["Id"])["tags"])


def _template(project: Project, tags: dict[str, str]) -> tuple[str, Callable[[], dict[str, str]]]:
    name = f"tagged-{project.id}"
    made = project.pinpoint.create_email_template(
        TemplateName=name, EmailTemplateRequest={"Subject": "s", "TextPart": "t", "tags": tags}
    )

    def show() -> dict[str, str]:
        return dict(project.pinpoint.get_email_template(TemplateName=name)["EmailTemplateResponse"]["tags"])

    return made["CreateTemplateMessageBody"]["Arn"], show


@pytest.mark.parametrize("make", [_app, _segment, _campaign, _template])
def test_tags_of_a_resource(project: Project, make: Make) -> None:
    pinpoint = project.pinpoint
    arn, shown = make(project, {"team": "crm", "leer": ""})

    def listed() -> dict[str, str]:
        return dict(pinpoint.list_tags_for_resource(ResourceArn=arn)["TagsModel"]["tags"])

    assert shown() == listed() == {"team": "crm", "leer": ""}
    answer = pinpoint.tag_resource(ResourceArn=arn, TagsModel={"tags": {"team": "web", "Größe /_.:=+-": "rund_ groß."}})
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert shown() == listed() == {"team": "web", "leer": "", "Größe /_.:=+-": "rund_ groß."}
    answer = pinpoint.untag_resource(ResourceArn=arn, TagKeys=["leer", "unknown", "Größe /_.:=+-"])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert shown() == listed() == {"team": "web"}


@pytest.fixture
def arn(project: Project) -> str:
    """A segment's ARN."""
    segment = project.pinpoint.get_segment(ApplicationId=project.id, SegmentId=project.segment())
    return str(segment["SegmentResponse"]["Arn"])


@pytest.mark.parametrize(
    "tags",
    [
        {f"k{number}": "v" for number in range(51)},
        {"": "v"},
        {"k" * 129: "v"},
        {"k": "v" * 257},
        {"aws:k": "v"},
        {"k": "v;"},
        {"k": 1},
    ],
    ids=["51", "empty key", "long key", "long value", "reserved", "character", "number"],
)
def test_bad_tags_are_refused(project: Project, arn: str, tags: dict[str, Any]) -> None:
    pinpoint = project.pinpoint
    with pytest.raises(pinpoint.exceptions.BadRequestException, match="tags"):
        pinpoint.tag_resource(ResourceArn=arn, TagsModel={"tags": tags})
    with pytest.raises(pinpoint.exceptions.BadRequestException, match="tags"):
        pinpoint.create_app(CreateApplicationRequest={"Name": "t", "tags": tags})
    assert pinpoint.list_tags_for_resource(ResourceArn=arn)["TagsModel"]["tags"] == {}


def test_fifty_tags_are_the_most(project: Project, arn: str) -> None:
    pinpoint = project.pinpoint
    pinpoint.tag_resource(ResourceArn=arn, TagsModel={"tags": {f"k{number}": "v" for number in range(50)}})
    pinpoint.tag_resource(ResourceArn=arn, TagsModel={"tags": {"k0": "w"}})
    with pytest.raises(pinpoint.exceptions.BadRequestException, match="50"):
        pinpoint.tag_resource(ResourceArn=arn, TagsModel={"tags": {"one more": "v"}})


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda arn: arn.replace("000000000001", "000000000002"), "NotFoundException"),
        (lambda arn: arn.replace("eu-central-1", "us-east-1"), "NotFoundException"),
        (lambda arn: re.sub(r".{32}$", "0" * 32, arn), "NotFoundException"),
        (lambda arn: arn.replace("segments", "wishes"), "NotFoundException"),
        (lambda arn: arn + "/more", "NotFoundException"),
        (lambda arn: "arn:aws:s3:::bucket", "BadRequestException"),
        (lambda arn: "nonsense", "BadRequestException"),
    ],
)
def test_tags_of_what_is_not_there(project: Project, arn: str, change: Callable[[str], str], error: str) -> None:
    pinpoint = project.pinpoint
    for call, arguments in (
        (pinpoint.list_tags_for_resource, {}),
        (pinpoint.tag_resource, {"TagsModel": {"tags": {"k": "v"}}}),
        (pinpoint.untag_resource, {"TagKeys": ["k"]}),
    ):
        with pytest.raises(getattr(pinpoint.exceptions, error)):
            call(ResourceArn=change(arn), **arguments)


def test_tags_in_updates_are_ignored(project: Project) -> None:
    segment = project.segment(tags={"a": "1"})
    answer = project.pinpoint.update_segment(
        ApplicationId=project.id,
        SegmentId=segment,
        WriteSegmentRequest={"Name": "n", "Dimensions": {}, "tags": {"b": "2"}},
    )
    assert answer["SegmentResponse"]["tags"] == {"a": "1"}


def test_tags_go_with_their_resource(project: Project, arn: str) -> None:
    pinpoint = project.pinpoint
    pinpoint.tag_resource(ResourceArn=arn, TagsModel={"tags": {"k": "v"}})
    pinpoint.delete_segment(ApplicationId=project.id, SegmentId=arn.rpartition("/")[2])
    with pytest.raises(pinpoint.exceptions.NotFoundException):
        pinpoint.list_tags_for_resource(ResourceArn=arn)
