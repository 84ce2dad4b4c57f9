"""Segments on a state database of each kind: definitions, versions, deletion, and selections."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa

from clarion.core.clock import iso
from clarion.core.errors import Invalid, NotFound
from clarion.domain.segments.columnar import Endpoints
from clarion.shapes import pinpoint as shapes
from clarion.shapes.pinpoint import SegmentImportResource, SegmentResponse, WriteSegmentRequest
from tests.domain.segments import tables
from tests.domain.segments.evaluate import Person
from tests.domain.segments.house import House, context

CTX = context()
NUMBERS = itertools.count(1)
IMPORTED = SegmentImportResource(
    external_id="1", format="CSV", role_arn="arn:aws:iam::1:role/r", s3_url="s3://b/k", size=2, channel_counts={}
)


def write(**members: Any) -> WriteSegmentRequest:
    return msgspec.convert(members, WriteSegmentRequest)


def create(house: House, **members: Any) -> SegmentResponse:
    request = shapes.CreateSegmentRequest(application_id=house.app_id, write_segment_request=write(**members))
    return house.operations.create_segment(CTX, request)


def update(house: House, id: str, **members: Any) -> SegmentResponse:
    request = shapes.UpdateSegmentRequest(
        application_id=house.app_id, segment_id=id, write_segment_request=write(**members)
    )
    return house.operations.update_segment(CTX, request)


def get(house: House, id: str) -> SegmentResponse:
    return house.operations.get_segment(CTX, shapes.GetSegmentRequest(application_id=house.app_id, segment_id=id))


def get_version(house: House, id: str, version: str) -> SegmentResponse:
    request = shapes.GetSegmentVersionRequest(application_id=house.app_id, segment_id=id, version=version)
    return house.operations.get_segment_version(CTX, request)


def delete(house: House, id: str) -> SegmentResponse:
    return house.operations.delete_segment(CTX, shapes.DeleteSegmentRequest(application_id=house.app_id, segment_id=id))


def list_page(house: House, **members: Any) -> shapes.SegmentsResponse:
    return house.operations.get_segments(CTX, shapes.GetSegmentsRequest(application_id=house.app_id, **members))


def imported(house: House, id: str | None = None, name: str = "list") -> tuple[str, int]:
    """A new imported segment, or a new version of one, as an import job makes them; its id and version."""

    def work(connection: sa.Connection) -> str:
        number = next(NUMBERS)
        given = (connection, CTX.scope, house.app_id)
        made = house.segments.begin_list(*given, id, name, IMPORTED, number)
        house.segments.complete_list(*given, made, IMPORTED, number, name=name)
        return made

    segment_id = house.database.write(work)
    return segment_id, house.segments.require(CTX.scope, house.app_id, segment_id).version


def on(*sources: str | dict[str, Any], **members: Any) -> dict[str, Any]:
    """SegmentGroups over source segments."""
    references = [{"Id": source} if isinstance(source, str) else source for source in sources]
    return {"SegmentGroups": {"Groups": [{"SourceSegments": references, **members}]}}


PLAN = {"Attributes": {"plan": {"AttributeType": "INCLUSIVE", "Values": ["pro"]}}}
AGE = {"Metrics": {"age": {"ComparisonOperator": "GREATER_THAN", "Value": 17}}}


def builtins(value: object) -> Any:
    return msgspec.to_builtins(value)


# --- answers


def test_what_was_made_with_dimensions_is_shown_so_and_as_one_group(house: House) -> None:
    sent = {**PLAN, "Demographic": {}, "Location": {}}
    answer = builtins(create(house, Name="pros", Dimensions=sent, tags={"team": "growth"}))
    id = answer["Id"]
    now = iso(house.clock.now())
    assert answer == {
        "ApplicationId": house.app_id,
        "Arn": f"arn:aws:mobiletargeting:eu-central-1:000000000001:apps/{house.app_id}/segments/{id}",
        "CreationDate": now,
        "Dimensions": sent,
        "Id": id,
        "LastModifiedDate": now,
        "Name": "pros",
        "SegmentGroups": {
            "Groups": [{"Dimensions": [sent], "SourceSegments": [], "SourceType": "ALL", "Type": "ALL"}],
            "Include": "ALL",
        },
        "SegmentType": "DIMENSIONAL",
        "Version": 1,
        "tags": {"team": "growth"},
    }
    assert len(id) == 32
    assert builtins(get(house, id)) == answer


def test_what_was_made_with_groups_is_shown_so(house: House) -> None:
    groups = {"Groups": [{"Dimensions": [PLAN, {}], "Type": "ANY"}, {}], "Include": "NONE"}
    answer = builtins(create(house, SegmentGroups=groups))
    assert answer["SegmentGroups"] == groups
    assert answer["tags"] == {}
    assert not {"Dimensions", "Name", "ImportDefinition"} & answer.keys()


def test_an_imported_segment_shows_its_import(house: House) -> None:
    answer = builtins(get(house, imported(house)[0]))
    assert answer["SegmentType"] == "IMPORT"
    assert answer["ImportDefinition"] == builtins(IMPORTED)
    assert not {"Dimensions", "SegmentGroups"} & answer.keys()


# --- changes


def test_an_update_replaces_the_definition_by_a_new_version(house: House) -> None:
    first = create(house, Name="first", Dimensions=PLAN, tags={"a": "1"})
    house.clock.move_to(tables.NOW)
    second = update(house, first.id, **on(create(house, Dimensions=AGE).id), tags={"b": "2"})
    assert (second.version, second.name, second.dimensions) == (2, None, None)
    assert second.tags == {"a": "1"}, "tags of an update are ignored"
    assert (second.creation_date, second.last_modified_date) == (first.creation_date, iso(tables.NOW))
    assert get(house, first.id) == second
    assert get_version(house, first.id, "1") == first
    assert get_version(house, first.id, "2") == second


def test_versions_come_newest_first_in_pages(house: House) -> None:
    id = create(house, Dimensions=PLAN).id
    for _ in range(4):
        update(house, id, Dimensions=AGE)
    seen, token = [], None
    for _ in range(3):
        page = house.operations.get_segment_versions(
            CTX,
            shapes.GetSegmentVersionsRequest(application_id=house.app_id, segment_id=id, page_size="2", token=token),
        )
        seen += [item.version for item in page.item]
        token = page.next_token
    assert (seen, token) == ([5, 4, 3, 2, 1], None)


def test_an_imported_segment_can_only_get_another_name(house: House) -> None:
    id, _ = imported(house)
    renamed = update(house, id, Name="other")
    assert (renamed.name, renamed.version) == ("other", 1)
    assert update(house, id).name == "other"
    for members in ({"Dimensions": {}}, on(id)):
        with pytest.raises(Invalid, match="an imported segment can only get another Name"):
            update(house, id, Name="third", **members)
    assert get(house, id).name == "other"


def test_a_new_import_is_a_new_version(house: House) -> None:
    id, _ = imported(house)
    assert imported(house, id, name=None) == (id, 2)
    assert (get(house, id).name, get(house, id).version) == ("list", 2)
    dynamic = create(house, Dimensions=PLAN).id
    with pytest.raises(Invalid, match="must be an imported segment"):
        imported(house, dynamic)
    with pytest.raises(NotFound):
        imported(house, "0" * 32)


def test_segments_are_listed_once_with_their_latest_version(house: House) -> None:
    ids = [create(house, Name=f"s{number}", Dimensions=PLAN, tags={"n": str(number)}).id for number in range(5)]
    update(house, ids[1], Name="newer", Dimensions=AGE)
    found = list_page(house)
    assert sorted(item.id for item in found.item) == sorted(ids)
    assert found.next_token is None
    one = next(item for item in found.item if item.id == ids[1])
    assert one == get(house, ids[1])
    seen: list[str] = []
    token = None
    for _ in range(3):
        page = list_page(house, page_size="2", token=token)
        seen += [item.id for item in page.item]
        token = page.next_token
    assert token is None
    assert seen == [item.id for item in found.item]


@pytest.mark.parametrize("members", [{"page_size": "0"}, {"page_size": "x"}, {"token": "x"}])
def test_bad_pages_are_refused(house: House, members: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        list_page(house, **members)


# --- refusals


def test_only_of_the_own_app_account_and_region(house: House) -> None:
    id = create(house, Dimensions=PLAN).id
    other = house.apps.create(CTX.scope, "other", None).app.id
    with pytest.raises(NotFound):
        house.segments.require(CTX.scope, other, id)
    for scope in (context(account="000000000002").scope, context(region="us-east-1").scope):
        with pytest.raises(NotFound):
            house.segments.require(scope, house.app_id, id)
    with pytest.raises(Invalid, match="does not exist in this application"):
        house.segments.create(CTX.scope, other, write(**on(id)))
    with pytest.raises(NotFound):
        house.segments.create(CTX.scope, "0" * 32, write(Dimensions={}))


@pytest.mark.parametrize("id", ["0" * 32, "short", "A" * 32, "é\0", ""])
def test_unknown_segments(house: House, id: str) -> None:
    for ask in (get, delete, lambda house, id: update(house, id, Dimensions={})):
        with pytest.raises(NotFound):
            ask(house, id)


@pytest.mark.parametrize("version", ["0", "3", "4294967296", "9999999999"])
def test_unknown_versions(house: House, version: str) -> None:
    id = create(house, Dimensions=PLAN).id
    with pytest.raises(NotFound):
        get_version(house, id, version)


@pytest.mark.parametrize("version", ["latest", "-1", "1.0", "", "１", "1" * 5000])
def test_versions_are_numbers(house: House, version: str) -> None:
    id = create(house, Dimensions=PLAN).id
    with pytest.raises(Invalid, match="version: must be a whole number"):
        get_version(house, id, version)


@pytest.mark.parametrize(
    "source", [{"Id": "0" * 32}, {"Id": "é\0"}, {"Id": "SELF", "Version": 2}, {"Id": "SELF", "Version": 2**31 - 1}]
)
def test_unknown_sources(house: House, source: dict[str, Any]) -> None:
    id = create(house, Dimensions=PLAN).id
    with pytest.raises(Invalid, match=r"SegmentGroups.Groups\[0\].SourceSegments\[0\]: segment .* does not exist"):
        create(house, **on({**source, "Id": id if source["Id"] == "SELF" else source["Id"]}))


def test_circles_are_refused_and_leave_no_version_behind(house: House) -> None:
    a = create(house, Dimensions=PLAN).id
    b = create(house, **on(a)).id
    c = create(house, **on({"Id": b, "Version": 1})).id
    for sources in ([a], [{"Id": a, "Version": 1}], [b], [c]):
        with pytest.raises(Invalid, match="among its own source segments"):
            update(house, a, **on(*sources))
    assert get(house, a).version == 1
    update(house, a, Dimensions=AGE)


def test_tags_are_checked_before_anything_is_made(house: House) -> None:
    with pytest.raises(Invalid, match="tags"):
        create(house, Dimensions=PLAN, tags={"aws:x": "y"})
    assert list_page(house).item == []


def test_tags_can_be_changed_by_arn(house: House) -> None:
    arn = create(house, Dimensions=PLAN, tags={"a": "1"}).arn
    house.tags.tag(CTX.scope, arn, {"b": "2"})
    assert house.tags.show(CTX.scope, arn) == {"a": "1", "b": "2"}
    for wrong in (arn[:-1], arn + "/x"):
        with pytest.raises(NotFound):
            house.tags.show(CTX.scope, wrong)


# --- deletion


def test_deletion_answers_what_it_was_and_tells_who_uses_it(house: House) -> None:
    told: list[tuple[str, str]] = []
    house.segments.on_delete(lambda _connection, app_id, segment_id: told.append((app_id, segment_id)))
    made = create(house, Dimensions=PLAN, tags={"a": "1"})
    latest = update(house, made.id, Name="last", Dimensions=AGE)
    assert delete(house, made.id) == latest
    assert told == [(house.app_id, made.id)]
    with pytest.raises(NotFound):
        get(house, made.id)
    with pytest.raises(NotFound):
        house.tags.show(CTX.scope, made.arn)
    with pytest.raises(NotFound):
        delete(house, made.id)
    assert _rows(house, "segment_versions") == 0


def test_a_hook_that_fails_keeps_the_segment(house: House) -> None:
    def refuse(_connection: sa.Connection, _app_id: str, _segment_id: str) -> None:
        raise RuntimeError("no")

    house.segments.on_delete(refuse)
    made = create(house, Dimensions=PLAN)
    with pytest.raises(RuntimeError):
        delete(house, made.id)
    assert get(house, made.id) == made


def test_a_deleted_app_takes_its_segments_along(house: House) -> None:
    create(house, Dimensions=PLAN)
    house.apps.delete(CTX.scope, house.app_id)
    assert [_rows(house, table) for table in ("segments", "segment_versions")] == [0, 0]


def _rows(house: House, table: str) -> int:
    count = sa.select(sa.func.count()).select_from(sa.table(table))
    return int(house.database.read(lambda connection: connection.scalar(count)) or 0)


# --- selections


def people(*keys: str, **members: Any) -> list[Person]:
    return [Person(key=key, attributes={"plan": ["pro"]}, **members) for key in keys]


def test_counting_sampling_matching(house: House) -> None:
    id = create(house, Dimensions=PLAN).id
    update(house, id, Dimensions=AGE)
    tables.load(house.columnar, house.app_id, people(*(f"e{number:04}" for number in range(1500))))
    segments, scope = house.segments, CTX.scope
    assert segments.count(scope, house.app_id, id, 1) == 1500
    assert segments.count(scope, house.app_id, id) == 0
    assert segments.sample(scope, house.app_id, id, 1, limit=2) == ["e0000", "e0001"]
    keys = [f"e{number:04}" for number in range(1000, 3000)]
    assert segments.matches(scope, house.app_id, id, 1, keys) == set(keys[:500])
    assert segments.matches(scope, house.app_id, id, None, keys) == set()
    assert segments.matches(scope, house.app_id, id, 1, []) == set()


def test_members_of_several_segments_by_one_query(house: House) -> None:
    first, second = create(house, Dimensions=PLAN).id, create(house, Dimensions=PLAN).id
    update(house, second, Dimensions=AGE)
    tables.load(house.columnar, house.app_id, people(*(f"e{number:04}" for number in range(1500))))
    keys = [f"e{number:04}" for number in range(400, 1600)]
    wanted: list[tuple[str, int | None]] = [(first, None), (second, 1), (second, None), ("nobody", None)]
    found = house.segments.memberships(CTX.scope, house.app_id, wanted, keys)
    pro = set(keys[:1100])
    assert found == {(first, None): pro, (second, 1): pro, (second, None): set()}
    assert house.segments.memberships(CTX.scope, house.app_id, wanted[:1], []) == {(first, None): set()}
    assert house.segments.containing(CTX.scope, house.app_id, wanted, "e0400") == {(first, None), (second, 1)}


def test_a_snapshot_keeps_those_of_its_moment(house: House) -> None:
    id = create(house, Dimensions=PLAN).id
    tables.load(house.columnar, house.app_id, people("e1", "e2", "e3"))
    take = lambda run: house.segments.snapshot(CTX.scope, house.app_id, id, None, run)  # noqa: E731
    assert take("run1") == 3
    tables.load(house.columnar, house.app_id, people("e0"), version=2)
    tables.load(house.columnar, house.app_id, people("e3"), version=3, deleted=True)
    assert take("run1") == 3, "the same snapshot again"
    assert house.segments.members("run1", 0, 2) == ["e1", "e2"]
    assert house.segments.members("run1", 2, 2) == ["e3"]
    assert house.segments.members("run1", 3, 2) == []
    assert take("run2") == 3
    assert house.segments.members("run2", 0, 9) == ["e0", "e1", "e2"]
    with pytest.raises(NotFound):
        house.segments.members("run3", 0, 9)
    delete(house, id)
    assert take("run1") == 3, "a repeated step finds its snapshot though the segment is gone"
    with pytest.raises(NotFound):
        take("run3")


def test_selections_wait_for_what_was_acknowledged(house: House) -> None:
    id = create(house, Dimensions=PLAN).id
    number = iter(range(10))

    def catch_up() -> None:
        one = next(number)
        tables.load(house.columnar, house.app_id, people(f"e{one}"), version=one + 1)

    house.late.catch_up = catch_up
    scope, app_id = CTX.scope, house.app_id
    assert house.segments.count(scope, app_id, id) == 1
    assert house.segments.snapshot(scope, app_id, id, None, "run") == 2
    assert house.segments.matches(scope, app_id, id, None, ["e2"]) == {"e2"}
    assert len(house.segments.sample(scope, app_id, id)) == 4


def test_recency_goes_by_the_clock_that_was_passed_in(house: House) -> None:
    recency = {"Behavior": {"Recency": {"Duration": "DAY_7", "RecencyType": "ACTIVE"}}}
    id = create(house, Dimensions=recency).id
    tables.load(house.columnar, house.app_id, [Person(key="e1", effective=house.clock.now())])
    assert house.segments.count(CTX.scope, house.app_id, id) == 1
    house.clock.move_to(tables.NOW.replace(year=2028))
    assert house.segments.count(CTX.scope, house.app_id, id) == 0


def test_of_two_who_take_a_snapshot_at_once_the_first_counts(house: House) -> None:
    """The second selection begins and ends inside the first one, after the first looked whether there is one."""
    id = create(house, Dimensions=PLAN).id
    tables.load(house.columnar, house.app_id, people("e1"))
    take = lambda: house.segments.snapshot(CTX.scope, house.app_id, id, None, "run")  # noqa: E731

    def second() -> None:
        house.late.catch_up = lambda: None
        assert take() == 1
        tables.load(house.columnar, house.app_id, people("e2"), version=2)

    house.late.catch_up = second
    assert take() == 1
    assert house.segments.members("run", 0, 9) == ["e1"]


def test_a_snapshot_cut_off_halfway_is_never_read(house: House) -> None:
    """A crash between the columnar store and the state database leaves rows under a name nobody knows."""
    id = create(house, Dimensions=PLAN).id
    tables.load(house.columnar, house.app_id, people("e1"))
    with house.crash_in_next_write(), pytest.raises(RuntimeError):
        house.segments.snapshot(CTX.scope, house.app_id, id, None, "run")
    with pytest.raises(NotFound):
        house.segments.members("run", 0, 9)
    tables.load(house.columnar, house.app_id, people("e2"), version=2)
    assert house.segments.snapshot(CTX.scope, house.app_id, id, None, "run") == 2
    assert house.segments.members("run", 0, 9) == ["e1", "e2"]


def test_what_is_known_of_snapshots_is_forgotten_after_90_days(house: House) -> None:
    id = create(house, Dimensions=PLAN).id
    house.segments.snapshot(CTX.scope, house.app_id, id, None, "old")
    house.clock.move_to(house.clock.now().replace(year=2028))
    house.segments.snapshot(CTX.scope, house.app_id, id, None, "new")
    assert _rows(house, "segment_snapshots") == 1


def test_members_by_time_zone(house: House) -> None:
    """Everybody is in one part, and stays there whatever their endpoint says later."""
    id = create(house, Dimensions=PLAN).id
    crowd = [*people("e1", "e4", timezone="Asia/Tokyo"), *people("e2", timezone="Europe/Berlin"), *people("e3")]
    tables.load(house.columnar, house.app_id, crowd)
    house.segments.snapshot(CTX.scope, house.app_id, id, None, "run")
    assert house.segments.zones("run") == ["", "Asia/Tokyo", "Europe/Berlin"]
    tables.load(house.columnar, house.app_id, people("e1", timezone="Europe/Berlin"), version=2)
    assert house.segments.zones("run") == ["", "Asia/Tokyo", "Europe/Berlin"]
    members = {
        zone: house.segments.members(house.segments.zone_part("run", zone), 0, 9)
        for zone in house.segments.zones("run")
    }
    assert members == {"": ["e3"], "Asia/Tokyo": ["e1", "e4"], "Europe/Berlin": ["e2"]}
    with pytest.raises(NotFound):
        house.segments.zone_part("run", "Africa/Cairo")
    with pytest.raises(NotFound):
        house.segments.zones("unknown")


def test_of_two_who_divide_a_snapshot_at_once_the_first_counts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second divides while the first is about to write down what it found."""
    id = create(house, Dimensions=PLAN).id
    tables.load(house.columnar, house.app_id, people("e1", timezone="Asia/Tokyo"))
    house.segments.snapshot(CTX.scope, house.app_id, id, None, "run")
    divide = Endpoints.divide

    def slowly(self: Endpoints, app_id: str, snapshot: str, parts: str) -> list[tuple[str, int]]:
        found = divide(self, app_id, snapshot, parts)
        monkeypatch.setattr(Endpoints, "divide", divide)
        tables.load(house.columnar, house.app_id, people("e1", timezone="Europe/Berlin"), version=2)
        assert house.segments.zones("run") == ["Europe/Berlin"]
        return found

    monkeypatch.setattr(Endpoints, "divide", slowly)
    assert house.segments.zones("run") == ["Europe/Berlin"]
    part = house.segments.zone_part("run", "Europe/Berlin")
    assert house.segments.members(part, 0, 9) == ["e1"]


def test_members_with_one_address(house: House) -> None:
    id = create(house, Dimensions=PLAN).id
    crowd = people("e1", "e2", channel_type="EMAIL", address="a@example.com")
    tables.load(house.columnar, house.app_id, crowd)
    house.segments.snapshot(CTX.scope, house.app_id, id, None, "run")
    assert house.segments.duplicates("run") == ["e2"]


def test_the_list_of_an_imported_segment_belongs_to_its_version(house: House) -> None:
    id, _ = imported(house)
    imported(house, id)
    first, second = (
        house.segments.require(CTX.scope, house.app_id, id, version).definition.list_number for version in (1, 2)
    )
    lists = {(id, first): [("e1", ""), ("e2", "")], (id, second): [("", "u")]}
    tables.load(house.columnar, house.app_id, [*people("e1", "e2"), *people("e3", user_id="u")], lists)
    scope, app_id = CTX.scope, house.app_id
    assert house.segments.sample(scope, app_id, id, 1) == ["e1", "e2"]
    assert house.segments.sample(scope, app_id, id) == ["e3"]
    update(house, id, Name="other")
    assert house.segments.sample(scope, app_id, id) == ["e3"], "renaming does not lose the list"
    filtered = create(house, **on(id)).id
    delete(house, id)
    assert house.segments.count(scope, app_id, filtered) == 0, "a deleted source selects nobody"
