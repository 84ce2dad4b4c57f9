"""Group logic: bases, source segments, how dimensions and groups join; decided by the columnar store."""

from __future__ import annotations

import pytest

from clarion.domain.segments.columnar import Endpoints
from clarion.domain.segments.model import Segment
from clarion.shapes.pinpoint import (
    AttributeDimension,
    SegmentDimensions,
    SegmentGroup,
    SegmentGroupList,
    SegmentReference,
)
from clarion.store.columnar import Columnar
from tests.domain.segments import tables
from tests.domain.segments.evaluate import Person

EVERYBODY = {"a", "b", "ab", "abc", "none"}


def having(letter: str) -> SegmentDimensions:
    return SegmentDimensions(attributes={letter: AttributeDimension(values=["yes"])})


A, B, C = having("a"), having("b"), having("c")


def groups(*members: SegmentGroup, include: str | None = None) -> SegmentGroupList:
    return SegmentGroupList(groups=list(members), include=include)  # type: ignore[arg-type]


def dimensions(*members: SegmentDimensions, type: str | None = None) -> SegmentGroup:
    return SegmentGroup(dimensions=list(members), type=type)  # type: ignore[arg-type]


def sources(*ids: str, type: str | None = None, filters: list[SegmentDimensions] | None = None) -> SegmentGroup:
    """A group on source segments, "id" or "id:version"."""
    references = []
    for text in ids:
        id, _, version = text.partition(":")
        references.append(SegmentReference(id=id, version=int(version) if version else None))
    return SegmentGroup(source_segments=references, source_type=type, dimensions=filters)  # type: ignore[arg-type]


VERSIONS: dict[str, list[Segment]] = {
    "A": [tables.segment(C, id="A"), tables.segment(A, id="A", version=2)],
    "B": [tables.segment(B, id="B")],
    "list": [tables.segment(id="list"), tables.segment(id="list", version=2)],
    "users": [tables.segment(id="users")],
    "A and B": [tables.segment(groups(sources("A", "B")), id="A and B")],
    "both again": [tables.segment(groups(sources("A and B")), id="both again")],
}
LISTS = {
    ("list", 1): [("a", ""), ("ab", ""), ("ab", ""), ("elsewhere", "")],
    ("list", 2): [("none", "u1")],
    ("users", 1): [("", "u1"), ("", "u1"), ("", "nobody"), ("a", "")],
    ("blank", 1): [("", "")],
}


def find(id: str, version: int | None) -> Segment | None:
    known = VERSIONS.get(id, [])
    return next((one for one in reversed(known) if version in (None, one.version)), None)


@pytest.fixture(scope="module")
def endpoints(audience: Columnar) -> Endpoints:
    people = [
        Person(key="a", user_id="u1", attributes={"a": ["yes"]}),
        Person(key="b", user_id="u1", attributes={"b": ["yes"]}),
        Person(key="ab", user_id="U1", attributes={"a": ["yes"], "b": ["yes"]}),
        Person(key="abc", user_id="u2", attributes={"a": ["yes"], "b": ["yes"], "c": ["yes"]}),
        Person(key="none"),
    ]
    tables.load(audience, "app", people, LISTS)
    return Endpoints(audience)


def members(endpoints: Endpoints, definition: SegmentGroupList | Segment) -> set[str]:
    subject = definition if isinstance(definition, Segment) else tables.segment(definition)
    found = endpoints.first(tables.compiled(subject, find), 1000)
    assert len(found) == len(set(found)), "each endpoint once"
    for key in EVERYBODY:
        assert endpoints.among(tables.compiled(subject, find, among=True), [key]) == {key} & set(found)
    return set(found)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        pytest.param(groups(SegmentGroup()), EVERYBODY, id="no sources, no dimensions: everybody"),
        pytest.param(groups(SegmentGroup(source_segments=[], dimensions=[])), EVERYBODY, id="empty lists are none"),
        pytest.param(groups(dimensions(A)), {"a", "ab", "abc"}, id="base without sources"),
        pytest.param(groups(sources("A", "B", type="ALL")), {"ab", "abc"}, id="SourceType ALL: intersection"),
        pytest.param(groups(sources("A", "B")), {"ab", "abc"}, id="SourceType absent: ALL"),
        pytest.param(groups(sources("A", "B", type="ANY")), {"a", "b", "ab", "abc"}, id="SourceType ANY: union"),
        pytest.param(groups(sources("A", "B", type="NONE")), {"none"}, id="SourceType NONE: minus the union"),
        pytest.param(groups(dimensions(A, B, type="ALL")), {"ab", "abc"}, id="Type ALL"),
        pytest.param(groups(dimensions(A, B)), {"ab", "abc"}, id="Type absent: ALL"),
        pytest.param(groups(dimensions(A, B, type="ANY")), {"a", "b", "ab", "abc"}, id="Type ANY"),
        pytest.param(groups(dimensions(A, B, type="NONE")), {"none"}, id="Type NONE"),
        pytest.param(groups(SegmentGroup(dimensions=[], type="NONE")), EVERYBODY, id="Type without dimensions"),
        pytest.param(
            groups(SegmentGroup(source_segments=[], source_type="NONE")), EVERYBODY, id="SourceType without sources"
        ),
        pytest.param(groups(sources("A", filters=[B])), {"ab", "abc"}, id="group: base and dimensions"),
        pytest.param(groups(dimensions(A), dimensions(B), include="ALL"), {"ab", "abc"}, id="Include ALL"),
        pytest.param(groups(dimensions(A), dimensions(B)), {"ab", "abc"}, id="Include absent: ALL"),
        pytest.param(groups(dimensions(A), dimensions(B), include="ANY"), {"a", "b", "ab", "abc"}, id="Include ANY"),
        pytest.param(groups(dimensions(A), dimensions(B), include="NONE"), {"none"}, id="Include NONE"),
        pytest.param(
            groups(dimensions(A), sources("B", type="NONE"), include="ALL"), {"a"}, id="exclude in the second group"
        ),
        pytest.param(groups(sources("A:1")), {"abc"}, id="a pinned version"),
        pytest.param(groups(sources("A")), {"a", "ab", "abc"}, id="no version: the latest"),
        pytest.param(groups(sources("both again")), {"ab", "abc"}, id="sources of sources"),
        pytest.param(groups(sources("gone")), set(), id="a deleted source selects nobody"),
        pytest.param(groups(sources("A", "gone", type="ANY")), {"a", "ab", "abc"}, id="a deleted source in a union"),
        pytest.param(groups(sources("gone", type="NONE")), EVERYBODY, id="minus a deleted source"),
        pytest.param(groups(sources("list")), {"none"}, id="imported: the latest list"),
        pytest.param(groups(sources("list:1")), {"a", "ab"}, id="imported: endpoints, each once, only this app's"),
        pytest.param(groups(sources("list:1", filters=[B])), {"ab"}, id="imported, filtered"),
        pytest.param(groups(sources("list:1", type="NONE")), EVERYBODY - {"a", "ab"}, id="minus an imported one"),
        pytest.param(groups(sources("users")), {"a", "b"}, id="imported users: all their endpoints, each once"),
    ],
)
def test_groups(endpoints: Endpoints, definition: SegmentGroupList, expected: set[str]) -> None:
    assert members(endpoints, definition) == expected


def test_an_imported_segment_by_itself(endpoints: Endpoints) -> None:
    assert members(endpoints, VERSIONS["list"][0]) == {"a", "ab"}
    assert members(endpoints, VERSIONS["list"][1]) == {"none"}, "a row with an endpoint does not add its user"


@pytest.mark.parametrize("id", ["empty", "blank"])
def test_no_rows_and_blank_rows_list_nobody(endpoints: Endpoints, id: str) -> None:
    """Endpoints without a user are not the endpoints of the user ''."""
    assert members(endpoints, tables.segment(id=id)) == set()
