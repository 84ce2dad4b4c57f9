"""Tags by ARN."""

from __future__ import annotations

import pytest

from clarion.core.errors import Invalid, NotFound
from clarion.domain.apps.tags import check_tags
from clarion.shapes import pinpoint as shapes
from tests.domain.apps.conftest import House, context

CTX = context()


@pytest.fixture
def arn(house: House) -> str:
    return house.apps.create(CTX.scope, "Shop", {"Stack": "Test"}).app.arn


def show(house: House, arn: str) -> dict[str, str]:
    return house.operations.list_tags_for_resource(CTX, shapes.ListTagsForResourceRequest(resource_arn=arn)).tags


def tag(house: House, arn: str, **tags: str) -> None:
    house.operations.tag_resource(
        CTX, shapes.TagResourceRequest(resource_arn=arn, tags_model=shapes.TagsModel(tags=tags))
    )


def untag(house: House, arn: str, *keys: str) -> None:
    house.operations.untag_resource(CTX, shapes.UntagResourceRequest(resource_arn=arn, tag_keys=list(keys)))


def test_tags_are_added_changed_and_removed(house: House, arn: str) -> None:
    tag(house, arn, Year="2027", Stack="Production", Empty="")
    assert show(house, arn) == {"Stack": "Production", "Year": "2027", "Empty": ""}
    untag(house, arn, "Year", "never-there")
    assert show(house, arn) == {"Stack": "Production", "Empty": ""}
    assert house.apps.get(CTX.scope, arn.rsplit("/", 1)[1]).tags == {"Stack": "Production", "Empty": ""}


def test_keys_are_case_sensitive(house: House, arn: str) -> None:
    tag(house, arn, stack="low")
    assert show(house, arn) == {"Stack": "Test", "stack": "low"}


def test_fifty_tags_and_no_more(house: House, arn: str) -> None:
    tag(house, arn, **{f"k{n}": "v" for n in range(49)})
    with pytest.raises(Invalid):
        tag(house, arn, one="more")
    tag(house, arn, k1="changed")
    assert len(show(house, arn)) == 50


@pytest.mark.parametrize(
    "tags",
    [{"k" * 128: "v" * 256}, {"Größe 1": "a_b.c:d/e=f+g-h"}, {"日本": "語"}, {"k": ""}, {"Aws": "aws:value"}],
)
def test_tags_that_are_fine(tags: dict[str, str]) -> None:
    check_tags(tags)


@pytest.mark.parametrize(
    "tags",
    [
        {"": "v"},
        {"k" * 129: "v"},
        {"k": "v" * 257},
        {"aws:k": "v"},
        {"AWS:k": "v"},
        {"k<": "v"},
        {"k": "v#"},
        {"k": "a\0b"},
        {f"k{n}": "v" for n in range(51)},
    ],
)
def test_tags_that_are_refused(tags: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        check_tags(tags)


def test_arns_of_nothing(house: House, arn: str) -> None:
    for unknown in (
        arn[:-1] + ("0" if arn[-1] != "0" else "1"),
        arn + "/segments/s",
        arn + "/x",
        arn.replace("apps/", "templates/"),
    ):
        with pytest.raises(NotFound):
            show(house, unknown)
    for malformed in ("", "x", "arn:aws:s3:::bucket", arn.replace("mobiletargeting", "ses")):
        with pytest.raises(Invalid):
            show(house, malformed)
    with pytest.raises(Invalid):
        untag(house, arn)


def test_other_resources_are_found_through_their_resolver(house: House, arn: str) -> None:
    asked: list[list[str]] = []

    def exists(connection: object, scope: object, parts: list[str]) -> bool:
        asked.append(parts)
        return parts[-1] == "s1"

    house.tags.resolver("segments", exists)
    tag(house, f"{arn}/segments/s1", a="b")
    assert show(house, f"{arn}/segments/s1") == {"a": "b"}
    assert show(house, arn) == {"Stack": "Test"}
    assert asked[0] == ["apps", arn.rsplit("/", 1)[1], "segments", "s1"]
    with pytest.raises(NotFound):
        tag(house, f"{arn}/segments/s2", a="b")


def test_a_resolver_is_not_asked_about_other_accounts(house: House, arn: str) -> None:
    house.tags.resolver("segments", lambda connection, scope, parts: True)
    theirs = f"{arn}/segments/s1".replace("000000000001", "000000000002")
    with pytest.raises(NotFound):
        tag(house, theirs, a="b")
    with pytest.raises(NotFound):
        show(house, theirs.replace("000000000002", "000000000001").replace("eu-central-1", "us-east-1"))
